"""monitord itself was late: what the record keeps of it."""

from __future__ import annotations

from monitord.core.codec import from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.lateness_events import Lateness, OwnLateness
from monitord.core.lateness_folds import own_lateness
from monitord.core.model import Event, Stream

EVENT = Event(1, 1, 9_000_000, "own_lateness", 1, "", Stream.SITE, b"{}")


def test_a_state_that_a_record_kept_without_lateness_is_read_with_none() -> None:
    """A base event or snapshot of a monitord that did not know the kind has no such key."""
    plain = to_plain(Durable())
    del plain["lateness"]
    assert from_plain(Durable, plain).lateness == Lateness()


def test_lateness_is_counted_and_the_newest_is_kept() -> None:
    """However often our machine is late, the state has one of it."""
    durable = Durable()
    own_lateness(durable, EVENT, OwnLateness(1_000_000, 4_000_000))
    own_lateness(durable, EVENT, OwnLateness(7_000_000, 9_000_000))
    assert durable.lateness == Lateness(2, 5_000_000, 7_000_000, 9_000_000)
