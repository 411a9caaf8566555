"""The texts of mistakes in configurations and profiles, by language and code. Decides nothing."""

from __future__ import annotations

from typing import Final

from monitord.config.texts import en, zh

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh": zh.TEXTS,
    "en": en.TEXTS,
}
