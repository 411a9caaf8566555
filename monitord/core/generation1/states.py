"""The states and codes of generation 1. Owns its tables, which never change."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Expected(StrEnum):
    """What the calendar expects of a programme at a moment."""

    ON = "on"
    WINDOW = "window"
    CLOSED = "closed"


class Column(StrEnum):
    """Where a second of a programme is counted; the table is in ``core/columns.py``."""

    ON_AIR = "on_air"
    DEGRADED = "degraded"
    OFF_AIR = "off_air"
    BLIND = "blind"
    BETWEEN = "between"
    PLANNED_OFF = "planned_off"
    CLOSED = "closed"


class Told(StrEnum):
    """The kind of a message; the ``event`` of the webhook's JSON."""

    OPENED = "opened"
    REVISED = "revised"
    RECOVERED = "recovered"
    CLOSED_BEFORE_TOLD = "closed_before_told"


class FaultState(StrEnum):
    """State of a fault. ``STALLED``: was clearing, but good was not unbroken."""

    CLEAR = "clear"
    QUALIFYING = "qualifying"
    OPEN = "open"
    CLEARING = "clearing"
    STALLED = "stalled"


class RowState(StrEnum):
    WAITING = "waiting"
    OWED = "owed"
    TELLING = "telling"
    TOLD = "told"
    DONE = "done"


class RowInput(StrEnum):
    """``OWE``: a message must be sent now (the wait is over, a revision, the closing)."""

    OWE = "owe"
    BEGIN = "begin"
    DELIVERED = "delivered"
    DELIVERED_MORE = "delivered_more"
    DELIVERED_LAST = "delivered_last"
    FAILED = "failed"


_S, _I = RowState, RowInput

ON_INPUT: Final[dict[RowState, dict[RowInput, RowState]]] = {
    _S.WAITING: {_I.OWE: _S.OWED},
    _S.OWED: {_I.OWE: _S.OWED, _I.BEGIN: _S.TELLING},
    _S.TELLING: {
        _I.OWE: _S.TELLING,
        _I.DELIVERED: _S.TOLD,
        _I.DELIVERED_MORE: _S.OWED,
        _I.DELIVERED_LAST: _S.DONE,
        # Failed, or lost in a crash: sent again, because delivery is at least once.
        _I.FAILED: _S.OWED,
    },
    _S.TOLD: {_I.OWE: _S.OWED},
}
