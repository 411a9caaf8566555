"""The state table of what one person is owed of one incident. Owns the table only.

WAITING: ``tell_after`` runs. OWED: to be told. TELLING: an attempt is under way. TOLD: nothing is
owed while the incident stands. DONE: the last word is confirmed and the row goes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class RowState(StrEnum):
    WAITING = "waiting"
    OWED = "owed"
    TELLING = "telling"
    TOLD = "told"
    DONE = "done"


class RowInput(StrEnum):
    """``OWE``: something is to be told now (the wait is over, a revision, the closing)."""

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
        # Failed, or lost in a crash: told again, for at least once is the promise.
        _I.FAILED: _S.OWED,
    },
    _S.TOLD: {_I.OWE: _S.OWED},
}
