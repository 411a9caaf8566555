"""All texts for people in Chinese and English: templates filled with codes and parameters.

Reads no state and decides nothing.
"""

from __future__ import annotations

from typing import Final

from monitord.texts import cards, en, zh
from monitord.texts.filling import filled

LANGUAGES: Final[dict[str, dict[str, str]]] = {
    "zh": zh.TEXTS | cards.ZH,
    "en": en.TEXTS | cards.EN,
}


def render(language: str, key: str, **parameters: object) -> str:
    """Return the text of ``key`` in ``language`` (zh or en) with its parameters filled in.

    Raises ``KeyError`` for an unknown language, key or parameter: a defect of the caller.
    """
    return filled(LANGUAGES[language][key], parameters)


def has_text(language: str, key: str) -> bool:
    """Return whether ``key`` has a text; the record of a newer version may hold newer codes."""
    return key in LANGUAGES[language]
