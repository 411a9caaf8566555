"""Mistakes of a configuration: place, text and parameters. Owns their form; no rule.

A ``Scope`` is a place in one file. All scopes of one load collect into one report, so that every
error is reported at once. The sentences are in ``config/texts/``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitord.config.loader.phrases import (
    NOTHING,
    SHOWN_MAX,
    Part,
    Phrase,
    nearest,
    phrase,
    printable,
    quoted,
    rendered,
    shown,
)
from monitord.config.loader.places import Places

ELSEWHERE_MAX = 5
"""Further places of one mistake that are printed."""
PRINTED_MAX = 100
"""Errors that are printed at most: a file with more is wrong for one reason."""


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One mistake. With ``allowed``, ``found`` is a value that must be another one.

    Without it ``found`` is the whole problem. ``line`` and ``column`` count from 1; 0 is unknown.
    ``elsewhere``: key paths of other places with the same mistake.
    """

    file: str
    key_path: str
    found: Part
    allowed: Part = ""
    hint: Part = ""
    line: int = 0
    column: int = 0
    elsewhere: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the error in English."""
        return self.render("en")

    def render(self, language: str) -> str:
        """Return the line that is printed: the place, what is wrong, what to write."""
        text = self._problem()
        if self.hint:
            text = phrase("error.hint", error=text, hint=self.hint)
        if self.elsewhere:
            text = self._elsewhere(text)
        for part in (printable(self.key_path), self._line(), printable(self.file)):
            text = phrase("error.at", place=part, error=text) if part else text
        return rendered(text, language)

    @property
    def code(self) -> str:
        """Return the code of the problem: the same in every language."""
        problem = self._problem()
        return problem.code if isinstance(problem, Phrase) else ""

    def parts(self, language: str) -> dict[str, str | int]:
        """Return the error for a script: places as they are, texts in ``language``."""
        return {
            "file": self.file,
            "line": self.line,
            "key_path": self.key_path,
            "found": rendered(self.found, language),
            "allowed": rendered(self.allowed, language),
            "hint": rendered(self.hint, language),
        }

    def _elsewhere(self, error: Part) -> Phrase:
        places = self.elsewhere[:ELSEWHERE_MAX]
        more = len(self.elsewhere) - len(places)
        if not more:
            return phrase("error.elsewhere", error=error, places=places)
        return phrase("error.elsewhere.many", error=error, places=places, count=more)

    def _problem(self) -> Part:
        if not self.allowed:
            return self.found
        if isinstance(self.found, Phrase) and self.found.code in ("key", "id"):
            return phrase("error.has", found=self.found, allowed=self.allowed)
        if self.found == NOTHING:
            return phrase("error.missing", allowed=self.allowed)
        return phrase("error.wrong", found=self.found, allowed=self.allowed)

    def _line(self) -> Part:
        if self.line and self.column:
            return phrase("error.column", line=self.line, column=self.column)
        return phrase("error.line", line=self.line) if self.line else ""


class ConfigErrors(Exception):  # noqa: N818 - the plural is the point: all at once
    """Every mistake found in a configuration, by file and line."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(self.render("en")))

    def render(self, language: str) -> list[str]:
        """Return the lines that are printed, in ``language`` (zh or en)."""
        return render_errors(self.errors, language)


def render_errors(errors: Sequence[ConfigError], language: str) -> list[str]:
    """Return the lines that are printed, in ``language`` (zh or en); very many are counted."""
    lines = [error.render(language) for error in errors[:PRINTED_MAX]]
    more = len(errors) - len(lines)
    return [*lines, phrase("error.more", count=more).render(language)] if more else lines


@dataclass(slots=True)
class Report:
    """What one load has found so far.

    ``errors``: each once; ``places``: lines by file; ``touched``: file and key path of every
    section with an error in it. ``raws``: the bytes of each file that was read, but of no secret;
    ``given``: read these instead of files. ``with_address``: the files that name a channel's
    address; ``names``: of files in ``raws``. ``open_secrets``: files with a secret that every user
    of the computer may read or write.
    """

    errors: dict[ConfigError, None] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    touched: set[tuple[str, ...]] = field(default_factory=set)
    raws: dict[str, bytes] = field(default_factory=dict)
    given: Mapping[str, bytes] | None = None
    with_address: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    open_secrets: set[str] = field(default_factory=set)

    def line(self, file: str, path: tuple[str, ...]) -> int:
        """Return the line of a key path in a file, 0 if it is unknown."""
        places = self.places.get(file)
        return 0 if places is None else places.line(path)

    def add(self, *errors: ConfigError) -> None:
        """Add errors; the same one in a profile shows once for all its devices."""
        self.errors |= dict.fromkeys(errors)


@dataclass(frozen=True, slots=True)
class Scope:
    """A key path in a file, and the report its mistakes go to.

    ``homes``: the files of key paths that are in another file than the first.
    """

    file: str
    path: tuple[str, ...] = ()
    report: Report = field(default_factory=Report)
    homes: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def errors(self) -> dict[ConfigError, None]:
        """Return the report's errors, in the order they were found."""
        return self.report.errors

    @property
    def key_path(self) -> str:
        """Return the path as it is printed."""
        return dotted(self.path)

    @property
    def has_errors(self) -> bool:
        """Return whether a mistake was noted here or below."""
        return (self.file, *self.path) in self.report.touched

    def at(self, *keys: object) -> Scope:
        """Return the scope of a key below this one; an int is an index."""
        path = (*self.path, *map(str, keys))
        home = next((self.homes[path[:n]] for n in (2, 1) if path[:n] in self.homes), self.file)
        return Scope(home, path, self.report, self.homes)

    def in_file(self, file: str) -> Scope:
        """Return the top of another file whose mistakes belong to the same report."""
        return Scope(file, (), self.report)

    def take_over(self, other: Scope) -> None:
        """Add what was noted of the same file apart from this report."""
        self.report.add(*other.errors)
        self.report.places |= other.report.places

    def wrong(self, found: object, allowed: Part, hint: Part = "") -> None:
        """Note that the value here is ``found`` and must be ``allowed``; None: it is missing."""
        self.note(shown(found), allowed, hint)

    def note(self, found: Part, allowed: Part = "", hint: Part = "", *, key: object = None) -> None:
        """Note a mistake whose text is already made. ``key``: the key below that is its place."""
        path = self.path if key is None else (*self.path, str(key))
        self.report.touched.update((self.file, *path[:end]) for end in range(1, len(path) + 1))
        line = self.report.line(self.file, path)
        self.report.add(ConfigError(self.file, self.key_path, found, allowed, hint, line))

    def note_at(self, line: int, column: int, problem: Phrase, hint: Part = "") -> None:
        """Note a mistake at a line and column (from 1; column 0: the whole line)."""
        self.report.add(ConfigError(self.file, self.key_path, problem, "", hint, line, column))

    def unknown(self, what: str, found: object, known: Iterable[str]) -> None:
        """Note a name of something that does not exist, with the nearest that does.

        ``what``: the code of the text, without ``unknown.``.
        """
        self.note(phrase(f"unknown.{what}", name=shown(found)), hint=nearest(found, known))

    def one_of_keys(self, keys: tuple[str, ...], *, are_there: bool) -> None:
        """Note that exactly one of ``keys`` must be here, and all of them are, or none."""
        code = "keys.several" if are_there else "keys.none"
        self.note(phrase(code, keys=keys))


def dotted(path: Iterable[str]) -> str:
    """Return ``programmes.county_fm.chain[0].needs`` for its keys."""
    text = ""
    for key in path:
        name = key if key.isprintable() and len(key) <= SHOWN_MAX else quoted(key)
        text += f"[{name}]" if name.isdigit() else f".{name}" if text else name
    return text


def in_order(errors: Collection[ConfigError]) -> list[ConfigError]:
    """Return the errors file by file, each in the order of lines.

    A secret's file that cannot be used is one error, however many devices name it.
    """
    alike: dict[object, list[ConfigError]] = {}
    for error in errors:
        key = (error.file, error.found, error.allowed) if _is_about_file(error) else error
        alike.setdefault(key, []).append(error)
    files = {error.file: number for number, error in reversed(list(enumerate(errors)))}
    joined = [_joined(same) for same in alike.values()]
    return sorted(joined, key=lambda error: (files[error.file], error.line))


def _is_about_file(error: ConfigError) -> bool:
    return isinstance(error.found, Phrase) and error.found.code.startswith("secret.")


def _joined(same: list[ConfigError]) -> ConfigError:
    first, *others = same
    return replace(first, elsewhere=tuple(other.key_path for other in others))
