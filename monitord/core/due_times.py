"""What is due and when, as a function of facts. Owns that function; ``dues.py`` is its index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from monitord.core.attempts import due_of_person
from monitord.core.calendar import expected_span
from monitord.core.dues import Key, Rank
from monitord.core.fast_path import overdue_at
from monitord.core.incidents import closes_at
from monitord.core.lateness import when_running
from monitord.core.outages import due_of
from monitord.core.situation import Situation


def all_keys(situation: Situation) -> Iterator[Key]:
    """Yield every key that can fall due."""
    if not situation.started:
        return
    for device in situation.devices:
        yield Key(Rank.OVERDUE, device)
    for programme in situation.plan.programmes:
        yield Key(Rank.CALENDAR, programme.id)
    for fault in situation.faults:
        yield Key(Rank.FAULT, fault)
    for incident in situation.durable.incidents:
        yield Key(Rank.INCIDENT, incident)
    for person in situation.plan.people:
        yield Key(Rank.MESSAGES, person.id)
    yield Key(Rank.CLOCK_MARK, "")


def due_time(situation: Situation, key: Key) -> int | None:
    """Return when a key falls due, from durable facts, the last answers and the plan alone."""
    match key.rank:
        case Rank.OVERDUE:
            return overdue_at(situation.devices[key.subject])
        case Rank.CALENDAR:
            seen = situation.programmes[key.subject].calendar_seen
            return expected_span(situation.durable, key.subject, seen)[1]
        case Rank.FAULT:
            return due_of(situation, key.subject)
        case Rank.INCIDENT:
            incident = situation.durable.incidents.get(key.subject)
            return None if incident is None else closes_at(situation, incident)
        case Rank.MESSAGES:
            return when_running(situation, due_of_person(situation, key.subject))
        case Rank.CLOCK_MARK:
            return situation.durable.last_mark_at + situation.plan.mark_every
        case _:
            assert_never(key.rank)


def refresh_device(situation: Situation, device: str) -> None:
    """Update the index for a device and the faults of the programmes that use it."""
    key = Key(Rank.OVERDUE, device)
    situation.dues.put(key, due_time(situation, key))
    for programme in situation.devices[device].programmes:
        _refresh_faults(situation, programme)


def refresh_programme(situation: Situation, programme: str) -> None:
    """Update the index for the hours and faults of a programme."""
    key = Key(Rank.CALENDAR, programme)
    situation.dues.put(key, due_time(situation, key))
    _refresh_faults(situation, programme)


def _refresh_faults(situation: Situation, programme: str) -> None:
    lasting = situation.durable.outages
    for fault in situation.faults_of[programme]:
        # A fault that does not last moves on by its proof alone.
        at = due_of(situation, fault.id) if fault.id in lasting else None
        situation.dues.put(Key(Rank.FAULT, fault.id), at)


def refresh_fault(situation: Situation, fault: str) -> None:
    """Update the index for a fault, and for the programme that has it."""
    programme = fault.partition("/")[0]
    if programme:
        refresh_programme(situation, programme)
    else:
        refresh_subject(situation, fault)


def refresh_subject(situation: Situation, subject: str) -> None:
    """Update the index after an event about a fault or an incident."""
    if subject in situation.faults:
        rank = Rank.FAULT
    elif subject in situation.durable.incidents or subject in situation.durable.closed_incidents:
        rank = Rank.INCIDENT
    else:
        return
    key = Key(rank, subject)
    situation.dues.put(key, due_time(situation, key))


def refresh_queues(situation: Situation) -> None:
    """Update the index for every person's messages."""
    for person in situation.plan.people:
        key = Key(Rank.MESSAGES, person.id)
        situation.dues.put(key, due_time(situation, key))


def refresh_all(situation: Situation) -> None:
    """Update the whole index."""
    for key in all_keys(situation):
        situation.dues.put(key, due_time(situation, key))
