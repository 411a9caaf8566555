"""Formulas: values calculated from other points of the same answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

VSWR_MAX: Final = 100.0
"""The value for total reflection: infinity would be no value, but it is the worst case."""


class Function(NamedTuple):
    """One formula. ``take``: calculates from the values and the nominal figure to a value, or None.

    ``points``: the count of its values; ``unit``: of its result; ``needs_floor``: it is meaningful
    only above a power, which the profile must name.
    """

    take: Callable[[Sequence[float], float | None], float | None]
    points: int
    unit: str
    needs_nominal: bool = False
    needs_floor: bool = False


def _vswr(values: Sequence[float], _nominal: float | None) -> float | None:
    """VSWR: (1 + r) / (1 - r), r = root of reflected over forward power."""
    forward, reflected = values
    if forward <= 0 or reflected < 0:
        return None
    r = math.sqrt(reflected / forward) if reflected < forward else 1.0
    return min((1 + r) / (1 - r), VSWR_MAX) if r < 1 else VSWR_MAX


def _return_loss(values: Sequence[float], _nominal: float | None) -> float | None:
    """Return loss: ten times the logarithm of forward over reflected power."""
    forward, reflected = values
    if forward <= 0 or reflected <= 0:
        return None
    return 10 * (math.log10(forward) - math.log10(reflected))


def _percent_of_nominal(values: Sequence[float], nominal: float | None) -> float | None:
    if not nominal:
        return None
    return float(100 * Fraction(repr(values[0])) / Fraction(repr(nominal)))


def _unbalance(values: Sequence[float], _nominal: float | None) -> float | None:
    """Unbalance of three phases: the largest deviation from their mean, over the mean (NEMA)."""
    mean = sum(values) / len(values)
    if mean <= 0:
        return None
    return 100 * max(abs(value - mean) for value in values) / mean


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "vswr": Function(_vswr, 2, "ratio", needs_floor=True),
        "return_loss": Function(_return_loss, 2, "dB", needs_floor=True),
        "percent_of_nominal": Function(_percent_of_nominal, 1, "percent", needs_nominal=True),
        "unbalance": Function(_unbalance, 3, "percent", needs_floor=True),
    }
)


def calculate(function: str, values: Sequence[float], nominal: float | None) -> float | None:
    """Return the value of a formula, finite, or None. ``function``: a key of ``FUNCTIONS``."""
    try:
        value = FUNCTIONS[function].take(values, nominal)
    except OverflowError:
        return None
    return value if value is not None and math.isfinite(value) else None
