"""How durable state follows what events say of the wall clock. Decides nothing."""

from __future__ import annotations

from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import ERAS_MAX, Era
from monitord.core.durable import Durable
from monitord.core.ledger import book_held
from monitord.core.model import Event


def clock_turned(durable: Durable, event: Event, body: ClockTurned) -> None:
    clock = durable.clock
    if body.boot_id != clock.boot_id:
        # What has no place in the calendar gets none any more: that wall time is blind.
        book_held(durable)
        clock.boot += 1
        clock.boot_id, clock.booted_at = body.boot_id, body.booted_at
    # What lies after a time placed again is placed with it.
    clock.eras = [era for era in clock.eras if era.since < body.since]
    era = Era(body.since, body.offset, body.trust, body.bound, body.fixed_at)
    era.rivals, era.boot = list(body.rivals), clock.boot
    clock.eras = [*clock.eras, era][-ERAS_MAX:]
    if body.since < event.at:
        clock.placed_at, clock.placed_from = event.at, body.since
    clock.battery, clock.label, clock.mark = body.battery, body.label, body.mark
    if body.alarm != clock.alarm:
        clock.alarm, clock.alarm_since = body.alarm, event.at
        clock.moved = 0 if body.alarm else abs(body.offset - durable.clock_offset)
    durable.clock_offset = body.offset
    if clock.is_settled:
        set_mark(durable, event.at)
        if covers(durable, event.at + body.offset):
            book_held(durable)


def covers(durable: Durable, wall: int) -> bool:
    """Return whether the recorded calendar knows a wall time; at first there is none."""
    known_to = durable.calendar_known_to
    return not known_to or durable.calendar_known_from <= wall < known_to


def set_mark(durable: Durable, at: int) -> None:
    """Set the mark to a moment of running; the trusted clock is right at it."""
    clock = durable.clock
    if not clock.eras or not clock.is_settled:
        return
    era = clock.eras[-1]
    clock.mark, clock.mark_bound = at + era.offset, era.bound_at(at)
