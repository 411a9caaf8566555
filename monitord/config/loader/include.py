"""Reads a configuration that is split over several files as if it were one.

Owns which file a section's entry came from, so that its mistakes name that file; knows no key but
``include``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitord.config.loader.document import read_document
from monitord.config.loader.errors import Scope, nearest, shown
from monitord.config.schemas import TopShape

INCLUDE = "include"
FILES_MAX = 100


def read_files(path: Path) -> tuple[Any, Scope]:
    """Return what the file at ``path`` and those it includes say, and the scope to read it in.

    A section of entries (devices, programmes, people, channels) may stand in any of the files; an
    entry, or a section that is one thing (site, record, listen), in one. Included files are named
    from the first file's folder and include no others. What could not be read is None.
    """
    scope = Scope(str(path))
    found = read_document(path, scope)
    if not isinstance(found, dict) or INCLUDE not in found:
        return found, scope
    merged = {key: dict(part) if isinstance(part, dict) else part for key, part in found.items()}
    for name, place in _names(found[INCLUDE], scope.at(INCLUDE)):
        file = path.parent / name
        if str(file) in scope.homes.values() or file == path:
            place.note(f"file {shown(name)} stands here twice")
            continue
        own = scope.in_file(str(file))
        part = read_document(file, own)
        if isinstance(part, dict):
            _merge(part, merged, own, scope)
        elif part is not None:
            own.wrong(part, "a mapping of keys to values")
    return merged, scope


def _names(found: Any, scope: Scope) -> list[tuple[str, Scope]]:
    if not isinstance(found, list) or len(found) > FILES_MAX:
        scope.wrong(found, f"a list of at most {FILES_MAX} file names")
        return []
    names = []
    for index, name in enumerate(found):
        if isinstance(name, str) and name:
            names.append((name, scope.at(index)))
        else:
            scope.at(index).wrong(name, "a file name")
    return names


def _merge(part: dict[Any, Any], merged: dict[Any, Any], own: Scope, scope: Scope) -> None:
    """Put one file's sections to the others', and note where each entry stands."""
    for key, section in part.items():
        if key == INCLUDE:
            own.at(key).note("an included file includes no others", "", "list it in the first file")
        elif key not in TopShape.model_fields:
            own.note(f"unknown key {shown(key)}", "", nearest(key, TopShape.model_fields))
        elif key not in merged:
            merged[key] = dict(section) if isinstance(section, dict) else section
            scope.homes[(str(key),)] = own.file
        elif isinstance(section, dict) and isinstance(merged[key], dict):
            _merge_entries(str(key), section, merged[key], own, scope)
        else:
            first = scope.at(key).file
            own.at(key).note(f"{key} stands in {first} already")


def _merge_entries(
    key: str, section: dict[Any, Any], into: dict[Any, Any], own: Scope, scope: Scope
) -> None:
    for id_, entry in section.items():
        if id_ in into:
            first = scope.at(key, id_).file
            own.at(key, id_).note(f"{shown(id_)} stands in {first} already")
            continue
        into[id_] = entry
        scope.homes[key, str(id_)] = own.file
