"""YAML is read without its guesses."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.config.loader.document import parse_document
from monitord.config.loader.errors import Scope
from tests.support.mistakes import without_line


def parsed(text: str) -> tuple[Any, list[str]]:
    scope = Scope("f")
    found = parse_document(text.encode(), scope)
    return found, [without_line(error) for error in scope.errors]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("05:55-24:00", "05:55-24:00"),
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("010", "010"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ('"12"', "12"),
        ("'true'", "true"),
    ],
)
def test_a_scalar_is_a_number_or_a_truth_only_in_its_exact_form(text: str, value: Any) -> None:
    """Times, switches and dates stay texts; quotes always mean a text."""
    found, errors = parsed(f"key: {text}")
    assert errors == []
    assert found == {"key": value}
    assert type(found["key"]) is type(value)


def test_a_bomb_of_aliases_is_refused_without_being_expanded() -> None:
    """Nine lines of aliases would be a thousand million values."""
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    _, errors = parsed("\n".join(lines))
    assert errors[0] == "f: an anchor (&) is not accepted; write the value out"
    assert len(errors) <= 10


def test_a_merge_key_is_only_a_key() -> None:
    """Merging is what aliases are for; without them it has no use."""
    found, errors = parsed("<<: {a: 1}\nb: 2")
    assert (found, errors) == ({"<<": {"a": 1}, "b": 2}, [])


def test_nesting_is_bounded_before_python_is() -> None:
    """Ten thousand brackets are an error of the file, not a crash."""
    _, errors = parsed("[" * 10_000 + "]" * 10_000)
    assert errors == ["f: more than 20 levels of nesting"]


def test_a_duplicate_key_is_reported_with_both_lines_and_the_first_is_kept() -> None:
    """Both places are where the mistake may be."""
    found, errors = parsed("a:\n  b: 1\n  b: 2\n")
    assert found == {"a": {"b": 1}}
    assert errors == ["f: a: key 'b' is written twice; first in line 2"]


def test_a_tab_inside_a_text_harms_nobody() -> None:
    """Only tabs in the indentation are mistakes."""
    assert parsed("a: 'x\ty'\n") == ({"a": "x\ty"}, [])


def test_a_key_that_is_a_list_is_reported() -> None:
    """YAML allows it, no configuration means it."""
    assert parsed("? [a, b]\n: 1\nc: 2\n") == (
        {"c": 2},
        ["f: a list or a mapping cannot be a key"],
    )


def test_a_key_cannot_forge_a_line_of_the_errors() -> None:
    """A key path is one printable, bounded line whatever the file holds."""
    _, errors = parsed('"x\\ny: all fine": {a: 1, a: 2}\n')
    assert errors == ["f: 'x\\ny: all fine': key 'a' is written twice; first in line 1"]
