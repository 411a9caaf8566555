"""How long a silent device is not polled. Pure arithmetic; keeps no state, reads no clock.

The blind time that backoff adds has two bounds: a quarter of the silence so far, and 30 s. A slot
left out is not a silence: nothing was sent. The core needs no word of it, because the last proof of
the device is older than its continuity bound by then.
"""

from __future__ import annotations

from monitord.core.model import SECOND

RETRY_INTERVAL_MAX = 30 * SECOND
"""The longest time between two polls of a silent device, unless its slots are longer.
Microseconds."""
SILENCES_BEFORE_BACKOFF = 3
"""Fewer silences in a row change nothing: a lost datagram is not a dead device."""
SILENCE_PARTS = 4
"""A silent device is polled again after this part of its silence: a quarter."""


def retry_interval(silences: int, silent_for: int, every: int) -> int:
    """Return the time from the poll that ended to the next one, in microseconds.

    ``silences``: in a row; ``silent_for``: microseconds since the request of the first one;
    ``every``: microseconds between two slots. The result is a whole number of slots, at least one.
    It depends on nothing random.
    """
    if silences < SILENCES_BEFORE_BACKOFF:
        return every
    wanted = min(silent_for // SILENCE_PARTS, RETRY_INTERVAL_MAX)
    return max(1, wanted // every) * every
