"""The only module that reads clocks and sleeps. Decides nothing.

Site time is the time axis of the record: microseconds that run with CLOCK_BOOTTIME and continue
across restarts and boots (``place_axis``). Wall time is a label added to it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """The clock as all parts outside of the core use it."""

    def now(self) -> int:
        """Return site time in microseconds; never decreases."""

    def wall(self) -> int:
        """Return the wall clock in microseconds since 1970 UTC; may step."""

    async def sleep_until(self, at: int) -> None:
        """Sleep until site time ``at``."""


@dataclass(frozen=True, slots=True)
class Instant:
    """One reading of all clocks in microseconds, and the boot it belongs to."""

    boot_id: str
    boottime: int
    wall: int


class SiteClock(Clock, Protocol):
    """The clock of one life of the daemon: also which boot this is, and all clocks at once."""

    @property
    def boot_id(self) -> str:
        """Which boot of the computer this is."""

    @property
    def booted_at(self) -> int:
        """Site time of this boot of the computer, in microseconds."""

    def instant(self) -> Instant:
        """Return one reading of all clocks."""

    def site_time(self, instant: Instant) -> int:
        """Return the site time of an instant of this boot, in microseconds."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored pair: site time and the clocks at that time."""

    site: int
    instant: Instant


def read_instant() -> Instant:
    """Read boot id, time since boot and wall clock together."""
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    boottime = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
    return Instant(boot_id, boottime, time.time_ns() // 1000)


def read_stretch() -> tuple[int, int]:
    """Read the monotonic clock that is slewed with the wall clock, and the one that is not."""
    clocks = time.CLOCK_MONOTONIC, time.CLOCK_MONOTONIC_RAW
    slewed, raw = (time.clock_gettime_ns(clock) // 1000 for clock in clocks)
    return slewed, raw


async def let_others_run(pause_s: float = 0) -> None:
    """Let whatever waits for the event loop run once, or for so long, and go on."""
    await asyncio.sleep(pause_s)


def monotonic() -> int:
    """Return CLOCK_MONOTONIC in microseconds, as the service manager counts."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def place_axis(anchor: Anchor | None, present: Instant) -> int:
    """Return the site time of ``present``, continued from the last stored pair.

    First start: the wall clock. Same boot: plus the difference of boottime. Another boot: plus the
    difference of the wall clock; if that is negative, the stored site time itself.
    """
    if anchor is None:
        return present.wall
    if anchor.instant.boot_id == present.boot_id:
        return anchor.site + max(0, present.boottime - anchor.instant.boottime)
    return anchor.site + max(0, present.wall - anchor.instant.wall)


def iso_time(wall: int, zone: ZoneInfo) -> str:
    """Return wall time in microseconds as ISO 8601 text with milliseconds and the zone's offset."""
    moment = _EPOCH + timedelta(microseconds=wall)
    return moment.astimezone(zone).isoformat(timespec="milliseconds")


class SystemClock:
    """The real clocks, with site time placed once at the start."""

    def __init__(self, anchor: Anchor | None) -> None:
        present = read_instant()
        self.boot_id = present.boot_id
        self._offset = place_axis(anchor, present) - present.boottime

    def now(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 + self._offset

    @property
    def booted_at(self) -> int:
        """Site time of this boot of the computer, in microseconds."""
        return self._offset

    def site_time(self, instant: Instant) -> int:
        """Return the site time of an instant of this boot, in microseconds."""
        return instant.boottime + self._offset

    def wall(self) -> int:
        return time.time_ns() // 1000

    def instant(self) -> Instant:
        """Return all clocks, for the alive file."""
        return Instant(
            self.boot_id, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000, self.wall()
        )

    async def sleep_until(self, at: int) -> None:
        await asyncio.sleep(max(0, at - self.now()) / 1_000_000)
