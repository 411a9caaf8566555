"""The README's promises are held to the code."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.tidy import states
from tests.tidy.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def offered_by(module: str, name: str) -> Any:
    """Return what a module offers; skip while it does not yet, which the whole proof refuses."""
    found = getattr(import_module(module), name, None)
    if found is None:
        pytest.skip(f"{module}.{name} does not exist yet")
    return found


def section(title: str) -> str:
    """Return the text below a heading, up to the next of the same level."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_column(text: str) -> list[str]:
    """Return every name in backticks in the first column of the tables."""
    cells = re.findall(r"^\| (`[^|]*) \|", text, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_first_configuration_loads(tmp_path: Path) -> None:
    """Whoever follows the README to the letter gets a configuration without a mistake."""
    load = offered_by("monitord.config", "load")
    block = section("The first device in five minutes").split("```yaml\n")[1].split("```")[0]
    (tmp_path / "config" / "secrets").mkdir(parents=True)
    (tmp_path / "config" / "secrets" / "fm1").write_text("public\n")
    file = tmp_path / "config" / "first.yaml"
    file.write_text(re.sub(r"^   ", "", block, flags=re.MULTILINE), encoding="utf-8")
    settings = load(file)
    assert [programme.id for programme in settings.plan.programmes] == ["county_fm"]


def test_the_webhooks_json_is_documented_field_by_field() -> None:
    """The receiver's author needs every field, in the order it is sent, and no other."""
    message = offered_by("monitord.channels", "Message")
    documented = first_column(section("What is told: the webhook's JSON"))
    assert documented == [field.name for field in fields(message)]


def test_the_state_diagrams_are_those_of_the_tables() -> None:
    """A picture that differs from the table misleads; ``make states`` draws it anew."""
    assert states.standing() == states.diagrams()


def test_every_make_target_in_the_readme_exists() -> None:
    """A documented command that does not exist costs more than one that is not documented."""
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", README))
    assert named - targets == set()


def test_every_make_target_is_in_the_readme() -> None:
    """What nobody can find is not offered."""
    targets = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, flags=re.MULTILINE))
    assert {name for name in targets if f"make {name}" not in README} == {"help"}
