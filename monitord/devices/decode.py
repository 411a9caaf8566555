"""Turns one raw value of a device into a ``Value``. Knows no socket and judges nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from monitord.core.model import Value
from monitord.devices.model import Decoding, SourcePoint

Raw = int | float | str | bytes | bool | None

# Agents print numbers with their unit: "43.0 C", "3.53V", "50 %". What follows the number may hold
# no further digit: "192.168.0.1", "1,234" and "12:30" are not numbers, and guessing would be worse.
_NUMBER_IN_TEXT = re.compile(
    r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?:\s*[^\d\s.,:;/+-]\D*)?\s*"
)
_NUMBER_LENGTH_MAX = 64
# No physical quantity needs more; an agent that says 2^31 must not make us count that far.
_EXPONENT_MAX = 30
_ALONE: Final[Mapping[str, Value]] = MappingProxyType({})


def decode_all(raws: Sequence[Raw], points: Sequence[SourcePoint]) -> tuple[Value, ...]:
    """Return the values of one answer, in the order of ``points``."""
    alone = {point.id: decode(raw, point.decoding) for raw, point in zip(raws, points, strict=True)}
    return tuple(
        decode(raw, point.decoding, alone) if point.decoding.leans_on else alone[point.id]
        for raw, point in zip(raws, points, strict=True)
    )


def decode(raw: Raw, decoding: Decoding, others: Mapping[str, Value] = _ALONE) -> Value:
    """Return the value ``raw`` stands for, or None when it says "no value".

    ``others``: values of the same answer by point id, for a decoding that leans on them; where one
    it needs is absent, this is too.
    Absent are: None, a sentinel, NaN and infinity, a text without a number where one is due,
    an enum value without a label, a number outside minimum and maximum (which are in the unit).
    Raises ValueError for a kind of decoding that does not exist.
    """
    if any(others.get(point) != label for point, label in decoding.only_if):
        return None
    if decoding.kind == "text":
        return _text(raw)
    number = _number(raw)
    if number is None or _is_sentinel(number, decoding):
        return None
    if decoding.kind == "number":
        return _scaled(number, decoding, others)
    label = next((label for key, label in decoding.labels if key == number), None)
    if decoding.kind == "enum":
        return label
    if decoding.kind == "boolean":
        # Where the profile lists the labels, a value beside them (often 0, "undefined") is neither.
        return None if decoding.labels and label is None else number in decoding.truth
    raise ValueError(f"decoding kind {decoding.kind!r}: allowed are boolean, enum, number, text")


def _is_sentinel(number: float, decoding: Decoding) -> bool:
    if number in decoding.absent:
        return True
    return any(first <= number <= last for first, last in decoding.absent_ranges)


def _text(raw: Raw) -> str | None:
    """Return printable text; a float that is no number has none."""
    if raw is None or (isinstance(raw, float) and not math.isfinite(raw)):
        return None
    if not isinstance(raw, bytes):
        return str(raw).rstrip("\0")
    content = raw.rstrip(b"\0")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte is a latin-1 character: old agents write the degree sign so.
        return content.decode("latin-1")


def _number(raw: Raw) -> int | float | None:
    """Return a finite number; a truth counts as 1 or 0."""
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    return None if raw is None else _number_in_text(_text(raw) or "")


def _number_in_text(text: str) -> int | float | None:
    """Return the number a text begins with, whole when it is written whole."""
    if len(text) > _NUMBER_LENGTH_MAX or not (found := _NUMBER_IN_TEXT.fullmatch(text)):
        return None
    written = found.group(1)
    try:
        return int(written)
    except ValueError:
        number = float(written)
    return number if math.isfinite(number) else None


def _scaled(number: float, decoding: Decoding, others: Mapping[str, Value]) -> int | float | None:
    """Return the number in its unit, or None outside its limits."""
    value = number
    if decoding.times_ten_to:
        exponent = _exponent(decoding.times_ten_to, others)
        if exponent is None:
            return None
        value = _exactly_scaled(number, decoding.scale, decoding.offset, exponent)
    elif decoding.scale != 1 or decoding.offset != 0:
        value = _exactly_scaled(number, decoding.scale, decoding.offset)
    if not math.isfinite(value):
        return None
    if decoding.minimum is not None and value < decoding.minimum:
        return None
    if decoding.maximum is not None and value > decoding.maximum:
        return None
    return value


def _exponent(terms: tuple[tuple[int, str], ...], others: Mapping[str, Value]) -> int | None:
    """Return the sum of points that are whole numbers, or None where one is not."""
    exponent = 0
    for sign, name in terms:
        value = others.get(name)
        if not isinstance(value, int | float) or value != int(value):
            return None
        exponent += sign * int(value)
    return exponent if abs(exponent) <= _EXPONENT_MAX else None


def _exactly_scaled(number: float, scale: float, offset: float, exponent: int = 0) -> float:
    """Scale in decimal: raw 3 at scale 0.1 is 0.3, and so stands on the right side of a limit."""
    scaled = (Decimal(repr(number)) * Decimal(repr(scale))).scaleb(exponent)
    return float(scaled + Decimal(repr(offset)))
