"""The fast, checked decoder of the response to one GET. Knows no socket and no time.

It decodes the usual forms of RFC 3416 (PDU), RFC 2578 (types) and X.690 (octets) and rejects every
other one with a reason; pysnmp then decodes what was rejected. For every datagram it accepts,
pysnmp gives the same values (tests prove it). It rejects forms that only hostile or broken encoders
use: indefinite lengths, overlong numbers, trailing octets.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from monitord.decoding.rules import Raw
from monitord.devices.snmp.tlv import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    encoded,
    encoded_length,
    long_length,
)

Oid = tuple[int, ...]
ValueDecoder = Callable[[bytes], Raw]

VERSION_1 = 0
VERSION_2C = 1
REQUEST_ID_OCTETS = 4

_RESPONSE = 0xA2
_FOUR_OCTET_INTEGER = b"\x02\x04"
# error-status 0, error-index 0: pysnmp decodes every other form.
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_SUBIDENTIFIERS_MAX = 128
_SUBIDENTIFIER_MAX = 2**32 - 1
_OPAQUE_FLOATS: Final = MappingProxyType(
    {b"\x9f\x78\x04": struct.Struct(">f"), b"\x9f\x79\x08": struct.Struct(">d")}
)


class FastDecodeError(Exception):
    """The fast decoder rejects a datagram. ``reason``: where, without content of the datagram."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParsedResponse(NamedTuple):
    """One whole response.

    ``values``: in the order requested. ``starts`` and ``stops``: where the octets of each value are
    in the datagram; ``tags``: their types. ``body_at``: the first octet after the request id.
    """

    values: list[Raw]
    starts: list[int]
    stops: list[int]
    tags: bytes
    body_at: int


@dataclass(frozen=True, slots=True)
class ResponseParser:
    """Parses the responses to one GET; what they must contain is encoded once.

    ``version`` and ``community``: their octets before the PDU, both empty for a PDU without a
    message. ``oids``: the encoded OID of each varbind, in the order requested. ``decoders``: by
    tag, the value types of this SNMP version.
    """

    version: bytes
    community: bytes = field(repr=False)
    oids: tuple[bytes, ...]
    decoders: Mapping[int, ValueDecoder] = field(repr=False, compare=False)

    def parse(self, datagram: bytes, request_id: bytes) -> ParsedResponse:
        """Return the response with this request id (four octets).

        Raises FastDecodeError.
        """
        try:
            at = self._pdu_at(datagram) if self.version else 0
            at = _body_at(datagram, at, request_id)
            return self._varbinds(datagram, at)
        except IndexError:
            raise FastDecodeError("it is cut short") from None
        except BerError as error:
            raise FastDecodeError(str(error)) from None

    def _pdu_at(self, datagram: bytes) -> int:
        """Check version and community; return where the PDU begins."""
        at = _to_the_end(datagram, 0, SEQUENCE, "message")
        if not datagram.startswith(self.version, at):
            _reject("SNMP version is not ours")
        at += len(self.version)
        if not datagram.startswith(self.community, at):
            _reject("community is not ours")
        return at + len(self.community)

    def _varbinds(self, datagram: bytes, body_at: int) -> ParsedResponse:
        """Decode the varbind list; check every length."""
        if not datagram.startswith(_NO_ERROR, body_at):
            _reject("error status or index is not 0")
        at = _to_the_end(datagram, body_at + len(_NO_ERROR), SEQUENCE, "varbind list")
        decoders = self.decoders
        values: list[Raw] = []
        starts: list[int] = []
        stops: list[int] = []
        tags = bytearray()
        for oid in self.oids:
            if datagram[at] != SEQUENCE:
                _reject("a varbind is no sequence")
            size = datagram[at + 1]
            at += 2
            if size > 0x7F:
                at, size = long_length(datagram, at, size)
            stop = at + size
            if not datagram.startswith(oid, at):
                _reject("a varbind has another OID than requested")
            at += len(oid)
            tag = datagram[at]
            size = datagram[at + 1]
            at += 2
            if size > 0x7F:
                at, size = long_length(datagram, at, size)
            if at + size != stop:
                _reject("a value does not fill its varbind")
            decode = decoders.get(tag)
            if decode is None:
                _reject(f"type 0x{tag:02x} is not decoded")
            values.append(decode(datagram[at:stop]))
            starts.append(at)
            stops.append(stop)
            tags.append(tag)
            at = stop
        # A value that claims octets beyond the end fails here too: ``at`` is behind the end.
        if at != len(datagram):
            _reject("the varbinds do not end with the datagram")
        return ParsedResponse(values, starts, stops, bytes(tags), body_at)


def message_parser(version: int, community: bytes, oids: tuple[Oid, ...]) -> ResponseParser:
    """Return the parser of responses to a v1 or v2c GET of these OIDs, as whole messages."""
    decoders = VALUE_DECODERS_V1 if version == VERSION_1 else VALUE_DECODERS
    encoded_community = encoded(OCTET_STRING, community)
    return ResponseParser(bytes((2, 1, version)), encoded_community, _encoded(oids), decoders)


def pdu_parser(oids: tuple[Oid, ...]) -> ResponseParser:
    """Return the parser of responses to a GET of these OIDs, as PDUs of v2c or v3."""
    return ResponseParser(b"", b"", _encoded(oids), VALUE_DECODERS)


def _encoded(oids: tuple[Oid, ...]) -> tuple[bytes, ...]:
    return tuple(encoded_oid(oid) for oid in oids)


def encoded_oid(oid: Oid) -> bytes:
    """Return the tag, length and octets of an OID of two or more arcs (X.690 §8.19)."""
    first, second, *others = oid
    octets = b"".join(map(_subidentifier, (first * 40 + second, *others)))
    return bytes((OBJECT_IDENTIFIER,)) + encoded_length(len(octets)) + octets


def _subidentifier(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))


def _reject(reason: str) -> NoReturn:
    raise FastDecodeError(reason)


def _body_at(datagram: bytes, at: int, request_id: bytes) -> int:
    """Check tag and request id of the response PDU; return the first octet after the id."""
    at = _to_the_end(datagram, at, _RESPONSE, "response")
    if not datagram.startswith(_FOUR_OCTET_INTEGER + request_id, at):
        _reject("request id is not ours")
    return at + len(_FOUR_OCTET_INTEGER) + REQUEST_ID_OCTETS


def _to_the_end(datagram: bytes, at: int, tag: int, what: str) -> int:
    """Check a value that ends with the datagram; return where its content begins."""
    if datagram[at] != tag:
        _reject(f"it is no {what}")
    size = datagram[at + 1]
    at += 2
    if size > 0x7F:
        at, size = long_length(datagram, at, size)
    if at + size != len(datagram):
        _reject(f"the {what} does not end with the datagram")
    return at


def _integer(content: bytes) -> int:
    """INTEGER (Integer32): one to four octets."""
    if not 1 <= len(content) <= 4:
        _reject("an INTEGER of no or over four octets")
    return int.from_bytes(content, "big", signed=True)


def _unsigned(content: bytes) -> int:
    """Counter32, Gauge32, TimeTicks: up to four octets, or five with a leading zero."""
    if not 1 <= len(content) <= 5 or content[0] > (0x7F if len(content) < 5 else 0):
        _reject("an unsigned number that is negative or too long")
    return int.from_bytes(content, "big")


def _counter64(content: bytes) -> int:
    """Counter64: up to eight octets, or nine with a leading zero."""
    if not 1 <= len(content) <= 9 or content[0] > (0x7F if len(content) < 9 else 0):
        _reject("a Counter64 that is negative or too long")
    return int.from_bytes(content, "big")


def _absent(content: bytes) -> None:
    """NULL or an exception of RFC 3416 §3: noSuchObject, noSuchInstance, endOfMibView."""
    if content:
        _reject("an absent value with content")


def _ip_address(content: bytes) -> str:
    if len(content) != 4:
        _reject("an IpAddress that is not of four octets")
    return ".".join(map(str, content))


def _object_identifier(content: bytes) -> str:
    """Return an OID in dotted form; only its shortest encoding is accepted."""
    if not content or content[-1] > 0x7F:
        _reject("an OBJECT IDENTIFIER that is empty or cut short")
    numbers: list[int] = []
    number, is_first_octet = 0, True
    for octet in content:
        if is_first_octet and octet == 0x80:
            _reject("an OBJECT IDENTIFIER with an overlong number")
        number = number << 7 | octet & 0x7F
        is_first_octet = octet < 0x80
        # The first subidentifier is 40 times the first arc (0 to 2) plus the second.
        if number > _SUBIDENTIFIER_MAX + (0 if numbers else 80):
            _reject("an OBJECT IDENTIFIER with a number over 32 bits")
        if is_first_octet:
            numbers.append(number)
            number = 0
    if len(numbers) >= _SUBIDENTIFIERS_MAX:
        _reject("an OBJECT IDENTIFIER with too many numbers")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))


def opaque_from(content: bytes) -> float | bytes:
    """Return the float that net-snmp wraps in an Opaque (NET-SNMP-TC), or the octets unchanged."""
    layout = _OPAQUE_FLOATS.get(content[:3])
    if layout is None or len(content) != 3 + layout.size:
        return content
    number: float = layout.unpack_from(content, 3)[0]
    return number


VALUE_DECODERS_V1: Final[Mapping[int, ValueDecoder]] = MappingProxyType(
    {
        0x02: _integer,
        0x04: bytes,  # OCTET STRING
        0x05: _absent,
        0x06: _object_identifier,
        0x40: _ip_address,
        0x41: _unsigned,
        0x42: _unsigned,
        0x43: _unsigned,
        0x44: opaque_from,
    }
)
"""The types of v1, by tag."""
VALUE_DECODERS: Final[Mapping[int, ValueDecoder]] = MappingProxyType(
    {**VALUE_DECODERS_V1, 0x46: _counter64, 0x80: _absent, 0x81: _absent, 0x82: _absent}
)
"""The types of v2c and v3, by tag."""
