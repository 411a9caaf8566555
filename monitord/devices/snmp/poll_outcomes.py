"""Ends the polls of the SNMP shared socket: counts them, keeps their results. No sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.members import Member
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.devices.snmp.wire import ResponseMismatchError
from monitord.logs import error_place
from monitord.texts.phrases import phrase


class PollOutcomes:
    """``ended``: results that ``collect`` returns next; ``counts``: how polls ended.

    ``release``: is called with each member that goes back to its reader. ``remarked``: numbers of
    members whose readers have new remarks.
    """

    def __init__(self, counts: SharedSocketCounts, release: Callable[[Member], None]) -> None:
        self.ended: list[PollResult] = []
        self.remarked: list[int] = []
        self.counts = counts
        self._release = release

    def collect(self) -> list[PollResult]:
        """Return the polls that ended since the last call."""
        ended, self.ended = self.ended, []
        return ended

    def note_odd(self, member: Member) -> None:
        """Remark what is odd in the member's last response."""
        if member.decoder is not None:
            member.note_odd(member.decoder)
        self.remarked.append(member.number)

    def answer(self, member: Member, raws: Sequence[Raw]) -> None:
        """End a poll with values, any of which may have changed."""
        member.end_answered(None)
        self.counts.answers += 1
        self._end(member, raws)

    def fail(self, member: Member, error: ReadError) -> None:
        """End a poll with an error."""
        member.end_failed()
        self.counts.failures += 1
        self._end(member, error)

    def hand_back(self, member: Member) -> None:
        """Give a poll to the member's reader; the member is not polled again before ``learn``."""
        self._release(member)
        member.end_failed()
        self.counts.handed_back += 1
        self._end(member, None)

    def fail_unexpectedly(self, member: Member, error: Exception) -> None:
        """End a poll after a mistake of our own.

        The exception's text stays out: it may quote what the device sent.
        """
        self.counts.broken += 1
        if member.decoder is not None:
            member.decoder.reset()
        self.fail(
            member, ReadError("bad_answer", phrase("device.own_mistake", place=error_place(error)))
        )

    def note_mismatch(self, member: Member, error: ResponseMismatchError) -> None:
        """Count a datagram that is not the response; the right one may still come."""
        if error.faulty:
            self.counts.mismatched += 1
        else:
            self.counts.late += 1
        member.note_mismatch(error)

    def count_unrequested(self, member: Member, datagram: bytes) -> None:
        """Count a datagram that answers no request under way."""
        is_open = member.is_undecided and member.request_id
        last = member.request_id if is_open else member.answered_id
        if last and last in datagram:
            self.counts.duplicate += 1
        else:
            self.counts.late += 1

    def _end(self, member: Member, raws: Sequence[Raw] | ReadError | None) -> None:
        if member.request_id is not None and not isinstance(raws, ReadError):
            member.answered_id = member.request_id
        member.request_id = None
        self.ended.append(PollResult(member.number, member.sent_at, raws, None))
