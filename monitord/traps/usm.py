"""SNMPv3 security of a trap receiver (RFC 3414 §3.2): who sent a message, and the replies. Sans-IO.

Of a trap the sender's engine is authoritative: keys are localized for its engine id, and its boots
and time are learned from authentic messages. Of an inform our engine is authoritative: keys are
localized for our engine id, and a sender learns it from our reports. Time is handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from monitord.devices.snmp.tlv import OBJECT_IDENTIFIER, SEQUENCE, BerError, encoded
from monitord.devices.snmp.usm.engine import (
    BOOTS_MAX,
    WINDOW_S,
    AgentEngine,
    EngineKeys,
    engine_keys,
    level_of,
)
from monitord.devices.snmp.usm.messages import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORT,
    REPORTABLE_FLAG,
    RESPONSE,
    Header,
    ScopedPdu,
    integer,
    octet_string,
    read_header,
    read_scoped_pdu,
)
from monitord.devices.snmp.usm.model import DecryptionError
from monitord.devices.snmp.usm.verify import has_valid_digest, scoped_pdu
from monitord.traps.message import request_id
from monitord.traps.model import TrapDevice

ENGINES_MAX = 8
"""Engines that are kept for one device. A device has one, or one for each controller."""

# Why a message is rejected, and the arc of usmStats (RFC 3414 §5) that a report names.
UNSUPPORTED_LEVEL = "wrong_level", 1
NOT_IN_WINDOW = "not_in_window", 2
UNKNOWN_USER = "wrong_user", 3
UNKNOWN_ENGINE = "discovery", 4
WRONG_DIGEST = "wrong_digest", 5
UNDECRYPTABLE = "undecryptable", 6

_USM_STATS = bytes((0x2B, 6, 1, 6, 3, 15, 1, 1))  # 1.3.6.1.6.3.15.1.1
_COUNTER_32 = 0x41
_SECOND = 1_000_000
_VERSION, _USM, _SIZE_MAX = 3, 3, 65_507


class TrapRejectedError(Exception):
    """A message that is rejected. ``reply``: the report to its sender, if any."""

    def __init__(self, reason: str, reply: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """Our engine. ``boots``: starts since the id was made; ``started``: site time, microseconds."""

    id: bytes
    boots: int
    started: int

    def time(self, now: int) -> int:
        """Return snmpEngineTime: seconds since the start."""
        return (now - self.started) // _SECOND


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """An accepted message. ``devices``: that may have sent it.

    ``is_new``: False for an authentic message out of the time window: it may be a replay.
    """

    header: Header
    devices: tuple[TrapDevice, ...]
    scoped: ScopedPdu
    is_new: bool


@dataclass(slots=True)
class TrapSecurity:
    """The user-based security of one receiver."""

    engine: OwnEngine
    _known: dict[str, dict[bytes, AgentEngine]] = field(default_factory=dict)
    _stats: Counter[int] = field(default_factory=Counter)
    _salts: count[int] = field(default_factory=count)

    def open(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> OpenedMessage:
        """Return an accepted message. ``devices``: all at its source address.

        Raises TrapRejectedError, and BerError where the datagram is not a v3 message.
        """
        header = read_header(datagram)
        is_ours = header.engine_id == self.engine.id
        if not is_ours and header.flags & REPORTABLE_FLAG:
            raise self._rejected(datagram, header, UNKNOWN_ENGINE, now)
        named = [d for d in devices if d.user is not None and d.user.name.encode() == header.user]
        if not named:
            raise self._rejected(datagram, header, UNKNOWN_USER, now)
        level = header.flags & (AUTH_FLAG | PRIV_FLAG)
        named = [d for d in named if d.user is not None and level_of(d.user) == level]
        if not named:
            raise self._rejected(datagram, header, UNSUPPORTED_LEVEL, now)
        true = tuple(d for d in named if self._is_from(d, datagram, header, now))
        if not true:
            raise self._rejected(datagram, header, WRONG_DIGEST, now)
        is_new = self._is_new(true, header, now)
        if not is_new and is_ours:
            raise self._rejected(datagram, header, NOT_IN_WINDOW, now, true[0])
        opened = [(d, pdu) for d in true if (pdu := self._scoped(d, datagram, header)) is not None]
        if not opened:
            raise self._rejected(datagram, header, UNDECRYPTABLE, now)
        return OpenedMessage(header, tuple(d for d, _ in opened), opened[0][1], is_new)

    def response(self, opened: OpenedMessage, now: int) -> bytes:
        """Return the response to an inform: the same PDU as a response (RFC 3416 §4.2.7)."""
        engine_id, context, pdu = opened.scoped
        around = octet_string(engine_id) + octet_string(context)
        scoped = encoded(SEQUENCE, around + bytes((RESPONSE,)) + pdu[1:])
        flags = opened.header.flags & ~REPORTABLE_FLAG
        return self._message(opened.header, scoped, opened.devices[0], flags, now)

    def _is_from(self, device: TrapDevice, datagram: bytes, header: Header, now: int) -> bool:
        """Return whether the digest is made with this device's key."""
        is_ours = header.engine_id == self.engine.id
        if device.engine_id and not is_ours and header.engine_id != device.engine_id:
            return False
        keys = self._keys_of(device, header.engine_id)
        if keys.digester is None:
            return True
        if not has_valid_digest(datagram, header, keys.digester):
            return False
        self._remember(device.id, header, keys, now)
        return True

    def _keys_of(self, device: TrapDevice, engine_id: bytes) -> EngineKeys:
        """Return a device's keys for an engine, from memory or localized now."""
        known = self._known.get(device.id, {}).get(engine_id)
        assert device.user is not None
        return known.keys if known is not None else engine_keys(device.user, engine_id)

    def _remember(self, device: str, header: Header, keys: EngineKeys, now: int) -> None:
        """Keep the engine of an authentic message; drop the oldest beyond ``ENGINES_MAX``."""
        engines = self._known.setdefault(device, {})
        if header.engine_id not in engines:
            if len(engines) >= ENGINES_MAX:
                del engines[next(iter(engines))]
            clock = header.boots, header.time
            engines[header.engine_id] = AgentEngine(header.engine_id, keys, *clock, now)

    def _is_new(self, devices: Sequence[TrapDevice], header: Header, now: int) -> bool:
        """Return whether an authentic message is in the time window (RFC 3414 §3.2 step 7)."""
        if not header.flags & AUTH_FLAG:
            return True
        if header.engine_id == self.engine.id:
            off = abs(self.engine.time(now) - header.time)
            return header.boots == self.engine.boots < BOOTS_MAX and off <= WINDOW_S
        engines = [self._known[device.id][header.engine_id] for device in devices]
        return all(engine.update(header.boots, header.time, now) for engine in engines)

    def _scoped(self, device: TrapDevice, datagram: bytes, header: Header) -> ScopedPdu | None:
        """Return the scoped PDU, None where the device's key does not decrypt it."""
        try:
            return scoped_pdu(datagram, header, self._keys_of(device, header.engine_id).privacy)
        except DecryptionError:
            return None

    def _rejected(
        self,
        datagram: bytes,
        header: Header,
        reason_stat: tuple[str, int],
        now: int,
        device: TrapDevice | None = None,
    ) -> TrapRejectedError:
        """Return the rejection, with a report where the message is reportable.

        ``device``: with whose key the report is authenticated, so that the sender accepts our time
        (RFC 3414 §3.2 step 7 a).
        """
        reason, stat = reason_stat
        self._stats[stat] += 1
        if not header.flags & REPORTABLE_FLAG:
            return TrapRejectedError(reason)
        counted = self._stats[stat] % 2**32
        value = counted.to_bytes(counted.bit_length() // 8 + 1, "big")
        oid = encoded(OBJECT_IDENTIFIER, _USM_STATS + bytes((stat, 0)))
        varbind = encoded(SEQUENCE, oid + encoded(_COUNTER_32, value))
        integers = _request_id(datagram, header) + integer(0) + integer(0)
        pdu = encoded(REPORT, integers + encoded(SEQUENCE, varbind))
        scoped = encoded(SEQUENCE, octet_string(self.engine.id) + octet_string(b"") + pdu)
        flags = AUTH_FLAG if device is not None else 0
        return TrapRejectedError(reason, self._message(header, scoped, device, flags, now))

    def _message(
        self, header: Header, scoped: bytes, device: TrapDevice | None, flags: int, now: int
    ) -> bytes:
        """Return our reply to the message with this header."""
        clock = self.engine.boots, self.engine.time(now)
        keys = None if device is None else self._keys_of(device, self.engine.id)
        digester = keys.digester if keys is not None and flags & AUTH_FLAG else None
        salt, data = b"", scoped
        if flags & PRIV_FLAG:
            assert keys is not None
            assert keys.privacy is not None
            salt, ciphertext = keys.privacy.encrypt(scoped, clock, next(self._salts))
            data = octet_string(ciphertext)
        size = 0 if digester is None else digester.size
        who = octet_string(self.engine.id) + integer(clock[0]) + integer(clock[1])
        parameters = who + octet_string(header.user) + octet_string(bytes(size))
        security = octet_string(encoded(SEQUENCE, parameters + octet_string(salt)))
        about = integer(header.message_id) + integer(_SIZE_MAX) + octet_string(bytes((flags,)))
        head = integer(_VERSION) + encoded(SEQUENCE, about + integer(_USM))
        whole = encoded(SEQUENCE, head + security + data)
        if digester is None:
            return whole
        # Only the salt and the data follow the digest.
        at = len(whole) - len(data) - len(octet_string(salt)) - size
        return digester.signed(whole, at)


def _request_id(datagram: bytes, header: Header) -> bytes:
    """Return the encoded request id, 0 where it cannot be decoded (RFC 3412 §7.1 step 3 c)."""
    start, end = header.places.data
    try:
        return request_id(read_scoped_pdu(datagram[start:end]).pdu)
    except BerError:
        return integer(0)
