"""What events say of the wall clock. Owns the fields; ``clock_folds.py`` stores them."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.clock_state import Trust


@dataclass(frozen=True, slots=True)
class ClockTurned:
    """Wall time is site time plus ``offset`` from ``since`` on, and so far trusted. Subject: none.

    ``since`` lies before the event where the whole boot is placed again. ``bound``: how far it may
    be wrong at ``fixed_at``. ``rivals``: other offsets that may be right; ``battery``: they are of
    a battery clock. ``label``: the offset that the wall clock shows. ``mark``: the latest wall time
    known. ``alarm``: why people must know of it, or empty. ``person``: who said so, or empty.
    """

    trust: Trust
    since: int
    offset: int
    bound: int
    fixed_at: int
    rivals: tuple[int, ...]
    battery: bool
    label: int
    mark: int | None
    alarm: str
    boot_id: str
    booted_at: int | None
    person: str = ""
