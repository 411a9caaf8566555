"""Polls outside the slots, for devices under suspicion. Owns when they may be, and their budget."""

from __future__ import annotations

from collections import deque

from monitord.core.model import SECOND
from monitord.polling.slots import GRID
from monitord.polling.state import DeviceState

BURST_EVERY = 200_000
"""Microseconds between two polls of a suspected device."""
BURST_PER_SECOND = 50
"""Burst polls of all devices together in any second. Ten devices under suspicion use it up."""
ROOM_MIN = 100_000
"""A burst poll is given at least so long, and ends before the device's next slot begins."""
SILENCES_MAX = 2
"""A device silent for more polls in a row is dead rather than doubtful: no burst for it."""


class Budget:
    """At most ``limit`` in any window of one second, wherever the window begins."""

    def __init__(self, limit: int = BURST_PER_SECOND) -> None:
        self._limit = limit
        self._spent: deque[int] = deque()

    def take(self, now: int) -> bool:
        """Spend one at site time ``now``, or say that nothing is left."""
        while self._spent and self._spent[0] <= now - SECOND:
            self._spent.popleft()
        if len(self._spent) >= self._limit:
            return False
        self._spent.append(now)
        return True

    def free_at(self, now: int) -> int:
        """Return when the next one may be spent."""
        if self._limit == 0:
            return now + SECOND
        return now if len(self._spent) < self._limit else max(now, self._spent[0] + SECOND)


def burst_at(device: DeviceState, now: int, *, is_wanted: bool) -> int | None:
    """Return from when on a device may be asked outside its slots; None: it may not.

    ``is_wanted``: it told something of itself, so that its profile and its silence do not matter.
    """
    if device.is_under_way or device.asked_at is None:
        return None
    silences = device.state.silent_in_a_row
    may = device.settings.burst and silences <= SILENCES_MAX and not device.is_spared(now)
    if not is_wanted and not may:
        return None
    at = max(now, device.asked_at + BURST_EVERY)
    if device.line_group is not None and device.line_group.burst_at is not None:
        # A bus carries no more bursts than one device would.
        at = max(at, device.line_group.burst_at + BURST_EVERY)
    return at


def burst_until(device: DeviceState) -> int:
    """Return when a burst poll must have ended: before the next slot of anybody on its bus."""
    return min(one.next_due() for one in (device, *device.mates())) - GRID


def has_room_at(device: DeviceState, at: int) -> int | None:
    """Return ``at`` where a burst poll then fits in before the next slot; else that serves."""
    return at if burst_until(device) - at >= ROOM_MIN else None
