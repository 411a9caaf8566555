"""The core and the executable model of incidents decide the same on its own timelines.

Where the model is not there (a clone without its neighbour folder) nothing is compared.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.properties.scripts import SCALE
from tests.support.incident_model import FOLDER, core_story, drawn
from tests.support.model_points import (
    POINTS,
    difference,
    is_explained_by,
    our_story,
    without_suspicions,
)

pytestmark = pytest.mark.skipif(
    not (FOLDER / "incidents.py").exists(), reason="the model is not part of this repository"
)
COUNT = 6 if SCALE <= 1 else 1_000
"""``make long JOB=models`` plays the thousand too, and lists the classes."""
SHOWN = {7: 431, 12: 130, 13: 685, 14: 26, 15: 263, 16: 18, 17: 167, 24: 21, 25: 258, 26: 101}
"""A timeline for each point on which the core differs, where all is seen."""
SHOWN_BLIND = {1: 65, 2: 65, 11: 20, 18: 16, 19: 13, 20: 61, 21: 3, 22: 77, 23: 57}
"""A timeline for each point on which the core differs, where something is not seen."""


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("seed", range(COUNT))
def test_the_core_and_the_model_decide_the_same(seed: int, blind: bool) -> None:
    """Rules 5.2 to 5.7: the same outages, incidents, messages, members, and figures of each.

    Reloads and acknowledgements are in them. A difference is explained where the model decides the
    same with our rule of a written point.
    """
    timeline = drawn(seed, blind=blind)
    core = core_story(*timeline)
    assert difference(timeline, core) is not None, (core, our_story(timeline, POINTS))


@pytest.mark.parametrize("point", POINTS)
def test_each_point_explains_a_timeline(point: int) -> None:
    """No rule of ours is listed that no timeline shows."""
    blind = point in SHOWN_BLIND
    timeline = drawn(SHOWN_BLIND[point] if blind else SHOWN[point], blind=blind)
    core = core_story(*timeline)
    others = [one for one in POINTS if one != point]
    assert is_explained_by(timeline, core, POINTS)
    assert not is_explained_by(timeline, core, others)


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("seed", [920, 974])
def test_a_supply_that_holds_a_stage_without_members_is_followed_as_in_the_model(
    seed: int, blind: bool
) -> None:
    """A nearer supply, or the stage, may take the cause over while the first is still bad."""
    timeline = drawn(seed, blind=blind)
    assert difference(timeline, core_story(*timeline)) is not None


@pytest.mark.parametrize("part", ["outages", "incidents", "messages"])
def test_a_difference_without_a_point_is_not_explained(part: str) -> None:
    """Another end, another way to close or another kind of message is a difference."""
    timeline = drawn(0)
    core = core_story(*timeline)
    found = getattr(core, part)
    assert found
    first = found[0]
    wrong = replace(first, told="grown") if part == "messages" else (*first[:-1], "other")
    assert difference(timeline, core) == ()
    assert difference(timeline, replace(core, **{part: [wrong, *found[1:]]})) is None


@pytest.mark.parametrize("has_too_many", [False, True])
def test_a_suspicion_too_few_or_too_many_is_not_explained(has_too_many: bool) -> None:
    """Each programme that was off before its hours and is not seen then has its suspicion."""
    timeline = drawn(SHOWN_BLIND[22], blind=True)
    core = core_story(*timeline)
    other = without_suspicions(core, timeline[0].channels)
    if has_too_many:
        one = next(row for row in core.incidents if row not in other.incidents)
        other = replace(
            core, incidents=[*core.incidents, (one[0], one[1], one[2] + 7_000, *one[3:])]
        )
    assert is_explained_by(timeline, core, POINTS)
    assert not is_explained_by(timeline, other, POINTS)


def test_the_timelines_have_messages_of_many_kinds() -> None:
    """What is compared is not empty."""
    found = {one.told for seed in range(8) for one in our_story(drawn(seed), ()).messages}
    assert {"opened", "recovered", "closed_before_told"} <= found
    assert len(found) >= 6
