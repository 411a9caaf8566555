"""Why a demand may be unmet: an enumerated class each, counted. Over 0.5 % fails the verdict."""

from __future__ import annotations

from enum import StrEnum

SHARE_MAX_PER_MILLE = 5


class Excuse(StrEnum):
    """``LOST_POLLS``: two polls in a row got lost inside the only stretch that could show it.

    ``AT_THE_END``: the history ended before the word was due.
    """

    LOST_POLLS = "lost_polls"
    AT_THE_END = "at_the_end"
