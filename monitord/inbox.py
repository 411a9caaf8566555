"""Where answers, silences and outcomes wait for the engine. Owns the limit; judges nothing."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable

from monitord.core.model import Answer, Attempted, Input, Silence

ANSWERS_MAX = 64
"""Answers of one device that may wait. Where so many do, the poller leaves its slots out."""


class Inbox:
    """First in, first out; inputs are stamped before they enter, so their times never decrease."""

    def __init__(self) -> None:
        self._waiting: deque[Input] = deque()
        self._per_device: Counter[str] = Counter()
        self._arrived = asyncio.Event()

    def has_room(self, device: str) -> bool:
        """Return whether a device's next answer or silence would be taken: ask before polling."""
        return self._per_device[device] < ANSWERS_MAX

    def put(self, item: Input) -> None:
        """Take an input. Nothing is dropped: who polls asks first whether there is room."""
        if isinstance(item, Answer | Silence):
            self._per_device[item.device] += 1
        self._waiting.append(item)
        self._arrived.set()

    def put_many(self, items: Iterable[Answer | Silence]) -> None:
        """Take one batch of polls' ends, in order."""
        for item in items:
            self.put(item)

    def put_outcome(self, outcome: Attempted) -> None:
        """Take the outcome of an attempt; these are never refused."""
        self.put(outcome)

    def __len__(self) -> int:
        return len(self._waiting)

    def drain(self, at_most: int | None = None) -> list[Input]:
        """Take everything out, or the oldest ``at_most``."""
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
        """Wait until something is there."""
        await self._arrived.wait()
