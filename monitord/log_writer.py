"""Writes log lines to a terminal, pipe or journal that may stall. Owns one thread and one queue.

``write`` never waits (rule 6.9): a line that finds the queue full, or the rate exceeded, is counted
and left out, and the next line that can be written says how many. Knows no form of a line.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from monitord.clock import monotonic

SECOND: Final = 1_000_000
QUEUE_OCTETS_MAX: Final = 1_000_000
BURST_LINES: Final = 1_000
"""Lines that may be written at once: a start of a large site."""
LINES_PER_S: Final = 50
"""Lines a second over a longer time; a day of them is at most about 1 GB."""
LOSS_EVERY: Final = SECOND
"""Shortest time between two notices of loss, so that they are no flood themselves."""
DRAIN_S: Final = 2.0
"""How long the end of the program waits for lines that were not written yet."""


class LogWriter:
    """A text stream for log lines, on ``descriptor``. ``lost``: lines left out since the start.

    ``notice``: returns the line that says how many lines were left out, and why: ``rate`` or
    ``stalled``. ``now``: a clock in microseconds.
    """

    def __init__(
        self,
        descriptor: int,
        notice: Callable[[int, str], str],
        *,
        now: Callable[[], int] = monotonic,
        burst: int = BURST_LINES,
        per_s: int = LINES_PER_S,
        octets_max: int = QUEUE_OCTETS_MAX,
    ) -> None:
        self._descriptor = descriptor
        self._notice = notice
        self._now = now
        self._burst, self._per_s, self._octets_max = burst, per_s, octets_max
        self._allowed, self._counted_at = float(burst), now()
        self._changed = threading.Condition()
        self._lines: deque[bytes] = deque()
        self._octets = 0
        self._writing = False
        self._unsaid: dict[str, int] = {}
        self.lost = 0
        threading.Thread(target=self._run, name="log_writer", daemon=True).start()

    def write(self, text: str) -> int:
        """Queue ``text``, one line or several; never waits."""
        line = text.encode("utf-8", errors="backslashreplace")
        with self._changed:
            why = self._refused(len(line))
            if why is None:
                self._lines.append(line)
                self._octets += len(line)
            else:
                self.lost += 1
                self._unsaid[why] = self._unsaid.get(why, 0) + 1
            self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Do nothing: a caller must not wait. ``drain`` waits."""

    def drain(self, within_s: float = DRAIN_S) -> bool:
        """Wait at most so long until every line is written; return whether it is."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, within_s)

    def _is_idle(self) -> bool:
        return not self._lines and not self._writing and not self._unsaid

    def _refused(self, octets: int) -> str | None:
        now = self._now()
        gained = (now - self._counted_at) * self._per_s / SECOND
        self._allowed, self._counted_at = min(self._burst, self._allowed + gained), now
        if self._octets + octets > self._octets_max:
            return "stalled"
        if self._allowed < 1:
            return "rate"
        self._allowed -= 1
        return None

    def _run(self) -> None:
        said_at = self._now() - LOSS_EVERY
        while True:
            line, losses = self._next(said_at)
            if losses:
                said_at = self._now()
            notices = [self._notice(count, why).encode() for why, count in losses.items()]
            for text in (line, *notices):
                self._put(text)

    def _next(self, said_at: int) -> tuple[bytes, dict[str, int]]:
        """Return the next line, and what to report as lost behind it: all earlier ones were kept.

        ``said_at``: when something was last reported as lost.
        """
        with self._changed:
            self._writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._lines or self._unsaid)
            due = said_at + LOSS_EVERY
            if not self._lines and (rest := due - self._now()) > 0:
                self._changed.wait_for(lambda: self._lines, rest / SECOND)
            self._writing = True
            line = self._lines.popleft() if self._lines else b""
            self._octets -= len(line)
            if self._lines or self._now() < due:
                return line, {}
            losses, self._unsaid = self._unsaid, {}
            return line, losses

    def _put(self, octets: bytes) -> None:
        while octets:
            try:
                octets = octets[os.write(self._descriptor, octets) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError:  # nobody reads any more; the next line is tried again
                with self._changed:
                    self.lost += 1
                return
