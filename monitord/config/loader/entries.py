"""Walks the mappings and lists whose entries people add. Owns ids' form and their uniqueness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from monitord.config.field_types import ID_ALLOWED, Refused, read_id
from monitord.config.loader.errors import Scope, shown
from monitord.config.loader.validation import read_shape

Shaped = TypeVar("Shaped", bound=BaseModel)


def entries(section: dict[Any, Any], scope: Scope, what: str) -> Iterator[tuple[str, Any, Scope]]:
    """Yield (id, what stands there, its scope) of each entry; there must be one.

    Entries with a bad id, which is noted, are yielded too: what stands there is checked as well.
    """
    if not section:
        scope.wrong(None, f"at least one {what}")
    for key, found in section.items():
        try:
            read_id(key)
        except Refused as refused:
            scope.note(f"{what} id {shown(key)}", ID_ALLOWED, refused.hint)
        yield str(key), found, scope.at(key)


def listed(
    shape: type[Shaped], items: list[Any], scope: Scope, key: str = ""
) -> Iterator[tuple[Shaped, Scope]]:
    """Yield a list's items that have the right shape; those with the same ``key`` are mistakes."""
    seen: dict[Any, int] = {}
    for index, found in enumerate(items):
        place = scope.at(index)
        made = read_shape(shape, found, place)
        if made is None:
            continue
        if key:
            value = getattr(made, key)
            if value in seen:
                place.at(key).note(f"{shown(value)} is already {scope.path[-1]}[{seen[value]}]")
            seen.setdefault(value, index)
        yield made, place
