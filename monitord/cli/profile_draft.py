"""Drafts a device profile from a walk and a MIB. Marks everything as unverified; no I/O.

Sources: a vendor's MIB; sensors of ENTITY-SENSOR-MIB (RFC 3433) with their own units; points of
shipped profiles of standard MIBs; without any of these, the vendor's scalars by their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from monitord.cli.draft_names import ID_MAX, slug, unit_keys
from monitord.cli.mib import MibObject
from monitord.config.expressions.grammar import ExpressionError, names_in, parse
from monitord.config.fields.field_types import read_oid
from monitord.config.schemas import ProfileSchema
from monitord.decoding.rules import Raw
from monitord.devices.recordings import Recording
from monitord.devices.snmp.messages import Oid, dotted

SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2, 0)
STANDARD = ("if-mib", "ups-mib")
POINTS_MAX = 200
SENSORS_MAX = 40
UNNAMED_MAX = 64
_ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
_SENSOR: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)
_NAMES: tuple[Oid, ...] = (
    (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7),
    (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 2),
)
# EntitySensorDataType; other, unknown and truth value have no unit.
_SENSOR_UNITS = {3: "V", 4: "V", 5: "A", 6: "W", 7: "Hz", 8: "degC", 9: "percent", 10: "rpm"} | {
    11: "m3/min"
}
_DRAFTED = "drafted by monitord profile new; compare with the manual and the display"

Points = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Draft:
    """The content of a profile. ``parts``: the sources of the draft, for people."""

    name: str
    object_id: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: Points = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the profile's file."""
        document: dict[str, Any] = {
            "profile": self.name,
            "title": self.name.replace("-", " "),
            "protocol": "snmp",
            "source": _DRAFTED,
            "verified": "unverified",
        }
        if self.object_id:
            document["recognise"] = {"sys_object_id": [self.object_id]}
        for key in ("rows", "points", "conditions"):
            if getattr(self, key):
                document[key] = getattr(self, key)
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
        head = [
            "# A draft: every name, unit, scale and label in it is a guess until it was compared",
            "# with the equipment. Rename the points, delete those that are not needed, describe",
            "# the equipment under conditions (docs/profiles.md), then check and test the profile.",
            f"# From: {', '.join(self.parts)}.",
        ]
        return [*head, *text.splitlines()]


def object_id_of(objects: Mapping[Oid, Raw]) -> str:
    """Return the sysObjectID in a walk, "" if it has none."""
    found = objects.get(SYS_OBJECT_ID)
    return found if isinstance(found, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)+", found) else ""


def recognised(profiles: Mapping[str, ProfileSchema], objects: Mapping[Oid, Raw]) -> list[str]:
    """Return the profiles that fit the device by their ``recognise``, the most specific first."""
    object_id = tuple(map(int, object_id_of(objects).split("."))) if object_id_of(objects) else ()
    found = []
    for name, profile in profiles.items():
        ids = [_arcs(text) for text in profile.recognise.get("sys_object_id", ())]
        has = [_arcs(text) for text in profile.recognise.get("has", ())]
        fitting = [len(arcs) for arcs in ids if object_id[: len(arcs)] == arcs]
        if (ids or has) and (fitting or not ids) and all(_is_there(arcs, objects) for arcs in has):
            found.append((-max(fitting, default=0) - sum(map(len, has)), name))
    return [name for _, name in sorted(found)]


def draft(
    name: str, recording: Recording, standard: Mapping[str, ProfileSchema], mib: Sequence[MibObject]
) -> Draft:
    """Return the draft of a profile from a walk."""
    objects = recording.objects()
    made = Draft(name, object_id_of(objects))
    _add_mib(made, objects, mib)
    _add_sensors(made, objects)
    for known, profile in standard.items():
        _add_standard(made, known, profile, objects)
    if not made.points:
        _add_unnamed(made, recording)
    return made


def _arcs(text: Any) -> Oid:
    return tuple(map(int, str(text).split(".")))


def _is_there(part: Oid, objects: Mapping[Oid, Raw]) -> bool:
    return any(oid[: len(part)] == part for oid in objects)


def _add_point(made: Draft, wanted: str, point: dict[str, Any]) -> str:
    """Add a point under a unique id; return the id."""
    id_ = slug(wanted)
    number = 2
    while id_ in made.points:
        tail = f"_{number}"
        id_, number = slug(wanted)[: ID_MAX - len(tail)] + tail, number + 1
    if len(made.points) < POINTS_MAX:
        made.points[id_] = point | {"verified": "unverified"}
    return id_


def _add_mib(made: Draft, objects: Mapping[Oid, Raw], mib: Sequence[MibObject]) -> None:
    before = len(made.points)
    for one in mib:
        if one.entry:
            index = next((o[len(one.oid) :] for o in objects if o[: len(one.oid)] == one.oid), None)
            if not index:
                continue
            row = slug(one.entry)
            made.rows.setdefault(row, {"what": f"row of {one.entry}", "index": _index(index)})
            oid = f"{dotted(one.oid)}.{{{row}}}"
        elif (*one.oid, 0) in objects:
            oid = f"{dotted(one.oid)}.0"
        else:
            continue
        point = {"object": one.name, "oid": oid}
        _add_point(made, one.name, point | _decoding_keys(one))
    if len(made.points) > before:
        made.parts.append("the MIB that was given")


def _index(index: Oid) -> int | list[int]:
    return index[0] if len(index) == 1 else list(index)


def _decoding_keys(one: MibObject) -> dict[str, Any]:
    if one.kind == "text":
        return {"kind": "text"}
    if one.labels:
        labels: dict[int, str] = {}
        for number, word in one.labels:
            label = slug(word)
            labels[number] = label if label not in labels.values() else f"{label}_{number}"
        return {"labels": labels}
    return unit_keys(one.units)


def _add_sensors(made: Draft, objects: Mapping[Oid, Raw]) -> None:
    rows = [oid[len(_SENSOR) + 1 :] for oid in objects if oid[: len(_SENSOR) + 1] == (*_SENSOR, 4)]
    taken = 0
    for row in rows[:SENSORS_MAX]:
        kind, scale, precision = (objects.get((*_SENSOR, column, *row)) for column in (1, 2, 3))
        unit = _SENSOR_UNITS.get(kind) if isinstance(kind, int) else None
        if unit is None or not isinstance(scale, int) or not isinstance(precision, int):
            continue
        exponent = 3 * (scale - 9) - max(0, precision)
        point: dict[str, Any] = {"object": "entPhySensorValue", "unit": unit}
        point["oid"] = dotted((*_SENSOR, 4, *row))
        if exponent and abs(exponent) <= 24:
            point["scale"] = float(f"1e{exponent}")
        _add_point(made, f"{_sensor_name(objects, row)}_{unit}", point)
        taken += 1
    if taken:
        made.parts.append("ENTITY-SENSOR-MIB")


def _sensor_name(objects: Mapping[Oid, Raw], row: Oid) -> str:
    for column in _NAMES:
        found = objects.get((*column, *row))
        if isinstance(found, bytes) and found.strip(b"\0 "):
            return found.decode("latin-1").strip("\0 ")
    return f"sensor {dotted(row)}"


def _add_standard(
    made: Draft, known: str, profile: ProfileSchema, objects: Mapping[Oid, Raw]
) -> None:
    """Add the points of a shipped profile whose objects the device has."""
    taken = {
        str(name): point
        for name, point in profile.points.items()
        if str(name) not in made.points and _has_object(point, profile, objects)
    }
    if not taken or len(made.points) + len(taken) > POINTS_MAX:
        return
    made.points |= {name: {**point, "verified": "unverified"} for name, point in taken.items()}
    named = {arc for point in taken.values() for arc in read_oid(point["oid"])}
    for name, row in profile.rows.items():
        if name in named:
            made.rows.setdefault(name, row)
    for name, condition in profile.conditions.items():
        used = _names(condition) & {str(point) for point in profile.points}
        if used and used <= taken.keys() and name not in made.conditions:
            made.conditions[name] = condition
    made.parts.append(f"profile {known}")


def _names(condition: Mapping[str, Any]) -> set[str]:
    try:
        return set(names_in(parse(condition["true_when"])))
    except ExpressionError:
        return set()


def _has_object(point: Any, profile: ProfileSchema, objects: Mapping[Oid, Raw]) -> bool:
    arcs = read_oid(point["oid"])
    names = [arc for arc in arcs if isinstance(arc, str)]
    if not names:
        return arcs in objects
    index = profile.rows[names[0]].get("index")
    at = arcs.index(names[0])
    if index is not None:
        parts = index if isinstance(index, list) else [index]
        return (*arcs[:at], *parts, *arcs[at + 1 :]) in objects
    return any(oid[:at] == arcs[:at] for oid in objects)


def _add_unnamed(made: Draft, recording: Recording) -> None:
    """Add the vendor's scalars by number; an engineer compares them with the display."""
    for oid, tag in _vendor_scalars(recording):
        kind = {"kind": "text"} if tag in (4, 6, 64) else {"unit": "count"}
        arcs = "_".join(map(str, oid[len(_ENTERPRISES) : -1]))
        _add_point(made, f"object_{arcs}", {"oid": dotted(oid)} | kind)
    if made.points:
        made.parts.append("numbers alone, as no MIB was given")


def _vendor_scalars(recording: Recording) -> Iterator[tuple[Oid, int]]:
    count = 0
    for cell in recording.cells:
        is_vendors = cell.oid[: len(_ENTERPRISES)] == _ENTERPRISES
        if is_vendors and cell.oid[-1] == 0 and cell.tag != 5 and count < UNNAMED_MAX:
            count += 1
            yield cell.oid, cell.tag
