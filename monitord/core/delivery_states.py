"""The state table of one person's messages of one incident. Owns the table only.

``waiting``: ``tell_after`` runs. ``owed``: a message must be sent. ``telling``: an attempt is under
way. ``told``: delivered, and nothing new. ``done``: the last message is delivered; the row ends.
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
