"""The octets of SNMPv3 messages: builds ours, takes apart what comes, every length checked.

Owns RFC 3412 §6 and RFC 3414 §2.4 as they lie on the wire. Believes nothing, knows no key.
"""

from __future__ import annotations

from typing import NamedTuple

from monitord.devices.snmp.usm.privacy import PADDING_SIZE_MAX
from monitord.devices.snmp.wire import ResponseMismatchError

AUTH_FLAG = 0x01
PRIV_FLAG = 0x02
REPORTABLE_FLAG = 0x04

GET = 0xA0
RESPONSE = 0xA2
REPORT = 0xA8

INTEGER_MAX = 0x7FFF_FFFF
# The largest answer that the reader takes; an agent that has more says tooBig.
_MESSAGE_SIZE_MAX = 16_384
_ENGINE_ID_SIZE_MAX = 32
_USER_SIZE_MAX = 32
_INTEGER = 0x02
_OCTETS = 0x04
_OID = 0x06
_SEQUENCE = 0x30
_USM = 3
_VERSION = b"\x02\x01\x03"
_MESSAGE_ID_SIZE = 4


Span = tuple[int, int]


class Places(NamedTuple):
    """Where the contents of values that change from message to message start and end."""

    message_id: Span
    time: Span
    digest: Span
    salt: Span
    data: Span


class Header(NamedTuple):
    """What stands around a message's data.

    ``places.data`` is of a whole scoped PDU, or of ciphertext where ``flags`` has PRIV_FLAG.
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
    """A PDU, whole, with the context it is for."""

    engine_id: bytes
    context: bytes
    pdu: bytes


def encoded(tag: int, content: bytes) -> bytes:
    """Return a value with its tag and length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    if size < 0x100:
        return bytes((tag, 0x81, size)) + content
    return bytes((tag, 0x82, size >> 8, size & 0xFF)) + content


def octets(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return encoded(_OCTETS, content)


def integer(number: int) -> bytes:
    """Return an INTEGER that is not negative, as short as it can be."""
    size = number.bit_length() // 8 + 1
    return bytes((_INTEGER, size)) + number.to_bytes(size, "big")


def empty_get(request_id: int) -> bytes:
    """Return a GET of nothing, as discovery asks (RFC 3414 §4)."""
    return encoded(GET, integer(request_id) + integer(0) + integer(0) + encoded(_SEQUENCE, b""))


class Envelope:
    """Requests of a user to an engine: what all of them have in common, encoded once."""

    def __init__(
        self, engine_id: bytes, user: bytes, context: bytes, *, flags: int, digest_size: int
    ) -> None:
        self.digest_size = digest_size
        self._engine = octets(engine_id)
        self._user = octets(user) + octets(bytes(digest_size))
        self._context = self._engine + octets(context)
        behind = integer(_MESSAGE_SIZE_MAX) + octets(bytes((flags,))) + integer(_USM)
        id_head = bytes((_INTEGER, _MESSAGE_ID_SIZE))
        globals_ = encoded(_SEQUENCE, id_head + bytes(_MESSAGE_ID_SIZE) + behind)
        self._before_id = _VERSION + globals_[: -len(behind) - _MESSAGE_ID_SIZE]
        self._behind_id = behind

    def scoped(self, pdu: bytes) -> bytes:
        """Return the scoped PDU."""
        return encoded(_SEQUENCE, self._context + pdu)

    def message(
        self, message_id: int, clock: tuple[int, int], salt: bytes, data: bytes
    ) -> tuple[bytes, int]:
        """Return a whole message, and where in it the digest is to be put (it is zeros).

        ``message_id``: 2^30 to 2^31 - 1, always of four octets. ``clock``: boots and time.
        ``data``: encoded.
        """
        boots, time = clock
        security = self._engine + integer(boots) + integer(time) + self._user + octets(salt)
        whole = encoded(
            _SEQUENCE,
            self._before_id
            + message_id.to_bytes(_MESSAGE_ID_SIZE, "big")
            + self._behind_id
            + octets(encoded(_SEQUENCE, security))
            + data,
        )
        return whole, len(whole) - len(data) - len(salt) - 2 - self.digest_size


class HeaderReader:
    """Reads the headers of one agent's messages.

    They are alike but for ids, times, digests and salts: where every other octet is that of the
    header before, in the same place, only those values are read.
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
        # Of a number the sign stays as checked; of one of five octets, that it is not too large.
        for start, end in (header.places.message_id, header.places.time):
            mask[start] = 0x80 if end - start < 5 else 0xFF
            if end - start == 5:
                mask[start + 1] = 0x80
        self._size, self._header = len(datagram), header
        self._mask = int.from_bytes(mask, "big")
        self._known = int.from_bytes(datagram[:size], "big")


def read_header(datagram: bytes) -> Header:
    """Decode a message up to msgData (RFC 3412 §6). Raises ResponseMismatchError."""
    at, end = _content(datagram, 0, _SEQUENCE, len(datagram))
    if end != len(datagram):
        raise _bad(f"{len(datagram) - end} octets follow the message")
    at, version = _integer(datagram, at, end)
    if version != _USM:
        raise _bad("SNMP version is not 3")
    at, id_at, flags = _globals(datagram, at, end)
    start, security_end = _content(datagram, at, _OCTETS, end)
    start, inner_end = _content(datagram, start, _SEQUENCE, security_end)
    if inner_end != security_end:
        raise _bad("octets follow the security parameters")
    start, engine_id = _octets(datagram, start, inner_end)
    start, boots = _integer(datagram, start, inner_end)
    time_at = _content(datagram, start, _INTEGER, inner_end)
    start, user = _octets(datagram, time_at[1], inner_end)
    digest_at = _content(datagram, start, _OCTETS, inner_end)
    salt_at = _content(datagram, digest_at[1], _OCTETS, inner_end)
    if (
        salt_at[1] != inner_end
        or len(engine_id) > _ENGINE_ID_SIZE_MAX
        or len(user) > _USER_SIZE_MAX
    ):
        raise _bad("security parameters are out of form")
    data_at = security_end, end
    if flags & PRIV_FLAG:
        data_at = _content(datagram, security_end, _OCTETS, end)
        if data_at[1] != end:
            raise _bad("octets follow the encrypted data")
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
    """Return where msgGlobalData ends, where the message id stands, and the flags."""
    at, end = _content(datagram, at, _SEQUENCE, limit)
    id_at = _content(datagram, at, _INTEGER, end)
    at, _ = _integer(datagram, id_at[1], end)
    at, flags = _octets(datagram, at, end)
    at, model = _integer(datagram, at, end)
    if at != end or len(flags) != 1 or model != _USM:
        raise _bad("message is not of the user-based security model")
    if flags[0] & (AUTH_FLAG | PRIV_FLAG) == PRIV_FLAG:
        raise _bad("message is encrypted and not authenticated")
    return end, id_at, flags[0]


def read_scoped_pdu(plain: bytes, padding_max: int = 0) -> ScopedPdu:
    """Take a scoped PDU apart; up to ``padding_max`` octets may follow it."""
    at, end = _content(plain, 0, _SEQUENCE, len(plain))
    if len(plain) - end > padding_max:
        raise _bad("octets follow the scoped PDU")
    at, engine_id = _octets(plain, at, end)
    at, context = _octets(plain, at, end)
    if at >= end or _content(plain, at, plain[at], end)[1] != end:
        raise _bad("scoped PDU does not hold one PDU")
    return ScopedPdu(engine_id, context, plain[at:end])


def read_decrypted(plain: bytes) -> ScopedPdu:
    """Take a decrypted scoped PDU apart, its padding left away."""
    return read_scoped_pdu(plain, PADDING_SIZE_MAX)


def reported(pdu: bytes) -> bytes:
    """Return the first object that a report names, its OID's content octets."""
    at, end = _content(pdu, 0, REPORT, len(pdu))
    for _ in range(3):  # request id, error status, error index
        at, end_of_integer = _content(pdu, at, _INTEGER, end)
        at = end_of_integer
    at, end = _content(pdu, at, _SEQUENCE, end)
    at, end = _content(pdu, at, _SEQUENCE, end)
    start, end = _content(pdu, at, _OID, end)
    return pdu[start:end]


def _bad(reason: str) -> ResponseMismatchError:
    return ResponseMismatchError(reason, faulty=True)


def _content(source: bytes, at: int, tag: int, limit: int) -> tuple[int, int]:
    """Return where the content of the value at ``at`` starts and ends, within ``limit``."""
    start = at + 2
    if start > limit or source[at] != tag:
        raise _bad(f"no value of type 0x{tag:02x} at octet {at}")
    size = source[at + 1]
    if size >= 0x80:
        count = size & 0x7F
        start += count
        # Agents write lengths of two octets where one would do; five make no sense.
        if not 1 <= count <= 4 or start > limit:
            raise _bad(f"length at octet {at + 1} is out of form")
        size = int.from_bytes(source[at + 2 : start], "big")
    if start + size > limit:
        raise _bad(f"value at octet {at} is longer than what holds it")
    return start, start + size


def _octets(source: bytes, at: int, limit: int) -> tuple[int, bytes]:
    start, end = _content(source, at, _OCTETS, limit)
    return end, source[start:end]


def _integer(source: bytes, at: int, limit: int) -> tuple[int, int]:
    """Return where the integer ends, and it: 0 to 2^31 - 1, as every one of a header is."""
    span = _content(source, at, _INTEGER, limit)
    return span[1], _number(source, span)


def _number(source: bytes, span: Span) -> int:
    start, end = span
    number = int.from_bytes(source[start:end], "big", signed=True)
    if not 1 <= end - start <= 5 or not 0 <= number <= INTEGER_MAX:
        raise _bad(f"number at octet {start} is out of range")
    return number
