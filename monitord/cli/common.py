"""What every command shares: exit codes, language, JSON, the reading of the configuration.

Decides nothing, and lets no traceback out for what the operator can mend.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.loader.errors import ConfigError
from monitord.config.settings import Settings
from monitord.texts import has_text, render
from monitord.texts.commands import TEXTS

FINE, NOT_FINE, BAD_CONFIGURATION, CANNOT = 0, 1, 2, 3
"""Exit codes: fine; what was asked for is not fine or not found; configuration; no reaching it."""

Json = dict[str, Any]


class CommandError(Exception):
    """A command that ends without what was asked for: exit code, a code for scripts, words."""

    def __init__(self, exit_code: int, code: str, text: str, **details: object) -> None:
        super().__init__(text)
        self.exit_code = exit_code
        self.json: Json = {"error": {"code": code, "detail": text, **details}}


class ConfigurationError(CommandError):
    """Mistakes in the configuration, all at once."""

    def __init__(self, errors: ConfigErrors, summary: str) -> None:
        mistakes = [mistake_json(error) for error in errors.errors]
        text = "\n".join([*map(str, errors.errors), summary])
        super().__init__(BAD_CONFIGURATION, "configuration", text, mistakes=mistakes)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command was asked for. ``as_json``: for a script instead of for a person."""

    config: Path
    language: str
    as_json: bool
    out: TextIO
    err: TextIO


def carry_out(asked: Asked, command: Callable[[Asked], int]) -> int:
    """Run a command; whatever ends it early is said on stderr, or as JSON; return the exit code."""
    try:
        code = _carry_out(asked, command)
        asked.out.flush()
    except BrokenPipeError:  # whoever reads has seen enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), asked.out.fileno())
        return FINE
    return code


def _carry_out(asked: Asked, command: Callable[[Asked], int]) -> int:
    try:
        return command(asked)
    except CommandError as error:
        if asked.as_json:
            write_json(error.json, asked.out)
        else:
            print(error, file=asked.err)
        return error.exit_code


def settings_of(asked: Asked) -> Settings:
    """Return the configuration. Raises ``CommandError`` with every mistake in it."""
    try:
        return load(asked.config, wall=read_instant().wall)
    except ConfigErrors as errors:
        words = Words(asked.language)
        summary = words("mistakes", file=asked.config, count=len(errors.errors))
        raise ConfigurationError(errors, summary) from errors


def mistake_json(error: ConfigError) -> Json:
    """Return a mistake's parts for a script."""
    return {
        "file": error.file,
        "key_path": error.key_path,
        "found": error.found,
        "allowed": error.allowed,
        "hint": error.hint,
    }


def write_json(document: Json, out: TextIO) -> None:
    """Print one JSON document, indented, letters as they are."""
    print(json.dumps(document, ensure_ascii=False, indent=2), file=out)


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    """Print lines; a name out of a device or a file does not move the cursor."""
    for line in lines:
        print("".join(c if c.isprintable() else " " for c in line).rstrip(), file=out)


class Words:
    """The sentences of one language. ``day``: ISO date whose moments are said without it."""

    def __init__(self, language: str, day: str = "") -> None:
        self._language = language
        self._day = day

    def __call__(self, key: str, **parameters: object) -> str:
        return TEXTS[self._language][key].format_map(parameters)

    def on(self, iso: str) -> Words:
        """Return the same language for moments of the day of ``iso``."""
        return Words(self._language, iso[:10])

    def code(self, kind: str, code: str | None) -> str:
        """Return what people call a code, or the code where it is newer than the texts."""
        key = f"{kind}.{code}"
        if key in TEXTS[self._language]:
            return self(key)
        return render(self._language, key) if has_text(self._language, key) else code or ""

    def reason(self, code: str) -> str:
        """Return what people call a reason or a cause of blindness."""
        return self.code("reason", code or "unknown")

    def observed(self, observed: str) -> str:
        """Return an observed such as ``bad:no_carrier`` in words."""
        sort, _, reason = observed.partition(":")
        return self(f"observed.{sort}", reason=self.reason(reason))

    def listed(self, texts: Iterable[str]) -> str:
        """Return all of them in one line, or that there is none."""
        return self("list").join(texts) or self("none")

    def moment(self, iso: str | None) -> str:
        """Return a moment to the second; with its date where that is another than the day's."""
        if iso is None:
            return ""
        date, _, time = iso.partition("T")
        return time[:8] if date == self._day else f"{date} {time[:8]}"

    def between(self, first: str | None, last: str | None) -> str:
        """Return an interval, as one moment where both ends are the same to the second."""
        begin, end = self.moment(first), self.moment(last)
        return begin if begin == end else self("moment.between", first=begin, last=end)

    def length(self, seconds: float) -> str:
        """Return a length of time; below ten seconds with a tenth."""
        if seconds < 10:
            text = f"{seconds:.1f}".removesuffix(".0")
            return render(self._language, "length.seconds", seconds=text)
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = {"hours": hours, "minutes": minutes, "seconds": rest}
        unit = "hours" if hours else "minutes" if minutes else "seconds"
        return render(self._language, f"length.{unit}", **parts)

    def figures(self, key: str, found: Json) -> str:
        """Return the three figures of ``found`` in a sentence."""
        names = ("least", "most_seen", "most")
        return self(key, **{name: self.length(found[f"{name}_s"]) for name in names})
