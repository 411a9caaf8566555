"""Devices that differ only in name and place are read once. Owns what they share.

A station may have thousands of one kind: their points, decodings and expressions are then one set
of objects, and a start takes seconds where it took minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from monitord.core.plan import ConditionPlan, DevicePlan
from monitord.devices.model import DeviceSettings

PROTOCOLS = ("snmp", "modbus")
PLACE = frozenset({"address", "port", "unit_id", "community_file", "auth_file", "priv_file"})
"""Keys that differ from device to device and do not change its points. Every other key of a
protocol's section may (a unit's word order does), so devices that differ in one are read apart.
Requests of frames contain the device's station: such devices are read one by one."""
ONE_BY_ONE = "frame"


@dataclass(frozen=True, slots=True)
class Device:
    """A device: its settings, its plan, and what chains may refer to.

    ``conditions``: ids without the device's; None where mistakes leave them unknown. ``slow``:
    by the condition's whole id, the slow point that it uses. ``cards``: response cards by the
    condition's whole id, each a text by language; ``words``: what is wrong, in the same way.
    ``is_witness``: its profile is of equipment that receives off air.
    """

    settings: DeviceSettings | None = None
    plan: DevicePlan | None = None
    conditions: tuple[str, ...] | None = None
    slow: Mapping[str, str] = field(default_factory=dict)
    cards: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    short_name: str = ""
    is_witness: bool = False


LABELS = ("name", "short_name")
"""Keys that decide no point."""


def template_key(found: Any) -> str | None:
    """Return everything in a device's section that decides its points; None: it is read alone."""
    if not isinstance(found, dict) or ONE_BY_ONE in found:
        return None
    return repr(
        [(key, _of_points(key, value)) for key, value in found.items() if key not in LABELS]
    )


def _of_points(key: Any, value: Any) -> Any:
    if key not in PROTOCOLS or not isinstance(value, dict):
        return value
    return [(name, own) for name, own in value.items() if name not in PLACE]


def like(device: Device, settings: DeviceSettings) -> Device:
    """Return the device of ``settings`` with the plan of ``device``, which has equal points."""
    assert device.plan is not None
    id_, was = settings.id, f"{device.plan.id}."

    def own(name: str) -> str:
        return f"{id_}.{name.removeprefix(was)}"

    def own_condition(plan: ConditionPlan) -> ConditionPlan:
        return replace(plan, id=own(plan.id), device=id_)

    return Device(
        settings=settings,
        plan=replace(
            device.plan, id=id_, conditions=tuple(map(own_condition, device.plan.conditions))
        ),
        conditions=device.conditions,
        slow={own(name): point for name, point in device.slow.items()},
        cards={own(name): card for name, card in device.cards.items()},
        words={own(name): words for name, words in device.words.items()},
        is_witness=device.is_witness,
    )


def plans_by_id(devices: Mapping[str, Device]) -> dict[str, ConditionPlan]:
    """Return every good condition of the site by ``device.condition``."""
    plans = [device.plan for device in devices.values() if device.plan is not None]
    return {condition.id: condition for plan in plans for condition in plan.conditions}
