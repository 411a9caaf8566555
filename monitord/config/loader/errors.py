"""What is wrong with a configuration, in words for who wrote it. Owns error texts' form; no rule.

A ``Scope`` is a place in one file: it collects into one list, so that every error is told at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

SHOWN_MAX = 60
"""Longest part of a found value that is printed."""


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One mistake. With ``allowed``: *got found, must be allowed*; without: ``found`` alone."""

    file: str
    key_path: str
    found: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return the line that is printed, in English."""
        return self.render("en")

    def render(self, language: str) -> str:
        """Return the line that is printed, in ``language`` (zh or en); so far always English."""
        del language
        place = f"{self.file}: {self.key_path}: " if self.key_path else f"{self.file}: "
        text = f"got {self.found}, must be {self.allowed}" if self.allowed else self.found
        return place + text + (f"; {self.hint}" if self.hint else "")

    def parts(self, language: str) -> dict[str, str]:
        """Return ``file``, ``key_path``, ``found``, ``allowed`` and ``hint`` for a script."""
        del language
        return {
            "file": self.file,
            "key_path": self.key_path,
            "found": self.found,
            "allowed": self.allowed,
            "hint": self.hint,
        }


class ConfigErrors(Exception):  # noqa: N818 - the plural is the point: all at once
    """Every mistake found in a configuration, in the order of the file's sections."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(self.render("en")))

    def render(self, language: str) -> list[str]:
        """Return the lines that are printed, in ``language`` (zh or en)."""
        return [error.render(language) for error in self.errors]


@dataclass(frozen=True, slots=True)
class Scope:
    """A key path in a file, and the list its mistakes go to.

    ``homes``: the files of key paths that stand in another file than the first.
    """

    file: str
    path: tuple[str, ...] = ()
    errors: list[ConfigError] = field(default_factory=list)
    homes: dict[tuple[str, ...], str] = field(default_factory=dict)

    def at(self, *keys: object) -> Scope:
        """Return the scope of a key below this one; an int is an index."""
        path = (*self.path, *map(str, keys))
        home = next((self.homes[path[:n]] for n in (2, 1) if path[:n] in self.homes), self.file)
        return Scope(home, path, self.errors, self.homes)

    def in_file(self, file: str) -> Scope:
        """Return the top of another file whose mistakes belong to the same list."""
        return Scope(file, (), self.errors)

    def wrong(self, found: object, allowed: str, hint: str = "") -> None:
        """Note that ``found`` stands here and something ``allowed`` must."""
        self.note(shown(found), allowed, hint)

    def note(self, found: str, allowed: str = "", hint: str = "") -> None:
        """Note a mistake whose text is already made."""
        error = ConfigError(self.file, dotted(self.path), found, allowed, hint)
        if error not in self.errors:  # a profile's mistake shows once for each of its devices
            self.errors.append(error)

    def unknown(self, what: str, found: object, known: Iterable[str]) -> None:
        """Note a reference to something that does not exist, with the nearest that does."""
        self.note(f"unknown {what} {shown(found)}", "", nearest(found, known))


def dotted(path: Iterable[str]) -> str:
    """Return ``programmes.county_fm.chain[0].needs`` for its keys."""
    text = ""
    for key in path:
        name = key if key.isprintable() and len(key) <= SHOWN_MAX else shown(key)
        text += f"[{name}]" if name.isdigit() else f".{name}" if text else name
    return text


def shown(value: object) -> str:
    """Return a found value as it is printed: bounded, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            text = repr(value)
            return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def nearest(found: object, known: Iterable[str], label: str = "known") -> str:
    """Return a hint: the nearest right name, or the names there are."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(found), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return "there is none"
    more = ", …" if len(names) > 12 else ""
    return f"{label}: {', '.join(names[:12])}{more}"
