"""Splits the SQL files of this package into statements. Runs nothing.

``executescript`` would commit the transaction it is called in.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


def read_script(name: str) -> str:
    """Return the text of an SQL file of this package."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def statements(script: str) -> list[str]:
    """Return the statements of a script, in order; a trigger is one statement."""
    found: list[str] = []
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found
