"""Plausibility checks: range, rate of change, frozen value, all zeros.

An implausible number is no value, and is passed on as suspected: it counts once a second reading
agrees. Where it points to bad that may be as implausible; where it points to good it must be
plausible. The device is polled again at once. So a check never hides a fault. Raw values without
meaning (sentinels, NaN, missing objects) are not checked.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final, Protocol

from monitord.core.model import SECOND
from monitord.decoding.model import Decoding

NEVER: Final = 2**63
"""A time that is never reached: nothing is due."""
AT_ONCE: Final = -NEVER
"""Due with the next answer, whenever that is."""
ZEROS_MIN: Final = 3
"""An answer is all zero with at least so many numbers: fewer are often zero together."""
ALL_ZERO: Final = ("confirm", "never", "normal")


class PlausibilityCheck(Protocol):
    """Checks the numbers of one point. ``due``: when to check again though nothing changed."""

    @property
    def due(self) -> int: ...

    def check(self, value: float, moved: bool, at: int, before: int) -> bool:
        """Update the check; return whether the number is implausible.

        ``moved``: the raw value differs from the one before.

        ``at`` and ``before``: site time of this answer and of the one before it, microseconds.
        """

    def note_implausible(self, value: float, moved: bool, at: int, before: int) -> None:
        """Note a number that is implausible for another reason: the next may confirm it.

        It is checked again when that reason ends, so it is not due before.
        """


class RangeCheck:
    """Range: minimum and maximum are inside. Has no state, so equal points share it."""

    __slots__ = ("high", "low")
    due = NEVER

    def __init__(self, decoding: Decoding) -> None:
        low, high = decoding.minimum, decoding.maximum
        self.low: float = float("-inf") if low is None else low
        self.high: float = float("inf") if high is None else high

    def check(self, value: float, moved: bool = False, at: int = 0, before: int = 0) -> bool:  # noqa: ARG002
        """Return whether the number is outside the range."""
        return not self.low <= value <= self.high

    def note_implausible(self, value: float, moved: bool, at: int, before: int) -> None:
        """Do nothing: a range has no state."""


class ChangeCheck:
    """Range, rate and frozen value of one point of one device.

    Rate: a change from the last plausible number faster than ``change_max`` is implausible, unless
    the number agrees with the implausible one before it: a true step costs one answer. The allowed
    change is that of at least one second, so burst polls make nothing implausible.
    Frozen: the same raw value for ``frozen_after`` is implausible until it changes. Answers further
    apart than that prove nothing of the time between them.
    """

    __slots__ = (
        "_change_max",
        "_frozen_after",
        "_good",
        "_good_at",
        "_limits",
        "_moved_at",
        "_pending",
        "_pending_at",
        "_settled",
        "due",
    )

    def __init__(self, decoding: Decoding, limits: RangeCheck) -> None:
        self._limits = limits
        self._change_max = decoding.change_max
        self._frozen_after = decoding.frozen_after
        self._good: float | None = None
        self._pending: float | None = None
        self._good_at = self._pending_at = self._moved_at = 0
        self._settled = False
        self.due = NEVER

    def check(self, value: float, moved: bool, at: int, before: int) -> bool:
        """Return whether this number is implausible."""
        frozen = self._watch_frozen(moved, at, before)
        self._date_last_plausible(before)
        if self._limits.check(value):
            return True
        if self._is_too_fast(value, at):
            self._pending, self._pending_at = value, at
            self.due = AT_ONCE
            return True
        self._pending, self._good, self._good_at = None, value, at
        self._settled = True
        return frozen

    def note_implausible(self, value: float, moved: bool, at: int, before: int) -> None:
        """Note a number that is suspected anyway."""
        self._date_last_plausible(before)
        self.due = NEVER
        if moved:
            self._moved_at = at
        if not self._limits.check(value):
            self._pending, self._pending_at = value, at

    def _date_last_plausible(self, before: int) -> None:
        """Date the last plausible number: it was valid until the answer before."""
        if self._settled:
            self._good_at, self._settled = before, False

    def _is_too_fast(self, value: float, at: int) -> bool:
        most = self._change_max
        if most is None or self._good is None:
            return False
        if abs(value - self._good) * SECOND <= most * max(at - self._good_at, SECOND):
            return False
        if self._pending is None:
            return True
        return abs(value - self._pending) * SECOND > most * max(at - self._pending_at, SECOND)

    def _watch_frozen(self, moved: bool, at: int, before: int) -> bool:
        """Store when the value last moved and the next due time; return whether it is frozen."""
        after = self._frozen_after
        self.due = NEVER
        if not after:
            return False
        if moved or at - before >= after:
            self._moved_at = at
        frozen = at - self._moved_at >= after
        if not frozen:
            self.due = self._moved_at + after
        return frozen


def has_memory(decoding: Decoding) -> bool:
    """Return whether the check of such a point has state between answers."""
    return decoding.change_max is not None or decoding.frozen_after > 0


def is_all_zero(raws: Sequence[object], leave_out: Container[int] = ()) -> bool:
    """Return whether an answer has only zeros, in at least ``ZEROS_MIN`` numbers.

    A gateway or subagent that lost the equipment behind it often answers with zeros. Not counted as
    numbers: single bits (inputs are often all off) and absent values. A text that is not empty
    shows that the equipment is there. ``leave_out``: places of the agent's own values, which do not
    depend on the equipment.
    """
    zeros = 0
    for place, raw in enumerate(raws):
        kind = raw.__class__
        if kind is int or kind is float:
            if raw and place not in leave_out:
                return False
            zeros += not raw
        elif raw and kind is not bool:
            return False
    return zeros >= ZEROS_MIN


class AllZeroCheck:
    """Whether an all-zero answer is plausible. One per device; ``mode``: one of ``ALL_ZERO``.

    ``confirm``: the first all-zero answer after another answer is implausible as a whole, the next
    is accepted. A transmitter that was switched off loses nothing by this: its zeros point to bad,
    which counts from the first on when the second answer agrees, and that comes at once. A gateway
    that answers zeros once neither proves nor clears anything. It does not help against a slave
    that stays dead and whose zeros point to good (0: no alarm). For such a device:
    ``never``: a live device of this kind always has a number that is not zero (a meter its
    frequency, an agent its uptime); all zeros are implausible as long as they come.
    ``normal``: all zeros are an answer like any other.
    """

    __slots__ = ("_agent_times", "_is_first", "_mode", "_was_zero", "is_suspect")

    def __init__(self, mode: str, agent_times: frozenset[int] = frozenset()) -> None:
        """``agent_times``: places of the agent's own running times; they count for nothing here."""
        if mode not in ALL_ZERO:
            raise ValueError(f"all_zero {mode!r}: allowed are {', '.join(ALL_ZERO)}")
        self._mode = mode
        self._agent_times = agent_times
        self._was_zero = False
        self._is_first = True
        self.is_suspect = False

    @property
    def due(self) -> int:
        """When to check again though nothing changed."""
        return AT_ONCE if self.is_suspect and self._mode == "confirm" else NEVER

    def update(self, raws: Sequence[object], changed: Sequence[int]) -> bool:
        """Update with an answer; return whether ``is_suspect`` changed."""
        before = self.is_suspect
        if self._mode != "normal":
            self._look(raws, changed)
        self._is_first = False
        return self.is_suspect is not before

    def _look(self, raws: Sequence[object], changed: Sequence[int]) -> None:
        if not changed:
            zero = self._was_zero
        else:
            # One number that changed to another than zero decides it without a look at the rest.
            agent_times = self._agent_times
            zero = not any(raws[place] for place in changed if place not in agent_times)
            zero = zero and is_all_zero(raws, agent_times)
        is_new = not self._was_zero and not self._is_first
        self.is_suspect = zero and (self._mode == "never" or is_new)
        self._was_zero = zero
