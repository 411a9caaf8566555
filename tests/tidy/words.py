"""Finds refused words in comments, docstrings, names of tests and documents. Changes nothing.

``python -m tests.tidy.words [PATH …]`` prints what is left in these files or folders, and the
number for each folder. ``words.txt`` has the words; ``words_excepted.txt`` has the exceptions.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.tidy.source import ROOT, Source, read_sources

HERE = Path(__file__).resolve().parent
DOCUMENTS = ("README*.md", "CHANGELOG.md", "docs/*.md", "deploy/*.md", "deploy/*/*.md")
CODE_IN_PYTHON = re.compile(r"``.*?``|https?://\S+", re.DOTALL)
CODE_IN_MARKDOWN = re.compile(
    r"^(```|~~~).*?^\1|``.*?``|`[^`\n]*`|<!--.*?-->|https?://\S+|\]\([^)]*\)",
    re.DOTALL | re.MULTILINE,
)

Text = tuple[int, str]  # first line, prose


@dataclass(frozen=True, slots=True)
class Word:
    """A pattern that prose does not use, and the words to use instead."""

    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True, slots=True)
class Excepted:
    """``text`` is allowed in files whose path begins with ``prefix``."""

    prefix: str
    text: re.Pattern[str]


def table(name: str, columns: int) -> list[list[str]]:
    """Return the rows of a table file; each has so many columns, separated by tabs."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert all(len(row) == columns and all(row) for row in rows), f"{name}: {columns} columns"
    return rows


@cache
def words() -> tuple[Word, ...]:
    return tuple(
        Word(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), instead)
        for pattern, instead in table("words.txt", 2)
    )


@cache
def exceptions() -> tuple[Excepted, ...]:
    return tuple(
        Excepted(prefix, re.compile(text))
        for prefix, text, _reason in table("words_excepted.txt", 3)
    )


def prose_of_python(source: Source) -> Iterator[Text]:
    """Yield comments, docstrings and names of tests; code in double backticks is left out."""
    if may_have_refused_comments(source.text):
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    for node in source.nodes:
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, blanked(CODE_IN_PYTHON, text)
    for function in source.functions:
        if source.is_in("tests/") and function.name.startswith("test_"):
            yield function.lineno, function.name.replace("_", " ")


def may_have_refused_comments(text: str) -> bool:
    """Return whether a refused word follows a ``#`` in a line; few files need their tokens."""
    behind = "\n".join(line.partition("#")[2] for line in text.splitlines() if "#" in line)
    return any(word.pattern.search(behind) for word in words())


def prose_of_markdown(text: str) -> Iterator[Text]:
    """Yield a document's text; code, comments and the targets of links are left out."""
    yield 1, blanked(CODE_IN_MARKDOWN, text)


def blanked(pattern: re.Pattern[str], text: str) -> str:
    """Replace each match by spaces; lines and places stay as they are."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def findings(path: str, prose: Iterator[Text]) -> list[str]:
    """Return a line for each refused word: ``path:line: 'X' is refused, use Y``."""
    allowed = [item.text for item in exceptions() if path.startswith(item.prefix)]
    found = []
    for first, text in prose:
        for exception in allowed:
            text = blanked(exception, text)  # noqa: PLW2901 - each narrows what is left
        for word in words():
            for match in word.pattern.finditer(text):
                line = first + text.count("\n", 0, match.start())
                found.append(f"{path}:{line}: {match[0]!r} is refused, use {word.instead}")
    return found


def documents() -> Iterator[Path]:
    """Yield the project's documents."""
    for pattern in DOCUMENTS:
        yield from sorted(ROOT.glob(pattern))


def all_findings() -> list[str]:
    """Return every refused word of the project."""
    found = []
    for source in read_sources():
        if not source.is_in("tests/tidy/words"):
            found += findings(source.path, prose_of_python(source))
    for file in documents():
        name = file.relative_to(ROOT).as_posix()
        found += findings(name, prose_of_markdown(file.read_text(encoding="utf-8")))
    return found


def main() -> int:
    """Print what is left below the paths asked for, then the number for each folder."""
    asked = tuple(sys.argv[1:]) or ("",)
    found = [line for line in all_findings() if line.startswith(asked)]
    for line in found:
        sys.stdout.write(f"{line}\n")
    folders = Counter("/".join(line.split(":")[0].split("/")[:-1][:3]) or "." for line in found)
    sys.stdout.write("\n" if found else "")
    for folder, count in sorted(folders.items()):
        sys.stdout.write(f"{count:6d}  {folder}\n")
    sys.stdout.write(f"{len(found):6d}  all\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
