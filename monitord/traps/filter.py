"""What becomes of each datagram: believed or dropped, counted, answered, and whom it wakes.

Sans-IO: octets and a source in, a ``Taken`` out; time is handed in. Owns what is believed of a trap
and what follows from it: its device is polled now, and it may say that a condition held. Nothing in
it is ever taken for a polled value.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from monitord.core.model import TrapSeen
from monitord.devices.snmp.messages import dotted
from monitord.devices.snmp.model import V1, V3
from monitord.devices.snmp.usm.messages import RESPONSE
from monitord.devices.snmp.wire import ResponseMismatchError
from monitord.traps.decode import NotATrapError, Notification, decode
from monitord.traps.message import (
    INFORM,
    TRAP_1,
    TRAP_2,
    BerError,
    Outline,
    check_pdu,
    outline,
)
from monitord.traps.model import TrapDevice
from monitord.traps.rate import Memory, TokenBucket
from monitord.traps.usm import OwnEngine, RefusedError, Usm

DEVICE_PER_SECOND, DEVICE_BURST = 10, 40
TOTAL_PER_SECOND, TOTAL_BURST = 100, 400
"""A trap costs about a millisecond to decode: a storm from everywhere takes a tenth of one core."""

RESULTS: Final = (
    "taken",
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
class Taken:
    """What follows from a datagram: what to send back, whom to poll, what was said."""

    reply: bytes | None = None
    poll: tuple[str, ...] = ()
    seen: tuple[TrapSeen, ...] = ()


NOTHING: Final = Taken()
"""For what was dropped before it was looked at."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A trap or inform of one of ``devices``, and its answer if it wants one."""

    devices: tuple[TrapDevice, ...]
    notification: Notification
    reply: bytes | None
    is_new: bool = True


class TrapJudge:
    """Judges datagrams by where they come from and what they know.

    ``counts``: by (device, result); what comes from an address with several devices and is
    believed of none counts for the first. ``lost``: by device, traps that its own counter says were
    sent and that never came. ``strangers``: from addresses nobody is configured at.
    """

    def __init__(self, engine: OwnEngine) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.lost: Counter[str] = Counter()
        self.strangers = 0
        self._at: Mapping[str, tuple[TrapDevice, ...]] = {}
        self._usm = Usm(engine)
        self._total = TokenBucket(TOTAL_PER_SECOND, TOTAL_BURST)
        self._buckets: dict[str, TokenBucket] = {}
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)
        self._told: set[tuple[str, str]] = set()

    def place(self, devices_at: Mapping[str, Sequence[TrapDevice]]) -> None:
        """Believe from now on the devices at these IP addresses, and nobody else."""
        self._at = {address: tuple(devices) for address, devices in devices_at.items()}
        self._buckets = {
            address: self._buckets.get(address) or TokenBucket(DEVICE_PER_SECOND, DEVICE_BURST)
            for address in self._at
        }

    def take(self, datagram: bytes, source: str, now: int) -> Taken:
        """Return what follows from a datagram. ``source``: IP address; ``now``: site time."""
        devices = self._at.get(source)
        if devices is None:
            self.strangers += 1
            if self.strangers == 1:
                _log.warning("trap_from_unknown_source", address=source)
            return NOTHING
        if not (self._buckets[source].take(now) and self._total.take(now)):
            self._count(devices[0].id, "storm")
            return NOTHING
        try:
            message = self._opened(datagram, devices, now)
        except RefusedError as refused:
            self._count(devices[0].id, refused.reason)
            return Taken(reply=refused.reply)
        return self._believed(message, now)

    def failed(self, source: str) -> None:
        """Count a mistake of ours on a datagram from ``source``."""
        for device in self._at.get(source, ())[:1]:
            self._count(device.id, "failed")

    def _opened(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> _Message:
        try:
            found = outline(datagram)
            if found.version == V3:
                return self._of_a_user(datagram, devices, now)
            return _of_a_community(datagram, found, devices)
        except (BerError, NotATrapError, ResponseMismatchError):
            raise RefusedError("malformed") from None

    def _of_a_user(self, datagram: bytes, devices: Sequence[TrapDevice], now: int) -> _Message:
        opened = self._usm.open(datagram, devices, now)
        pdu = opened.scoped.pdu
        # RFC 3412 §6.5: the receiver is the authority of an inform, the sender of a trap.
        wanted = INFORM if opened.header.engine_id == self._usm.engine.id else TRAP_2
        if pdu[0] != wanted:
            raise RefusedError("not_a_trap")
        check_pdu(pdu)
        notification = decode(pdu)
        reply = self._usm.answer(opened, now) if notification.is_inform else None
        return _Message(opened.devices, notification, reply, opened.is_new)

    def _believed(self, message: _Message, now: int) -> Taken:
        poll: list[str] = []
        for device in message.devices:
            judged = self._memories[device.id].judge(message.notification, now)
            if judged.is_again:
                self._count(device.id, "duplicate")
                continue
            poll.append(device.id)
            self._count(device.id, "taken" if message.is_new else "not_in_window", message)
            if judged.lost:
                self._tell_lost(device.id, judged.lost)
        seen = self._said(message, now) if poll and message.is_new else ()
        return Taken(message.reply, tuple(poll), seen)

    def _said(self, message: _Message, now: int) -> tuple[TrapSeen, ...]:
        """Return what the trap says of conditions; of which of several devices nobody knows."""
        if len(message.devices) != 1:
            return ()
        (device,) = message.devices
        trap = message.notification
        said = {rule.condition: rule.value for rule in device.rules if trap.says(rule)}
        return tuple(
            TrapSeen(device.id, now, trap.device_time, condition, value)
            for condition, value in said.items()
        )

    def _count(self, device: str, result: str, message: _Message | None = None) -> None:
        """Count, and tell the first of its kind."""
        self.counts[device, result] += 1
        is_first = (device, result) not in self._told
        self._told.add((device, result))
        about = {} if message is None else {"trap": dotted(message.notification.trap_oid)}
        if not is_first:
            _log.debug("trap_came", device=device, result=result, **about)
        elif result in _ORDINARY:
            _log.info("trap_came", device=device, result=result, **about)
        else:
            _log.warning("trap_not_taken", device=device, result=result, **about)

    def _tell_lost(self, device: str, lost: int) -> None:
        log = _log.debug if self.lost[device] else _log.warning
        log("traps_lost", device=device, count=lost)
        self.lost[device] += lost


def _of_a_community(datagram: bytes, found: Outline, devices: Sequence[TrapDevice]) -> _Message:
    """Return the trap of the devices that have its community. Raises RefusedError."""
    knowing = tuple(
        device
        for device in devices
        if device.community is not None
        and hmac.compare_digest(device.community.encode(), found.community)
    )
    if not knowing:
        raise RefusedError("wrong_community")
    if found.pdu[0] not in ((TRAP_1,) if found.version == V1 else (TRAP_2, INFORM)):
        raise RefusedError("not_a_trap")
    notification = decode(found.pdu)
    # RFC 3416 §4.2.7: the answer is the same message, as a response.
    at = found.pdu_at
    answer = datagram[:at] + bytes((RESPONSE,)) + datagram[at + 1 :]
    return _Message(knowing, notification, answer if notification.is_inform else None)
