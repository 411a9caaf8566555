"""SNMP v3 for a receiver: who sent a message, whether it is true and new, and what to answer.

Sans-IO: octets in, octets out; time is handed in. Owns RFC 3414 §3.2 for both roles. Of a trap the
sender is the authority: keys belong to its engine id, and its boots and time are learned from what
it has authenticated. Of an inform we are: keys belong to our engine id, and a sender learns ours
from our reports.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from monitord.devices.snmp.usm.engine import (
    BOOTS_MAX,
    WINDOW_S,
    Engine,
    Sealing,
    level_of,
    sealing_for,
)
from monitord.devices.snmp.usm.messages import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORT,
    REPORTABLE_FLAG,
    RESPONSE,
    Header,
    ScopedPdu,
    encoded,
    integer,
    octets,
    read_decrypted,
    read_header,
    read_scoped_pdu,
)
from monitord.devices.snmp.usm.model import DecryptionError
from monitord.devices.snmp.wire import ResponseMismatchError
from monitord.traps.message import BerError, request_id
from monitord.traps.model import TrapDevice

ENGINES_MAX = 8
"""Engines of one device that are remembered. A device has one, or one a controller."""

# Why a message is refused, and the arc of usmStats (RFC 3414) that a report names.
UNSUPPORTED_LEVEL = "wrong_level", 1
NOT_IN_WINDOW = "not_in_window", 2
UNKNOWN_USER = "wrong_user", 3
UNKNOWN_ENGINE = "discovery", 4
WRONG_DIGEST = "wrong_digest", 5
UNDECRYPTABLE = "undecryptable", 6

_USM_STATS = bytes((0x2B, 6, 1, 6, 3, 15, 1, 1))  # 1.3.6.1.6.3.15.1.1
_SEQUENCE, _OBJECT_ID, _COUNTER_32 = 0x30, 0x06, 0x41
_SECOND = 1_000_000
_VERSION, _USM, _SIZE_MAX = 3, 3, 65_507


class RefusedError(Exception):
    """A message that is not believed. ``reply``: the report that tells its sender why, if any."""

    def __init__(self, reason: str, reply: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """Ourselves as an SNMP engine: ``boots`` starts since the id was made; ``started``: site time.

    Times in microseconds.
    """

    id: bytes
    boots: int
    started: int

    def time(self, now: int) -> int:
        """Return snmpEngineTime: seconds since the start."""
        return (now - self.started) // _SECOND


@dataclass(frozen=True, slots=True)
class Opened:
    """A believed message. ``devices``: whose it may be.

    ``is_new``: False for a true message out of the time window: it was true once.
    """

    header: Header
    devices: tuple[TrapDevice, ...]
    scoped: ScopedPdu
    is_new: bool


@dataclass(slots=True)
class Usm:
    """The user-based security of one receiver."""

    engine: OwnEngine
    _known: dict[str, dict[bytes, Engine]] = field(default_factory=dict)
    _stats: Counter[int] = field(default_factory=Counter)
    _salts: count[int] = field(default_factory=count)

    def open(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> Opened:
        """Return what a message of one of these devices says.

        ``devices``: all at the address it came from. Raises RefusedError, and
        ResponseMismatchError where the datagram is not a message.
        """
        header = read_header(datagram)
        is_ours = header.engine_id == self.engine.id
        if not is_ours and header.flags & REPORTABLE_FLAG:
            raise self._refused(datagram, header, UNKNOWN_ENGINE, now)
        named = [d for d in devices if d.user is not None and d.user.name.encode() == header.user]
        if not named:
            raise self._refused(datagram, header, UNKNOWN_USER, now)
        level = header.flags & (AUTH_FLAG | PRIV_FLAG)
        named = [d for d in named if d.user is not None and level_of(d.user) == level]
        if not named:
            raise self._refused(datagram, header, UNSUPPORTED_LEVEL, now)
        true = tuple(d for d in named if self._is_from(d, datagram, header, now))
        if not true:
            raise self._refused(datagram, header, WRONG_DIGEST, now)
        is_new = self._is_new(true, header, now)
        if not is_new and is_ours:
            raise self._refused(datagram, header, NOT_IN_WINDOW, now, true[0])
        read = [(d, said) for d in true if (said := self._scoped(d, datagram, header)) is not None]
        if not read:
            raise self._refused(datagram, header, UNDECRYPTABLE, now)
        return Opened(header, tuple(d for d, _ in read), read[0][1], is_new)

    def answer(self, opened: Opened, now: int) -> bytes:
        """Return the response to an inform: the same PDU, as a response (RFC 3416 §4.2.7)."""
        engine_id, context, pdu = opened.scoped
        around = octets(engine_id) + octets(context)
        scoped = encoded(_SEQUENCE, around + bytes((RESPONSE,)) + pdu[1:])
        flags = opened.header.flags & ~REPORTABLE_FLAG
        return self._sealed(opened.header, scoped, opened.devices[0], flags, now)

    def _is_from(self, device: TrapDevice, datagram: bytes, header: Header, now: int) -> bool:
        """Return whether the digest is made with this device's key."""
        is_ours = header.engine_id == self.engine.id
        if device.engine_id and not is_ours and header.engine_id != device.engine_id:
            return False
        keys = self._keys_of(device, header.engine_id)
        if keys.digester is None:
            return True
        start, end = header.places.digest
        if end - start != keys.digester.size:
            return False
        blanked = datagram[:start] + bytes(end - start) + datagram[end:]
        if not hmac.compare_digest(keys.digester.digest(blanked), datagram[start:end]):
            return False
        self._remember(device.id, header, keys, now)
        return True

    def _keys_of(self, device: TrapDevice, engine_id: bytes) -> Sealing:
        """Return a device's keys for an engine: those remembered, or made now."""
        known = self._known.get(device.id, {}).get(engine_id)
        assert device.user is not None
        return known.sealing if known is not None else sealing_for(device.user, engine_id)

    def _remember(self, device: str, header: Header, keys: Sealing, now: int) -> None:
        """Keep what only a holder of the keys can make us keep, and no more than a few."""
        engines = self._known.setdefault(device, {})
        if header.engine_id not in engines:
            if len(engines) >= ENGINES_MAX:
                del engines[next(iter(engines))]
            clock = header.boots, header.time
            engines[header.engine_id] = Engine(header.engine_id, keys, *clock, now)

    def _is_new(self, devices: Sequence[TrapDevice], header: Header, now: int) -> bool:
        """Return whether a true message is in the time window (RFC 3414 §3.2, 7)."""
        if not header.flags & AUTH_FLAG:
            return True
        if header.engine_id == self.engine.id:
            off = abs(self.engine.time(now) - header.time)
            return header.boots == self.engine.boots < BOOTS_MAX and off <= WINDOW_S
        engines = [self._known[device.id][header.engine_id] for device in devices]
        return all(engine.hear(header.boots, header.time, now) for engine in engines)

    def _scoped(self, device: TrapDevice, datagram: bytes, header: Header) -> ScopedPdu | None:
        """Return the scoped PDU in the clear, None where the device's key does not decrypt it."""
        start, end = header.places.data
        if not header.flags & PRIV_FLAG:
            return read_scoped_pdu(datagram[start:end])
        keys = self._keys_of(device, header.engine_id)
        assert keys.privacy is not None
        clock = header.boots, header.time
        try:
            return read_decrypted(keys.privacy.decrypt(datagram[start:end], clock, header.salt))
        except (ResponseMismatchError, DecryptionError):
            return None

    def _refused(
        self,
        datagram: bytes,
        header: Header,
        refusal: tuple[str, int],
        now: int,
        device: TrapDevice | None = None,
    ) -> RefusedError:
        """Return the refusal, with a report for a sender that asks for one.

        ``device``: who may be told our time, authenticated (RFC 3414 §3.2, 7 a).
        """
        reason, stat = refusal
        self._stats[stat] += 1
        if not header.flags & REPORTABLE_FLAG:
            return RefusedError(reason)
        counted = self._stats[stat] % 2**32
        value = counted.to_bytes(counted.bit_length() // 8 + 1, "big")
        varbind = encoded(
            _SEQUENCE,
            encoded(_OBJECT_ID, _USM_STATS + bytes((stat, 0))) + encoded(_COUNTER_32, value),
        )
        numbers = _request_id(datagram, header) + integer(0) + integer(0)
        pdu = encoded(REPORT, numbers + encoded(_SEQUENCE, varbind))
        scoped = encoded(_SEQUENCE, octets(self.engine.id) + octets(b"") + pdu)
        flags = AUTH_FLAG if device is not None else 0
        return RefusedError(reason, self._sealed(header, scoped, device, flags, now))

    def _sealed(
        self, header: Header, scoped: bytes, device: TrapDevice | None, flags: int, now: int
    ) -> bytes:
        """Return a message of ours in answer to the one with this header."""
        clock = self.engine.boots, self.engine.time(now)
        keys = None if device is None else self._keys_of(device, self.engine.id)
        digester = keys.digester if keys is not None and flags & AUTH_FLAG else None
        salt, data = b"", scoped
        if flags & PRIV_FLAG:
            assert keys is not None
            assert keys.privacy is not None
            salt, ciphertext = keys.privacy.encrypt(scoped, clock, next(self._salts))
            data = octets(ciphertext)
        size = 0 if digester is None else digester.size
        who = octets(self.engine.id) + integer(clock[0]) + integer(clock[1]) + octets(header.user)
        security = octets(encoded(_SEQUENCE, who + octets(bytes(size)) + octets(salt)))
        around = integer(header.message_id) + integer(_SIZE_MAX) + octets(bytes((flags,)))
        head = integer(_VERSION) + encoded(_SEQUENCE, around + integer(_USM))
        whole = encoded(_SEQUENCE, head + security + data)
        if digester is None:
            return whole
        # The digest is followed by the salt and the data, whose lengths are known.
        end = len(whole) - len(data) - len(octets(salt))
        return whole[: end - size] + digester.digest(whole) + whole[end:]


def _request_id(datagram: bytes, header: Header) -> bytes:
    """Return the request's id as it is encoded, 0 where it cannot be read (RFC 3412 §7.1, 3 c)."""
    start, end = header.places.data
    try:
        return request_id(read_scoped_pdu(datagram[start:end]).pdu)
    except (ResponseMismatchError, BerError):
        return integer(0)
