"""The index of due times: a queue over facts. Owns order; what is due is asked in ``due_times``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from heapq import heappop, heappush
from typing import NamedTuple, Protocol


class Rank(IntEnum):
    """Order among dues of one moment: first what is known, then what follows from it."""

    OVERDUE = 0
    CALENDAR = 1
    FAULT = 2
    MESSAGES = 3
    CLOCK_MARK = 4

    # Keys are looked up with every answer; Enum's own hash is that of the name, in Python.
    __hash__ = int.__hash__


class Key(NamedTuple):
    """What falls due: ``subject`` is a device, a programme, programme/fault or a person."""

    rank: Rank
    subject: str


class Waits(Protocol):
    """Who knows itself when it will be overdue, and may put it off without telling."""

    overdue: int | None


class Dues:
    """Times by key. The heap may hold stale entries; they are dropped when they surface.

    ``overdue``: devices by id, which put their own due time off with every answer; it only ever
    moves to a later time that way, so that the heap's entry is never too late.
    """

    def __init__(self) -> None:
        self.overdue: Mapping[str, Waits] = {}
        self._times: dict[Key, int] = {}
        self._heap: list[tuple[int, Key]] = []
        self._queued: dict[Key, int] = {}

    def put(self, key: Key, at: int | None) -> None:
        """Set or, with None, remove the due time of a key."""
        self._note(key, at)
        if at is None:
            return
        queued = self._queued.get(key)
        # A later time waits for the earlier entry to surface: answers push due times on all day.
        if queued is None or at < queued:
            heappush(self._heap, (at, key))
            self._queued[key] = at

    @property
    def times(self) -> dict[Key, int]:
        """Every key that is due, and when."""
        devices = {
            Key(Rank.OVERDUE, name): device.overdue
            for name, device in self.overdue.items()
            if device.overdue is not None
        }
        return self._times | devices

    @property
    def not_before(self) -> int | None:
        """A moment before which nothing is due; None when nothing ever is."""
        return self._heap[0][0] if self._heap else None

    def _note(self, key: Key, at: int | None) -> None:
        waits = self.overdue.get(key.subject) if key.rank is Rank.OVERDUE else None
        if waits is not None:
            waits.overdue = at
        elif at is None:
            self._times.pop(key, None)
        else:
            self._times[key] = at

    def _actual(self, key: Key) -> int | None:
        waits = self.overdue.get(key.subject) if key.rank is Rank.OVERDUE else None
        return self._times.get(key) if waits is None else waits.overdue

    def first(self) -> tuple[int, Key] | None:
        """Return the earliest due and its key, or None."""
        while self._heap:
            at, key = self._heap[0]
            actual = self._actual(key)
            if actual == at:
                return at, key
            heappop(self._heap)
            if self._queued.get(key) == at:
                del self._queued[key]
                if actual is not None:
                    heappush(self._heap, (actual, key))
                    self._queued[key] = actual
        return None
