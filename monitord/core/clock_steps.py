"""Readings of the wall clock, and people's word on it, into what is held. Owns that step."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import ClockNow
from monitord.core.events import Draft
from monitord.core.model import ClockRead, Started
from monitord.core.situation import Situation
from monitord.core.time_map import (
    Reading,
    Turn,
    alarm_of,
    first_reading,
    next_reading,
    person_turn,
)


def start_clock(situation: Situation, started: Started) -> Iterator[Draft]:
    """Judge the clock at a start: a new boot is placed by itself, a further run goes on."""
    situation.built = started.built
    clock = situation.durable.clock
    reading = Reading(started.at, started.wall, started.quality, started.built)
    known = _mark_of(clock, started.alive_at)
    if started.boot_id == clock.boot_id and clock.eras:
        yield from _go_on(situation, reading)
        return
    turn = first_reading(known, reading)
    yield Draft(
        "",
        _turned(
            known,
            turn,
            reading,
            since=started.at,
            alarm=alarm_of(turn, started.quality, started.at),
            boot=(started.boot_id, started.booted_at),
        ),
    )


def _mark_of(clock: ClockNow, alive_at: int | None) -> ClockNow:
    """Return the clock of the last run, known up to the last moment that it was alive."""
    if alive_at is None or not clock.eras or not clock.is_settled:
        return clock
    era = clock.eras[-1]
    alive = alive_at + era.offset
    if clock.mark is not None and alive <= clock.mark:
        return clock
    return ClockNow(mark=alive, mark_bound=era.bound_at(alive_at))


def read_clock(situation: Situation, read: ClockRead) -> Iterator[Draft]:
    """Compare a reading of the wall clock with what is held."""
    yield from _go_on(situation, Reading(read.at, read.wall, read.quality, situation.built))


def _go_on(situation: Situation, reading: Reading) -> Iterator[Draft]:
    clock = situation.durable.clock
    era = clock.eras[-1]
    turn = next_reading(clock, reading)
    alarm = alarm_of(turn or era, reading.quality, reading.at)
    if turn is None:
        if alarm == clock.alarm:
            return
        turn = _same(clock)
    boot = clock.boot_id, clock.booted_at
    since = _boot_began(clock) if turn.whole_boot else reading.at
    yield Draft("", _turned(clock, turn, reading, since=since, alarm=alarm, boot=boot))


def adopt_clock(situation: Situation, at: int, wall: int, person: str) -> Iterator[Draft]:
    """Take the time that a person states, back to the beginning of this boot."""
    clock = situation.durable.clock
    turn = person_turn(clock, at, wall)
    assert turn is not None, "what cannot be is refused before"
    yield Draft(
        "",
        ClockTurned(
            trust=turn.trust,
            since=_boot_began(clock),
            offset=turn.offset,
            bound=turn.bound,
            fixed_at=turn.fixed_at,
            rivals=(),
            battery=False,
            label=clock.label,
            mark=clock.mark,
            alarm="",
            boot_id=clock.boot_id,
            booted_at=clock.booted_at,
            person=person,
        ),
    )


def is_refused(clock: ClockNow, at: int, wall: int) -> bool:
    """Return whether a person's time cannot be right: it lies before the last known time."""
    return person_turn(clock, at, wall) is None


def _same(clock: ClockNow) -> Turn:
    era = clock.eras[-1]
    rivals = tuple(era.rivals)
    return Turn(era.trust, era.offset, era.bound, era.fixed_at, rivals, battery=clock.battery)


def _boot_began(clock: ClockNow) -> int:
    return min(era.since for era in clock.eras if era.boot == clock.boot)


def _turned(
    clock: ClockNow,
    turn: Turn,
    reading: Reading,
    *,
    since: int,
    alarm: str,
    boot: tuple[str, int | None],
) -> ClockTurned:
    return ClockTurned(
        trust=turn.trust,
        since=since,
        offset=turn.offset,
        bound=turn.bound,
        fixed_at=turn.fixed_at,
        rivals=turn.rivals,
        battery=turn.battery,
        label=reading.offset,
        mark=clock.mark,
        alarm=alarm,
        boot_id=boot[0],
        booted_at=boot[1],
    )
