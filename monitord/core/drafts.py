"""What a step decided, before it has a number. Owns one shape."""

from __future__ import annotations

from typing import Any, NamedTuple


class Draft(NamedTuple):
    """An event to be: ``body`` is JSON-like."""

    kind: str
    subject: str
    body: dict[str, Any]
