"""When an expression took the value that it has, by its conditions. Owns that question."""

from __future__ import annotations

from collections.abc import Callable

from monitord.core.expression import Expression, Kind, Name, Not, kind_of, needed_of
from monitord.core.look import present_kinds
from monitord.core.situation import Situation
from monitord.core.stage_kinds import Span


def span_of(situation: Situation, expression: Expression, *, value: bool) -> Span:
    """Return when an expression that has this value now took it, from its conditions' begins."""
    conditions = situation.durable.conditions
    return (
        decisive(situation, expression, lambda name: conditions[name].not_before, value=value),
        decisive(situation, expression, lambda name: conditions[name].since, value=value),
    )


def proven_until(situation: Situation, expression: Expression) -> int:
    """Return up to when the last answers prove an expression false: the latest that suffices."""
    timelines = situation.timelines
    # Turned round, the latest proof is the earliest number.
    return -decisive(situation, expression, lambda name: -timelines[name].last_before, value=False)


def decisive(
    situation: Situation, expression: Expression, moment: Callable[[str], int], *, value: bool
) -> int:
    """Return the moment of the condition that decides: the last one needed for this value.

    ``moment``: of a condition; the smallest ones are needed.
    """
    match expression:
        case Name(id=name):
            return moment(name)
        case Not(of=inner):
            return decisive(situation, inner, moment, value=not value)
        case _:
            parts, needed = needed_of(expression, value=value)
    wanted = Kind.TRUE if value else Kind.FALSE
    kinds = present_kinds(situation)
    moments = [
        decisive(situation, part, moment, value=value)
        for part in parts
        if kind_of(part, kinds) is wanted
    ]
    return sorted(moments)[needed - 1]
