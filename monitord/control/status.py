"""The current status as a JSON object: programmes, devices, incidents, undelivered messages.

Read from a Situation: the running daemon's, or one folded from the record. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final

from monitord.control.incident_status import figures, incidents, owed
from monitord.control.labels import Labels
from monitord.control.model import Json
from monitord.core.base import fold
from monitord.core.chain import unmonitored_layers
from monitord.core.clock_state import Era
from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.core.figures import Figures
from monitord.core.lateness_events import Lateness
from monitord.core.ledger import Totals, totals
from monitord.core.model import Column
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.unsettled import still_open
from monitord.core.unsettled_events import SuspicionFound
from monitord.core.unsettled_state import Unsettled
from monitord.core.view import own_reasons, programme_status, settled_totals
from monitord.history import History
from monitord.journal.decision_rows import Decided, PastFalseAlarm, UnsettledSpan

LISTED_MAX: Final = 100
"""Unsettled spans that a status lists; the counts are of all."""


def describe(situation: Situation, labels: Labels, *, at: int, alive_at: int) -> Json:
    """Return the status at site time ``at``, in microseconds.

    ``source``: daemon or record. Times are ISO 8601 text, durations seconds. ``alive_at``: site
    time up to which no crash can take a settled second back.
    """
    durable = situation.durable
    return {
        "site": labels.site,
        "name": labels.name("site"),
        "source": "daemon" if situation.started else "record",
        "as_of": labels.iso(at),
        "clock": _clock(durable, labels),
        "site_states": [
            {
                "number": state.number,
                "where": state.where,
                "device": state.device,
                "name": labels.name(f"device/{state.device}") if state.device else "",
                "who": state.who,
                "ticket": state.ticket,
                "person": state.person,
                "since": labels.iso(state.since),
            }
            for _, state in sorted(durable.site_states.items(), key=lambda pair: int(pair[0]))
        ],
        "programmes": [
            _programme(situation, programme.id, labels, at=at, alive_at=alive_at)
            | {"unmonitored": list(unmonitored_layers(programme))}
            for programme in situation.plan.programmes
        ],
        "devices": [
            _device(device.id, situation.devices.get(device.id), labels)
            for device in situation.plan.devices
        ],
        "incidents": incidents(situation, labels, at),
        "owed": owed(situation, labels),
        "own_lateness": _own_lateness(situation.durable.lateness, labels),
        "record_harmed": [
            {"harm": harm, "at": labels.iso(harmed_at)}
            for harm, harmed_at in sorted(durable.record_harmed.items())
        ],
    }


def _clock(durable: Durable, labels: Labels) -> Json:
    clock = durable.clock
    since = labels.iso(trust_since(clock.eras)) if clock.eras else None
    return {"trust": clock.trust.value, "since": since}


def trust_since(eras: Sequence[Era]) -> int:
    """Return since when the clock is trusted as far as now; a correction or a rival is no begin."""
    alike = takewhile(lambda era: era.trust is eras[-1].trust, reversed(eras))
    return [era.since for era in alike][-1]


def _own_lateness(late: Lateness, labels: Labels) -> Json:
    last = {"began": labels.iso(late.start), "ended": labels.iso(late.end)}
    return {"count": late.count, "seconds": late.time / 1e6} | (
        last if late.count else dict.fromkeys(last)
    )


def folded(history: History) -> Durable:
    """Return the durable state that the record holds. Raises ``RecordError``."""
    return fold(*history.present(shape_hash(Durable)))


def _programme(
    situation: Situation, programme: str, labels: Labels, *, at: int, alive_at: int
) -> Json:
    found: Json = {"id": programme, "name": labels.name(f"programme/{programme}")}
    if programme not in situation.durable.programmes:
        nothing = {"column": None, "since": None, "observed": "unknown:not_yet", "presumed": False}
        known = _unsettled(situation, programme, at) | {"coverage": None, "own": {}}
        return found | nothing | figures(Figures()) | known
    settled = _settled(situation, programme, alive_at)
    own = own_reasons(situation, programme, settled)
    status = programme_status(situation, programme, at)
    return (
        found
        | {
            "column": status.column.value,
            "since": labels.iso(status.since),
            "observed": status.observed,
            "presumed": status.presumed,
        }
        | figures(settled.figures)
        | _unsettled(situation, programme, at)
        | {"coverage": coverage(settled.columns)}
        | {"own": {reason: figures(settled.own[reason]) for reason in own}}
    )


def _settled(situation: Situation, programme: str, alive_at: int) -> Totals:
    if situation.started:
        return settled_totals(situation, programme, alive_at)
    durable = situation.durable
    known_to = durable.stopped_ends.get(programme, durable.programmes[programme].piece.start)
    return totals(durable, programme, known_to)


def _unsettled(situation: Situation, programme: str, at: int) -> Json:
    """Return the counts of what nobody has settled: what has ended, and what lasts still."""
    found = situation.durable.unsettled.get(programme, Unsettled())
    lasting = still_open(situation.durable, programme, at)
    return {
        "unsettled": found.count + len(lasting),
        "unsettled_s": (found.time + sum(span.seconds for span in lasting)) / 1e6,
        "settled_off": found.off_count,
        "settled_off_s": found.off_time / 1e6,
    }


def coverage(columns: Mapping[Column, int]) -> float | None:
    """Return the monitored part of the hours, 0 to 1; None where there were none yet."""
    outside = (Column.CLOSED, Column.PLANNED_OFF)
    hours = sum(time for column, time in columns.items() if column not in outside)
    return None if not hours else 1 - columns.get(Column.BLIND, 0) / hours


def with_decided(
    found: Json, decided: Decided | None, situation: Situation, labels: Labels, at: int
) -> Json:
    """Return a status of ``describe`` with what the record has of people's decisions.

    ``decided``: None where the record cannot be read; then these keys are null.
    """
    if decided is None:
        on_air: Json = dict.fromkeys(("settled_on", "settled_on_s"))
        programmes = [each | on_air for each in found["programmes"]]
        incidents = [each | {"false_alarms": None} for each in found["incidents"]]
        return found | {"programmes": programmes, "incidents": incidents, "unsettled": None}
    programmes = []
    for each in found["programmes"]:
        count, time = decided.on_air.get(each["id"], (0, 0))
        programmes.append(each | {"settled_on": count, "settled_on_s": time / 1e6})
    incidents = [
        each | {"false_alarms": false_alarms(decided.false_alarms.get(each["id"], ()), labels)}
        for each in found["incidents"]
    ]
    unsettled = [*_unsettled_spans(decided.unsettled, labels), *_lasting(situation, labels, at)]
    return found | {"programmes": programmes, "incidents": incidents, "unsettled": unsettled}


def false_alarms(marks: Iterable[PastFalseAlarm], labels: Labels) -> list[Json]:
    """Return who marked an incident as a false alarm, when, and what that person saw."""
    return [
        {
            "person": one.person,
            "name": labels.name(f"person/{one.person}"),
            "at": labels.iso(one.at),
            "saw": one.saw,
        }
        for one in marks
    ]


def _lasting(situation: Situation, labels: Labels, at: int) -> list[Json]:
    """Return what is unsettled and has not ended, as ``status`` lists it: it has no id yet."""
    return [
        _span("", each, (each.begin, None), each.seconds, labels)
        for programme in situation.plan.programmes
        for each in still_open(situation.durable, programme.id, at)
    ]


def _unsettled_spans(found: Sequence[UnsettledSpan], labels: Labels) -> list[Json]:
    """Return the rows of unsettled spans as ``status`` lists them, the oldest first."""
    return [_span(each.id, each, (each.start, each.finish), each.time, labels) for each in found]


def _span(
    id_: str,
    found: UnsettledSpan | SuspicionFound,
    span: tuple[int, int | None],
    time: int,
    labels: Labels,
) -> Json:
    return {
        "id": id_,
        "programme": found.programme,
        "name": labels.name(f"programme/{found.programme}"),
        "sort": str(found.sort),
        "began": labels.iso(span[0]),
        "ended": labels.moment(span[1]),
        "in_hours_s": time / 1e6,
    }


def _device(device: str, memory: DeviceMemory | None, labels: Labels) -> Json:
    up, silent, answered_at = None, None, None
    if memory is not None:
        silent, answered_at = memory.silent, memory.answered_at
        up = None if silent is None and answered_at is None else silent is None
    return {
        "id": device,
        "name": labels.name(f"device/{device}"),
        "up": up,
        "last_answer": None if answered_at is None else labels.iso(answered_at),
        "silent": silent,
    }
