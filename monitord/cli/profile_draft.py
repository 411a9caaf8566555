"""Drafts a device profile from a walk and a MIB. Guesses, and marks all of it as a guess; no I/O.

Takes points over from shipped profiles of standard MIBs where the device has the objects; sensors
of ENTITY-SENSOR-MIB (RFC 3433) with their own units; objects of a vendor's MIB by their names; and,
where there is nothing better, the vendor's scalars by their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from monitord.cli.mib import MibObject
from monitord.config.expressions.grammar import ExpressionError, names_in, parse
from monitord.config.fields.field_types import RESERVED, read_oid
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
_UNITS = {
    "%": "percent",
    "percent": "percent",
    "percentage": "percent",
    "volt": "V",
    "volts": "V",
    "v": "V",
    "mv": "mV",
    "a": "A",
    "amp": "A",
    "amps": "A",
    "ampere": "A",
    "amperes": "A",
    "w": "W",
    "watt": "W",
    "watts": "W",
    "mw": "mW",
    "kw": "kW",
    "hz": "Hz",
    "hertz": "Hz",
    "khz": "kHz",
    "mhz": "MHz",
    "c": "degC",
    "celsius": "degC",
    "degrees celsius": "degC",
    "degrees centigrade": "degC",
    "degree": "degC",
    "degrees": "degC",
    "s": "s",
    "seconds": "s",
    "minutes": "min",
    "rpm": "rpm",
    "db": "dB",
    "dbm": "dBm",
    "dbuv": "dBuV",
}
_UNIT = re.compile(r"\s*(?:(?:x|in|units of)\s+)?([0-9]*\.?[0-9]+)?\s*\*?\s*(.*?)\s*")
_DRAFTED = "drafted by monitord profile new; compare with the manual and the display"
_ID_MAX = 63

Points = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Draft:
    """What a profile will say. ``parts``: from what it was drafted, for people."""

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
            "# A draft: every name, unit, scale and label in it is a guess until somebody held it",
            "# against the equipment. Rename the points, leave out what nobody needs, write what",
            "# the equipment does under conditions (docs/profiles.md), then check and test it.",
            f"# From: {', '.join(self.parts)}.",
        ]
        return [*head, *text.splitlines()]


def object_id_of(objects: Mapping[Oid, Raw]) -> str:
    """Return the sysObjectID in a walk, "" where it has none."""
    found = objects.get(SYS_OBJECT_ID)
    return found if isinstance(found, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)+", found) else ""


def recognised(profiles: Mapping[str, ProfileSchema], objects: Mapping[Oid, Raw]) -> list[str]:
    """Return the profiles that say they are about such a device, the most specific first."""
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
    """Return what can be drafted of a walk."""
    objects = recording.objects()
    made = Draft(name, object_id_of(objects))
    _take_mib(made, objects, mib)
    _take_sensors(made, objects)
    for known, profile in standard.items():
        _take_standard(made, known, profile, objects)
    if not made.points:
        _take_unnamed(made, recording)
    return made


def _arcs(text: Any) -> Oid:
    return tuple(map(int, str(text).split(".")))


def _is_there(part: Oid, objects: Mapping[Oid, Raw]) -> bool:
    return any(oid[: len(part)] == part for oid in objects)


def _add(made: Draft, wanted: str, point: dict[str, Any]) -> str:
    """Put a point in under a name of its own; return that."""
    id_ = slug(wanted)
    number = 2
    while id_ in made.points:
        tail = f"_{number}"
        id_, number = slug(wanted)[: _ID_MAX - len(tail)] + tail, number + 1
    if len(made.points) < POINTS_MAX:
        made.points[id_] = point | {"verified": "unverified"}
    return id_


def slug(text: str) -> str:
    """Return a name as ids are written: forwardPower becomes forward_power."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    words = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not words or not words[0].isalpha() or words in RESERVED:
        words = f"object_{words}".rstrip("_")
    return words[:_ID_MAX].rstrip("_")


def _take_mib(made: Draft, objects: Mapping[Oid, Raw], mib: Sequence[MibObject]) -> None:
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
        _add(made, one.name, point | _meaning(one))
    if len(made.points) > before:
        made.parts.append("the MIB that was given")


def _index(index: Oid) -> int | list[int]:
    return index[0] if len(index) == 1 else list(index)


def _meaning(one: MibObject) -> dict[str, Any]:
    if one.kind == "text":
        return {"kind": "text"}
    if one.labels:
        labels: dict[int, str] = {}
        for number, word in one.labels:
            label = slug(word)
            labels[number] = label if label not in labels.values() else f"{label}_{number}"
        return {"labels": labels}
    return _unit(one.units)


def _unit(units: str) -> dict[str, Any]:
    """Return unit and scale of a MIB's UNITS, such as ``0.1 Volt DC``."""
    match = _UNIT.fullmatch(units)
    number, word = (match[1], match[2]) if match else (None, units)
    first = word.split()[0] if word else ""
    unit = _UNITS.get(word.lower()) or _UNITS.get(first.lower())
    if unit is None:
        unit = word[:20] if word and word.isprintable() else "count"
    found: dict[str, Any] = {"unit": unit}
    scale = float(number) if number else 1.0
    if scale not in (0.0, 1.0):
        found["scale"] = scale
    return found


def _take_sensors(made: Draft, objects: Mapping[Oid, Raw]) -> None:
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
        _add(made, f"{_sensor_name(objects, row)}_{unit}", point)
        taken += 1
    if taken:
        made.parts.append("ENTITY-SENSOR-MIB")


def _sensor_name(objects: Mapping[Oid, Raw], row: Oid) -> str:
    for column in _NAMES:
        found = objects.get((*column, *row))
        if isinstance(found, bytes) and found.strip(b"\0 "):
            return found.decode("latin-1").strip("\0 ")
    return f"sensor {dotted(row)}"


def _take_standard(
    made: Draft, known: str, profile: ProfileSchema, objects: Mapping[Oid, Raw]
) -> None:
    """Take the points of a shipped profile over whose objects the device has."""
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


def _take_unnamed(made: Draft, recording: Recording) -> None:
    """Take the vendor's scalars, which is better than nothing: a technician knows the display."""
    for oid, tag in _vendor_scalars(recording):
        kind = {"kind": "text"} if tag in (4, 6, 64) else {"unit": "count"}
        arcs = "_".join(map(str, oid[len(_ENTERPRISES) : -1]))
        _add(made, f"object_{arcs}", {"oid": dotted(oid)} | kind)
    if made.points:
        made.parts.append("numbers alone, as no MIB was given")


def _vendor_scalars(recording: Recording) -> Iterator[tuple[Oid, int]]:
    count = 0
    for cell in recording.cells:
        is_vendors = cell.oid[: len(_ENTERPRISES)] == _ENTERPRISES
        if is_vendors and cell.oid[-1] == 0 and cell.tag != 5 and count < UNNAMED_MAX:
            count += 1
            yield cell.oid, cell.tag
