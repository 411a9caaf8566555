"""Accepts or drops each datagram of the trap port, counts it, and names the devices to poll.

Sans-IO: datagram and source in, a ``TrapOutcome`` out; time is handed in. An accepted trap leads to
a poll of its device now, and may state that a condition held. It is never used as a polled value.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from monitord.core.model import TrapSeen
from monitord.devices.snmp.messages import dotted
from monitord.devices.snmp.model import V3
from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.messages import RESPONSE
from monitord.traps.decode import NotATrapError, Notification, decode
from monitord.traps.message import INFORM, KINDS, TRAP_2, Outline, outline
from monitord.traps.model import TrapDevice
from monitord.traps.rate import RecentTraps, TokenBucket
from monitord.traps.usm import OwnEngine, TrapRejectedError, TrapSecurity

DEVICE_PER_SECOND, DEVICE_BURST = 10, 40
TOTAL_PER_SECOND, TOTAL_BURST = 100, 400
"""A trap takes about a millisecond to decode: a storm of all devices takes a tenth of one core."""

RESULTS: Final = (
    "taken",
    "odd",
    "duplicate",
    "storm",
    "malformed",
    "not_a_trap",
    "wrong_community",
    "wrong_user",
    "wrong_level",
    "wrong_digest",
    "not_in_window",
    "undecryptable",
    "discovery",
    "failed",
)
"""How a datagram from a configured address may end."""
_ORDINARY = frozenset({"taken", "duplicate", "discovery"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TrapOutcome:
    """What a datagram leads to: a reply, ids of devices to poll, conditions that traps state."""

    reply: bytes | None = None
    poll: tuple[str, ...] = ()
    seen: tuple[TrapSeen, ...] = ()


DROPPED: Final = TrapOutcome()
"""Of a datagram that is dropped before it is decoded."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A trap or inform of one of ``devices``; ``reply``: to an inform."""

    devices: tuple[TrapDevice, ...]
    notification: Notification
    reply: bytes | None
    is_new: bool = True


class TrapFilter:
    """Accepts datagrams by source address, and by community or user.

    ``counts``: by (device, result); a rejected datagram from an address with several devices counts
    for the first. ``lost``: by device, traps that its event counter shows as sent and that did not
    arrive. ``unknown_source``: datagrams from addresses of no device.
    """

    def __init__(self, engine: OwnEngine) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.lost: Counter[str] = Counter()
        self.unknown_source = 0
        self._at: Mapping[str, tuple[TrapDevice, ...]] = {}
        self._security = TrapSecurity(engine)
        self._total = TokenBucket(TOTAL_PER_SECOND, TOTAL_BURST)
        self._buckets: dict[str, TokenBucket] = {}
        self._recent: defaultdict[str, RecentTraps] = defaultdict(RecentTraps)
        self._logged: set[tuple[str, str]] = set()

    def accept_from(self, devices_at: Mapping[str, Sequence[TrapDevice]]) -> None:
        """Accept from now on the devices at these IP addresses, and no other source."""
        self._at = {address: tuple(devices) for address, devices in devices_at.items()}
        self._buckets = {
            address: self._buckets.get(address) or TokenBucket(DEVICE_PER_SECOND, DEVICE_BURST)
            for address in self._at
        }

    def handle(self, datagram: bytes, source: str, now: int) -> TrapOutcome:
        """Return what a datagram leads to. ``source``: IP address; ``now``: site time."""
        devices = self._at.get(source)
        if devices is None:
            self.unknown_source += 1
            if self.unknown_source == 1:
                _log.warning("trap_from_unknown_source", address=source)
            return DROPPED
        if not (self._buckets[source].take(now) and self._total.take(now)):
            self._count(devices[0].id, "storm")
            return DROPPED
        try:
            message = self._opened(datagram, devices, now)
        except TrapRejectedError as rejected:
            self._count(devices[0].id, rejected.reason)
            return TrapOutcome(reply=rejected.reply)
        return self._accepted(message, now)

    def count_failure(self, source: str) -> None:
        """Count a mistake of our own at a datagram from ``source``."""
        for device in self._at.get(source, ())[:1]:
            self._count(device.id, "failed")

    def _opened(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> _Message:
        try:
            found = outline(datagram)
            if found.version == V3:
                return self._of_user(found.whole, devices, now)
            return _of_community(found, devices)
        except (BerError, NotATrapError):
            raise TrapRejectedError("malformed") from None

    def _of_user(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> _Message:
        opened = self._security.open(datagram, devices, now)
        pdu = opened.scoped.pdu
        # RFC 3412 §6.5: the receiver is authoritative for an inform, the sender for a trap.
        expected = INFORM if opened.header.engine_id == self._security.engine.id else TRAP_2
        if pdu[0] != expected:
            raise TrapRejectedError("not_a_trap")
        notification = decode(pdu)
        reply = self._security.response(opened, now) if notification.is_inform else None
        return _Message(opened.devices, notification, reply, opened.is_new)

    def _accepted(self, message: _Message, now: int) -> TrapOutcome:
        poll: list[str] = []
        for device in message.devices:
            novelty = self._recent[device.id].note(message.notification, now)
            if novelty.is_repeat:
                self._count(device.id, "duplicate")
                continue
            poll.append(device.id)
            self._count(device.id, _result(message), message)
            if novelty.lost:
                self._count_lost(device.id, novelty.lost)
        seen = _conditions(message, now) if poll and message.is_new else ()
        return TrapOutcome(message.reply, tuple(poll), seen)

    def _count(self, device: str, result: str, message: _Message | None = None) -> None:
        """Count a result; log the first of its kind."""
        self.counts[device, result] += 1
        is_first = (device, result) not in self._logged
        self._logged.add((device, result))
        about = {} if message is None else _described(message.notification)
        if not is_first:
            _log.debug("trap_came", device=device, result=result, **about)
        elif result == "odd":
            _log.warning("trap_odd", device=device, result=result, **about)
        elif result in _ORDINARY:
            _log.info("trap_came", device=device, result=result, **about)
        else:
            _log.warning("trap_not_taken", device=device, result=result, **about)

    def _count_lost(self, device: str, lost: int) -> None:
        log = _log.debug if self.lost[device] else _log.warning
        log("traps_lost", device=device, count=lost)
        self.lost[device] += lost


def _conditions(message: _Message, now: int) -> tuple[TrapSeen, ...]:
    """Return the conditions that a trap states; none where several devices may have sent it."""
    if len(message.devices) != 1:
        return ()
    (device,) = message.devices
    trap = message.notification
    values = {rule.condition: rule.value for rule in device.rules if trap.matches(rule)}
    return tuple(
        TrapSeen(device.id, now, trap.device_time, condition, value)
        for condition, value in values.items()
    )


def _result(message: _Message) -> str:
    if not message.is_new:
        return "not_in_window"
    return "odd" if message.notification.problems else "taken"


def _described(notification: Notification) -> dict[str, str]:
    """Return what the log has of a notification."""
    about = {"trap": dotted(notification.trap_oid)}
    return about | ({"detail": "; ".join(notification.problems)} if notification.problems else {})


def _of_community(found: Outline, devices: Sequence[TrapDevice]) -> _Message:
    """Return the trap of the devices with its community. Raises TrapRejectedError."""
    matching = tuple(
        device
        for device in devices
        if device.community is not None
        and hmac.compare_digest(device.community.encode(), found.community)
    )
    if not matching:
        raise TrapRejectedError("wrong_community")
    if found.pdu and found.pdu[0] not in KINDS:
        raise TrapRejectedError("not_a_trap")
    notification = decode(found.pdu)
    if found.is_short:
        problems = ("the message says that it is longer than what came", *notification.problems)
        notification = replace(notification, problems=problems)
    # RFC 3416 §4.2.7: the response is the same message with another PDU tag.
    at = found.pdu_at
    response = found.whole[:at] + bytes((RESPONSE,)) + found.whole[at + 1 :]
    has_response = notification.is_inform and not found.is_cut
    return _Message(matching, notification, response if has_response else None)
