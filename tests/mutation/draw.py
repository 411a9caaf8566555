"""Mutants of ``core``: one small change of meaning each, drawn by a commit's hash over all lines.

Owns the changes and the draw; runs nothing. Every line that can be changed is as likely as another.
"""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.long.inputs import ROOT

CORE = ROOT / "monitord" / "core"
OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.LShift: ast.RShift,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "True": "False", "False": "True"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """``file`` is relative to ``core``; ``was`` and ``now`` are the changed part as code.

    ``function``: name and first line of the outermost function whose body it is in; None where an
    import alone runs the line. ``place``: of the change among all of its file.
    """

    file: str
    line: int
    was: str
    now: str
    function: tuple[str, int] | None
    place: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.was!r} becomes {self.now!r}"


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may replace a node."""
    match node:
        case ast.Compare(ops=[operator]):
            yield _with(node, ops=[OPPOSITES[type(operator)]()])
        case ast.BoolOp(op=operator) | ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            if type(operator) in OPPOSITES:
                yield _with(node, op=OPPOSITES[type(operator)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield _with(node, value=not value)
        case ast.Constant(value=int(value)):
            yield _with(node, value=value + 1)
        case ast.Constant(value=str(value)):
            yield _with(node, value=f"{value}_")
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield _with(node, func=ast.Name(NAMES[name], ast.Load()))
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=value) if value is not None and not _is_no(value):
            yield _with(node, value=ast.Constant(None))
        case ast.Break() | ast.Continue():
            yield OPPOSITES[type(node)]()
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield ast.Pass()
        case ast.Assign(targets=[place]) | ast.Delete(targets=[place]) if _is_kept(place):
            yield ast.Pass()


def _is_kept(place: ast.AST) -> bool:
    """Return whether a place is part of an object: ``del`` of an unused argument does nothing."""
    return isinstance(place, ast.Attribute | ast.Subscript)


def _is_no(value: ast.AST) -> bool:
    """Return whether a value is None, or False: who asks for a truth takes None for False."""
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


IGNORED = ("annotation", "returns", "type_comment", "type_params", "msg", "exc")
"""What the program never reads while it runs, and the texts of its own mistakes."""
FLAGS = ("frozen", "slots", "kw_only", "strict")
"""Of dataclasses and ``zip``: they find mistakes of the source, and change no decision."""


def _walk(
    node: ast.AST, function: tuple[str, int] | None
) -> Iterator[tuple[ast.AST, str, int | None, ast.AST, tuple[str, int] | None]]:
    """Yield (parent, field, place in it, node, outermost function around its body)."""
    for name, value in ast.iter_fields(node):
        if name in IGNORED:
            continue
        inside = function
        if isinstance(node, Function) and name == "body" and function is None:
            inside = node.name, _first_line(node)
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_inert(child):
                continue
            yield node, name, place, child, inside
            yield from _walk(child, inside)


def _is_inert(node: ast.AST) -> bool:
    """Return whether a part never decides anything: a docstring, a type, a flag of a dataclass."""
    match node:
        case ast.Expr(value=ast.Constant() | ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.keyword(arg=name):
            return name in FLAGS
    return False


def _first_line(node: Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def sites(file: Path) -> Iterator[tuple[Mutant, ast.Module]]:
    """Yield every mutant of a file, each with the changed tree, which the next one undoes."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    number = 0
    for parent, field, place, node, function in list(_walk(tree, None)):
        for now in _changes(node):
            line = getattr(node, "lineno", 0)
            ast.fix_missing_locations(ast.copy_location(now, node))
            _put(parent, field, place, now)
            name = str(file.relative_to(CORE))
            yield Mutant(name, line, _shown(node), _shown(now), function, number), tree
            _put(parent, field, place, node)
            number += 1


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _shown(node: ast.AST) -> str:
    """Return the first line of a node as code."""
    return ast.unparse(node).split("\n")[0]


def mutated(mutant: Mutant) -> ast.Module:
    """Return the changed tree of a mutant's file."""
    for found, tree in sites(CORE / mutant.file):
        if found.place == mutant.place:
            return tree
    raise ValueError(f"no such mutant: {mutant}")


def draw(commit: str, count: int, core: Path = CORE) -> list[Mutant]:
    """Return so many mutants, on as many lines of ``core``."""
    random = Random(commit)
    lines: dict[tuple[str, int], list[Mutant]] = defaultdict(list)
    for file in sorted(core.rglob("*.py")):
        for mutant, _ in sites(file):
            lines[mutant.file, mutant.line].append(mutant)
    return [random.choice(lines[line]) for line in random.sample(sorted(lines), count)]
