"""The index of due times: a queue over facts. Owns order; what is due is asked in ``due_times``."""

from __future__ import annotations

from enum import IntEnum
from heapq import heappop, heappush
from typing import NamedTuple


class Rank(IntEnum):
    """Order among dues of one moment: first what is known, then what follows from it."""

    OVERDUE = 0
    CALENDAR = 1
    FAULT = 2
    LANE = 3
    MARK = 4


class Key(NamedTuple):
    """What falls due: ``subject`` is a device, a programme, programme/fault or a person."""

    rank: Rank
    subject: str


class Dues:
    """Times by key. The heap may hold stale entries; they are dropped when they surface."""

    def __init__(self) -> None:
        self.times: dict[Key, int] = {}
        self._heap: list[tuple[int, Key]] = []
        self._queued: dict[Key, int] = {}

    def put(self, key: Key, at: int | None) -> None:
        """Set or, with None, remove the due time of a key."""
        if at is None:
            self.times.pop(key, None)
            return
        self.times[key] = at
        queued = self._queued.get(key)
        # A later time waits for the earlier entry to surface: answers push due times on all day.
        if queued is None or at < queued:
            heappush(self._heap, (at, key))
            self._queued[key] = at

    def first(self) -> tuple[int, Key] | None:
        """Return the earliest due and its key, or None."""
        while self._heap:
            at, key = self._heap[0]
            actual = self.times.get(key)
            if actual == at:
                return at, key
            heappop(self._heap)
            if self._queued.get(key) == at:
                del self._queued[key]
                if actual is not None:
                    heappush(self._heap, (actual, key))
                    self._queued[key] = actual
        return None
