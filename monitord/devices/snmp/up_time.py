"""Detects an agent's restart by its sysUpTime. No I/O; time is handed in."""

from __future__ import annotations

from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import Oid

UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
"""sysUpTime of SNMPv2-MIB (RFC 3418), in hundredths of a second; wraps after 497 days."""
_TICK = 10_000  # microseconds
_WRAP = 2**32 * _TICK
# sysUpTime drifts against our clock, and a response is under way for a time.
_RESTART_MIN = 10 * SECOND


class UpTime:
    """``restarts``: how often sysUpTime started from zero. ``is_due``: a read should ask for it."""

    def __init__(self) -> None:
        self.restarts = 0
        self.is_due = True
        self._booted_at: int | None = None

    def note(self, ticks: Raw, now: int) -> bool:
        """Note sysUpTime in ticks (None where the read had none); return whether it restarted."""
        self.is_due = False
        if not isinstance(ticks, int):
            return False
        booted_at, before = now - ticks * _TICK, self._booted_at
        self._booted_at = booted_at
        if before is None:
            return False
        later = (booted_at - before) % _WRAP
        if _RESTART_MIN < later < _WRAP - _RESTART_MIN:
            self.restarts += 1
            return True
        return False
