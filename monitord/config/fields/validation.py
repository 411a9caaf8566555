"""Reads a section into its schema. Owns how pydantic's errors become ours; knows no rule itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitord.config.fields.field_types import MAPPING_ALLOWED, FieldType
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import Part, Phrase, nearest, phrase, shown
from monitord.similar import similar

Model = TypeVar("Model", bound=BaseModel)


def read_schema(
    schema: type[Model], found: Any, scope: Scope, stand_ins: Mapping[str, Any] | None = None
) -> Model | None:
    """Return ``found`` as ``schema``, or None with every mistake noted in ``scope``.

    ``stand_ins``: values for required keys that are wrong, so that the rest of the section can be
    checked all the same.
    """
    if not isinstance(found, dict):
        scope.wrong(found, MAPPING_ALLOWED, _mistyped(found))
        return None
    known = {key: value for key, value in found.items() if key in schema.model_fields}
    misspelt = {_unknown(key, schema, scope) for key in found if key not in known}
    try:
        made = schema.model_validate(known)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            _note(detail, schema, misspelt, scope)
        wrong = {str(detail["loc"][0]) for detail in details}
        return None if stand_ins is None else _without(wrong, schema, known, stand_ins)
    return made if stand_ins is not None or not misspelt else None


def _unknown(key: Any, schema: type[BaseModel], scope: Scope) -> str:
    """Note a key that the section does not have; return the one that was probably meant, or ""."""
    hint = _mistyped(key) or nearest(key, schema.model_fields, "keys")
    scope.note(phrase("unknown.key", name=shown(key)), hint=hint, key=key)
    return similar(str(key), schema.model_fields) or ""


def _mistyped(found: Any) -> Part:
    """Return a hint where a colon was typed so that YAML takes key and value as one text."""
    if not isinstance(found, str) or " " in found:
        return ""
    if "：" in found:
        return Phrase("hint.full_width")
    key, colon, value = found.partition(":")
    is_key = key.replace("_", "").isalnum() and value and not value.startswith(("//", ":"))
    return Phrase("hint.space_after_colon") if colon and is_key else ""


def _without(
    wrong: set[str], schema: type[Model], known: dict[str, Any], stand_ins: Mapping[str, Any]
) -> Model | None:
    kept = {key: value for key, value in known.items() if key not in wrong}
    kept |= {key: stand_ins[key] for key in wrong if key in stand_ins}
    try:
        return schema.model_validate(kept)
    except ValidationError:
        return None


def _note(detail: ErrorDetails, schema: type[BaseModel], misspelt: set[str], scope: Scope) -> None:
    key = str(detail["loc"][0])
    place = scope.at(*detail["loc"])
    if detail["type"] == "missing":
        # A misspelt key is noted already; its absence under the right name is the same mistake.
        if key not in misspelt:
            place.wrong(None, _allowed(schema, key))
        return
    for keys, found, allowed, hint in detail["ctx"]["parts"]:
        place.at(*keys).note(found, allowed, hint)


def _allowed(schema: type[BaseModel], key: str) -> Part:
    """Return the text of the type of a required key."""
    types = [one for one in schema.model_fields[key].metadata if isinstance(one, FieldType)]
    return types[0].allowed
