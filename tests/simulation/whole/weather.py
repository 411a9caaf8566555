"""What else befalls the whole gear: its own loop stops, devices report by themselves.

Pure: drawn before the run from a generator of its own. Times in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.simulation.facts import HOUR, MS, SECOND, Span
from tests.simulation.plant import SimPlant

STALLS_AN_HOUR = 2.0
STALL_MIN, STALL_MAX = 3 * SECOND, 20 * SECOND
REPORTED = {"fm1": ("on", "well"), "fm2": ("on", "well"), "tv": ("exciter_ok", "on")}
"""Devices that send traps, with the condition that each of their values decides."""
HEARD, SPURIOUS = 0.7, 6.0
"""How many changes are reported; how many reports an hour are of nothing and wrong."""
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
    """``stalls``: when the loop does not run. ``reports``: traps, in order."""

    stalls: tuple[Span, ...]
    reports: tuple[Report, ...]


def draw_weather(random: Random, plant: SimPlant) -> Weather:
    """Draw both, half of the stalls close behind a change."""
    return Weather(tuple(_stalls(random, plant)), tuple(_reports(random, plant)))


def _stalls(random: Random, plant: SimPlant) -> list[Span]:
    count = max(1, int((plant.end - plant.begin) / HOUR * STALLS_AN_HOUR))
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
            for _ in range(int((plant.end - plant.begin) / HOUR * SPURIOUS)):
                at = random.randrange(plant.begin, plant.end)
                value = bool(values.at(at)) is (name in NEGATED)
                # Just before a change it would be of that change: no device reports what will be.
                if (values.next_change(at) or plant.end) > at + APART:
                    found.append(Report(at, device.id, condition, value))
    return sorted((one for one in found if one.at < plant.end), key=lambda one: one.at)
