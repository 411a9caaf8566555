"""The core and the executable model of incidents decide the same on its own timelines.

Where the model is not there (a clone without its neighbour folder) nothing is compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.incident_state import FALLS_KEPT
from monitord.core.members import WINDOW
from tests.properties.scripts import SCALE
from tests.support.incident_model import (
    FOLDER,
    Said,
    core_story,
    model_story,
    module,
    same,
    timeline,
)

pytestmark = pytest.mark.skipif(
    not (FOLDER / "incidents.py").exists(), reason="the model is not part of this repository"
)
SEEDS = range(8) if SCALE <= 1 else range(1_000)
"""The long profile plays a thousand."""


def drawn(seed: int) -> tuple[Any, list[Any], int]:
    """Return plan, facts and length of a timeline of the model's generator.

    Without what cannot be said in answers: a reload, which the core reads from another plan, and
    blindness, which is proven a poll later. Where a channel fails there is one person: two
    attempts that end at the same moment have no order.
    """
    incidents = module("incidents")
    plan, inputs, until = module("check_incidents").draw(seed)
    if any(channel.dead for channel in plan.channels):
        plan = replace(plan, people=plan.people[:1])
    facts = [one for one in inputs if isinstance(one, incidents.Fact) and one.kind != "blind"]
    return plan, timeline(facts), until


@pytest.mark.parametrize("seed", SEEDS)
def test_the_core_and_the_model_decide_the_same(seed: int) -> None:
    """Rules 5.2 to 5.6: the same outages, incidents, members and messages at the same moments."""
    plan, facts, until = drawn(seed)
    model, core = model_story(plan, facts, until), core_story(plan, facts, until)
    assert same(core.outages, model.outages), (core.outages, model.outages)
    assert same(core.incidents, model.incidents), (core.incidents, model.incidents)
    core_said, model_said = core.messages, model.messages
    if has_many_falls(model.outages):
        core_said, model_said = uncounted(core_said), uncounted(model_said)
    assert same(core_said, model_said), (core_said, model_said)


def has_many_falls(outages: list[tuple[str, int, int | None]]) -> bool:
    """Return whether a programme fell more often in ten minutes than the core keeps falls of it.

    The short ones before an incident are then counted only as far as they are kept.
    """
    return any(
        sum(p == programme and begin <= b < begin + WINDOW for p, b, _ in outages) > FALLS_KEPT
        for programme, begin, _ in outages
    )


def uncounted(found: list[Said]) -> list[Said]:
    names = [tuple((name, 0) for name, _ in one.members) for one in found]
    return [replace(one, members=each) for one, each in zip(found, names, strict=True)]


def test_the_timelines_have_messages_of_many_kinds() -> None:
    """What is compared is not empty."""
    found = {one.told for seed in range(8) for one in model_story(*drawn(seed)).messages}
    assert {"opened", "recovered", "closed_before_told"} <= found
    assert len(found) >= 6
