"""The grammar of expressions: text to a tree with places, and back. Owns syntax; no name's meaning.

::

    either     = both {"or" both}              both  = negated {"and" negated}
    negated    = "not" negated | compared      compared = sum [("<"|"<="|">"|">="|"=="|"!=") sum]
    sum        = product {("+"|"-") product}   product = atom {("*"|"/") atom}
    atom       = number | "-" number | name | "(" either ")"
               | ("all"|"any") "(" list ")" | "at_least" "(" count "," list ")"

Recursive descent with limits on length, depth and size: an expression is data, and is never run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LENGTH_MAX = 1000
DEPTH_MAX = 20
NODES_MAX = 200

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})(?![\w.]))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|==|!=|[<>+\-*/(),])"
)
SPACE = re.compile(r"\s*")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class ExpressionError(Exception):
    """What is wrong with an expression, and at which character (from 0)."""

    def __init__(self, at: int, problem: str, hint: str = "") -> None:
        super().__init__(problem)
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

    ``text``: the number, name, operator or count as written; ``of``: what it is over.
    """

    kind: str
    text: str
    at: int
    of: tuple[Node, ...] = ()


def parse(text: str) -> Node:
    """Return the tree of an expression, or raise ``ExpressionError``."""
    if len(text) > LENGTH_MAX:
        raise ExpressionError(LENGTH_MAX, f"longer than {LENGTH_MAX} characters")
    return _Parser(_tokens(text)).whole()


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
            hint = "compare with ==" if text[at] == "=" else ""
            raise ExpressionError(at, f"{text[at]!r} has no meaning here", hint)
        tokens.append(Token(str(match.lastgroup), match.group(), at))
        at = _skip(text, match.end())
    return [*tokens, Token("end", "the end", len(text))]


def _skip(text: str, at: int) -> int:
    space = SPACE.match(text, at)
    return space.end() if space else at


class _Parser:
    """One method a rule of the grammar; each returns the node that begins at the next token."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._nodes = 0

    def whole(self) -> Node:
        node = self._either()
        if self._peek().kind != "end":
            raise self._unexpected("and, or or the end")
        return node

    def _either(self) -> Node:
        return self._joined("or", "any")

    def _joined(self, word: str, kind: str) -> Node:
        at = self._peek().at
        part = self._both if word == "or" else self._negated
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else self._node(kind, word, at, *parts)

    def _both(self) -> Node:
        return self._joined("and", "all")

    def _negated(self) -> Node:
        at = self._peek().at
        if not self._takes("not"):
            return self._compared()
        self._deeper(at)
        node = self._node("not", "not", at, self._negated())
        self._depth -= 1
        return node

    def _compared(self) -> Node:
        left = self._chained(("+", "-"))
        operator = self._peek()
        if operator.text not in COMPARISONS:
            return left
        self._next += 1
        node = self._node("compare", operator.text, operator.at, left, self._chained(("+", "-")))
        if self._peek().text in COMPARISONS:
            raise ExpressionError(self._peek().at, "a second comparison", "join two with and")
        return node

    def _chained(self, operators: tuple[str, str]) -> Node:
        """Read sums and, below them, products."""
        is_sum = operators == ("+", "-")
        left = self._chained(("*", "/")) if is_sum else self._atom()
        while self._peek().text in operators:
            operator = self._take()
            right = self._chained(("*", "/")) if is_sum else self._atom()
            left = self._node("arithmetic", operator.text, operator.at, left, right)
        return left

    def _atom(self) -> Node:
        token = self._peek()
        is_atom = token.kind == "number" or token.text in ("-", "(") or self._is_name(token)
        if not is_atom:
            raise self._unexpected("a name, a number or '('")
        self._next += 1
        if token.text == "-":
            number = self._take()
            if number.kind != "number":
                raise ExpressionError(token.at, "a minus before something that is no number")
            return self._node("number", "-" + number.text, token.at)
        if token.text == "(":
            return self._bracketed(token)
        if token.text in ("all", "any"):
            return self._node(token.text, token.text, token.at, *self._listed(token))
        if token.text == "at_least":
            return self._counted(token)
        return self._node(token.kind, token.text, token.at)

    def _is_name(self, token: Token) -> bool:
        return token.kind == "name" and token.text not in ("and", "or", "not")

    def _bracketed(self, token: Token) -> Node:
        self._deeper(token.at)
        node = self._either()
        self._expect(")")
        self._depth -= 1
        return node

    def _listed(self, token: Token) -> list[Node]:
        self._deeper(token.at)
        self._expect("(")
        return self._rest_of_list()

    def _rest_of_list(self) -> list[Node]:
        parts = [self._either()]
        while self._takes(","):
            parts.append(self._either())
        self._expect(")")
        self._depth -= 1
        return parts

    def _counted(self, token: Token) -> Node:
        self._deeper(token.at)
        self._expect("(")
        count = self._take()
        if not count.text.isdigit():
            raise ExpressionError(count.at, f"at_least begins with a count, found {count.text!r}")
        self._expect(",")
        parts = self._rest_of_list()
        if not 1 <= int(count.text) <= len(parts):
            raise ExpressionError(count.at, f"a count of {count.text}", f"1..{len(parts)} can hold")
        return self._node("at_least", count.text, token.at, *parts)

    def _node(self, kind: str, text: str, at: int, *of: Node) -> Node:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise ExpressionError(at, f"more than {NODES_MAX} parts")
        return Node(kind, text, at, of)

    def _deeper(self, at: int) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise ExpressionError(at, f"nested deeper than {DEPTH_MAX}")

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _takes(self, text: str) -> bool:
        found = self._peek().text == text and self._peek().kind != "end"
        self._next += found
        return found

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._unexpected(repr(text))

    def _unexpected(self, expected: str) -> ExpressionError:
        token = self._peek()
        found = token.text if token.kind == "end" else repr(token.text)
        return ExpressionError(token.at, f"expected {expected}, found {found}")
