"""The power meter of the multiplex's transmitter: sometimes its register cannot be right.

It sticks: beyond its limits for a while, and still on the true side of what is on the air. Or one
answer is beyond them on the wrong side; never two in a row, so that no second reading agrees. Nor
does it mean bad near a true change: by the design a second reading that agrees confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulators.plant.signals import Signal
from tests.simulation.facts import SECOND
from tests.simulation.setups import NORMAL_W

METERED = "dtx"
MINIMUM_W, MAXIMUM_W = 0, 2_000
"""The limits in the configuration."""
WRONG = 0.01
"""How often one answer is on the wrong side."""
APART = 5 * SECOND
"""Its bound: what is true so long before or behind a reading may agree with it."""
_STUCK = {NORMAL_W: 30_000, 0: -50}
_WRONG = {NORMAL_W: -50, 0: 30_000}


class Meter:
    """``power``: what is true. ``sticks``: when it sticks.

    ``noted``: is called with the time of each wrong answer.
    """

    def __init__(
        self,
        power: Signal[int],
        sticks: Signal[bool],
        random: Random,
        noted: Callable[[str, int], None],
    ) -> None:
        self._power = power
        self.sticks = sticks
        self._random = random
        self._noted = noted
        self._was_wrong = False

    def shows(self, watts: int, at: int) -> int:
        """Return what the register holds at a moment."""
        was_wrong, self._was_wrong = self._was_wrong, False
        if self.sticks.at(at):
            self._noted("implausible", at)
            return _STUCK.get(watts, watts)
        if watts in _WRONG and not was_wrong and self._random.random() < WRONG:
            change = self._power.next_change(at - APART)
            if watts == NORMAL_W and change is not None and change <= at + APART:
                return watts
            self._was_wrong = True
            self._noted("wrong_once", at)
            return _WRONG[watts]
        return watts
