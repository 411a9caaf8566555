"""A model, not the product: what is accepted of one condition on a line without numbers.

The rules of a careful master that needs two readings to turn a condition, and accepts nothing for
30 s of a line that took back two within that time.
"""

from __future__ import annotations

Piece = tuple[int, int, str]
Suspect = tuple[bool, int, int]

AGREE = 2


class ModelTimeline:
    """One condition: held, between, blind. ``pieces``: (from, to, kind)."""

    def __init__(self, bound: int, doubt: int, start: int) -> None:
        self.bound, self.doubt = bound, doubt
        self.pieces: list[Piece] = []
        self.suspects: list[Suspect] = []
        self.doubted_until = 0
        self._taken_back: list[int] = []
        self._value: bool | None = None
        self._start = self._before = self._after = start
        self._is_widened = False

    def believe(self, value: bool, not_before: int, not_after: int) -> None:
        """Take one reading."""
        if not_after < self.doubted_until:
            self.suspects = []
            return
        is_held = value is self._value and not_after - self._after <= self.bound
        if self.suspects and (is_held or self.suspects[0][0] is not value):
            self._take_back(not_after)
        self.suspects.append((value, not_before, not_after))
        if is_held or len(self.suspects) >= AGREE:
            for suspect in self.suspects:
                self._take(*suspect)
            self.suspects = []

    def end(self, at: int) -> list[Piece]:
        """Return the pieces up to ``at``."""
        if self._value is not None:
            self._close(self._before, str(self._value))
        is_blind = self._value is None or at - self._after > self.bound
        self._close(at, "blind" if is_blind else "between")
        return self.pieces

    def _take_back(self, now: int) -> None:
        self.suspects, self._is_widened = [], True
        self._taken_back = [at for at in self._taken_back if now - at < self.doubt] + [now]
        if len(self._taken_back) >= 2:
            self.doubted_until = now + self.doubt

    def _take(self, value: bool, not_before: int, not_after: int) -> None:
        if self._value is not None and not_after - self._after > self.bound:
            self._close(self._before, str(self._value))
            self._value = None
        if self._value is None:
            self._close(not_after, "blind")
        elif value is not self._value or self._is_widened:
            self._close(self._before, str(self._value))
            self._close(not_after, "between")
        self._before = max(self._before, not_before) if value is self._value else not_before
        self._value, self._is_widened, self._after = value, False, not_after

    def _close(self, finish: int, kind: str) -> None:
        if finish > self._start:
            self.pieces.append((self._start, finish, kind))
            self._start = finish
