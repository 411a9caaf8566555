"""From the octets of an answer to the raw value of a point. Knows no line and no unit.

Octets that cannot be of the point's type (a BCD digit above nine, dashes instead of a number, a
field behind the end of the frame) are no value, never an accidental number.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from typing import Final

from monitord.decoding.rules import Raw
from monitord.devices.frames.codec import is_hexadecimal, text_fields
from monitord.devices.frames.model import FramePoint

_DIGITS_MAX: Final = 16
_BITS_MAX: Final = 32
# ASCII only: int() takes digits of every script, and underscores.
_DECIMAL: Final = re.compile(rb" *([+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+) *")
_BINARY: Final = re.compile(rb"[01]+")


def raw_of(point: FramePoint, frame: bytes) -> Raw:
    """Return the raw value of a point in its answer, None where there is none."""
    octets = _octets(point, frame)
    raw = None if octets is None else _READ[point.type](point, octets)
    if point.bits is None or not isinstance(raw, int):
        return raw
    offset, width = point.bits
    return raw >> offset & (1 << width) - 1


def _octets(point: FramePoint, frame: bytes) -> bytes | None:
    """Return the octets of a point; None for a place behind the data of the frame."""
    rule = point.request.answer
    if point.field is not None:
        fields = text_fields(rule, frame)
        return fields[point.field - 1] if point.field <= len(fields) else None
    assert point.offset is not None
    last = point.offset + point.size
    return frame[point.offset : last] if last <= len(frame) - rule.tail else None


def _unsigned(point: FramePoint, octets: bytes) -> Raw:
    return int.from_bytes(octets, point.byte_order)


def _signed(point: FramePoint, octets: bytes) -> Raw:
    return int.from_bytes(octets, point.byte_order, signed=True)


def _float(point: FramePoint, octets: bytes) -> Raw:
    number: float = struct.unpack(">f" if point.byte_order == "big" else "<f", octets)[0]
    return number


def _bcd(point: FramePoint, octets: bytes) -> int | None:
    """Return a number of two decimal digits an octet."""
    digits = (octets if point.byte_order == "big" else octets[::-1]).hex()
    return int(digits) if digits.isdecimal() else None


def _signed_bcd(point: FramePoint, octets: bytes) -> Raw:
    """Return a number whose highest bit is its sign."""
    high = 0 if point.byte_order == "big" else len(octets) - 1
    without_sign = octets[:high] + bytes([octets[high] & 0x7F]) + octets[high + 1 :]
    number = _bcd(point, without_sign)
    return -number if number is not None and octets[high] & 0x80 else number


def _decimal(_: FramePoint, octets: bytes) -> Raw:
    """Return a number in decimal digits, whole when it is written whole."""
    found = _DECIMAL.fullmatch(octets)
    if found is None or len(found[1]) > _DIGITS_MAX:
        return None
    return float(found[1]) if b"." in found[1] else int(found[1])


def _hexadecimal(_: FramePoint, octets: bytes) -> Raw:
    return int(octets, 16) if len(octets) <= _DIGITS_MAX and is_hexadecimal(octets) else None


def _binary(_: FramePoint, octets: bytes) -> Raw:
    """Return a number in digits 0 and 1, the highest bit first."""
    return int(octets, 2) if len(octets) <= _BITS_MAX and _BINARY.fullmatch(octets) else None


_READ: Final[Mapping[str, Callable[[FramePoint, bytes], Raw]]] = {
    **dict.fromkeys(("uint8", "uint16", "uint24", "uint32"), _unsigned),
    **dict.fromkeys(("int8", "int16", "int24", "int32"), _signed),
    "float32": _float,
    "bcd": _bcd,
    "signed_bcd": _signed_bcd,
    "decimal": _decimal,
    "hex": _hexadecimal,
    "binary": _binary,
    "text": lambda _, octets: octets.strip(b" \x00"),
}
