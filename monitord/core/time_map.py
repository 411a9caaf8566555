"""Whether the wall clock may be trusted: the rules of a start, a step, an adoption. Pure.

Source: "Time map" of docs/architecture.md. A boot of the computer has one right offset, but for
drift and leap seconds; one source alone never ends a dispute that it has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitord.core.clock_quality import ClockQuality, Kernel
from monitord.core.clock_state import DRIFT, ClockNow, Era, Trust

SECOND: Final = 1_000_000
STEP: Final = SECOND
"""Added to a bound before a difference counts as a step."""
START_SLACK: Final = 2 * SECOND
"""A start may show a time so much before the mark: a battery clock has whole seconds."""
PERSON: Final = 60 * SECOND
"""How well a person reads a watch."""
RIVAL_SLACK: Final = 5 * SECOND
RIVALS_MAX: Final = 4
SLEW_IGNORED: Final = 50_000
"""A trusted clock within 50 ms of the offset in use changes nothing."""
COARSE: Final = SECOND
"""From this bound on a source that is twice as good is followed: a person's time, a first sync."""
HOLDOVER_MAX: Final = 30 * SECOND
"""People are informed of a clock that may be wrong by more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reading of the wall clock says. ``built``: wall time of this program's files."""

    at: int
    wall: int
    quality: ClockQuality
    built: int

    @property
    def offset(self) -> int:
        """The offset that the wall clock shows."""
        return self.wall - self.at


@dataclass(frozen=True, slots=True)
class Turn:
    """What is held from now on. ``whole_boot``: also of this boot's time before."""

    trust: Trust
    offset: int
    bound: int
    fixed_at: int
    rivals: tuple[int, ...] = ()
    battery: bool = False
    whole_boot: bool = False


def first_reading(clock: ClockNow, reading: Reading) -> Turn:
    """Return what is held at the first reading of a boot."""
    quality, at, offset = reading.quality, reading.at, reading.offset
    behind = _is_behind(clock, reading, START_SLACK)
    if quality.synced:
        return _from_untrusted(reading, behind=behind) or _untrusted(reading)
    if behind:
        return _untrusted(reading)
    if quality.kernel is Kernel.HOLDOVER:
        return Turn(Trust.HOLDOVER, offset, quality.max_error, at, whole_boot=True)
    if quality.battery and clock.mark is not None:
        gap = max(0, reading.wall - clock.mark)
        bound = clock.mark_bound + gap // DRIFT + START_SLACK
        return Turn(Trust.ASSUMED, offset, bound, at, whole_boot=True)
    return _untrusted(reading)


def next_reading(clock: ClockNow, reading: Reading) -> Turn | None:
    """Return what is held after a further reading of a boot; None where that stays."""
    era = clock.eras[-1]
    if era.trust is Trust.UNTRUSTED:
        behind = _is_behind(clock, reading, STEP)
        return _from_untrusted(reading, behind=behind) if reading.quality.synced else None
    quality, new = reading.quality, reading.offset
    tolerance = era.bound_at(reading.at) + quality.slewed + STEP
    # A wall clock that nothing corrects is no source: only a change of its offset is news.
    quiet = not quality.synced and abs(new - clock.label) <= STEP
    if quiet or abs(new - era.offset) <= tolerance:
        return _agreed(clock, era, reading)
    return _stepped(clock, era, reading, tolerance - STEP)


def person_turn(clock: ClockNow, at: int, wall: int) -> Turn | None:
    """Return what is held when a person says that it is ``wall``; None if it cannot be."""
    mark = clock.mark
    if mark is not None and wall < mark - clock.mark_bound - PERSON:
        return None
    return Turn(Trust.TRUSTED, wall - at, PERSON, at, whole_boot=True)


def alarm_of(turn: Turn | Era, quality: ClockQuality, at: int) -> str:
    """Return why people must know of this clock, empty if they need not.

    A site whose only clock is its battery clock says so, and is not reminded.
    """
    doubted = {Trust.UNTRUSTED: "untrusted", Trust.DISPUTED: "disputed"}.get(turn.trust, "")
    if turn.trust is not Trust.TRUSTED and quality.source == "network":
        bound = turn.bound + abs(at - turn.fixed_at) // DRIFT
        if turn.trust is Trust.ASSUMED:
            doubted = "assumed"
        elif turn.trust is Trust.HOLDOVER and bound > HOLDOVER_MAX + _as_read(turn):
            doubted = "holdover"
        if quality.kernel is Kernel.UNREADABLE and turn.trust is not Trust.DISPUTED:
            return "unreadable"
    return doubted


def _as_read(turn: Turn | Era) -> int:
    """Return how far a person's time may be wrong from the start: he knows that much himself."""
    return PERSON if turn.bound == PERSON else 0


def _is_behind(clock: ClockNow, reading: Reading, slack: int) -> bool:
    """Return whether the wall clock shows a time that is over for certain."""
    mark = clock.mark
    before_mark = mark is not None and reading.wall < mark - clock.mark_bound - slack
    return reading.wall < reading.built or before_mark


def _untrusted(reading: Reading) -> Turn:
    return Turn(Trust.UNTRUSTED, reading.offset, 0, reading.at, whole_boot=True)


def _adopted(reading: Reading) -> Turn:
    bound = reading.quality.max_error + reading.quality.slewed
    return Turn(Trust.TRUSTED, reading.offset, bound, reading.at, whole_boot=True)


def _from_untrusted(reading: Reading, *, behind: bool) -> Turn | None:
    vote = _second(reading)
    if vote is None:
        return None if behind else _adopted(reading)
    return _adopted(reading) if vote else None


def _second(reading: Reading) -> bool | None:
    """Return whether an independent second clock agrees; None without one."""
    quality = reading.quality
    if quality.second is None or quality.second_source == quality.source:
        return None
    return abs(quality.second - reading.wall) <= START_SLACK + STEP


def _agreed(clock: ClockNow, era: Era, reading: Reading) -> Turn | None:
    """Return what follows from a wall clock that shows the time held, or shows nothing new."""
    quality, at = reading.quality, reading.at
    if not quality.synced:
        if era.trust is Trust.TRUSTED:
            return Turn(Trust.HOLDOVER, era.offset, era.bound, era.fixed_at)
        return None
    away = abs(reading.offset - era.offset)
    if clock.battery and not _second(reading):
        # Network time agrees with itself: that ends nothing, but it is followed.
        rivals = tuple(era.rivals)
        followed = Turn(era.trust, reading.offset, quality.max_error, at, rivals, battery=True)
        return followed if away > SLEW_IGNORED else None
    if era.trust is Trust.TRUSTED:
        turn = Turn(Trust.TRUSTED, reading.offset, quality.max_error + quality.slewed, at)
        coarse = era.bound >= COARSE and 2 * turn.bound <= era.bound
        return turn if away > SLEW_IGNORED or coarse else None
    if era.trust is Trust.HOLDOVER:
        return Turn(Trust.TRUSTED, reading.offset, quality.max_error + quality.slewed, at)
    return _adopted(reading)


def _stepped(clock: ClockNow, era: Era, reading: Reading, bound: int) -> Turn | None:
    """Return what follows from a wall clock that shows another time than the one held."""
    quality, new = reading.quality, reading.offset
    if quality.synced:
        rival = any(abs(new - other) <= bound + RIVAL_SLACK for other in era.rivals)
        if _second(reading) or (clock.battery and rival):
            return _adopted(reading)
        if era.trust is Trust.ASSUMED:
            return Turn(
                Trust.DISPUTED,
                new,
                quality.max_error,
                reading.at,
                (era.offset,),
                battery=True,
                whole_boot=True,
            )
    if any(abs(new - other) <= STEP for other in era.rivals):
        return None
    rivals = (*era.rivals[1 - RIVALS_MAX :], new)
    return Turn(Trust.DISPUTED, era.offset, era.bound, era.fixed_at, rivals, battery=clock.battery)
