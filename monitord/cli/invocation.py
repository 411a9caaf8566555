"""One call of a command: exit codes, errors, output. Decides nothing and imports little.

An error that the person at the keyboard can fix leaves no traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TextIO

Json = dict[str, Any]


class ExitCode(IntEnum):
    """What a command returns to the shell; docs/cli.md lists the same codes."""

    OK = 0
    NOT_OK = 1
    """The thing asked for does not exist, or its state is not good."""
    MISTAKES = 2
    """Mistakes in the configuration or on the command line."""
    UNAVAILABLE = 3
    """A device, file, daemon or record that cannot be reached, read or written."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT, as shells report it."""


class CommandError(Exception):
    """A command that ends early: its exit code, a code for scripts, a text for people."""

    def __init__(self, exit_code: int, code: str, text: str, **details: object) -> None:
        super().__init__(text)
        self.exit_code = exit_code
        self.json: Json = {"error": {"code": code, "detail": text, **details}}


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a command. ``as_json``: the output is for a script, not for a person."""

    config: Path
    language: str
    as_json: bool
    out: TextIO
    err: TextIO


def run_command(invocation: Invocation, command: Callable[[Invocation], int]) -> int:
    """Run a command and return its exit code; print a ``CommandError`` on stderr, or as JSON."""
    try:
        return command(invocation)
    except CommandError as error:
        if invocation.as_json:
            write_json(error.json, invocation.out)
        else:
            write_lines(str(error).splitlines(), invocation.err)
        return error.exit_code


def write_json(document: Json, out: TextIO) -> None:
    """Print one indented JSON document; non-ASCII letters stay as they are."""
    print(json.dumps(document, ensure_ascii=False, indent=2), file=out)


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    """Print lines with every unprintable character blanked: a device's text moves no cursor."""
    for line in lines:
        print("".join(c if c.isprintable() else " " for c in line).rstrip(), file=out)
