"""What both ends of the control socket share: JSON objects, refusals, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
ControlCommand: TypeAlias = Callable[[Json], Awaitable[Json]]


class ControlError(Exception):
    """The daemon cannot be asked, or cannot listen. The operator of the daemon can fix it."""


class NoDaemonError(ControlError):
    """No daemon listens: none runs on this record."""


def refusal(code: str, **details: object) -> Json:
    """Return the answer to a request that cannot be done: a code and its parameters."""
    return {"ok": False, "error": {"code": code, **details}}
