"""The column table: where a second is counted, by what was possible and what was expected.

Owns the table, and the reading of observed values (``bad:no_carrier``).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from monitord.core.model import Column, Expected


class Quality(StrEnum):
    """The first word of an observed value: good, degraded:reason, bad:reason, unknown:cause."""

    GOOD = "good"
    DEGRADED = "degraded"
    BAD = "bad"
    UNKNOWN = "unknown"


_QUALITIES: Final = {quality.value: quality for quality in Quality}
_E, _C = Expected, Column

COLUMNS: Final[dict[Quality, dict[Expected, Column]]] = {
    Quality.GOOD: {
        _E.ON: _C.ON_AIR,
        _E.WINDOW: _C.ON_AIR,
        _E.CLOSED: _C.CLOSED,
        _E.UNSURE: _C.ON_AIR,
    },
    Quality.DEGRADED: {
        _E.ON: _C.DEGRADED,
        _E.WINDOW: _C.DEGRADED,
        _E.CLOSED: _C.CLOSED,
        _E.UNSURE: _C.DEGRADED,
    },
    Quality.BAD: {
        _E.ON: _C.OFF_AIR,
        _E.WINDOW: _C.PLANNED_OFF,
        _E.CLOSED: _C.CLOSED,
        _E.UNSURE: _C.BETWEEN,
    },
    Quality.UNKNOWN: {
        _E.ON: _C.BLIND,
        _E.WINDOW: _C.BLIND,
        _E.CLOSED: _C.CLOSED,
        _E.UNSURE: _C.BLIND,
    },
}


_CLEAR: Final = (Quality.GOOD, Quality.DEGRADED)


def quality_of(observed: str) -> Quality:
    """Return the quality of one observed value."""
    return _QUALITIES[observed.partition(":")[0]]


def reason_of(observed: str) -> str:
    """Return the reason or cause of one observed value, or an empty string."""
    return observed.partition(":")[2]


def column_of(possible: Sequence[str], expected: Expected) -> Column:
    """Return the one column of all possibilities, or BETWEEN where they differ."""
    found = {COLUMNS[quality_of(observed)][expected] for observed in possible}
    return found.pop() if len(found) == 1 else Column.BETWEEN


def is_bad(possible: Sequence[str]) -> bool:
    """Return whether every possibility is bad."""
    return all(quality_of(observed) is Quality.BAD for observed in possible)


def is_degraded(possible: Sequence[str]) -> bool:
    """Return whether every possibility is on air below a limit."""
    return all(quality_of(observed) is Quality.DEGRADED for observed in possible)


def is_clear(possible: Sequence[str]) -> bool:
    """Return whether bad is impossible."""
    return all(quality_of(observed) in _CLEAR for observed in possible)
