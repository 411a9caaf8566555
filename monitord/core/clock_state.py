"""What is known of wall time: eras of site time, each with an offset and how far it is trusted.

Owns these shapes and their look-ups. ``time_map.py`` decides, ``clock_folds.py`` writes.
Times are microseconds; an offset is wall time minus site time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DRIFT: Final = 5_000
"""A clock that nobody corrects becomes less certain by 200 ppm: one part in 5,000."""
ERAS_MAX: Final = 64
"""More eras than any open outage needs; beyond that the oldest is forgotten."""


class Trust(StrEnum):
    """How far wall time is trusted."""

    TRUSTED = "trusted"
    HOLDOVER = "holdover"
    ASSUMED = "assumed"
    DISPUTED = "disputed"
    UNTRUSTED = "untrusted"


@dataclass(slots=True)
class Era:
    """A span of site time with one offset, from ``since`` to the next era.

    ``bound``: how far the offset may be wrong at ``fixed_at``. ``rivals``: other offsets that may
    be the right one. ``boot``: a count; one boot of the computer may have several eras.
    """

    since: int
    offset: int
    trust: Trust = Trust.TRUSTED
    bound: int = 0
    fixed_at: int = 0
    rivals: list[int] = field(default_factory=list)
    boot: int = 0

    def bound_at(self, at: int) -> int:
        """Return how far the offset may be wrong at a site time; a trusted clock is corrected."""
        if self.trust is Trust.TRUSTED:
            return self.bound
        return self.bound + abs(at - self.fixed_at) // DRIFT


@dataclass(slots=True)
class ClockNow:
    """The present state of the wall clock.

    ``booted_at``: site time of the computer's boot, None if not known. ``battery``: the dispute is
    network time against a battery clock. ``label``: the offset that the wall clock itself shows.
    ``mark``: the latest wall time known, with its bound; None before the first. ``alarm``: why
    people must know of it, empty if they need not; since ``alarm_since``.
    ``moved``: by how much the end of the last alarm corrected wall time. ``placed_at``: when time
    that had passed was last given another place in the calendar, from ``placed_from`` on.
    """

    boot_id: str = ""
    boot: int = 0
    booted_at: int | None = None
    battery: bool = False
    label: int = 0
    mark: int | None = None
    mark_bound: int = 0
    alarm: str = ""
    alarm_since: int = 0
    moved: int = 0
    placed_at: int = 0
    placed_from: int = 0
    eras: list[Era] = field(default_factory=list)

    @property
    def trust(self) -> Trust:
        """The trust of the present era; a record without one was always trusted."""
        return self.eras[-1].trust if self.eras else Trust.TRUSTED

    @property
    def is_settled(self) -> bool:
        """Whether time is final as it is placed now."""
        return self.trust in (Trust.TRUSTED, Trust.HOLDOVER)


def era_index(eras: list[Era], at: int) -> int:
    """Return the place of the era around a site time; the first one also covers what was before."""
    if at >= eras[-1].since:
        return len(eras) - 1  # nearly always the present one is asked for
    return max(0, bisect_right(eras, at, key=lambda era: era.since) - 1)


def era_parts(eras: list[Era], begin: int, end: int) -> Iterator[tuple[Era, int, int]]:
    """Yield (era, from, to) of the site time [begin, end), cut at eras; the parts tile it."""
    index = era_index(eras, begin)
    while begin < end:
        following = eras[index + 1].since if index + 1 < len(eras) else end
        to = min(end, following)
        yield eras[index], begin, to
        begin, index = to, index + 1
