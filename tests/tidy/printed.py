"""Finds refused words in what people read: texts, profiles, dashboards, configurations.

Changes nothing. ``printed_words.txt`` has the words by language, ``printed_excepted.txt`` what
may have them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tidy.source import ROOT
from tests.tidy.words import blanked, table

SOURCES = ("monitord/texts/*.py", "monitord/config/texts/*.py")
FILES = ("monitord/profiles/*.yaml", "docs/skeletons/*.yaml", "config/**/*.yaml")
DASHBOARDS = ("deploy/grafana/dashboards/*.json",)
PLACEHOLDER = re.compile(r"\{[^{}]*\}|`[^`]*`")
NAMES = ("name", "short_name", "title", "what")
KEY = re.compile(r"\b[a-z_]+:(?=\s|$)")
CHINESE = re.compile("[一-鿿]")


@dataclass(frozen=True, slots=True)
class Printed:
    """A text that people read, with the key it has in its file; ``language``: zh or en."""

    path: str
    key: str
    language: str
    text: str


@cache
def refused() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return language, pattern and what to use instead of each refused word."""
    found = []
    for language, pattern, instead in table("printed_words.txt", 3):
        whole = pattern if language == "zh" else rf"\b(?:{pattern})\b"
        found.append((language, re.compile(whole, re.IGNORECASE), instead))
    return tuple(found)


def findings(texts: Iterator[Printed]) -> list[str]:
    """Return a line for each refused word: path, key, the word and what to use."""
    found = []
    for one in texts:
        text = blanked(PLACEHOLDER, one.text)
        for prefix, key, word, _ in table("printed_excepted.txt", 4):
            if one.path.startswith(prefix) and re.match(key, one.key):
                text = blanked(re.compile(word), text)
        for language, pattern, instead in refused():
            match = pattern.search(text) if language == one.language else None
            if match is not None:
                found.append(f"{one.path}: {one.key}: {match[0]!r} is refused, use {instead}")
    return found


def all_texts() -> Iterator[Printed]:
    """Yield all texts of the program, of what is shipped with it, and of the dashboards."""
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            yield from texts_of_python(_name(path), path.read_text("utf-8"))
    for pattern in DASHBOARDS:
        for path in sorted(ROOT.glob(pattern)):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield Printed(_name(path), f"line {number}", language_of(line), line)
    for pattern in FILES:
        for path in sorted(ROOT.glob(pattern)):
            yield from texts_of_yaml(_name(path), path.read_text("utf-8"))


def texts_of_python(path: str, source: str) -> Iterator[Printed]:
    """Yield the texts of every table in a module of texts."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                name = str(key.value) if isinstance(key, ast.Constant) else ""
                for part in value.elts if isinstance(value, ast.Tuple) else [value]:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield Printed(path, name, language_of(part.value), part.value)


def texts_of_yaml(path: str, source: str) -> Iterator[Printed]:
    """Yield what is in Chinese, what is said to be English, names, and a station's comments."""
    if not path.startswith("monitord/"):
        for number, line in enumerate(source.splitlines(), 1):
            comment = blanked(KEY, line.partition("#")[2])
            yield Printed(path, f"line {number}", language_of(comment), comment)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for keys, text in _leaves((), yaml.load(source, loader)):
        language = language_of(text)
        if language == "zh" or "en" in keys or keys[-1] in NAMES:
            yield Printed(path, ".".join(keys), language, text)


def _leaves(keys: tuple[str, ...], found: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _leaves((*keys, str(key)), value)
    elif isinstance(found, list):
        for value in found:
            yield from _leaves(keys, value)
    elif isinstance(found, str):
        yield keys, found


def language_of(text: str) -> str:
    """Return zh for a text with Chinese letters, else en."""
    return "zh" if CHINESE.search(text) else "en"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
