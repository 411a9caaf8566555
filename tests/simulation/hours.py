"""The hours of the programmes over one history: when each is scheduled, by wall and site time.

Pure. Close-downs and openings are drawn near the faults, and at each midnight; the history crosses
the end of a half-year. Site times follow from what the clock was made to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from random import Random

from simulators.plant.signals import Signal, constant, either, intervals_where, inverted, pulses
from tests.simulation.clocks import ClockLife
from tests.simulation.facts import HOUR, MINUTE, SECOND, ClockPlace, Facts, HoursFacts, Span

HALF_YEAR_ENDS = (1_688_140_800 * SECOND, 1_704_038_400 * SECOND)
"""Midnight behind 30 June and behind 31 December 2023 in China, wall time."""
DAY = 24 * HOUR
DAYS_AROUND = 8
"""A clock may be days wrong: so many days before and after have hours too."""
SCHEDULED = ("fm", "tv", "m2", "m4")
"""The other programmes of the multiplex have no close-down."""
CLOSED_FOR = (5 * SECOND, MINUTE, 10 * MINUTE, 40 * MINUTE)
NIGHTS = (10 * MINUTE, HOUR, 5 * HOUR + 55 * MINUTE)
Part = tuple[int, int, str]


def begin_near_half_year(random: Random, hours: float) -> int:
    """Return a begin whose history crosses the end of a half-year, where it is long enough."""
    before = random.randrange(10 * MINUTE, max(11 * MINUTE, int(hours * HOUR) - 10 * MINUTE))
    return random.choice(HALF_YEAR_ENDS) - before


def draw_hours(random: Random, facts: Facts, clock: ClockLife) -> None:
    """Draw when each programme is closed, and note what follows from it in site time."""
    facts.clock_places = clock.places
    for name in SCHEDULED:
        closed = _nights(random, facts.begin) + _near_changes(random, facts, clock, name)
        on = _outside(closed, facts.begin - DAYS_AROUND * DAY, facts.end + DAYS_AROUND * DAY)
        facts.hours[name] = in_site_time(on, clock.places, facts.end)


def count_hours(facts: Facts) -> dict[str, int]:
    """Return what of hours lies in the history: by the clock that is right at its begin."""
    begin, end = facts.begin, facts.end
    nights = range((begin - HALF_YEAR_ENDS[0]) // DAY + 1, (end - HALF_YEAR_ENDS[0]) // DAY + 1)
    spans = [span for known in facts.hours.values() for span in known.on]
    return {
        "openings": sum(begin < on < end for on, _ in spans),
        "close_downs": sum(begin < off < end for _, off in spans),
        "midnights": len(nights),
        "half_years": sum(begin < at < end for at in HALF_YEAR_ENDS),
    }


def _nights(random: Random, begin: int) -> list[Span]:
    """Draw a close-down at each midnight in China."""
    first = HALF_YEAR_ENDS[0] + (begin - HALF_YEAR_ENDS[0]) // DAY * DAY
    lasts = random.choice(NIGHTS)
    days = range(-DAYS_AROUND - 1, DAYS_AROUND + 3)
    return [(first + day * DAY, first + day * DAY + lasts) for day in days]


def _near_changes(random: Random, facts: Facts, clock: ClockLife, name: str) -> list[Span]:
    """Draw close-downs of which each begins or ends around a change of the programme."""
    changes = [at for at in facts.on_air[name].times if facts.begin < at < facts.end]
    found = []
    for at in random.sample(changes, len(changes) // 3):
        held = [place for place in clock.places if place.at <= at][-1:]
        offset = next((place.offsets[0] for place in held if place.offsets), 0)
        edge = at + offset + random.randrange(-20 * SECOND, 40 * SECOND)
        lasts = random.choice(CLOSED_FOR) + random.randrange(SECOND)
        found.append((edge, edge + lasts) if random.random() < 0.5 else (edge - lasts, edge))
    return found


def _outside(closed: Sequence[Span], begin: int, end: int) -> tuple[Span, ...]:
    return tuple(intervals_where(inverted(pulses(closed)), bool, begin, end))


def in_site_time(on: tuple[Span, ...], places: Sequence[ClockPlace], end: int) -> HoursFacts:
    """Return when it is on as far as the clock is known: unsure counts as on.

    ``surely``, ``perhaps``: by every, and by any, place that a boot's time may get later.
    """
    spans = [(a.at, b.at) for a, b in pairwise(places)] + [(places[-1].at, end)]
    rings: list[Span] = []
    surely: list[Span] = []
    perhaps: list[Span] = []
    edges: set[int] = set()
    for place, span in zip(places, spans, strict=True):
        boot = [other for other in places if other.boot == place.boot]
        every = sorted({offset for other in boot for offset in other.offsets})
        rings += _parts(on, place.offsets, span, unsure=not place.offsets)
        any_unsure = any(not other.offsets for other in boot)
        perhaps += _parts(on, every, span, unsure=any_unsure)
        surely += _parts_of_all(on, every, span)
        edges |= {span[0], *(t - o for o in every for part in on for t in part)}
    return HoursFacts(on, pulses(rings), pulses(surely), pulses(perhaps), tuple(sorted(edges)))


def _placed(on: Sequence[Span], offset: int) -> Signal[bool]:
    return pulses((a - offset, b - offset) for a, b in on)


def _parts(on: Sequence[Span], offsets: Sequence[int], span: Span, *, unsure: bool) -> list[Span]:
    any_of = reduce(either, (_placed(on, offset) for offset in offsets), constant(unsure))
    return intervals_where(any_of, bool, *span)


def _parts_of_all(on: Sequence[Span], offsets: Sequence[int], span: Span) -> list[Span]:
    off_of_any = reduce(
        either, (inverted(_placed(on, offset)) for offset in offsets), constant(False)
    )
    return intervals_where(inverted(off_of_any), bool, *span)
