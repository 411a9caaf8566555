"""What else befalls the whole gear: its loop stops, devices report by themselves, a meter sticks.

SNMP agents start again, most of them while they are silent.

Pure: drawn before the run from a generator of its own. Times in microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from simulators.plant.signals import Signal, pulses
from tests.simulation.facts import Span
from tests.simulation.plant import SimDevice, SimPlant
from tests.simulation.weather import (
    Report,
    blinded,
    draw_reports,
    draw_stalls,
    draw_sticks,
    times_of,
)
from tests.simulation.whole.agents import RAN_BEFORE, TRAITS

AGENT_STARTS, STARTS_OF_SILENCES = 0.7, 0.5
"""How often an hour an agent starts again at once, and how many silences are such a start."""


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
    begin, end, devices = plant.begin, plant.end, plant.devices
    stalls = tuple(draw_stalls(random, begin, end, devices))
    reports = tuple(draw_reports(random, begin, end, devices))
    sticks = pulses(draw_sticks(random, begin, end, plant.power))
    starts = {device.id: _starts(random, plant, device) for device in plant.devices}
    agent_starts = {name: starts[name] for name in TRAITS}
    return Weather(stalls, reports, sticks, blinded(plant.power, sticks), agent_starts)


def _starts(random: Random, plant: SimPlant, device: SimDevice) -> tuple[int, ...]:
    """Draw when an agent starts: before the history, in some of its silences, and at once."""
    times = device.silent.times
    silences = zip(times[::2], times[1::2], strict=False)
    found = [
        random.randrange(begin, end)
        for begin, end in silences
        if random.random() < STARTS_OF_SILENCES
    ]
    count = times_of(plant.begin, plant.end, AGENT_STARTS)
    found += [random.randrange(plant.begin, plant.end) for _ in range(count)]
    return (plant.begin - RAN_BEFORE, *sorted(found))
