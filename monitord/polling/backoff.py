"""How long a silent device is left alone. Owns that rule; counts nothing and reads no clock.

The blind time that this adds is bounded twice: by a quarter of the silence that already is, and by
half a minute. Slots that are left out are no silences: nobody asked. The core is told nothing of
them, and needs nothing: whatever the device last proved has long passed its continuity bound.
"""

from __future__ import annotations

from monitord.core.model import SECOND

LEFT_ALONE_MAX = 30 * SECOND
"""The longest time between two polls of a device that is silent, unless its slots are longer."""
ASKED_ALWAYS = 3
"""So many silences in a row change nothing: lost datagrams are no dead device."""
SHARE = 4
"""A device silent for so long is asked again within this part of it."""


def left_alone(silences: int, silent_for: int, every: int) -> int:
    """Return how long to leave a device alone after a poll, in microseconds; at least ``every``.

    ``silences``: in a row; ``silent_for``: microseconds since the first of them was asked for. It
    grows evenly with the silence, without chance, in whole slots.
    """
    if silences < ASKED_ALWAYS:
        return every
    wanted = min(silent_for // SHARE, LEFT_ALONE_MAX)
    return max(1, wanted // every) * every
