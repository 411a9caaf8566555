"""The JSON Schema that editors use: true to the shapes, and true of the shipped files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from monitord.config.json_schema import FILE, text

CONFIG = FILE.parent
FILES = sorted(p for p in CONFIG.rglob("*.yaml") if "secrets" not in p.parts)


def errors_of(found: dict[str, Any]) -> list[str]:
    """Return what the schema has against a configuration."""
    validator = jsonschema.Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))
    return [error.message for error in validator.iter_errors(found)]


def test_the_shipped_schema_is_up_to_date() -> None:
    """``python -m monitord.config.json_schema`` writes it after a change of a key."""
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_shipped_file_names_the_schema_and_keeps_to_it(path: Path) -> None:
    """The first line points an editor at the schema, and nothing in the file is marked."""
    content = path.read_text(encoding="utf-8")
    reference = content.splitlines()[0].partition("$schema=")[2]
    assert (path.parent / reference).resolve() == FILE
    assert errors_of(yaml.load(content, yaml.BaseLoader)) == []


@pytest.mark.parametrize(
    ("section", "entry"),
    [
        ("people", {"name": "值机台", "tell": ["console"], "langauge": "zh"}),
        ("people", {"name": "值机台"}),
        ("channels", {"kind": "carrier_pigeon"}),
        ("devices", {"name": "a", "poll_every": "1s", "snmp": {"adress": "10.1.1.1"}}),
    ],
)
def test_an_editor_marks_what_the_checker_would_refuse(section: str, entry: Any) -> None:
    """Unknown keys, missing keys and words that are not allowed."""
    assert errors_of({section: {"some_id": entry}})
