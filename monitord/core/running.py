"""monitord's own runs in the record: stop, calendar; ``adoption.py`` starts them."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.calendar import eras_of
from monitord.core.chain import programme_names
from monitord.core.clock_state import Trust
from monitord.core.events import (
    CalendarRecorded,
    Draft,
    Interval,
    RunStopped,
)
from monitord.core.model import HOUR, CalendarExtended
from monitord.core.plan import ProgrammePlan
from monitord.core.situation import Situation
from monitord.core.values import Numbering

CALENDAR_ENOUGH = 100 * 24 * HOUR
"""A recorded calendar that reaches this far ahead is not extended yet."""


def margin(situation: Situation, plan: ProgrammePlan) -> int:
    """Return how long before its last finished tick a run may have lost a programme.

    Bound, deadline and lag of the widest condition: a last good answer may be that old.
    """
    return max(_reach(situation, name) for name in programme_names(plan))


def widest_margin(situation: Situation) -> int:
    """Return the same where the chain is not known any more: of the widest condition there is."""
    return max((_reach(situation, name) for name in situation.conditions), default=0)


def _reach(situation: Situation, name: str) -> int:
    condition = situation.conditions[name]
    plan = situation.devices[condition.device].plan
    reach = condition.bound + plan.deadline
    # Without numbers the evidence of an answer begins at the request before its own.
    reach = reach if plan.numbering is Numbering.NUMBERED else 2 * reach
    return reach + max(condition.true_lag, condition.false_lag)


def settled_end(situation: Situation, programme: str, at: int) -> int:
    """Return up to when the present devices and chain settle a programme."""
    memory = situation.programmes[programme]
    known = situation.known_to(programme, at)
    settled = memory.settled_to if memory.unsettled else max(known, memory.settled_to)
    return max(settled, situation.durable.programmes[programme].piece.start)


def stop(situation: Situation, at: int) -> Draft:
    """End a run in order: record how far each programme is settled."""
    ends = {name: settled_end(situation, name, at) for name in situation.programmes}
    return Draft("", RunStopped(ends))


def extend_calendar(situation: Situation, calendar: CalendarExtended) -> Iterator[Draft]:
    """Record what is expected from now on; what was expected until now stays as recorded.

    A calendar that only reaches further is recorded when the present one runs short.
    """
    durable = situation.durable
    if durable.calendar_known_to and durable.clock.trust is Trust.UNTRUSTED:
        # It begins at a time that is not trusted: the recorded one stays until that is known.
        return
    cut = calendar.at + durable.clock_offset
    oldest = _oldest_needed(situation) + min(era.offset for era in eras_of(durable))
    # Nothing recorded of this time: the given one also has what was expected a while ago.
    is_known = durable.calendar_known_from <= cut < durable.calendar_known_to
    recorded = durable.calendar if is_known else {}
    merged = {
        name: _replace_from(recorded.get(name, []), list(parts), cut, oldest)
        for name, parts in calendar.intervals
    }
    held_to = durable.calendar_known_to
    enough = held_to >= cut + CALENDAR_ENOUGH
    held = {name: _clip(durable.calendar.get(name, []), oldest, held_to) for name in merged}
    if enough and held == {name: _clip(parts, oldest, held_to) for name, parts in merged.items()}:
        return
    intervals = {name: tuple(parts) for name, parts in merged.items()}
    known_from = calendar.known_from
    if durable.calendar_known_from <= calendar.known_from <= held_to:
        known_from = durable.calendar_known_from
    yield Draft("", CalendarRecorded(intervals, calendar.known_to, known_from))


def _oldest_needed(situation: Situation) -> int:
    """Return the oldest moment whose calendar may still be read."""
    starts = [situation.clock]
    for programme in situation.durable.programmes.values():
        starts += [programme.piece.start, programme.clear_to]
        starts += [piece.start for piece in programme.held[:1]]
    starts += [outage.began[0] for outage in situation.durable.outages.values()]
    return min(starts)


def _replace_from(
    held: list[Interval], given: list[Interval], cut: int, oldest: int
) -> list[Interval]:
    if not held:
        return given
    end = max((part[1] for part in given), default=cut)
    return _join([*_clip(held, oldest, cut), *_clip(given, cut, end)])


def _clip(parts: list[Interval], begin: int, end: int) -> list[Interval]:
    clipped = ((max(a, begin), min(b, end), expected) for a, b, expected in parts)
    return [(a, b, expected) for a, b, expected in clipped if a < b]


def _join(parts: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for start, finish, expected in parts:
        if joined and joined[-1][1] == start and joined[-1][2] == expected:
            joined[-1] = (joined[-1][0], finish, expected)
        else:
            joined.append((start, finish, expected))
    return joined
