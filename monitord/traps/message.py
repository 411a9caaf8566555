"""The outside of an SNMP message: its limits, and where in it each part stands. No values.

Owns what may reach the library's decoder, which takes a millisecond for a trap, recurses, and
raises more kinds of error than it names. Knows no socket, no key and no meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

SIZE_MAX = 8192
"""Octets of a datagram. A trap of the largest table row known has a tenth of that."""
DEPTH_MAX = 8
"""A v2c message nests five deep: message, PDU, varbinds, varbind, value."""
VARBINDS_MAX = 128
VALUES_MAX = 3 * VARBINDS_MAX + 16  # a varbind is three values
STRING_MAX = 4096
INTEGER_MAX = 9
"""Octets: a Counter64 has eight and may need a zero before them."""
ARCS_MAX = 128  # RFC 3416
ARC_OCTETS_MAX = 5  # 2^32 - 1 in groups of seven bits

INTEGER, OCTETS, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x06, 0x30
TRAP_1, INFORM, TRAP_2 = 0xA4, 0xA6, 0xA7
_CONSTRUCTED, _LONG, _OPAQUE = 0x20, 0x80, 0x44


class BerError(ValueError):
    """Octets that are not the message they should be, or more of it than is taken."""


class Part(NamedTuple):
    """A value in a datagram: where its tag stands, and its content from ``begin`` to ``end``."""

    tag: int
    at: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A message. ``community``, ``pdu`` (tag and length included): of v1 and v2c, else empty."""

    version: int
    community: bytes = b""
    pdu: bytes = b""
    pdu_at: int = 0


def outline(datagram: bytes) -> Outline:
    """Return what a message is, when it keeps the limits. Raises BerError.

    Of v3 only the outside is looked at: its parts are read by ``usm_messages``.
    """
    if len(datagram) > SIZE_MAX:
        raise BerError("too long")
    (message,) = _exactly(1, datagram, 0, len(datagram))
    _expect(message, SEQUENCE)
    check(datagram, message)
    first, *others = parts(datagram, message.begin, message.end) or (message,)
    version = _number(datagram, first)
    if version == 3:
        return Outline(version)
    if version not in (0, 1) or len(others) != 2:
        raise BerError("no message of a known version")
    community, pdu = others
    _expect(community, OCTETS)
    words = datagram[community.begin : community.end]
    return Outline(version, words, datagram[pdu.at : pdu.end], pdu.at)


def check_pdu(pdu: bytes) -> None:
    """Raise BerError where a PDU that was taken out of something does not keep the limits."""
    (whole,) = _exactly(1, pdu, 0, len(pdu))
    check(pdu, whole)


def request_id(pdu: bytes) -> bytes:
    """Return the request id of a PDU as it is encoded. Raises BerError."""
    (whole,) = _exactly(1, pdu, 0, len(pdu))
    first, *_ = parts(pdu, whole.begin, whole.end) or (whole,)
    _number(pdu, first)
    return pdu[first.at : first.end]


def parts(datagram: bytes, begin: int, end: int) -> list[Part]:
    """Return the values in a row. Raises BerError where one does not end in time."""
    return list(_in_a_row(datagram, begin, end))


def check(datagram: bytes, whole: Part) -> None:
    """Raise BerError where a value, or what is in it, is deeper, longer or more than is taken."""
    left = VALUES_MAX
    level = [whole]
    for _ in range(DEPTH_MAX):
        below: list[Part] = []
        for part in level:
            if part.tag & _CONSTRUCTED:
                inner = parts(datagram, part.begin, part.end)
                left -= len(inner)
                below += inner
            else:
                _check_primitive(datagram, part)
            if left < 0:
                raise BerError("too many values")
        level = below
        if not level:
            return
    raise BerError("nested too deep")


def _check_primitive(datagram: bytes, part: Part) -> None:
    size = part.end - part.begin
    if part.tag == OBJECT_ID:
        _check_oid(datagram[part.begin : part.end])
    elif part.tag in (OCTETS, _OPAQUE):
        if size > STRING_MAX:
            raise BerError("a string too long")
    elif size > INTEGER_MAX:
        raise BerError("a number too long")
    elif part.tag == INTEGER and not size:
        raise BerError("a number without octets")


def _check_oid(content: bytes) -> None:
    if not content or content[-1] & _LONG:
        raise BerError("an OID that does not end")
    arcs, octets = 0, 0
    for octet in content:
        octets += 1
        if octets > ARC_OCTETS_MAX:
            raise BerError("an OID with an arc too long")
        if not octet & _LONG:
            arcs, octets = arcs + 1, 0
    if arcs >= ARCS_MAX:
        raise BerError("an OID too long")


def _in_a_row(datagram: bytes, at: int, end: int) -> Iterator[Part]:
    count = 0
    while at < end:
        part = _head(datagram, at, end)
        yield part
        at = part.end
        count += 1
        if count > VALUES_MAX:
            raise BerError("too many values")


def _head(datagram: bytes, at: int, end: int) -> Part:
    if at + 2 > end:
        raise BerError("a value without a length")
    tag, size = datagram[at], datagram[at + 1]
    begin = at + 2
    if tag & 0x1F == 0x1F:
        raise BerError("a tag of several octets")
    if size >= _LONG:
        octets = size & 0x7F
        # Four zero octets before the length are seen in the field; the endless form is not SNMP.
        if not 1 <= octets <= 4 or begin + octets > end:
            raise BerError("a length that is none")
        size = int.from_bytes(datagram[begin : begin + octets], "big")
        begin += octets
    if size > end - begin:
        raise BerError("a value that ends behind its message")
    return Part(tag, at, begin, begin + size)


def _exactly(count: int, datagram: bytes, begin: int, end: int) -> list[Part]:
    found = parts(datagram, begin, end)
    if len(found) != count:
        raise BerError(f"{len(found)} values where {count} must stand")
    return found


def _expect(part: Part, tag: int) -> None:
    if part.tag != tag:
        raise BerError(f"tag {part.tag:#x} where {tag:#x} must stand")


def _number(datagram: bytes, part: Part) -> int:
    _expect(part, INTEGER)
    return int.from_bytes(datagram[part.begin : part.end], "big", signed=True)
