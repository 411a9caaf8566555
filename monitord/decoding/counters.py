"""Counters and running times across answers: wrap, restart and reset. Checks no plausibility.

A counter falls for three reasons: it was full (a wrap), its device restarted, or a person cleared
it. A program that confuses them shows a spike of 2^32, or a restart every 497 days. Here nothing is
guessed: a fall that is not proven a wrap gives no rate for one answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from monitord.core.model import SECOND, Value
from monitord.decoding.charsets import WrongUnit, exact
from monitord.decoding.compiled import to_number_of
from monitord.decoding.model import CounterRule, Decoding
from monitord.decoding.plausibility import AT_ONCE, NEVER
from monitord.decoding.restarts import ran_on, slack_of
from monitord.decoding.rules import Raw, is_sentinel
from monitord.units import BASES

_BUCKETS: Final = 64
"""A window is kept in about so many parts, however often the device is polled."""


class Counter:
    """One counter of one device. Its value is a rate per second, or an increase.

    A fall is a wrap if the running time (``since``) shows no restart and the increase would be less
    than half the counter; with ``rate_max``, if the increase over the wrap is not faster than that.
    Otherwise the counter started at zero, and this answer has no value. After a restart it started
    at zero even if it is above its earlier value. Two answers of one moment, or in the wrong order,
    change nothing.
    """

    __slots__ = (
        "_at",
        "_decoding",
        "_last",
        "_rule",
        "_since",
        "_since_s",
        "_to_number",
        "_uptime",
        "_value",
        "_window",
    )
    due = AT_ONCE

    def __init__(self, decoding: Decoding, rule: CounterRule, since: int | None, unit: str) -> None:
        """``since``: the place of the running time, whose unit is ``unit``."""
        self._decoding = decoding
        self._rule = rule
        self._since = since
        self._since_s = seconds_of(unit)
        self._to_number = to_number_of(decoding)
        self._window = Window(rule.over)
        self._last: int | None = None
        self._uptime: Fraction | None = None
        self._value: Value = None
        self._at = 0

    def decode(self, raw: Raw, values: Sequence[Value], at: int) -> Value:
        """Return the rate or increase at ``at`` (site time, microseconds)."""
        number = self._whole(raw)
        if number is None:
            return None
        elapsed = at - self._at
        if self._last is not None and elapsed <= 0:
            return self._value
        uptime = self._running_time(values)
        increase = self._increase(number, elapsed, uptime)
        if increase is None:
            self._window.clear(at)
            self._value = None
        else:
            self._value = self._valued(*self._window.add(increase, self._at, at))
        self._last, self._at, self._uptime = number, at, uptime
        return self._value

    def _whole(self, raw: Raw) -> int | None:
        number = self._to_number(raw)
        if number is None or isinstance(number, WrongUnit) or is_sentinel(number, self._decoding):
            return None
        return int(number) if number == int(number) and 0 <= number < self._full else None

    @property
    def _full(self) -> int:
        return 1 << self._rule.width

    def _running_time(self, values: Sequence[Value]) -> Fraction | None:
        found = None if self._since is None else values[self._since]
        return exact(found) * self._since_s if isinstance(found, int | float) else None

    def _increase(self, number: int, elapsed: int, uptime: Fraction | None) -> int | None:
        """Return the increase since the last answer in raw steps; None where it is not known."""
        if self._last is None:
            return None
        ran_on = self._ran_on(uptime, elapsed)
        rate_max = self._rule.rate_max
        if ran_on is False:
            return None
        if rate_max is not None and self._fastest(elapsed) >= self._full:
            return None  # not read for so long that it may have wrapped more than once
        increase = number - self._last
        if increase >= 0:
            return increase
        increase += self._full
        if rate_max is not None:
            return increase if increase <= self._fastest(elapsed) else None
        return increase if ran_on and increase < self._full // 2 else None

    def _fastest(self, elapsed: int) -> Fraction:
        """Return the increase at ``rate_max`` over ``elapsed`` microseconds, in raw steps."""
        assert self._rule.rate_max is not None
        return exact(self._rule.rate_max) * elapsed / SECOND / exact(self._decoding.scale)

    def _ran_on(self, uptime: Fraction | None, elapsed: int) -> bool | None:
        """Return whether the device did not restart since the last answer; None: not known."""
        if uptime is None or self._uptime is None:
            return None
        last, new = self._uptime * SECOND, uptime * SECOND
        # A running time that went back, however little, may have begun at zero.
        return False if new < last else ran_on(last, new, elapsed)

    def _valued(self, increase: int, elapsed: int) -> Value:
        over = self._rule.over
        if not elapsed or (self._rule.counts == "increase" and elapsed >= 2 * over):
            return None  # the window is not full, or a silence hides when it was counted
        scale = exact(self._decoding.scale)
        if self._rule.counts == "increase":
            return increase if scale == 1 else increase * scale.numerator / scale.denominator
        return increase * scale.numerator * SECOND / (scale.denominator * elapsed)


class Window:
    """The increase over the last ``over`` microseconds; 0: since the answer before."""

    __slots__ = ("_began", "_over", "_parts", "_total")

    def __init__(self, over: int) -> None:
        self._over = over
        self._parts: deque[tuple[int, int, int]] = deque()  # from, to, increase
        self._total = 0
        self._began = 0

    def clear(self, at: int) -> None:
        """Start an empty window at site time ``at``."""
        self._parts.clear()
        self._total, self._began = 0, at

    def add(self, increase: int, from_at: int, to_at: int) -> tuple[int, int]:
        """Return (increase, microseconds it took) of the window; (0, 0) until it is full.

        The window may be one answer longer than ``over``: an increase between answers cannot be
        divided. After a silence it is much longer, and the caller must check that.
        """
        if not self._over:
            return increase, to_at - from_at
        self._total += increase
        if self._parts and to_at - self._parts[-1][0] <= self._over // _BUCKETS:
            from_at, _, before = self._parts.pop()
            increase += before
        self._parts.append((from_at, to_at, increase))
        while self._parts[0][1] <= to_at - self._over:
            self._total -= self._parts.popleft()[2]
        if to_at - self._began < self._over:
            return 0, 0
        return self._total, to_at - self._parts[0][0]


class RunningTime:
    """A time since a start that wraps, as SNMP TimeTicks do after 497 days.

    A fall is a wrap if the time continues as expected, and a restart otherwise. The value continues
    to rise over a wrap, so a wrap is not taken for a restart.
    """

    __slots__ = ("_at", "_decoding", "_full", "_last", "_tick_s", "_to_number", "_turns")
    due = NEVER

    def __init__(self, decoding: Decoding) -> None:
        self._decoding = decoding
        self._full = 1 << decoding.wraps
        self._tick_s = exact(decoding.scale) * seconds_of(decoding.unit)
        self._to_number = to_number_of(decoding)
        self._last: int | float | None = None
        self._at = self._turns = 0

    def decode(self, raw: Raw, values: Sequence[Value], at: int) -> Value:
        """Return the time at ``at`` (site time, microseconds), in the point's unit."""
        del values
        number = self._number(raw)
        if number is None:
            return None
        if self._last is not None:
            self._turns = self._turns_at(number, at)
        self._last, self._at = number, at
        return self._scaled(number + self._turns * self._full)

    def _number(self, raw: Raw) -> int | float | None:
        number = self._to_number(raw)
        if number is None or isinstance(number, WrongUnit) or is_sentinel(number, self._decoding):
            return None
        return number

    def _turns_at(self, number: float, at: int) -> int:
        """Return how often it has wrapped since the device's start, with this answer.

        A time that goes back a little proves no restart and no wrap: some devices answer from a
        copy that is older than the one before, over the wrap too.
        """
        assert self._last is not None
        tick, elapsed = self._tick_s * SECOND, at - self._at
        last, new, full = exact(self._last) * tick, exact(number) * tick, self._full * tick
        slack = slack_of(elapsed)
        if number >= self._last:
            if self._turns and last + full - new <= slack:
                return self._turns - 1
            return 0 if ran_on(last, new, elapsed) is False else self._turns
        if ran_on(last, new, elapsed, full):
            return self._turns + 1
        return self._turns if last - new <= slack else 0

    def _scaled(self, number: float) -> Value:
        scaled = exact(number) * exact(self._decoding.scale) + exact(self._decoding.offset)
        if self._decoding.scale == 1 and self._decoding.offset == 0:
            return number
        return scaled.numerator / scaled.denominator


Remembering = Counter | RunningTime


def remembering(
    decoding: Decoding, place_of: Callable[[str], int], unit_of: Callable[[str], str]
) -> Remembering | None:
    """Return the state of a point that depends on earlier answers, or None for other points."""
    if decoding.counter is not None:
        since = decoding.counter.since
        place = place_of(since) if since else None
        return Counter(decoding, decoding.counter, place, unit_of(since) if since else "s")
    return RunningTime(decoding) if decoding.wraps else None


def is_time(unit: str) -> bool:
    """Return whether a unit is one of time."""
    return unit in BASES and BASES[unit].name == "seconds"


def seconds_of(unit: str) -> Fraction:
    """Return how many seconds a unit of time has; raises KeyError where it is none."""
    base = BASES[unit]
    return Fraction(base.times, base.over)
