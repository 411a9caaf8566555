"""Inputs and dues in one order; a run of equal answers is skipped where nothing happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.dues import Rank
from monitord.core.durable import Durable
from monitord.core.fast_path import confirm_unchanged
from monitord.core.merge import Due, InputQueue, Item, put_back_rest, take_next
from monitord.core.model import SECOND, Answer, Event, Input, Silence, Started
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from tests.support.seam import T0, Driver, fm_site, reserve_site

SITE = fm_site()


def started() -> Situation:
    driver = Driver(SITE.plan)
    driver.start(T0)
    return driver.situation


def taken(situation: Situation, inputs: list[Input], now: int) -> list[Item]:
    """Return dues and inputs in the order in which they would be evaluated in full."""
    queue, found = InputQueue(inputs), []
    while True:
        confirm_unchanged(situation, queue, now)
        item = take_next(situation, queue, now)
        if item is None:
            return found
        found.append(item[1])
        put_back_rest(queue)


def events_of(driver: Driver, answers: list[Answer], until: int) -> list[Event]:
    driver.start(T0)
    driver.tick(answers, until)
    return driver.events


def singles(run: Answer) -> list[Answer]:
    return [
        replace(run, sent_at=run.sent_at + k, at=run.at + k, repeats=1, every=0)
        for k in range(0, run.repeats * (run.every or 1), run.every or 1)
    ]


def assert_run_equals_answers(site_runs: list[Answer], until: int) -> None:
    plan = SITE.plan if site_runs[0].device in ("fm1", "io") else reserve_site().plan
    each = [one for run in site_runs for one in singles(run)]
    assert events_of(Driver(plan), site_runs, until) == events_of(Driver(plan), each, until)


def test_a_run_continues_answer_by_answer_when_another_run_has_ended() -> None:
    """I3: a device whose run ended becomes silent while the other run continues."""
    short = Answer("fm1", T0 + 1, T0 + 9_001, (True, False, False), 41, SECOND)
    long = Answer("io", T0 + 1, T0 + 9_001, (False,), 100, SECOND)
    assert_run_equals_answers([short, long], T0 + 120 * SECOND)


def test_a_run_slower_than_its_bound_turns_at_every_answer() -> None:
    """I3: equal answers further apart than the bound prove nothing between them."""
    sparse = Answer("fm1", T0 + 1, T0 + 9_001, (True, False, False), 20, 5 * SECOND)
    dense = Answer("io", T0 + 1, T0 + 9_001, (False,), 100, SECOND)
    assert_run_equals_answers([sparse, dense], T0 + 120 * SECOND)


def test_a_run_with_an_absent_point_makes_that_condition_blind() -> None:
    """I3: the device answers, and yet one of its conditions is lost."""
    whole = Answer("a", T0 + 1, T0 + 9_001, (True, False, False), 5, SECOND)
    at = T0 + 5 * SECOND
    half = Answer("a", at + 1, at + 9_001, (True, None, False), 100, SECOND)
    other = Answer("b", T0 + 2, T0 + 9_002, (False, False, False), 100, SECOND)
    assert_run_equals_answers([whole, half, other], T0 + 120 * SECOND)


def test_a_run_without_any_value_proves_nothing_and_goes_on() -> None:
    """I3: the device answers and no point has a value, as long as the run lasts."""
    whole = Answer("a", T0 + 1, T0 + 9_001, (True, False, False), 5, SECOND)
    at = T0 + 5 * SECOND
    empty = Answer("a", at + 1, at + 9_001, (None, None, None), 40, SECOND)
    back = Answer("a", at + 40 * SECOND, at + 40 * SECOND + 9_000, (True, False, False), 5, SECOND)
    other = Answer("b", T0 + 2, T0 + 9_002, (False, False, False), 100, SECOND)
    assert_run_equals_answers([whole, empty, back, other], T0 + 120 * SECOND)


def test_a_due_comes_before_an_input_of_the_same_moment() -> None:
    """A condition is lost before the late answer is evaluated."""
    situation = started()
    advance(situation, [Answer("fm1", T0 + 1, T0 + 9, (True, False, False))], T0 + 10)
    overdue = situation.timelines["fm1.radiating"].overdue_at()
    late = Silence("fm1", "timeout", T0 + SECOND, overdue or 0)
    order = taken(situation, [late], overdue or 0)
    assert isinstance(order[0], Due)
    assert order[0].key.rank is Rank.OVERDUE
    assert order[1] is late


def test_inputs_of_one_moment_keep_their_sequence() -> None:
    """Inputs with equal stamps keep the order in which they arrived."""
    silences: list[Input] = [Silence("io", kind, T0, T0 + SECOND) for kind in ("b", "a", "c")]
    assert taken(started(), silences, T0 + SECOND) == silences


def test_an_input_from_the_future_is_refused() -> None:
    """``now`` is read after the inbox was emptied; a later stamp is a programming error."""
    situation = Situation(SITE.plan, Durable())
    with pytest.raises(ValueError, match="after now"):
        advance(situation, [Silence("io", "timeout", 5, 6)], 5)


def test_a_condition_that_no_programme_uses_keeps_no_history() -> None:
    """Only programmes read the past; a flapping door contact must not fill the memory."""
    plan = replace(SITE.plan, programmes=())
    situation = Situation(plan, Durable())
    advance(situation, [Started(T0, T0, "boot", "config", None)], T0)
    for second in range(1, 200):
        at = T0 + second * SECOND
        answer = Answer("fm1", at - 9, at, (second % 2 == 0, False, False))
        advance(situation, [answer], at)
    assert not situation.timelines["fm1.radiating"].closed


def test_unchanged_answers_are_confirmed_without_a_full_evaluation() -> None:
    """They move the proof on and yield no item."""
    situation = started()
    for second in range(1, 30):
        advance(situation, both_good(second), T0 + second * SECOND)
    at = T0 + 30 * SECOND
    assert taken(situation, both_good(30), at) == []
    assert situation.timelines["fm1.radiating"].last_before == at - 9
    assert situation.clock == at


def both_good(second: int) -> list[Input]:
    """Return the answers of both devices at a second."""
    at = T0 + second * SECOND
    return [Answer("fm1", at - 9, at, (True, False, False)), Answer("io", at - 9, at, (False,))]


def test_runs_of_a_settled_site_are_taken_without_an_evaluation() -> None:
    """Between two dues a run is one step, however many answers it has."""
    situation = started()
    for second in range(1, 30):
        advance(situation, both_good(second), T0 + second * SECOND)
    runs: list[Input] = [
        replace(one, repeats=600, every=SECOND) for one in both_good(30) if isinstance(one, Answer)
    ]
    end = T0 + 629 * SECOND
    items = taken(situation, runs, end)
    assert {item.key.rank for item in items if isinstance(item, Due)} == {Rank.CLOCK_MARK}
    assert not [item for item in items if not isinstance(item, Due)]
    assert situation.timelines["fm1.radiating"].last_before == end - 9
    assert situation.clock == end


def test_a_second_run_of_a_device_does_not_hide_the_gap_before_it() -> None:
    """I3: the device is lost in the gap, though its next run waits already."""
    runs = [
        Answer("fm1", T0 + 1 + at, T0 + 9_001 + at, (True, False, False), 20, SECOND)
        for at in (0, 60 * SECOND)
    ]
    other = Answer("io", T0 + 1, T0 + 9_001, (False,), 100, SECOND)
    assert_run_equals_answers([*runs, other], T0 + 120 * SECOND)


def empty(at: int, repeats: int) -> Answer:
    """Return a run of answers of the transmitter, none of which has a value."""
    return Answer("fm1", at - 9, at, (None, None, None), repeats, SECOND)


def long_blind() -> tuple[Situation, int]:
    """Return a site whose transmitter answers without a value, and when all that follows did."""
    situation, seconds = started(), 200
    for second in range(1, seconds):
        at = T0 + second * SECOND
        advance(situation, [empty(at, 1), both_good(second)[1]], at)
    return situation, seconds


def test_a_run_without_any_value_is_taken_without_an_evaluation() -> None:
    """Once nothing is held of the device and nothing falls due, its answers say nothing more."""
    situation, second = long_blind()
    sound = both_good(second)[1]
    assert isinstance(sound, Answer)
    runs: list[Input] = [empty(sound.at, 600), replace(sound, repeats=600, every=SECOND)]
    end = sound.at + 599 * SECOND
    items = taken(situation, runs, end)
    assert {item.key.rank for item in items if isinstance(item, Due)} == {Rank.CLOCK_MARK}
    assert not [item for item in items if not isinstance(item, Due)]
    assert situation.devices["fm1"].answered_at == end


def test_a_run_without_any_value_ends_a_silence_before_it() -> None:
    """I3: the first of its answers is evaluated, though the last one before it was the same."""
    situation, second = long_blind()
    at = T0 + second * SECOND
    advance(situation, [Silence("fm1", "timeout", at - 9, at), both_good(second)[1]], at)
    at += SECOND
    advance(situation, [empty(at, 2)], at + SECOND)
    memory = situation.devices["fm1"]
    assert (memory.silent, memory.silences, situation.silences) == (None, 0, {"timeout": 0})
    assert "fm1" not in situation.troubled


def ties(*inputs: Input, passed: int | None = None) -> list[bool]:
    """Return of each input taken whether an answer before it may have been sent at its moment.

    ``passed``: the place of one that was confirmed without being taken.
    """
    queue, clock, found = InputQueue(inputs), 0, []
    while True:
        queue.take_runs()
        head = queue.first()
        if head is None:
            return found
        if queue.place == passed and not queue.rests:
            queue.place += 1
            continue
        queue.take(head)
        found.append(queue.follows_at_once(head, clock))
        clock = max(clock, head.at)
        put_back_rest(queue)


def heard(at: int, *, sent: int = 0, repeats: int = 1) -> Answer:
    """Return an answer, sent as long before it arrived."""
    return Answer("io", at - sent, at, (False,), repeats, SECOND)


def silence(at: int) -> Silence:
    """Return a poll without an answer."""
    return Silence("io", "timeout", at, at)


def test_an_input_is_tied_to_an_answer_that_was_sent_at_its_moment_or_later() -> None:
    """Not to one that was sent before, to a silence, or to what came before that answer."""
    assert ties(silence(5), silence(5)) == [False, False]
    assert ties(heard(5), silence(5)) == [False, True]
    assert ties(heard(5, sent=1), silence(5)) == [False, False]
    assert ties(heard(5, sent=1), heard(5), heard(5)) == [False, False, True]
    assert ties(heard(5), silence(6)) == [False, False]


def test_an_answer_that_was_confirmed_on_the_way_ties_what_follows_it() -> None:
    """It was not evaluated in full, but it was sent."""
    assert ties(silence(5), heard(5), silence(5), passed=1) == [False, True]
    assert ties(silence(5), heard(5, sent=1), silence(5), passed=1) == [False, False]
    assert ties(heard(5), heard(5, sent=1), silence(5), passed=1) == [False, True]


def test_what_may_not_be_seen_is_taken_as_tied() -> None:
    """A first input of the moment of the one before, the rest of a run, and what is beside one."""
    queue = InputQueue([silence(5)])
    head = queue.first()
    assert head is not None
    queue.take(head)
    assert queue.follows_at_once(head, 5)
    assert ties(heard(5, sent=1, repeats=2), heard(5, sent=1)) == [False, True, False]
    beside = (heard(5, sent=1, repeats=3), silence(5 + SECOND), silence(5 + SECOND))
    assert ties(*beside) == [False, False, True, True, False]
