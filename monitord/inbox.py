"""Where answers, silences and outcomes wait for the engine. Owns the limit; judges nothing."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from monitord.core.model import Answer, Attempted, Input, Silence

ANSWERS_MAX = 64
"""Answers of one device that may wait. Beyond, a poll counts as one that was not made."""


class Inbox:
    """First in, first out; inputs are stamped before they enter, so their times never decrease."""

    def __init__(self) -> None:
        self._waiting: deque[Input] = deque()
        self._per_device: Counter[str] = Counter()
        self._arrived = asyncio.Event()
        self.skipped = 0

    def put(self, item: Input) -> None:
        """Take an input, unless its device already has ``ANSWERS_MAX`` waiting."""
        if isinstance(item, Answer | Silence):
            if self._per_device[item.device] >= ANSWERS_MAX:
                self.skipped += 1
                return
            self._per_device[item.device] += 1
        self._waiting.append(item)
        self._arrived.set()

    def put_outcome(self, outcome: Attempted) -> None:
        """Take the outcome of an attempt; these are never refused."""
        self.put(outcome)

    def drain(self) -> list[Input]:
        """Take everything out."""
        items = list(self._waiting)
        self._waiting.clear()
        self._per_device.clear()
        self._arrived.clear()
        return items

    async def arrival(self) -> None:
        """Wait until something is there."""
        await self._arrived.wait()
