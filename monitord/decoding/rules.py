"""Rules that several decoded points share: sentinels, guards, factors, exact scale. No state.

``compiled`` makes one function of each point with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from monitord.core.model import Value
from monitord.decoding.charsets import exact
from monitord.decoding.formulas import calculate
from monitord.decoding.model import Decoding

Raw = int | float | str | bytes | bool | None

# No physical quantity needs more. An agent that sends 2^31 must not cost us that many digits.
EXPONENT_MAX = 30


def is_sentinel(number: float, decoding: Decoding) -> bool:
    """Return whether a raw number means "no value"."""
    if number in decoding.absent:
        return True
    return any(first <= number <= last for first, last in decoding.absent_ranges)


def is_number(value: Value) -> bool:
    """Return whether a value is a number; a truth is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_allowed(decoding: Decoding, others: Mapping[str, Value]) -> bool:
    """Return whether the guards on other points allow a value of this one."""
    if any(others.get(point) != label for point, label in decoding.only_if):
        return False
    for floor in decoding.only_above:
        value, of = others.get(floor.point), others.get(floor.of, 1)
        if not isinstance(value, int | float) or not isinstance(of, int | float):
            return False
        if not value > floor.least * of:
            return False
    return True


def derived_value(decoding: Decoding, others: Mapping[str, Value]) -> float | None:
    """Return the value of a formula over other points; None where one of them is no number."""
    formula = decoding.derived
    assert formula is not None
    values = [value for name in formula.points if is_number(value := others.get(name))]
    if len(values) < len(formula.points):
        return None
    return calculate(formula.function, values, formula.nominal)  # type: ignore[arg-type]


def factor_of(decoding: Decoding, others: Mapping[str, Value]) -> Fraction | None:
    """Return the factor from other points, or None where one of them is absent."""
    exponent = _exponent(decoding.times_ten_to, others)
    if exponent is None:
        return None
    factor = Fraction(10) ** exponent
    for name in decoding.times:
        if (ratio := _ratio(others.get(name))) is None:
            return None
        factor *= ratio
    for name in decoding.divided_by:
        if (ratio := _ratio(others.get(name))) is None:
            return None
        factor /= ratio
    return factor


def _ratio(value: Value) -> Fraction | None:
    """Return a ratio; None for zero or less, which no transformer has."""
    return exact(value) if isinstance(value, int | float) and value > 0 else None


def _exponent(terms: tuple[tuple[int, str], ...], others: Mapping[str, Value]) -> int | None:
    """Return the sum of points that are whole numbers, or None where one is not."""
    exponent = 0
    for sign, name in terms:
        value = others.get(name)
        if not isinstance(value, int | float) or value != int(value):
            return None
        exponent += sign * int(value)
    return exponent if abs(exponent) <= EXPONENT_MAX else None


def exactly_scaled(number: float, decoding: Decoding, factor: Fraction | int = 1) -> float | None:
    """Scale in decimal: raw 3 at scale 0.1 is exactly 0.3, also beside a limit of 0.3."""
    scaled = exact(number) * exact(decoding.scale) * factor + exact(decoding.offset)
    try:
        return scaled.numerator / scaled.denominator
    except OverflowError:
        return None
