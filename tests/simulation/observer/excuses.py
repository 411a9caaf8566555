"""Why a demand may be unmet, or a piece of the ledger wrong: an enumerated class each, counted.

Over 0.5 % of the demands, or of the sentences, fails the verdict; over 0.5 % of the pieces fails a
shard of histories.
"""

from __future__ import annotations

from enum import StrEnum

SHARE_MAX_PER_MILLE = 5


class Excuse(StrEnum):
    """``LOST_POLLS``: two polls in a row got lost inside the only stretch that could show it.

    ``AT_THE_END``: the history ended before the word was due. ``OVER_BEFORE_FIRST_WORD``: a cause
    was over, unseen, before the person's first message, which names what is bad then.
    ``TOO_SHORT``, of a piece: it calls good what was off the air only by faults that were drawn too
    short to be surely seen. ``HELD_AT_START``, of a piece: bad that was held back at a start, so
    that the blindness behind it is presumed to be nothing. ``CHANGED_AS_UNSEEN``, of a sentence: it
    calls silent, beside a device that was, one whose value changed as the silence took effect.
    """

    LOST_POLLS = "lost_polls"
    AT_THE_END = "at_the_end"
    OVER_BEFORE_FIRST_WORD = "over_before_first_word"
    TOO_SHORT = "too_short"
    HELD_AT_START = "held_at_start"
    CHANGED_AS_UNSEEN = "changed_as_unseen"


OF = {
    "demands": (Excuse.LOST_POLLS, Excuse.AT_THE_END, Excuse.OVER_BEFORE_FIRST_WORD),
    "pieces": (Excuse.TOO_SHORT, Excuse.HELD_AT_START),
    "sentences": (Excuse.CHANGED_AS_UNSEEN,),
}
"""By what is excused, its classes: each has its own share."""
