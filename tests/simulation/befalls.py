"""What befalls the answers of one device: a meter shows what cannot be, a slow point is repeated.

Decides nothing by itself: when was drawn before, see ``weather``.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.model import Value
from simulators.plant.signals import Signal
from tests.simulation.meter import MAXIMUM_W, MINIMUM_W, Meter
from tests.simulation.slow_points import SLOW, SlowReads

Suspected = tuple[tuple[int, Value], ...]


@dataclass
class Befalls:
    """``busy``: its changes are when every poll is drawn by itself; no answers are alike then."""

    busy: Signal[bool]
    meter: Meter | None = None
    slow: SlowReads | None = None

    def begins_run(self, sent_at: int, last_sent_at: int) -> bool:
        """Return whether answers may be alike from here on, and take them as given where so."""
        if self.meter is not None and self.meter.sticks.at(sent_at):
            return False
        if self.slow is not None:
            if self.slow.shown(sent_at) != self.slow.signal.at(sent_at):
                return False
            self.slow.ran(last_sent_at)
        return True

    def shown(
        self, values: tuple[Value, ...], sent_at: int, looked: int
    ) -> tuple[tuple[Value, ...], Suspected]:
        """Return an answer's values as they are decoded, and what is suspected in their place."""
        if self.meter is not None:
            watts = values[0]
            assert isinstance(watts, int)
            watts = self.meter.shows(watts, looked)
            is_plausible = MINIMUM_W <= watts <= MAXIMUM_W
            return ((watts,), ()) if is_plausible else ((None,), ((0, watts),))
        if self.slow is not None:
            place = SLOW[self.slow.device.id]
            values = (*values[:place], self.slow.shown(sent_at), *values[place + 1 :])
        return values, ()

    def polled(self, sent_at: int, at: int, *, answered: bool) -> None:
        """Take note of the end of a poll."""
        if self.slow is not None:
            self.slow.polled(sent_at, at, answered=answered)
