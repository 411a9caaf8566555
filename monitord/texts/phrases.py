"""A text in both languages: the key of a template and what fills it. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitord.texts import control_errors, device_errors, reload, start_errors
from monitord.texts.filling import filled

TEXTS: Final = {
    language: (
        device_errors.TEXTS[language]
        | control_errors.TEXTS[language]
        | start_errors.TEXTS[language]
        | reload.TEXTS[language]
    )
    for language in ("zh", "en")
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """``key``: of a template in ``TEXTS``. A parameter may be a phrase itself."""

    key: str
    parameters: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """Return the text in English, as logs have it."""
        return self.render("en")

    def render(self, language: str) -> str:
        """Return the text in ``language``, zh or en."""
        parts = {name: rendered(value, language) for name, value in self.parameters}
        return filled(TEXTS[language][self.key], parts)

    def changed(self, change: Callable[[str], str]) -> Phrase:
        """Return the phrase with ``change`` applied to each of its texts."""
        return Phrase(self.key, tuple((name, _changed(v, change)) for name, v in self.parameters))


def phrase(key: str, **parameters: object) -> Phrase:
    """Return a phrase with its parameters."""
    return Phrase(key, tuple(parameters.items()))


def rendered(value: object, language: str) -> str:
    """Return the text of a phrase, or any other value as it is."""
    return value.render(language) if isinstance(value, Phrase) else str(value)


def _changed(value: object, change: Callable[[str], str]) -> object:
    return value.changed(change) if isinstance(value, Phrase) else change(str(value))
