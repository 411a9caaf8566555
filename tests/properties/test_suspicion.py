"""The effect of an implausible value and of a device's own report, and its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.expression import Name, Not
from monitord.core.model import SECOND, Answer, Event, Input, Layer, TrapSeen
from monitord.core.plan import Plan, StagePlan
from monitord.core.truths import truths_of
from monitord.core.view import suspects
from tests.properties.scripts import Script, examples, lives, play
from tests.properties.test_inputs import replayed
from tests.support.seam import (
    PEOPLE,
    SITES,
    T0,
    Run,
    Site,
    Watch,
    bodies,
    condition,
    device,
    programme,
)


def first_run(life: tuple[Site, Script]) -> tuple[Site, Run]:
    """Return the inputs and ticks of one life without restarts."""
    site, script = life
    return site, play(site, script).runs[0]


def with_changed_answers(run: Run, change: Callable[[Answer], Answer]) -> Run:
    """Return the run with every answer changed."""
    inputs = [change(one) if isinstance(one, Answer) else one for one in run.inputs]
    return replace(run, inputs=inputs)


def suspected(answer: Answer) -> Answer:
    """Return the answer with every value implausible."""
    marked = tuple((place, value) for place, value in enumerate(answer.values) if value is not None)
    return replace(answer, values=(None,) * len(answer.values), suspected=marked)


def is_bad_somewhere(site: Site, answer: Answer) -> bool:
    """Return whether any value of the answer means bad."""
    good = site.answers[answer.device]["good"]
    return any(
        value is not None and value != well for value, well in zip(answer.values, good, strict=True)
    )


ONE_RUN = {"restarts": False, "steps": False}


@examples(60)
@given(lives(**ONE_RUN))
def test_implausible_values_that_mean_good_prove_nothing_by_themselves(
    life: tuple[Site, Script],
) -> None:
    """Without a plausible value behind them they count as absent, however many agree."""
    site, run = first_run(life)

    def silence(answer: Answer) -> Answer:
        return replace(answer, values=(None,) * len(answer.values))

    def doubt(answer: Answer) -> Answer:
        return silence(answer) if is_bad_somewhere(site, answer) else suspected(answer)

    both = [
        replayed(site.plan, with_changed_answers(run, change), [], run.ticks)
        for change in (doubt, silence)
    ]
    # A reading that waits may put off when a piece is settled, and no moment in it.
    kinds = ("condition_turned", "condition_lost", "piece_opened", "bad_proven")
    for subject in {event.subject for each in both for event in each}:
        mine, silent = (
            [e.body for e in each if e.kind in kinds and e.subject == subject] for each in both
        )
        assert mine[: len(silent)] == silent[: len(mine)]
        assert abs(len(mine) - len(silent)) <= 1


def negated_site() -> Site:
    """Return a programme that is off air while ``mute`` is true."""
    tx = device("tx", ("mute",), condition("tx.muted", Layer.EMISSION, "no_carrier", Name("mute")))
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=Not(Name("tx.muted")))
    plan = Plan("hill", (tx,), (programme("fm", stage),), PEOPLE)
    return Site("negated", plan, {"tx": {"good": (False,), "bad": (True,)}})


def answered(watch: Watch, *values: bool | None, plausible: bool = False) -> Watch:
    """Let the device answer each of these values, one a second."""
    for value in values:
        marked = () if plausible else ((0, value),)
        got = (value,) if plausible else (None,)
        watch.driver.tick(
            [Answer("tx", watch.at, watch.at + 1_000, got, suspected=marked)], watch.at + 2_000
        )
        watch.at += SECOND
    return watch


def test_the_chain_decides_which_value_is_bad() -> None:
    """A condition that the chain negates means bad where it is true: there two readings agree."""
    watch = answered(Watch(negated_site()).hold(5), True, True)
    assert [b["value"] for b in watch.bodies("condition_turned")] == [False, True]
    answered(watch, False, False)
    assert [b["value"] for b in watch.bodies("condition_turned")] == [False, True]
    answered(watch, False, plausible=True)
    (good,) = watch.bodies("condition_turned")[2:]
    # The plausible value counts by itself, and none of those before it.
    assert good["not_after"] == watch.at - SECOND + 1_000


def test_an_absent_value_after_an_implausible_one_leaves_the_condition_unknown() -> None:
    """An implausible value of one answer does not count for the next."""
    watch = Watch(negated_site()).hold(5)
    at = watch.driver.now + 1
    doubted = Answer("tx", at, at + 1_000, (None,), suspected=((0, True),))
    watch.driver.tick([doubted], at + 2_000)
    for second in range(1, 6):
        sent = at + second * SECOND
        watch.driver.tick([Answer("tx", sent, sent + 1_000, (None,))], sent + 2_000)
    assert [b["cause"] for b in watch.bodies("condition_lost")] == ["no_value"]


def test_a_device_with_an_implausible_value_is_a_suspect_until_it_is_plausible_again() -> None:
    """Bursts are decided by that."""
    watch = Watch(negated_site()).hold(5)
    assert suspects(watch.driver.situation) == frozenset()
    at = watch.driver.now + 1
    watch.driver.tick([Answer("tx", at, at + 1_000, (None,), suspected=((0, 9),))], at + 2_000)
    assert suspects(watch.driver.situation) == {"tx"}
    watch.hold(20)
    assert suspects(watch.driver.situation) == frozenset()


def test_a_device_that_remains_implausible_is_a_suspect_for_three_answers() -> None:
    """After three answers a burst does not help; a plausible answer resets the count."""
    watch = Watch(negated_site()).hold(5)
    for _ in range(2):
        found = []
        for _ in range(6):
            odd = Answer("tx", watch.at, watch.at + 1_000, (None,), suspected=((0, 9),))
            watch.at += SECOND
            watch.driver.tick([odd], watch.at - 1)
            found.append(suspects(watch.driver.situation) == {"tx"})
        assert found == [True, True, False, False, False, False]
        watch.hold(10)
        assert suspects(watch.driver.situation) == frozenset()


def test_a_turn_makes_every_device_of_the_redundant_stage_a_suspect() -> None:
    """One more answer of the others proves or refutes it; then no device is a suspect."""
    watch = Watch(SITES["reserve"]()).hold(10)
    watch.hold(1, a="bad")
    assert suspects(watch.driver.situation) == {"a", "b"}
    watch.hold(30, a="bad")
    assert suspects(watch.driver.situation) == frozenset()


def test_a_missing_answer_makes_a_device_a_suspect_until_it_is_dead() -> None:
    """The first silence gives a burst at once; a dead device gets none."""
    watch = Watch(SITES["fm"]()).hold(10)
    watch.hold(1, fm1="silent")
    assert suspects(watch.driver.situation) == {"fm1"}
    watch.hold(30, fm1="silent")
    assert suspects(watch.driver.situation) == frozenset()


# What a device reports by itself.


def reports(site: Site, run: Run, delay: int, every: int) -> list[Input]:
    """Return the inputs and honest reports among them, ahead of the answers they agree with."""
    found: list[Input] = []
    for number, one in enumerate(run.inputs):
        if isinstance(one, Answer) and number % every == 0:
            plan = next(d for d in site.plan.devices if d.id == one.device)
            at = max(one.at - delay, found[-1].at if found else one.at - delay)
            for place, condition_plan in enumerate(plan.conditions):
                value = _truth(site, one, place)
                if value is not None and at <= one.at:
                    found.append(TrapSeen(one.device, at, None, condition_plan.id, value=value))
        found.append(one)
    return found


def _truth(site: Site, answer: Answer, place: int) -> bool | None:
    plan = next(d for d in site.plan.devices if d.id == answer.device)
    return truths_of(plan, answer)[place]


@examples(60)
@given(lives(**ONE_RUN), st.integers(0, 900_000), st.integers(1, 5))
def test_reports_only_narrow_turns(life: tuple[Site, Script], delay: int, every: int) -> None:
    """With reports every turn is dated no later, and the turns and their order are the same."""
    site, run = first_run(life)
    with_reports = replace(run, inputs=reports(site, run, delay, every))
    events = replayed(site.plan, with_reports, [], run.ticks)
    plain, pulled = turns(run.events), turns(events)
    assert [one[:2] for one in plain] == [one[:2] for one in pulled]
    for (_, _, before), (_, _, after) in zip(plain, pulled, strict=True):
        assert after <= before


def turns(events: list[Event]) -> list[tuple[object, object, int]]:
    """Return (condition, value, not_after) of every turn."""
    found = bodies(events, "condition_turned")
    return [(b["subject"], b["value"], int(str(b["not_after"]))) for b in found]


@examples(30)
@given(st.lists(st.tuples(st.integers(1, 60 * SECOND), st.booleans()), max_size=20))
def test_reports_alone_decide_nothing(found: list[tuple[int, bool]]) -> None:
    """Without a poll that agrees a report gives no event."""
    site = SITES["fm"]()
    claims = sorted((T0 + at, value) for at, value in found)
    quiet, claimed = Watch(site).hold(5), Watch(site).hold(5)
    later = [(max(at, claimed.driver.now), value) for at, value in claims]
    for at, value in later:
        claimed.driver.tick([TrapSeen("fm1", at, None, "fm1.radiating", value=value)], at)
        quiet.driver.tick([], at)
    assert quiet.driver.events == claimed.driver.events


def test_a_report_dates_the_outage_that_the_next_poll_confirms() -> None:
    """Off air since the report at the latest, not since the poll."""
    watch = Watch(SITES["fm"]()).hold(10)
    at = watch.driver.now + 5_000
    watch.driver.tick([TrapSeen("fm1", at, None, "fm1.radiating", value=False)], at)
    assert watch.bodies("bad_proven") == []
    watch.hold(1, fm1="bad")
    (proof,) = watch.bodies("bad_proven")
    assert proof["not_after"] == at


def test_a_report_of_an_unknown_condition_is_ignored() -> None:
    """A changed configuration may no longer have the condition."""
    watch = Watch(SITES["fm"]()).hold(3)
    before = len(watch.driver.events)
    at = watch.driver.now + 1
    watch.driver.tick([TrapSeen("fm1", at, None, "fm1.gone", value=False)], at)
    watch.driver.tick([TrapSeen("nobody", at, None, "nobody.x", value=False)], at)
    assert len(watch.driver.events) == before
