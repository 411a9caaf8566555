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

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
TRAP_1, RESPONSE, INFORM, TRAP_2, REPORT = 0xA4, 0xA2, 0xA6, 0xA7, 0xA8
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
    """A message of v1 or v2c. ``pdu``: the octets of its PDU, tag and length included."""

    version: int
    community: bytes
    pdu: Part


@dataclass(frozen=True, slots=True)
class Outline3:
    """A message of v3 (RFC 3412 §6, RFC 3414 §2.4). ``data``: the scoped PDU, or its ciphertext.

    ``auth``: where the digest stands. ``flags``: 1 authenticated, 2 private, 4 reportable.
    """

    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    auth: Part
    salt: bytes
    data: Part


def outline(datagram: bytes) -> Outline | Outline3:
    """Return where everything is in a message that keeps the limits. Raises BerError."""
    if len(datagram) > SIZE_MAX:
        raise BerError("too long")
    (message,) = _exactly(1, datagram, 0, len(datagram))
    _expect(message, SEQUENCE)
    check(datagram, message)
    first, *others = parts(datagram, message.begin, message.end)
    version = _number(datagram, first)
    if version == 3:
        return _outline_3(datagram, others)
    if version not in (0, 1) or len(others) != 2:
        raise BerError("no message of a known version")
    community, pdu = others
    return Outline(version, _octets(datagram, community), pdu)


def _outline_3(datagram: bytes, others: list[Part]) -> Outline3:
    if len(others) != 3:
        raise BerError("no v3 message")
    header, security, data = others
    _expect(header, SEQUENCE)
    message_id, _, flags, model = _exactly(4, datagram, header.begin, header.end)
    flag_octets = _octets(datagram, flags)
    if len(flag_octets) != 1 or _number(datagram, model) != 3:
        raise BerError("another security model than the user-based")
    _expect(security, OCTETS)
    (inner,) = _exactly(1, datagram, security.begin, security.end)
    _expect(inner, SEQUENCE)
    check(datagram, inner)
    engine, boots, time, user, auth, salt = _exactly(6, datagram, inner.begin, inner.end)
    _expect(auth, OCTETS)
    return Outline3(
        message_id=_number(datagram, message_id),
        flags=flag_octets[0],
        engine_id=_octets(datagram, engine),
        boots=_number(datagram, boots),
        time=_number(datagram, time),
        user=_octets(datagram, user),
        auth=auth,
        salt=_octets(datagram, salt),
        data=data,
    )


def scoped_pdu(plain: bytes) -> tuple[bytes, bytes, Part]:
    """Return context engine, context name and PDU of a scoped PDU. Raises BerError.

    DES fills up to eight octets: what follows the sequence is left alone.
    """
    whole = _head(plain, 0, len(plain))
    _expect(whole, SEQUENCE)
    check(plain, whole)
    engine, name, pdu = _exactly(3, plain, whole.begin, whole.end)
    return _octets(plain, engine), _octets(plain, name), pdu


def request_id(datagram: bytes, pdu: Part) -> int:
    """Return the request id of a PDU that has one. Raises BerError."""
    return _number(datagram, next(iter(parts(datagram, pdu.begin, pdu.end))))


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


def _octets(datagram: bytes, part: Part) -> bytes:
    _expect(part, OCTETS)
    return datagram[part.begin : part.end]


def _number(datagram: bytes, part: Part) -> int:
    _expect(part, INTEGER)
    return int.from_bytes(datagram[part.begin : part.end], "big", signed=True)


def tlv(tag: int, *contents: bytes) -> bytes:
    """Return a value with its tag and length."""
    content = b"".join(contents)
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a number, signed, in the fewest octets."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
