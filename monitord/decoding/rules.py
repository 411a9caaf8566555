"""Turns one raw value of a device into a ``Value``. Knows no socket and judges nothing.

This is the plain reading of the rules, with no memory: what ``decoder.Decoder`` must equal where
nothing depends on the answer before. One-off reads and tests use it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from monitord.core.model import Value
from monitord.decoding.charsets import WrongUnit, exact, in_unit, number_in, text_of
from monitord.decoding.formulas import calculate
from monitord.decoding.model import Decoding, SourcePoint

Raw = int | float | str | bytes | bool | None

# No physical quantity needs more; an agent that says 2^31 must not make us count that far.
EXPONENT_MAX = 30
_ALONE: Final[Mapping[str, Value]] = MappingProxyType({})


def decode_all(raws: Sequence[Raw], points: Sequence[SourcePoint]) -> tuple[Value, ...]:
    """Return the values of one answer, in the order of ``points``.

    ``raws``: of the points that are read, in their order; derived points have none.
    """
    read = [point for point in points if point.decoding.derived is None]
    by_id = {point.id: raw for point, raw in zip(read, raws, strict=True)}
    alone = {point.id: decode(by_id[point.id], point.decoding) for point in read}
    found = {
        point.id: decode(by_id[point.id], point.decoding, alone)
        if point.decoding.depends_on
        else alone[point.id]
        for point in read
    }
    for point in points:
        if point.decoding.derived is not None:
            found[point.id] = decode(None, point.decoding, found)
    return tuple(found[point.id] for point in points)


def decode(raw: Raw, decoding: Decoding, others: Mapping[str, Value] = _ALONE) -> Value:
    """Return the value ``raw`` stands for, or None when it says "no value".

    ``others``: values of the same answer by point id, for a decoding that leans on them; where one
    it needs is absent, this is too.
    Absent are: None, a sentinel, NaN and infinity, a text without a number where one is due, a
    number printed in a unit of another quantity, an enum value without a label, a counter (one
    reading alone says nothing), a number outside minimum and maximum (which are in the unit).
    Raises ValueError for a kind of decoding that does not exist.
    """
    if not is_allowed(decoding, others):
        return None
    if decoding.kind == "text":
        return text_of(raw, decoding.charset)
    if decoding.derived is not None:
        return _within(_derived(decoding, others), decoding)
    number = _number(raw, decoding)
    if number is None or isinstance(number, WrongUnit) or is_sentinel(number, decoding):
        return None
    if decoding.kind == "number":
        return None if decoding.counter else _within(_scaled(number, decoding, others), decoding)
    label = next((label for key, label in decoding.labels if key == number), None)
    if decoding.kind == "enum":
        return label
    if decoding.kind == "boolean":
        # Where the profile lists the labels, a value beside them (often 0, "undefined") is neither.
        return None if decoding.labels and label is None else number in decoding.truth
    raise ValueError(f"decoding kind {decoding.kind!r}: allowed are boolean, enum, number, text")


def is_sentinel(number: float, decoding: Decoding) -> bool:
    """Return whether a raw number says "no value"."""
    if number in decoding.absent:
        return True
    return any(first <= number <= last for first, last in decoding.absent_ranges)


def is_number(value: Value) -> bool:
    """Return whether a value is a number; a truth is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_allowed(decoding: Decoding, others: Mapping[str, Value]) -> bool:
    """Return whether other points let this one be a value at all."""
    if any(others.get(point) != label for point, label in decoding.only_if):
        return False
    for floor in decoding.only_above:
        value, of = others.get(floor.point), others.get(floor.of, 1)
        if not isinstance(value, int | float) or not isinstance(of, int | float):
            return False
        if not value > floor.least * of:
            return False
    return True


def _derived(decoding: Decoding, others: Mapping[str, Value]) -> float | None:
    formula = decoding.derived
    assert formula is not None
    values = [value for name in formula.points if is_number(value := others.get(name))]
    if len(values) < len(formula.points):
        return None
    return calculate(formula.function, values, formula.nominal)  # type: ignore[arg-type]


def _number(raw: Raw, decoding: Decoding) -> int | float | None:
    """Return a finite number; a truth counts as 1 or 0."""
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    text = text_of(raw, decoding.charset)
    printed = None if text is None else number_in(text, decoding.decimal_comma)
    if printed is None or decoding.kind != "number":
        return None if printed is None else printed.number
    return in_unit(printed, decoding.unit, decoding.scale)


def _within(value: float | None, decoding: Decoding) -> int | float | None:
    """Return the value, or None outside its limits."""
    if value is None:
        return None
    if decoding.minimum is not None and value < decoding.minimum:
        return None
    if decoding.maximum is not None and value > decoding.maximum:
        return None
    return value


def _scaled(number: float, decoding: Decoding, others: Mapping[str, Value]) -> int | float | None:
    """Return the number in its unit."""
    if not (decoding.times_ten_to or decoding.times or decoding.divided_by):
        if decoding.scale == 1 and decoding.offset == 0:
            return number
        return exactly_scaled(number, decoding)
    factor = factor_of(decoding, others)
    return None if factor is None else exactly_scaled(number, decoding, factor)


def factor_of(decoding: Decoding, others: Mapping[str, Value]) -> Fraction | None:
    """Return what other points say to multiply with, or None where one of them says nothing."""
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
    """Return a ratio; zero or less is none that a transformer can have."""
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
    """Scale in decimal: raw 3 at scale 0.1 is 0.3, and so stands on the right side of a limit."""
    scaled = exact(number) * exact(decoding.scale) * factor + exact(decoding.offset)
    try:
        return scaled.numerator / scaled.denominator
    except OverflowError:
        return None
