"""How good the wall clock is, as the kernel reports it: ``adjtimex``, the battery clock, slews.

Changes no clock: ``adjtimex`` is called with ``modes`` 0. Decides nothing.
Source: adjtimex(2), docs/decisions.md (2026-11-29, quality of the wall clock).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Final, Protocol

import structlog

from monitord.core.clock_quality import ClockQuality, Kernel
from monitord.core.model import HOUR, SECOND

UNSYNCHRONISED: Final = 16 * SECOND
"""From this ``maxerror`` on the kernel is not synchronised (NTP_PHASE_LIMIT of the kernel)."""
ERROR_PPM: Final = 500
"""How fast the kernel lets ``maxerror`` grow without an update."""
FRESH_AT_START: Final = 3 * SECOND // 2
"""A ``maxerror`` up to this was updated within the last 50 minutes."""
UPDATED_WITHIN: Final = HOUR
BATTERY_WITHIN: Final = 2 * SECOND
SLEW_USUAL_PPM: Final = 200
HOST_ERROR: Final = SECOND
"""The bound where the owner vouches for a clock that the kernel knows nothing of."""
BATTERY_READ_S: Final = 2.0
_RTC_FOLDER: Final = Path("/sys/class/rtc")

log = structlog.get_logger(__name__)


class KernelTime(ctypes.Structure):
    """``struct timex`` of Linux, as adjtimex(2) has it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


class StretchClock(Protocol):
    """The two monotonic clocks: one is slewed with the wall clock, the other is not."""

    def __call__(self) -> tuple[int, int]:
        """Return CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW in microseconds."""


def read_max_error() -> int | None:
    """Return the kernel's ``maxerror`` in microseconds; None where the call is not permitted."""
    state = KernelTime()
    library = ctypes.CDLL(None, use_errno=True)
    # It returns the clock's state, 5 for one that is not synchronised: no error.
    if library.adjtimex(ctypes.byref(state)) < 0:
        return None
    return int(state.maxerror)


def is_battery_time_soon(
    wall: int, folder: Path = _RTC_FOLDER, within_s: float = BATTERY_READ_S
) -> bool:
    """Return what ``is_battery_time`` says; False where the battery clock does not answer.

    Its chip is asked over a bus that may hang. A thread waits for it, and no start.
    """
    found: list[bool] = []
    reading = Thread(
        target=lambda: found.append(is_battery_time(wall, folder)),
        name="battery_clock",
        daemon=True,
    )
    reading.start()
    reading.join(within_s)
    if not found:
        log.warning("battery_clock_unread", folder=str(folder), waited_s=within_s)
    return found == [True]


def is_battery_time(wall: int, folder: Path = _RTC_FOLDER) -> bool:
    """Return whether the wall clock (microseconds) was set from a battery clock at this boot.

    Only the clock that the kernel says it took counts, and only while it still agrees: a program
    may have restored an old time from a file since.
    """
    for clock in sorted(folder.glob("rtc*")):
        try:
            took = (clock / "hctosys").read_text(encoding="ascii").strip() == "1"
            seconds = int((clock / "since_epoch").read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if took and abs(seconds * SECOND - wall) <= BATTERY_WITHIN:
            return True
    return False


@dataclass(slots=True)
class _Seen:
    """The last reading: when, ``maxerror``, when the last update was, and the two clocks."""

    at: int
    max_error: int
    updated_at: int
    stretch: tuple[int, int]


class QualityReader:
    """Reads again and again, and notices updates between two readings.

    ``trust``: what the configuration says of the clock, ``network``, ``rtc`` or ``host``.
    """

    def __init__(
        self,
        trust: str,
        stretch: StretchClock,
        *,
        max_error: Callable[[], int | None] = read_max_error,
        rtc_folder: Path = _RTC_FOLDER,
    ) -> None:
        self._trust = trust
        self._stretch = stretch
        self._max_error = max_error
        self._rtc_folder = rtc_folder
        self._seen: _Seen | None = None

    def at_start(self, at: int, wall: int) -> ClockQuality:
        """Return the quality at the start; waits a moment for the battery clock."""
        quality = self.read(at)
        if quality.kernel in (Kernel.SYNCHRONISED, Kernel.HOLDOVER):
            return quality
        return replace(quality, battery=is_battery_time_soon(wall, self._rtc_folder))

    def read(self, at: int) -> ClockQuality:
        """Return the quality at time ``at`` (microseconds of any steady clock). Never blocks."""
        if self._trust == "host":
            return ClockQuality(Kernel.SYNCHRONISED, HOST_ERROR, self._trust)
        max_error = self._max_error()
        if max_error is None:
            return ClockQuality(Kernel.UNREADABLE, 0, self._trust)
        stretch = self._stretch()
        seen, now = self._seen, self._next(at, max_error, stretch)
        self._seen = now
        slewed = 0 if seen is None else _excess(seen.stretch, stretch)
        if max_error >= UNSYNCHRONISED:
            return ClockQuality(Kernel.NONE, 0, self._trust, slewed=slewed)
        fresh = at - now.updated_at <= UPDATED_WITHIN
        if seen is None:
            fresh = max_error <= FRESH_AT_START
        kernel = Kernel.SYNCHRONISED if fresh else Kernel.HOLDOVER
        return ClockQuality(kernel, max_error, self._trust, slewed=slewed)

    def _next(self, at: int, max_error: int, stretch: tuple[int, int]) -> _Seen:
        """Return this reading; an update came between where the error grew less than it must."""
        seen = self._seen
        if seen is None:
            updated_at = at - max_error * 1_000_000 // ERROR_PPM
        elif (max_error - seen.max_error) * 1_000_000 < ERROR_PPM * (at - seen.at):
            updated_at = at
        else:
            updated_at = seen.updated_at
        return _Seen(at, max_error, updated_at, stretch)


def _excess(before: tuple[int, int], now: tuple[int, int]) -> int:
    """Return by how much the slewed clock was stretched beyond usual drift, in microseconds."""
    ran, ran_raw = now[0] - before[0], now[1] - before[1]
    return max(0, abs(ran - ran_raw) - ran_raw * SLEW_USUAL_PPM // 1_000_000)
