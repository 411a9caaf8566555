"""Durations and expressions as a configuration writes them. Owns that spelling; reads nothing."""

from __future__ import annotations

from typing import assert_never

from monitord.config.fields.field_types import UNITS_US
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
)


def duration_text(duration_us: int) -> str:
    """Return microseconds as a key takes them, in the largest unit that gives a whole number."""
    for unit in ("h", "m", "s"):
        if duration_us and duration_us % UNITS_US[unit] == 0:
            return f"{duration_us // UNITS_US[unit]}{unit}"
    return f"{duration_us / UNITS_US['ms']:g}ms" if duration_us else "0s"


def expression_text(node: Expression | Operand) -> str:
    """Return an expression in the grammar it was read by; brackets where one holds others."""
    match node:
        case Name(id=text) | Label(value=text):
            return text
        case Number(value=number):
            return str(number)
        case Not(of=inner):
            return f"not {_bracketed(inner)}"
        case All(of=parts):
            return " and ".join(map(_bracketed, parts))
        case AnyOf(of=parts):
            return " or ".join(map(_bracketed, parts))
        case AtLeast(count=count, of=parts):
            return f"at_least({count}, {', '.join(map(expression_text, parts))})"
        case Compare(operator=operator, left=left, right=right):
            return f"{expression_text(left)} {operator} {expression_text(right)}"
        case Arithmetic(operator=operator, left=left, right=right):
            return f"{_bracketed(left)} {operator} {_bracketed(right)}"
        case _:
            assert_never(node)


def _bracketed(node: Expression | Operand) -> str:
    text = expression_text(node)
    return f"({text})" if isinstance(node, All | AnyOf | Arithmetic) else text
