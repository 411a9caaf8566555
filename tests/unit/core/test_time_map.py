"""Trust of the wall clock, rule by rule: one reading each, on what was held before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.clock_quality import SYNCHRONISED, ClockQuality, Kernel
from monitord.core.clock_state import ClockNow, Era, Trust
from monitord.core.model import HOUR, SECOND
from monitord.core.time_map import (
    Reading,
    Turn,
    alarm_of,
    first_reading,
    next_reading,
    person_turn,
)

NOON = 1_700_000_000 * SECOND
"""Wall time at the boot, whose site time is 0."""
LOST = ClockQuality(Kernel.NONE)
EARLIER = ClockQuality(Kernel.HOLDOVER, 40_000)
BATTERY = ClockQuality(Kernel.NONE, battery=True)
NETWORK = replace(SYNCHRONISED, max_error=20_000)


def reading(quality: ClockQuality, shows: int = 0, after: int = 0, built: int = 0) -> Reading:
    """Return a reading; ``shows``: by how much the wall clock differs from the right time."""
    return Reading(after, NOON + after + shows, quality, built)


def seconded(by: str, differs: int = 0, *, shows: int = 0, after: int = 0) -> Reading:
    """Return a reading of network time beside a second clock, which has the right time."""
    wall = NOON + after + differs
    return reading(replace(NETWORK, second=wall, second_source=by), shows, after)


def held(trust: Trust, shows: int = 0, *rivals: int, battery: bool = False) -> ClockNow:
    """Return what is held: an offset that differs from the right one by ``shows``."""
    era = Era(0, NOON + shows, trust, 20_000, 0, [NOON + rival for rival in rivals])
    return ClockNow(battery=battery, label=NOON + shows, mark=NOON, eras=[era])


def turned(clock: ClockNow, given: Reading) -> Turn:
    """Return what follows from a further reading; it must change something."""
    turn = next_reading(clock, given)
    assert turn is not None
    return turn


# -- a start ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "trust"),
    [
        (reading(NETWORK), Trust.TRUSTED),
        (reading(EARLIER), Trust.HOLDOVER),
        (reading(BATTERY), Trust.ASSUMED),
        (reading(LOST), Trust.UNTRUSTED),
        (reading(ClockQuality(Kernel.UNREADABLE)), Trust.UNTRUSTED),
    ],
)
def test_a_start_behind_the_mark_is_as_good_as_its_source(given: Reading, trust: Trust) -> None:
    """The whole boot is placed by it, with the offset that the wall clock shows."""
    turn = first_reading(ClockNow(mark=NOON - HOUR), given)
    assert (turn.trust, turn.offset, turn.whole_boot) == (trust, NOON, True)


def test_a_battery_clock_before_any_mark_is_not_trusted() -> None:
    """Nothing says that it is not a time restored from a file."""
    assert first_reading(ClockNow(), reading(BATTERY)).trust is Trust.UNTRUSTED


def test_an_assumed_clock_is_as_sure_as_the_mark_and_less_with_the_gap() -> None:
    """200 ppm of the time without power, and two seconds."""
    turn = first_reading(ClockNow(mark=NOON - 10 * HOUR, mark_bound=7), reading(BATTERY))
    assert turn.bound == 7 + 10 * HOUR // 5_000 + 2 * SECOND
    ahead = first_reading(ClockNow(mark=NOON + SECOND, mark_bound=7), reading(BATTERY))
    assert ahead.bound == 7 + 2 * SECOND


@pytest.mark.parametrize("quality", [NETWORK, EARLIER, BATTERY])
def test_a_start_before_the_mark_or_the_program_is_not_trusted(quality: ClockQuality) -> None:
    """The mark less its bound and two seconds is over for certain, and so is the build."""
    before = ClockNow(mark=NOON + 9 * SECOND, mark_bound=7 * SECOND - 1)
    assert first_reading(before, reading(quality)).trust is Trust.UNTRUSTED
    within = ClockNow(mark=NOON + 9 * SECOND, mark_bound=7 * SECOND)
    assert first_reading(within, reading(quality)).trust is not Trust.UNTRUSTED
    old = ClockNow(mark=NOON - HOUR)
    assert first_reading(old, reading(quality, built=NOON + 1)).trust is Trust.UNTRUSTED
    assert first_reading(old, reading(quality, built=NOON)).trust is not Trust.UNTRUSTED


@pytest.mark.parametrize(
    ("given", "trust"),
    [
        (seconded("gps"), Trust.TRUSTED),
        (seconded("gps", 3 * SECOND), Trust.TRUSTED),
        (seconded("gps", 3 * SECOND + 1), Trust.UNTRUSTED),
        (seconded("network"), Trust.UNTRUSTED),
    ],
)
def test_network_time_before_the_mark_needs_a_second_source(given: Reading, trust: Trust) -> None:
    """A clock that network time itself has set is no second one."""
    assert first_reading(ClockNow(mark=NOON + HOUR), given).trust is trust
    unset = held(Trust.UNTRUSTED)
    unset.mark = NOON + HOUR
    turn = next_reading(unset, given)
    assert (turn is not None) == (trust is Trust.TRUSTED)


def test_a_second_source_that_contradicts_keeps_even_a_later_time_from_being_trusted() -> None:
    """Two clocks of which one is wrong place nothing."""
    differs = seconded("gps", HOUR)
    assert first_reading(ClockNow(mark=NOON - HOUR), differs).trust is Trust.UNTRUSTED
    assert next_reading(held(Trust.UNTRUSTED), differs) is None


# -- a reading that agrees ----------------------------------------------------------------------


def test_only_network_time_places_a_boot_that_is_not_trusted() -> None:
    """An unsynchronised clock is no source."""
    assert next_reading(held(Trust.UNTRUSTED), reading(LOST)) is None
    assert turned(held(Trust.UNTRUSTED), reading(NETWORK, after=5)).whole_boot


def test_a_trusted_clock_that_loses_its_source_is_in_holdover_and_trusted_again_with_it() -> None:
    """The offset stays; with the source its bound is that of the source."""
    lost = turned(held(Trust.TRUSTED), reading(LOST, after=HOUR))
    assert (lost.trust, lost.offset, lost.bound, lost.fixed_at) == (
        Trust.HOLDOVER,
        NOON,
        20_000,
        0,
    )
    assert next_reading(held(Trust.HOLDOVER), reading(LOST, after=HOUR)) is None
    slewed = replace(NETWORK, slewed=5)
    back = turned(held(Trust.HOLDOVER), reading(slewed, 9_000, after=HOUR))
    assert (back.trust, back.offset, back.bound) == (Trust.TRUSTED, NOON + 9_000, 20_005)
    assert (back.fixed_at, back.whole_boot) == (HOUR, False)


def test_a_trusted_clock_follows_from_fifty_milliseconds_on() -> None:
    """Less than that changes nothing."""
    assert next_reading(held(Trust.TRUSTED), reading(NETWORK, 50_000)) is None
    turn = turned(held(Trust.TRUSTED), reading(NETWORK, 50_001, after=7))
    assert (turn.offset, turn.fixed_at, turn.whole_boot) == (NOON + 50_001, 7, False)


def test_a_source_that_is_twice_as_good_replaces_a_person_s_time() -> None:
    """A minute of a watch is coarse to the host's clock; a second is to network time."""
    by_person = held(Trust.TRUSTED)
    by_person.eras[-1].bound = 60 * SECOND
    assert turned(by_person, reading(NETWORK)).bound == 20_000
    host = replace(NETWORK, max_error=SECOND, source="host")
    assert turned(by_person, reading(host)).bound == SECOND
    assert turned(by_person, reading(replace(NETWORK, max_error=30 * SECOND))).bound == 30 * SECOND
    assert next_reading(by_person, reading(replace(NETWORK, max_error=30 * SECOND + 1))) is None
    by_person.eras[-1].bound = SECOND
    assert turned(by_person, reading(NETWORK)).bound == 20_000
    assert next_reading(by_person, reading(host)) is None
    by_person.eras[-1].bound = SECOND - 1
    assert next_reading(by_person, reading(NETWORK)) is None


@pytest.mark.parametrize("trust", [Trust.ASSUMED, Trust.DISPUTED])
def test_network_time_that_agrees_makes_a_boot_trusted(trust: Trust) -> None:
    """An assumed clock is confirmed, and a dispute is over: the rivals are gone."""
    turn = turned(held(trust, 0, 3 * HOUR), reading(NETWORK, after=5))
    assert (turn.trust, turn.rivals, turn.whole_boot) == (Trust.TRUSTED, (), True)


# -- a reading that does not --------------------------------------------------------------------


def test_a_step_beyond_the_bound_and_a_second_keeps_the_held_offset() -> None:
    """What the clock shows now is a rival; within the bound it is no step."""
    edge = 20_000 + SECOND
    assert turned(held(Trust.TRUSTED), reading(NETWORK, edge)).trust is Trust.TRUSTED
    step = turned(held(Trust.TRUSTED), reading(NETWORK, edge + 1))
    assert (step.trust, step.offset, step.rivals) == (Trust.DISPUTED, NOON, (NOON + edge + 1,))


def test_a_slew_widens_the_bound() -> None:
    """The clock that site time runs on was stretched by so much."""
    slewed = replace(NETWORK, slewed=9 * SECOND)
    assert turned(held(Trust.TRUSTED), reading(slewed, 10 * SECOND)).trust is Trust.TRUSTED


def test_a_step_that_is_held_against_already_is_no_news() -> None:
    """Repetition ends no dispute; of many rivals the newest four are kept."""
    disputed = held(Trust.DISPUTED, 0, 3 * HOUR)
    assert next_reading(disputed, reading(NETWORK, 3 * HOUR + SECOND)) is None
    other = turned(disputed, reading(NETWORK, 3 * HOUR + SECOND + 1))
    assert len(other.rivals) == 2
    many = held(Trust.DISPUTED, 0, *(n * HOUR for n in (1, 2, 3, 4)))
    turn = turned(many, reading(NETWORK, 9 * HOUR))
    assert turn.rivals == tuple(NOON + n * HOUR for n in (2, 3, 4, 9))


def test_an_independent_second_clock_ends_a_step() -> None:
    """It shows what network time shows now: that is the time, for the whole boot."""
    given = seconded("gps", 3 * HOUR, shows=3 * HOUR)
    turn = turned(held(Trust.TRUSTED), given)
    assert (turn.trust, turn.offset, turn.whole_boot) == (Trust.TRUSTED, NOON + 3 * HOUR, True)
    contradicts = seconded("gps", 0, shows=3 * HOUR)
    assert turned(held(Trust.TRUSTED), contradicts).trust is Trust.DISPUTED


def test_battery_against_network_is_placed_by_the_network() -> None:
    """The battery clock is the rival; network time alone is followed and ends nothing."""
    turn = turned(held(Trust.ASSUMED, 3 * HOUR), reading(NETWORK, after=5))
    assert (turn.trust, turn.offset, turn.rivals) == (
        Trust.DISPUTED,
        NOON,
        (NOON + 3 * HOUR,),
    )
    assert (turn.battery, turn.whole_boot) == (True, True)
    disputed = held(Trust.DISPUTED, 0, 3 * HOUR, battery=True)
    assert next_reading(disputed, reading(NETWORK, 50_000)) is None
    followed = turned(disputed, reading(NETWORK, 50_001))
    assert (followed.trust, followed.offset) == (Trust.DISPUTED, NOON + 50_001)
    assert (followed.rivals, followed.battery) == ((NOON + 3 * HOUR,), True)
    assert turned(disputed, seconded("gps")).trust is Trust.TRUSTED


def test_battery_against_network_ends_where_the_network_agrees_with_the_battery() -> None:
    """The rival, and not the offset in use, then has two clocks for it."""
    disputed = held(Trust.DISPUTED, 0, 3 * HOUR, battery=True)
    edge = 20_000 + 5 * SECOND
    turn = turned(disputed, reading(NETWORK, 3 * HOUR + edge))
    assert (turn.trust, turn.offset) == (Trust.TRUSTED, NOON + 3 * HOUR + edge)
    assert turned(disputed, reading(NETWORK, 3 * HOUR + edge + 1)).trust is Trust.DISPUTED
    no_battery = held(Trust.DISPUTED, 0, 3 * HOUR)
    assert next_reading(no_battery, reading(NETWORK, 3 * HOUR)) is None


def test_an_unsynchronised_clock_is_news_only_where_its_own_offset_changes() -> None:
    """It may go on at another time than the one held for ever."""
    clock = held(Trust.HOLDOVER)
    clock.label = NOON + 3 * HOUR
    assert next_reading(clock, reading(LOST, 3 * HOUR + SECOND)) is None
    step = turned(clock, reading(LOST, 3 * HOUR + SECOND + 1))
    assert (step.trust, step.offset) == (Trust.DISPUTED, NOON)


def test_any_one_of_several_rivals_may_have_been_right() -> None:
    """The oldest, the newest and one between: network time that agrees with it ends the dispute."""
    rivals = (3 * HOUR, 5 * HOUR, 9 * HOUR)
    for rival in rivals:
        disputed = held(Trust.DISPUTED, 0, *rivals, battery=True)
        assert turned(disputed, reading(NETWORK, rival)).trust is Trust.TRUSTED


# -- what is held, as a whole -------------------------------------------------------------------

SLEWED = replace(NETWORK, slewed=5)
"""It says 20 ms, and site time was stretched by 5 µs."""
STARTS = {
    "network": (SLEWED, Turn(Trust.TRUSTED, NOON, 20_005, 9, whole_boot=True)),
    "earlier": (EARLIER, Turn(Trust.HOLDOVER, NOON, 40_000, 9, whole_boot=True)),
    "battery": (
        BATTERY,
        Turn(Trust.ASSUMED, NOON, 7 + HOUR // 5_000 + 2 * SECOND, 9, whole_boot=True),
    ),
    "nothing": (LOST, Turn(Trust.UNTRUSTED, NOON, 0, 9, whole_boot=True)),
}
RIVAL = (NOON + 3 * HOUR,)
FURTHER = {
    "first network time": (
        held(Trust.UNTRUSTED),
        reading(SLEWED, after=9),
        Turn(Trust.TRUSTED, NOON, 20_005, 9, whole_boot=True),
    ),
    "slow drift": (
        held(Trust.TRUSTED),
        reading(SLEWED, 60_000, after=9),
        Turn(Trust.TRUSTED, NOON + 60_000, 20_005, 9),
    ),
    "source lost": (
        held(Trust.TRUSTED),
        reading(LOST, after=9),
        Turn(Trust.HOLDOVER, NOON, 20_000, 4),
    ),
    "source back": (
        held(Trust.HOLDOVER),
        reading(SLEWED, 9, after=9),
        Turn(Trust.TRUSTED, NOON + 9, 20_005, 9),
    ),
    "battery confirmed": (
        held(Trust.ASSUMED),
        reading(SLEWED, after=9),
        Turn(Trust.TRUSTED, NOON, 20_005, 9, whole_boot=True),
    ),
    "battery contradicted": (
        held(Trust.ASSUMED, 3 * HOUR),
        reading(SLEWED, after=9),
        Turn(Trust.DISPUTED, NOON, 20_000, 9, RIVAL, battery=True, whole_boot=True),
    ),
    "network followed": (
        held(Trust.DISPUTED, 0, 3 * HOUR, battery=True),
        reading(SLEWED, 60_000, after=9),
        Turn(Trust.DISPUTED, NOON + 60_000, 20_000, 9, RIVAL, battery=True),
    ),
    "step": (
        held(Trust.TRUSTED),
        reading(SLEWED, 3 * HOUR, after=9),
        Turn(Trust.DISPUTED, NOON, 20_000, 4, RIVAL),
    ),
    "another step": (
        held(Trust.DISPUTED, 0, 3 * HOUR, battery=True),
        reading(SLEWED, 9 * HOUR, after=9),
        Turn(Trust.DISPUTED, NOON, 20_000, 4, (*RIVAL, NOON + 9 * HOUR), battery=True),
    ),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_has_every_part_of_what_is_held(name: str) -> None:
    """Trust, offset, bound, when it was seen; no rival, and for the whole boot."""
    quality, turn = STARTS[name]
    found = first_reading(ClockNow(mark=NOON - HOUR, mark_bound=7), reading(quality, after=9))
    assert found == turn
    assert not found.battery


@pytest.mark.parametrize("name", FURTHER)
def test_a_further_reading_has_every_part_of_what_is_held(name: str) -> None:
    """What is held on keeps its bound and when it was seen; what is new has those of the source."""
    clock, given, turn = FURTHER[name]
    clock.eras[-1].fixed_at = 4
    assert next_reading(clock, given) == turn


# -- a person, and the alarm --------------------------------------------------------------------


def test_a_person_s_time_is_good_to_a_minute_and_never_before_the_mark() -> None:
    """The minute counts in his favour."""
    clock = ClockNow(mark=NOON, mark_bound=SECOND)
    turn = person_turn(clock, 5, NOON - 61 * SECOND)
    assert turn is not None
    assert turn == Turn(Trust.TRUSTED, NOON - 61 * SECOND - 5, 60 * SECOND, 5, whole_boot=True)
    assert person_turn(clock, 5, NOON - 61 * SECOND - 1) is None
    assert person_turn(ClockNow(), 5, 0) is not None


@pytest.mark.parametrize(
    ("trust", "quality", "alarm"),
    [
        (Trust.TRUSTED, NETWORK, ""),
        (Trust.TRUSTED, ClockQuality(Kernel.UNREADABLE), ""),
        (Trust.UNTRUSTED, LOST, "untrusted"),
        (Trust.UNTRUSTED, replace(LOST, source="rtc"), "untrusted"),
        (Trust.UNTRUSTED, ClockQuality(Kernel.UNREADABLE), "unreadable"),
        (Trust.DISPUTED, NETWORK, "disputed"),
        (Trust.DISPUTED, ClockQuality(Kernel.UNREADABLE), "disputed"),
        (Trust.ASSUMED, BATTERY, "assumed"),
        (Trust.ASSUMED, replace(BATTERY, source="rtc"), ""),
    ],
)
def test_people_get_word_of_a_clock_that_they_can_correct(
    trust: Trust, quality: ClockQuality, alarm: str
) -> None:
    """A site whose only clock is its battery clock has said so."""
    assert alarm_of(held(trust).eras[-1], quality, 0) == alarm


def test_holdover_is_an_alarm_from_thirty_seconds_of_bound_on() -> None:
    """200 ppm a second; a person knows himself that his watch may be a minute wrong."""
    era = held(Trust.HOLDOVER).eras[-1]
    era.fixed_at = HOUR
    due = HOUR + (30 * SECOND - era.bound) * 5_000
    assert alarm_of(era, LOST, due) == ""
    assert alarm_of(era, LOST, due + 5_000) == "holdover"
    era.bound = 60 * SECOND
    due = HOUR + 30 * SECOND * 5_000
    assert alarm_of(era, LOST, due) == ""
    assert alarm_of(era, LOST, due + 5_000) == "holdover"
