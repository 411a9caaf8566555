"""A slice of the long proof, and the proof that it can fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulation.__main__ import simulate
from tests.simulation.breaks import BREAKS, Break, broken_as
from tests.simulation.facts import SECOND, ClockPlace
from tests.simulation.long_job import CHANGEOVER, DENSE, HALL, WEATHER, WIDE, judge, together
from tests.simulation.mutants import (
    MUTANTS,
    UNBROKEN,
    UNBROKEN_CHANGEOVER,
    UNBROKEN_HALL,
    UNBROKEN_SHARED,
    UNBROKEN_WEATHER,
    UNBROKEN_WIDE,
    Mutant,
    found,
)
from tests.simulation.observer.incidents import check_turns
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Word, read_word
from tests.simulation.plant import draw
from tests.simulation.run import History, Simulation

# Ends only what hangs: the work of a mutant is bounded in CPU seconds.
pytestmark = pytest.mark.timeout(1800)


@pytest.mark.parametrize(
    ("seed", "weather"), [(1001, False), (1002, False), (1003, False), (1004, True)]
)
def test_nothing_is_lost_and_nothing_is_false(seed: int, weather: bool, tmp_path: Path) -> None:
    """Ledger, incidents, words and delivery hold over faults, restarts and every drawn loss.

    In the last one our own lateness is one event too, a trap dates what an answer confirms, what
    cannot be proves nothing alone, and an old value is none.
    """
    verdict = simulate(seed, 12, weather=weather, folder=tmp_path)
    assert not verdict.failures
    assert verdict.counts["faults"] > 20
    assert verdict.counts["restarts"] > 20
    assert verdict.counts["changeovers"] > 3
    assert verdict.counts["demands"] > 100
    for drawn in WEATHER if weather else ():
        assert verdict.counts[drawn] > 0, drawn


@pytest.mark.parametrize("seed", [1005, 1006])
def test_programmes_with_hours_ring_in_them_alone(seed: int, tmp_path: Path) -> None:
    """Close-downs, openings, midnights and the end of a half-year, under every drawn clock."""
    verdict = simulate(seed, 12, wide=True, folder=tmp_path)
    assert not verdict.failures
    assert verdict.counts["cut_by_hours"] + verdict.counts["off_at_opening"] > 2
    assert verdict.counts["ended_by_hours"] > 0
    assert verdict.counts["openings"] > 5
    assert verdict.counts["midnights"] > 0
    assert verdict.counts["half_years"] == 1


def test_an_outage_that_ends_just_before_the_clock_is_adopted_is_no_demand(tmp_path: Path) -> None:
    """The clock put it out of its hours before its end was seen: nobody must have word of it."""
    verdict = simulate(77, 8, wide=True, folder=tmp_path)
    assert not verdict.failures
    assert verdict.counts["withdrawn_before_due"] > 0


def test_a_turn_that_the_clock_withdraws_before_anybody_is_due_needs_no_message(
    tmp_path: Path,
) -> None:
    """Proven off the air, and 1.9 s later put out of its hours: the first delay is 3 s.

    The control: by a clock that moves behind that delay, or never, the same turn is unreported; and
    without a message every other turn is.
    """
    history = Simulation(draw(34, 8, wide=True), 34, tmp_path).run()
    places = history.facts.clock_places
    late = [p if p.at == p.boot else replace(p, at=p.at + 2 * SECOND) for p in places]
    never = [p for p in places if p.at == p.boot]
    words = [read_word(message) for message in history.received]
    assert _unreported(history, places, words) == (0, 1)
    assert _unreported(history, late, words) == (1, 0)
    assert _unreported(history, never, words) == (1, 0)
    assert _unreported(history, places, []) == (3, 1)


def _unreported(history: History, places: list[ClockPlace], words: list[Word]) -> tuple[int, int]:
    """Return how many turns are called unreported, and how many withdrawn."""
    facts = replace(history.facts, clock_places=places)
    truth = Truth(facts, history.up, history.lost_polls, history.attempts)
    verdict = Verdict()
    check_turns(truth, history.events, words, verdict)
    return len(verdict.failures), verdict.counts["withdrawn_turns"]


def test_the_long_job_plays_hours_too_and_fails_where_they_are_drawn_too_thinly() -> None:
    """Its sums name them; a shard without a midnight proves nothing of midnights."""
    hours = {"hours": 32, "wide_hours": 8, "weather_hours": 6, "changeover_hours": 3}
    enough = {**hours, **DENSE, **WIDE, **WEATHER, **CHANGEOVER, "demands": 100, "pieces": 100}
    assert judge(enough) == []
    assert judge({**enough, "midnights": 0}) == ["0 midnights in 8 wide_hours, less than 60 in 480"]
    assert judge({**enough, "own_lateness": 0}) == [
        "0 own_lateness in 6 weather_hours, less than 300 in 360"
    ]
    assert judge({**enough, "blames": 10, "blames_unseen": 6}) == [
        "10 blames in 3 changeover_hours, less than 5400 in 180",
        "of 10 messages with what is to blame, 6 have a change not seen",
    ]
    assert "wide_hours=8 openings=400" in together(enough)


def test_what_fails_with_a_link_or_the_mains_is_one_incident(tmp_path: Path) -> None:
    """Causes that several devices share, and answers that come behind those to later requests."""
    verdict = simulate(1002, 12, shared=True, folder=tmp_path)
    assert not verdict.failures
    for drawn in ("shared_off_air", "shared_blind", "shared_suspected", "shared_named"):
        assert verdict.counts[drawn] > 0, drawn
    assert verdict.counts["overtaken_checked"] > 500


def test_witnesses_lower_power_and_a_shared_reserve_are_reported_as_what_they_are(
    tmp_path: Path,
) -> None:
    """The receiver ices up, the power is lowered, and the reserve serves one of two programmes."""
    verdict = simulate(1003, 12, hall=True, folder=tmp_path)
    assert not verdict.failures
    for drawn in (*HALL, "disputed_told", "suspected_by_witness", "reserve_used_told"):
        assert verdict.counts[drawn] > 0, drawn


def test_each_message_names_what_is_to_blame_then_though_two_things_fail_at_once(
    tmp_path: Path,
) -> None:
    """A main, its backup, their switch and their supplies; the cause is judged moment by moment."""
    verdict = simulate(1001, 4, changeover=True, folder=tmp_path)
    assert not verdict.failures
    assert verdict.counts["blames"] > 100
    assert verdict.counts["blames_unseen"] * 2 < verdict.counts["blames"]


def test_states_too_short_to_be_seen_are_missed_and_counted(tmp_path: Path) -> None:
    """The ledger alone may miss a short state; it never breaks the record or the messages."""
    verdict = simulate(1010, 12, short=True, folder=tmp_path)
    assert not verdict.failures
    assert 0 < verdict.counts["excused_too_short"] <= verdict.counts["too_short"]


def _names(broken: Break) -> str:
    return broken.name


@pytest.mark.parametrize("broken", BREAKS, ids=_names)
def test_reporting_broken_on_purpose_is_caught(broken: Break, tmp_path: Path) -> None:
    """Each break of reporting fails the observer's verdict; a crash would fail this test."""
    verdict = simulate(broken.seed, 8, hall=broken.hall, folder=tmp_path, broken=broken)
    assert verdict.subjects()[broken.subject] > 0


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("every message names the studio as the cause", "wrong_causes"),
        ("what is over is told an hour too early", "false"),
    ],
)
def test_messages_are_judged_where_all_states_are_short_too(
    name: str, count: str, tmp_path: Path
) -> None:
    """Wrong causes and false outages have no excuse, and the closing line counts them."""
    broken = broken_as(name)
    verdict = simulate(broken.seed, 4, short=True, folder=tmp_path, broken=broken)
    assert verdict.subjects()[broken.subject] > 0
    assert verdict.counts[count] > 0


@pytest.mark.parametrize(("seed", "hall"), sorted({(one.seed, one.hall) for one in BREAKS}))
def test_the_same_reporting_unbroken_is_passed(seed: int, hall: bool, tmp_path: Path) -> None:
    """The control: the histories that judge the breaks of reporting find nothing else."""
    assert not simulate(seed, 8, hall=hall, folder=tmp_path).failures


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_code_broken_on_purpose_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    """Each break of a rule makes the simulation fail, by its verdict and not by a crash."""
    assert found(mutant, tmp_path), f"the simulation passes although {mutant.name}"


@pytest.mark.parametrize(
    "unbroken",
    [
        UNBROKEN,
        UNBROKEN_WIDE,
        UNBROKEN_SHARED,
        UNBROKEN_HALL,
        UNBROKEN_WEATHER,
        UNBROKEN_CHANGEOVER,
    ],
    ids=["plain", "wide", "shared", "hall", "weather", "changeover"],
)
def test_the_same_code_unbroken_is_passed(unbroken: Mutant, tmp_path: Path) -> None:
    """The control: the copy, the seeds and the hours that judge the mutants find nothing else."""
    assert not found(unbroken, tmp_path)
