"""What a chain rests on: the conditions of its stages and members. Owns look-ups only."""

from __future__ import annotations

from monitord.core.expression import names
from monitord.core.plan import ProgrammePlan, StagePlan


def stage_names(stage: StagePlan) -> tuple[str, ...]:
    """Return the conditions that decide the stage, in the order they are written."""
    if stage.needs is not None:
        return names(stage.needs)
    return tuple(dict.fromkeys(n for member in stage.members for n in names(member.carries)))


def programme_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return every condition that the verdict rests on."""
    found: dict[str, None] = {}
    for stage in plan.chain:
        found.update(dict.fromkeys(stage_names(stage)))
        for degraded in stage.degraded:
            found.update(dict.fromkeys(names(degraded.when)))
    return tuple(found)


def watched_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return every condition the programme looks at, readiness of reserves included."""
    found = dict.fromkeys(programme_names(plan))
    for stage in plan.chain:
        for member in stage.members:
            if member.ready is not None:
                found.update(dict.fromkeys(names(member.ready)))
    return tuple(found)
