"""The time grid of all polls: due times, their spread, and an agenda by step. Reads no clock.

A due time is start + offset + k * every, calculated from k each time. No sum is carried on, so
nothing drifts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from heapq import heappop, heappush
from typing import Generic, TypeVar

from monitord.core.model import SECOND
from monitord.devices.model import DeviceSettings

GRID = 50_000
"""One slot of the grid, in microseconds: what is due in it is polled at one wake-up."""
BATCH_MAX = 64
"""Requests that a shared socket sends at one wake-up. Its receive buffer holds so many answers,
also where ``net.core.rmem_max`` is the usual 212,992 octets (about 300 small datagrams)."""
_PARTS = (1, 2, 4, 5, 8, 10, 16, 20)
"""Into how many steps a slot may be divided: each is a whole number of microseconds."""

T = TypeVar("T")


def step_for(polls_per_second: float) -> int:
    """Return the microseconds between two wake-ups: one slot, or an even part of it.

    At most ``BATCH_MAX`` polls are due in a step: 1,280 a second fit in whole slots, 10,000 a
    second need eighths of 6.25 ms. Above 25,600 the rest of a batch waits one step.
    """
    per_slot = polls_per_second * GRID / SECOND
    parts = next((part for part in _PARTS if per_slot / part <= BATCH_MAX), _PARTS[-1])
    return GRID // parts


def next_slot(slot: int, elapsed: int, every: int) -> int:
    """Return the first slot after ``slot`` that is due at ``elapsed`` or later.

    ``elapsed``: microseconds since slot 0; ``every``: microseconds between two slots.
    """
    return max(slot + 1, -(-elapsed // every))


def spread(
    devices: Sequence[DeviceSettings],
    step: int = GRID,
    line_of: Callable[[DeviceSettings], Hashable] = lambda _: None,
) -> list[tuple[DeviceSettings, int]]:
    """Return each device with an offset in microseconds, a multiple of ``step``.

    Devices with equal ``poll_every`` are spread evenly. Devices of one line (``line_of``; None: no
    line) are spread evenly among themselves: they cannot be read at the same time.
    """
    groups: defaultdict[tuple[int, Hashable], list[DeviceSettings]] = defaultdict(list)
    for device in devices:
        groups[device.poll_every, line_of(device)].append(device)
    lines = {key: place for place, key in enumerate(key for key in groups if key[1] is not None)}
    found: list[tuple[DeviceSettings, int]] = []
    for (every, line), group in groups.items():
        # Each line begins one step after the one before it.
        ahead = lines[every, line] * step if line is not None else 0
        for place, device in enumerate(group):
            offset = (place * every // len(group) + ahead) % every
            found.append((device, offset // step * step))
    return found


class Agenda(Generic[T]):
    """Items by the step at which they are due. Steps are numbered from the start."""

    def __init__(self) -> None:
        self._due: dict[int, list[T]] = {}
        self._steps: list[int] = []

    def put(self, step: int, item: T) -> None:
        """Add an item that is due at ``step``."""
        found = self._due.get(step)
        if found is None:
            self._due[step] = [item]
            heappush(self._steps, step)
        else:
            found.append(item)

    def first(self) -> int | None:
        """Return the first step at which an item is due, or None."""
        return self._steps[0] if self._steps else None

    def pop_due(self, step: int) -> list[T]:
        """Remove and return all items due at ``step`` or before, in order."""
        due: list[T] = []
        while self._steps and self._steps[0] <= step:
            due += self._due.pop(heappop(self._steps))
        return due
