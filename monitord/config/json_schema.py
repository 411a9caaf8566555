"""The JSON Schema of the configuration, generated for editors. Checks nothing itself.

``python -m monitord.config.json_schema`` writes it. The values of a key are described in words, as
errors describe them; an editor can mark unknown and missing keys while one types.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, get_args

from monitord.config import schemas as shapes
from monitord.config.devices import traps
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.field_types import FieldType
from monitord.config.loader.phrases import rendered
from monitord.config.schemas import Shape

FILE: Final = Path(__file__).resolve().parents[2] / "config" / "monitord.schema.json"

MAPS: Final[dict[tuple[type[Shape], str], type[Shape]]] = {
    (shapes.TopShape, "devices"): shapes.DeviceShape,
    (shapes.TopShape, "programmes"): shapes.ProgrammeShape,
    (shapes.TopShape, "people"): shapes.PersonShape,
    (shapes.TopShape, "channels"): shapes.ChannelShape,
    (shapes.DeviceShape, "conditions"): shapes.ConditionShape,
    (shapes.DeviceShape, "delays"): shapes.DelaysShape,
}
"""Sections of entries by id."""

NESTED: Final[dict[tuple[type[Shape], str], type[Shape]]] = {
    (shapes.TopShape, "site"): shapes.SiteShape,
    (shapes.TopShape, "record"): shapes.RecordShape,
    (shapes.TopShape, "listen"): shapes.ListenShape,
    (shapes.TopShape, "traps"): traps.ReceiverShape,
    **{(shapes.DeviceShape, name): protocol.section for name, protocol in PROTOCOLS.items()},
    (shapes.ProgrammeShape, "schedule"): shapes.ScheduleShape,
    (shapes.ProgrammeShape, "off_air"): shapes.FaultShape,
    (shapes.ProgrammeShape, "blind"): shapes.FaultShape,
    (shapes.ProgrammeShape, "reserve_lost"): shapes.FaultShape,
}

LISTS: Final[dict[tuple[type[Shape], str], type[Shape]]] = {
    (shapes.ProgrammeShape, "chain"): shapes.StageShape,
    (shapes.StageShape, "members"): shapes.MemberShape,
    (shapes.StageShape, "degraded"): shapes.DegradedShape,
}


def schema() -> dict[str, Any]:
    """Return the whole schema. Included files have some sections each: none is required here."""
    whole = _object(shapes.TopShape)
    del whole["required"]
    title = "monitord configuration"
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, **whole}


def _object(shape: type[Shape]) -> dict[str, Any]:
    properties = {name: _value(shape, name) for name in shape.model_fields}
    found: dict[str, Any] = {"type": "object", "properties": properties}
    found["additionalProperties"] = False
    found["required"] = [n for n, field in shape.model_fields.items() if field.is_required()]
    return found


def _value(shape: type[Shape], name: str) -> dict[str, Any]:
    key = shape, name
    if key in MAPS:
        return {"type": "object", "additionalProperties": _object(MAPS[key])}
    if key in NESTED:
        return _object(NESTED[key])
    if key in LISTS:
        return {"type": "array", "items": _object(LISTS[key])}
    if key == (shapes.DeviceShape, "points"):
        kinds = [_object(protocol.point) for protocol in PROTOCOLS.values()]
        kinds.append(_object(shapes.DerivedShape))
        return {"type": "object", "additionalProperties": {"anyOf": kinds}}
    return _leaf(shape, name)


def _leaf(shape: type[Shape], name: str) -> dict[str, Any]:
    field = shape.model_fields[name]
    optional = (part for arg in get_args(field.annotation) for part in get_args(arg)[1:])
    for type_ in (*field.metadata, *optional):
        if isinstance(type_, FieldType):
            if len(type_.choices) > 1:
                return {"enum": list(type_.choices)}
            return {"description": rendered(type_.allowed, "en")}
    return {}


def text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
