"""What all commands share: exit codes, errors, output, loading of the configuration.

Must not decide anything. An error that the operator can fix leaves no traceback.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TextIO

from monitord.cli.words import Words
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.loader.errors import ConfigError
from monitord.config.settings import Settings


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


Json = dict[str, Any]


class CommandError(Exception):
    """A command that ends early: its exit code, a code for scripts, a text for people."""

    def __init__(self, exit_code: int, code: str, text: str, **details: object) -> None:
        super().__init__(text)
        self.exit_code = exit_code
        self.json: Json = {"error": {"code": code, "detail": text, **details}}


class ConfigurationError(CommandError):
    """All mistakes of a configuration or of a profile."""

    def __init__(self, errors: ConfigErrors, summary: str) -> None:
        mistakes = [mistake_json(error) for error in errors.errors]
        text = "\n".join([*map(str, errors.errors), summary])
        super().__init__(ExitCode.MISTAKES, "configuration", text, mistakes=mistakes)


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
        code = _carry_out(invocation, command)
        invocation.out.flush()
    except BrokenPipeError:  # the reader has closed its end, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), invocation.out.fileno())
        return ExitCode.OK
    return code


def _carry_out(invocation: Invocation, command: Callable[[Invocation], int]) -> int:
    try:
        return command(invocation)
    except CommandError as error:
        if invocation.as_json:
            write_json(error.json, invocation.out)
        else:
            print(error, file=invocation.err)
        return error.exit_code


def settings_of(invocation: Invocation) -> Settings:
    """Return the configuration. Raises ``ConfigurationError`` with all its mistakes."""
    try:
        return load(invocation.config, wall=read_instant().wall)
    except ConfigErrors as errors:
        words = Words(invocation.language)
        summary = words("mistakes", file=invocation.config, count=len(errors.errors))
        raise ConfigurationError(errors, summary) from errors


def mistake_json(error: ConfigError) -> Json:
    """Return one mistake as a JSON object."""
    return {
        "file": error.file,
        "key_path": error.key_path,
        "found": error.found,
        "allowed": error.allowed,
        "hint": error.hint,
    }


def write_json(document: Json, out: TextIO) -> None:
    """Print one indented JSON document; non-ASCII letters stay as they are."""
    print(json.dumps(document, ensure_ascii=False, indent=2), file=out)


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    """Print lines with every unprintable character blanked: a device's text moves no cursor."""
    for line in lines:
        print("".join(c if c.isprintable() else " " for c in line).rstrip(), file=out)
