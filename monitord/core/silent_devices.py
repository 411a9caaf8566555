"""Devices whose silence takes no programme out of sight: it is an alarm of its own.

Owns which devices of a plan these are. ``faults.py`` has the finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.chain import carrying
from monitord.core.expression import Expression, Name, Not, needed_of
from monitord.core.plan import SEVERITIES, SILENT_FAULT, DevicePlan, Plan, ProgrammePlan


def unseen_alone(plan: Plan) -> tuple[DevicePlan, ...]:
    """Return the devices whose silence no fault of a programme reports.

    Not those that the last stage of a layer needs: the programme is blind without them. Nor those
    of a member with ``ready``: its stage is blind, or its reserve unknown.
    """
    missed: set[str] = set()
    for programme in plan.programmes:
        missed.update(_missed(programme))
    return tuple(device for device in plan.devices if device.id not in missed)


def _missed(programme: ProgrammePlan) -> Iterator[str]:
    last = {stage.layer: stage for stage in programme.chain}
    for stage in last.values():
        yield from _needed(carrying(stage))
        for member in stage.members:
            if member.ready is not None:
                yield from _needed(member.carries)
                yield from _needed(member.ready)


def _needed(expression: Expression, *, value: bool = True) -> set[str]:
    """Return the devices without which nobody knows that an expression has this value."""
    match expression:
        case Name(id=name):
            return {name.partition(".")[0]}
        case Not(of=inner):
            return _needed(inner, value=not value)
        case _:
            parts, enough = needed_of(expression, value=value)
    times: dict[str, int] = {}
    for part in parts:
        for device in _needed(part, value=value):
            times[device] = times.get(device, 0) + 1
    return {device for device, number in times.items() if number > len(parts) - enough}


def severity_of(device: DevicePlan) -> str:
    """Return how severe the silence of a device is: one step below its worst alarm."""
    alarms = (c.alarm.severity for c in device.conditions if c.alarm is not None)
    worst = min((SEVERITIES.index(severity) for severity in alarms), default=len(SEVERITIES))
    return SEVERITIES[min(worst + 1, SEVERITIES.index(SILENT_FAULT.severity))]


def silence_bound(device: DevicePlan) -> int:
    """Return how long a device must be silent until that is more than a lost answer."""
    return 2 * device.slot + device.deadline
