"""Site time is carried across restarts and boots and never runs backwards."""

from __future__ import annotations

import pytest

from monitord.clock import Anchor, Instant, SystemClock, place_axis, read_instant

HOUR = 3_600_000_000
WALL = 1_760_000_000_000_000
ANCHOR = Anchor(site=WALL + 7, instant=Instant(boot_id="a", boottime=5 * HOUR, wall=WALL))


@pytest.mark.parametrize(
    ("anchor", "present", "site"),
    [
        pytest.param(None, Instant("a", 5 * HOUR, WALL), WALL, id="the-first-start-ever"),
        # Within a boot the wall clock may step; CLOCK_BOOTTIME measures the time in between.
        pytest.param(
            ANCHOR, Instant("a", 5 * HOUR + 90, WALL - HOUR), ANCHOR.site + 90, id="same-boot"
        ),
        # Across a boot only the wall clock measures how long the machine was off.
        pytest.param(
            ANCHOR, Instant("b", 30, WALL + 2 * HOUR), ANCHOR.site + 2 * HOUR, id="another-boot"
        ),
        pytest.param(
            ANCHOR, Instant("a", 5 * HOUR - 1, WALL - HOUR), ANCHOR.site, id="backwards-same-boot"
        ),
        pytest.param(
            ANCHOR, Instant("b", 5 * HOUR - 1, WALL - HOUR), ANCHOR.site, id="backwards-other-boot"
        ),
    ],
)
def test_site_time_goes_on_after_a_start(
    anchor: Anchor | None, present: Instant, site: int
) -> None:
    """By the clock that measured the time in between, and never backwards."""
    assert place_axis(anchor, present) == site


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


def test_site_time_and_the_clocks_are_of_one_moment() -> None:
    """Preemption between two readings must not move the axis at the next start."""
    instant = read_instant()
    clock = SystemClock(Anchor(site=77 * HOUR, instant=instant))
    assert clock.site_time(instant) == 77 * HOUR


@pytest.mark.parametrize("after", [2_000, -HOUR])
async def test_a_sleep_ends_at_or_after_the_time_named(after: int) -> None:
    """A due time is never met early, and one in the past is served at once."""
    clock = SystemClock(None)
    at = clock.now() + after
    await clock.sleep_until(at)
    assert clock.now() >= at
