"""Configuration errors in tests that are about their text and not about their line."""

from __future__ import annotations

from dataclasses import replace

from monitord.config import ConfigError


def without_line(error: ConfigError) -> str:
    """Return the error in English, as printed but for its line."""
    return str(replace(error, line=0, column=0))
