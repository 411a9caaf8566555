"""Whether a running time shows a restart: one rule for uptimes, SNMPv3 engines and counters.

A running time is a count from a device's start. Its clock drifts against ours, an answer is under
way for a while, and some devices never move it at all. No I/O; times are handed in.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from monitord.core.model import SECOND

SLACK: Final = 10 * SECOND
SLACK_PARTS: Final = 100
"""Tolerance between a device's clock and ours: microseconds, plus one part in so many of the time
between two answers."""


def slack_of(elapsed: int) -> int:
    """Return by how much a running time may be behind after so many microseconds."""
    return SLACK + elapsed // SLACK_PARTS


def ran_on(
    last: Fraction | int, new: Fraction | int, elapsed: int, full: Fraction | int = 0
) -> bool | None:
    """Return whether the device ran on between two running times, all in microseconds.

    ``elapsed``: between the two answers; ``full``: where the running time wraps, 0 for never. False
    only where it is behind by more than ``slack_of`` and can have begun at zero since. None, which
    proves nothing, for one that does not move, went back a little, or was set back.
    """
    if new == last:
        return None
    slack = slack_of(elapsed)
    behind = last + elapsed - new
    if full and new < last and -slack <= behind - full <= slack:
        return True
    if behind <= slack:
        return True if new > last else None
    return False if new <= elapsed + slack else None
