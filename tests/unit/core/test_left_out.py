"""What inputs, plans and events say where a part is left out, written here a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from types import ModuleType
from typing import Any

import pytest

from monitord.core import (
    config_events,
    decision_bodies,
    events,
    incident_events,
    message_events,
    model,
    node_events,
    plan,
    unsettled_events,
)
from monitord.core.model import SECOND
from monitord.core.plan import FaultPlan

MODULES = (
    model,
    plan,
    events,
    incident_events,
    message_events,
    config_events,
    decision_bodies,
    node_events,
    unsettled_events,
)
MINUTE = 60 * SECOND
SOON = FaultPlan(10 * SECOND, 30 * SECOND, "minor")
LATER = FaultPlan(30 * SECOND, 30 * SECOND, "minor")
LAST = FaultPlan(MINUTE, 30 * SECOND, "minor")

NUMBERS = {
    "model.Answer.repeats": 1,
    "model.Answer.every": 0,
    "model.Started.built": 0,
    "node_events.NodeNow.since": 0,
    "plan.PointPlan.agent_refresh_max": 0,
    "plan.PointPlan.true_delay_max": 0,
    "plan.PointPlan.false_delay_max": 0,
    "plan.ProgrammePlan.rank": 3,
    "plan.Plan.retry_first": SECOND,
    "plan.Plan.retry_max": 5 * MINUTE,
    "plan.Plan.mark_every": MINUTE,
    "plan.Plan.close_lag": 5 * SECOND,
}
"""The lowest of the four ranks; times in microseconds."""
FAULTS = {
    "plan.ProgrammePlan.degraded": LATER,
    "plan.ProgrammePlan.reserve_unknown": LAST,
    "plan.ProgrammePlan.manual": SOON,
    "plan.ProgrammePlan.reserve_used": SOON,
}
"""Lesser faults of a programme: when each opens and closes, and how severe it is."""


def defaults() -> Iterator[tuple[str, Any]]:
    """Yield every default of the dataclasses of ``MODULES``, but what is made for each object."""
    for module in MODULES:
        for kind in _dataclasses_of(module):
            for each in fields(kind):
                if each.default is not MISSING:
                    name = module.__name__.rpartition(".")[2]
                    yield f"{name}.{kind.__name__}.{each.name}", each.default


def _dataclasses_of(module: ModuleType) -> Iterator[Any]:
    for found in vars(module).values():
        is_own = getattr(found, "__module__", "") == module.__name__
        if is_own and isinstance(found, type) and is_dataclass(found):
            yield found


FOUND = dict(defaults())
EMPTY = [name for name, value in FOUND.items() if type(value) in (str, tuple, bool)]


def test_every_number_that_may_be_left_out_is_here_and_no_other() -> None:
    """A new one is written here too, where its rule is read again."""
    assert {name for name, value in FOUND.items() if type(value) is int} == NUMBERS.keys()


@pytest.mark.parametrize("name", NUMBERS | FAULTS)
def test_what_is_left_out_is_what_its_rule_gives(name: str) -> None:
    """A person who writes nothing of a delay has these."""
    assert FOUND[name] == (NUMBERS | FAULTS)[name]


@pytest.mark.parametrize("name", EMPTY)
def test_a_text_a_list_or_a_flag_that_is_left_out_is_empty(name: str) -> None:
    """An older record, which has none, says the same as a newer one that says nothing of it."""
    assert not FOUND[name]


def test_the_silence_of_a_device_has_the_delays_of_a_reserve_that_is_not_seen() -> None:
    """Both are news only where they last."""
    assert plan.SILENT_FAULT == plan.RESERVE_UNKNOWN_FAULT == LAST
