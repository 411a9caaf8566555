"""The only writer of durable state: one function a kind of event. Decides nothing.

A body is taken as it stands in the record, so that folding the record gives the same state.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from monitord.core.calendar import expected_span
from monitord.core.columns import is_bad, is_clear
from monitord.core.delivery_states import ON_INPUT, RowInput, RowState
from monitord.core.durable import (
    ConditionNow,
    Durable,
    Fault,
    Figures,
    Impact,
    Incident,
    Piece,
    ProgrammeNow,
    Proven,
    Row,
    outage,
)
from monitord.core.fault_states import FaultState
from monitord.core.ledger import STRETCH_MAX, book, stretch_sort
from monitord.core.model import Event, Told

Body = dict[str, Any]


def apply(durable: Durable, event: Event, body: Body | None = None) -> None:
    """Fold one event. ``body``: the parsed body, where the caller has it at hand."""
    _FOLDS[event.kind](durable, event, json.loads(event.body) if body is None else body)
    durable.epoch = event.epoch
    durable.number = event.number
    durable.last_at = event.at


def _started(durable: Durable, event: Event, body: Body) -> None:
    durable.config_hash = body["config_hash"]
    durable.running = True
    durable.last_mark_at = event.at
    for condition in durable.conditions.values():
        condition.value = None
        condition.cause = "absent"


def _stopped(durable: Durable, event: Event, body: Body) -> None:
    durable.running = False
    durable.stopped_ends = dict(body["ends"])
    durable.last_mark_at = event.at


def _marked(durable: Durable, event: Event, body: Body) -> None:
    durable.last_mark_at = event.at
    del body


def _clock_adopted(durable: Durable, event: Event, body: Body) -> None:
    durable.clock_offset = body["offset"]
    durable.clock_disputed = 0
    del event


def _clock_disputed(durable: Durable, event: Event, body: Body) -> None:
    durable.clock_disputed = body["offset"]
    del event


def _calendar_extended(durable: Durable, event: Event, body: Body) -> None:
    durable.calendar = {
        programme: [(start, finish, expected) for start, finish, expected in intervals]
        for programme, intervals in body["intervals"].items()
    }
    durable.calendar_known_to = body["known_to"]
    del event


def _condition_turned(durable: Durable, event: Event, body: Body) -> None:
    durable.conditions[event.subject] = ConditionNow(body["value"], body["not_after"], "")


def _condition_lost(durable: Durable, event: Event, body: Body) -> None:
    durable.conditions[event.subject] = ConditionNow(None, body["held_to"], body["cause"])


def _piece_opened(durable: Durable, event: Event, body: Body) -> None:
    piece = Piece(body["start"], list(body["possible"]), body["blind"], body["presumed"])
    programme = durable.programmes.get(event.subject)
    durable.stopped_ends.pop(event.subject, None)
    if programme is None:
        durable.programmes[event.subject] = ProgrammeNow(piece, clear_to=piece.start)
        return
    old = programme.piece
    book(durable, event.subject, old, max(piece.start, old.start))
    clear = is_clear(piece.possible)
    if not is_clear(old.possible):
        _lengthen_stretch(programme, old, piece.start)
    elif not clear:
        programme.stretch = []
        programme.clear_to = piece.start
        _date_start(programme, durable, event.subject, piece.start)
    programme.piece = piece


def _date_start(programme: ProgrammeNow, durable: Durable, subject: str, clear_to: int) -> None:
    """Date an outage proven ahead of the ledger by the end of the clear piece before it."""
    proven = outage(programme)
    if proven is None:
        programme.proven = None
        return
    if clear_to > proven.not_after:
        return
    proven.not_before = clear_to
    for incident in durable.incidents.values():
        for impact in incident.impacts:
            if impact.programme == subject and impact.not_after == proven.not_after:
                hours_from = expected_span(durable, subject, impact.not_after)[0]
                impact.not_before = min(max(clear_to, hours_from), impact.not_after)


def _lengthen_stretch(programme: ProgrammeNow, old: Piece, finish: int) -> None:
    if finish <= old.start:
        return
    sort = stretch_sort(old.possible, old.blind)
    if is_bad(old.possible) and programme.proven is not None:
        programme.proven.bad_at = max(programme.proven.bad_at, finish)
    stretch = programme.stretch
    if stretch and stretch[-1][2] == sort and stretch[-1][1] == old.start:
        stretch[-1] = (stretch[-1][0], finish, sort)
    else:
        stretch.append((old.start, finish, sort))
    if len(stretch) > STRETCH_MAX:
        # Between stands for both: the least loses what the most keeps.
        first, second = stretch[0], stretch[1]
        both = "blind" if "blind" in (first[2], second[2]) else "between"
        stretch[:2] = [(first[0], second[1], both)]


def _programme_withdrawn(durable: Durable, event: Event, body: Body) -> None:
    durable.programmes.pop(event.subject, None)
    durable.calendar.pop(event.subject, None)
    del body


def _bad_proven(durable: Durable, event: Event, body: Body) -> None:
    durable.programmes[event.subject].proven = Proven(
        body["reason"],
        body["not_before"],
        body["not_after"],
        body["bad_at"],
        body["stage"],
        list(body["conditions"]),
    )


def _fault_turned(durable: Durable, event: Event, body: Body) -> None:
    programme = durable.programmes[body["programme"]]
    fault = programme.faults.setdefault(body["fault"], Fault())
    fault.state = FaultState(body["state"])
    fault.since = body["since"]
    fault.incident = body["incident"]
    del event


def _incident_opened(durable: Durable, event: Event, body: Body) -> None:
    durable.incidents[event.subject] = Incident(
        event.subject,
        body["programme"],
        body["fault"],
        body["severity"],
        body["reason"],
        body["stage"],
        list(body["conditions"]),
        body["opened_at"],
        body["since"],
    )


def _incident_revised(durable: Durable, event: Event, body: Body) -> None:
    incident = durable.incidents[event.subject]
    incident.reason = body["reason"]
    incident.stage = body["stage"]
    incident.conditions = list(body["conditions"])


def _incident_joined(durable: Durable, event: Event, body: Body) -> None:
    durable.incidents[event.subject].joined.append(body["programme"])


def _incident_acknowledged(durable: Durable, event: Event, body: Body) -> None:
    incident = durable.incidents[event.subject]
    incident.acknowledged_by = body["person"]
    incident.acknowledged_at = event.at


def _impact_began(durable: Durable, event: Event, body: Body) -> None:
    durable.incidents[event.subject].impacts.append(
        Impact(
            body["programme"],
            body["number"],
            body["reason"],
            body["column"],
            body["not_before"],
            body["not_after"],
        )
    )


def _impact_ended(durable: Durable, event: Event, body: Body) -> None:
    for impact in durable.incidents[event.subject].impacts:
        if (impact.programme, impact.number) == (body["programme"], body["number"]):
            impact.ended = (body["not_before"], body["not_after"])
            impact.figures = Figures(body["least"], body["most_seen"], body["most"])


def _incident_closed(durable: Durable, event: Event, body: Body) -> None:
    durable.closed_incidents[event.subject] = durable.incidents.pop(event.subject)
    _drop_told(durable, event.subject)
    del body


def _row(durable: Durable, event: Event, body: Body) -> Row:
    return next(r for r in durable.lanes[event.subject] if r.incident == body["incident"])


def _message_waiting(durable: Durable, event: Event, body: Body) -> None:
    row = Row(body["incident"], RowState.WAITING, body["tell_at"])
    durable.lanes.setdefault(event.subject, []).append(row)


def _message_owed(durable: Durable, event: Event, body: Body) -> None:
    row = _row(durable, event, body)
    told = Told(body["told"])
    if row.state is RowState.TELLING:
        row.after = told
    else:
        if row.state is not RowState.OWED:
            row.order = event.number
            row.next_at = event.at
        row.owed = told
    row.state = ON_INPUT[row.state][RowInput.OWE]
    row.closed = row.closed or body["last"]


def _message_dropped(durable: Durable, event: Event, body: Body) -> None:
    lane = durable.lanes[event.subject]
    lane[:] = [row for row in lane if row.incident != body["incident"]]
    if not lane:
        del durable.lanes[event.subject]
    _drop_told(durable, body["incident"])


def _attempt_began(durable: Durable, event: Event, body: Body) -> None:
    row = _row(durable, event, body)
    row.state = ON_INPUT[row.state][RowInput.BEGIN]
    row.attempts = body["attempt"]


def _attempt_ended(durable: Durable, event: Event, body: Body) -> None:
    row = _row(durable, event, body)
    if body["delivered"]:
        _delivered(row)
    else:
        row.state = ON_INPUT[row.state][RowInput.FAILED]
        if row.ever_told == "no" and body["lost"]:
            row.ever_told = "perhaps"
        _fall_back(row)
    row.channel_index = body["channel_index"]
    row.failures = body["failures"]
    row.next_at = body["next_at"]
    # A delivered row that is owed more takes its turn behind what was owed meanwhile.
    again = body["delivered"] and row.state is RowState.OWED
    row.order = event.number if body["to_the_end"] or again else row.order
    if row.state is RowState.DONE:
        _message_dropped(durable, event, body)


def _fall_back(row: Row) -> None:
    """Let what follows replace what failed; a revision says nothing to whoever heard no opening."""
    if row.after is Told.RECOVERED and row.ever_told == "no":
        row.owed = Told.CLOSED_BEFORE_TOLD
    elif row.after is Told.RECOVERED or (row.after is not None and row.ever_told == "yes"):
        row.owed = row.after
    row.after = None


def _delivered(row: Row) -> None:
    row.ever_told = "yes"
    row.messages += 1
    last = row.closed and row.after is None
    outcome = RowInput.DELIVERED_LAST if last else RowInput.DELIVERED
    row.state = ON_INPUT[row.state][RowInput.DELIVERED_MORE if row.after else outcome]
    row.owed, row.after = row.after, None


def _drop_told(durable: Durable, incident: str) -> None:
    # A closed incident is kept as long as somebody is owed word of it.
    owed = any(row.incident == incident for lane in durable.lanes.values() for row in lane)
    if not owed:
        durable.closed_incidents.pop(incident, None)


_FOLDS: Final[dict[str, Callable[[Durable, Event, Body], None]]] = {
    "started": _started,
    "stopped": _stopped,
    "marked": _marked,
    "clock_adopted": _clock_adopted,
    "clock_disputed": _clock_disputed,
    "calendar_extended": _calendar_extended,
    "condition_turned": _condition_turned,
    "condition_lost": _condition_lost,
    "piece_opened": _piece_opened,
    "programme_withdrawn": _programme_withdrawn,
    "bad_proven": _bad_proven,
    "fault_turned": _fault_turned,
    "incident_opened": _incident_opened,
    "incident_revised": _incident_revised,
    "incident_joined": _incident_joined,
    "incident_acknowledged": _incident_acknowledged,
    "impact_began": _impact_began,
    "impact_ended": _impact_ended,
    "incident_closed": _incident_closed,
    "message_waiting": _message_waiting,
    "message_owed": _message_owed,
    "message_dropped": _message_dropped,
    "attempt_began": _attempt_began,
    "attempt_ended": _attempt_ended,
}
