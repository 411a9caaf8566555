"""The interface of a shared socket: it polls many devices at once. Each protocol has its own.

A shared socket has no task and no timer. The poller wakes it once a slot: ``drain`` reads every
datagram that arrived, then ``sweep`` ends overdue polls, then ``send`` sends the requests that are
due. So a poll times out only after the socket was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError


class PollResult(NamedTuple):
    """How one poll of a member ended. ``member``: its number in the shared socket.

    ``raws``: the raw values in the order of the source's points, or the error. The sequence belongs
    to the shared socket, which overwrites it with the member's next answer. None: the shared socket
    cannot complete the poll (response too big, an engine's report). Then the member's reader reads
    at once, and the shared socket does not poll the member until ``learn``. ``changed``: places
    whose value differs from the member's last answer; None when all may differ (first answer, or
    after a failure). ``sent_at``: site time in microseconds, just before the request was sent.
    """

    member: int
    sent_at: int
    raws: Sequence[Raw] | ReadError | None
    changed: tuple[int, ...] | None


class SharedSocket(Protocol):
    """Polls members by number; at most one request of a member is under way."""

    def learn(self, member: int) -> bool:
        """Copy what the member's reader learned from a read that succeeded.

        Return whether the shared socket polls the member from now on: a poll is one request.
        """

    def send(self, members: Sequence[int], now: int) -> None:
        """Poll these members; ``now`` is site time in microseconds and becomes ``sent_at``."""

    def drain(self, now: int) -> list[PollResult]:
        """Return polls that ended, a bounded number; the next wake-up returns the rest."""

    def sweep(self, now: int) -> list[PollResult]:
        """Return the polls whose deadline has passed. Call ``drain`` first."""

    def keeps(self, member: int) -> bool:
        """Return whether a member that gave no answer is polled here again.

        One whose address came from a name is not: the name may have another by now, and the
        member's reader finds it.
        """

    def take_remarked(self) -> Sequence[int]:
        """Return the members whose readers have remarks since the last call."""

    def close(self) -> None:
        """Release the sockets; safe to call twice."""
