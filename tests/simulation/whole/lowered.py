"""The multiplex's transmitter lowers its power now and then, and stays on the air.

Pure. In every configuration so much counts as on the air, and as less than full power.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from simulators.plant.signals import lowest
from tests.simulation.facts import HOUR, SECOND
from tests.simulation.meter import METERED
from tests.simulation.plant import SimPlant
from tests.simulation.setups import NORMAL_W

LOWERED_W = 400
FULL_W = 500
"""Below it the power is reduced."""
AN_HOUR = 2
LASTS = (5 * SECOND, 200 * SECOND, 400 * SECOND, 1200 * SECOND)


def with_lowered(random: Random, plant: SimPlant) -> SimPlant:
    """Return the plant with times of lower power drawn into it."""
    count = max(1, int((plant.end - plant.begin) / HOUR * AN_HOUR))
    begins = [random.randrange(plant.begin, plant.end) for _ in range(count)]
    spans = [(at, at + random.choice(LASTS) + random.randrange(10 * SECOND)) for at in begins]
    lowered = lowest([(*span, LOWERED_W) for span in spans], NORMAL_W)
    power = plant.power.combine(lowered, min)
    devices = (
        replace(one, reported=(power,)) if one.id == METERED else one for one in plant.devices
    )
    return replace(plant, power=power, devices=tuple(devices))
