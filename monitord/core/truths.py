"""The truth of each condition of a device in one answer. Owns that step; proves nothing."""

from __future__ import annotations

from collections.abc import Mapping

from monitord.core.expression import truth
from monitord.core.model import Answer, Value
from monitord.core.plan import DevicePlan
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.threshold_cache import NO_RANGE
from monitord.core.unconfirmed import Weight


def truths_of(plan: DevicePlan, answer: Answer) -> tuple[bool | None, ...]:
    """Return each condition's truth in one answer, in the order of the plan."""
    values = {point.id: value for point, value in zip(plan.points, answer.values, strict=True)}
    return tuple(truth(condition.true_when, values) for condition in plan.conditions)


def full_truths(
    situation: Situation, memory: DeviceMemory, answer: Answer
) -> tuple[tuple[bool | None, ...], Mapping[int, Weight]]:
    """Return each condition's truth, implausible values included; and what rests on these.

    By place: what a truth can prove that the plausible values alone do not give.
    """
    if not answer.suspected:
        return changed_truths(memory, answer), {}
    return _truths_with_implausible(situation, memory.plan, answer)


def changed_truths(memory: DeviceMemory, answer: Answer) -> tuple[bool | None, ...]:
    """Return each condition's truth; evaluate only those that a changed point can have changed.

    Moves the ranges of the changed points.
    """
    if memory.values is None or memory.implausible:
        # The range of a point is found when it first changes: a start has no use for it yet.
        memory.threshold_cache = [NO_RANGE] * len(answer.values)
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
) -> tuple[tuple[bool | None, ...], Mapping[int, Weight]]:
    """Return each condition's truth; by place, the weight of those from implausible values.

    Two that mean bad agree. What means good is weak: a dead sensor gives the same number again.
    """
    implausible = dict(answer.suspected)
    received = tuple(implausible.get(place, value) for place, value in enumerate(answer.values))
    by_id: dict[str, Value] = {p.id: v for p, v in zip(plan.points, received, strict=True)}
    truths = list(truths_of(plan, answer))
    weights: dict[int, Weight] = {}
    for number, condition in enumerate(plan.conditions):
        if truths[number] is not None:
            continue
        value = truths[number] = truth(condition.true_when, by_id)
        if value is not None:
            means_bad = value in situation.bad_when.get(condition.id, ())
            weights[number] = Weight.UNSURE if means_bad else Weight.WEAK
    return tuple(truths), weights
