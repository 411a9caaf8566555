"""Turns YAML text into plain mappings, lists and scalars. Owns YAML's traps; knows no key.

Stricter than YAML 1.1, whose guesses bite in this trade: ``12:30`` and ``on`` stay texts, ``010``
is refused as a number, aliases and anchors (a few lines can expand into gigabytes) are not taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from monitord.config.loader.errors import Scope, shown

BYTES_MAX = 1_000_000
DEPTH_MAX = 20
ERRORS_PER_KIND_MAX = 5

TAG = "tag:yaml.org,2002:"
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})|0x[0-9a-fA-F]{1,16}")
DECIMAL = re.compile(
    r"[-+]?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,2})?"
    r"|[-+]?\.[0-9]{1,17}([eE][-+]?[0-9]{1,2})?"
)
TAB_INDENT = re.compile(r" *\t")


class _TooDeepError(yaml.MarkedYAMLError):
    pass


class _Tree(Reader, Scanner, Parser, Composer, BaseResolver):
    """Text to nodes; without implicit types, so every plain scalar is still text."""

    def __init__(self, text: str, scope: Scope) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._scope = scope
        self._depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Refuse aliases, anchors, tags and endless nesting where they stand."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]
            self._refuse(line, f"alias *{event.anchor}", "write the value out")
            return ScalarNode(TAG + "null", "", start, end)
        if getattr(event, "anchor", None) is not None:
            self._refuse(line, f"anchor &{event.anchor}", "write the value out")
            event.anchor = None
        if getattr(event, "tag", None) is not None:
            self._refuse(line, f"tag {event.tag}", "leave it out")
            event.tag = None
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _TooDeepError(
                problem=f"more than {DEPTH_MAX} levels of nesting", problem_mark=event.start_mark
            )
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refuse(self, line: int, what: str, instead: str) -> None:
        _note_line(self._scope, line, f"{what} is not taken", instead)


def _note_line(scope: Scope, line: int, text: str, hint: str = "") -> None:
    alike = sum(error.found.split()[:1] == text.split()[:1] for error in scope.errors)
    if alike < ERRORS_PER_KIND_MAX:
        scope.at(f"line {line}").note(text, "", hint)


def read_document(path: Path, scope: Scope) -> Any:
    """Return the plain form of the YAML file at ``path``, or None with the reasons noted."""
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        scope.note(f"cannot be read: {error.strerror or type(error).__name__}")
        return None
    return parse_document(raw, scope)


def parse_document(raw: bytes, scope: Scope) -> Any:
    """Return the plain form of YAML in UTF-8, or None with the reasons noted in ``scope``."""
    if len(raw) > BYTES_MAX:
        scope.note(f"is larger than {BYTES_MAX} bytes")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        scope.at(f"line {line}").note("is not UTF-8", "", "save the file as UTF-8")
        return None
    if _has_tabs(text, scope):
        return None
    node = _compose(text, scope)
    if node is None:
        return None
    return _plain(node, scope)


def _has_tabs(text: str, scope: Scope) -> bool:
    lines = [n for n, line in enumerate(text.split("\n"), 1) if TAB_INDENT.match(line)]
    for line in lines:
        _note_line(scope, line, "tab in the indentation", "indent with spaces")
    return bool(lines)


def _compose(text: str, scope: Scope) -> Node | None:
    try:
        tree = _Tree(text, scope)
        node: Node | None = tree.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if _is_open_quote(error) else error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "YAML"
        scope.at(where).note(_problem(error))
        return None
    except yaml.YAMLError as error:
        scope.note(f"is not YAML: {str(error).splitlines()[0]}")
        return None
    if node is None:
        scope.note("is empty")
    return node


def _is_open_quote(error: yaml.MarkedYAMLError) -> bool:
    """Return whether a quote is never closed: the mistake is where it opens, not at the end."""
    return "quoted scalar" in (error.context or "") and "end of stream" in (error.problem or "")


def _problem(error: yaml.MarkedYAMLError) -> str:
    if _is_open_quote(error):
        return "a quote opens here and is never closed"
    if error.problem == "but found another document":
        return "a second document begins; one file is one document"
    problem = (error.problem or error.context or "not YAML").replace("'\\t'", "a tab")
    if "a tab" in problem:
        return "tab where no value can start; use spaces"
    return problem


def _plain(node: Node, scope: Scope) -> Any:
    match node:
        case MappingNode():
            return _mapping(node, scope)
        case SequenceNode():
            return [_plain(item, scope.at(index)) for index, item in enumerate(node.value)]
        case ScalarNode():
            return scalar(node.value) if node.style is None else node.value
        case _:
            raise AssertionError(f"a YAML node of another kind: {node!r}")


def _mapping(node: MappingNode, scope: Scope) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    lines: dict[Any, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            scope.note(f"a key that is a list or a mapping (line {line})")
            continue
        key = _plain(key_node, scope)
        if key in made:
            scope.note(f"duplicate key {shown(key)} (lines {lines[key]} and {line})")
            continue
        lines[key] = line
        made[key] = _plain(value_node, scope.at(key))
    return made


def scalar(text: str) -> Any:
    """Return what an unquoted scalar is: null, true, false, a number, else its text."""
    match text:
        case "" | "~" | "null":
            return None
        case "true":
            return True
        case "false":
            return False
    if INTEGER.fullmatch(text):
        return int(text, 0)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text
