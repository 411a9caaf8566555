"""Site time is carried across restarts and boots and never runs backwards."""

from __future__ import annotations

import pytest

from monitord.clock import Anchor, Instant, SystemClock, place_axis, read_instant

HOUR = 3_600_000_000
WALL = 1_760_000_000_000_000
ANCHOR = Anchor(site=WALL + 7, instant=Instant(boot_id="a", boottime=5 * HOUR, wall=WALL))


def test_the_first_start_ever_begins_the_axis_at_the_wall_clock() -> None:
    """Without a stored pair site time is the wall clock, so that it reads as a date."""
    assert place_axis(None, Instant("a", 5 * HOUR, WALL)) == WALL


def test_a_restart_in_the_same_boot_follows_boottime_and_not_the_wall() -> None:
    """Within a boot the wall clock may step; CLOCK_BOOTTIME measures the time in between."""
    present = Instant("a", 5 * HOUR + 90, WALL - HOUR)
    assert place_axis(ANCHOR, present) == ANCHOR.site + 90


def test_a_restart_in_another_boot_follows_the_wall_clock() -> None:
    """Across a boot only the wall clock measures how long the machine was off."""
    present = Instant("b", 30, WALL + 2 * HOUR)
    assert place_axis(ANCHOR, present) == ANCHOR.site + 2 * HOUR


@pytest.mark.parametrize("boot_id", ["a", "b"])
def test_a_clock_that_ran_backwards_does_not_move_site_time_back(boot_id: str) -> None:
    """Neither clock may do so, in this boot or in another one."""
    present = Instant(boot_id, 5 * HOUR - 1, WALL - HOUR)
    assert place_axis(ANCHOR, present) == ANCHOR.site


def test_the_system_clock_continues_the_stored_site_time() -> None:
    """A start places site time once, after the anchor, whatever the anchor's own offset."""
    instant = read_instant()
    clock = SystemClock(Anchor(site=instant.wall + 77 * HOUR, instant=instant))
    assert instant.wall + 77 * HOUR <= clock.now() < instant.wall + 78 * HOUR


def test_the_system_clock_never_decreases() -> None:
    """The engine relies on times that do not run backwards."""
    clock = SystemClock(None)
    readings = [clock.now() for _ in range(10_000)]
    assert readings == sorted(readings)


def test_an_instant_of_the_system_clock_belongs_to_this_boot() -> None:
    """The alive file is compared with the boot that reads it."""
    assert SystemClock(None).instant().boot_id == read_instant().boot_id


async def test_a_sleep_ends_at_or_after_the_time_named() -> None:
    """A due time is never met early."""
    clock = SystemClock(None)
    at = clock.now() + 2_000
    await clock.sleep_until(at)
    assert clock.now() >= at


async def test_a_sleep_until_a_past_time_returns() -> None:
    """A due time in the past is served at once."""
    clock = SystemClock(None)
    await clock.sleep_until(clock.now() - HOUR)
