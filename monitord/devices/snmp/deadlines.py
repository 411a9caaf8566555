"""The deadlines of requests under way. Time is handed in; no I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from monitord.devices.snmp.members import Batch, Member


class Deadlines:
    """Batches in the order in which they are due, one queue for each length of deadline."""

    def __init__(self) -> None:
        self._batches: dict[int, deque[Batch]] = {}

    def add(self, batches: Mapping[int, Batch]) -> None:
        """Add what was sent together, by deadline in microseconds."""
        for deadline, batch in batches.items():
            self._batches.setdefault(deadline, deque()).append(batch)

    def overdue(self, now: int, *, is_drained: bool) -> Iterator[Member]:
        """Yield each member whose deadline has passed and that has no answer, once.

        ``is_drained``: the sockets are empty. Otherwise an answer may still be in one, so a member
        has one more deadline; after that a flood of datagrams does not delay the timeout.
        """
        for deadline, batches in self._batches.items():
            grace = 0 if is_drained else deadline
            while batches and batches[0].due + grace <= now:
                batch = batches.popleft()
                for member in batch.members:
                    if member.batch is batch and member.request_id and not member.is_undecided:
                        yield member
