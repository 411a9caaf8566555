"""How a template becomes a text. Owns the two forms of a counted noun; knows no template."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any


class _Counting(Formatter):
    """Fills templates in which ``{count:incident|incidents}`` is a number with its noun."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, separator, many = format_spec.partition("|")
        if not separator:
            return str(format(value, format_spec))
        return f"{value} {one if str(value) == '1' else many}"


_COUNTING = _Counting()


def filled(template: str, parameters: Mapping[str, object]) -> str:
    """Return a template with its parameters filled in.

    ``{count:incident|incidents}`` becomes "1 incident" or "2 incidents". Raises ``KeyError`` for a
    parameter that is missing.
    """
    if "|" not in template:
        return template.format_map(parameters)
    return _COUNTING.vformat(template, (), parameters)
