"""One Python file of the project, parsed, with its names resolved. Judges nothing."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("monitord", "simulators", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """``path`` is relative to the repository, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        # The trees are kept: a collector that visits a million nodes takes most of the time.
        gc.disable()
        try:
            return tuple(ast.walk(self.tree))
        finally:
            gc.freeze()
            gc.enable()

    @cached_property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def is_in(self, *places: str) -> bool:
        """Say whether the file is one of these, or lies in one of these folders (``name/``)."""
        return any(
            self.path.startswith(place) if place.endswith("/") else self.path == place
            for place in places
        )

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """Give (line, dotted name) of everything imported, relative imports made absolute."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[tuple[int, str]]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.removesuffix(".py").split("/")[: -node.level]
        return ".".join([*package, *filter(None, [node.module])])

    @cached_property
    def bound(self) -> dict[str, str]:
        """What each imported name means: ``{"dt": "datetime.datetime"}``."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    found[name] = alias.name if alias.asname else name
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                found |= {a.asname or a.name: f"{module}.{a.name}" for a in node.names}
        return found

    def dotted(self, node: ast.expr) -> str:
        """Return ``a.b.c`` with ``a`` resolved through the imports; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.bound.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (owner := self.dotted(node.value)):
            return f"{owner}.{node.attr}"
        return ""

    @property
    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    @property
    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield (line, text) of every string constant that is not a docstring."""
        bare = {id(node.value) for node in self.nodes if isinstance(node, ast.Expr)}
        for node in self.nodes:
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in bare:
                yield node.lineno, node.value


def length(node: Function | ast.ClassDef) -> int:
    """Return the lines of a function or class, from ``def`` or ``class`` to its last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def read_sources() -> tuple[Source, ...]:
    """Return every Python file of the project, in order of path."""
    files = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return tuple(
        Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
        for file in files
    )
