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

from monitord.devices.snmp.model import User
from monitord.devices.snmp.traps_ber import (
    INTEGER,
    OBJECT_ID,
    OCTETS,
    REPORT,
    RESPONSE,
    SEQUENCE,
    BerError,
    Outline3,
    integer,
    request_id,
    scoped_pdu,
    tlv,
)
from monitord.devices.snmp.traps_model import TrapDevice
from monitord.devices.snmp.usm_ciphers import DecryptionError, Privacy, privacy
from monitord.devices.snmp.usm_keys import Digester, digester

WINDOW_S = 150
"""RFC 3414 §2.2.3: how far a message's time may be off."""
BOOTS_MAX = 2**31 - 1
ENGINES_MAX = 8
"""Engines of one device that are remembered. A device has one, or one a controller."""

AUTH, PRIV, REPORTABLE = 1, 2, 4
SIZE_MAX = 65_507

# Why a message is refused, and the arc of usmStats (RFC 3414) that a report names.
UNSUPPORTED_LEVEL = "wrong_level", 1
NOT_IN_WINDOW = "not_in_window", 2
UNKNOWN_USER = "wrong_user", 3
UNKNOWN_ENGINE = "discovery", 4
WRONG_DIGEST = "wrong_digest", 5
UNDECRYPTABLE = "undecryptable", 6
_USM_STATS = bytes((0x2B, 6, 1, 6, 3, 15, 1, 1))  # 1.3.6.1.6.3.15.1.1
_COUNTER_32 = 0x41
_SECOND = 1_000_000


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
class Keys:
    """What one user's messages are made with for one engine."""

    digester: Digester | None
    privacy: Privacy | None


@dataclass(slots=True)
class SenderClock:
    """The highest boots and time a sender has authenticated, and the site time of that."""

    boots: int = -1
    time: int = -1
    at: int = 0

    def admits(self, boots: int, time: int, now: int) -> bool:
        """Return whether a message is new, and take its time over (RFC 3414 §3.2, 7 b)."""
        if boots >= BOOTS_MAX or boots < self.boots:
            return False
        if boots > self.boots or time > self.time:
            self.boots, self.time, self.at = boots, time, now
            return True
        return time >= self.time + (now - self.at) // _SECOND - WINDOW_S


@dataclass(slots=True)
class _Engine:
    """An engine that has proven to know a device's keys."""

    keys: Keys
    clock: SenderClock = field(default_factory=SenderClock)


@dataclass(frozen=True, slots=True)
class Opened:
    """A believed message. ``devices``: whose it may be. ``plain``: its scoped PDU.

    ``is_new``: False for a true message out of the time window: it was true once.
    """

    devices: tuple[TrapDevice, ...]
    plain: bytes
    is_new: bool


@dataclass(slots=True)
class Usm:
    """The user-based security of one receiver."""

    engine: OwnEngine
    _known: dict[str, dict[bytes, _Engine]] = field(default_factory=dict)
    _stats: Counter[int] = field(default_factory=Counter)
    _salts: count[int] = field(default_factory=count)

    def open(
        self, datagram: bytes, found: Outline3, devices: Sequence[TrapDevice], now: int
    ) -> Opened:
        """Return what a message of one of these devices says. Raises RefusedError.

        ``devices``: all at the address it came from.
        """
        is_ours = found.engine_id == self.engine.id
        if not is_ours and found.flags & REPORTABLE:
            raise self._refused(datagram, found, UNKNOWN_ENGINE, now)
        named = [d for d in devices if d.user is not None and d.user.name.encode() == found.user]
        if not named:
            raise self._refused(datagram, found, UNKNOWN_USER, now)
        level = found.flags & (AUTH | PRIV)
        named = [d for d in named if d.user is not None and level_of(d.user) == level]
        if not named:
            raise self._refused(datagram, found, UNSUPPORTED_LEVEL, now)
        true = tuple(d for d in named if self._is_from(d, datagram, found, is_ours))
        if not true:
            raise self._refused(datagram, found, WRONG_DIGEST, now)
        is_new = self._is_new(true, found, is_ours, now)
        if not is_new and is_ours:
            raise self._refused(datagram, found, NOT_IN_WINDOW, now, true[0])
        plain = self._decrypted(true[0], datagram, found, now)
        return Opened(true, plain, is_new)

    def answer(self, found: Outline3, opened: Opened, now: int) -> bytes:
        """Return the response to an inform: the same PDU, as a response (RFC 3416 §4.2.7)."""
        _, _, pdu = scoped_pdu(opened.plain)
        plain = bytearray(opened.plain)
        plain[pdu.at] = RESPONSE
        return self._sealed(found, bytes(plain), opened.devices[0], found.flags & ~REPORTABLE, now)

    def _is_from(self, device: TrapDevice, datagram: bytes, found: Outline3, is_ours: bool) -> bool:
        """Return whether the digest is made with this device's key."""
        if device.engine_id and not is_ours and found.engine_id != device.engine_id:
            return False
        keys = self._keys_of(device, found.engine_id)
        if keys.digester is None:
            return True
        given = datagram[found.auth.begin : found.auth.end]
        if len(given) != keys.digester.size:
            return False
        blank = bytes(len(given))
        message = datagram[: found.auth.begin] + blank + datagram[found.auth.end :]
        if not hmac.compare_digest(keys.digester.digest(message), given):
            return False
        self._remember(device.id, found.engine_id, keys)
        return True

    def _keys_of(self, device: TrapDevice, engine_id: bytes) -> Keys:
        """Return a device's keys for an engine: those remembered, or made now."""
        known = self._known.get(device.id, {}).get(engine_id)
        assert device.user is not None
        return known.keys if known is not None else make_keys(device.user, engine_id)

    def _remember(self, device: str, engine_id: bytes, keys: Keys) -> None:
        """Keep what only a holder of the keys can make us keep, and no more than a few."""
        engines = self._known.setdefault(device, {})
        if engine_id not in engines:
            if len(engines) >= ENGINES_MAX:
                del engines[next(iter(engines))]
            engines[engine_id] = _Engine(keys)

    def _is_new(
        self, devices: Sequence[TrapDevice], found: Outline3, is_ours: bool, now: int
    ) -> bool:
        if not found.flags & AUTH:
            return True
        if is_ours:
            off = abs(self.engine.time(now) - found.time)
            return found.boots == self.engine.boots < BOOTS_MAX and off <= WINDOW_S
        clocks = [self._known[device.id][found.engine_id].clock for device in devices]
        return all(clock.admits(found.boots, found.time, now) for clock in clocks)

    def _decrypted(self, device: TrapDevice, datagram: bytes, found: Outline3, now: int) -> bytes:
        """Return the scoped PDU in the clear. Raises RefusedError where it is none."""
        part = found.data
        if not found.flags & PRIV:
            if part.tag == SEQUENCE:
                return datagram[part.at : part.end]
            raise RefusedError("malformed")
        keys = self._keys_of(device, found.engine_id)
        assert keys.privacy is not None
        try:
            plain = keys.privacy.decrypt(
                datagram[part.begin : part.end], (found.boots, found.time), found.salt
            )
            scoped_pdu(plain)
        except (BerError, DecryptionError, ValueError, OverflowError):
            raise self._refused(datagram, found, UNDECRYPTABLE, now) from None
        return plain

    def _refused(
        self,
        datagram: bytes,
        found: Outline3,
        refusal: tuple[str, int],
        now: int,
        device: TrapDevice | None = None,
    ) -> RefusedError:
        """Return the refusal, with a report for a sender that asks for one.

        ``device``: who may be told our time, authenticated (RFC 3414 §3.2, 7 a).
        """
        reason, stat = refusal
        self._stats[stat] += 1
        if not found.flags & REPORTABLE:
            return RefusedError(reason)
        varbind = tlv(
            SEQUENCE,
            tlv(OBJECT_ID, _USM_STATS, bytes((stat, 0))),
            integer(self._stats[stat], _COUNTER_32),
        )
        numbers = (integer(_request_id(datagram, found)), integer(0), integer(0))
        pdu = tlv(REPORT, *numbers, tlv(SEQUENCE, varbind))
        scoped = tlv(SEQUENCE, tlv(OCTETS, self.engine.id), tlv(OCTETS), pdu)
        flags = AUTH if device is not None else 0
        return RefusedError(reason, self._sealed(found, scoped, device, flags, now))

    def _sealed(
        self, found: Outline3, scoped: bytes, device: TrapDevice | None, flags: int, now: int
    ) -> bytes:
        """Return a message of ours in answer to ``found``."""
        boots, time = self.engine.boots, self.engine.time(now)
        keys = Keys(None, None) if device is None else self._keys_of(device, self.engine.id)
        salt = b""
        if flags & PRIV:
            assert keys.privacy is not None
            salt, cipher = keys.privacy.encrypt(scoped, (boots, time), next(self._salts))
            scoped = tlv(OCTETS, cipher)
        digest = bytes(keys.digester.size) if keys.digester is not None and flags & AUTH else b""
        before = (
            tlv(OCTETS, self.engine.id) + integer(boots) + integer(time) + tlv(OCTETS, found.user)
        )
        security = tlv(SEQUENCE, before, tlv(OCTETS, digest), tlv(OCTETS, salt))
        header = tlv(
            SEQUENCE,
            integer(found.message_id), integer(SIZE_MAX), tlv(OCTETS, bytes((flags,))), integer(3),
        )  # fmt: skip
        message = tlv(SEQUENCE, integer(3, INTEGER), header, tlv(OCTETS, security), scoped)
        if not digest or keys.digester is None:
            return message
        # The digest is followed by the salt and the scoped PDU, whose lengths are known.
        at = len(message) - len(scoped) - len(tlv(OCTETS, salt)) - len(digest)
        true = keys.digester.digest(message)
        return message[:at] + true + message[at + len(true) :]


def level_of(user: User) -> int:
    """Return the two lowest msgFlags of this user's messages."""
    return (AUTH if user.auth else 0) | (PRIV if user.priv else 0)


def make_keys(user: User, engine_id: bytes) -> Keys:
    """Return a user's keys for an engine."""
    if not user.auth:
        return Keys(None, None)
    digests = digester(user.auth, user.auth_passphrase.encode(), engine_id)
    if not user.priv:
        return Keys(digests, None)
    ciphers = privacy(user.priv, user.auth, user.priv_passphrase.encode(), engine_id)
    return Keys(digests, ciphers)


def _request_id(datagram: bytes, found: Outline3) -> int:
    """Return the request's id where it can be read, else 0 (RFC 3412 §7.1, 3 c)."""
    try:
        plain = datagram[found.data.at : found.data.end]
        return request_id(plain, scoped_pdu(plain)[2])
    except (BerError, StopIteration):
        return 0
