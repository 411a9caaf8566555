"""Walks the mappings and lists whose entries people add. Owns ids' form and uniqueness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from monitord.config.fields.field_types import ID_ALLOWED, Refused, read_id
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, shown

Model = TypeVar("Model", bound=BaseModel)


def entries(section: dict[Any, Any], scope: Scope, what: str) -> Iterator[tuple[str, Any, Scope]]:
    """Yield (id, its value, its scope) of each entry; there must be one.

    ``what``: the code of what an entry is. Entries with a bad id, which is noted, are yielded too,
    so that their values are checked as well.
    """
    if not section:
        scope.note(phrase("empty", what=phrase(f"what.{what}")))
    for key, found in section.items():
        try:
            read_id(key)
        except Refused as refused:
            id_ = phrase("id", what=phrase(f"what.{what}"), id=shown(key))
            scope.note(id_, ID_ALLOWED, refused.hint, key=key)
        yield str(key), found, scope.at(key)


def listed(
    schema: type[Model], items: list[Any], scope: Scope, key: str = ""
) -> Iterator[tuple[Model, Scope]]:
    """Yield a list's items that fit the schema; two with the same ``key`` are a mistake."""
    seen: dict[Any, int] = {}
    for index, found in enumerate(items):
        place = scope.at(index)
        made = read_schema(schema, found, place)
        if made is None:
            continue
        if key:
            value = getattr(made, key)
            if value in seen:
                first = f"{scope.path[-1]}[{seen[value]}]"
                place.at(key).note(phrase("twice.item", name=shown(value), first=first))
            seen.setdefault(value, index)
        yield made, place
