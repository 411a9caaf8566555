"""Detects an agent's restart by its sysUpTime. No I/O; time is handed in."""

from __future__ import annotations

from monitord.decoding.restarts import ran_on
from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import Oid

UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
"""sysUpTime of SNMPv2-MIB (RFC 3418), in hundredths of a second; wraps after 497 days."""
_TICK = 10_000  # microseconds
_WRAP = 2**32 * _TICK


class UpTime:
    """``restarts``: how often sysUpTime started from zero. ``is_due``: a read should ask for it."""

    __slots__ = ("_last", "is_due", "restarts")

    def __init__(self) -> None:
        self.restarts = 0
        self.is_due = True
        self._last: tuple[int, int] | None = None

    def note(self, ticks: Raw, now: int) -> bool:
        """Note sysUpTime in ticks (None where the read had none); return whether it restarted."""
        self.is_due = False
        if not isinstance(ticks, int):
            return False
        before, self._last = self._last, (ticks * _TICK, now)
        if before is None:
            return False
        last, at = before
        if ran_on(last, ticks * _TICK, max(0, now - at), _WRAP) is False:
            self.restarts += 1
            return True
        return False
