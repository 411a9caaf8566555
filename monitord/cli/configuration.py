"""Loads the configuration for a command and reports its mistakes in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from monitord.cli.invocation import CommandError, ExitCode, Invocation, Json
from monitord.cli.words import Words
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.loader.errors import ConfigError
from monitord.config.settings import Settings


class ConfigurationError(CommandError):
    """All mistakes of a configuration or of a profile; ``summary``: the last line."""

    def __init__(self, errors: Sequence[ConfigError], language: str, summary: str) -> None:
        text = "\n".join([*(error.render(language) for error in errors), summary])
        mistakes = mistakes_json(errors, language)
        super().__init__(ExitCode.MISTAKES, "configuration", text, mistakes=mistakes)


def settings_of(invocation: Invocation) -> Settings:
    """Return the configuration. Raises ``ConfigurationError`` with all its mistakes."""
    try:
        return load(invocation.config, wall=read_instant().wall)
    except ConfigErrors as errors:
        words = Words(invocation.language)
        summary = words("mistakes", file=invocation.config, count=len(errors.errors))
        raise ConfigurationError(errors.errors, invocation.language, summary) from errors


def mistakes_json(errors: Sequence[ConfigError], language: str) -> list[Json]:
    """Return mistakes as JSON objects: file, key_path, found, allowed, hint."""
    return [dict(error.parts(language)) for error in errors]
