"""A start continues the record's time axis from the latest pair of clocks it remembers."""

from __future__ import annotations

from monitord.clock import Anchor, Instant, place_axis
from monitord.core.durable import Durable
from monitord.core.model import SECOND
from monitord.journal.alive import Alive
from monitord.startup import anchor

HOUR = 3600 * SECOND
OFFSET = 7 * HOUR
RECORDED = Durable(number=9, last_at=100 * HOUR, clock_offset=OFFSET)


def alive_at(site: int, boot_id: str = "a") -> Alive:
    """Return the alive file's pair: ``site`` at as much time since the boot."""
    return Alive(
        boot_id, site, site, site + OFFSET, epoch=1, number=9, head="x", recorded_until=site
    )


def instant_at(site: int, boot_id: str = "a") -> Instant:
    return Instant(boot_id, site, site + OFFSET)


def test_the_first_start_has_nothing_to_continue() -> None:
    """The axis begins at the wall clock."""
    assert anchor(None, Durable(), instant_at(5)) is None


def test_without_the_alive_file_the_last_event_counts() -> None:
    """The wall clock's difference since then carries the axis on."""
    found = anchor(None, RECORDED, instant_at(0))
    assert found is not None
    assert place_axis(found, Instant("b", 0, 103 * HOUR + OFFSET)) == 103 * HOUR


def test_within_one_boot_the_alive_file_is_exact() -> None:
    """Also where an event was committed after it was written."""
    alive = alive_at(99 * HOUR)
    found = anchor(alive, RECORDED, instant_at(101 * HOUR))
    assert found == Anchor(99 * HOUR, instant_at(99 * HOUR))


def test_after_a_boot_the_later_of_file_and_record_counts() -> None:
    """A power cut may take the newest alive copy; the record is then the later memory."""
    present = instant_at(104 * HOUR, "b")
    older, later = alive_at(99 * HOUR), alive_at(101 * HOUR)
    recorded = Anchor(100 * HOUR, Instant("", 0, 100 * HOUR + OFFSET))
    assert anchor(older, RECORDED, present) == recorded
    assert anchor(later, RECORDED, present) == Anchor(101 * HOUR, instant_at(101 * HOUR))


def test_the_axis_never_begins_before_the_last_event() -> None:
    """An alive file that would place the start before the record's end does not count."""
    alive = alive_at(90 * HOUR)
    found = anchor(alive, RECORDED, instant_at(95 * HOUR))
    assert found is not None
    assert place_axis(found, instant_at(95 * HOUR)) >= RECORDED.last_at
