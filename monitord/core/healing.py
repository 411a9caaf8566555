"""Whether the place that holds an outage is good again, and since when. Rule 5.2.

Decides nothing; ``outages.py`` notes what healed and hands over what leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitord.core.causes import Cause, held_kind, is_explained_by
from monitord.core.chain import carrying
from monitord.core.expression import Expression, Kind, Name
from monitord.core.fault_plans import Fault, Sort
from monitord.core.incident_state import Claim, Place
from monitord.core.look import present_kinds
from monitord.core.moments import span_of
from monitord.core.places import still_fails
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.situation import Situation
from monitord.core.values import Layer


def kind_there(situation: Situation, fault: Fault, place: Place) -> Kind:
    """Return whether the place is good, by the last answers: its stage, or its conditions.

    A stage that is bad before a good one of its layer holds the programme no more, nor do devices
    of one that is bad by others now. A place outside the chain is there for the stages that it
    explains: where all of them are seen, and none is bad by it, it holds the programme no more
    either, though it is bad for others.
    """
    if place.stage and fault.programme:
        plan = situation.programmes[fault.programme].plan
        found = [held_kind(situation, plan, s) for s in plan.chain if s.id == place.stage]
        if not found:
            return Kind.BLIND  # a reload took it away: nobody saw it good
        if (
            Kind.FALSE in found
            and fault.sort is Sort.OFF_AIR
            and (_good_behind(situation, plan, place) or _is_bad_by_others(situation, plan, place))
        ):
            return Kind.TRUE
    else:
        kinds = present_kinds(situation)
        found = [kinds(name) for name in place.conditions if name in situation.timelines]
        if place.conditions and not found:
            return Kind.BLIND  # a start has it no more: nobody saw it good
        if Kind.FALSE in found and fault.sort is Sort.OFF_AIR:
            plan = situation.programmes[fault.programme].plan
            stages = [s for s in plan.chain if is_explained_by(situation, s, place)]
            seen = [held_kind(situation, plan, s) in (Kind.TRUE, Kind.FALSE) for s in stages]
            return Kind.TRUE if all(seen) else Kind.BLIND
    if Kind.FALSE in found:
        return Kind.FALSE
    return Kind.TRUE if all(kind is Kind.TRUE for kind in found) else Kind.BLIND


def _is_bad_by_others(situation: Situation, plan: ProgrammePlan, place: Place) -> bool:
    """Return whether a place does not fail any more though its stage is bad."""
    stages = [stage for stage in plan.chain if stage.id == place.stage and stage.members]
    return any(not still_fails(situation, plan.id, stage, place) for stage in stages)


def _good_behind(situation: Situation, plan: ProgrammePlan, place: Place) -> list[StagePlan]:
    """Return the good stages behind a place in its layer: one is enough."""
    found: list[StagePlan] = []
    layer: Layer | None = None
    for stage in plan.chain:
        if stage.layer is layer and held_kind(situation, plan, stage) is Kind.TRUE:
            found.append(stage)
        if stage.id == place.stage:
            layer = stage.layer
    return found


def good_since(situation: Situation, fault: Fault, claim: Claim) -> int:
    """Return when a place was proven good that is good now: while others were blind, long ago."""
    since = _proven_good(situation, fault, claim.place)
    return min(max(claim.proof, since), situation.clock)


def _proven_good(situation: Situation, fault: Fault, place: Place) -> int:
    """Return since when a place holds nothing, by the turns of what is good now."""
    if not (place.stage and fault.programme):
        kinds = present_kinds(situation)
        known = [name for name in place.conditions if name in situation.timelines]
        if not all(kinds(name) is Kind.TRUE for name in known):
            return situation.clock  # bad for others: what it explained is seen good now
        return max((_good_at(situation, Name(name)) for name in known), default=situation.clock)
    plan = situation.programmes[fault.programme].plan
    stages = [stage for stage in plan.chain if stage.id == place.stage]
    if any(held_kind(situation, plan, stage) is not Kind.TRUE for stage in stages):
        stages = _good_behind(situation, plan, place)
    turns = (_good_at(situation, carrying(stage)) for stage in stages)
    return min(turns, default=situation.clock)  # bad by others: what it broke by is seen right now


def _good_at(situation: Situation, expression: Expression) -> int:
    return span_of(situation, expression, value=True)[1]


def leaves(situation: Situation, fault: Fault, claim: Claim, causes: Mapping[str, Cause]) -> bool:
    """Return whether an outage leaves this cause: good for ``clear_after``, or a consequence.

    What is still bad, with nothing good behind it, was proven before what explains it.
    """
    if claim.place.id in causes:
        return False
    if claim.healed is not None:
        return claim.healed + fault.clear_after <= situation.clock
    is_stage = fault.sort is Sort.OFF_AIR and bool(claim.place.stage)
    return is_stage and kind_there(situation, fault, claim.place) is Kind.FALSE
