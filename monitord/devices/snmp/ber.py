"""Checked decoding of the answer to one GET. Owns octets and lengths; knows no socket and no time.

It understands what agents send every second and refuses the rest with a reason: what is refused
goes to pysnmp, nothing is guessed. Whatever is accepted, pysnmp decodes to the same values (held by
tests). RFC 3416 for the PDU, RFC 2578 for the types, X.690 for the octets; forms that only hostile
or broken encoders use (indefinite lengths, overlong numbers, trailing octets) are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from monitord.decoding.rules import Raw

Oid = tuple[int, ...]
Decode = Callable[[bytes], Raw]

VERSION_1 = 0
VERSION_2C = 1
REQUEST_ID_OCTETS = 4

_SEQUENCE = 0x30
_RESPONSE = 0xA2
_FOUR_OCTET_INTEGER = b"\x02\x04"
# error-status 0, error-index 0: whatever else an agent says of errors is pysnmp's to read.
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
# Longer than any datagram needs; the length octets of a hostile one are not counted out.
_LENGTH_OCTETS_MAX = 3
_SUBIDENTIFIERS_MAX = 128
_SUBIDENTIFIER_MAX = 2**32 - 1
_OPAQUE_FLOATS: Final = MappingProxyType(
    {b"\x9f\x78\x04": struct.Struct(">f"), b"\x9f\x79\x08": struct.Struct(">d")}
)


class NotUnderstoodError(Exception):
    """A datagram that this decoder does not take. ``reason``: what it stumbled over, no content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Parsed(NamedTuple):
    """One whole answer.

    ``values`` in the order asked. ``starts`` and ``stops``: where the octets of each value stand in
    the datagram, ``tags`` their types. ``body_at``: the first octet after the request id.
    """

    values: list[Raw]
    starts: list[int]
    stops: list[int]
    tags: bytes
    body_at: int


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is held against, encoded once.

    ``version`` and ``community``: their octets in front of the PDU, both empty where a PDU comes
    bare. ``names``: the octets of each object's name, in the order asked. ``kinds``: how the values
    of this version are decoded, by tag.
    """

    version: bytes
    community: bytes = field(repr=False)
    names: tuple[bytes, ...]
    kinds: Mapping[int, Decode] = field(repr=False, compare=False)

    def parse(self, datagram: bytes, request_id: bytes) -> Parsed:
        """Return the answer to this question, asked under ``request_id`` (four octets).

        Raises NotUnderstoodError.
        """
        try:
            at = self._open(datagram) if self.version else 0
            at = _open_pdu(datagram, at, request_id)
            return self._take(datagram, at)
        except IndexError:
            raise NotUnderstoodError("it is cut short") from None

    def _open(self, datagram: bytes) -> int:
        """Check what stands around the PDU; return where that begins."""
        at = _whole(datagram, 0, _SEQUENCE, "message")
        if not datagram.startswith(self.version, at):
            _refuse("SNMP version is not ours")
        at += len(self.version)
        if not datagram.startswith(self.community, at):
            _refuse("community is not ours")
        return at + len(self.community)

    def _take(self, datagram: bytes, body_at: int) -> Parsed:
        """Take the values out of the list of varbinds, every length checked."""
        if not datagram.startswith(_NO_ERROR, body_at):
            _refuse("error status or index is not 0")
        at = _whole(datagram, body_at + len(_NO_ERROR), _SEQUENCE, "list of objects")
        kinds = self.kinds
        values: list[Raw] = []
        starts: list[int] = []
        stops: list[int] = []
        tags = bytearray()
        for name in self.names:
            if datagram[at] != _SEQUENCE:
                _refuse("an object is no sequence")
            size = datagram[at + 1]
            at += 2
            if size > 0x7F:
                at, size = _long_length(datagram, at, size)
            stop = at + size
            if not datagram.startswith(name, at):
                _refuse("an object is not the one asked")
            at += len(name)
            tag = datagram[at]
            size = datagram[at + 1]
            at += 2
            if size > 0x7F:
                at, size = _long_length(datagram, at, size)
            if at + size != stop:
                _refuse("a value does not fill its object")
            decode = kinds.get(tag)
            if decode is None:
                _refuse(f"type 0x{tag:02x} is not taken")
            values.append(decode(datagram[at:stop]))
            starts.append(at)
            stops.append(stop)
            tags.append(tag)
            at = stop
        # Also where a value claims octets beyond the end: then the end is overshot for good.
        if at != len(datagram):
            _refuse("the objects do not end with it")
        return Parsed(values, starts, stops, bytes(tags), body_at)


def message_question(version: int, community: bytes, oids: tuple[Oid, ...]) -> Question:
    """Return what the answer to a v1 or v2c GET of these objects is held against."""
    kinds = KINDS_1 if version == VERSION_1 else KINDS
    length = _encoded_length(len(community))
    return Question(bytes((2, 1, version)), b"\x04" + length + community, _names(oids), kinds)


def pdu_question(oids: tuple[Oid, ...]) -> Question:
    """Return what a bare response PDU is held against, as v3 has it once it is decrypted."""
    return Question(b"", b"", _names(oids), KINDS)


def _names(oids: tuple[Oid, ...]) -> tuple[bytes, ...]:
    return tuple(encoded_oid(oid) for oid in oids)


def encoded_oid(oid: Oid) -> bytes:
    """Return the tag, length and octets of an OID of at least two numbers."""
    first, second, *others = oid
    octets = b"".join(map(_subidentifier, (first * 40 + second, *others)))
    return b"\x06" + _encoded_length(len(octets)) + octets


def _subidentifier(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))


def _encoded_length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def _refuse(reason: str) -> NoReturn:
    raise NotUnderstoodError(reason)


def _open_pdu(datagram: bytes, at: int, request_id: bytes) -> int:
    """Check that the rest is a response to this request; return where its body begins."""
    at = _whole(datagram, at, _RESPONSE, "response")
    if not datagram.startswith(_FOUR_OCTET_INTEGER + request_id, at):
        _refuse("request id is not ours")
    return at + len(_FOUR_OCTET_INTEGER) + REQUEST_ID_OCTETS


def _whole(datagram: bytes, at: int, tag: int, what: str) -> int:
    """Check a tag whose content ends with the datagram; return where the content begins."""
    if datagram[at] != tag:
        _refuse(f"it is no {what}")
    size = datagram[at + 1]
    at += 2
    if size > 0x7F:
        at, size = _long_length(datagram, at, size)
    if at + size != len(datagram):
        _refuse(f"the {what} does not end with it")
    return at


def _long_length(datagram: bytes, at: int, first: int) -> tuple[int, int]:
    """Return where the content begins, and its size, of a length whose first octet is over 0x7f."""
    count = first & 0x7F
    if not 1 <= count <= _LENGTH_OCTETS_MAX:
        _refuse("a length is indefinite or too long")
    if at + count > len(datagram):
        _refuse("it is cut short")
    return at + count, int.from_bytes(datagram[at : at + count], "big")


def _integer(content: bytes) -> int:
    if not 1 <= len(content) <= 4:
        _refuse("an INTEGER of no or over four octets")
    return int.from_bytes(content, "big", signed=True)


def _unsigned(content: bytes) -> int:
    """A Counter32, Gauge32 or TimeTicks: four octets, and a zero before them where one is due."""
    if not 1 <= len(content) <= 5 or content[0] > (0x7F if len(content) < 5 else 0):
        _refuse("an unsigned number that is negative or too long")
    return int.from_bytes(content, "big")


def _counter64(content: bytes) -> int:
    if not 1 <= len(content) <= 9 or content[0] > (0x7F if len(content) < 9 else 0):
        _refuse("a Counter64 that is negative or too long")
    return int.from_bytes(content, "big")


def _nothing(content: bytes) -> None:
    """A NULL or one of the exceptions: noSuchObject, noSuchInstance, endOfMibView."""
    if content:
        _refuse("an absent value with content")


def _ip_address(content: bytes) -> str:
    if len(content) != 4:
        _refuse("an IpAddress that is not of four octets")
    return ".".join(map(str, content))


def _object_identifier(content: bytes) -> str:
    """Return an OID as people write it; its shortest encoding alone is taken."""
    if not content or content[-1] > 0x7F:
        _refuse("an OBJECT IDENTIFIER that is empty or cut short")
    numbers: list[int] = []
    number, is_first_octet = 0, True
    for octet in content:
        if is_first_octet and octet == 0x80:
            _refuse("an OBJECT IDENTIFIER with an overlong number")
        number = number << 7 | octet & 0x7F
        is_first_octet = octet < 0x80
        # The first number of the octets holds two: 40 times the first, which is 2 at most.
        if number > _SUBIDENTIFIER_MAX + (0 if numbers else 80):
            _refuse("an OBJECT IDENTIFIER with a number over 32 bits")
        if is_first_octet:
            numbers.append(number)
            number = 0
    if len(numbers) >= _SUBIDENTIFIERS_MAX:
        _refuse("an OBJECT IDENTIFIER with too many numbers")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))


def opaque_from(content: bytes) -> float | bytes:
    """Return the float that net-snmp wraps in an Opaque, or the octets as they are."""
    layout = _OPAQUE_FLOATS.get(content[:3])
    if layout is None or len(content) != 3 + layout.size:
        return content
    number: float = layout.unpack_from(content, 3)[0]
    return number


KINDS_1: Final[Mapping[int, Decode]] = MappingProxyType(
    {
        0x02: _integer,
        0x04: bytes,  # OCTET STRING
        0x05: _nothing,
        0x06: _object_identifier,
        0x40: _ip_address,
        0x41: _unsigned,
        0x42: _unsigned,
        0x43: _unsigned,
        0x44: opaque_from,
    }
)
"""The types of v1, by tag."""
KINDS: Final[Mapping[int, Decode]] = MappingProxyType(
    {**KINDS_1, 0x46: _counter64, 0x80: _nothing, 0x81: _nothing, 0x82: _nothing}
)
"""The types of v2c and v3, by tag."""
