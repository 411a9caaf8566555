"""What the edge reports of the wall clock's quality with each reading. Owns shapes only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kernel(StrEnum):
    """Disciplined within the hour, earlier, never; or the kernel may not be asked."""

    SYNCHRONISED = "synchronised"
    HOLDOVER = "holdover"
    NONE = "none"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ClockQuality:
    """``max_error``: the kernel's own bound. ``slewed``: stretch since the reading before it.

    ``source``: network, rtc or host, as the site says. ``battery``: the wall clock came from a
    battery clock at this boot. ``second``: the wall time of an independent second clock at the same
    moment, with its ``second_source``. All in microseconds.
    """

    kernel: Kernel = Kernel.SYNCHRONISED
    max_error: int = 0
    source: str = "network"
    battery: bool = False
    slewed: int = 0
    second: int | None = None
    second_source: str = ""

    @property
    def synced(self) -> bool:
        """Whether the kernel is synchronised now."""
        return self.kernel is Kernel.SYNCHRONISED


SYNCHRONISED: Final = ClockQuality()
