"""How much of a programme is unsettled: durable shape. ``apply`` writes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Unsettled:
    """``count``, ``time``: spans that nobody has settled. ``off_*``: those settled as off air.

    Times are microseconds in hours. ``until``: the end of the newest span, site time.
    """

    count: int = 0
    time: int = 0
    off_count: int = 0
    off_time: int = 0
    until: int = 0
