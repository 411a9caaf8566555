"""Which messages each person must get, in which order, by which channel, and when again.

Owns these decisions; the states are in ``delivery_states.py``. Nothing is sent here: an attempt is
on disk before the dispatcher carries it out.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.delivery_states import RowState
from monitord.core.durable import Impact, Incident, Row
from monitord.core.events import (
    Alert,
    AttemptBegan,
    AttemptEnded,
    Draft,
    ImpactBegan,
    IncidentClosed,
    IncidentJoined,
    IncidentOpened,
    IncidentRevised,
    MessageDropped,
    MessageOwed,
    MessageWaiting,
)
from monitord.core.faults import sort_of_fault
from monitord.core.figures import Figures
from monitord.core.ledger import figures_of
from monitord.core.model import Attempted, Column, Stream, Told
from monitord.core.plan import PersonPlan
from monitord.core.present import column_now, observed_or_between
from monitord.core.situation import Situation


def messages_after(situation: Situation, draft: Draft) -> Iterator[Draft]:
    """Yield the messages that follow from a change of an incident."""
    match draft.body:
        case IncidentOpened(opened_at=opened_at, severity=severity):
            for person in situation.plan.people:
                tell_at = opened_at + person.delay(severity)
                yield Draft(person.id, MessageWaiting(draft.subject, tell_at))
        case IncidentClosed():
            yield from _queue_closing(situation, draft.subject)
        case ImpactBegan(number=1):
            # The message of the opening reports it.
            pass
        case IncidentRevised() | IncidentJoined() | ImpactBegan():
            yield from _queue_revision(situation, draft.subject)


def _rows_of(situation: Situation, incident: str) -> list[tuple[str, Row]]:
    queues = situation.durable.lanes.items()
    return [(person, row) for person, queue in queues for row in queue if row.incident == incident]


def _queue_closing(situation: Situation, incident: str) -> Iterator[Draft]:
    for person, row in _rows_of(situation, incident):
        if row.ever_told != "no" or row.state is RowState.TELLING:
            told = Told.RECOVERED
        else:
            told = Told.CLOSED_BEFORE_TOLD
        yield Draft(person, MessageOwed(incident, told, last=True))


def _queue_revision(situation: Situation, incident: str) -> Iterator[Draft]:
    for person, row in _rows_of(situation, incident):
        # A person without the opening yet gets the latest cause with it.
        if row.state in (RowState.TOLD, RowState.TELLING) and not row.closed:
            yield Draft(person, MessageOwed(incident, Told.REVISED, last=False))


def due_of_queue(situation: Situation, person: str) -> int | None:
    """Return when a person's queue moves on: the end of a wait, or the next attempt."""
    queue = situation.durable.lanes.get(person, [])
    times = [row.tell_at for row in queue if row.state is RowState.WAITING]
    head = _head(queue)
    if head is not None and person in situation.people:
        times.append(head.next_at)
    return min(times, default=None)


def _head(queue: list[Row]) -> Row | None:
    """Return the row of the next attempt: first in, first out, one attempt at a time."""
    if any(row.state is RowState.TELLING for row in queue):
        return None
    owed = [row for row in queue if row.state is RowState.OWED]
    return min(owed, key=lambda row: row.order, default=None)


def advance_queue(situation: Situation, person: str, at: int) -> Iterator[Draft]:
    """End the waits that are over, and begin the next attempt."""
    queue = situation.durable.lanes.get(person, [])
    for row in [row for row in queue if row.state is RowState.WAITING and row.tell_at <= at]:
        yield Draft(person, MessageOwed(row.incident, Told.OPENED, last=False))
    head = _head(situation.durable.lanes.get(person, []))
    if head is not None and person in situation.people and head.next_at <= at:
        yield _begin(situation, situation.people[person], head, at)


def _begin(situation: Situation, person: PersonPlan, row: Row, at: int) -> Draft:
    began = AttemptBegan(
        incident=row.incident,
        attempt=row.attempts + 1,
        channel=person.tell[row.channel_index % len(person.tell)],
        alert=alert_of(situation, person.id, row, at),
    )
    return Draft(person.id, began)


def alert_of(situation: Situation, person: str, row: Row, at: int) -> Alert:
    """Return the codes and parameters of a message, as of ``at``."""
    durable = situation.durable
    incident = durable.incidents.get(row.incident) or durable.closed_incidents[row.incident]
    told = (row.owed or Told.OPENED).value
    figures = figures_so_far(situation, incident, at)
    impacts = _own_impacts(incident)
    first = impacts[0] if impacts else None
    last = impacts[-1] if impacts else None
    observed, column = _observed(situation, incident.programme, at)
    return {
        "alert_id": f"{incident.id}-{person}-{row.messages + 1}-{told}",
        "incident": incident.id,
        "told": told,
        "person": person,
        "fault": sort_of_fault(incident.fault),
        "programme": incident.programme,
        "joined": list(incident.joined),
        "observed": observed,
        "column": column.value,
        "reason": incident.reason,
        "severity": incident.severity,
        "cause": {"stage": incident.stage or None, "conditions": list(incident.conditions)},
        "began": [first.not_before, first.not_after] if first else [incident.since] * 2,
        "ended": list(last.ended) if last is not None and last.ended else None,
        "least": figures.least,
        "most_seen": figures.most_seen,
        "most": figures.most,
        "drill": durable.stream is Stream.DRILL,
    }


def figures_so_far(situation: Situation, incident: Incident, at: int) -> Figures:
    """Return the three figures of the programme that the incident is named after.

    Programmes with the same cause have the same seconds: those of the others are not added.
    """
    total = Figures()
    for impact in _own_impacts(incident):
        figures = impact.figures if impact.ended else _running_figures(situation, impact, at)
        total.least += figures.least
        total.most_seen += figures.most_seen
        total.most += figures.most
    return total


def _own_impacts(incident: Incident) -> list[Impact]:
    return [impact for impact in incident.impacts if impact.programme == incident.programme]


def _running_figures(situation: Situation, impact: Impact, at: int) -> Figures:
    durable, name = situation.durable, impact.programme
    if name not in durable.programmes:
        return Figures()
    configured = name in situation.programmes
    known_to = situation.settled_to(name) if configured else durable.programmes[name].piece.start
    end = max(at, impact.not_before)
    return figures_of(durable, name, begin=impact.not_before, end=end, settled_to=known_to)


def _observed(situation: Situation, programme: str, at: int) -> tuple[str, Column]:
    now = situation.durable.programmes.get(programme)
    if now is None:
        return "unknown:withdrawn", Column.BLIND
    return observed_or_between(now), column_now(situation.durable, programme, at)


def record_outcome(situation: Situation, outcome: Attempted) -> Iterator[Draft]:
    """Record how an attempt ended; one that is not under way any more is left out."""
    for row in situation.durable.lanes.get(outcome.person, []):
        matches = (row.incident, row.attempts) == (outcome.incident, outcome.attempt)
        if matches and row.state is RowState.TELLING:
            yield _ended(situation, outcome, row, lost=False)
            return


def fail_interrupted_attempts(situation: Situation, at: int) -> Iterator[Draft]:
    """After a start: repeat the attempts that were under way; the message was possibly sent."""
    for person, queue in list(situation.durable.lanes.items()):
        for row in [row for row in queue if row.state is RowState.TELLING]:
            outcome = Attempted(at, person, row.incident, row.attempts, delivered=False)
            yield _ended(situation, outcome, row, lost=True)


def drop_unknown_people(situation: Situation) -> Iterator[Draft]:
    """After a start: drop the messages of people who are no longer configured."""
    for person, queue in list(situation.durable.lanes.items()):
        if person not in situation.people:
            for incident in [row.incident for row in queue]:
                yield Draft(person, MessageDropped(incident, "person is no longer configured"))


def owe_what_is_open(situation: Situation, at: int) -> Iterator[Draft]:
    """Let everyone who has no message of an open incident wait for it: they are new."""
    for incident in situation.durable.incidents.values():
        informed = {person for person, _ in _rows_of(situation, incident.id)}
        for person in situation.plan.people:
            if person.id not in informed:
                tell_at = max(at, incident.opened_at + person.delay(incident.severity))
                yield Draft(person.id, MessageWaiting(incident.id, tell_at))


def _ended(situation: Situation, outcome: Attempted, row: Row, *, lost: bool) -> Draft:
    person = situation.people.get(outcome.person)
    channels = len(person.tell) if person is not None else 1
    index, failures, wait, to_the_end = 0, 0, 0, False
    if not outcome.delivered and lost:
        index, failures = row.channel_index, row.failures
    elif not outcome.delivered:
        index, failures = (row.channel_index + 1) % channels, row.failures
        if index == 0:
            plan = situation.plan
            failures += 1
            wait = min(plan.retry_max, plan.retry_first << min(failures - 1, 30))
            to_the_end = outcome.permanent
    ended = AttemptEnded(
        incident=outcome.incident,
        attempt=outcome.attempt,
        delivered=outcome.delivered,
        lost=lost,
        permanent=outcome.permanent,
        detail=outcome.detail,
        channel_index=index,
        failures=failures,
        next_at=outcome.at + wait,
        to_the_end=to_the_end,
    )
    return Draft(outcome.person, ended)
