"""Events decided and applied but not yet on disk. Owns their order and their limit; no I/O.

First in is kept: when the list is full, what comes later is refused and counted, for a record with
a hole could not be told from one that was tampered with. Bodies are not shed, because folding the
record needs every one of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from monitord.core.model import Event

LIMIT = 100_000


class Pending:
    """See the module. ``overflowed``: how many events were refused since ``begin_anew``."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self.overflowed = 0

    def __len__(self) -> int:
        return len(self._events)

    def add(self, events: Sequence[Event]) -> None:
        """Append events; once one was refused, all later ones are: no holes."""
        room = 0 if self.overflowed else self._limit - len(self._events)
        self._events.extend(events[:room])
        self.overflowed += max(0, len(events) - room)

    def take(self, at_most: int | None = None) -> tuple[Event, ...]:
        """Return the oldest events in order; they stay until ``committed`` names them."""
        return tuple(islice(self._events, at_most))

    def committed(self, up_to_number: int) -> None:
        """Let go of the events up to this number of their epoch."""
        while self._events and self._events[0].number <= up_to_number:
            self._events.popleft()

    def begin_anew(self) -> None:
        """Take events again after an overflow; they must belong to a new epoch."""
        self.overflowed = 0
