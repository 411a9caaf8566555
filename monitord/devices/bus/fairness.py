"""How it stands with each device of a line, and what share of the line the dead ones get.

Owns that arithmetic; reads no clock and knows no line. Times are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.core.model import SECOND

DEAD_SHARE_PERCENT = 10
"""How much of a line's time devices may take that do not answer, all of them together."""
DEAD_AFTER = 2
"""So many failures in a row make a device count as dead."""
_PAUSE_GROWTH_MAX = 10 * SECOND
_PAUSE_FIRST = SECOND // 2
_PATIENCE_FACTOR, _PATIENCE_MIN = 10, 3 * SECOND // 10
_QUESTIONS_MAX = 1024


@dataclass(slots=True)
class LineShare:
    """How it stands with one device of a line, whoever asks it.

    ``owes``: a request to it had no answer, and that may still come. ``took``: how long its last
    answer took; ``usual``: the longest of late by question, as its ``take``. ``failures``: in a
    row; ``not_before``: the dead are asked again only then.
    """

    owes: bool = False
    took: int = 0
    failures: int = 0
    not_before: int = 0
    usual: dict[object, int] = field(default_factory=dict)

    def note_took(self, question: object, took: int) -> None:
        """Remember how long an answer took."""
        self.took = took
        if len(self.usual) >= _QUESTIONS_MAX and question not in self.usual:
            self.usual.clear()
        usual = self.usual.get(question, 0)
        self.usual[question] = max(took, usual - usual // 16)

    def patience(self, question: object) -> int | None:
        """Return the longest wait for an answer on a shared line, None where it is not known."""
        usual = self.usual.get(question)
        return None if usual is None else max(_PATIENCE_FACTOR * usual, _PATIENCE_MIN)


def pause_after(failures: int, cost: int, dead: int) -> int:
    """Return how long a dead device is left alone after a request that held the line for ``cost``.

    ``dead``: how many devices of the line are dead, this one among them. Each takes at most
    ``cost`` out of ``cost`` + pause, so that all of them stay within ``DEAD_SHARE_PERCENT``. The
    pause grows with the failures in a row, to ten seconds.
    """
    if failures < DEAD_AFTER:
        return 0
    share = cost * (dead * 100 - DEAD_SHARE_PERCENT) // DEAD_SHARE_PERCENT
    grown = min(_PAUSE_FIRST << min(failures - DEAD_AFTER, 10), _PAUSE_GROWTH_MAX)
    return max(share, grown)
