"""The equipment room: its temperature, its contacts. Owns what the air conditioning does to it."""

from __future__ import annotations

from simulators.plant.county.history import History
from simulators.plant.county.layout import Layout
from simulators.plant.county.ramps import Ramp, ramp
from simulators.plant.signals import Signal, both, constant, either, inverted

COOL_C, HOT_C = 24.0, 45.0
WARMS_C_PER_S, COOLS_C_PER_S = 0.02, -0.05


class Room:
    """``cooled``: at least one air conditioner runs; ``temperature_c``; ``cools`` by device id."""

    def __init__(self, layout: Layout, history: History, bus: Signal[bool]) -> None:
        devices = layout.of_kind("air_conditioner")
        self.cools = {d.id: both(bus, inverted(history.during("stops", d.id))) for d in devices}
        self.cooled: Signal[bool] = constant(value=not devices)
        for cools in self.cools.values():
            self.cooled = either(self.cooled, cools)
        rate = self.cooled.map(lambda on: COOLS_C_PER_S if on else WARMS_C_PER_S)
        self.temperature_c: Ramp = ramp(COOL_C, rate, COOL_C, HOT_C)
