"""Why a demand may be unmet, or a piece of the ledger wrong: an enumerated class each, counted.

Over 0.5 % of the demands fails the verdict; over 0.5 % of the pieces fails a shard of histories.
"""

from __future__ import annotations

from enum import StrEnum

SHARE_MAX_PER_MILLE = 5


class Excuse(StrEnum):
    """``LOST_POLLS``: two polls in a row got lost inside the only stretch that could show it.

    ``AT_THE_END``: the history ended before the word was due. ``TOO_SHORT``, of a piece: it calls
    good what was off the air only by faults that were drawn too short to be surely seen.
    """

    LOST_POLLS = "lost_polls"
    AT_THE_END = "at_the_end"
    TOO_SHORT = "too_short"


OF = {"demands": (Excuse.LOST_POLLS, Excuse.AT_THE_END), "pieces": (Excuse.TOO_SHORT,)}
"""By what is excused, its classes: each has its own share."""
