"""Handles datagrams that the fast decoder of the SNMP shared socket rejected. No sockets.

Those that may be a response are read value by value, a bounded number in each drain, because each
takes many times as long. Datagrams that arrive behind such a one are held back until it is read: a
forged datagram must not hide the true response.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.ber import FastDecodeError
from monitord.devices.snmp.members import Member, RowMovedError
from monitord.devices.snmp.poll_outcomes import PollOutcomes
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError

_log = structlog.get_logger(__name__)

SLOW_MAX: Final = 16
"""Datagrams that are read value by value in one drain; the others wait for the next."""
HELD_BACK_MAX: Final = 4
"""Datagrams of one agent that are held back while one waits."""


class RejectedDatagrams:
    """Decides what a rejected datagram does to its poll. ``queue``: datagrams that wait."""

    def __init__(self, outcomes: PollOutcomes) -> None:
        self._outcomes = outcomes
        self.queue: deque[tuple[Member, bytes, str]] = deque()

    def reject(self, member: Member, datagram: bytes, error: Exception) -> None:
        """Handle a datagram at which the fast decoder raised ``error``."""
        match error:
            case FastDecodeError():
                self._queue(member, datagram, error.reason)
            case ResponseMismatchError():
                self._outcomes.note_mismatch(member, error)
            case AskAgainError() | RowMovedError():
                self._outcomes.hand_back(member)
            case ReadError():
                self._outcomes.fail(member, error)
            case _:
                self._outcomes.fail_unexpectedly(member, error)

    def hold_back(self, member: Member, datagram: bytes) -> None:
        """Keep a datagram that arrived while none is expected or one is undecided."""
        if member.is_undecided and len(member.held_back) < HELD_BACK_MAX:
            member.held_back.append(datagram)
        else:
            self._outcomes.count_unrequested(member, datagram)

    def decode_some(self, now: int) -> None:
        """Read up to ``SLOW_MAX`` datagrams."""
        for _ in range(min(SLOW_MAX, len(self.queue))):
            self._decode_next(now)

    def _queue(self, member: Member, datagram: bytes, reason: str) -> None:
        if member.request_id is None or member.request_id not in datagram:
            self._outcomes.count_unrequested(member, datagram)
            member.note_mismatch(ResponseMismatchError("request id is not ours", faulty=False))
            return
        member.is_undecided = True
        self.queue.append((member, datagram, reason))

    def _decode_next(self, now: int) -> None:
        """Decode one datagram; one that is no response has no effect on the poll."""
        member, datagram, reason = self.queue.popleft()
        member.is_undecided = False
        assert member.batch is not None
        self._outcomes.counts.slow += 1
        try:
            self._read_by_value(member, datagram, now)
        except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
            self.reject(member, datagram, error)
        if member.request_id is None and not member.is_slow_logged:
            member.is_slow_logged = True
            _log.warning("snmp_answer_read_slowly", device=member.name, reason=reason)
        self._decode_held_back(member, now)
        is_open = member.request_id is not None and not member.is_undecided
        if is_open and member.batch.due <= now:
            self._outcomes.fail(member, member.timeout_error())

    def _read_by_value(self, member: Member, datagram: bytes, now: int) -> None:
        """End the poll by the values that can be read.

        Raises ResponseMismatchError and ReadError.
        """
        assert member.single is not None
        assert member.request_id is not None
        assert member.decoder is not None
        # A v3 message is unwrapped by now.
        pdu = datagram if member.wire is not None else member.single.wire.unwrap(datagram, now)
        raws = member.single.decode(pdu, int.from_bytes(member.request_id, "big"))
        member.decoder.reset()
        if member.reader.remarks:
            self._outcomes.note_odd(member)
        if raws is None:
            self._outcomes.hand_back(member)
        else:
            self._outcomes.answer(member, raws)

    def _decode_held_back(self, member: Member, now: int) -> None:
        """Decode held-back datagrams up to the next that has to wait."""
        held_back, member.held_back = member.held_back, []
        for place, datagram in enumerate(held_back):
            if member.request_id is None or member.decoder is None:
                self._outcomes.count_unrequested(member, datagram)
                continue
            if member.is_undecided:
                member.held_back = held_back[place:]
                return
            try:
                raws = _decoded(member, datagram, now)
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self.reject(member, datagram, error)
            else:
                self._outcomes.answer(member, raws)


def _decoded(member: Member, datagram: bytes, now: int) -> Sequence[Raw]:
    """Return the raw values of a response, by the fast decoder."""
    assert member.decoder is not None
    assert member.request_id is not None
    pdu = datagram if member.wire is None else member.wire.unwrap(datagram, now)
    changed = member.decoder.decode(pdu, member.request_id)
    if member.decoder.is_odd:
        member.note_odd(member.decoder)
    if member.template.points_of is None:
        return member.decoder.values
    member.in_point_order(member.decoder.values, changed)
    return member.raws
