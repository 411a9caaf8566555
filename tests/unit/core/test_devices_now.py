"""What each device of a stage does now, as a message says it: over all pairs of answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from monitord.core.alerts import devices_now
from monitord.core.expression import All, Name, Not
from monitord.core.incident_state import Fall, Incident, Member, Place
from monitord.core.plan import Elsewhere, MemberPlan, StagePlan
from monitord.core.values import Layer
from tests.support.seam import (
    Site,
    Watch,
    condition,
    device,
    fm_site,
    member,
    reserve_site,
    transmitter,
)

DOES = {
    "good": "on_air",
    "idle": "standby",
    "bad": "failed",
    "absent": "unknown",
    "silent": "silent",
}
"""Of a member with its own readiness."""


def incident(stage: str, *programmes: str) -> Incident:
    """Return an incident with one fall in the stage of each programme."""
    members = {
        name: Member(
            name, name, "off_air", "critical", 3, 1, 1, [Fall("1-1", (1, 1), 1, "", stage)]
        )
        for name in programmes
    }
    return Incident("1-1", 100, Place("a/tx", "stage"), 1, 1, members)


def now(site: Site, stage: str = "tx", **states: str) -> list[Any]:
    """Return what the devices of a stage do once these answers have lasted."""
    watch = Watch(site).hold(8).hold(8, **states)
    return devices_now(watch.driver.situation, incident(stage, site.plan.programmes[0].id))


@pytest.mark.parametrize(("a", "b"), list(product(DOES, DOES)))
def test_a_redundant_stage_names_what_each_member_does(a: str, b: str) -> None:
    """A member that failed names what it fails by; one that is silent is so whatever it was."""
    expected = []
    for name, state in (("a", a), ("b", b)):
        found = {"device": name, "does": DOES[state]}
        expected.append(found | ({"conditions": [f"{name}.sane"]} if state == "bad" else {}))
    assert now(reserve_site(), a=a, b=b) == expected


def test_a_member_without_readiness_has_an_output_or_none() -> None:
    """Nobody knows whether it could take over."""
    words = {"good": "on_air", "bad": "no_output", "absent": "unknown", "silent": "silent"}
    for state, does in words.items():
        assert now(fm_site(), fm1=state) == [{"device": "fm1", "does": does}]


def test_a_stage_without_members_names_the_devices_of_its_needs() -> None:
    """What is not seen was good when it was seen last, unless its device is silent.

    Only what emits is on air or has no output: a detector, a link or a mixer is neither.
    """
    for state, does in {"good": "good", "bad": "bad", "silent": "silent"}.items():
        found = {"device": "io", "does": does}
        found |= {"conditions": ["io.sound"]} if state == "bad" else {}
        assert now(fm_site(), "studio", io=state) == [found]
    site = fm_site()
    (tv,) = site.plan.programmes
    alone = StagePlan("alone", "own", Layer.EMISSION, Not(Name("fm1.low")))
    site = replace(site, plan=replace(site.plan, programmes=(replace(tv, chain=(alone,)),)))
    assert now(site, "alone") == [{"device": "fm1", "does": "on_air"}]
    assert now(site, "alone", fm1="low") == [{"device": "fm1", "does": "no_output"}]


def switched(*, has_ready: bool, is_shared: bool) -> Site:
    """Return one transmitter and a coax switch; ``is_shared``: as the member of a stage."""
    site = reserve_site()
    (tv,) = site.plan.programmes
    turned = condition("sw.to_a", Layer.EMISSION, "not_switched", Name("to_a"))
    carries = All((Name("a.radiating"), Name("sw.to_a")))
    ready = Name("a.sane") if has_ready else None
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=carries)
    if is_shared:
        only = MemberPlan("a", carries, ready)
        stage = StagePlan("tx", "own", Layer.EMISSION, members=(only,))
    devices = (transmitter("a"), device("sw", ("to_a",), turned))
    plan = replace(site.plan, devices=devices, programmes=(replace(tv, chain=(stage,)),))
    a = {**site.answers["a"], "hot": (True, True, False), "dark": (False, None, False)}
    answers = {"a": a, "sw": {"good": (True,), "bad": (False,), "absent": (None,)}}
    return replace(site, plan=plan, answers=answers)


RUNNING = ("good", "half", "hot")
"""Under power: its readiness is seen, is not seen, is false."""


DOES_BESIDE = {"good": "on_air", "idle": "good"}
"""Of what is as it must be, beside this."""


@pytest.mark.parametrize("has_ready", [True, False])
@pytest.mark.parametrize("a", [*RUNNING, "idle", "dark", "bad"])
@pytest.mark.parametrize("sw", ["good", "bad", "silent", "absent"])
def test_what_runs_and_is_not_on_the_antenna_is_called_nothing_else(
    a: str, sw: str, has_ready: bool
) -> None:
    """Nobody turns a switch under power: whatever is known of its readiness, or of the switch."""
    found = now(switched(has_ready=has_ready, is_shared=True), a=a, sw=sw)[0]["does"]
    if a in RUNNING:
        assert found == {"good": "on_air", "bad": "unswitched"}.get(sw, "unknown")
    else:
        without = {"idle": "standby", "bad": "failed", "dark": "no_output"}
        assert found == (without[a] if has_ready else "no_output")


@pytest.mark.parametrize("a", ["good", "idle"])
@pytest.mark.parametrize("sw", ["good", "bad"])
def test_a_stage_that_is_bad_by_its_switch_has_nothing_on_air(a: str, sw: str) -> None:
    """That the transmitter runs well is said of it, and no more."""
    alone = "good" if sw == "bad" else "on_air"
    assert now(switched(has_ready=False, is_shared=False), a=a, sw=sw) == [
        {"device": "a", "does": alone if a == "good" else "no_output"},
        {"device": "sw", "does": "no_output" if sw == "bad" else DOES_BESIDE[a]},
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("idle", {"does": "standby"}),
        ("good", {"does": "on_air"}),
        ("elsewhere", {"does": "in_use", "programme": "other"}),
        ("both", {"does": "unknown"}),
    ],
)
def test_a_shared_member_may_be_in_use_elsewhere(answers: str, expected: dict[str, str]) -> None:
    """One that two programmes claim is at work for one of them, nobody knows which."""
    site = reserve_site()
    (tv,) = site.plan.programmes
    elsewhere = (Elsewhere("other", Name("b.low")),)
    shared = MemberPlan("b", Name("b.radiating"), Name("b.sane"), elsewhere)
    stage = replace(tv.chain[0], members=(member("a"), shared), degraded=())
    plan = replace(
        site.plan,
        devices=(transmitter("a"), transmitter("b")),
        programmes=(replace(tv, chain=(stage,)),),
    )
    more = {"elsewhere": (False, False, True), "both": (True, False, True)}
    site = replace(site, plan=plan, answers={**site.answers, "b": site.answers["b"] | more})
    assert now(site, b=answers) == [{"device": "a", "does": "on_air"}, {"device": "b"} | expected]


def test_each_device_of_the_stages_in_question_is_named_once() -> None:
    """Two programmes of one stage, and one that is not configured any more."""
    site = reserve_site()
    (tv,) = site.plan.programmes
    more = (tv, replace(tv, id="uhf"))
    watch = Watch(replace(site, plan=replace(site.plan, programmes=more))).hold(8)
    situation = watch.driver.situation
    both = devices_now(situation, incident("tx", "gone", "tv", "uhf"))
    assert [each["device"] for each in both] == ["a", "b"]
    assert devices_now(situation, incident("link", "tv", "uhf")) == []
