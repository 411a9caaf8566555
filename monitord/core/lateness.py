"""What was not seen because monitord itself did not run. Owns how conditions pause and go on.

All devices that were not read in time are one event, however many they are. Each of their
conditions is *paused*: it is blind, and its next answer either goes on with the value it had, or
turns it, or never comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.conditions import drop_unconfirmed, hold_settling, unsettle
from monitord.core.events import Draft
from monitord.core.expression import Kind
from monitord.core.fast_path import leave_fast_path
from monitord.core.lateness_events import OwnLateness
from monitord.core.situation import DeviceMemory, Paused, Situation

CAUSE = "late"
"""The cause of blindness while monitord itself did not run."""


def is_ours(situation: Situation, device: str, at: int) -> bool:
    """Return whether a device was not read by ``at`` because monitord did not run before.

    Behind that time it must be asked again first, and may answer as late as its deadline.
    """
    late, plan = situation.late, situation.devices[device].plan
    return late is not None and late.at <= at <= late.until + plan.slot + plan.deadline


def when_running(situation: Situation, at: int | None) -> int | None:
    """Return when monitord can do what is due at ``at``: nothing is sent while it does not run."""
    late = situation.late
    if late is None or at is None or not late.at <= at < late.until:
        return at
    return late.until


def fall_behind(situation: Situation, device: str, at: int) -> Iterator[Draft]:
    """Pause every condition of the device whose last proof is older than its bound."""
    memory, late = situation.devices[device], situation.late
    leave_fast_path(memory)
    assert late is not None, "the time of a lateness is past"
    drop_unconfirmed(situation, memory, at)
    for number, (condition, timeline) in enumerate(
        zip(memory.plan.conditions, memory.timelines, strict=True)
    ):
        due = timeline.overdue_at()
        if due is not None and due <= at:
            value = timeline.kind is Kind.TRUE
            memory.paused[condition.id] = Paused(value, timeline.lose(CAUSE))
            hold_settling(situation, memory, number)
            unsettle(situation, condition.id)
    _wait_for_answers(memory, late.until)
    if not situation.late_recorded:
        situation.late_recorded = True
        yield Draft("", OwnLateness(late.at, late.until))


def _wait_for_answers(memory: DeviceMemory, until: int) -> None:
    plan = memory.plan
    bounds = (c.bound for c in plan.conditions if c.id in memory.paused)
    # It is asked again first, however short its bound is.
    longest = max(plan.slot + plan.deadline, *bounds, 0)
    memory.paused_until = max(memory.paused_until, until + longest + 1)
