"""The octets of SNMPv3 messages (RFC 3412 §6, RFC 3414 §2.4): encodes requests, decodes headers.

Checks every length. Has no keys and checks no digest.
"""

from __future__ import annotations

from typing import NamedTuple

from monitord.devices.snmp.tlv import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    Span,
    encoded,
    tagged_span,
)
from monitord.devices.snmp.usm.model import PADDING_SIZE_MAX

AUTH_FLAG = 0x01
PRIV_FLAG = 0x02
REPORTABLE_FLAG = 0x04

GET = 0xA0
RESPONSE = 0xA2
REPORT = 0xA8

INTEGER_MAX = 0x7FFF_FFFF
# msgMaxSize: the largest response that the reader accepts; an agent with more sends tooBig.
_MESSAGE_SIZE_MAX = 16_384
_ENGINE_ID_SIZE_MAX = 32
_USER_SIZE_MAX = 32
_USM = 3
_VERSION = b"\x02\x01\x03"
_MESSAGE_ID_SIZE = 4
_NUMBER_SIZE = 4
_NUMBER_SIZE_MAX = 16
"""Agents write zeros before a number that say nothing; as many as before a value are read."""


class Places(NamedTuple):
    """Where the content of values is that differ from message to message."""

    message_id: Span
    time: Span
    digest: Span
    salt: Span
    data: Span


class Header(NamedTuple):
    """All fields of a message but msgData.

    ``places.data``: of a whole scoped PDU, or of the ciphertext where ``flags`` has PRIV_FLAG.
    """

    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    salt: bytes
    places: Places


class ScopedPdu(NamedTuple):
    """A whole PDU with its context (RFC 3412 §6.8)."""

    engine_id: bytes
    context: bytes
    pdu: bytes


def octet_string(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return encoded(OCTET_STRING, content)


def integer(number: int) -> bytes:
    """Return an INTEGER of zero or more, in its shortest form."""
    size = number.bit_length() // 8 + 1
    return bytes((INTEGER, size)) + number.to_bytes(size, "big")


def empty_get(request_id: int) -> bytes:
    """Return a GET without varbinds, for discovery (RFC 3414 §4)."""
    return encoded(GET, integer(request_id) + integer(0) + integer(0) + encoded(SEQUENCE, b""))


class Envelope:
    """The parts that all requests of a user to an engine share, encoded once."""

    def __init__(
        self, engine_id: bytes, user: bytes, context: bytes, *, flags: int, digest_size: int
    ) -> None:
        self.digest_size = digest_size
        self._engine = octet_string(engine_id)
        self._user = octet_string(user) + octet_string(bytes(digest_size))
        self._context = self._engine + octet_string(context)
        behind = integer(_MESSAGE_SIZE_MAX) + octet_string(bytes((flags,))) + integer(_USM)
        id_head = bytes((INTEGER, _MESSAGE_ID_SIZE))
        globals_ = encoded(SEQUENCE, id_head + bytes(_MESSAGE_ID_SIZE) + behind)
        self._before_id = _VERSION + globals_[: -len(behind) - _MESSAGE_ID_SIZE]
        self._behind_id = behind

    def scoped(self, pdu: bytes) -> bytes:
        """Return the scoped PDU."""
        return encoded(SEQUENCE, self._context + pdu)

    def message(
        self, message_id: int, clock: tuple[int, int], salt: bytes, data: bytes
    ) -> tuple[bytes, int]:
        """Return a whole message, and where its digest is (zeros for now).

        ``message_id``: 2^30 to 2^31 - 1, always of four octets. ``clock``: boots and time.
        ``data``: encoded.
        """
        boots, time = clock
        security = self._engine + integer(boots) + integer(time) + self._user + octet_string(salt)
        whole = encoded(
            SEQUENCE,
            self._before_id
            + message_id.to_bytes(_MESSAGE_ID_SIZE, "big")
            + self._behind_id
            + octet_string(encoded(SEQUENCE, security))
            + data,
        )
        return whole, len(whole) - len(data) - len(salt) - 2 - self.digest_size


class HeaderReader:
    """Reads the headers of one agent's messages.

    They differ in ids, times, digests and salts. Where every other octet equals the header before,
    only those values are decoded.
    """

    def __init__(self) -> None:
        self._size = 0
        self._mask = 0
        self._known = 0
        self._header: Header | None = None

    def read(self, datagram: bytes) -> Header:
        """Return what ``read_header`` returns, or raise what it raises."""
        header = self._header
        if header is not None and len(datagram) == self._size:
            places = header.places
            found = int.from_bytes(datagram[: places.data[0]], "big")
            if not (found ^ self._known) & self._mask:
                return Header(
                    int.from_bytes(datagram[slice(*places.message_id)], "big"),
                    *header[1:4],
                    int.from_bytes(datagram[slice(*places.time)], "big"),
                    header.user,
                    datagram[slice(*places.salt)],
                    places,
                )
        header = read_header(datagram)
        self._learn(datagram, header)
        return header

    def _learn(self, datagram: bytes, header: Header) -> None:
        size = header.places.data[0]
        mask = bytearray(b"\xff" * size)
        for start, end in header.places[:-1]:
            mask[start:end] = bytes(end - start)
        # The sign bit of an integer must not differ, nor a bit before its last 31.
        for start, end in (header.places.message_id, header.places.time):
            surplus = max(0, end - start - _NUMBER_SIZE)
            mask[start : start + surplus] = b"\xff" * surplus
            mask[start + surplus] = 0x80
        self._size, self._header = len(datagram), header
        self._mask = int.from_bytes(mask, "big")
        self._known = int.from_bytes(datagram[:size], "big")


def read_header(datagram: bytes) -> Header:
    """Decode a message up to msgData (RFC 3412 §6). Raises BerError."""
    at, end = tagged_span(datagram, 0, SEQUENCE, len(datagram))
    if end != len(datagram):
        raise BerError(f"{len(datagram) - end} octets follow the message")
    at, version = _integer(datagram, at, end)
    if version != _USM:
        raise BerError("SNMP version is not 3")
    at, id_at, flags = _globals(datagram, at, end)
    start, security_end = tagged_span(datagram, at, OCTET_STRING, end)
    start, inner_end = tagged_span(datagram, start, SEQUENCE, security_end)
    if inner_end != security_end:
        raise BerError("octets follow the security parameters")
    start, engine_id = _octets(datagram, start, inner_end)
    start, boots = _integer(datagram, start, inner_end)
    time_at = tagged_span(datagram, start, INTEGER, inner_end)
    start, user = _octets(datagram, time_at[1], inner_end)
    digest_at = tagged_span(datagram, start, OCTET_STRING, inner_end)
    salt_at = tagged_span(datagram, digest_at[1], OCTET_STRING, inner_end)
    if (
        salt_at[1] != inner_end
        or len(engine_id) > _ENGINE_ID_SIZE_MAX
        or len(user) > _USER_SIZE_MAX
    ):
        raise BerError("security parameters are malformed")
    data_at = security_end, end
    if flags & PRIV_FLAG:
        data_at = tagged_span(datagram, security_end, OCTET_STRING, end)
        if data_at[1] != end:
            raise BerError("octets follow the encrypted data")
    return Header(
        _number(datagram, id_at),
        flags,
        engine_id,
        boots,
        _number(datagram, time_at),
        user,
        datagram[slice(*salt_at)],
        Places(id_at, time_at, digest_at, salt_at, data_at),
    )


def _globals(datagram: bytes, at: int, limit: int) -> tuple[int, Span, int]:
    """Return (end of msgGlobalData, place of msgID, msgFlags)."""
    at, end = tagged_span(datagram, at, SEQUENCE, limit)
    id_at = tagged_span(datagram, at, INTEGER, end)
    at, _ = _integer(datagram, id_at[1], end)
    at, flags = _octets(datagram, at, end)
    at, model = _integer(datagram, at, end)
    if at != end or len(flags) != 1 or model != _USM:
        raise BerError("message is not of the user-based security model")
    if flags[0] & (AUTH_FLAG | PRIV_FLAG) == PRIV_FLAG:
        raise BerError("message is encrypted and not authenticated")
    return end, id_at, flags[0]


def read_scoped_pdu(plain: bytes, padding_max: int = 0) -> ScopedPdu:
    """Decode a scoped PDU; up to ``padding_max`` octets may follow it. Raises BerError.

    Its PDU is not looked at: its reader follows its own lengths.
    """
    at, end = tagged_span(plain, 0, SEQUENCE, len(plain))
    if len(plain) - end > padding_max:
        raise BerError("octets follow the scoped PDU")
    at, engine_id = _octets(plain, at, end)
    at, context = _octets(plain, at, end)
    if at >= end:
        raise BerError("scoped PDU does not hold a PDU")
    return ScopedPdu(engine_id, context, plain[at:end])


def read_decrypted(plain: bytes) -> ScopedPdu:
    """Decode a decrypted scoped PDU, without its padding. Raises BerError."""
    return read_scoped_pdu(plain, PADDING_SIZE_MAX)


def reported_oid(pdu: bytes) -> bytes:
    """Return the content octets of the OID of a report's first varbind. Raises BerError."""
    at, end = tagged_span(pdu, 0, REPORT, len(pdu))
    for _ in range(3):  # request id, error status, error index
        at, end_of_integer = tagged_span(pdu, at, INTEGER, end)
        at = end_of_integer
    at, end = tagged_span(pdu, at, SEQUENCE, end)
    at, end = tagged_span(pdu, at, SEQUENCE, end)
    start, end = tagged_span(pdu, at, OBJECT_IDENTIFIER, end)
    return pdu[start:end]


def _octets(source: bytes, at: int, limit: int) -> tuple[int, bytes]:
    start, end = tagged_span(source, at, OCTET_STRING, limit)
    return end, source[start:end]


def _integer(source: bytes, at: int, limit: int) -> tuple[int, int]:
    """Return (end of the integer, its value): 0 to 2^31 - 1, as all integers of a header."""
    span = tagged_span(source, at, INTEGER, limit)
    return span[1], _number(source, span)


def _number(source: bytes, span: Span) -> int:
    start, end = span
    number = int.from_bytes(source[start:end], "big", signed=True)
    if not 1 <= end - start <= _NUMBER_SIZE_MAX or not 0 <= number <= INTEGER_MAX:
        raise BerError(f"number at octet {start} is out of range")
    return number
