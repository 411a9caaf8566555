"""One condition's own timeline: held, between, blind. Owns that tiling; knows no programme.

Kept in memory from the oldest moment some programme has not settled. Closed segments tile time up
to ``start``; the open one runs on from there.
"""

from __future__ import annotations

from typing import NamedTuple

from monitord.core.expression import Kind
from monitord.core.model import Evidence


class Segment(NamedTuple):
    """What was known from ``start`` (included) to ``finish`` (excluded)."""

    start: int
    finish: int
    kind: Kind
    cause: str


class Timeline:
    """See the module. ``kind`` of the open segment is TRUE, FALSE or BLIND, never BETWEEN."""

    __slots__ = ("bound", "cause", "closed", "kind", "last_after", "last_before", "start")

    def __init__(self, bound: int, start: int, cause: str) -> None:
        self.bound = bound
        self.start = start
        self.kind = Kind.BLIND
        self.cause = cause
        self.last_before = start
        self.last_after = start
        self.closed: list[Segment] = []

    def known_to(self, now: int) -> int:
        """Return up to when this condition is settled: nothing stands on top of blind."""
        return now if self.kind is Kind.BLIND else max(self.start, self.last_before)

    def overdue_at(self) -> int | None:
        """Return when the last answer no longer proves anything; None while already blind."""
        return None if self.kind is Kind.BLIND else self.last_after + self.bound + 1

    def extend(self, evidence: Evidence) -> None:
        """Take evidence equal to the open segment's value, within the bound."""
        self.last_before = max(self.last_before, evidence.not_before)
        self.last_after = evidence.not_after

    def turn(self, evidence: Evidence) -> int:
        """Take evidence that differs; return the last moment the old value is known to have held.

        Within the bound that leaves a between piece, after blindness the blind one.
        """
        held_to = self._close_held()
        undecided = Kind.BLIND if self.kind is Kind.BLIND else Kind.BETWEEN
        self._close(evidence.not_after, undecided)
        self.kind = Kind.TRUE if evidence.value else Kind.FALSE
        self.cause = ""
        self.last_before = evidence.not_before
        self.last_after = evidence.not_after
        return held_to

    def lose(self, cause: str) -> int:
        """Go blind since the last proof; return that moment."""
        held_to = self._close_held()
        self.kind = Kind.BLIND
        self.cause = cause
        return held_to

    def rename_blindness(self, now: int, cause: str) -> None:
        """Give blindness a new cause from ``now`` on."""
        self._close(now, Kind.BLIND)
        self.cause = cause

    def segment_at(self, at: int) -> tuple[Kind, str]:
        """Return kind and cause just after ``at``, which must not be after ``known_to``."""
        if at >= self.start:
            return self.kind, self.cause
        for segment in reversed(self.closed):
            if segment.start <= at < segment.finish:
                return segment.kind, segment.cause
        return Kind.BLIND, self.cause

    def over(self, begin: int, end: int, now: int) -> tuple[Kind, str]:
        """Return what held over the whole of [begin, end]; BETWEEN where that is undecided."""
        if begin >= self.start:
            covered = end <= self.known_to(now)
            return (self.kind, self.cause) if covered else (Kind.BETWEEN, "")
        for segment in reversed(self.closed):
            if segment.start <= begin and end <= segment.finish:
                return segment.kind, segment.cause
        return Kind.BETWEEN, ""

    def edges(self, begin: int, end: int) -> list[int]:
        """Return the moments inside (begin, end) at which what is known changes."""
        found = [segment.start for segment in self.closed if begin < segment.start < end]
        return [*found, self.start] if begin < self.start < end else found

    def forget(self, before: int) -> None:
        """Drop closed segments that ended by ``before``."""
        if self.closed and self.closed[0].finish <= before:
            self.closed = [segment for segment in self.closed if segment.finish > before]

    def _close_held(self) -> int:
        if self.kind is Kind.BLIND:
            return self.start
        held_to = max(self.start, self.last_before)
        self._close(held_to, self.kind)
        return held_to

    def _close(self, finish: int, kind: Kind) -> None:
        # An empty held melts into what surrounds it.
        if finish > self.start:
            self.closed.append(Segment(self.start, finish, kind, self.cause))
            self.start = finish
