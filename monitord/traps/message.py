"""The outline of a received SNMP message: who sent it and where its PDU is. Decodes no values.

Only what shows the sender has to be in order: version and community, or a v3 message. What a
trusted sender's PDU holds is for ``decode.py``. Knows no socket and no key.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitord.devices.snmp.pdus import Part, number_in, part_at
from monitord.devices.snmp.tlv import INTEGER, OCTET_STRING, SEQUENCE, BerError

SIZE_MAX = 8192
"""Octets of a datagram that are read. A trap of the largest row in the field has a tenth."""

TRAP_1, INFORM, TRAP_2 = 0xA4, 0xA6, 0xA7
KINDS = (TRAP_1, INFORM, TRAP_2)


@dataclass(frozen=True, slots=True)
class Outline:
    """A message. ``whole``: its octets, without those behind it.

    ``community``, ``pdu`` (with tag and length): of v1 and v2c, else empty. ``pdu_at``: its place;
    ``is_cut``: whether less came than the message says, or more than is read; ``is_short``: less.
    """

    version: int
    whole: bytes
    community: bytes = b""
    pdu: bytes = b""
    pdu_at: int = 0
    is_cut: bool = False
    is_short: bool = False


def outline(datagram: bytes) -> Outline:
    """Return the outline of a message. Raises BerError where it shows no sender.

    Of a v3 message only the version; ``usm/messages.py`` decodes the rest.
    """
    message = _part(datagram, 0, len(datagram), SEQUENCE)
    whole = datagram[: message.end]
    first = _part(datagram, message.begin, message.end, INTEGER)
    version = number_in(datagram, first)
    if version == 3:
        return Outline(version, whole)
    if version not in (0, 1):
        raise BerError("no message of a known version")
    name = _part(datagram, first.end, message.end, OCTET_STRING)
    if name.is_cut:
        raise BerError("a community that is cut short")
    word, pdu = datagram[name.begin : name.end], datagram[name.end : message.end]
    is_cut = message.is_cut or len(datagram) > SIZE_MAX
    return Outline(version, whole, word, pdu, name.end, is_cut, message.is_cut)


def request_id(pdu: bytes) -> bytes:
    """Return the encoded request id of a PDU. Raises BerError."""
    whole = part_at(pdu, 0, len(pdu))
    first = _part(pdu, whole.begin, whole.end, INTEGER)
    if number_in(pdu, first) is None:
        raise BerError("a request id that says no number")
    return pdu[whole.begin : first.end]


def _part(datagram: bytes, at: int, limit: int, tag: int) -> Part:
    part = part_at(datagram, at, limit)
    if part.tag != tag:
        raise BerError(f"tag 0x{part.tag:02x} where 0x{tag:02x} is expected")
    return part
