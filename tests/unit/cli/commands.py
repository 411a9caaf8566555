"""Calls commands in this process. Owns no test."""

from __future__ import annotations

import io
import json
from typing import Any, NamedTuple

from monitord.__main__ import main


class Printed(NamedTuple):
    """The exit code of a command and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def monitord(*arguments: object, language: str = "en") -> Printed:
    """Run a command to its end; no traceback may come out of it."""
    out, err = io.StringIO(), io.StringIO()
    code = main([*map(str, arguments), "--language", language], out, err)
    assert "Traceback" not in err.getvalue()
    return Printed(code, out.getvalue(), err.getvalue())
