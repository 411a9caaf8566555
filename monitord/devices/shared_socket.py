"""Many devices polled at once: what the poller asks of a lane. Owns shapes; each lane its sockets.

A lane has no task and no timer. The poller wakes it once a slot: first ``drain`` takes out all that
has come, then ``sweep`` gives up what is overdue, then ``send`` asks the devices that are due. So a
silence is only ever told after the socket was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError


class Came(NamedTuple):
    """How one poll of a member ended. ``member``: its number in the lane.

    ``raws``: in the order of the source's points, or why there are none. The sequence belongs to
    the lane and is overwritten by the member's next answer. None: something that a lane does not
    settle (too big, an engine's report); the member's reader is to read it now, and the lane takes
    it no more until ``learn``. ``changed``: the places that differ from the member's answer before,
    None when all may (its first, or after a failure). ``sent_at``: site time in microseconds, just
    before the request left.
    """

    member: int
    sent_at: int
    raws: Sequence[Raw] | ReadError | None
    changed: tuple[int, ...] | None


class Lane(Protocol):
    """Asks members by number; at most one request of a member is under way."""

    def learn(self, member: int) -> bool:
        """Take over what the member's reader has learned of it by a read that succeeded.

        Return whether the lane takes the member from now on: its whole poll is one request.
        """

    def send(self, members: Sequence[int], now: int) -> None:
        """Ask each of these; ``now`` is site time in microseconds and becomes their ``sent_at``."""

    def drain(self, now: int) -> list[Came]:
        """Return what has come, at most a bounded number; the rest is there at the next wake-up."""

    def sweep(self, now: int) -> list[Came]:
        """Return the polls whose deadline has passed. Call ``drain`` first."""

    def close(self) -> None:
        """Release the sockets; safe to call twice."""
