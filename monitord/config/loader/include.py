"""Reads a configuration that is split over several files as if it were one.

Owns which file a section's entry came from, so that its mistakes name that file; knows no key but
``include``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from monitord.config.loader.document import parse_document, read_document, read_part
from monitord.config.loader.errors import Report, Scope
from monitord.config.loader.files import UnreadableError
from monitord.config.loader.phrases import nearest, phrase, shown
from monitord.similar import similar

INCLUDE = "include"
FILES_MAX = 100


def read_files(
    path: Path, sections: Collection[str], given: Mapping[str, bytes] | None = None
) -> tuple[Any, Scope]:
    """Return the content of the file at ``path`` and of those it includes, and its scope.

    ``sections``: the keys a file may have. A section of entries (devices, programmes, people,
    channels) may be in several files; an entry, or a section that is one thing (site, record,
    listen), in one. Names of included files start from the first file's folder; they include no
    others. What could not be read is None. ``given``: read these instead of files.
    """
    scope = Scope(str(path), report=Report(given=given))
    found = read_document(path, scope)
    if not isinstance(found, dict) or INCLUDE not in found:
        return found, scope
    merged = {key: dict(part) if isinstance(part, dict) else part for key, part in found.items()}
    files = {path}
    for name, place in _names(found[INCLUDE], scope.at(INCLUDE)):
        file = path.parent / name
        if file in files:
            place.note(phrase("twice.file", name=shown(name)))
            continue
        files.add(file)
        own = scope.in_file(str(file))
        try:
            raw = read_part(file, f"include:{name}", scope)
        except UnreadableError as error:
            place.note(phrase("file.unreadable", name=shown(name), reason=error.reason))
            continue
        part = _read_included(raw, own, sections)
        if part is not None:
            _merge(part, merged, own, scope, sections)
    return merged, scope


def _names(found: Any, scope: Scope) -> list[tuple[str, Scope]]:
    if not isinstance(found, list) or len(found) > FILES_MAX:
        scope.wrong(found, phrase("type.files", most=FILES_MAX))
        return []
    names = []
    for index, name in enumerate(found):
        if isinstance(name, str) and name:
            names.append((name, scope.at(index)))
        else:
            scope.at(index).wrong(name, phrase("type.file"))
    return names


def _read_included(raw: bytes, own: Scope, sections: Collection[str]) -> dict[Any, Any] | None:
    """Return an included file's sections, or None with the mistakes noted. ``raw``: its content.

    A file without any known section may be a secret that was named by mistake: nothing of its
    content is repeated.
    """
    alone = Scope(own.file)
    found = parse_document(raw, alone)
    is_own = isinstance(found, dict) and not found.keys().isdisjoint(sections)
    if found is None or is_own:
        own.take_over(alone)
        return found if is_own else None
    _note_no_sections(found, own, sections, alone)
    return None


def _note_no_sections(found: Any, own: Scope, sections: Collection[str], alone: Scope) -> None:
    """Note a file without sections; only keys that are nearly one are repeated."""
    own.report.places |= alone.report.places
    near = [key for key in found if similar(str(key), sections)] if isinstance(found, dict) else []
    for key in near:
        hint = nearest(key, sections)
        own.note(phrase("unknown.key", name=shown(key)), hint=hint, key=key)
    if not near:
        own.note(phrase("file.no_sections", names=tuple(sections)))


def _merge(
    part: dict[Any, Any],
    merged: dict[Any, Any],
    own: Scope,
    scope: Scope,
    sections: Collection[str],
) -> None:
    """Add one file's sections to the others', and note which file each entry is in."""
    for key, section in part.items():
        if key == INCLUDE:
            own.at(key).note(phrase("include.nested"), hint=phrase("include.in_first"))
        elif key not in sections:
            hint = nearest(key, sections, "keys")
            own.note(phrase("unknown.key", name=shown(key)), hint=hint, key=key)
        elif key not in merged:
            merged[key] = dict(section) if isinstance(section, dict) else section
            scope.homes[(str(key),)] = own.file
        elif isinstance(section, dict) and isinstance(merged[key], dict):
            _merge_entries(str(key), section, merged[key], own, scope)
        else:
            first = scope.at(key).file
            own.at(key).note(phrase("twice.elsewhere", name=str(key), file=first))


def _merge_entries(
    key: str, section: dict[Any, Any], into: dict[Any, Any], own: Scope, scope: Scope
) -> None:
    for id_, entry in section.items():
        if id_ in into:
            first = scope.at(key, id_).file
            own.at(key, id_).note(phrase("twice.elsewhere", name=shown(id_), file=first))
            continue
        into[id_] = entry
        scope.homes[key, str(id_)] = own.file
