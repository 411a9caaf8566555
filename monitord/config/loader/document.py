"""Turns YAML text into plain mappings, lists and scalars. Owns YAML's traps; knows no key.

Stricter than YAML 1.1, whose guesses bite in this trade: ``12:30`` and ``on`` stay texts, ``010``
is refused as a number, aliases and anchors (a few lines can expand into gigabytes) are refused.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from monitord.config.loader.errors import Scope
from monitord.config.loader.files import UnreadableError, read_file
from monitord.config.loader.phrases import phrase, shown
from monitord.config.loader.places import Places
from monitord.config.loader.syntax import syntax_problem

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


class _TooDeepError(Exception):
    def __init__(self, line: int, column: int) -> None:
        super().__init__(line)
        self.line = line
        self.column = column


class _Tree(Reader, Scanner, Parser, Composer, BaseResolver):
    """Text to nodes; without implicit types, so every plain scalar is still text."""

    def __init__(self, text: str, notes: _Notes) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._notes = notes
        self._depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Refuse aliases, anchors, tags and endless nesting at their lines."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]
            self._notes.refuse(start.line + 1, "yaml.alias", "yaml.write_out")
            return ScalarNode(TAG + "null", "", start, end)
        if getattr(event, "anchor", None) is not None:
            self._notes.refuse(start.line + 1, "yaml.anchor", "yaml.write_out")
            event.anchor = None
        if getattr(event, "tag", None) is not None:
            self._notes.refuse(start.line + 1, "yaml.tag", "leave_out")
            event.tag = None
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _TooDeepError(start.line + 1, start.column + 1)
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a value: its key path, the value as text, [start, end) in the file's letters."""

    path: tuple[str, ...]
    value: str
    start: int
    end: int


def value_spans(text: str) -> list[Span]:
    """Return the place of each value in a document that was read without mistakes, in order.

    ``text``: as decoded from UTF-8 without its mark.
    """
    node = _Tree(text, _Notes(Scope(""))).get_single_node()
    return [] if node is None else list(_spans(node, ()))


def _spans(node: Node, path: tuple[str, ...]) -> Iterator[Span]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _spans(value, (*path, str(key.value)))
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _spans(item, (*path, str(index)))
    else:
        yield Span(path, node.value, node.start_mark.index, node.end_mark.index)


class _Notes:
    """Mistakes of one file that may come in thousands: the first few of each kind are noted."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._counts: Counter[str] = Counter()

    def refuse(self, line: int, code: str, hint: str) -> None:
        """Note something in a line that is not accepted."""
        self._counts[code] += 1
        if self._counts[code] <= ERRORS_PER_KIND_MAX:
            self._scope.note_at(line, 0, phrase(code), phrase(hint))


def read_document(path: Path, scope: Scope) -> Any:
    """Return the plain form of the YAML file at ``path``, or None with the reasons noted."""
    try:
        raw = read_part(path, "main", scope)
    except UnreadableError as error:
        scope.note(error.reason)
        return None
    return parse_document(raw, scope)


def read_part(path: Path, name: str, scope: Scope) -> bytes:
    """Return the bytes of a file of the configuration, and note them under ``name``.

    Raises ``UnreadableError``.
    """
    given = scope.report.given
    if given is not None and name not in given:
        raise UnreadableError(phrase("file.missing"))
    raw = read_file(path, BYTES_MAX) if given is None else given[name]
    scope.report.raws[name] = raw
    scope.report.names[str(path)] = name
    return raw


def parse_document(raw: bytes, scope: Scope) -> Any:
    """Return the plain form of YAML in UTF-8, or None with the reasons noted in ``scope``.

    ``scope``: the top of the file; it learns the line of every key.
    """
    if len(raw) > BYTES_MAX:
        scope.note(phrase("file.large", size=BYTES_MAX))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        scope.note_at(line, 0, phrase("yaml.encoding"), phrase("yaml.save_as"))
        return None
    notes = _Notes(scope)
    if _has_tabs(text, notes):
        return None
    node = _compose(text, scope, notes)
    if node is None:
        return None
    plain = _Plain(scope)
    made = plain.value(node, ())
    if isinstance(made, dict | list):
        scope.report.places[scope.file] = Places(made, plain.lines)
    return made


def _has_tabs(text: str, notes: _Notes) -> bool:
    lines = [n for n, line in enumerate(text.split("\n"), 1) if TAB_INDENT.match(line)]
    for line in lines:
        notes.refuse(line, "yaml.tab_indent", "yaml.indent")
    return bool(lines)


def _compose(text: str, scope: Scope, notes: _Notes) -> Node | None:
    try:
        node: Node | None = _Tree(text, notes).get_single_node()
    except _TooDeepError as error:
        scope.note_at(error.line, error.column, phrase("yaml.deep", most=DEPTH_MAX))
        return None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        scope.note_at(line, 0, phrase("yaml.control"))
        return None
    except yaml.MarkedYAMLError as error:
        scope.note_at(*syntax_problem(error, text))
        return None
    if node is None:
        scope.note(phrase("file.empty"))
    return node


class _Plain:
    """Nodes to plain values; ``lines``: of every key and item, in the order of the values."""

    def __init__(self, scope: Scope) -> None:
        self.lines: array[int] = array("i")
        self._scope = scope

    def value(self, node: Node, path: tuple[str, ...]) -> Any:
        """Return the plain value of a node at ``path``."""
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self._item(item, path, index) for index, item in enumerate(node.value)]
            case ScalarNode():
                return scalar(node.value) if node.style is None else node.value
            case _:
                raise AssertionError(f"a YAML node of another kind: {node!r}")

    def _item(self, node: Node, path: tuple[str, ...], index: int) -> Any:
        self.lines.append(node.start_mark.line + 1)
        return self.value(node, (*path, str(index)))

    def _mapping(self, node: MappingNode, path: tuple[str, ...]) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._scope.at(*path).note_at(line, 0, phrase("yaml.key"))
                continue
            key = self.value(key_node, path)
            if key in made:
                twice = phrase("yaml.duplicate", key=shown(key), first=lines[key])
                self._scope.at(*path).note_at(line, 0, twice)
                continue
            lines[key] = line
            self.lines.append(line)
            made[key] = None  # keeps the key's place while its value is read
            made[key] = self.value(value_node, (*path, str(key)))
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
