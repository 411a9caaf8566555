"""What is due and when, as a function of facts. Owns that function; ``dues.py`` is its index."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.calendar import expected_span
from monitord.core.deliveries import due_of_queue
from monitord.core.dues import Key, Rank
from monitord.core.fast_path import overdue_at
from monitord.core.faults import due_of, fault_names
from monitord.core.situation import Situation


def all_keys(situation: Situation) -> Iterator[Key]:
    """Yield every key that can fall due."""
    if situation.started is None:
        return
    for device in situation.devices:
        yield Key(Rank.OVERDUE, device)
    for programme in situation.plan.programmes:
        yield Key(Rank.CALENDAR, programme.id)
        for fault in fault_names(programme):
            yield Key(Rank.FAULT, f"{programme.id}:{fault}")
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
            programme, _, fault = key.subject.partition(":")
            return due_of(situation, situation.programmes[programme].plan, fault)
        case Rank.MESSAGES:
            return due_of_queue(situation, key.subject)
        case Rank.CLOCK_MARK:
            return situation.durable.last_mark_at + situation.plan.mark_every


def refresh_device(situation: Situation, device: str) -> None:
    """Update the index for a device and the programmes that use it."""
    key = Key(Rank.OVERDUE, device)
    situation.dues.put(key, due_time(situation, key))
    for programme in situation.devices[device].programmes:
        refresh_programme(situation, programme)


def refresh_programme(situation: Situation, programme: str) -> None:
    """Update the index for the hours and faults of a programme."""
    plan = situation.programmes[programme].plan
    keys = [Key(Rank.FAULT, f"{programme}:{fault}") for fault in fault_names(plan)]
    for key in (Key(Rank.CALENDAR, programme), *keys):
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
