"""In which epoch a start continues. Pure; reads no file."""

from __future__ import annotations

from monitord.journal.alive import Alive
from monitord.journal.loaded import Loaded


def epoch_for(loaded: Loaded, alive: Alive | None) -> tuple[int, str | None]:
    """Return the epoch to write in, and why it is a new one (None: the record's own continues).

    The alive file is written after the commit it names. A record that ends earlier, or has another
    hash there, was restored or replaced; the numbers of the lost events must not be used again.
    """
    if alive is None:
        return loaded.epoch, None
    ends, lived = (loaded.epoch, loaded.number), (alive.epoch, alive.number)
    if lived < ends or (lived == ends and alive.head == loaded.head):
        return loaded.epoch, None
    what = "has another history there" if lived == ends else "ends earlier"
    why = (
        f"the alive file names event {alive.epoch}/{alive.number} with head {alive.head};"
        f" the record {what}, at {loaded.epoch}/{loaded.number} with head {loaded.head}"
    )
    return max(loaded.epoch, alive.epoch) + 1, why


def events_lost(loaded: Loaded, alive: Alive | None) -> int | None:
    """Return how many events the record has lost at its end; None where that is not known."""
    if alive is None or alive.epoch != loaded.epoch or alive.number <= loaded.number:
        return None
    return alive.number - loaded.number
