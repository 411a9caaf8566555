"""Expressions over points or conditions, and their values. Owns Kleene logic; parses nothing.

One tree has two uses: a condition's ``true_when`` over point values gives True, False or None; a
stage's expression over conditions gives a ``Kind``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from operator import ge, gt, le, lt
from typing import Final, TypeAlias, assert_never

from monitord.core.values import Value


@dataclass(frozen=True, slots=True)
class Name:
    """A point id (in a condition) or a condition id (in a chain)."""

    id: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Label:
    """A literal enum label, as the profile names it."""

    value: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``operator`` is one of ``+ - * /``; undefined (None) on absent values and division by 0."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Compare:
    """``operator`` is one of ``< <= > >= == !=``."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Expression


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is true."""

    of: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where any part is true."""

    of: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True where ``count`` parts are true."""

    count: int
    of: tuple[Expression, ...]


Operand: TypeAlias = Name | Number | Label | Arithmetic
Expression: TypeAlias = Name | Compare | Not | All | AnyOf | AtLeast


class Kind(IntEnum):
    """What is known of a statement at a moment: held, between two values, or blind."""

    FALSE = 0
    TRUE = 1
    BETWEEN = 2
    BLIND = 3


def names(expression: Expression | Operand) -> tuple[str, ...]:
    """Return every point or condition id used, in order of first use."""
    found: dict[str, None] = {}
    _collect(expression, found)
    return tuple(found)


def _collect(node: Expression | Operand, found: dict[str, None]) -> None:
    match node:
        case Name(id=name):
            found[name] = None
        case Number() | Label():
            pass
        case Not(of=inner):
            _collect(inner, found)
        case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
            for part in parts:
                _collect(part, found)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            _collect(left, found)
            _collect(right, found)
        case _:
            assert_never(node)


def kind_of(expression: Expression, kinds: Callable[[str], Kind]) -> Kind:
    """Evaluate over conditions: Kleene logic, with BETWEEN and BLIND both undecided."""
    match expression:
        case Name(id=name):
            return kinds(name)
        case Not(of=inner):
            return negate(kind_of(inner, kinds))
        case All(of=parts):
            return at_least(len(parts), (kind_of(part, kinds) for part in parts))
        case AnyOf(of=parts):
            return at_least(1, (kind_of(part, kinds) for part in parts))
        case AtLeast(count=count, of=parts):
            return at_least(count, (kind_of(part, kinds) for part in parts))
        case Compare():
            raise AssertionError("comparisons belong in conditions, not in a chain")
        case _:
            assert_never(expression)


def negate(kind: Kind) -> Kind:
    """Return the kind of the opposite statement."""
    if kind is Kind.TRUE:
        return Kind.FALSE
    return Kind.TRUE if kind is Kind.FALSE else kind


def at_least(count: int, kinds: Iterable[Kind]) -> Kind:
    """Return whether at least ``count`` of the statements are true.

    Undecided is BLIND where any input is blind, otherwise BETWEEN.
    """
    seen = [0, 0, 0, 0]
    for kind in kinds:
        seen[kind] += 1
    if seen[Kind.TRUE] >= count:
        return Kind.TRUE
    if seen[Kind.TRUE] + seen[Kind.BETWEEN] + seen[Kind.BLIND] < count:
        return Kind.FALSE
    return Kind.BLIND if seen[Kind.BLIND] else Kind.BETWEEN


def needed_of(expression: Expression, *, value: bool) -> tuple[tuple[Expression, ...], int]:
    """Return the parts of a chain's expression, and how many of them give it this value."""
    match expression:
        case All(of=parts):
            count = len(parts)
        case AnyOf(of=parts):
            count = 1
        case AtLeast(count=count, of=parts):
            pass
        case _:
            raise AssertionError("comparisons belong in conditions, not in a chain")
    return parts, count if value else len(parts) - count + 1


def truth(expression: Expression, values: Mapping[str, Value]) -> bool | None:
    """Evaluate over one answer's point values; None where absent values leave it undecided."""
    if isinstance(expression, Compare):
        # First: a start evaluates one for nearly each condition.
        left, right = expression.left, expression.right
        return _compare(
            expression.operator,
            values[left.id] if isinstance(left, Name) else _operand(left, values),
            right.value if isinstance(right, Number) else _operand(right, values),
        )
    match expression:
        case Name(id=name):
            value = values[name]
            return None if value is None else bool(value)
        case Not(of=inner):
            value = truth(inner, values)
            return None if value is None else not value
        case All(of=parts):
            return _count_truths(len(parts), parts, values)
        case AnyOf(of=parts):
            return _count_truths(1, parts, values)
        case AtLeast(count=count, of=parts):
            return _count_truths(count, parts, values)
        case _:
            assert_never(expression)


def _count_truths(
    count: int, parts: tuple[Expression, ...], values: Mapping[str, Value]
) -> bool | None:
    true = undecided = 0
    for part in parts:
        value = truth(part, values)
        true += value is True
        undecided += value is None
    if true >= count:
        return True
    return False if true + undecided < count else None


def _operand(node: Operand, values: Mapping[str, Value]) -> Value:
    match node:
        case Name(id=name):
            return values[name]
        case Number(value=number):
            return number
        case Label(value=label):
            return label
        case Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(operator, _operand(left, values), _operand(right, values))
        case _:
            assert_never(node)


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right if right else None


def _compare(operator: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    if isinstance(left, str) or isinstance(right, str):
        return None
    return _ORDERS[operator](left, right)


_ORDERS: Final[Mapping[str, Callable[[int | float, int | float], bool]]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
