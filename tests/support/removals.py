"""What a configuration may lose, one thing at a time: plans that a reload brings.

Owns these smaller plans; what rests on a thing that is gone is left out with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from monitord.core.chain import layers_of
from monitord.core.expression import AtLeast, Compare, Expression, Name, Not
from monitord.core.plan import DevicePlan, MemberPlan, Plan, ProgrammePlan, StagePlan

Gone = Callable[[str], bool]
"""Whether a condition is gone."""
RELATIONS = ("powered_by", "behind", "mutes_on_input")


def removals(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """Yield every plan that lacks one thing of this one, and what that is."""
    for device in plan.devices:
        yield f"device {device.id}", without_device(plan, device.id)
        for condition in device.conditions:
            yield f"condition {condition.id}", without_condition(plan, condition.id)
            if condition.alarm is not None:
                yield f"alarm {condition.id}", _without_alarm(plan, condition.id)
        for relation in RELATIONS:
            if getattr(device, relation):
                fewer = replace(device, **{relation: ()})
                yield f"{relation} of {device.id}", _with_device(plan, fewer)
    for programme in plan.programmes:
        yield f"programme {programme.id}", _with_programme(plan, programme.id, None)
        for what, fewer_parts in _smaller(programme):
            yield f"{what} of {programme.id}", _with_programme(plan, programme.id, fewer_parts)


def without_device(plan: Plan, name: str) -> Plan:
    """Return the plan without a device and everything that rests on it."""
    devices = tuple(one for one in plan.devices if one.id != name)
    return _pruned(replace(plan, devices=devices), lambda c: c.partition(".")[0] == name)


def without_condition(plan: Plan, name: str) -> Plan:
    """Return the plan without a condition and everything that rests on it."""
    devices = tuple(
        replace(one, conditions=tuple(c for c in one.conditions if c.id != name))
        for one in plan.devices
    )
    return _pruned(replace(plan, devices=devices), lambda c: c == name)


def _without_alarm(plan: Plan, name: str) -> Plan:
    devices = tuple(
        replace(
            one,
            conditions=tuple(replace(c, alarm=None) if c.id == name else c for c in one.conditions),
        )
        for one in plan.devices
    )
    return replace(plan, devices=devices)


def _with_device(plan: Plan, device: DevicePlan) -> Plan:
    devices = tuple(device if one.id == device.id else one for one in plan.devices)
    return replace(plan, devices=devices)


def _with_programme(plan: Plan, name: str, programme: ProgrammePlan | None) -> Plan:
    found = (programme if one.id == name else one for one in plan.programmes)
    programmes = tuple(one for one in found if one is not None and one.chain)
    return replace(plan, programmes=tuple(map(_with_monitored_witnesses, programmes)))


def _with_monitored_witnesses(programme: ProgrammePlan) -> ProgrammePlan:
    """Return the programme without the witnesses of layers that it has no stage of."""
    layers = {found.layer for found in layers_of(programme)}
    witnesses = tuple(one for one in programme.witnesses if one.layer in layers)
    return replace(programme, witnesses=witnesses)


def _smaller(programme: ProgrammePlan) -> Iterator[tuple[str, ProgrammePlan]]:
    for place, stage in enumerate(programme.chain):
        before, after = programme.chain[:place], programme.chain[place + 1 :]
        yield f"stage {stage.id}", replace(programme, chain=(*before, *after))
        renamed = replace(stage, id=f"new_{stage.id}")
        yield f"name of stage {stage.id}", replace(programme, chain=(*before, renamed, *after))
        for what, smaller in _smaller_stages(stage):
            yield f"{what} of {stage.id}", replace(programme, chain=(*before, smaller, *after))
    for witness in programme.witnesses:
        others = tuple(one for one in programme.witnesses if one is not witness)
        yield f"witness {witness.id}", replace(programme, witnesses=others)
    if programme.witnesses:
        yield "all witnesses", replace(programme, witnesses=())


def _smaller_stages(stage: StagePlan) -> Iterator[tuple[str, StagePlan]]:
    if stage.manual is not None:
        yield "manual", replace(stage, manual=None)
    if stage.degraded:
        yield "degraded", replace(stage, degraded=())
    for member in stage.members if len(stage.members) > 1 else ():
        others = tuple(one for one in stage.members if one is not member)
        yield f"member {member.id}", replace(stage, members=others)
        if member.ready is not None:
            ready = tuple(replace(o, ready=None) if o is member else o for o in stage.members)
            yield f"ready of {member.id}", replace(stage, members=ready)


def _pruned(plan: Plan, gone: Gone) -> Plan:
    devices = tuple(
        replace(
            one,
            **{field: tuple(c for c in getattr(one, field) if not gone(c)) for field in RELATIONS},
        )
        for one in plan.devices
    )
    programmes = (_pruned_programme(one, gone) for one in plan.programmes)
    kept = tuple(_with_monitored_witnesses(one) for one in programmes if one.chain)
    ids = {one.id for one in kept}
    return replace(
        plan, devices=devices, programmes=tuple(_with_neighbours(one, ids) for one in kept)
    )


def _with_neighbours(programme: ProgrammePlan, ids: set[str]) -> ProgrammePlan:
    """Return the programme with reserves that only these programmes share."""
    chain = tuple(
        replace(
            stage,
            members=tuple(
                replace(m, elsewhere=tuple(e for e in m.elsewhere if e.programme in ids))
                for m in stage.members
            ),
        )
        for stage in programme.chain
    )
    return replace(programme, chain=chain)


def _pruned_programme(programme: ProgrammePlan, gone: Gone) -> ProgrammePlan:
    stages = (_pruned_stage(stage, gone) for stage in programme.chain)
    witnesses = []
    for witness in programme.witnesses:
        needs = _less(witness.needs, gone)
        healthy = None if witness.healthy is None else _less(witness.healthy, gone)
        if needs is not None:
            witnesses.append(replace(witness, needs=needs, healthy=healthy))
    chain = tuple(stage for stage in stages if stage is not None)
    return replace(programme, chain=chain, witnesses=tuple(witnesses))


def _pruned_stage(stage: StagePlan, gone: Gone) -> StagePlan | None:
    needs = None if stage.needs is None else _less(stage.needs, gone)
    found = (_pruned_member(member, gone) for member in stage.members)
    members = tuple(member for member in found if member is not None)
    if needs is None and not members:
        return None
    degraded = tuple(
        replace(one, when=when)
        for one in stage.degraded
        if (when := _less(one.when, gone)) is not None
    )
    manual = None if stage.manual is None else _less(stage.manual, gone)
    return replace(stage, needs=needs, members=members, degraded=degraded, manual=manual)


def _pruned_member(member: MemberPlan, gone: Gone) -> MemberPlan | None:
    carries = _less(member.carries, gone)
    if carries is None:
        return None
    ready = None if member.ready is None else _less(member.ready, gone)
    elsewhere = tuple(
        replace(one, carries=carried)
        for one in member.elsewhere
        if (carried := _less(one.carries, gone)) is not None
    )
    return replace(member, carries=carries, ready=ready, elsewhere=elsewhere)


def _less(expression: Expression, gone: Gone) -> Expression | None:
    """Return the expression without the conditions that are gone; None where nothing is left."""
    match expression:
        case Name(id=name):
            return None if gone(name) else expression
        case Not(of=inner):
            less = _less(inner, gone)
            return None if less is None else Not(less)
        case Compare():
            raise AssertionError("comparisons belong in conditions, not in a chain")
        case _:
            found = tuple(p for part in expression.of if (p := _less(part, gone)) is not None)
    if isinstance(expression, AtLeast):
        return AtLeast(min(expression.count, len(found)), found) if found else None
    return replace(expression, of=found) if found else None
