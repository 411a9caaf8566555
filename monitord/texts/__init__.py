"""Every sentence a person reads, in Chinese and English, as templates over codes and parameters.

Must not look anything up or decide anything: codes and parameters come in, text goes out.
"""

from __future__ import annotations

from typing import Final

from monitord.texts import en, zh

LANGUAGES: Final[dict[str, dict[str, str]]] = {"zh": zh.TEXTS, "en": en.TEXTS}


def render(language: str, key: str, **parameters: object) -> str:
    """Return the text of ``key`` in ``language`` (zh or en) with its parameters filled in.

    Raises ``KeyError`` for a language, key or parameter that is not there: our own mistake.
    """
    return LANGUAGES[language][key].format_map(parameters)


def has_text(language: str, key: str) -> bool:
    """Return whether there is a text for a code that may be newer than the texts."""
    return key in LANGUAGES[language]
