"""Whether a calendar that is given is taken into the record, and from when. Owns that rule.

The past keeps what was recorded. A calendar that covers less than the recorded one is refused, and
the recorded one goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitord.core.calendar import eras_of
from monitord.core.calendar_values import Dated, Offset
from monitord.core.clock_state import Trust
from monitord.core.durable import Durable
from monitord.core.events import CalendarRecorded, Draft
from monitord.core.hours import HoursSince
from monitord.core.model import HOUR, CalendarExtended
from monitord.core.plan import Plan
from monitord.core.situation import Situation

CALENDAR_ENOUGH: Final = 100 * 24 * HOUR
"""A recorded calendar that reaches this far ahead is not extended yet."""
CALENDAR_KEPT: Final = 48 * HOUR
"""So much of the past is kept: a clock that is set back may show that time again."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a given calendar lacks of the recorded one, which is kept. Wall times.

    ``programmes``: configured and recorded, but without hours in the given one.
    """

    programmes: tuple[str, ...]
    given_from: int
    given_to: int
    kept_to: int


def shortfall(durable: Durable, plan: Plan, given: CalendarExtended) -> Shortfall | None:
    """Return what a calendar lacks, None where it covers all that is recorded of this plan.

    A recorded calendar that does not know the present covers nothing.
    """
    cut = given.at + durable.clock_offset
    if not durable.calendar_known_from <= cut < durable.calendar_known_to:
        return None
    held = [programme.id for programme in plan.programmes if programme.id in durable.calendar]
    absent = tuple(programme for programme in held if programme not in given.hours)
    is_shorter = given.known_from > cut or given.known_to < durable.calendar_known_to
    if not (absent or (held and is_shorter)):
        return None
    return Shortfall(absent, given.known_from, given.known_to, durable.calendar_known_to)


def extend_calendar(situation: Situation, given: CalendarExtended) -> Iterator[Draft]:
    """Record what is expected from now on; what was expected until now stays as recorded.

    A calendar that only reaches further is recorded when the present one runs short.
    """
    durable = situation.durable
    held_to = durable.calendar_known_to
    if held_to and durable.clock.trust is Trust.UNTRUSTED:
        # It begins at a time that is not trusted: the recorded one stays until that is known.
        return
    cut = given.at + durable.clock_offset
    is_known = durable.calendar_known_from <= cut < held_to
    if is_known and (
        shortfall(durable, situation.plan, given) is not None
        or (held_to >= cut + CALENDAR_ENOUGH and _says_the_same(durable, given, cut))
    ):
        return
    known_from = given.known_from
    if durable.calendar_known_from <= known_from <= held_to:
        known_from = durable.calendar_known_from
    yield Draft(
        "",
        CalendarRecorded(
            hours=given.hours,
            offsets=given.offsets,
            tzdata=given.tzdata,
            # Nothing recorded of this time: the given one also has what was a while ago.
            since=cut if is_known else given.known_from,
            given_from=given.known_from,
            known_from=known_from,
            known_to=given.known_to,
            kept_from=_oldest_needed(situation)
            - CALENDAR_KEPT
            + min(era.offset for era in eras_of(durable)),
        ),
    )


def _oldest_needed(situation: Situation) -> int:
    """Return the oldest moment whose calendar may still be read."""
    starts = [situation.clock]
    for programme in situation.durable.programmes.values():
        starts += [programme.piece.start, programme.clear_to]
        starts += [piece.start for piece in programme.held[:1]]
    starts += [outage.began[0] for outage in situation.durable.outages.values()]
    return min(starts)


def _says_the_same(durable: Durable, given: CalendarExtended, cut: int) -> bool:
    """Return whether a calendar changes nothing between ``cut`` and the end of the recorded one."""
    if durable.calendar_tzdata != given.tzdata or durable.calendar.keys() != given.hours.keys():
        return False
    to = durable.calendar_known_to
    for programme, hours in given.hours.items():
        held = durable.calendar[programme][-1]
        new = HoursSince(cut, hours, given.offsets)
        if held.since > cut or _meaning(held, cut, to) != _meaning(new, cut, to):
            return False
    return True


_Meaning = tuple[tuple[Offset, ...], object, tuple[Dated, ...]]


def _meaning(part: HoursSince, begin: int, end: int) -> _Meaning:
    """Return what the hours say in a span of wall time."""
    turns = [offset for offset in part.offsets if begin < offset[0] < end]
    offsets = ((begin, part.offset_at(begin)), *turns)
    first, last = begin + offsets[0][1], end + offsets[-1][1]
    dated = tuple(one for one in part.hours.dated if one[1] > first and one[0] < last)
    return offsets, part.hours.slots, dated
