"""What the octets of one SNMP value say, by its tag: the one rule of every reader. No I/O.

Octets that say no value of their type are refused, with a reason, never guessed: no octets are no
number. Some forms are odd and clear: an unsigned number without its leading zero
(troglobit/mini-snmpd#8) is the number that its octets say, as is one with too many zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NoReturn

from monitord.decoding.rules import Raw
from monitord.devices.snmp.tlv import BerError

ValueDecoder = Callable[[bytes], Raw]
Oid = tuple[int, ...]

END_OF_MIB_VIEW = 0x82
SUBIDENTIFIERS_MAX = 128
_SUBIDENTIFIER_MAX = 2**32 - 1
_INTEGER_MIN, _INTEGER_MAX = -(2**31), 2**31 - 1
_OCTETS_MAX: Final = 16
"""Of a number with leading zeros or signs; no known agent sends more than nine."""
_OPAQUE_FLOATS: Final = MappingProxyType(
    {b"\x9f\x78\x04": struct.Struct(">f"), b"\x9f\x79\x08": struct.Struct(">d")}
)
_OPAQUE_FLOAT_TAGS: Final = (b"\x9f\x78", b"\x9f\x79")


class UnreadableError(BerError):
    """The octets say no value of their type. The text has no content of the datagram."""


def _refuse(reason: str) -> NoReturn:
    raise UnreadableError(reason)


def _integer(content: bytes) -> int:
    """INTEGER (Integer32): one to four octets; more where they only repeat the sign."""
    if not content:
        _refuse("an INTEGER of no octets")
    number = int.from_bytes(content, "big", signed=True)
    if len(content) > 4 and (
        len(content) > _OCTETS_MAX or not _INTEGER_MIN <= number <= _INTEGER_MAX
    ):
        _refuse("an INTEGER over 32 bits")
    return number


def _unsigned(content: bytes) -> int:
    """Counter32, Gauge32, TimeTicks: up to four octets; more where they begin with zeros."""
    if len(content) > 4 and (len(content) > _OCTETS_MAX or any(content[:-4])):
        _refuse("an unsigned number over 32 bits")
    if not content:
        _refuse("an unsigned number of no octets")
    return int.from_bytes(content, "big")


def _counter64(content: bytes) -> int:
    """Counter64: up to eight octets; more where they begin with zeros."""
    if len(content) > 8 and (len(content) > _OCTETS_MAX or any(content[:-8])):
        _refuse("a Counter64 over 64 bits")
    if not content:
        _refuse("a Counter64 of no octets")
    return int.from_bytes(content, "big")


def _absent(content: bytes) -> None:
    """NULL or an exception of RFC 3416 §3: noSuchObject, noSuchInstance, endOfMibView."""
    if content:
        _refuse("an absent value with content")


def _ip_address(content: bytes) -> str:
    if len(content) != 4:
        _refuse("an IpAddress that is not of four octets")
    return ".".join(map(str, content))


def arcs_of(content: bytes) -> Oid:
    """Return the arcs of an OID; only its shortest encoding is read. Raises UnreadableError."""
    if not content or content[-1] > 0x7F:
        _refuse("an OBJECT IDENTIFIER that is empty or cut short")
    numbers: list[int] = []
    number, is_first_octet = 0, True
    for octet in content:
        if is_first_octet and octet == 0x80:
            _refuse("an OBJECT IDENTIFIER with an overlong number")
        number = number << 7 | octet & 0x7F
        is_first_octet = octet < 0x80
        # The first subidentifier is 40 times the first arc (0 to 2) plus the second.
        if number > _SUBIDENTIFIER_MAX + (0 if numbers else 80):
            _refuse("an OBJECT IDENTIFIER with a number over 32 bits")
        if is_first_octet:
            numbers.append(number)
            number = 0
    if len(numbers) >= SUBIDENTIFIERS_MAX:
        _refuse("an OBJECT IDENTIFIER with too many numbers")
    first = min(numbers[0] // 40, 2)
    return first, numbers[0] - first * 40, *numbers[1:]


def _object_identifier(content: bytes) -> str:
    """Return an OID in dotted form."""
    return ".".join(map(str, arcs_of(content)))


def opaque_from(content: bytes) -> float | bytes:
    """Return the float that net-snmp wraps in an Opaque (NET-SNMP-TC), or the octets unchanged."""
    layout = _OPAQUE_FLOATS.get(content[:3])
    if layout is None or len(content) != 3 + layout.size:
        if content[:2] in _OPAQUE_FLOAT_TAGS:
            _refuse("an Opaque float of another size")
        return content
    number: float = layout.unpack_from(content, 3)[0]
    return number


VALUE_DECODERS: Final[Mapping[int, ValueDecoder]] = MappingProxyType(
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
        0x46: _counter64,
        0x47: _unsigned,  # UInteger32 of RFC 1442
        0x80: _absent,
        0x81: _absent,
        END_OF_MIB_VIEW: _absent,
    }
)
"""By tag. v1 has neither Counter64 nor the exceptions; of an agent that sends them they are read
all the same."""


def value_of(tag: int, content: bytes) -> Raw:
    """Return the raw value; None for an absent one. Raises UnreadableError."""
    decode = VALUE_DECODERS.get(tag)
    if decode is None:
        _refuse(f"type 0x{tag:02x} is not decoded")
    return decode(content)
