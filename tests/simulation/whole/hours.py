"""The daily hours of some programmes, as an operator writes them: in whole minutes, on every day.

Pure. Each close-down begins or ends around a change of its programme, or anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from simulators.plant.signals import intervals_where, inverted, pulses
from tests.simulation.clocks import ClockLife
from tests.simulation.facts import HOUR, MINUTE, Facts, Span
from tests.simulation.hours import DAY, DAYS_AROUND, SCHEDULED, in_site_time

LOCAL = 8 * HOUR
"""China is so far ahead of UTC, and the rules have no summer time since 1991."""
LASTS = (MINUTE, 3 * MINUTE, 10 * MINUTE, 40 * MINUTE)
NEAR_CHANGES = 0.4
"""How many changes have a close-down that begins or ends around them."""
ANYWHERE = 0.5
"""How many programmes also have one that has to do with no change."""


def draw_daily(random: Random, facts: Facts, clock: ClockLife) -> dict[str, str]:
    """Draw the hours into ``facts``; return by programme the ``daily`` of a configuration."""
    facts.clock_places = clock.places
    written = {}
    for name in SCHEDULED:
        closed = _by_day(list(_closed(random, facts, clock, name)))
        if closed:
            written[name] = _written(closed)
            facts.hours[name] = in_site_time(_every_day(closed, facts), clock.places, facts.end)
    return written


def _closed(random: Random, facts: Facts, clock: ClockLife, name: str) -> Iterator[Span]:
    """Yield close-downs in wall time; their ends are whole minutes."""
    changes = [at for at in facts.on_air[name].times if facts.begin < at < facts.end]
    for at in changes:
        if random.random() < NEAR_CHANGES:
            held = [place for place in clock.places if place.at <= at][-1:]
            offset = next((place.offsets[0] for place in held if place.offsets), 0)
            edge = (at + offset + random.randrange(MINUTE)) // MINUTE * MINUTE
            lasts = random.choice(LASTS)
            yield (edge, edge + lasts) if random.random() < 0.5 else (edge - lasts, edge)
    if random.random() < ANYWHERE:
        edge = random.randrange(facts.begin, facts.end) // MINUTE * MINUTE
        yield edge, edge + random.choice(LASTS)


def _by_day(closed: list[Span]) -> list[Span]:
    """Return close-downs as parts of the local day, in order and apart."""
    parts: list[Span] = []
    for begin, end in closed:
        start = (begin + LOCAL) % DAY
        finish = start + end - begin
        parts += [(start, min(finish, DAY)), *([(0, finish - DAY)] if finish > DAY else [])]
    return intervals_where(pulses(parts), bool, 0, DAY)


def _written(closed: list[Span]) -> str:
    on = intervals_where(inverted(pulses(closed)), bool, 0, DAY)
    return ", ".join(f'"{_of_day(begin)}-{_of_day(end)}"' for begin, end in on)


def _of_day(at: int) -> str:
    minutes = at // MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _every_day(closed: list[Span], facts: Facts) -> tuple[Span, ...]:
    """Return when it is on over all days that a clock may show, in wall time."""
    first = (facts.begin + LOCAL) // DAY * DAY - LOCAL
    days = range(-DAYS_AROUND - 1, DAYS_AROUND + 2)
    every = [(first + day * DAY + a, first + day * DAY + b) for day in days for a, b in closed]
    around = facts.begin - DAYS_AROUND * DAY, facts.end + DAYS_AROUND * DAY
    return tuple(intervals_where(inverted(pulses(every)), bool, *around))
