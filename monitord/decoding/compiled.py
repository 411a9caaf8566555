"""Compiles the decoding rules of each point to one function. This is where raw becomes a value.

The function gets the raw value and the values of the answer so far, by place. It returns the value,
or None for no value: None, a sentinel, NaN, infinity, a text without a number, a label that the
profile does not have. It does not check plausibility. Equal points share one function, so ten
thousand devices of one kind hold one set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from monitord.core.model import Value
from monitord.decoding.charsets import WrongUnit, exact, in_unit, number_in, text_of
from monitord.decoding.model import Decoding
from monitord.decoding.rules import (
    Raw,
    derived_value,
    exactly_scaled,
    factor_of,
    is_allowed,
    is_sentinel,
)

Decode: TypeAlias = Callable[[Raw, Sequence[Value]], Value]
Dependencies: TypeAlias = tuple[tuple[str, int], ...]
Scale: TypeAlias = Callable[[float], Value]
ToNumber: TypeAlias = Callable[[Raw], int | float | None]

_INFINITY = float("inf")
_CACHED_MAX = 4096
_FACTORS_MAX = 64


def compile_point(decoding: Decoding, places: Mapping[str, int]) -> Decode:
    """Return the function that decodes a point. ``places``: of the points it depends on, by id.

    Raises ValueError for a kind of decoding that does not exist.
    """
    depends_on = tuple((name, places[name]) for name in decoding.depends_on)
    return _compiled(decoding, depends_on)


@lru_cache(_CACHED_MAX)
def _compiled(decoding: Decoding, depends_on: Dependencies) -> Decode:
    if decoding.derived:
        return _derived(decoding, depends_on)
    if decoding.only_if or decoding.only_above:
        return _guarded(decoding, depends_on)
    match decoding.kind:
        case "text":
            return _text(decoding.charset)
        case "number" if decoding.times_ten_to or decoding.times or decoding.divided_by:
            return _dependent_number(decoding, depends_on)
        case "number":
            return _number(decoding)
        case "boolean" | "enum":
            return _labelled(decoding)
    raise ValueError(f"decoding kind {decoding.kind!r}: allowed are boolean, enum, number, text")


def _derived(decoding: Decoding, depends_on: Dependencies) -> Decode:
    """Calculate the formula from the points that it names."""

    def take(raw: Raw, values: Sequence[Value]) -> Value:
        del raw
        others = {name: values[place] for name, place in depends_on}
        return derived_value(decoding, others) if is_allowed(decoding, others) else None

    return take


def _guarded(decoding: Decoding, depends_on: Dependencies) -> Decode:
    """Decode only where the guards on other points (``only_if``, ``only_above``) allow a value."""
    bare = replace(decoding, only_if=(), only_above=())
    inner = _compiled(bare, tuple(on for on in depends_on if on[0] in bare.depends_on))

    def take(raw: Raw, values: Sequence[Value]) -> Value:
        others = {name: values[place] for name, place in depends_on}
        return inner(raw, values) if is_allowed(decoding, others) else None

    return take


def _text(charset: str) -> Decode:
    def take(raw: Raw, _values: Sequence[Value]) -> Value:
        return text_of(raw, charset)

    return take


def _labelled(decoding: Decoding) -> Decode:
    """Return a lookup of the raw number: its label for an enum, a truth for a boolean.

    Where the profile lists labels, a number without one (often 0, "undefined") is no value.
    """
    to_number = to_number_of(decoding)
    table: dict[int, Value] = {}
    for key, label in decoding.labels:
        if not is_sentinel(key, decoding):
            table.setdefault(key, label if decoding.kind == "enum" else key in decoding.truth)

    def look_up(raw: Raw, _values: Sequence[Value]) -> Value:
        number = raw if raw.__class__ is int else to_number(raw)
        return table.get(number)  # type: ignore[arg-type]

    truth = frozenset(decoding.truth)

    def is_true(raw: Raw, _values: Sequence[Value]) -> Value:
        number = to_number(raw)
        return None if number is None or is_sentinel(number, decoding) else number in truth

    return look_up if decoding.labels or decoding.kind == "enum" else is_true


def _number(decoding: Decoding) -> Decode:
    to_number = to_number_of(decoding)
    is_plain = decoding.scale == 1 and decoding.offset == 0
    scale = _unscaled if is_plain else _scale(decoding)
    if decoding.absent or decoding.absent_ranges:
        return _number_with_sentinels(decoding, scale)
    if is_plain:

        def as_it_is(raw: Raw, _values: Sequence[Value]) -> Value:
            return raw if raw.__class__ is int else to_number(raw)

        return as_it_is

    def scaled(raw: Raw, _values: Sequence[Value]) -> Value:
        number = raw if raw.__class__ is int else to_number(raw)
        return None if number is None else scale(number)

    return scaled


def _number_with_sentinels(decoding: Decoding, scale: Scale) -> Decode:
    to_number = to_number_of(decoding)
    absent, ranges = frozenset(decoding.absent), decoding.absent_ranges

    def take(raw: Raw, _values: Sequence[Value]) -> Value:
        number = to_number(raw)
        if number is None or number in absent:
            return None
        for first, last in ranges:
            if first <= number <= last:
                return None
        return scale(number)

    return take


def _dependent_number(decoding: Decoding, depends_on: Dependencies) -> Decode:
    """Scale by factors from other points; ratios rarely change, so each scale is cached."""
    to_number = to_number_of(decoding)
    places = tuple(place for _, place in depends_on)
    kept: dict[tuple[Value, ...], Scale | None] = {}

    def take(raw: Raw, values: Sequence[Value]) -> Value:
        number = to_number(raw)
        if number is None or is_sentinel(number, decoding):
            return None
        others = tuple([values[place] for place in places])
        if others not in kept:
            if len(kept) >= _FACTORS_MAX:
                kept.clear()
            factor = factor_of(decoding, {name: values[place] for name, place in depends_on})
            kept[others] = None if factor is None else _scale(decoding, factor)
        scale = kept[others]
        return None if scale is None else scale(number)

    return take


def _scale(decoding: Decoding, factor: Fraction | int = 1) -> Scale:
    """Return a function that scales exactly: an int by one division, which rounds correctly."""
    scale, offset = exact(decoding.scale) * factor, exact(decoding.offset)
    below = scale.denominator * offset.denominator
    times, plus = scale.numerator * offset.denominator, offset.numerator * scale.denominator

    def take(number: float) -> Value:
        if isinstance(number, int):
            try:
                return (number * times + plus) / below
            except OverflowError:
                return None
        return _keep_wrong_unit(number, exactly_scaled(number, decoding, factor))

    return take


def _unscaled(number: float) -> Value:
    return number


def _keep_wrong_unit(number: float, scaled: float | None) -> float | None:
    """Return the scaled number; a ``WrongUnit`` remains one."""
    return WrongUnit(scaled) if isinstance(number, WrongUnit) and scaled is not None else scaled


def to_number_of(decoding: Decoding) -> ToNumber:
    """Return a function from a raw value to a finite number, or None."""
    charset, comma, unit, scale = (
        decoding.charset,
        decoding.decimal_comma,
        decoding.unit if decoding.kind == "number" else "",
        decoding.scale,
    )

    def take(raw: Raw) -> int | float | None:
        kind = raw.__class__
        if kind is int:
            return raw  # type: ignore[return-value]
        if kind is float:
            return raw if -_INFINITY < raw < _INFINITY else None  # type: ignore[operator,return-value]
        if raw is None:
            return None
        if kind is bool:
            return int(raw)
        text = text_of(raw, charset)
        printed = None if text is None else number_in(text, comma)
        return None if printed is None else in_unit(printed, unit, scale)

    return take
