"""The state table of a fault: from the first proof to the closed incident. Owns the table only.

Every (state, seen) pair is listed: a missing pair is a bug, not a default. ``ON_DELAY`` has the
delays; what ends one is dated when it was due.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class FaultState(StrEnum):
    """State of a fault. ``STALLED``: was clearing, but good was not unbroken."""

    CLEAR = "clear"
    QUALIFYING = "qualifying"
    OPEN = "open"
    CLEARING = "clearing"
    STALLED = "stalled"


class Seen(StrEnum):
    """What the ledger shows of the fault now.

    ``OUT_OF_HOURS``: bad, blind or undecided while the programme is not scheduled.
    """

    BAD = "bad"
    GOOD = "good"
    BLIND = "blind"
    BETWEEN = "between"
    OUT_OF_HOURS = "out_of_hours"


_S, _V = FaultState, Seen

ON_SEEN: Final[dict[FaultState, dict[Seen, FaultState]]] = {
    _S.CLEAR: {
        _V.BAD: _S.QUALIFYING,
        _V.GOOD: _S.CLEAR,
        _V.BLIND: _S.CLEAR,
        _V.BETWEEN: _S.CLEAR,
        _V.OUT_OF_HOURS: _S.CLEAR,
    },
    # Blindness after bad does not stop the open delay.
    _S.QUALIFYING: {
        _V.BAD: _S.QUALIFYING,
        _V.GOOD: _S.CLEAR,
        _V.BLIND: _S.QUALIFYING,
        _V.BETWEEN: _S.QUALIFYING,
        _V.OUT_OF_HOURS: _S.CLEAR,
    },
    # Neither blindness nor the end of the broadcast day ends an incident.
    _S.OPEN: {
        _V.BAD: _S.OPEN,
        _V.GOOD: _S.CLEARING,
        _V.BLIND: _S.OPEN,
        _V.BETWEEN: _S.OPEN,
        _V.OUT_OF_HOURS: _S.OPEN,
    },
    _S.CLEARING: {
        _V.BAD: _S.OPEN,
        _V.GOOD: _S.CLEARING,
        _V.BLIND: _S.STALLED,
        _V.BETWEEN: _S.STALLED,
        _V.OUT_OF_HOURS: _S.STALLED,
    },
    # The clear delay needs unbroken good: it starts again.
    _S.STALLED: {
        _V.BAD: _S.OPEN,
        _V.GOOD: _S.CLEARING,
        _V.BLIND: _S.STALLED,
        _V.BETWEEN: _S.STALLED,
        _V.OUT_OF_HOURS: _S.STALLED,
    },
}

ON_DELAY: Final[dict[FaultState, tuple[str, FaultState]]] = {
    _S.QUALIFYING: ("open_after", _S.OPEN),
    _S.CLEARING: ("clear_after", _S.CLEAR),
}
