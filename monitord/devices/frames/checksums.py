"""The checksums of serial frames. Pure arithmetic.

Verified against the check values of the CRC catalogue for the text 123456789 (see the tests).
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from typing import Final

from pymodbus.framer.rtu import FramerRTU

from monitord.devices.frames.model import CHECK_SIZES, Check


def _crc16_modbus(octets: bytes) -> int:
    """Polynomial 0x8005 reflected, begins with 0xFFFF; as the number whose low octet goes first."""
    low_octet_first = FramerRTU.compute_CRC(octets).to_bytes(2, "big")
    return int.from_bytes(low_octet_first, "little")


_CALCULATE: Final[Mapping[str, Callable[[bytes], int]]] = {
    "none": lambda _: 0,
    "sum8": lambda octets: sum(octets) & 0xFF,
    "sum16": lambda octets: sum(octets) & 0xFFFF,
    "xor8": lambda octets: reduce(xor, octets, 0),
    # The sum of the octets and of this is 0 in the lowest eight bits.
    "lrc8": lambda octets: -sum(octets) & 0xFF,
    "crc16_modbus": _crc16_modbus,
    # Polynomial 0x1021, highest bit first; they differ in what they begin with.
    "crc16_ccitt": lambda octets: binascii.crc_hqx(octets, 0xFFFF),
    "crc16_xmodem": lambda octets: binascii.crc_hqx(octets, 0),
}


def check_octets(check: Check, covered: bytes) -> bytes:
    """Return the check of the octets it covers, as it is written."""
    number = _CALCULATE[check.kind](covered)
    octets = number.to_bytes(CHECK_SIZES[check.kind], check.byte_order)
    return octets.hex().upper().encode() if check.as_text else octets


def is_right(check: Check, frame: bytes) -> bool:
    """Return whether a frame's check is that of its octets; digits may be of either case."""
    place = len(frame) + check.at
    found = frame[place : place + check.size]
    covered = frame[check.first : place if check.last is None else check.last]
    return (found.upper() if check.as_text else found) == check_octets(check, covered)
