"""Mains, generator, transfer switch and UPS. Owns who has power when; knows no programme."""

from __future__ import annotations

from simulators.plant.county.history import History
from simulators.plant.county.layout import UPS_KINDS, Layout
from simulators.plant.county.ramps import Ramp, ramp
from simulators.plant.signals import Signal, both, constant, either, held, inverted, pulses

FULL_PERCENT = 100.0
BATTERY_LASTS_S = 1200.0
CHARGES_WITHIN_S = 7200.0
FUEL_PERCENT = 80.0
FUEL_PERCENT_PER_S = -0.004  # seven hours from full


class Power:
    """``mains``, ``bus``: there is voltage before and behind the transfer switch.

    ``is_running``: the generator does; ``on_generator``: the transfer switch is on it.
    ``fuel`` in percent; ``ups`` by id.
    """

    def __init__(self, layout: Layout, history: History) -> None:
        facts = layout.facts
        self.mains = inverted(history.during("mains_off"))
        failed = held(inverted(self.mains), facts.mains_failed_after, facts.mains_good_after)
        generators = layout.of_kind("generator")
        self.is_running: Signal[bool] = constant(value=False)
        self.fuel = ramp(FUEL_PERCENT, constant(0.0), 0.0, FULL_PERCENT)
        if generators:
            starts = inverted(history.during("fails_to_start", generators[0].id))
            called = both(failed, starts)
            turning = held(called, facts.crank, facts.cool_down)
            rate = turning.map(lambda turns: FUEL_PERCENT_PER_S if turns else 0.0)
            self.fuel = ramp(FUEL_PERCENT, rate, 0.0, FULL_PERCENT)
            self.is_running = both(turning, inverted(self.fuel.empty()))
        self.on_generator = self._transferred(layout, history, both(failed, self.is_running))
        fed = either(
            both(self.mains, inverted(self.on_generator)),
            both(self.is_running, self.on_generator),
        )
        ends = (at for at, on in self.on_generator.changes(-(2**62), 2**62) if not on)
        gaps = pulses((at, at + facts.transfer_back) for at in ends)
        self.bus = both(fed, inverted(gaps))
        self.ups = {
            device.id: Ups(history, device.id, both(self.bus, _own(history, device.id)))
            for device in layout.of_kind(*UPS_KINDS)
        }

    def _transferred(self, layout: Layout, history: History, good: Signal[bool]) -> Signal[bool]:
        """Return when the switch is on the generator; a stuck switch remains on the mains."""
        switches = layout.of_kind("ats")
        if not switches:
            return constant(value=False)
        moves = inverted(history.during("sticks", switches[0].id))
        return held(both(good, moves), layout.facts.transfer, 0)

    def supply(self, name: str) -> Signal[bool]:
        """Return whether a supply gives power: a UPS by id, ``bus``, or ``own``, which always does.

        Raises KeyError for another name.
        """
        if name == "own":
            return constant(value=True)
        return self.bus if name == "bus" else self.ups[name].output


class Ups:
    """``on_battery``: it has no input; ``charge`` in percent; ``output``: what it carries lives."""

    def __init__(self, history: History, id_: str, fed: Signal[bool]) -> None:
        self.on_battery = inverted(fed)
        lasts_s = history.amount("battery_lasts", id_).map(lambda s: float(s) or BATTERY_LASTS_S)
        rate = fed.combine(
            lasts_s, lambda on, s: FULL_PERCENT / CHARGES_WITHIN_S if on else -FULL_PERCENT / s
        )
        self.lasts_s = lasts_s
        self.charge: Ramp = ramp(FULL_PERCENT, rate, 0.0, FULL_PERCENT)
        self.output = either(fed, inverted(self.charge.empty()))

    def remaining_s(self, t: int) -> float:
        """Return how long the battery would carry the load from ``t`` on, in seconds."""
        return self.charge.at(t) / FULL_PERCENT * self.lasts_s.at(t)


def _own(history: History, id_: str) -> Signal[bool]:
    return inverted(history.during("loses_power", id_))
