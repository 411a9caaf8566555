"""The only writer of durable state: one function a kind of event. Decides nothing.

Each function stores what the body says, so that folding the record gives the same state again.
"""

from __future__ import annotations

from monitord.core import events
from monitord.core.calendar import expected_span
from monitord.core.columns import is_bad, is_clear
from monitord.core.delivery_states import ON_INPUT, RowInput, RowState
from monitord.core.durable import (
    ConditionNow,
    Durable,
    Fault,
    Impact,
    Incident,
    Piece,
    ProgrammeNow,
    Proven,
    Row,
)
from monitord.core.figures import Figures
from monitord.core.ledger import STRETCH_MAX, book, stretch_sort
from monitord.core.model import Event, Told
from monitord.core.present import outage


def run_started(durable: Durable, event: Event, body: events.RunStarted) -> None:
    durable.config_hash = body.config_hash
    durable.config_content = body.config_content
    durable.running = True
    durable.last_mark_at = event.at
    for condition in durable.conditions.values():
        condition.value = None
        condition.cause = "absent"


def run_stopped(durable: Durable, event: Event, body: events.RunStopped) -> None:
    durable.running = False
    durable.stopped_ends = dict(body.ends)
    durable.last_mark_at = event.at


def clock_marked(durable: Durable, event: Event, body: events.ClockMarked) -> None:
    durable.last_mark_at = event.at
    del body


def clock_adopted(durable: Durable, event: Event, body: events.ClockAdopted) -> None:
    durable.clock_offset = body.offset
    durable.clock_disputed = 0
    del event


def clock_disputed(durable: Durable, event: Event, body: events.ClockDisputed) -> None:
    durable.clock_disputed = body.offset
    del event


def calendar_recorded(durable: Durable, event: Event, body: events.CalendarRecorded) -> None:
    durable.calendar = {programme: list(parts) for programme, parts in body.intervals.items()}
    durable.calendar_known_to = body.known_to
    del event


def condition_turned(durable: Durable, event: Event, body: events.ConditionTurned) -> None:
    durable.conditions[event.subject] = ConditionNow(body.value, body.not_after, "")


def condition_lost(durable: Durable, event: Event, body: events.ConditionLost) -> None:
    durable.conditions[event.subject] = ConditionNow(None, body.held_to, body.cause)


def piece_opened(durable: Durable, event: Event, body: events.PieceOpened) -> None:
    piece = Piece(body.start, list(body.possible), body.blind, body.presumed, body.quality)
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
    """Date the begin of an outage proven ahead of the ledger by the end of the last clear piece."""
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
        # Between covers both: the least figure loses the seconds, the most figure keeps them.
        first, second = stretch[0], stretch[1]
        both = "blind" if "blind" in (first[2], second[2]) else "between"
        stretch[:2] = [(first[0], second[1], both)]


def programme_withdrawn(durable: Durable, event: Event, body: events.ProgrammeWithdrawn) -> None:
    durable.programmes.pop(event.subject, None)
    durable.calendar.pop(event.subject, None)
    del body


def bad_proven(durable: Durable, event: Event, body: events.BadProven) -> None:
    durable.programmes[event.subject].proven = Proven(
        body.reason,
        body.not_before,
        body.not_after,
        body.bad_at,
        body.stage,
        list(body.conditions),
    )


def fault_turned(durable: Durable, event: Event, body: events.FaultTurned) -> None:
    programme = durable.programmes[body.programme]
    fault = programme.faults.setdefault(body.fault, Fault())
    fault.state = body.state
    fault.since = body.since
    fault.incident = body.incident
    del event


def incident_opened(durable: Durable, event: Event, body: events.IncidentOpened) -> None:
    durable.incidents[event.subject] = Incident(
        event.subject,
        body.programme,
        body.fault,
        body.severity,
        body.reason,
        body.stage,
        list(body.conditions),
        body.opened_at,
        body.since,
    )


def incident_revised(durable: Durable, event: Event, body: events.IncidentRevised) -> None:
    incident = durable.incidents[event.subject]
    incident.reason = body.reason
    incident.stage = body.stage
    incident.conditions = list(body.conditions)


def incident_joined(durable: Durable, event: Event, body: events.IncidentJoined) -> None:
    durable.incidents[event.subject].joined.append(body.programme)


def incident_acknowledged(
    durable: Durable, event: Event, body: events.IncidentAcknowledged
) -> None:
    incident = durable.incidents[event.subject]
    incident.acknowledged_by = body.person
    incident.acknowledged_at = event.at


def impact_began(durable: Durable, event: Event, body: events.ImpactBegan) -> None:
    durable.incidents[event.subject].impacts.append(
        Impact(
            body.programme,
            body.number,
            body.reason,
            body.column.value,
            body.not_before,
            body.not_after,
        )
    )


def impact_ended(durable: Durable, event: Event, body: events.ImpactEnded) -> None:
    for impact in durable.incidents[event.subject].impacts:
        if (impact.programme, impact.number) == (body.programme, body.number):
            impact.ended = (body.not_before, body.not_after)
            impact.figures = Figures(body.least, body.most_seen, body.most)


def incident_closed(durable: Durable, event: Event, body: events.IncidentClosed) -> None:
    durable.closed_incidents[event.subject] = durable.incidents.pop(event.subject)
    _forget_closed(durable, event.subject)
    del body


def _row(durable: Durable, person: str, incident: str) -> Row:
    return next(row for row in durable.lanes[person] if row.incident == incident)


def message_waiting(durable: Durable, event: Event, body: events.MessageWaiting) -> None:
    row = Row(body.incident, RowState.WAITING, body.tell_at)
    durable.lanes.setdefault(event.subject, []).append(row)


def message_owed(durable: Durable, event: Event, body: events.MessageOwed) -> None:
    row = _row(durable, event.subject, body.incident)
    told = body.told
    if row.state is RowState.TELLING:
        row.after = told
    else:
        if row.state is not RowState.OWED:
            row.order = event.number
            row.next_at = event.at
        row.owed = told
    row.state = ON_INPUT[row.state][RowInput.OWE]
    row.closed = row.closed or body.last


def message_dropped(durable: Durable, event: Event, body: events.MessageDropped) -> None:
    _drop_row(durable, event.subject, body.incident)


def _drop_row(durable: Durable, person: str, incident: str) -> None:
    queue = durable.lanes[person]
    queue[:] = [row for row in queue if row.incident != incident]
    if not queue:
        del durable.lanes[person]
    _forget_closed(durable, incident)


def attempt_began(durable: Durable, event: Event, body: events.AttemptBegan) -> None:
    row = _row(durable, event.subject, body.incident)
    row.state = ON_INPUT[row.state][RowInput.BEGIN]
    row.attempts = body.attempt


def attempt_ended(durable: Durable, event: Event, body: events.AttemptEnded) -> None:
    row = _row(durable, event.subject, body.incident)
    if body.delivered:
        _delivered(row)
    else:
        row.state = ON_INPUT[row.state][RowInput.FAILED]
        if row.ever_told == "no" and body.lost:
            row.ever_told = "perhaps"
        _fall_back(row)
    row.channel_index = body.channel_index
    row.failures = body.failures
    row.next_at = body.next_at
    # After a delivery the next message of the row goes behind those queued meanwhile.
    again = body.delivered and row.state is RowState.OWED
    row.order = event.number if body.to_the_end or again else row.order
    if row.state is RowState.DONE:
        _drop_row(durable, event.subject, body.incident)


def _fall_back(row: Row) -> None:
    """Replace the failed message; skip a revision if the opening was never delivered."""
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


def _forget_closed(durable: Durable, incident: str) -> None:
    # A closed incident is kept while a message of it is still to be delivered.
    owed = any(row.incident == incident for queue in durable.lanes.values() for row in queue)
    if not owed:
        durable.closed_incidents.pop(incident, None)
