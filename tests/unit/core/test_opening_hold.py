"""What may open at a start, before every stage has answered once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.expression import All, Name
from monitord.core.model import SECOND, Layer
from monitord.core.plan import DevicePlan, Plan, StagePlan
from tests.support.seam import (
    BOUND,
    DESK,
    T0,
    Driver,
    Site,
    Watch,
    condition,
    device,
    needs,
    programme,
)

ANSWERS = {"good": (True,), "bad": (False,)}


def detector(name: str) -> DevicePlan:
    """Return a detector that reports at once."""
    return device(name, ("ok",), condition(f"{name}.ok", Layer.CONTENT, "silence", Name("ok")))


def two_stages() -> Watch:
    """Return a studio's detector and, behind it, the monitor of what is on air."""
    chain = (
        needs("studio", Layer.CONTENT, "studio.ok"),
        needs("monitor", Layer.CONTENT, "monitor.ok"),
    )
    plan = Plan(
        "hill", (detector("studio"), detector("monitor")), (programme("tv", *chain),), (DESK,)
    )
    site = Site("two", plan, {"studio": ANSWERS, "monitor": ANSWERS})
    return Watch(site, Driver(plan))


def proven(watch: Watch) -> list[int]:
    """Return when the programme was proven bad, microseconds since the start of the first run."""
    return [event.at - T0 for event in watch.driver.events if event.kind == "bad_proven"]


def test_bad_of_the_last_stage_waits_for_nothing() -> None:
    """The stage nearest the antenna decides: no other answer can show it good."""
    (at,) = proven(two_stages().hold(20, studio="silent", monitor="bad"))
    assert at < SECOND


def test_bad_of_an_earlier_stage_waits_for_the_first_answer_of_the_later_one() -> None:
    """It is good there: nothing opens, then or later."""
    watch = two_stages().hold(2, studio="bad", monitor="silent").hold(60, studio="bad")
    assert proven(watch) == []


def test_bad_of_an_earlier_stage_opens_when_the_later_one_does_not_answer() -> None:
    """After its bound it is blind, and the earlier stage's bad decides."""
    (at,) = proven(two_stages().hold(20, studio="bad", monitor="silent"))
    assert BOUND < at <= BOUND + 2 * SECOND


def test_a_later_stage_of_two_devices_waits_for_both_of_them() -> None:
    """One of its monitors has answered, and the other shows a little later that all is good."""
    monitors = All((Name("m1.ok"), Name("m2.ok")))
    chain = (
        needs("studio", Layer.CONTENT, "studio.ok"),
        StagePlan("monitor", "own", Layer.CONTENT, needs=monitors),
    )
    names = ("m1", "studio", "m2")
    plan = Plan("hill", tuple(map(detector, names)), (programme("tv", *chain),), (DESK,))
    watch = Watch(Site("three", plan, dict.fromkeys(names, ANSWERS)), Driver(plan))
    watch.hold(2, studio="bad", m2="silent").hold(60, studio="bad")
    assert proven(watch) == []


@pytest.mark.parametrize("slow", ["m1", "m2"])
def test_later_conditions_of_several_bounds_are_waited_for_by_the_longest(slow: str) -> None:
    """The slow monitor answers when the bound of the other has passed: nothing was off."""
    monitors = All((Name("m1.ok"), Name("m2.ok")))
    chain = (
        needs("studio", Layer.CONTENT, "studio.ok"),
        StagePlan("monitor", "own", Layer.CONTENT, needs=monitors),
    )
    devices = [detector(name) for name in ("studio", "m1", "m2")]
    widened = [
        replace(one, conditions=(replace(one.conditions[0], bound=3 * BOUND),))
        if one.id == slow
        else one
        for one in devices
    ]
    plan = Plan("hill", tuple(widened), (programme("tv", *chain),), (DESK,))
    answers = dict.fromkeys(("studio", "m1", "m2"), ANSWERS)
    watch = Watch(Site("two bounds", plan, answers), Driver(plan))
    watch.hold(6, studio="bad", **{slow: "silent"})
    assert 6 * SECOND > BOUND
    watch.hold(60, studio="bad")
    assert proven(watch) == []


def test_starts_that_follow_one_another_share_one_wait() -> None:
    """A daemon that is restarted again and again does not hide an outage."""
    watch = two_stages()
    for _ in range(4):
        watch.hold(1, studio="bad", monitor="silent").restart(after=1)
    assert proven(watch) != []
    assert BOUND < proven(watch)[0] < 2 * BOUND


def test_what_was_held_back_until_the_next_start_is_no_outage_that_is_presumed() -> None:
    """Nobody was called for it; lost monitoring is reported where nothing answers any more."""
    watch = two_stages().hold(2, studio="bad", monitor="silent").restart(after=1)
    watch.hold(90, studio="silent", monitor="silent")
    pieces = watch.bodies("piece_opened")
    assert ["bad:silence"] in [body["possible"] for body in pieces]
    assert not any(body["presumed"] for body in pieces)
    assert proven(watch) == []
    assert set(watch.driver.situation.durable.outages) == {"tv/blind", "/site_silent"}
