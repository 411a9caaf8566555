"""The grid that all polls stand on: due times as facts, and what is due at a step of the grid.

A due time is start + offset + k * every, reckoned anew from k each time: nothing is added up, so
nothing drifts. Reads no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from heapq import heappop, heappush
from typing import Generic, TypeVar

from monitord.core.model import SECOND
from monitord.devices.model import DeviceSettings

GRID = 50_000
"""A slot in microseconds: what is due in it is asked together, at one wake-up."""
BATCH_MAX = 64
"""Requests a lane sends at one wake-up: a socket's buffer holds the answers to so many, also where
``net.core.rmem_max`` is the usual 212,992 octets (about 300 small datagrams)."""
_PARTS = (1, 2, 4, 5, 8, 10, 16, 20)
"""Into how many steps a slot may be divided: each makes a whole number of microseconds."""

T = TypeVar("T")


def step_for(polls_per_second: float) -> int:
    """Return the microseconds between two wake-ups: a slot, or an even part of it.

    So small that at most ``BATCH_MAX`` polls fall due in one: 1,280 a second fit in whole slots,
    10,000 a second need eighths of 6.25 ms. Beyond 25,600 the rest of a batch waits a step longer.
    """
    per_slot = polls_per_second * GRID / SECOND
    parts = next((part for part in _PARTS if per_slot / part <= BATCH_MAX), _PARTS[-1])
    return GRID // parts


def next_slot(slot: int, elapsed: int, every: int) -> int:
    """Return the first slot after ``slot`` that is not yet past, ``elapsed`` after slot 0."""
    return max(slot + 1, -(-elapsed // every))


def spread(
    devices: Sequence[DeviceSettings],
    step: int = GRID,
    line_of: Callable[[DeviceSettings], Hashable] = lambda _: None,
) -> list[tuple[DeviceSettings, int]]:
    """Give each device an offset on the grid, so that those of equal slots stand evenly in them.

    Those that share a bus (``line_of``, None: none) stand evenly among themselves: they cannot be
    read at once.
    """
    alike: defaultdict[tuple[int, Hashable], list[DeviceSettings]] = defaultdict(list)
    for device in devices:
        alike[device.poll_every, line_of(device)].append(device)
    shared_lines = {key: place for place, key in enumerate(k for k in alike if k[1] is not None)}
    found: list[tuple[DeviceSettings, int]] = []
    for (every, bus), group in alike.items():
        # Buses begin a step after each other, not all together.
        ahead = shared_lines[every, bus] * step if bus is not None else 0
        for place, device in enumerate(group):
            offset = (place * every // len(group) + ahead) % every
            found.append((device, offset // step * step))
    return found


class Agenda(Generic[T]):
    """What is due at which step; steps are numbered from the start."""

    def __init__(self) -> None:
        self._due: dict[int, list[T]] = {}
        self._steps: list[int] = []

    def put(self, step: int, item: T) -> None:
        """Note the item under a step."""
        found = self._due.get(step)
        if found is None:
            self._due[step] = [item]
            heappush(self._steps, step)
        else:
            found.append(item)

    def first(self) -> int | None:
        """Return the first step at which something is due."""
        return self._steps[0] if self._steps else None

    def take(self, step: int) -> list[T]:
        """Take out all that is due at ``step`` or before, in order."""
        taken: list[T] = []
        while self._steps and self._steps[0] <= step:
            taken += self._due.pop(heappop(self._steps))
        return taken
