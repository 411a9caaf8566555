"""What befalls monitord and its devices besides faults: drawn here for the core and the whole gear.

Its loop stops, devices report by themselves, a meter sticks, slow points cannot be read.

Pure: drawn before the run from the generator that is given. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from simulators.plant.signals import Signal, both, constant, either, pulses
from tests.simulation.facts import HOUR, MS, SECOND, Facts, Span
from tests.simulation.lines import SimDevice
from tests.simulation.meter import METERED
from tests.simulation.setups import NORMAL_W
from tests.simulation.site import SERVICES
from tests.simulation.slow_points import CONDITION, OLDER, SLOW, VALID_FOR, name_of_slow

STALLS, STICKS, SLOW_GAPS = 2.0, 3.0, 0.7
"""How often, an hour."""
STICKS_OVER = 0.2
"""How often it sticks over a fault or the good time between two."""
STALL_MIN, STALL_MAX = 3 * SECOND, 20 * SECOND
REPORTED = {"fm1": ("on", "well"), "fm2": ("on", "well"), "tv": ("exciter_ok", "on")}
"""Devices that send traps, with the condition that each of their values decides."""
HEARD, SPURIOUS = 0.7, 6.0
"""How many changes are reported; how many reports an hour are of nothing and wrong."""
APART = 30 * SECOND
NEGATED = ("well",)
"""Conditions that are true where the value is not."""
GAP_LASTS = (5 * SECOND, 20 * SECOND, 120 * SECOND)


@dataclass(frozen=True, slots=True)
class Report:
    """A device's own report (a trap) that comes at ``at``; it also asks for a poll."""

    at: int
    device: str
    condition: str
    value: bool


@dataclass(frozen=True, slots=True)
class Weather:
    """``stalls``: when the loop does not run. ``reports``: traps, in order.

    ``sticks``: see ``meter``. ``gaps``: by device, when its slow points cannot be read.
    """

    stalls: tuple[Span, ...]
    reports: tuple[Report, ...]
    sticks: Signal[bool]
    gaps: Mapping[str, tuple[Span, ...]]


def draw_weather(
    random: Random, facts: Facts, devices: tuple[SimDevice, ...], power: Signal[int]
) -> Weather:
    """Draw all of it, half of the stops close behind a change."""
    begin, end = facts.begin, facts.end
    return Weather(
        tuple(draw_stalls(random, begin, end, devices)),
        tuple(draw_reports(random, begin, end, devices)),
        pulses(draw_sticks(random, begin, end, power)),
        {name: tuple(_gaps(random, begin, end)) for name in SLOW},
    )


def under_weather(facts: Facts, power: Signal[int], weather: Weather) -> Facts:
    """Return the truth of a site whose meter sticks and whose slow points cannot be read.

    A meter that sticks while its transmitter is on the air proves nothing, as if it were silent.
    Slow points are a device of their own, which is silent while they cannot be read.
    """
    blinds = blinded(power, weather.sticks)
    silent = {**facts.silent, METERED: either(facts.silent[METERED], blinds)}
    no_answer = {METERED: facts.silent[METERED]}
    no_value = {METERED: weather.sticks}
    for name, gaps in weather.gaps.items():
        no_value[name] = pulses((a, b + VALID_FOR) for a, b in gaps)
        silent[name_of_slow(name)] = no_value[name]
    unseen = {name: either(facts.unseen[name], blinds) for name in SERVICES}
    reserves = [
        replace(known, devices=known.devices + tuple(map(name_of_slow, weather.gaps)))
        if set(weather.gaps) <= set(known.devices)
        else known
        for known in facts.reserves
    ]
    older = {f"{name}.{CONDITION}" for name in weather.gaps}
    lags = {name: lag + OLDER * (name in older) for name, lag in facts.lags.items()}
    facts = replace(
        facts, silent=silent, unseen=facts.unseen | unseen, reserves=reserves, lags=lags
    )
    return replace(facts, no_answer=no_answer, no_value=no_value)


def blinded(power: Signal[int], sticks: Signal[bool]) -> Signal[bool]:
    """Return when the meter sticks and proves nothing that is good."""
    is_normal = power.combine(constant(True), lambda watts, _: watts == NORMAL_W)
    return both(sticks, is_normal)


def times_of(begin: int, end: int, per_hour: float) -> int:
    """Return how often something happens from ``begin`` to ``end``, at least once."""
    return max(1, int((end - begin) / HOUR * per_hour))


def draw_sticks(random: Random, begin: int, end: int, power: Signal[int]) -> list[Span]:
    """Draw when the meter sticks: for moments, for minutes, and over a fault of its transmitter."""
    found = [
        (at, at + random.choice((2, 5, 20, 120)) * SECOND)
        for at in (random.randrange(begin, end) for _ in range(times_of(begin, end, STICKS)))
    ]
    for fell, rose in pairwise(power.times):
        if random.random() < STICKS_OVER:
            found.append((fell - random.randrange(30 * SECOND), rose + 5 * SECOND))
    return found


def draw_stalls(random: Random, begin: int, end: int, devices: tuple[SimDevice, ...]) -> list[Span]:
    """Draw when the loop stops, half of the time close behind a change."""
    count = times_of(begin, end, STALLS)
    changes = [at for d in devices for values in d.reported for at in values.times]
    near = random.sample(changes, min(count // 2, len(changes)))
    moments = [at + random.randrange(10 * SECOND) for at in near]
    moments += [random.randrange(begin, end) for _ in range(count - len(near))]
    found: list[Span] = []
    for at in sorted(moments):
        lasts = random.randrange(STALL_MIN, STALL_MAX)
        after = found[-1][1] if found else begin
        if after + 30 * SECOND < at < end - 60 * SECOND:
            found.append((at, at + lasts))
    return found


def draw_reports(
    random: Random, begin: int, end: int, devices: tuple[SimDevice, ...]
) -> list[Report]:
    """Draw the traps: of most changes, and of nothing."""
    found: list[Report] = []
    for device in devices:
        for name, values in zip(REPORTED.get(device.id, ()), device.reported, strict=False):
            condition = f"{device.id}.{name}"
            for at in values.times:
                if random.random() < HEARD and not device.silent.at(at):
                    value = bool(values.at(at)) is not (name in NEGATED)
                    late = random.choice((MS, 50 * MS, 500 * MS))
                    found.append(Report(at + random.randrange(late), device.id, condition, value))
            for _ in range(times_of(begin, end, SPURIOUS)):
                at = random.randrange(begin, end)
                value = bool(values.at(at)) is (name in NEGATED)
                # Just before a change it would be of that change: no device reports what will be.
                if (values.next_change(at) or end) > at + APART:
                    found.append(Report(at, device.id, condition, value))
    return sorted((one for one in found if one.at < end), key=lambda one: one.at)


def _gaps(random: Random, begin: int, end: int) -> list[Span]:
    """Draw when slow points cannot be read, far enough apart to be read between two."""
    count = times_of(begin, end, SLOW_GAPS)
    found: list[Span] = []
    for at in sorted(random.randrange(begin, end) for _ in range(count)):
        if not found or at > found[-1][1] + 10 * VALID_FOR:
            found.append((at, at + random.choice(GAP_LASTS) + random.randrange(5 * SECOND)))
    return found
