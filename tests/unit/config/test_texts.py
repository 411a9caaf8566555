"""The texts of errors: both languages have the same, and the code uses exactly those."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator

import pytest

from monitord.config.texts import TEXTS
from tests.tidy.source import ROOT

SOURCES = sorted((ROOT / "monitord" / "config").rglob("*.py"))
COMPOSED = ("what.", "unknown.", "known", "keys", "labels")
"""Begins of codes that a caller completes: ``scope.unknown("point", …)``."""


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def phrases() -> Iterator[tuple[str, set[str] | None]]:
    """Yield (code, gaps that are filled) of every phrase in the source; None: unknown."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("phrase", "Phrase") and node.args:
                names = {keyword.arg for keyword in node.keywords}
                given = None if None in names else {str(name) for name in names}
                for code in ast.walk(node.args[0]):
                    if isinstance(code, ast.Constant) and code.value in TEXTS["en"]:
                        yield str(code.value), given


def test_both_languages_have_the_same_keys_and_gaps() -> None:
    """A text that is missing, or lacks a gap, would be found by its reader only."""
    english, chinese = TEXTS["en"], TEXTS["zh"]
    assert english.keys() == chinese.keys()
    assert [key for key, text in english.items() if gaps(text) != gaps(chinese[key])] == []


def test_every_phrase_fills_the_gaps_of_its_text() -> None:
    """A gap left open would be a crash in place of an error."""
    found = [(code, given) for code, given in phrases() if given is not None]
    assert len(found) > 200
    assert [code for code, given in found if given != gaps(TEXTS["en"][code])] == []


def test_no_text_is_without_use() -> None:
    """A text that nothing prints would be translated for nobody."""
    source = "".join(path.read_text("utf-8") for path in SOURCES if "texts" not in path.parts)
    unused = [key for key in TEXTS["en"] if f'"{key}"' not in source]
    assert [key for key in unused if not key.startswith(COMPOSED)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_ends_like_a_sentence_of_prose(language: str) -> None:
    """Texts are joined: a full stop in the middle of a line misleads."""
    assert [key for key, text in TEXTS[language].items() if text.endswith((".", "。"))] == []
