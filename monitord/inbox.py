"""The queue of inputs for the engine. Owns the limit per device; decides nothing.

It sees when monitord itself did not run: its own sign of life, or an input, comes too late.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Collection, Iterable

from monitord.core.model import SECOND, Answer, Input, Late, Silence, TrapSeen

ANSWERS_MAX = 64
"""Most answers of one device that may wait. Then the poller skips the slots of that device."""

LATE_MIN = 2 * SECOND
"""A longer time without an input and without a sign of life is one in which the loop did not run.
Signs come once a second."""


class Inbox:
    """First in, first out. Inputs are stamped before they enter: their times never decrease."""

    def __init__(self) -> None:
        self._waiting: deque[Input] = deque()
        self._per_device: Counter[str] = Counter()
        self._arrived = asyncio.Event()
        self._ran_at: int | None = None

    def has_room(self, device: str) -> bool:
        """Return whether a further answer or silence of a device may wait; call before polling."""
        return self._per_device[device] < ANSWERS_MAX

    def put(self, item: Input) -> None:
        """Add an input. Nothing is dropped: the poller calls ``has_room`` first."""
        self.looked_at(item.at)
        if isinstance(item, Answer | Silence):
            self._per_device[item.device] += 1
        self._waiting.append(item)
        self._arrived.set()

    def runs(self, now: int) -> None:
        """Take a sign of life at site time ``now``; add an input where it comes too late.

        Before the first sign nothing is known: nothing is late then.
        """
        ran_at = self._ran_at
        if ran_at is not None and now > ran_at + LATE_MIN:
            self._waiting.append(Late(ran_at, now))
            self._arrived.set()
        self._ran_at = now if ran_at is None else max(ran_at, now)

    def looked_at(self, now: int) -> None:
        """Take the engine's own sign of life, if signs of life come at all."""
        if self._ran_at is not None:
            self.runs(now)

    def put_many(self, items: Iterable[Answer | Silence]) -> None:
        """Add the results of one batch of polls, in order."""
        for item in items:
            self.put(item)

    def drop(self, devices: Collection[str]) -> None:
        """Forget what waits of these devices: it was made by settings that count no more."""
        kept = [
            item
            for item in self._waiting
            if not (isinstance(item, Answer | Silence | TrapSeen) and item.device in devices)
        ]
        self._waiting = deque(kept)
        for device in devices:
            self._per_device.pop(device, None)

    def wake(self) -> None:
        """End the present wait for an input, although none came."""
        self._arrived.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def drain(self, at_most: int | None = None) -> list[Input]:
        """Remove and return all inputs, or the oldest ``at_most``."""
        if at_most is None or at_most >= len(self._waiting):
            items = list(self._waiting)
            self._waiting.clear()
            self._per_device.clear()
            self._arrived.clear()
            return items
        items = [self._waiting.popleft() for _ in range(at_most)]
        for item in items:
            if isinstance(item, Answer | Silence):
                self._per_device[item.device] -= 1
        return items

    async def arrival(self) -> None:
        """Wait until an input is there."""
        await self._arrived.wait()
