"""Resolves the names in an expression: points, labels, nominal figures, conditions.

Owns references and types of expressions; syntax is ``grammar``'s. Every mistake of an expression is
collected, not only the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitord.config.expressions.grammar import ExpressionError, Node, parse
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import Part, Phrase, nearest, phrase, quoted
from monitord.core.expression import (
    All,
    AnyOf,
    Arithmetic,
    AtLeast,
    Compare,
    Expression,
    Label,
    Name,
    Not,
    Number,
    Operand,
    names,
)
from monitord.decoding.model import Decoding

NOMINAL = "nominal."


class _Reading:
    """Turns the tree of one expression into the core's nodes; ``errors`` are collected."""

    def __init__(self) -> None:
        self.errors: list[ExpressionError] = []

    def statement(self, node: Node) -> Expression:
        """Return the node as something true or false."""
        match node.kind:
            case "not":
                return Not(self.statement(node.of[0]))
            case "all":
                return All(self._statements(node))
            case "any":
                return AnyOf(self._statements(node))
            case "at_least":
                return AtLeast(int(node.text), self._statements(node))
            case "compare":
                return self.comparison(node)
            case "name":
                return self.truth(node)
            case _:
                return self.wrong(node, phrase("expression.number", text=node.text))

    def _statements(self, node: Node) -> tuple[Expression, ...]:
        return tuple(self.statement(part) for part in node.of)

    def wrong(self, node: Node, problem: Phrase, hint: Part = "") -> Name:
        """Note a mistake, and return a placeholder so that reading goes on."""
        self.errors.append(ExpressionError(node.at, problem, hint))
        return Name("")

    def comparison(self, node: Node) -> Expression:
        raise NotImplementedError

    def truth(self, node: Node) -> Name:
        raise NotImplementedError


class _OverPoints(_Reading):
    def __init__(self, points: Mapping[str, Decoding], nominal: Mapping[str, float]) -> None:
        super().__init__()
        self._points = points
        self._nominal = nominal

    def truth(self, node: Node) -> Name:
        decoding = self._points.get(node.text)
        if decoding is None:
            return self._unknown(node)
        match decoding.kind:
            case "boolean":
                return Name(node.text)
            case "enum":
                labels = phrase("expression.enum", name=node.text, labels=tuple(_labels(decoding)))
                return self.wrong(node, labels, phrase("expression.equals"))
            case kind:
                return self.wrong(node, phrase("expression.no_truth", name=node.text, kind=kind))

    def comparison(self, node: Node) -> Expression:
        left, right = node.of
        for enum, other in ((left, right), (right, left)):
            if self._is_enum(enum):
                return self._enum_comparison(node, enum, other)
        return Compare(node.text, self._operand(left), self._operand(right))

    def _is_enum(self, node: Node) -> bool:
        decoding = self._points.get(node.text) if node.kind == "name" else None
        return decoding is not None and decoding.kind == "enum"

    def _enum_comparison(self, node: Node, enum: Node, other: Node) -> Expression:
        """Compare a point with one of its labels; a label wins over a point of the same name."""
        labels = _labels(self._points[enum.text])
        if node.text not in ("==", "!="):
            unordered = phrase("expression.no_order", name=enum.text)
            return self.wrong(node, unordered, phrase("expression.equality"))
        if other.kind != "name":
            return self._no_label(enum, other, labels)
        if other.text in labels:
            return Compare(node.text, Name(enum.text), Label(other.text))
        if self._is_enum(other):
            return Compare(node.text, Name(enum.text), Name(other.text))
        return self._no_label(enum, other, labels)

    def _no_label(self, enum: Node, other: Node, labels: Sequence[str]) -> Name:
        unknown = phrase("unknown.label", name=enum.text, label=quoted(other.text))
        return self.wrong(other, unknown, nearest(other.text, labels, "labels"))

    def _operand(self, node: Node) -> Operand:
        match node.kind:
            case "number":
                return Number(_number(node.text))
            case "arithmetic":
                left, right = node.of
                return Arithmetic(node.text, self._operand(left), self._operand(right))
            case "name":
                return self._quantity(node)
            case _:
                return self.wrong(node, phrase("expression.no_number", text=node.text))

    def _quantity(self, node: Node) -> Operand:
        if node.text.startswith(NOMINAL):
            return self._nominal_figure(node)
        decoding = self._points.get(node.text)
        if decoding is None:
            return self._unknown(node)
        if decoding.kind == "number":
            return Name(node.text)
        hint = phrase("expression.alone") if decoding.kind == "boolean" else ""
        wrong = phrase("expression.kind", name=node.text, kind=decoding.kind)
        return self.wrong(node, wrong, hint)

    def _nominal_figure(self, node: Node) -> Operand:
        key = node.text.removeprefix(NOMINAL)
        if key in self._nominal:
            return Number(self._nominal[key])
        missing = phrase("expression.nominal", key=quoted(key))
        return self.wrong(node, missing, phrase("expression.add_nominal", key=key))

    def _unknown(self, node: Node) -> Name:
        unknown = phrase("unknown.point", name=quoted(node.text))
        return self.wrong(node, unknown, nearest(node.text, self._points))


class _OverConditions(_Reading):
    def __init__(self, devices: Mapping[str, Sequence[str] | None]) -> None:
        super().__init__()
        self._devices = devices

    def truth(self, node: Node) -> Name:
        device, _, condition = node.text.partition(".")
        if not condition:
            hint = nearest(node.text, self._every_condition())
            wrong = phrase("expression.no_condition", name=quoted(node.text))
            return self.wrong(node, wrong, hint)
        if device not in self._devices:
            hint = nearest(device, self._devices)
            return self.wrong(node, phrase("unknown.device", name=quoted(device)), hint)
        known = self._devices[device]
        if known is not None and condition not in known:
            hint = nearest(condition, known)
            names = {"device": quoted(device), "name": quoted(condition)}
            return self.wrong(node, phrase("unknown.device_condition", **names), hint)
        return Name(node.text)

    def _every_condition(self) -> list[str]:
        return [
            f"{device}.{name}" for device, known in self._devices.items() for name in known or ()
        ]

    def comparison(self, node: Node) -> Expression:
        wrong = phrase("expression.compare")
        return self.wrong(node, wrong, phrase("expression.compare_in_device"))


def read_true_when(
    text: str, points: Mapping[str, Decoding], nominal: Mapping[str, float], scope: Scope
) -> Expression | None:
    """Return a condition's expression over point ids, or None with every mistake noted."""
    return _read(text, _OverPoints(points, nominal), scope)


def read_chain_expression(
    text: str, devices: Mapping[str, Sequence[str] | None], scope: Scope
) -> Expression | None:
    """Return an expression over ``device.condition`` ids, or None with every mistake noted.

    ``devices``: each device's condition ids, also of conditions that have mistakes of their own;
    None where a device's mistakes leave them unknown.
    """
    return _read(text, _OverConditions(devices), scope)


def _read(text: str, reading: _Reading, scope: Scope) -> Expression | None:
    try:
        made = reading.statement(parse(text))
    except ExpressionError as error:
        reading.errors = [error]
    else:
        if not reading.errors and not names(made):
            reading.errors.append(ExpressionError(0, phrase("expression.constant")))
    for mistake in reading.errors:
        problem = phrase(
            "expression.at", at=mistake.at + 1, text=quoted(text), problem=mistake.problem
        )
        scope.note(problem, hint=mistake.hint)
    return None if reading.errors else made


def _labels(decoding: Decoding) -> list[str]:
    return [label for _, label in decoding.labels]


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
