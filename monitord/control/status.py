"""The current status as a JSON object: programmes, devices, incidents, undelivered messages.

Read from a Situation: the running daemon's, or one folded from the record. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitord.control.model import Json
from monitord.core.base import fold
from monitord.core.codec import shape_hash
from monitord.core.deliveries import figures_so_far
from monitord.core.delivery_states import RowState
from monitord.core.durable import Durable, Incident, Row
from monitord.core.figures import Figures
from monitord.core.ledger import totals
from monitord.core.model import Column
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.unsettled_state import Unsettled
from monitord.core.view import programme_status, settled_totals
from monitord.history import History, UnsettledSpan

LISTED_MAX: Final = 100
"""Unsettled spans that a status lists; the counts are of all."""
_UNDELIVERED = (RowState.WAITING, RowState.OWED, RowState.TELLING)


@dataclass(slots=True)
class Labels:
    """Names by id from the configuration. ``iso``: site time in microseconds to ISO 8601 text."""

    site: str
    names: Mapping[str, str]
    iso: Callable[[int], str]

    def replace(self, site: str, names: Mapping[str, str]) -> None:
        """Use the names of another configuration from now on."""
        self.site, self.names = site, names

    def name(self, key: str) -> str:
        """Return the name of ``kind/id``, or the id if it has none."""
        return self.names.get(key) or key.rpartition("/")[2]


def describe(situation: Situation, labels: Labels, *, at: int, alive_at: int) -> Json:
    """Return the status at site time ``at``, in microseconds.

    ``source``: daemon or record. Times are ISO 8601 text, durations seconds. ``alive_at``: site
    time up to which no crash can take a settled second back.
    """
    durable = situation.durable
    return {
        "site": labels.site,
        "name": labels.name("site"),
        "source": "record" if situation.started is None else "daemon",
        "as_of": labels.iso(at),
        "programmes": [
            _programme(situation, programme.id, labels, at=at, alive_at=alive_at)
            for programme in situation.plan.programmes
        ],
        "devices": [
            _device(device.id, situation.devices.get(device.id), labels)
            for device in situation.plan.devices
        ],
        "incidents": [
            _incident(situation, incident, labels, at)
            for incident in sorted(durable.incidents.values(), key=_newest_first)
        ],
        "owed": list(_undelivered(situation, labels)),
    }


def folded(history: History) -> Durable:
    """Return the durable state that the record holds. Raises ``RecordError``."""
    return fold(*history.present(shape_hash(Durable)))


def _newest_first(incident: Incident) -> tuple[int, str]:
    return -incident.opened_at, incident.id


def _programme(
    situation: Situation, programme: str, labels: Labels, *, at: int, alive_at: int
) -> Json:
    found: Json = {"id": programme, "name": labels.name(f"programme/{programme}")}
    if programme not in situation.durable.programmes:
        nothing = {"column": None, "since": None, "observed": "unknown:not_yet", "presumed": False}
        known = _unsettled(situation, programme) | {"coverage": None}
        return found | nothing | _figures(Figures()) | known
    columns, figures = _settled(situation, programme, alive_at)
    status = programme_status(situation, programme, at)
    return (
        found
        | {
            "column": status.column.value,
            "since": labels.iso(status.since),
            "observed": status.observed,
            "presumed": status.presumed,
        }
        | _figures(figures)
        | _unsettled(situation, programme)
        | {"coverage": coverage(columns)}
    )


def _settled(
    situation: Situation, programme: str, alive_at: int
) -> tuple[dict[Column, int], Figures]:
    if situation.started is not None:
        return settled_totals(situation, programme, alive_at)
    durable = situation.durable
    known_to = durable.stopped_ends.get(programme, durable.programmes[programme].piece.start)
    return totals(durable, programme, known_to)


def _unsettled(situation: Situation, programme: str) -> Json:
    found = situation.durable.unsettled.get(programme, Unsettled())
    return {
        "unsettled": found.count,
        "unsettled_s": found.time / 1e6,
        "settled_off": found.off_count,
        "settled_off_s": found.off_time / 1e6,
    }


def coverage(columns: Mapping[Column, int]) -> float | None:
    """Return the monitored part of the hours, 0 to 1; None where there were none yet."""
    outside = (Column.CLOSED, Column.PLANNED_OFF)
    hours = sum(time for column, time in columns.items() if column not in outside)
    return None if not hours else 1 - columns.get(Column.BLIND, 0) / hours


def unsettled_spans(found: Sequence[UnsettledSpan], labels: Labels) -> list[Json]:
    """Return the rows of unsettled spans as ``status`` lists them, the oldest first."""
    return [
        {
            "id": span.id,
            "programme": span.programme,
            "name": labels.name(f"programme/{span.programme}"),
            "sort": span.sort,
            "began": labels.iso(span.start),
            "ended": labels.iso(span.finish),
            "in_hours_s": span.time / 1e6,
        }
        for span in found
    ]


def _figures(figures: Figures) -> Json:
    return {
        "least_s": figures.least / 1e6,
        "most_seen_s": figures.most_seen / 1e6,
        "most_s": figures.most / 1e6,
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


def _incident(situation: Situation, incident: Incident, labels: Labels, at: int) -> Json:
    first = incident.impacts[0] if incident.impacts else None
    acknowledged_at = incident.acknowledged_at
    return {
        "id": incident.id,
        "programme": incident.programme,
        "name": labels.name(f"programme/{incident.programme}"),
        "joined": list(incident.joined),
        "fault": incident.fault,
        "severity": incident.severity,
        "reason": incident.reason,
        "stage": incident.stage,
        "conditions": list(incident.conditions),
        "opened_at": labels.iso(incident.opened_at),
        "began_not_before": None if first is None else labels.iso(first.not_before),
        "began_not_after": None if first is None else labels.iso(first.not_after),
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": None if acknowledged_at is None else labels.iso(acknowledged_at),
    } | _figures(figures_so_far(situation, incident, at))


def _undelivered(situation: Situation, labels: Labels) -> Iterator[Json]:
    for person, lane in situation.durable.lanes.items():
        for row in lane:
            if row.state in _UNDELIVERED:
                yield _undelivered_row(person, row, labels)


def _undelivered_row(person: str, row: Row, labels: Labels) -> Json:
    waiting = row.state is RowState.WAITING
    return {
        "person": person,
        "name": labels.name(f"person/{person}"),
        "incident": row.incident,
        "state": row.state.value,
        "told": None if row.owed is None else row.owed.value,
        "attempts": row.attempts,
        "due_at": labels.iso(row.tell_at if waiting else row.next_at),
    }
