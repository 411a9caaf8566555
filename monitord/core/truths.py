"""The truth of each condition of a device in one answer. Owns that step; proves nothing."""

from __future__ import annotations

from monitord.core.expression import truth
from monitord.core.model import Answer, Value
from monitord.core.plan import DevicePlan
from monitord.core.situation import DeviceMemory, Situation


def truths_of(plan: DevicePlan, answer: Answer) -> tuple[bool | None, ...]:
    """Return each condition's truth in one answer, in the order of the plan."""
    values = {point.id: value for point, value in zip(plan.points, answer.values, strict=True)}
    return tuple(truth(condition.true_when, values) for condition in plan.conditions)


def full_truths(
    situation: Situation, memory: DeviceMemory, answer: Answer
) -> tuple[bool | None, ...]:
    """Return each condition's truth, implausible values included."""
    if not answer.suspected:
        return changed_truths(memory, answer)
    memory.threshold_cache = memory.thresholds.ranges(answer.values)
    return _truths_with_implausible(situation, memory.plan, answer)


def changed_truths(memory: DeviceMemory, answer: Answer) -> tuple[bool | None, ...]:
    """Return each condition's truth; evaluate only those that a changed point can have changed.

    Moves the ranges of the changed points.
    """
    if memory.values is None or memory.implausible:
        memory.threshold_cache = memory.thresholds.ranges(answer.values)
        return truths_of(memory.plan, answer)
    stale = memory.thresholds.update_ranges(memory.threshold_cache, memory.values, answer.values)
    if not stale:
        return memory.truths
    values = {p.id: v for p, v in zip(memory.plan.points, answer.values, strict=True)}
    truths = list(memory.truths)
    for number in stale:
        truths[number] = truth(memory.plan.conditions[number].true_when, values)
    return tuple(truths)


def _truths_with_implausible(
    situation: Situation, plan: DevicePlan, answer: Answer
) -> tuple[bool | None, ...]:
    """Return each condition's truth; an implausible value counts only where it means bad.

    It may be wrong, but where it means bad, leaving it out would turn an outage into silence.
    """
    implausible = dict(answer.suspected)
    received = tuple(implausible.get(place, value) for place, value in enumerate(answer.values))
    by_id: dict[str, Value] = {p.id: v for p, v in zip(plan.points, received, strict=True)}
    truths = list(truths_of(plan, answer))
    for number, condition in enumerate(plan.conditions):
        if truths[number] is None:
            value = truth(condition.true_when, by_id)
            if value in situation.bad_when.get(condition.id, ()):
                truths[number] = value
    return tuple(truths)
