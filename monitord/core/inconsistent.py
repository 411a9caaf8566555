"""A line whose answers have one form, and which takes back what it said. Owns that finding.

A device that takes back two readings within ``DOUBT`` gives answers of other requests, or of other
devices: its answers count for nothing for as long, and that is an alarm.
"""

from __future__ import annotations

from typing import Final

from monitord.core.model import SECOND
from monitord.core.plan import DevicePlan
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.values import Numbering

DOUBT: Final = 30 * SECOND
"""Two readings taken back within this make a line inconsistent, for as long."""
INCONSISTENT: Final = "inconsistent"
"""Why its conditions are blind."""


def may_be_inconsistent(device: DevicePlan) -> bool:
    """Return whether the answers of the device do not differ in form."""
    return device.numbering is Numbering.ONE_SHAPE


def is_ignored(memory: DeviceMemory, at: int) -> bool:
    """Return whether an answer of this moment counts for nothing."""
    return memory.inconsistent_until is not None and at < memory.inconsistent_until


def note_taken_back(memory: DeviceMemory, at: int) -> bool:
    """Note that an answer took back what another said; return whether the line is inconsistent."""
    before, memory.taken_back_at = memory.taken_back_at, at
    if not may_be_inconsistent(memory.plan) or before is None or at - before >= DOUBT:
        return False
    memory.inconsistent_until = at + DOUBT
    return True


def doubt_again(situation: Situation, at: int) -> None:
    """Let the half minute of a line in alarm begin again with memories that know nothing of it.

    The record has the alarm; that a start or a reload has forgotten the answers ends nothing.
    """
    for device, alarm in situation.lines.items():
        memory = situation.devices[device]
        if alarm.id in situation.durable.outages and memory.inconsistent_until is None:
            memory.inconsistent_until = at + DOUBT
            for timeline in memory.timelines:
                timeline.change_cause(at, INCONSISTENT)
