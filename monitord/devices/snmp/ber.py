"""The fast, checked decoder of the response to one GET. Knows no socket and no time.

It decodes the usual forms of RFC 3416 (PDU), RFC 2578 (types) and X.690 (octets). Where a response
is not built as usual it rejects the whole, with a reason, and ``pdus.py`` reads it. A value that
its octets do not say is None, with its reason in ``problems``; the others keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

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
from monitord.devices.snmp.values import VALUE_DECODERS, Oid, UnreadableError, value_of

VERSION_1 = 0
VERSION_2C = 1
REQUEST_ID_OCTETS = 4

_RESPONSE = 0xA2
_FOUR_OCTET_INTEGER = b"\x02\x04"
# error-status 0, error-index 0: ``pdus.py`` reads every other form.
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"


class FastDecodeError(Exception):
    """The fast decoder rejects a datagram. ``reason``: where, without content of the datagram."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParsedResponse(NamedTuple):
    """One whole response.

    ``values``: in the order requested. ``starts`` and ``stops``: where the octets of each value are
    in the datagram; ``tags``: their types. ``body_at``: the first octet after the request id.
    ``problems``: why values have none, by place. ``surplus``: octets that follow the message.
    """

    values: list[Raw]
    starts: list[int]
    stops: list[int]
    tags: bytes
    body_at: int
    problems: dict[int, str]
    surplus: int


@dataclass(frozen=True, slots=True)
class ResponseParser:
    """Parses the responses to one GET; what they must contain is encoded once.

    ``version`` and ``community``: their octets before the PDU, both empty for a PDU without a
    message. ``oids``: the encoded OID of each varbind, in the order requested.
    """

    version: bytes
    community: bytes = field(repr=False)
    oids: tuple[bytes, ...]

    def parse(self, datagram: bytes, request_id: bytes) -> ParsedResponse:
        """Return the response with this request id (four octets).

        Raises FastDecodeError.
        """
        try:
            at, end = self._pdu_at(datagram) if self.version else (0, len(datagram))
            at = _body_at(datagram, at, end, request_id)
            return self._varbinds(datagram, at, end)
        except IndexError:
            raise FastDecodeError("it is cut short") from None
        except BerError as error:
            raise FastDecodeError(str(error)) from None

    def _pdu_at(self, datagram: bytes) -> tuple[int, int]:
        """Check version and community; return where the PDU begins and the message ends."""
        if datagram[0] != SEQUENCE:
            _reject("it is no message")
        size = datagram[1]
        at = 2
        if size > 0x7F:
            at, size = long_length(datagram, at, size)
        end = at + size
        if end > len(datagram):
            _reject("the message ends behind the datagram")
        if not datagram.startswith(self.version, at):
            _reject("SNMP version is not ours")
        at += len(self.version)
        if not datagram.startswith(self.community, at):
            _reject("community is not ours")
        return at + len(self.community), end

    def _varbinds(self, datagram: bytes, body_at: int, end: int) -> ParsedResponse:
        """Decode the varbind list; check every length."""
        if not datagram.startswith(_NO_ERROR, body_at):
            _reject("error status or index is not 0")
        at = _to_the_end(datagram, body_at + len(_NO_ERROR), end, SEQUENCE, "varbind list")
        decoders = VALUE_DECODERS
        values: list[Raw] = []
        starts: list[int] = []
        stops: list[int] = []
        tags = bytearray()
        problems: dict[int, str] = {}
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
            if at + size != stop or stop > end:
                _reject("a value does not fill its varbind")
            try:
                values.append(decoders[tag](datagram[at:stop]))
            except (KeyError, UnreadableError):
                values.append(None)
                problems[len(values) - 1] = _problem(tag, datagram[at:stop])
            starts.append(at)
            stops.append(stop)
            tags.append(tag)
            at = stop
        if at != end:
            _reject("the varbinds do not end with the message")
        surplus = len(datagram) - end
        return ParsedResponse(values, starts, stops, bytes(tags), body_at, problems, surplus)


def _problem(tag: int, content: bytes) -> str:
    """Return why a value cannot be read."""
    try:
        value_of(tag, content)
    except UnreadableError as error:
        return str(error)
    raise AssertionError("a value is read now that was not")


def message_parser(version: int, community: bytes, oids: tuple[Oid, ...]) -> ResponseParser:
    """Return the parser of responses to a v1 or v2c GET of these OIDs, as whole messages."""
    encoded_community = encoded(OCTET_STRING, community)
    return ResponseParser(bytes((2, 1, version)), encoded_community, _encoded(oids))


def pdu_parser(oids: tuple[Oid, ...]) -> ResponseParser:
    """Return the parser of responses to a GET of these OIDs, as PDUs of v2c or v3."""
    return ResponseParser(b"", b"", _encoded(oids))


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


def _body_at(datagram: bytes, at: int, end: int, request_id: bytes) -> int:
    """Check tag and request id of the response PDU; return the first octet after the id."""
    at = _to_the_end(datagram, at, end, _RESPONSE, "response")
    if not datagram.startswith(_FOUR_OCTET_INTEGER + request_id, at):
        _reject("request id is not ours")
    return at + len(_FOUR_OCTET_INTEGER) + REQUEST_ID_OCTETS


def _to_the_end(datagram: bytes, at: int, end: int, tag: int, what: str) -> int:
    """Check a value that ends with the message; return where its content begins."""
    if datagram[at] != tag:
        _reject(f"it is no {what}")
    size = datagram[at + 1]
    at += 2
    if size > 0x7F:
        at, size = long_length(datagram, at, size)
    if at + size != end:
        _reject(f"the {what} does not end with the message")
    return at
