"""Checks and converts single arguments; each error names what was typed and what is allowed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, NamedTuple

from monitord.cli.profile_rows import RowGiven
from monitord.cli.suggestions import quoted
from monitord.cli.words import Words

DEADLINE_S_MAX: Final = 600
LIMIT_MAX: Final = 100_000
NAME_MAX: Final = 200
"""Longest id or name in characters; the daemon's control socket takes 4,096 bytes a request."""
PATH_BYTES_MAX: Final = 4096
REGISTER_TABLES: Final = ("coil", "discrete_input", "input_register", "holding_register")
ALL: Final = "all"
"""Instead of ids: every one."""
_SECONDS: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s?")
_SPAN: Final = re.compile(r"([a-z_]+):([0-9]{1,5})(?:-([0-9]{1,5}))?")
_INDEX: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,10}){0,127}")
_ROW: Final = re.compile(r"([a-z][a-z0-9_]*)=(.+)")
_KEY: Final = re.compile(r"([a-z][a-z0-9_]*):(.+)")


class Moment(NamedTuple):
    """A day, as its midnight, or a time; without an offset in local time of the site."""

    at: datetime
    is_day: bool


@dataclass(frozen=True, slots=True)
class ArgumentTypes:
    """The types of arguments, as argparse calls them. All raise ``argparse.ArgumentTypeError``."""

    words: Words

    def name(self, text: str) -> str:
        """Return an id, a host, a user name: printable, not empty, bounded."""
        if not text or len(text) > NAME_MAX or not text.isprintable():
            raise self._error("type.name", text, most=NAME_MAX)
        return text

    def id(self, text: str) -> str:
        """Return an id; a file name is most likely CONFIG, and the id was forgotten."""
        if "/" in text or text.endswith((".yaml", ".yml")):
            raise self._error("type.id", text)
        return self.name(text)

    def spans(self, text: str) -> tuple[str, ...]:
        """Return the ids of unsettled spans, separated by commas; none for ``all``."""
        if text == ALL:
            return ()
        return tuple(self.id(part) for part in text.split(","))

    def time(self, text: str) -> datetime:
        """Return an ISO 8601 date and time; without an offset it is local time of the site."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise self._error("type.time", text) from None
        if len(text) < len("2026-01-01T00:00"):
            raise self._error("type.time", text)
        return found

    def moment(self, text: str) -> Moment:
        """Return a date, or an ISO 8601 date and time."""
        try:
            return Moment(datetime.combine(date.fromisoformat(text), time()), is_day=True)
        except ValueError:
            return Moment(self.time(text), is_day=False)

    def path(self, text: str) -> Path:
        """Return a file name; its bytes may be of any encoding, as those of the file system are."""
        if not text or "\0" in text or _is_no_file_name(text):
            raise self._error("type.path", text)
        return Path(text)

    def seconds(self, text: str) -> float:
        """Return a deadline in seconds; a final ``s`` is allowed."""
        match = _SECONDS.fullmatch(text)
        if match is None or not 0 < float(match[1]) <= DEADLINE_S_MAX:
            raise self._error("type.seconds", text, most=DEADLINE_S_MAX)
        return float(match[1])

    def count(self, text: str) -> int:
        return self._whole(text, LIMIT_MAX)

    def port(self, text: str) -> int:
        return self._whole(text, 0xFFFF)

    def span(self, text: str) -> tuple[str, int, int]:
        """Return (table, first, last) of Modbus wire addresses, such as input_register:0-99."""
        match = _SPAN.fullmatch(text)
        if match and match[1] in REGISTER_TABLES:
            first = int(match[2])
            last = int(match[3] or first)
            if first <= last <= 0xFFFF:
                return match[1], first, last
        raise self._error("type.span", text, tables=self.words.listed(REGISTER_TABLES))

    def row(self, text: str) -> RowGiven:
        """Return a row of a profile: by its index or by the text in a key's column."""
        if match := _ROW.fullmatch(text):
            name, place = match.groups()
            if _INDEX.fullmatch(place):
                return RowGiven(name, tuple(map(int, place.split("."))))
            if key := _KEY.fullmatch(place):
                return RowGiven(name, (), *key.groups())
        raise self._error("type.row", text)

    def one_of(self, *allowed: str) -> Callable[[str], str]:
        """Return a type for a fixed set of values."""

        def choice(text: str) -> str:
            if text not in allowed:
                raise self._error("type.choice", text, allowed=self.words.listed(allowed))
            return text

        return choice

    def _whole(self, text: str, most: int) -> int:
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= most):
            raise self._error("type.whole", text, most=most)
        return int(text)

    def _error(self, key: str, text: str, **parameters: object) -> argparse.ArgumentTypeError:
        return argparse.ArgumentTypeError(self.words(key, value=quoted(text), **parameters))


def _is_no_file_name(text: str) -> bool:
    """Return whether no file of this system can have the name: too long, or no bytes at all."""
    try:
        return len(text.encode("utf-8", "surrogateescape")) > PATH_BYTES_MAX
    except UnicodeEncodeError:
        return True
