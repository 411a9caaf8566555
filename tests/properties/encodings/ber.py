"""Draws SNMP values in odd but common BER forms, each with what its octets say.

Written from X.690 and RFC 2578 alone; no reader and no other encoder is used. ``Form.truth`` is the
value that the octets say, ``UNSAID`` where they say none of their type.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import NamedTuple

Truth = int | float | str | bytes | None

LONGEST_NUMBER = 16
"""Octets of the longest number that is drawn as readable."""


class Form(NamedTuple):
    """One value: its tag and octets, what they say, and whether they say nothing of their type."""

    tag: int
    octets: bytes
    truth: Truth
    is_unsaid: bool = False


def length(dice: random.Random, size: int) -> bytes:
    """Return a length in one of the forms that agents write: shortest, or with zeros before it."""
    shortest = size < 128
    if shortest and dice.randrange(4):
        return bytes((size,))
    least = max(1, (size.bit_length() + 7) // 8)
    count = dice.randrange(least, 5) if dice.randrange(3) == 0 else least
    return bytes((128 + count,)) + size.to_bytes(count, "big")


def put(dice: random.Random, tag: int, octets: bytes) -> bytes:
    """Return octets with a tag and a length."""
    return bytes((tag,)) + length(dice, len(octets)) + octets


def plain(tag: int, octets: bytes) -> bytes:
    """Return octets with a tag and the shortest length, for what agents write as the standard."""
    size = len(octets)
    if size < 128:
        return bytes((tag, size)) + octets
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(digits))) + digits + octets


def _signed(dice: random.Random) -> Form:
    number = dice.randrange(-(2**31), 2**31) >> dice.randrange(32)
    size = next(size for size in range(1, 5) if -(256**size) <= 2 * number < 256**size)
    size = dice.randrange(size, LONGEST_NUMBER + 1) if dice.randrange(3) == 0 else size
    return Form(0x02, number.to_bytes(size, "big", signed=True), number)


def _wide_signed(dice: random.Random) -> Form:
    """Return an INTEGER of more than 32 bits: SNMP has none (RFC 2578 §2)."""
    number = dice.choice((1, -1)) * (2**31 + 1 + dice.randrange(2**40))
    return Form(0x02, number.to_bytes(8, "big", signed=True), None, is_unsaid=True)


def _unsigned(dice: random.Random) -> Form:
    """Return an unsigned number with, without and with too many leading zeros."""
    tag = dice.choice((0x41, 0x42, 0x43, 0x46, 0x47))
    bits = 64 if tag == 0x46 else 32
    number = dice.randrange(2**bits) >> dice.randrange(bits)
    least = max(1, (number.bit_length() + 7) // 8)
    # The form of X.690 has a zero octet before a first bit that is set; many agents leave it out.
    sizes = (least, number.bit_length() // 8 + 1, dice.randrange(least, LONGEST_NUMBER + 1))
    return Form(tag, number.to_bytes(dice.choice(sizes), "big"), number)


def _wide_unsigned(dice: random.Random) -> Form:
    tag = dice.choice((0x41, 0x42, 0x43, 0x46, 0x47))
    size = 8 if tag == 0x46 else 4
    octets = bytes((dice.randrange(1, 256),)) + dice.randbytes(size)
    return Form(tag, octets, None, is_unsaid=True)


def _of_no_octets(dice: random.Random) -> Form:
    """Return a number, name or address without octets (prometheus/snmp_exporter#541)."""
    tag = dice.choice((0x02, 0x41, 0x42, 0x43, 0x46, 0x47, 0x06, 0x40))
    return Form(tag, b"", None, is_unsaid=True)


def _text(dice: random.Random) -> Form:
    octets = dice.choice(
        (
            b"",
            "\u53d1\u5c04\u673a".encode("gb18030"),
            "\u53d1\u5c04\u673a".encode(),
            b"on\x00\x00\x00",
            dice.randbytes(dice.randrange(200)),
            b" " * dice.randrange(300),
        )
    )
    return Form(0x04, octets, octets)


def _arc(number: int) -> bytes:
    digits = [number % 128]
    while number := number // 128:
        digits.insert(0, 128 + number % 128)
    return bytes(digits)


def name_octets(arcs: tuple[int, ...]) -> bytes:
    """Return the octets of an OID in its shortest form."""
    return b"".join(map(_arc, (40 * arcs[0] + arcs[1], *arcs[2:])))


def _name(dice: random.Random) -> Form:
    first = dice.randrange(3)
    second = dice.randrange(40) if first < 2 else dice.randrange(2**32)
    arcs = (first, second, *(dice.randrange(2**32) >> dice.randrange(32) for _ in range(6)))
    return Form(0x06, name_octets(arcs), ".".join(map(str, arcs)))


def _broken_name(dice: random.Random) -> Form:
    good = name_octets((1, 3, 6, 1, dice.randrange(2**32)))
    octets = dice.choice((good + b"\x81", b"\x80" + good, good[:2] + b"\x80" + good[2:]))
    return Form(0x06, octets, None, is_unsaid=True)


def _address(dice: random.Random) -> Form:
    octets = dice.randbytes(dice.choice((4, 4, 4, 0, 3, 5, 16)))
    if len(octets) != 4:
        return Form(0x40, octets, None, is_unsaid=True)
    return Form(0x40, octets, "{}.{}.{}.{}".format(*octets))


def _opaque(dice: random.Random) -> Form:
    """Return what net-snmp packs in an Opaque, or octets of a maker's own."""
    code, head, size = dice.choice(((">f", b"\x9f\x78", 4), (">d", b"\x9f\x79", 8)))
    number = struct.unpack(code, struct.pack(code, dice.gauss(0, 1e6)))[0]
    whole = head + bytes((size,)) + struct.pack(code, number)
    if dice.randrange(4) == 0:
        return Form(0x44, whole[: -dice.randrange(1, size)], None, is_unsaid=True)
    own = b"\x04" + bytes((size,)) + whole[3:]
    return dice.choice((Form(0x44, whole, float(number)), Form(0x44, own, own)))


def _absent(dice: random.Random) -> Form:
    octets = b"\x00" if dice.randrange(8) == 0 else b""
    return Form(dice.choice((0x05, 0x80, 0x81, 0x82)), octets, None, is_unsaid=bool(octets))


def _unknown_type(dice: random.Random) -> Form:
    """Return a type that RFC 2578 does not have, or no longer: BOOLEAN, BIT STRING, NsapAddress."""
    tag = dice.choice((0x01, 0x03, 0x09, 0x0A, 0x30, 0x45, 0x48, 0x78, 0xA2))
    return Form(tag, dice.randbytes(dice.randrange(6)), None, is_unsaid=True)


_FORMS: tuple[Callable[[random.Random], Form], ...] = (
    *(_signed, _unsigned, _unsigned, _text, _name, _opaque, _address, _absent),
    *(_wide_signed, _wide_unsigned, _of_no_octets, _broken_name, _unknown_type),
)


def form(dice: random.Random) -> Form:
    """Return any value in any form."""
    return dice.choice(_FORMS)(dice)


_BITS = {0x02: 31, 0x41: 32, 0x42: 32, 0x43: 32, 0x46: 64, 0x47: 32}


def next_form(dice: random.Random, before: Form) -> Form:
    """Return the next value of an object: of a number in the same octets, of others any form."""
    size = len(before.octets)
    if before.tag not in _BITS or not size or before.is_unsaid:
        return form(dice)
    bits = min(_BITS[before.tag], 8 * size - (before.tag == 0x02))
    number = dice.randrange(2**bits) >> dice.randrange(bits + 1)
    if before.tag == 0x02 and dice.randrange(2):
        number = -number - 1
    signed = before.tag == 0x02
    return Form(before.tag, number.to_bytes(size, "big", signed=signed), number)
