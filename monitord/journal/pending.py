"""Events decided and applied but not yet on disk. Owns their order and their limit; no I/O.

The oldest are kept. When the list is full, later events are refused and counted: a record with a
gap looks like a changed one. Bodies are kept, because folding needs every one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from monitord.core.model import Event

LIMIT = 100_000


class Pending:
    """See the module. ``overflowed``: number of refused events."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self.overflowed = 0

    def __len__(self) -> int:
        return len(self._events)

    def add(self, events: Sequence[Event]) -> None:
        """Append events; after the first refused one all later ones are refused."""
        room = 0 if self.overflowed else self._limit - len(self._events)
        self._events.extend(events[:room])
        self.overflowed += max(0, len(events) - room)

    def waiting(self) -> tuple[Event, ...]:
        """Return all events in order; ``committed`` removes them."""
        return tuple(self._events)

    def committed(self, up_to_number: int) -> None:
        """Remove the events up to this number of their epoch."""
        while self._events and self._events[0].number <= up_to_number:
            self._events.popleft()
