"""What a run remembers, and what of it another plan leaves as it is."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.durable import Durable
from monitord.core.situation import Situation
from tests.support.seam import shared_site


def begun() -> Situation:
    """Return a run of two programmes on one transmitter, each with its own sound."""
    situation = Situation(shared_site().plan, Durable())
    situation.begin(0, "not_yet")
    return situation


def test_a_reload_leaves_what_is_read_and_judged_as_before() -> None:
    """The device that changed is blind, and the programme on it is looked at again."""
    situation = begun()
    was = dict(situation.timelines), dict(situation.devices), dict(situation.programmes)
    ends = dict.fromkeys(situation.programmes, 50)
    assert situation.adopt(situation.plan, 100, {"io1"}, ends) == ()
    now = situation.timelines, situation.devices, situation.programmes
    same = [
        {name for name in new if new[name] is old[name]} for new, old in zip(now, was, strict=True)
    ]
    assert same == [
        {"fm1.radiating", "fm1.sane", "fm1.low", "io2.sound"},
        {"fm1", "io2"},
        {"two"},
    ]
    assert now[0].keys() == was[0].keys()
    blind = now[0]["io1.sound"]
    assert (blind.start, blind.cause) == (50, "not_yet")


def test_a_reload_takes_away_what_the_plan_does_not_have() -> None:
    """Of a device or programme that is gone nothing is remembered; a new chain is new."""
    situation = begun()
    plan = situation.plan
    one, two = replace(plan.programmes[0], rank=1), plan.programmes[1]
    fm1, io1, _ = plan.devices
    shorter = replace(two, chain=two.chain[1:])
    ends = {"one": 50, "two": 60}
    less = replace(plan, devices=(fm1, io1), programmes=(one, shorter))
    was = situation.programmes["one"]
    assert situation.adopt(less, 100, (), ends) == ("two",)
    assert situation.timelines.keys() == {"fm1.radiating", "fm1.sane", "fm1.low", "io1.sound"}
    assert situation.devices.keys() == {"fm1", "io1"}
    assert situation.programmes["one"] is was
    assert was.plan is one
    assert situation.programmes["two"].settled_to == 100
    assert situation.devices["fm1"].watched_by == tuple(situation.programmes.values())
    assert situation.adopt(replace(less, programmes=(one,)), 200, (), ends) == ()
    assert situation.devices["fm1"].watched_by == (was,)
    assert situation.adopt(plan, 300, (), ends) == ("two",)
    assert situation.timelines["io2.sound"].start == 60
