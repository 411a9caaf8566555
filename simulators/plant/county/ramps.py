"""A quantity that runs towards full or empty at rates that change: battery, fuel, temperature.

Owns that arithmetic; must not know what runs. Rates are per second, times int microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from simulators.plant.faults import SECOND
from simulators.plant.signals import Signal, pulses


@dataclass(frozen=True, slots=True)
class Ramp:
    """``values[k]`` at ``times[k]`` and from there on by ``rates[k]``, never past the limits."""

    initial: float
    low: float
    high: float
    times: tuple[int, ...]
    values: tuple[float, ...]
    rates: tuple[float, ...]

    def at(self, t: int) -> float:
        """Return the quantity at ``t``."""
        number = bisect_right(self.times, t) - 1
        if number < 0:
            return self.initial
        return self._after(number, t)

    def empty(self) -> Signal[bool]:
        """Return when it is at its lower limit."""
        return pulses(interval for k in range(len(self.times)) if (interval := self._empty_in(k)))

    def _after(self, number: int, t: int) -> float:
        grown = self.values[number] + self.rates[number] * (t - self.times[number]) / SECOND
        return min(self.high, max(self.low, grown))

    def _empty_in(self, number: int) -> tuple[int, int] | None:
        """Return from when to when it is empty within one piece."""
        since, value, rate = self.times[number], self.values[number], self.rates[number]
        until = self.times[number + 1] if number + 1 < len(self.times) else 2**62
        if value > self.low and rate >= 0:
            return None
        if value <= self.low:
            # Anything that comes in ends the emptiness at once.
            return (since, until) if rate <= 0 else None
        since += round((value - self.low) / -rate * SECOND)
        return (since, until) if since < until else None


def ramp(initial: float, rate: Signal[float], low: float, high: float) -> Ramp:
    """Return the quantity that is ``initial`` until the rate's first change, and then follows it.

    Before that change it is constant, whatever the rate: it has reached its limit long ago.
    """
    times: list[int] = []
    values: list[float] = []
    rates: list[float] = []
    value = initial
    for number, at in enumerate(rate.times):
        if number:
            grown = value + rates[-1] * (at - times[-1]) / SECOND
            value = min(high, max(low, grown))
        times.append(at)
        values.append(value)
        rates.append(rate.values[number + 1])
    return Ramp(initial, low, high, tuple(times), tuple(values), tuple(rates))
