"""What one answer, one implausible value and one report prove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.expression import Arithmetic, Compare, Name, Number
from monitord.core.model import SECOND, Answer, Layer, TrapSeen
from monitord.core.plan import Plan
from monitord.core.threshold_cache import NO_RANGE, thresholds_of
from monitord.core.view import suspects
from tests.support.seam import (
    DESK,
    T0,
    TRANSMITTER_ANSWERS,
    Driver,
    Site,
    Watch,
    condition,
    device,
    fm_site,
    needs,
    programme,
    reserve_site,
)

REPORTED = "fm1.radiating"


def turn_after(report: TrapSeen | None) -> dict[str, object]:
    """Return the turn of a transmitter that trips after 30 s, with a report before its answer."""
    watch = Watch(fm_site()).hold(30)
    if report is not None:
        watch.driver.tick([report], max(report.at, watch.driver.now))
    watch.hold(2, fm1="bad")
    return next(
        body
        for body in watch.bodies("condition_turned")
        if body["subject"] == REPORTED and body["value"] is False
    )


LAST_GOOD = T0 + 29 * SECOND
ANSWERED = T0 + 30 * SECOND + 10_000
"""When the first answer with the other value is received."""


def test_a_report_that_the_answer_confirms_narrows_the_turn() -> None:
    """Between the last good answer and the first bad one the report says when."""
    plain = turn_after(None)
    narrowed = turn_after(TrapSeen("fm1", T0 + 30 * SECOND, None, REPORTED, value=False))
    assert plain["not_after"] == ANSWERED
    assert narrowed["not_after"] == T0 + 30 * SECOND
    assert narrowed["held_to"] == plain["held_to"] == LAST_GOOD


@pytest.mark.parametrize(
    "report",
    [
        TrapSeen("fm1", T0 + 30 * SECOND, None, REPORTED, value=True),
        TrapSeen("fm1", T0 + 20 * SECOND, None, REPORTED, value=False),
        TrapSeen("fm1", LAST_GOOD - 400_000, None, REPORTED, value=False),
        TrapSeen("fm1", LAST_GOOD + 10_000, None, REPORTED, value=False),
        TrapSeen("fm1", ANSWERED, None, REPORTED, value=False),
        TrapSeen("fm1", T0 + 30 * SECOND, None, "fm1.unheard_of", value=False),
        TrapSeen("fm9", T0 + 30 * SECOND, None, REPORTED, value=False),
    ],
    ids=[
        *("another value", "before a good answer", "just before a good answer"),
        *("with a good answer", "with the answer", "no condition", "no device"),
    ],
)
def test_a_report_that_contradicts_or_says_nothing_new_moves_nothing(report: TrapSeen) -> None:
    """The turn is what the answers alone prove."""
    assert turn_after(report)["not_after"] == ANSWERED


@pytest.mark.parametrize(("after", "not_before"), [(-500_000, -3_500_000), (5_000, -3_000_000)])
def test_a_report_is_as_late_as_its_condition_and_never_later_than_the_answer(
    after: int, not_before: int
) -> None:
    """The slow transmitter shows its carrier 3 s late: by what is earlier, report or request."""
    watch = Watch(reserve_site()).hold(30)
    asked = watch.at + 1_000
    report = TrapSeen("b", asked + after, None, "b.radiating", value=False)
    watch.driver.tick([report], max(report.at, watch.driver.now))
    watch.hold(2, b="bad")
    (turned, *_) = [b for b in watch.bodies("condition_turned") if b["was"] is True]
    assert (turned["subject"], turned["not_after"]) == ("b.radiating", report.at)
    assert turned["not_before"] == asked + not_before


def test_an_implausible_value_counts_beside_one_that_was_read() -> None:
    """The carrier is read, and the fault has an implausible value: two of them count."""
    sane = programme("fm", needs("tx", Layer.EMISSION, "fm1.sane"))
    plan = replace(fm_site().plan, programmes=(sane,))
    watch = Watch(replace(fm_site(), plan=plan)).hold(30)
    for _ in range(2):
        marked = Answer(
            "fm1", watch.at, watch.at + 10_000, (True, None, False), suspected=((1, True),)
        )
        watch.at += SECOND
        watch.driver.tick([marked], watch.at - 1)
    turned = [body for body in watch.bodies("condition_turned") if body["was"] is not None]
    assert [(body["subject"], body["value"]) for body in turned] == [("fm1.sane", False)]


def test_an_older_answer_that_arrives_late_proves_up_to_its_arrival() -> None:
    """Its values are the same: the device answered then."""
    watch = Watch(fm_site()).hold(30)
    good, sent_at = watch.site.answers["fm1"]["good"], watch.at - SECOND - 500_000
    late = Answer("fm1", sent_at, sent_at + 2 * SECOND, good)
    watch.driver.tick([late], late.at)
    assert watch.driver.situation.timelines[REPORTED].last_after == late.at


def test_the_answer_that_confirms_a_report_is_a_proof_of_its_own() -> None:
    """What is lost later is held up to that answer, and not only up to the report."""
    watch = Watch(fm_site()).hold(30)
    reported_at = T0 + 29 * SECOND + 500_000
    watch.driver.tick([TrapSeen("fm1", reported_at, None, REPORTED, value=False)], watch.at)
    watch.hold(1, fm1="bad").hold(10, fm1="silent")
    turned = [
        body["not_after"]
        for body in watch.bodies("condition_turned")
        if body["subject"] == REPORTED and body["was"] is True
    ]
    lost = {body["subject"]: body["held_to"] for body in watch.bodies("condition_lost")}
    assert turned == [reported_at]
    assert lost[REPORTED] == T0 + 30 * SECOND


def test_a_report_is_used_once() -> None:
    """A second fall within its bound is dated by answers alone."""
    watch = Watch(fm_site()).hold(30)
    watch.driver.tick([TrapSeen("fm1", T0 + 30 * SECOND, None, REPORTED, value=False)], watch.at)
    watch.hold(1, fm1="bad").hold(1).hold(1, fm1="bad")
    turns = [b for b in watch.bodies("condition_turned") if b["subject"] == REPORTED]
    falls = [body["not_after"] for body in turns if body["value"] is False]
    assert falls == [T0 + 30 * SECOND, T0 + 32 * SECOND + 10_000]


def implausible(watch: Watch, values: tuple[object, ...], seconds: int = 1) -> None:
    """Let the transmitter answer with values of which none is plausible."""
    for _ in range(seconds):
        sent_at = watch.at
        marked = tuple(enumerate(values))
        answer = Answer("fm1", sent_at, sent_at + 10_000, (None,) * len(values), suspected=marked)  # type: ignore[arg-type]
        watch.at += SECOND
        watch.driver.tick([answer], watch.at - 1)


def turned_from_known(watch: Watch) -> dict[object, object]:
    """Return the value of each condition that turned from a known value, and when it did."""
    return {
        body["subject"]: (body["value"], body["not_after"])
        for body in watch.bodies("condition_turned")
        if body["value"] != body["was"] and body["was"] is not None
    }


def test_a_second_implausible_value_that_means_bad_makes_the_first_count() -> None:
    """One may be wrong; to leave out two that agree would turn an outage into silence."""
    watch = Watch(fm_site()).hold(30)
    implausible(watch, (False, True, False))
    assert turned_from_known(watch) == {}
    implausible(watch, (False, True, False))
    # A fault of the transmitter alone means nothing to the programme.
    assert turned_from_known(watch) == {REPORTED: (False, T0 + 30 * SECOND + 10_000)}


def test_one_implausible_value_that_means_bad_widens_and_proves_nothing() -> None:
    """The good values on both sides are held, and the time between them is between."""
    watch = Watch(fm_site()).hold(30)
    implausible(watch, (False, True, False))
    watch.hold(30)
    assert turned_from_known(watch) == {}
    assert not watch.bodies("bad_proven")
    between = [b for b in watch.bodies("piece_opened") if len(b["possible"]) > 1]  # type: ignore[arg-type]
    (piece,) = between
    assert piece["start"] == T0 + 29 * SECOND
    after = watch.bodies("piece_opened")[-1]
    assert (after["possible"], after["start"]) == (["good"], T0 + 31 * SECOND + 10_000)


def test_a_reading_that_waits_makes_its_device_a_suspect() -> None:
    """The second reading comes at once, by a burst."""
    watch = Watch(fm_site()).hold(30)
    implausible(watch, (False, False, False))
    assert suspects(watch.driver.situation) == {"fm1"}
    watch.hold(1)
    assert suspects(watch.driver.situation) == frozenset()


def test_the_plausible_values_of_an_answer_count_as_ever() -> None:
    """One value of it is implausible: the others turn their conditions."""
    watch = Watch(fm_site()).hold(30)
    answer = Answer(
        "fm1", watch.at, watch.at + 10_000, (False, False, None), suspected=((2, True),)
    )
    watch.driver.tick([answer], watch.at + 10_000)
    (turned,) = [b for b in watch.bodies("condition_turned") if b["was"] is not None]
    assert (turned["subject"], turned["value"]) == (REPORTED, False)


def test_an_implausible_value_that_means_good_proves_nothing() -> None:
    """The condition goes blind after its bound."""
    watch = Watch(fm_site()).hold(30)
    implausible(watch, (True, False, False), 6)
    assert REPORTED in {body["subject"] for body in watch.bodies("condition_lost")}


def test_an_answer_sent_before_the_last_one_moves_no_proof_back() -> None:
    """It is received later and was sent earlier: what is held is held up to the younger one."""
    watch = Watch(fm_site()).hold(30)
    late = Answer("fm1", T0 + 20 * SECOND, watch.at, TRANSMITTER_ANSWERS["good"])
    watch.driver.tick([late], watch.at)
    watch.hold(1, fm1="bad")
    (turned,) = [
        body
        for body in watch.bodies("condition_turned")
        if body["subject"] == REPORTED and body["value"] is False
    ]
    assert turned["held_to"] == LAST_GOOD


LOW, HIGH = Compare(">", Name("power"), Number(10)), Compare(">", Number(50), Name("power"))


def power_site() -> Site:
    """Return a transmitter on air above 10 W, sane below 50 W, with a ratio that is not used."""
    tx = device(
        "tx",
        ("power", "nominal", "spare"),
        condition("tx.on", Layer.EMISSION, "no_carrier", LOW),
        condition("tx.sane", Layer.EQUIPMENT, "fault", HIGH),
        condition(
            "tx.full",
            Layer.EMISSION,
            "reduced_power",
            Compare(">", Name("nominal"), Arithmetic("*", Number(2), Name("nominal"))),
        ),
    )
    chain = needs("tx", Layer.EMISSION, "tx.on")
    plan = Plan("hill", (tx,), (programme("fm", chain),), (DESK,))
    return Site("power", plan, {"tx": {"good": (20, 5, 1)}})


def test_a_number_between_the_same_thresholds_changes_no_condition() -> None:
    """Only what crosses one of its point's thresholds is evaluated again."""
    thresholds = thresholds_of(power_site().plan.devices[0])
    ranges = [NO_RANGE] * 3
    assert thresholds.update_ranges(ranges, (0, 0, 0), (20, 5, 1)) == {0, 1, 2}
    assert thresholds.update_ranges(ranges, (20, 5, 1), (30, 5, 2)) == set()
    assert thresholds.update_ranges(ranges, (30, 5, 2), (10, 5, 2)) == {0, 1}
    assert thresholds.update_ranges(ranges, (10, 5, 2), (10, 6, 2)) == {2}
    assert thresholds.update_ranges(ranges, (10, 6, 2), (None, 6, 2)) == {0, 1}


def test_power_that_wanders_turns_a_condition_only_at_its_threshold() -> None:
    """21, 35 and 49 W are on air and sane; 51 W is not sane; 10 W is not on air."""
    site = power_site()
    watch = Watch(site).hold(3)
    for power in (21, 35, 49, 51, 10):
        answers = {"tx": {"good": (power, 5, 1)}}
        watch.site = replace(site, answers=answers)
        watch.hold(1)
    turns = [
        (body["subject"], body["value"], (body["not_after"] - T0) // SECOND)  # type: ignore[operator]
        for body in watch.bodies("condition_turned")
        if body["was"] is not None
    ]
    assert turns == [("tx.sane", False, 6), ("tx.on", False, 7), ("tx.sane", True, 7)]


def test_a_driver_without_programmes_takes_answers() -> None:
    """A site of devices alone is a site: conditions turn, and no programme is judged."""
    plan = replace(fm_site().plan, programmes=())
    watch = Watch(replace(fm_site(), plan=plan), Driver(plan)).hold(5).hold(5, fm1="bad")
    assert [b["value"] for b in watch.bodies("condition_turned") if b["subject"] == REPORTED] == [
        True,
        False,
    ]


def test_answers_in_their_order_turn_at_once_within_their_lag() -> None:
    """A detector that reports silence late may speak of the time before: it is not overtaken."""
    watch = Watch(fm_site()).hold(30).hold(1, io="bad").hold(1).hold(1, io="bad").hold(1)
    turns = [body for body in watch.bodies("condition_turned") if body["subject"] == "io.sound"]
    assert [turn["value"] for turn in turns] == [True, False, True, False, True]
    answered = [T0 + second * SECOND + 11_000 for second in (30, 31, 32, 33)]
    assert [turn["at"] for turn in turns[1:]] == answered


def test_two_answers_of_one_moment_of_asking_turn_in_their_order() -> None:
    """Neither was overtaken by the other: the later one counts at once."""
    watch = Watch(fm_site()).hold(30)
    at = watch.at
    answers = [Answer("io", at, at + 10, (True,)), Answer("io", at, at + 20, (False,))]
    events = watch.driver.tick(answers, at + 20)
    turned = [(event.subject, event.at) for event in events if event.kind == "condition_turned"]
    assert turned == [("io.sound", at + 10), ("io.sound", at + 20)]
