"""The index of due times. Owns their order; ``due_times.py`` calculates them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from heapq import heappop, heappush
from typing import NamedTuple, Protocol


class Rank(IntEnum):
    """Order among dues of one moment: first evidence, then what follows from it."""

    OVERDUE = 0
    CALENDAR = 1
    FAULT = 2
    INCIDENT = 3
    MESSAGES = 4
    CLOCK_MARK = 5

    # Keys are read with every answer; the hash of Enum is a Python function over the name.
    __hash__ = int.__hash__


# A member of an enum costs five times a global, and each answer asks for it.
_OVERDUE = Rank.OVERDUE


class Key(NamedTuple):
    """What falls due: ``subject`` is a device, a programme, a fault, an incident or a person."""

    rank: Rank
    subject: str


class HasOverdue(Protocol):
    """A device that keeps its own due time, and may move it later without ``Dues.put``."""

    overdue: int | None


class Dues:
    """Times by key. The heap may hold stale entries; ``first`` drops them.

    ``overdue``: devices by id. Every answer moves the due time of its device, and only to a later
    time, so that the entry in the heap is never too late.
    """

    def __init__(self) -> None:
        self.overdue: Mapping[str, HasOverdue] = {}
        self._times: dict[Key, int] = {}
        self._heap: list[tuple[int, Key]] = []
        self._queued: dict[Key, int] = {}

    def put(self, key: Key, at: int | None) -> None:
        """Set or, with None, remove the due time of a key."""
        self._store(key, at)
        if at is None:
            return
        queued = self._queued.get(key)
        # A later time needs no entry: ``first`` finds it when the earlier entry is reached.
        if queued is None or at < queued:
            heappush(self._heap, (at, key))
            self._queued[key] = at

    @property
    def times(self) -> dict[Key, int]:
        """The due time of every key that has one."""
        devices = {
            Key(Rank.OVERDUE, name): device.overdue
            for name, device in self.overdue.items()
            if device.overdue is not None
        }
        return self._times | devices

    @property
    def not_before(self) -> int | None:
        """A time before which nothing is due; None where nothing is."""
        return self._heap[0][0] if self._heap else None

    def _store(self, key: Key, at: int | None) -> None:
        device = self.overdue.get(key.subject) if key.rank is _OVERDUE else None
        if device is not None:
            device.overdue = at
        elif at is None:
            self._times.pop(key, None)
        else:
            self._times[key] = at

    def _actual(self, key: Key) -> int | None:
        device = self.overdue.get(key.subject) if key.rank is _OVERDUE else None
        return self._times.get(key) if device is None else device.overdue

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
