"""Parts of error texts, by code: rendered from ``config/texts`` in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from monitord.config.texts import TEXTS
from monitord.similar import similar
from monitord.texts.filling import filled

FULL_WIDTH = frozenset("，：；（）“”‘’｛｝［］＝＜＞")
"""Signs of Chinese input that mean nothing to YAML."""
SHOWN_MAX = 60
"""Longest part of a found value that is printed."""
LISTED_MAX = 60
"""Names that a hint lists at most."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text in every language: its key in the tables, and what fills its gaps."""

    code: str
    parameters: tuple[tuple[str, Part], ...] = ()

    def render(self, language: str) -> str:
        """Return the text in ``language``, zh or en."""
        parts = {name: rendered(part, language) for name, part in self.parameters}
        return filled(TEXTS[language][self.code], parts)


Part: TypeAlias = "str | int | float | Phrase | tuple[Part, ...]"
"""What fills a gap: a value as typed, a phrase, or several of them as a list."""


def phrase(code: str, **parameters: Part) -> Phrase:
    """Return a phrase with its gaps filled."""
    return Phrase(code, tuple(parameters.items()))


def rendered(part: Part, language: str) -> str:
    """Return the text of a phrase or of a value."""
    match part:
        case Phrase():
            return part.render(language)
        case tuple():
            return TEXTS[language]["list"].join(rendered(one, language) for one in part)
        case _:
            return str(part)


NOTHING = Phrase("nothing")
"""The text of a missing value."""


def shown(value: object) -> Part:
    """Return a found value as it is printed: on one line, of bounded length."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "true" if value else "false"
        case dict():
            return Phrase("a_mapping" if value else "an_empty_mapping")
        case list():
            return Phrase("a_list" if value else "an_empty_list")
        case _:
            text = repr(value)
            return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def quoted(text: object) -> str:
    """Return a text in quotes, on one line, of bounded length."""
    quotes = repr(str(text))
    return quotes if len(quotes) <= SHOWN_MAX else quotes[:SHOWN_MAX] + "…"


def printable(text: str) -> str:
    """Return a file name or key that any terminal can print on one line."""
    return text if text.isprintable() else repr(text)[1:-1]


def nearest(found: object, known: Iterable[str], label: str = "known") -> Phrase:
    """Return a hint: the name that is nearly ``found``, or the names there are.

    ``label``: the code of the phrase that lists them.
    """
    if any(sign in FULL_WIDTH for sign in str(found)):
        return phrase("hint.full_width_sign")
    names = [str(name) for name in known]
    close = similar(str(found), names)
    if close is not None:
        return phrase("did_you_mean", name=quoted(close))
    if not names:
        return phrase("there_is_none")
    if len(names) > LISTED_MAX:
        return phrase(f"{label}.many", names=tuple(islice(names, LISTED_MAX)), count=len(names))
    return phrase(label, names=tuple(names))
