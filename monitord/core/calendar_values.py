"""Hours of a programme as integers: slots of the day and dated exceptions. Owns these shapes.

Local time is in microseconds since 1970 as the station's clock shows it; wall time is that of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

EVERY_DAY: Final = 0b1111111
"""Monday is the lowest bit."""

Slot: TypeAlias = tuple[int, int, int]
"""On air: weekdays as bits, begin and end in microseconds of the station's day.

The end may lie behind midnight, by less than a day."""
Dated: TypeAlias = tuple[int, int, str]
"""Local begin and end, and what is expected between them, as ``Expected`` spells it."""
Offset: TypeAlias = tuple[int, int]
"""A wall time, and by how many microseconds local time is ahead of UTC from then on."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a programme is expected on: ``slots``, but for what the ``dated`` exceptions replace.

    ``dated``: ordered and disjoint. Outside of both the programme is closed.
    """

    slots: tuple[Slot, ...]
    dated: tuple[Dated, ...] = ()
