"""A site of any number of devices with 20 points and 20 thresholds each, for measuring the core."""

from __future__ import annotations

from collections.abc import Sequence

from monitord.core.expression import All, Compare, Name, Number
from monitord.core.model import SECOND, Layer
from monitord.core.plan import (
    ConditionPlan,
    DevicePlan,
    FaultPlan,
    PersonPlan,
    Plan,
    PointPlan,
    ProgrammePlan,
    StagePlan,
)

POINTS = 20
DEVICES_A_PROGRAMME = 10
SLOT = SECOND
DEADLINE = 800_000
BOUND = 2 * SLOT + DEADLINE
FAULT = FaultPlan(open_after=0, clear_after=30 * SECOND, severity="critical")
BLIND = FaultPlan(open_after=60 * SECOND, clear_after=30 * SECOND, severity="major")


_POINTS = tuple(PointPlan(f"p{place}") for place in range(POINTS))
_THRESHOLDS = tuple(Compare(">", Name(point.id), Number(10)) for point in _POINTS)


def device_plan(name: str, conditions: int = POINTS) -> DevicePlan:
    """Return a device of one profile with all others; so many of its points have one threshold."""
    found = tuple(
        ConditionPlan(
            f"{name}.c{place}",
            name,
            Layer.EMISSION if place == 0 else Layer.EQUIPMENT,
            "no_carrier",
            _THRESHOLDS[place],
            0,
            0,
            BOUND,
        )
        for place in range(conditions)
    )
    return DevicePlan(name, _POINTS, found, SLOT, DEADLINE)


def _programme(number: int, devices: Sequence[str]) -> ProgrammePlan:
    needs = All(tuple(Name(f"{name}.c0") for name in devices))
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=needs)
    return ProgrammePlan(f"programme{number}", (stage,), FAULT, BLIND, BLIND)


def _plan(groups: Sequence[Sequence[str]], conditions: int = POINTS) -> Plan:
    programmes = tuple(_programme(number, group) for number, group in enumerate(groups))
    people = (PersonPlan("desk", ("console",), (("critical", 3 * SECOND),)),)
    devices = tuple(device_plan(name, conditions) for group in groups for name in group)
    return Plan("hill", devices, programmes, people)


def scale_plan(count: int) -> Plan:
    """Return a plan of ``count`` devices; every ten of them carry one programme."""
    names = [f"d{number}" for number in range(count)]
    return _plan(
        [names[at : at + DEVICES_A_PROGRAMME] for at in range(0, count, DEVICES_A_PROGRAMME)]
    )


def wide_plan(count: int, conditions: int = POINTS) -> Plan:
    """Return a plan of ``count`` devices that carry one programme together."""
    return _plan([[f"d{number}" for number in range(count)]], conditions)
