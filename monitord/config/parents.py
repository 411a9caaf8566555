"""Checks what devices name as the reason of their faults. Owns that there is no circle in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from monitord.config.devices.templates import Device
from monitord.config.fields.field_types import Refused, RefusedPartsError
from monitord.config.fields.plan_types import read_condition_ids
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import nearest, phrase, quoted

KEYS: Final = ("powered_by", "behind", "mutes_on_input")
CIRCLE_MAX: Final = 8
"""Devices of a circle that are printed at most."""


@dataclass(frozen=True, slots=True)
class _Parent:
    """A condition that a device names, and where it names it."""

    device: str
    condition: str
    place: Scope


def check_parents(sections: Mapping[Any, Any], devices: Mapping[str, Device], scope: Scope) -> None:
    """Note conditions that no device here has, and devices that explain each other.

    ``sections``: of the devices, as written; ``devices``: as read. A device that is not in the
    configuration is not polled, so it explains nothing.
    """
    parents: dict[str, list[_Parent]] = {}
    for key, found in sections.items():
        id_ = str(key)
        if isinstance(found, dict):
            named = _parents(found, scope.at(id_))
            parents[id_] = [one for one in named if _is_known(id_, one, devices)]
    _note_circles(parents)


def _parents(found: dict[Any, Any], scope: Scope) -> Iterator[_Parent]:
    """Yield what a device names; values of another form are noted with the device."""
    for key in KEYS:
        if key not in found:
            continue
        try:
            ids = read_condition_ids(found[key])
        except (Refused, RefusedPartsError):
            continue
        for index, id_ in enumerate(ids):
            device, _, condition = id_.partition(".")
            is_list = isinstance(found[key], list)
            yield _Parent(device, condition, scope.at(key, index) if is_list else scope.at(key))


def _is_known(id_: str, parent: _Parent, devices: Mapping[str, Device]) -> bool:
    """Return whether a parent is another device of the site with this condition; else note it."""
    if parent.device == id_:
        own = phrase("parents.own", name=quoted(f"{id_}.{parent.condition}"))
        parent.place.note(own, hint=phrase("parents.other"))
        return False
    if parent.device not in devices:
        unknown = phrase("unknown.device", name=quoted(parent.device))
        parent.place.note(unknown, hint=nearest(parent.device, devices))
        return False
    known = devices[parent.device].conditions
    if known is not None and parent.condition not in known:
        names = {"device": quoted(parent.device), "name": quoted(parent.condition)}
        unknown = phrase("unknown.device_condition", **names)
        parent.place.note(unknown, hint=nearest(parent.condition, known))
        return False
    return True


def _note_circles(parents: Mapping[str, list[_Parent]]) -> None:
    """Note each parent that closes a circle; without those there is none."""
    done: set[str] = set()
    for start in parents:
        # Chains may be longer than Python's stack is deep.
        way = [start]
        left = [iter(parents[start] if start not in done else ())]
        on_way = {start}
        while left:
            parent = next(left[-1], None)
            if parent is None:
                left.pop()
                done.add(way[-1])
                on_way.discard(way.pop())
            elif parent.device in on_way:
                _note_circle(parent, way[way.index(parent.device) :])
            elif parent.device not in done:
                way.append(parent.device)
                on_way.add(parent.device)
                left.append(iter(parents.get(parent.device, ())))


def _note_circle(parent: _Parent, circle: list[str]) -> None:
    shown = circle if len(circle) <= CIRCLE_MAX else [*circle[: CIRCLE_MAX - 1], "…"]
    way = " → ".join([*shown, parent.device])
    parent.place.note(phrase("parents.circle", way=way), hint=phrase("parents.break"))
