"""The numbers of the rules: how long, how many. Each is written here a second time, by its rule."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import monitord.core

CORE = Path(monitord.core.__path__[0])
SECOND = 10**6
MINUTE = 60 * SECOND
HOUR = 3_600 * SECOND
DAY = 86_400 * SECOND

LASTING = {
    "attempts.CRITICAL_WAIT_MAX": 10 * SECOND,
    "attempts.DIGEST_EVERY": 30 * SECOND,
    "gather.GATHER": SECOND,
    "attempts.STORM_WINDOW": 10 * MINUTE,
    "calendar_extending.CALENDAR_ENOUGH": 100 * DAY,
    "calendar_extending.CALENDAR_KEPT": 2 * DAY,
    "decision_folds.KEPT_FOR": 7 * DAY,
    "fault_plans.BOOT_HOLD": 3 * MINUTE,
    "fault_plans.INCONSISTENT_CLEAR_AFTER": 30 * SECOND,
    "fault_plans.LINK_SEEN_AFTER": 2 * SECOND,
    "fault_plans.RECORD_SOUND_AFTER": HOUR,
    "fault_plans.SITE_CLEAR_AFTER": 30 * SECOND,
    "hours.DAY": DAY,
    "incident_folds.MEMORY": 20 * MINUTE,
    "incident_folds.NUMBERS_KEPT": 7 * DAY,
    "incident_state.CHANGING_IN": 10 * MINUTE,
    "inconsistent.DOUBT": 30 * SECOND,
    "ledger.SLEW_MAX": 2 * SECOND,
    "members.WINDOW": 10 * MINUTE,
    "message_folds.KEPT": 10 * MINUTE,
    "messages.BETWEEN_NEWS": MINUTE,
    "messages.DIGEST_FIRST": 10 * MINUTE,
    "messages.DIGEST_LAST": HOUR,
    "messages.UNSEEN_WAIT": 3 * SECOND,
    "model.HOUR": HOUR,
    "model.MINUTE": MINUTE,
    "model.SECOND": SECOND,
    "plan.DOUBTED_CLEAR_AFTER": 30 * SECOND,
    "refuted.SLACK": 10 * SECOND,
    "time_map.COARSE": SECOND,
    "time_map.HOLDOVER_MAX": 30 * SECOND,
    "time_map.PERSON": MINUTE,
    "time_map.RIVAL_SLACK": 5 * SECOND,
    "time_map.SECOND": SECOND,
    "time_map.SLEW_IGNORED": SECOND // 20,
    "time_map.START_SLACK": 2 * SECOND,
    "time_map.STEP": SECOND,
}
"""In microseconds."""
COUNTED = {
    "apply.GENERATION": 3,
    "attempts.STORM_MAX": 10,
    "places.DEVICES_NAMED": 8,
    "clock_state.DRIFT": 5_000,
    "clock_state.ERAS_MAX": 64,
    "conditions.TRANSITIONS_MAX": 64,
    "decision_folds.KEPT_MAX": 10_000,
    "decisions.ID_MAX": 64,
    "decisions.TEXT_MAX": 200,
    "events.TURNS_KEPT": 16,
    "fault_plans.LAST_RANK": 100,
    "folds.HOURS_MAX": 256,
    "folds.STARTS_KEPT": 10,
    "hours.WEEK_DAYS": 7,
    "calendar_values.EVERY_DAY": 2**7 - 1,
    "incident_state.CHANGING_MOVES": 7,
    "incident_state.CLAIMS_KEPT": 3,
    "incident_state.FALLS_KEPT": 8,
    "incidents.FIRST_NUMBER": 100,
    "incidents.LAST_LONG_NUMBER": 9_999,
    "incidents.LAST_NUMBER": 999,
    "incidents.SHORT_NUMBERS": 500,
    "ledger.HELD_MAX": 256,
    "ledger.STRETCH_MAX": 256,
    "members.FLAPS": 3,
    "nodes.CONSUMERS_MAX": 16,
    "plan.COUNTY_RANK": 3,
    "refuted.SLACK_PARTS": 100,
    "site_state.SITE_STATES_MAX": 100,
    "suspicions.RUNNING_MAX_S": 10**10,
    "time_map.RIVALS_MAX": 4,
    "view.IMPLAUSIBLE_SUSPECT": 3,
    "view.SILENCES_SUSPECT": 3,
}
RULED = {**LASTING, **COUNTED}


def assigned(file: Path) -> set[str]:
    """Return the public names that a module gives a value to, no imported one."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    nodes = [
        node
        for part in body
        if isinstance(part, ast.Assign | ast.AnnAssign)
        for node in ast.walk(part)
    ]
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return {name for name in stored if not name.startswith("_")}


@cache
def numbers() -> dict[str, int]:
    """Return every public number of core by module and name."""
    found = {}
    for file in sorted(CORE.glob("*.py")):
        module = import_module(f"monitord.core.{file.stem}")
        for name in assigned(file):
            value = getattr(module, name, None)
            if type(value) is int:
                found[f"{file.stem}.{name}"] = value
    return found


def test_every_number_of_core_is_here_and_no_other() -> None:
    """A new one is written here too, where its rule is read again."""
    assert numbers().keys() == RULED.keys()


@pytest.mark.parametrize("name", RULED)
def test_a_number_is_that_of_its_rule(name: str) -> None:
    """What a person may rely on: the minutes of a storm, the seconds after a boot."""
    assert numbers()[name] == RULED[name]
