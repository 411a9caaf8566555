"""What each device of a line costs, and what share of the line's time dead devices get.

Pure arithmetic; reads no clock and knows no line. Times are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.core.model import SECOND
from monitord.devices.bus.asked import AskedShapes

DEAD_SHARE_PERCENT = 10
"""The part of a line's time that all dead devices together may take."""
DEAD_AFTER = 2
"""A device with so many failures in a row counts as dead."""
_PAUSE_GROWTH_MAX = 10 * SECOND
_PAUSE_FIRST = SECOND // 2
_PATIENCE_FACTOR, _PATIENCE_MIN = 10, 3 * SECOND // 10
_BRIEF_FACTOR, _BRIEF_MIN = 4, 3 * SECOND // 20
_REQUESTS_MAX = 1024


@dataclass(slots=True)
class LineShare:
    """One device of a line, whichever reader asks it.

    ``owes``: a request to it has no answer, and the answer may still come. ``took``: response time
    of the last answer; ``usual``: the longest recent one by request (its ``find_answer``).
    ``failures``: in a row; ``not_before``: a dead device gets no turn before this time. ``asked``:
    the shapes of its requests.
    """

    owes: bool = False
    took: int = 0
    failures: int = 0
    not_before: int = 0
    usual: dict[object, int] = field(default_factory=dict)
    asked: AskedShapes = field(default_factory=AskedShapes)

    def note_took(self, request: object, took: int) -> None:
        """Record the response time of an answer."""
        self.took = took
        self.note_usual(request, took)

    def note_usual(self, request: object, took: int) -> None:
        """Record how long an answer took that came too late to be accepted, or the last one."""
        if len(self.usual) >= _REQUESTS_MAX and request not in self.usual:
            self.usual.clear()
        usual = self.usual.get(request, 0)
        self.usual[request] = max(took, usual - usual // 16)

    def brief_patience(self, request: object) -> int | None:
        """Return how long an answer is waited for before the request is sent again within a read.

        None before a first answer. A request that had none waits longer than the others.
        """
        usual = self.usual.get(request)
        if usual is not None:
            return max(_BRIEF_FACTOR * usual, _BRIEF_MIN)
        longest = max(self.usual.values(), default=None)
        return None if longest is None else max(_PATIENCE_FACTOR * longest, _PATIENCE_MIN)

    def patience(self, request: object) -> int | None:
        """Return the longest wait for an answer on a shared line; None before a first answer."""
        usual = self.usual.get(request)
        return None if usual is None else max(_PATIENCE_FACTOR * usual, _PATIENCE_MIN)


def pause_after(failures: int, cost: int, dead: int) -> int:
    """Return how long a dead device gets no turn after a request that held the line for ``cost``.

    ``failures``: in a row; ``dead``: how many devices of the line are dead, this one included. Each
    takes at most ``cost`` out of ``cost`` + pause, so all of them together take at most
    ``DEAD_SHARE_PERCENT``. The pause doubles with each failure, up to ten seconds.
    """
    if failures < DEAD_AFTER:
        return 0
    share = cost * (dead * 100 - DEAD_SHARE_PERCENT) // DEAD_SHARE_PERCENT
    grown = min(_PAUSE_FIRST << min(failures - DEAD_AFTER, 10), _PAUSE_GROWTH_MAX)
    return max(share, grown)
