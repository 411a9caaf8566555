"""The habits of running times: wraps, counts that do not move, steps, old copies, fast clocks.

Drawn are a device's true restarts and what its uptime shows of them. No reader finds a restart that
was none, each finds those that the count shows, and over a wrap the time since the start goes on.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from monitord.core.model import SECOND
from monitord.decoding.counters import RunningTime
from monitord.decoding.model import Decoding
from monitord.devices.snmp.up_time import UpTime
from tests.support.proof import Proof

TICKS_S = 100
FULL = 2**32
"""sysUpTime of RFC 3418: hundredths of a second in 32 bits."""
ANSWERS = 40
PAUSES = (100, 100, 1000, 6000, 30_000, 360_000)
UPTIME = Decoding("number", "s", scale=0.01, wraps=32)


@dataclass(frozen=True)
class Habit:
    """How a device's uptime shows the time since its start; all in ticks.

    ``step``: it moves by so much at once; ``lag``: an answer may be so old; ``stands``: it never
    moves; ``drift``: thousandths by which its clock is too fast, where ours allows ten.
    """

    step: int
    lag: int
    stands: bool
    drift: int

    @property
    def behind(self) -> int:
        """By how much an answer may be behind the time since the start."""
        return self.step + self.lag


def habit_of(dice: random.Random) -> Habit:
    """Return a device's habit; most are plain."""
    return Habit(
        step=dice.choice((1, 1, 1, 100, 500)),
        lag=dice.choice((0, 0, 0, 50, 300)),
        stands=dice.randrange(12) == 0,
        drift=dice.choice((0, 0, 0, 5, -5)),
    )


@dataclass
class Device:
    """A device with true restarts. ``since``: ticks since its start; ``habit``: what it shows."""

    dice: random.Random
    habit: Habit = field(init=False)
    since: int = field(init=False)

    def __post_init__(self) -> None:
        self.habit = habit_of(self.dice)
        near_wrap = FULL - self.dice.randrange(1, 600_000)
        self.since = self.dice.choice((0, self.dice.randrange(10**8), near_wrap, near_wrap + FULL))

    def wait(self, ticks: int) -> bool:
        """Let time go by; return whether the device restarted meanwhile."""
        if self.dice.randrange(12) == 0:
            self.since = self.dice.randrange(ticks + 1)
            return True
        self.since += ticks + ticks * self.habit.drift // 1000
        return False

    def shown(self) -> int:
        """Return the uptime that it shows now."""
        if self.habit.stands:
            return 4711
        time = max(0, self.since - self.dice.randrange(self.habit.lag + 1))
        return time // self.habit.step * self.habit.step % FULL

    def is_clear(self, before: int, shown: int, pause: int) -> bool:
        """Return whether two uptimes show a restart, by 10 s and 1 % and what its habit hides."""
        slack = 10 * TICKS_S + pause // 100 + 2 * self.habit.behind
        near_wrap = before > FULL - pause - slack
        is_behind = before + pause - shown > slack
        return is_behind and shown != before and not near_wrap and not self.habit.stands


def _prove_life(proof: Proof, up_time: UpTime, running: RunningTime) -> None:
    """Compare one device's restarts with those that the readers find."""
    dice = proof.dice
    device = Device(dice)
    before, now = device.shown(), 0
    up_time.note(before, now)
    last = running.decode(before, (), now)
    for _ in range(ANSWERS):
        pause = dice.choice(PAUSES)
        restarted = device.wait(pause)
        now += pause * SECOND // TICKS_S
        shown = device.shown()
        proof.look(shown.to_bytes(8, "big"))
        proof.counts["restarts" if restarted else "answers"] += 1
        found, value = up_time.note(shown, now), running.decode(shown, (), now)
        assert isinstance(value, int | float)
        assert isinstance(last, int | float)
        what = f"{before} {shown} after {pause} {device.habit}"
        if restarted:
            clear = device.is_clear(before, shown, pause)
            proof.check(f"restart not found: {what}", found or not clear)
        else:
            proof.check(f"no restart: {what}", not found)
            least = last - (device.habit.behind + 1) / TICKS_S
            proof.check(f"time {last} {value}: {what}", device.habit.stands or value >= least)
        before, last = shown, value


def prove(proof: Proof, answers: int, kind: type[RunningTime] = RunningTime) -> None:
    """Draw lives of devices; see the module. ``answers``: how many in all."""
    for _ in range(max(1, answers // ANSWERS)):
        _prove_life(proof, UpTime(), kind(UPTIME))
