"""Decodes the octets of registers to raw values. Knows no request and no frame."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from monitord.decoding.rules import Raw
from monitord.devices.modbus.model import ModbusPoint

BIT_TABLES = ("coil", "discrete_input")
REGISTER_TABLES = ("input_register", "holding_register")

NUMBERS: Final = {
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "float32": "f",
    "uint64": "Q",
    "int64": "q",
    "float64": "d",
    "float16": "e",
}
"""Types that are numbers of whole registers, and their ``struct`` letter."""
OCTETS: Final = {"uint8_high": ("B", 0), "uint8_low": ("B", 1), "int8_high": ("b", 0),
                 "int8_low": ("b", 1)}  # fmt: skip
"""Types of one octet of a register: letter, and which of the two."""
DECIMALS: Final = {"bcd16": 1, "bcd32": 2}
"""Types of four bits a decimal digit: how many registers."""
TEXT = "text"
TYPES: Final = (*NUMBERS, *OCTETS, *DECIMALS, TEXT)


def registers_of(type_: str, registers: int = 0) -> int:
    """Return how many registers a type takes; ``registers``: how many a text is to take."""
    if type_ in NUMBERS:
        return struct.calcsize(f">{NUMBERS[type_]}") // 2
    return registers if type_ == TEXT else DECIMALS.get(type_, 1)


def is_plain(point: ModbusPoint) -> bool:
    """Return whether a point is a number in network byte order, without a bit field."""
    in_order = point.byte_order == "big" and (
        point.word_order == "big" or registers_of(point.type) == 1
    )
    return in_order and point.type in NUMBERS and point.bits is None


def decode_registers(point: ModbusPoint, registers: Sequence[int]) -> Raw:
    """Return the raw value of a point's registers; None for invalid decimal digits."""
    octets = _in_order(point, struct.pack(f">{len(registers)}H", *registers))
    if point.type in NUMBERS:
        (number,) = struct.unpack(f">{NUMBERS[point.type]}", octets)
        return number if point.bits is None else _field(number, *point.bits)
    if point.type in OCTETS:
        letter, at = OCTETS[point.type]
        (octet,) = struct.unpack_from(letter, octets, at)
        return int(octet)
    if point.type in DECIMALS:
        digits = octets.hex()
        return int(digits) if digits.isdecimal() else None
    return octets


def _in_order(point: ModbusPoint, octets: bytes) -> bytes:
    """Return octets with the highest first; a text's registers stay where they are."""
    if point.byte_order == "little":
        octets = struct.pack(
            f">{len(octets) // 2}H", *struct.unpack(f"<{len(octets) // 2}H", octets)
        )
    if point.word_order != "little" or point.type == TEXT:
        return octets
    return b"".join(octets[at : at + 2] for at in range(len(octets) - 2, -1, -2))


def _field(number: float, offset: int, width: int) -> int:
    """Return a field of an unsigned number."""
    assert isinstance(number, int)
    return number >> offset & (1 << width) - 1
