"""What else befalls the whole gear: its loop stops, devices report by themselves, a meter sticks.

SNMP agents start again, most of them while they are silent.

Pure: drawn before the run from a generator of its own. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from simulators.plant.signals import Signal, both, constant, pulses
from tests.simulation.facts import HOUR, MS, SECOND, Span
from tests.simulation.plant import SimDevice, SimPlant
from tests.simulation.setups import NORMAL_W
from tests.simulation.whole.agents import RAN_BEFORE, TRAITS

STALLS, STICKS = 2.0, 3.0
"""How often, an hour."""
STICKS_OVER = 0.2
"""How often it sticks over a fault or the good time between two."""
STALL_MIN, STALL_MAX = 3 * SECOND, 20 * SECOND
REPORTED = {"fm1": ("on", "well"), "fm2": ("on", "well"), "tv": ("exciter_ok", "on")}
"""Devices that send traps, with the condition that each of their values decides."""
HEARD, SPURIOUS = 0.7, 6.0
"""How many changes are reported; how many reports an hour are of nothing and wrong."""
AGENT_STARTS, STARTS_OF_SILENCES = 0.7, 0.5
"""How often an hour an agent starts again at once, and how many silences are such a start."""
APART = 30 * SECOND
NEGATED = ("well",)
"""Conditions that are true where the value is not."""


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

    ``sticks``: see ``meter``; ``blinds``: when it sticks and proves nothing that is good.
    ``agent_starts``: by device, when its agent began and begins again.
    """

    stalls: tuple[Span, ...]
    reports: tuple[Report, ...]
    sticks: Signal[bool]
    blinds: Signal[bool]
    agent_starts: Mapping[str, tuple[int, ...]]


def draw_weather(random: Random, plant: SimPlant) -> Weather:
    """Draw all of it, half of the stalls close behind a change."""
    stalls, reports = tuple(_stalls(random, plant)), tuple(_reports(random, plant))
    sticks = pulses(_sticks(random, plant))
    starts = {device.id: _starts(random, plant, device) for device in plant.devices}
    agent_starts = {name: starts[name] for name in TRAITS}
    return Weather(stalls, reports, sticks, both(sticks, _is_normal(plant)), agent_starts)


def _is_normal(plant: SimPlant) -> Signal[bool]:
    always = constant(True)
    return plant.power.combine(always, lambda watts, _: watts == NORMAL_W)


def _starts(random: Random, plant: SimPlant, device: SimDevice) -> tuple[int, ...]:
    """Draw when an agent starts: before the history, in some of its silences, and at once."""
    times = device.silent.times
    silences = zip(times[::2], times[1::2], strict=False)
    found = [
        random.randrange(begin, end)
        for begin, end in silences
        if random.random() < STARTS_OF_SILENCES
    ]
    found += [random.randrange(plant.begin, plant.end) for _ in range(_hours(plant, AGENT_STARTS))]
    return (plant.begin - RAN_BEFORE, *sorted(found))


def _sticks(random: Random, plant: SimPlant) -> list[Span]:
    """Draw when the meter sticks: for moments, for minutes, and over a fault of its transmitter."""
    found = [
        (at, at + random.choice((2, 5, 20, 120)) * SECOND)
        for at in (random.randrange(plant.begin, plant.end) for _ in range(_hours(plant, STICKS)))
    ]
    for begin, end in pairwise(plant.power.times):
        if random.random() < STICKS_OVER:
            found.append((begin - random.randrange(30 * SECOND), end + 5 * SECOND))
    return found


def _hours(plant: SimPlant, per_hour: float) -> int:
    return max(1, int((plant.end - plant.begin) / HOUR * per_hour))


def _stalls(random: Random, plant: SimPlant) -> list[Span]:
    count = _hours(plant, STALLS)
    changes = [at for d in plant.devices for values in d.reported for at in values.times]
    near = random.sample(changes, min(count // 2, len(changes)))
    moments = [at + random.randrange(10 * SECOND) for at in near]
    moments += [random.randrange(plant.begin, plant.end) for _ in range(count - len(near))]
    found: list[Span] = []
    for at in sorted(moments):
        lasts = random.randrange(STALL_MIN, STALL_MAX)
        after = found[-1][1] if found else plant.begin
        if after + 30 * SECOND < at < plant.end - 60 * SECOND:
            found.append((at, at + lasts))
    return found


def _reports(random: Random, plant: SimPlant) -> list[Report]:
    found: list[Report] = []
    for device in plant.devices:
        for name, values in zip(REPORTED.get(device.id, ()), device.reported, strict=False):
            condition = f"{device.id}.{name}"
            for at in values.times:
                if random.random() < HEARD and not device.silent.at(at):
                    value = bool(values.at(at)) is not (name in NEGATED)
                    late = random.choice((MS, 50 * MS, 500 * MS))
                    found.append(Report(at + random.randrange(late), device.id, condition, value))
            for _ in range(_hours(plant, SPURIOUS)):
                at = random.randrange(plant.begin, plant.end)
                value = bool(values.at(at)) is (name in NEGATED)
                # Just before a change it would be of that change: no device reports what will be.
                if (values.next_change(at) or plant.end) > at + APART:
                    found.append(Report(at, device.id, condition, value))
    return sorted((one for one in found if one.at < plant.end), key=lambda one: one.at)
