"""Reads and writes the BER encoding of SNMP v1 and v2c messages.

Owns the encoding only. Must not know what an object means, nor any socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Oid = tuple[int, ...]

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
# RFC 3416: exceptions in place of a value, and the types of a value.
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW = 0x80, 0x81, 0x82
TAGS = {
    "integer": INTEGER,
    "octets": OCTETS,
    "oid": OBJECT_ID,
    "ip_address": 0x40,
    "counter32": 0x41,
    "gauge32": 0x42,
    "timeticks": 0x43,
    "opaque": 0x44,
    "counter64": 0x46,
    "null": NULL,
}
_LONG = 0x80


class BerError(ValueError):
    """Bytes that are no valid message."""


def tlv(tag: int, content: bytes) -> bytes:
    """Return a value with its tag and its length."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a number in the fewest bytes; it is signed whatever its tag."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def object_id(oid: Oid) -> bytes:
    """Return an OID; its first two arcs share a byte."""
    first, second, *rest = oid
    return tlv(OBJECT_ID, b"".join(map(_arc, (first * 40 + second, *rest))))


def typed(syntax: str, value: object) -> bytes:
    """Return a value of one of the syntaxes in ``TAGS``."""
    tag = TAGS[syntax]
    match value:
        case str():
            return tlv(tag, value.encode("utf-8"))
        case bytes():
            return tlv(tag, value)
        case tuple():
            return object_id(value)
        case int():
            return integer(value, tag)
        case _:
            raise TypeError(f"{value!r} has no {syntax}")


def parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (tag, content) of each value in a row. Raises BerError where one is cut off."""
    at = 0
    while at < len(content):
        tag, size, begin = _head(content, at)
        at = begin + size
        if at > len(content):
            raise BerError("a value ends behind its message")
        yield tag, content[begin:at]


def take(found: tuple[int, bytes], *tags: int) -> bytes:
    """Return the content of a value that must have one of these tags."""
    if found[0] not in tags:
        raise BerError(f"tag {found[0]:#x} where {tags[0]:#x} is due")
    return found[1]


def read_integer(content: bytes) -> int:
    """Return a signed number."""
    return int.from_bytes(content, "big", signed=True)


def read_object_id(content: bytes) -> Oid:
    """Return an OID's arcs."""
    arcs: list[int] = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if byte < _LONG:
            arcs.append(arc)
            arc = 0
    if not arcs or content[-1] >= _LONG:
        raise BerError("an OID that does not end")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - first * 40, *arcs[1:])


def joined(values: Sequence[bytes], tag: int = SEQUENCE) -> bytes:
    """Return values as one."""
    return tlv(tag, b"".join(values))


def _head(content: bytes, at: int) -> tuple[int, int, int]:
    """Return (tag, length, where the value begins)."""
    try:
        tag, size = content[at], content[at + 1]
        if size < _LONG:
            return tag, size, at + 2
        begin = at + 2 + (size & 0x7F)
        length = content[at + 2 : begin]
    except IndexError:
        raise BerError("a value without a length") from None
    if not 1 <= len(length) <= 4:
        raise BerError("a length of unreasonable length")
    return tag, int.from_bytes(length, "big"), begin


def _arc(arc: int) -> bytes:
    low_first = [arc & 0x7F]
    while arc := arc >> 7:
        low_first.append(arc & 0x7F | _LONG)
    return bytes(reversed(low_first))
