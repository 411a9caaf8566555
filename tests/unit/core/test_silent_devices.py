"""Which devices' silence is an alarm of its own, and how severe it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.expression import Compare, Name, Number
from monitord.core.silent_devices import severity_of, unseen_alone
from tests.scenarios.sites import station

DEVICES = "\n".join(f"{name}: {{kind: transmitter}}" for name in ("a", "b", "c"))
READY = "{id: a, carries: a.radiating, ready: a.sane}"
STAGE = "fm: {{name: 调频, chain: [{{stage: tx, owner: own, {}}}]}}"


@pytest.mark.parametrize(
    ("stage", "alone"),
    [
        ("needs: a.radiating", ["b", "c"]),
        ("needs: a.radiating and b.radiating", ["c"]),
        ("needs: a.radiating or b.radiating", ["a", "b", "c"]),
        ("needs: not (a.reduced or b.reduced)", ["c"]),
        ("needs: not (a.reduced and b.reduced)", ["a", "b", "c"]),
        ("needs: (a.radiating and c.radiating) or (b.radiating and c.radiating)", ["a", "b"]),
        ("needs: 'at_least(2, a.radiating, b.radiating, c.radiating)'", ["a", "b", "c"]),
        (f"members: [{READY}, {{id: b, carries: b.radiating}}]", ["b", "c"]),
        (f"members: [{READY.replace('a.sane', 'c.sane')}, {{id: b, carries: b.radiating}}]", ["b"]),
    ],
)
def test_a_device_is_reported_for_itself_where_its_programme_goes_on_without_it(
    stage: str, alone: list[str]
) -> None:
    """Blind without it, or its reserve unknown: then the programme's own fault says so."""
    plan = station(DEVICES, STAGE.format(stage)).plan
    assert [device.id for device in unseen_alone(plan)] == alone


def test_a_stage_before_another_one_of_its_layer_does_not_make_the_programme_blind() -> None:
    """The stage nearest the antenna decides; what explains it is seen by nobody any more."""
    chain = "{stage: one, owner: own, needs: a.radiating}, {stage: two, owner: own, needs: b.sane}"
    plan = station(
        "a: {kind: transmitter}\nb: {kind: transmitter}",
        f"fm: {{name: 调频, chain: [{chain.replace('b.sane', 'b.radiating')}]}}",
    ).plan
    assert [device.id for device in unseen_alone(plan)] == ["a"]


def test_a_comparison_in_a_chain_is_our_own_mistake() -> None:
    """The configuration has none there: a condition compares, and a chain names conditions."""
    (stage,) = station(DEVICES, STAGE.format("needs: a.radiating")).plan.programmes[0].chain
    plan = station(DEVICES, STAGE.format("needs: a.radiating")).plan
    wrong = replace(stage, needs=Compare("<", Name("a.radiating"), Number(1.0)))
    programme = replace(plan.programmes[0], chain=(wrong,))
    with pytest.raises(AssertionError, match="comparisons belong in conditions"):
        unseen_alone(replace(plan, programmes=(programme,)))


@pytest.mark.parametrize(
    ("alarm", "silence"),
    [("critical", "major"), ("major", "minor"), ("minor", "minor"), ("warning", "minor")],
)
def test_the_silence_of_a_device_is_one_step_below_its_worst_alarm(
    alarm: str, silence: str
) -> None:
    """Lost monitoring of a programme is one below off air; minor is the least."""
    feed = f"ups: {{kind: feed, conditions: {{mains: {{alarm: {{severity: {alarm}}}}}}}}}"
    plan = station(f"a: {{kind: transmitter}}\n{feed}", STAGE.format("needs: a.radiating")).plan
    assert severity_of(plan.devices[1]) == silence
    assert severity_of(plan.devices[0]) == "minor"
