"""The outline of a received SNMP message: its limits and where its parts are. Decodes no values.

Limits what reaches pysnmp's decoder, which takes a millisecond for a trap, recurses, and raises
more types of error than it documents. Knows no socket and no key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from monitord.devices.snmp.tlv import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    content_span,
)

SIZE_MAX = 8192
"""Octets of a datagram. A trap of the largest table row in the field has a tenth of that."""
DEPTH_MAX = 8
"""A v2c message nests five deep: message, PDU, varbind list, varbind, value."""
VARBINDS_MAX = 128
VALUES_MAX = 3 * VARBINDS_MAX + 16  # a varbind has three values
STRING_MAX = 4096
INTEGER_MAX = 9
"""Octets: a Counter64 has eight and may need a leading zero."""
ARCS_MAX = 128  # RFC 3416 §2
ARC_OCTETS_MAX = 5  # 2^32 - 1 in groups of seven bits

TRAP_1, INFORM, TRAP_2 = 0xA4, 0xA6, 0xA7
_CONSTRUCTED, _LONG, _OPAQUE = 0x20, 0x80, 0x44


class Part(NamedTuple):
    """A value in a datagram: its tag at ``at``, its content from ``begin`` to ``end``."""

    tag: int
    at: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A message. ``community``, ``pdu`` (with tag and length): of v1 and v2c, else empty."""

    version: int
    community: bytes = b""
    pdu: bytes = b""
    pdu_at: int = 0


def outline(datagram: bytes) -> Outline:
    """Return the outline of a message within the limits. Raises BerError.

    Of a v3 message only the version; ``usm/messages.py`` decodes the rest.
    """
    if len(datagram) > SIZE_MAX:
        raise BerError("too long")
    message = _only_part(datagram)
    _expect(message, SEQUENCE)
    check(datagram, message)
    first, *others = parts(datagram, message.begin, message.end) or (message,)
    version = _integer(datagram, first)
    if version == 3:
        return Outline(version)
    if version not in (0, 1) or len(others) != 2:
        raise BerError("no message of a known version")
    community, pdu = others
    _expect(community, OCTET_STRING)
    word = datagram[community.begin : community.end]
    return Outline(version, word, datagram[pdu.at : pdu.end], pdu.at)


def check_pdu(pdu: bytes) -> None:
    """Raise BerError where a decrypted PDU is not within the limits."""
    check(pdu, _only_part(pdu))


def request_id(pdu: bytes) -> bytes:
    """Return the encoded request id of a PDU. Raises BerError."""
    whole = _only_part(pdu)
    first, *_ = parts(pdu, whole.begin, whole.end) or (whole,)
    _integer(pdu, first)
    return pdu[first.at : first.end]


def parts(datagram: bytes, begin: int, end: int) -> list[Part]:
    """Return the values between two places. Raises BerError where the last does not end there."""
    return list(_parts(datagram, begin, end))


def check(datagram: bytes, whole: Part) -> None:
    """Raise BerError where a value is nested too deep or too long, or there are too many."""
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
    if part.tag == OBJECT_IDENTIFIER:
        _check_oid(datagram[part.begin : part.end])
    elif part.tag in (OCTET_STRING, _OPAQUE):
        if size > STRING_MAX:
            raise BerError("a string too long")
    elif size > INTEGER_MAX:
        raise BerError("an integer too long")
    elif part.tag == INTEGER and not size:
        raise BerError("an integer without octets")


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


def _parts(datagram: bytes, at: int, end: int) -> Iterator[Part]:
    count = 0
    while at < end:
        tag = datagram[at]
        if tag & 0x1F == 0x1F:
            raise BerError("a tag of several octets")
        part = Part(tag, at, *content_span(datagram, at, end))
        yield part
        at = part.end
        count += 1
        if count > VALUES_MAX:
            raise BerError("too many values")


def _only_part(datagram: bytes) -> Part:
    found = parts(datagram, 0, len(datagram))
    if len(found) != 1:
        raise BerError(f"{len(found)} values where 1 is expected")
    return found[0]


def _expect(part: Part, tag: int) -> None:
    if part.tag != tag:
        raise BerError(f"tag 0x{part.tag:02x} where 0x{tag:02x} is expected")


def _integer(datagram: bytes, part: Part) -> int:
    _expect(part, INTEGER)
    return int.from_bytes(datagram[part.begin : part.end], "big", signed=True)
