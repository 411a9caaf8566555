"""The JSON Schema of the configuration, generated for editors. Checks nothing itself.

``python -m monitord.config.json_schema`` writes it. The values of a key are described in words, as
errors describe them; an editor can mark unknown and missing keys while one types.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, get_args

from monitord.config import schemas
from monitord.config.devices import traps
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.fields.field_types import FieldType
from monitord.config.loader.phrases import rendered
from monitord.config.programmes import FAULT_DEFAULTS
from monitord.config.schemas import Schema

FILE: Final = Path(__file__).resolve().parents[2] / "config" / "monitord.schema.json"

MAPS: Final[dict[tuple[type[Schema], str], type[Schema]]] = {
    (schemas.TopSchema, "devices"): schemas.DeviceSchema,
    (schemas.TopSchema, "programmes"): schemas.ProgrammeSchema,
    (schemas.TopSchema, "people"): schemas.PersonSchema,
    (schemas.TopSchema, "channels"): schemas.ChannelSchema,
    (schemas.DeviceSchema, "delays"): schemas.DelaysSchema,
    (schemas.HolidaysSchema, "notices"): schemas.NoticeSchema,
}
"""Sections of entries by id."""

NESTED: Final[dict[tuple[type[Schema], str], type[Schema]]] = {
    (schemas.TopSchema, "site"): schemas.SiteSchema,
    (schemas.TopSchema, "record"): schemas.RecordSchema,
    (schemas.TopSchema, "listen"): schemas.ListenSchema,
    (schemas.TopSchema, "traps"): traps.ReceiverSchema,
    **{(schemas.DeviceSchema, name): protocol.section for name, protocol in PROTOCOLS.items()},
    (schemas.ProgrammeSchema, "schedule"): schemas.ScheduleSchema,
    (schemas.TopSchema, "holidays"): schemas.HolidaysSchema,
    **{(schemas.ProgrammeSchema, name): schemas.FaultSchema for name in FAULT_DEFAULTS},
}

LISTS: Final[dict[tuple[type[Schema], str], type[Schema]]] = {
    (schemas.ProgrammeSchema, "chain"): schemas.StageSchema,
    (schemas.StageSchema, "members"): schemas.MemberSchema,
    (schemas.ProgrammeSchema, "witnesses"): schemas.WitnessSchema,
    (schemas.StageSchema, "degraded"): schemas.DegradedSchema,
}


ALARMS: Final = ((schemas.ConditionSchema, "alarm"), (schemas.OwnAlarmSchema, "alarm"))
"""A section, or false."""


def whole() -> dict[str, Any]:
    """Return the whole schema. Included files have some sections each: none is required here."""
    top = _object(schemas.TopSchema)
    del top["required"]
    title = "monitord configuration"
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, **top}


def _object(schema: type[Schema]) -> dict[str, Any]:
    properties = {name: _value(schema, name) for name in schema.model_fields}
    found: dict[str, Any] = {"type": "object", "properties": properties}
    found["additionalProperties"] = False
    found["required"] = [n for n, field in schema.model_fields.items() if field.is_required()]
    return found


def _value(schema: type[Schema], name: str) -> dict[str, Any]:
    key = schema, name
    if key in MAPS:
        return {"type": "object", "additionalProperties": _object(MAPS[key])}
    if key in NESTED:
        return _object(NESTED[key])
    if key in LISTS:
        return {"type": "array", "items": _object(LISTS[key])}
    if key in ALARMS:
        return {"anyOf": [{"enum": [False]}, _object(schemas.ConditionAlarmSchema)]}
    if key == (schemas.DeviceSchema, "conditions"):
        kinds = [_object(schemas.ConditionSchema), _object(schemas.OwnAlarmSchema)]
        return {"type": "object", "additionalProperties": {"anyOf": kinds}}
    if key == (schemas.DeviceSchema, "points"):
        kinds = [_object(protocol.point) for protocol in PROTOCOLS.values()]
        kinds.append(_object(schemas.DerivedSchema))
        return {"type": "object", "additionalProperties": {"anyOf": kinds}}
    return _leaf(schema, name)


def _leaf(schema: type[Schema], name: str) -> dict[str, Any]:
    field = schema.model_fields[name]
    optional = (part for arg in get_args(field.annotation) for part in get_args(arg)[1:])
    for type_ in (*field.metadata, *optional):
        if isinstance(type_, FieldType):
            if len(type_.choices) > 1:
                return {"enum": list(type_.choices)}
            return {"description": rendered(type_.allowed, "en")}
    return {}


def text() -> str:
    """Return the text of the schema's file."""
    return json.dumps(whole(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
