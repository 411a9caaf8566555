"""What a part adds to the simulated site: devices, programmes, and how they are watched.

Pure. A part has devices and programmes of its own, in every configuration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitord.core.expression import Name
from monitord.core.model import Layer
from monitord.core.plan import ConditionPlan, DevicePlan, Plan, PointPlan, ProgrammePlan
from tests.simulation.facts import SECOND, ConditionFacts


@dataclass(frozen=True, slots=True)
class Added:
    """What a part adds to the plan of the site."""

    devices: tuple[DevicePlan, ...] = ()
    programmes: tuple[ProgrammePlan, ...] = ()

    def onto(self, plan: Plan) -> Plan:
        """Return a plan of the site with this in it."""
        devices, programmes = plan.devices + self.devices, plan.programmes + self.programmes
        return replace(plan, devices=devices, programmes=programmes)

    def with_also(self, other: Added) -> Added:
        """Return what both add."""
        return Added(self.devices + other.devices, self.programmes + other.programmes)


NOTHING = Added()


def device_plan(
    name: str,
    reasons: dict[str, tuple[str, Layer]],
    slot: int = SECOND,
    *,
    behind: str = "",
    powered_by: str = "",
) -> DevicePlan:
    """Return a device with a point for each condition."""
    deadline = slot * 8 // 10
    conditions = (
        ConditionPlan(f"{name}.{c}", name, layer, reason, Name(c), 0, 0, 2 * slot + deadline)
        for c, (reason, layer) in reasons.items()
    )
    return DevicePlan(
        name,
        tuple(PointPlan(c) for c in reasons),
        tuple(conditions),
        slot,
        deadline,
        powered_by=(powered_by,) if powered_by else (),
        behind=(behind,) if behind else (),
    )


def condition_facts(devices: Iterable[DevicePlan], partners: int = 0) -> dict[str, ConditionFacts]:
    """Return how each condition of these devices is watched, by id."""
    return {
        c.id: ConditionFacts(c.id, device.id, device.slot, device.deadline, 0, c.bound, partners)
        for device in devices
        for c in device.conditions
    }
