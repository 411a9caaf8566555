"""The power meter of the multiplex's transmitter: sometimes its register cannot be right.

It sticks: beyond its limits for a while, and still on the true side of what is on the air. Or one
answer is beyond them on the wrong side; never two in a row, so that no second reading agrees.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from simulators.plant.signals import Signal
from tests.simulation.setups import NORMAL_W

METERED = "dtx"
MINIMUM_W, MAXIMUM_W = 0, 2_000
"""The limits in the configuration."""
WRONG = 0.01
"""How often one answer is on the wrong side."""
_STUCK = {NORMAL_W: 30_000, 0: -50}
_WRONG = {NORMAL_W: -50, 0: 30_000}


class Meter:
    """``sticks``: when it sticks. ``noted``: is called with the time of each wrong answer."""

    def __init__(
        self, sticks: Signal[bool], random: Random, noted: Callable[[str, int], None]
    ) -> None:
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
            self._was_wrong = True
            self._noted("wrong_once", at)
            return _WRONG[watts]
        return watts
