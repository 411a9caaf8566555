"""The grammar of expressions: text to a tree with places. Owns syntax; no name's meaning.

A subset of Python's expressions::

    and, or, not    < <= > >= == !=    + - * /    all(…), any(…), at_least(count, …)
    names such as fm1.radiating    numbers such as 0.5 and -3    brackets

Python's own parser knows precedence and brackets. It sees no text of the configuration: every name
and number is replaced by a placeholder, so that a point may be called ``in`` and a number may begin
with 0. Only the listed kinds of node are accepted. Length, depth and size are limited: an
expression is data, and is never run.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from monitord.config.loader.phrases import Part, Phrase, phrase, quoted

LENGTH_MAX = 1000
DEPTH_MAX = 20
NODES_MAX = 200

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})(?![\w.]))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|==|!=|[<>+\-*/(),])"
)
SPACE = re.compile(r"\s*")
WORDS = ("and", "or", "not")
FUNCTIONS = ("all", "any", "at_least")


class ExpressionError(Exception):
    """What is wrong with an expression, and at which character (from 0)."""

    def __init__(self, at: int, problem: Phrase, hint: Part = "") -> None:
        super().__init__(problem.code)
        self.at = at
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: number, name, sign or end."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Node:
    """``kind``: number, name, not, all, any, at_least, compare, arithmetic.

    ``text``: the number, name, operator or count as written; ``of``: its operands.
    """

    kind: str
    text: str
    at: int
    of: tuple[Node, ...] = ()


def parse(text: str) -> Node:
    """Return the tree of an expression, or raise ``ExpressionError``."""
    if len(text) > LENGTH_MAX:
        raise ExpressionError(LENGTH_MAX, phrase("expression.long", most=LENGTH_MAX))
    tokens = _tokens(text)
    _check_depth(tokens)
    return _Reader(tokens).read()


def names_in(node: Node) -> set[str]:
    """Return every name in a tree, whatever it means."""
    own = {node.text} if node.kind == "name" else set()
    return own.union(*map(names_in, node.of))


def _tokens(text: str) -> list[Token]:
    tokens = []
    at = _skip(text, 0)
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            hint = phrase("expression.equals") if text[at] == "=" else ""
            raise ExpressionError(at, phrase("expression.character", found=quoted(text[at])), hint)
        tokens.append(Token(str(match.lastgroup), match.group(), at))
        at = _skip(text, match.end())
    return [*tokens, Token("end", "", len(text))]


def _skip(text: str, at: int) -> int:
    space = SPACE.match(text, at)
    return space.end() if space else at


def _check_depth(tokens: list[Token]) -> None:
    """Refuse brackets and ``not`` in each other beyond ``DEPTH_MAX``, and a comma before one."""
    depths = [0]
    """Of every open bracket, how many ``not`` the next operand has."""
    for token in tokens:
        if token.text == "(":
            depths.append(0)
        elif token.text == ")":
            depths = depths[:-1] or [0]
        elif token.text == "not":
            depths[-1] += 1
        elif token.text in ("and", "or", ","):
            depths[-1] = 0
        if len(depths) - 1 + sum(depths) > DEPTH_MAX:
            raise ExpressionError(token.at, phrase("expression.deep", most=DEPTH_MAX))
    for first, second in pairwise(tokens):
        if (first.text, second.text) == (",", ")"):
            raise _unexpected(second)


def _unexpected(token: Token) -> ExpressionError:
    end = phrase("expression.end")
    found = end if token.kind == "end" else phrase("expression.token", token=quoted(token.text))
    return ExpressionError(token.at, found, phrase("expression.operands"))


class _Reader:
    """Python's tree of the tokens, where token ``7`` is written as the name ``_7``."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._starts: list[int] = []
        self._nodes = 0

    def read(self) -> Node:
        """Return the whole expression's node."""
        pieces = [
            token.text if token.kind == "sign" or token.text in WORDS else f"_{index}"
            for index, token in enumerate(self._tokens[:-1])
        ]
        at = 0
        for piece in pieces:
            self._starts.append(at)
            at += len(piece) + 1
        self._starts.append(at)
        operands = sum(piece[0] == "_" for piece in pieces)
        if operands > 2 * NODES_MAX:  # what Python's parser is given is bounded, too
            raise self._too_many(self._tokens[-1].at)
        try:
            tree = ast.parse(" ".join(pieces), mode="eval")
        except SyntaxError as error:
            raise self._syntax(error) from error
        return self._node(tree.body)

    def _syntax(self, error: SyntaxError) -> ExpressionError:
        token = self._tokens[self._index(error.offset - 1) if error.offset else -1]
        if "never closed" in error.msg:
            return ExpressionError(token.at, phrase("expression.unclosed"))
        if "forgot a comma" in error.msg:
            return ExpressionError(token.at, phrase("expression.comma"))
        return _unexpected(token)

    def _index(self, column: int) -> int:
        """Return which token begins at a column of Python's text, or goes on there."""
        return max(0, bisect_right(self._starts, column) - 1)

    def _first(self, tree: ast.expr) -> int:
        return self._index(tree.col_offset)

    def _node(self, tree: ast.expr) -> Node:
        index = self._first(tree)
        token = self._tokens[index]
        match tree:
            case ast.Name():
                return self._operand(token)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self._made("not", "not", token.at, self._node(inner))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._negative(index, operand)
            case ast.BoolOp(op=operator, values=parts):
                kind, word = ("all", "and") if isinstance(operator, ast.And) else ("any", "or")
                return self._made(kind, word, token.at, *map(self._node, parts))
            case ast.BinOp(left=left, right=right):
                return self._binary("arithmetic", left, right)
            case ast.Compare(left=left, comparators=[right]):
                return self._binary("compare", left, right)
            case ast.Compare(comparators=[_, second, *_]):
                at = self._tokens[self._operator(second)].at
                raise ExpressionError(at, phrase("expression.second"), phrase("expression.and"))
            case ast.Call(func=ast.Name(), args=parts) if self._is_call(index):
                return self._call(index, parts)
            case ast.Call(func=ast.Name()) if token.kind == "name":
                unknown = phrase("unknown.function", name=quoted(token.text))
                raise ExpressionError(token.at, unknown, phrase("known", names=FUNCTIONS))
            case _:
                raise _unexpected(token)

    def _operand(self, token: Token) -> Node:
        if token.text in FUNCTIONS:
            raise ExpressionError(token.at, phrase("expression.function", name=token.text))
        return self._made(token.kind, token.text, token.at)

    def _negative(self, index: int, operand: ast.expr) -> Node:
        minus, number = self._tokens[index : index + 2]
        if number.kind != "number" or not isinstance(operand, ast.Name):
            raise ExpressionError(minus.at, phrase("expression.minus"))
        return self._made("number", f"-{number.text}", minus.at)

    def _binary(self, kind: str, left: ast.expr, right: ast.expr) -> Node:
        operator = self._tokens[self._operator(right)]
        of = self._node(left), self._node(right)
        return self._made(kind, operator.text, operator.at, *of)

    def _operator(self, right: ast.expr) -> int:
        """Return the operator before its right operand and that one's brackets."""
        index = self._first(right) - 1
        while self._tokens[index].text == "(":
            index -= 1
        return index

    def _is_call(self, index: int) -> bool:
        name, bracket = self._tokens[index : index + 2]
        return name.text in FUNCTIONS and bracket.text == "("

    def _call(self, index: int, parts: list[ast.expr]) -> Node:
        name, _, first = self._tokens[index : index + 3]
        if not parts:
            raise _unexpected(first)
        if name.text != "at_least":
            return self._made(name.text, name.text, name.at, *map(self._node, parts))
        if not first.text.isdigit() or self._tokens[index + 3].text != ",":
            raise ExpressionError(first.at, phrase("expression.count"))
        of = tuple(map(self._node, parts[1:]))
        if not 1 <= int(first.text) <= len(of):
            possible = phrase("expression.counts", most=len(of))
            raise ExpressionError(first.at, phrase("expression.no_count", n=first.text), possible)
        return self._made("at_least", first.text, name.at, *of)

    def _made(self, kind: str, text: str, at: int, *of: Node) -> Node:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise self._too_many(at)
        return Node(kind, text, at, of)

    def _too_many(self, at: int) -> ExpressionError:
        return ExpressionError(at, phrase("expression.parts", most=NODES_MAX))
