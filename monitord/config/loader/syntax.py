"""Which line of a YAML file holds a mistake of syntax. Owns the reading of PyYAML's errors.

PyYAML reports where it could not go on, which is often the line after the mistake. No text of the
file is repeated: it may be a secret that was included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from monitord.config.loader.phrases import Part, Phrase, phrase

KEY = r"^\s*(?:-\s+)*[\w.\"'-]+"
FULL_WIDTH_COLON = re.compile(KEY + r"\s*：")
FULL_WIDTH_IN_FLOW = re.compile(r"，(?=\s*\w+\s*:)|^[｛｝［］]|[｝］](?=:?$)")
BARE_KEY = re.compile(r"\s*\w+\s*")
MISSING_SPACE = re.compile(KEY + r":(?!//)[^\s:]")

Problem = tuple[int, int, Phrase, Part]
"""Line and column from 1 (column 0: the whole line), what is wrong, and a hint."""

BY_PROBLEM = (
    ("mapping values are not allowed", "yaml.second_colon"),
    ("expected <block end>", "yaml.indentation"),
    ("sequence entries are not allowed", "yaml.dash"),
    ("but found another document", "yaml.documents"),
    ("that cannot start any token", "yaml.character"),
)


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """Return the place of the mistake, and its text."""
    mark = error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    problem, context = error.problem or "", error.context or ""
    if "'\\t'" in problem:
        return *at, phrase("yaml.tab"), ""
    if "quoted scalar" in context and "end of stream" in problem:
        return *_at(error.context_mark), phrase("yaml.quote"), ""
    found = _mistyped_colon(text, error, at[0]) or _late_quote(text, at[0])
    if found is None and "mapping values are not allowed" in problem:
        found = _bare_key(text, at[0])
    if found is not None:
        return found
    if "expected ':'" in problem and error.context_mark:
        return error.context_mark.line + 1, 0, phrase("yaml.no_colon"), ""
    if "parsing a flow" in context and error.context_mark:
        return _full_width_sign(text, error) or (
            *_at(error.context_mark),
            phrase("yaml.bracket"),
            "",
        )
    code = next((code for part, code in BY_PROBLEM if part in problem), "yaml.syntax")
    return *at, phrase(code), ""


def _at(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _mistyped_colon(text: str, error: yaml.MarkedYAMLError, last: int) -> Problem | None:
    """Return the nearest line up to ``last`` whose key has no colon and space, if one is near.

    No line before the beginning of what PyYAML rejects is looked at.
    """
    lines = text.splitlines()
    begin = error.context_mark.line if error.context_mark else 0
    for number in range(min(last, len(lines)), max(begin, last - 3), -1):
        line = lines[number - 1]
        if (match := FULL_WIDTH_COLON.match(line)) is not None:
            return number, match.end(), phrase("yaml.full_width_colon"), ""
        if (match := MISSING_SPACE.match(line)) is not None:
            return number, match.end() - 1, phrase("yaml.space_after_colon"), ""
    return None


def _full_width_sign(text: str, error: yaml.MarkedYAMLError) -> Problem | None:
    """Return the first full-width comma before a key, or full-width bracket, of a flow mapping.

    A comma within a value is a part of it. What PyYAML did not reject is not looked at.
    """
    first, last = error.context_mark, error.problem_mark
    if first is None or last is None:
        return None
    for token in _tokens(text):
        start, end = token.start_mark, token.end_mark
        is_plain = isinstance(token, yaml.ScalarToken) and token.plain
        if is_plain and first.line <= start.line <= last.line:
            written = text[start.index : end.index + 1].partition("\n")[0]
            if (sign := FULL_WIDTH_IN_FLOW.search(written)) is not None:
                column = start.column + sign.start() + 1
                return start.line + 1, column, phrase("yaml.full_width_sign"), ""
    return None


def _bare_key(text: str, last: int) -> Problem | None:
    """Return the line before ``last`` if it is a word alone: a key that lacks its colon."""
    before = text.splitlines()[:last][-2:-1]
    if before and BARE_KEY.fullmatch(before[0]):
        return last - 1, 0, phrase("yaml.no_colon"), ""
    return None


def _late_quote(text: str, last: int) -> Problem | None:
    """Return the quote over several lines that ends in line ``last``: its own end is missing."""
    for token in _tokens(text):
        start, end = token.start_mark, token.end_mark
        is_quoted = isinstance(token, yaml.ScalarToken) and not token.plain
        if is_quoted and start.line < end.line and end.line + 1 == last:
            return *_at(start), phrase("yaml.late_quote", line=last), ""
    return None


def _tokens(text: str) -> Iterator[yaml.Token]:
    """Yield tokens up to the mistake."""
    try:
        yield from yaml.scan(text)
    except yaml.YAMLError:
        return
