"""The decoding rules written down a second time, point by point and without state.

The product decodes with ``decoding.decoder.Decoder``. Tests compare it with these functions where
no point depends on the answer before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from monitord.core.model import Value
from monitord.decoding.charsets import WrongUnit, in_unit, number_in, text_of
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.rules import (
    Raw,
    derived_value,
    exactly_scaled,
    factor_of,
    is_allowed,
    is_sentinel,
)

_ALONE: Final[Mapping[str, Value]] = MappingProxyType({})


def plain_values(raws: Sequence[Raw], points: Sequence[SourcePoint]) -> tuple[Value, ...]:
    """Return the values of one answer, in the order of ``points``.

    ``raws``: of the points that are read, in their order; derived points have none.
    """
    read = [point for point in points if point.decoding.derived is None]
    by_id = {point.id: raw for point, raw in zip(read, raws, strict=True)}
    alone = {point.id: plain_value(by_id[point.id], point.decoding) for point in read}
    found = {
        point.id: plain_value(by_id[point.id], point.decoding, alone)
        if point.decoding.depends_on
        else alone[point.id]
        for point in read
    }
    for point in points:
        if point.decoding.derived is not None:
            found[point.id] = plain_value(None, point.decoding, found)
    return tuple(found[point.id] for point in points)


def plain_value(raw: Raw, decoding: Decoding, others: Mapping[str, Value] = _ALONE) -> Value:
    """Return the value of ``raw``, or None for no value.

    ``others``: values of the same answer by point id, for a decoding that depends on them; if one
    is absent, this is too.
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
        return _within(derived_value(decoding, others), decoding)
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
