"""The pending list: it keeps the order and the limit, and has no gap."""

from __future__ import annotations

from monitord.journal.pending import Pending
from tests.fixtures.events import marks


def test_events_stay_in_order_until_they_are_committed() -> None:
    """A failed commit takes the same events again."""
    pending = Pending()
    pending.add(marks(1, 3))
    pending.add(marks(4, 5))
    assert pending.waiting() == pending.waiting() == tuple(marks(1, 5))
    pending.committed(3)
    assert pending.waiting() == tuple(marks(4, 5))
    pending.committed(5)
    assert (pending.waiting(), len(pending)) == ((), 0)


def test_a_full_list_keeps_the_first_and_counts_the_rest() -> None:
    """Memory is bounded however long the disk fails."""
    pending = Pending(limit=4)
    pending.add(marks(1, 3))
    pending.add(marks(4, 6))
    assert (pending.waiting(), pending.overflowed) == (tuple(marks(1, 4)), 2)


def test_after_an_overflow_every_later_event_is_refused() -> None:
    """Free space does not help: the numbers would have a gap."""
    pending = Pending(limit=2)
    pending.add(marks(1, 3))
    pending.committed(2)
    pending.add(marks(4, 4))
    assert (len(pending), pending.overflowed) == (0, 2)
