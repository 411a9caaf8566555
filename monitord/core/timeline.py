"""The timeline of one condition: held, between, blind. Owns these segments; knows no programme.

Kept from the oldest moment that a programme has not settled. The closed segments cover the time up
to ``start`` without gap or overlap; the open one runs on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitord.core.expression import Kind
from monitord.core.model import Evidence

# A member of an enum costs five times a global, and a start asks a million times.
_FALSE, _TRUE, _BETWEEN, _BLIND = Kind.FALSE, Kind.TRUE, Kind.BETWEEN, Kind.BLIND


class Segment(NamedTuple):
    """What was known from ``start`` (included) to ``finish`` (excluded)."""

    start: int
    finish: int
    kind: Kind
    cause: str


class Proof:
    """When a device's last answer was sent and received; shared by the timelines that follow it."""

    __slots__ = ("at", "sent_at")

    def __init__(self, at: int) -> None:
        self.at = at
        self.sent_at = at


class Timeline:
    """See the module. ``kind`` of the open segment is TRUE, FALSE or BLIND, never BETWEEN.

    While a timeline *follows* its device, every answer proves the open value again, and only the
    shared proof moves. ``lags``: of false and of true. ``waits_from``: while blind, when a reading
    was received that the next one may make count from there on; None without one. ``_before``: the
    begin of the latest evidence of the open value; while blind, that of the whole blindness.
    """

    __slots__ = (
        "_after",
        "_before",
        "_proof",
        "bound",
        "cause",
        "closed",
        "follows",
        "kind",
        "lags",
        "start",
        "waits_from",
    )

    def __init__(
        self, bound: int, start: int, cause: str, proof: Proof, lags: tuple[int, int]
    ) -> None:
        self.bound = bound
        self.start = start
        self.kind = _BLIND
        self.cause = cause
        self.lags = lags
        self.follows = False
        self.waits_from: int | None = None
        self.closed: Sequence[Segment] = ()
        self._before = start
        self._after = start
        self._proof = proof

    @property
    def last_before(self) -> int:
        """The begin of the latest evidence of the open value."""
        if not self.follows:
            return self._before
        return max(self._before, self._proof.sent_at - self.lags[self.kind])

    @property
    def last_after(self) -> int:
        """When the last evidence of the open value was received."""
        return self._proof.at if self.follows else self._after

    def follow(self) -> None:
        """Let every further answer of the device prove the open value, until ``unfollow``."""
        self.follows = True
        if self._before <= self._proof.sent_at - self.lags[self.kind]:
            # The shared proof replaces it: 200,000 timelines need no number of their own.
            self._before = self._after = 0

    def unfollow(self) -> None:
        """Keep what is proven up to now; further answers of the device prove nothing here.

        Only for one that follows: thousands of a start do not, and a call of each would cost.
        """
        self._before, self._after = self.last_before, self.last_after
        self.follows = False

    def known_to(self, now: int) -> int:
        """Return up to when this condition is settled; a blind one is settled up to now.

        Blindness with a reading that waits is settled up to that.
        """
        if self.kind is _BLIND:
            return now if self.waits_from is None else min(now, self.waits_from)
        return max(self.start, self.last_before)

    def overdue_at(self) -> int | None:
        """Return when the last proof exceeds the bound; None while blind."""
        return None if self.kind is _BLIND else self.last_after + self.bound + 1

    def extend(self, evidence: Evidence) -> None:
        """Add evidence of the open segment's value, within the bound."""
        self.prove(evidence.not_before, evidence.not_after)

    def prove(self, not_before: int, not_after: int) -> None:
        """Prove the open segment's value again in [``not_before``, ``not_after``]."""
        self._before = max(self._before, not_before)
        self._after = not_after

    def turn(self, evidence: Evidence, *, is_read: bool = True) -> int:
        """Add evidence of another value; see ``turn_to``."""
        _, value, not_before, not_after = evidence
        return self.turn_to(value, not_before, not_after, is_read=is_read)

    def turn_to(self, value: bool, not_before: int, not_after: int, *, is_read: bool) -> int:
        """Take another value, proven in an interval; return up to when the old one is proven.

        After blindness that is the begin of it, whatever causes it had in turn.
        The time between them becomes a between segment, or a blind one after blindness. So it does
        for evidence of the same value, where another value was possible between the two.
        ``is_read``: something reads what was before; where nothing does, it is not kept.
        """
        if is_read:
            held_to = self._close_held()
            self._close(not_after, _BLIND if self.kind is _BLIND else _BETWEEN)
        else:
            held_to = self._held_to
            self.closed, self.start = (), max(self.start, held_to, not_after)
        self.kind = _TRUE if value else _FALSE
        self.cause = ""
        self._before = not_before
        self._after = not_after
        return held_to

    def lose(self, cause: str) -> int:
        """Become blind from the last proof on; return that moment."""
        held_to = self._close_held()
        self.kind = _BLIND
        self.cause = cause
        self._before = held_to
        return held_to

    def change_cause(self, now: int, cause: str) -> None:
        """Give blindness a new cause from ``now`` on."""
        self._close(now, _BLIND)
        self.cause = cause

    def segment_at(self, at: int) -> tuple[Kind, str]:
        """Return kind and cause just after ``at``, which must not be after ``known_to``."""
        if at >= self.start:
            return self.kind, self.cause
        for segment in reversed(self.closed):
            if segment.start <= at < segment.finish:
                return segment.kind, segment.cause
        return _BLIND, self.cause

    def over(self, begin: int, end: int, now: int) -> tuple[Kind, str]:
        """Return what held over the whole of [begin, end]; BETWEEN where that is undecided."""
        if begin >= self.start:
            covered = end <= self.known_to(now)
            return (self.kind, self.cause) if covered else (_BETWEEN, "")
        for segment in reversed(self.closed):
            if segment.start <= begin and end <= segment.finish:
                return segment.kind, segment.cause
        return _BETWEEN, ""

    def edges(self, after: int) -> list[int]:
        """Return the moments after ``after`` at which what is known changes, in order."""
        found = [segment.start for segment in self.closed if segment.start > after]
        return [*found, self.start] if self.start > after else found

    def forget(self, before: int) -> None:
        """Drop closed segments that ended by ``before``."""
        if self.closed and self.closed[0].finish <= before:
            self.closed = tuple(segment for segment in self.closed if segment.finish > before)

    def forget_closed(self) -> None:
        """Drop every closed segment."""
        self.closed = ()

    @property
    def _held_to(self) -> int:
        """The last moment proven for the open value; of blindness its begin."""
        return self._before if self.kind is _BLIND else max(self.start, self.last_before)

    def _close_held(self) -> int:
        held_to = self._held_to
        if self.kind is not _BLIND:
            self._close(held_to, self.kind)
        return held_to

    def _close(self, finish: int, kind: Kind) -> None:
        # A held segment without length is left out.
        if finish > self.start:
            self.closed = (*self.closed, Segment(self.start, finish, kind, self.cause))
            self.start = finish
