"""Reads a section into its shape. Owns how pydantic's errors are said; knows no rule itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitord.config.field_types import Kind
from monitord.config.loader.errors import Scope, nearest, shown

Shaped = TypeVar("Shaped", bound=BaseModel)


def read_shape(
    shape: type[Shaped], found: Any, scope: Scope, stand_ins: Mapping[str, Any] | None = None
) -> Shaped | None:
    """Return ``found`` as ``shape``, or None with every mistake noted in ``scope``.

    ``stand_ins``: what takes the place of required keys that are wrong, so that the rest of the
    section can be checked all the same.
    """
    if not isinstance(found, dict):
        scope.wrong(found, "a mapping of keys to values")
        return None
    unknown = [key for key in found if key not in shape.model_fields]
    for key in unknown:
        scope.note(f"unknown key {shown(key)}", "", nearest(key, shape.model_fields))
    known = {key: value for key, value in found.items() if key not in unknown}
    try:
        made = shape.model_validate(known)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            _note(detail, shape, unknown, scope)
        wrong = {str(detail["loc"][0]) for detail in details}
        return None if stand_ins is None else _without(wrong, shape, known, stand_ins)
    return made if stand_ins is not None or not unknown else None


def _without(
    wrong: set[str], shape: type[Shaped], known: dict[str, Any], stand_ins: Mapping[str, Any]
) -> Shaped | None:
    kept = {key: value for key, value in known.items() if key not in wrong}
    kept |= {key: stand_ins[key] for key in wrong if key in stand_ins}
    try:
        return shape.model_validate(kept)
    except ValidationError:
        return None


def _note(detail: ErrorDetails, shape: type[BaseModel], unknown: list[Any], scope: Scope) -> None:
    key = str(detail["loc"][0])
    place = scope.at(*detail["loc"])
    if detail["type"] == "missing":
        # A misspelt key was told already; its absence under the right name is the same mistake.
        if not any(f"{key!r}?" in nearest(name, shape.model_fields) for name in unknown):
            place.wrong(None, _allowed(shape, key))
        return
    context = detail.get("ctx") or {}
    place.note(str(context["found"]), str(context["allowed"]), str(context["hint"]))


def _allowed(shape: type[BaseModel], key: str) -> str:
    """Return what the kind of a required key says of itself."""
    kinds = [kind for kind in shape.model_fields[key].metadata if isinstance(kind, Kind)]
    return kinds[0].allowed
