"""A second reading of SNMP messages: from X.690 and RFC 3416, by slicing. Shares no code.

Neither the readers of monitord nor pysnmp are used here: what both readings agree on is what the
octets say. A value that its octets do not say is ``NOTHING``, as is an absent one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

NOTHING = None
Value = int | float | str | bytes | None
BITS = {0x41: 32, 0x42: 32, 0x43: 32, 0x47: 32, 0x46: 64}
ABSENT = (0x05, 0x80, 0x81, 0x82)


class NotBerError(Exception):
    """Octets without a tag and a length."""


@dataclass
class Message:
    """What a message says; ``names`` and ``values`` by varbind. ``has_problem``: by varbind."""

    version: int
    community: bytes
    kind: int
    numbers: list[int | None]
    names: list[str | None]
    values: list[Value]
    has_problem: list[bool]


def cut(octets: bytes) -> tuple[int, bytes, bytes, bool]:
    """Return tag, content, rest of the first value, and whether its end is missing."""
    if len(octets) < 2:
        raise NotBerError
    tag, size, rest = octets[0], octets[1], octets[2:]
    if size >= 128:
        count = size - 128
        if not 1 <= count <= 4 or len(rest) < count:
            raise NotBerError
        size, rest = int(rest[:count].hex(), 16), rest[count:]
    return tag, rest[:size], rest[size:], size > len(rest)


def number(content: bytes, *, signed: bool) -> int:
    """Return a number digit by digit."""
    total = 0
    for octet in content:
        total = total * 256 + octet
    return total - 256 ** len(content) if signed and content[0] >= 128 else total


def dotted(content: bytes) -> str | None:
    """Return an OID, None where its octets name none."""
    arcs: list[int] = []
    digits: list[int] = []
    for octet in content:
        if not digits and octet == 128:
            return None
        digits.append(octet % 128)
        if octet < 128:
            arcs.append(sum(digit * 128**place for place, digit in enumerate(reversed(digits))))
            digits = []
    if digits or not arcs or len(arcs) > 127 or max(arcs[1:], default=0) >= 2**32:
        return None
    first = 0 if arcs[0] < 40 else 1 if arcs[0] < 80 else 2
    second = arcs[0] - 40 * first
    return None if arcs[0] >= 2**32 + 80 else ".".join(map(str, (first, second, *arcs[1:])))


def value(tag: int, content: bytes) -> tuple[Value, bool]:
    """Return a value, and whether its octets say none."""
    if tag == 0x02:
        if not 1 <= len(content) <= 16:
            return NOTHING, True
        signed = number(content, signed=True)
        return (signed, False) if -(2**31) <= signed < 2**31 else (NOTHING, True)
    if tag in BITS:
        if not 1 <= len(content) <= 16:
            return NOTHING, True
        plain = number(content, signed=False)
        return (plain, False) if plain < 2 ** BITS[tag] else (NOTHING, True)
    if tag in ABSENT:
        return NOTHING, content != b""
    if tag == 0x04:
        return content, False
    if tag == 0x40:
        return (".".join(map(str, content)), False) if len(content) == 4 else (NOTHING, True)
    if tag == 0x06:
        name = dotted(content)
        return name, name is None
    return opaque(content) if tag == 0x44 else (NOTHING, True)


def opaque(content: bytes) -> tuple[Value, bool]:
    """Return the float of net-snmp, or the octets."""
    for start, letter, size in ((b"\x9f\x78", ">f", 4), (b"\x9f\x79", ">d", 8)):
        if content.startswith(start):
            if len(content) == 3 + size and content[2] == size:
                return struct.unpack(letter, content[3:])[0], False
            return NOTHING, True
    return content, False


def varbind(tag: int, content: bytes, is_cut: bool) -> tuple[str | None, Value, bool]:
    """Return name, value, and whether there is a problem."""
    try:
        name_tag, name_octets, rest, name_cut = cut(content)
        name = dotted(name_octets)
        if tag != 0x30 or name_tag != 0x06 or name_cut or name is None:
            return None, NOTHING, True
    except NotBerError:
        return None, NOTHING, True
    try:
        value_tag, octets, more, value_cut = cut(rest)
    except NotBerError:
        return name, NOTHING, True
    if is_cut or value_cut or more:
        return name, NOTHING, True
    return name, *value(value_tag, octets)


def pdu(octets: bytes) -> tuple[int, list[int | None], list[tuple[str | None, Value, bool]]]:
    """Return kind, three numbers and the varbinds. Raises NotBerError."""
    kind, content, _, _ = cut(octets)
    numbers: list[int | None] = []
    for _ in range(3):
        tag, digits, content, is_cut = cut(content)
        is_number = tag == 0x02 and not is_cut and 1 <= len(digits) <= 16
        numbers.append(number(digits, signed=True) if is_number else None)
    found: list[tuple[str | None, Value, bool]] = []
    try:
        tag, listed, _, _ = cut(content)
        while tag == 0x30 and listed:
            inner, body, listed, is_cut = cut(listed)
            found.append(varbind(inner, body, is_cut))
    except NotBerError:
        pass  # what cannot be split ends the list
    return kind, numbers, found


def message(octets: bytes) -> Message | None:
    """Return what a message of v1 or v2c says, None where it is none."""
    try:
        tag, content, _, is_cut = cut(octets)
        version_tag, version, content, _ = cut(content)
        word_tag, community, content, _ = cut(content)
        if is_cut or (tag, version_tag, word_tag) != (0x30, 0x02, 0x04) or not version:
            return None
        kind, numbers, found = pdu(content)
    except NotBerError:
        return None
    names, values, problems = zip(*found, strict=True) if found else ((), (), ())
    whole = number(version, signed=True)
    return Message(whole, community, kind, numbers, list(names), list(values), list(problems))
