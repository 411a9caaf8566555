"""Limits how many trap reports enter the inbox between two ticks of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from monitord.core.model import TrapSeen

REPORTS_MAX: Final = 256
"""Trap reports that may wait for one tick."""


class TrapInbox(Protocol):
    """What is asked of the inbox."""

    def has_room(self, device: str) -> bool: ...

    def put(self, item: TrapSeen) -> None: ...


class ReportQuota:
    """Drops a report over the limit, or of a device whose answers fill the inbox.

    A dropped report loses nothing but time: the device is polled anyway. ``ticks``: finished ticks
    of the engine.
    """

    def __init__(self, inbox: TrapInbox, ticks: Callable[[], int]) -> None:
        self._inbox = inbox
        self._ticks = ticks
        self._tick = 0
        self._count = 0

    def put(self, report: TrapSeen) -> None:
        """Hand the report to the inbox, or drop it."""
        if self._tick != self._ticks():
            self._tick, self._count = self._ticks(), 0
        if self._count < REPORTS_MAX and self._inbox.has_room(report.device):
            self._count += 1
            self._inbox.put(report)
