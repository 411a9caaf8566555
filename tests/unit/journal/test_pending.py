"""The pending list: order is kept, the limit holds, and no hole is ever made."""

from __future__ import annotations

from monitord.journal.pending import Pending
from tests.fixtures.events import marks


def test_events_stay_in_order_until_they_are_committed() -> None:
    """Taking is not committing: a failed commit takes the same again."""
    pending = Pending()
    pending.add(marks(1, 3))
    pending.add(marks(4, 5))
    assert pending.take() == pending.take() == tuple(marks(1, 5))
    pending.committed(3)
    assert pending.take() == tuple(marks(4, 5))
    pending.committed(5)
    assert (pending.take(), len(pending)) == ((), 0)


def test_the_oldest_may_be_taken_in_parts() -> None:
    """A long list may go to disk in steps."""
    pending = Pending()
    pending.add(marks(1, 9))
    assert pending.take(4) == tuple(marks(1, 4))


def test_a_full_list_keeps_the_first_and_counts_the_rest() -> None:
    """Memory is bounded whatever the disk does."""
    pending = Pending(limit=4)
    pending.add(marks(1, 3))
    pending.add(marks(4, 6))
    assert (pending.take(), pending.overflowed) == (tuple(marks(1, 4)), 2)


def test_after_an_overflow_every_later_event_is_refused() -> None:
    """Free space does not help: the numbers would have a gap."""
    pending = Pending(limit=2)
    pending.add(marks(1, 3))
    pending.committed(2)
    pending.add(marks(4, 4))
    assert (len(pending), pending.overflowed) == (0, 2)
