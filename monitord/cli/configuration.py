"""Loads the configuration for a command and reports its mistakes in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from monitord.cli.invocation import CommandError, ExitCode, Invocation, Json
from monitord.cli.suggestions import quoted, suggestion
from monitord.cli.words import Words
from monitord.clock import read_instant
from monitord.config import ConfigErrors, load
from monitord.config.loader.errors import ConfigError, render_errors
from monitord.config.settings import Settings
from monitord.devices.model import DeviceSettings
from monitord.last_good import last_good


class ConfigurationError(CommandError):
    """All mistakes of a configuration or of a profile; ``summary``: the last line."""

    def __init__(self, errors: Sequence[ConfigError], language: str, summary: str) -> None:
        text = "\n".join([*render_errors(errors, language), summary])
        mistakes = mistakes_json(errors, language)
        super().__init__(ExitCode.MISTAKES, "configuration", text, mistakes=mistakes)


def settings_of(invocation: Invocation) -> Settings:
    """Return the configuration. Raises ``ConfigurationError`` with all its mistakes."""
    try:
        return load(invocation.config, wall=read_instant().wall)
    except ConfigErrors as errors:
        words = Words(invocation.language)
        summary = words("mistakes", count=len(errors.errors), file=invocation.config)
        raise ConfigurationError(errors.errors, invocation.language, summary) from errors


def settings_in_use(invocation: Invocation) -> Settings:
    """Return the configuration, or the last one without mistakes, which the daemon goes on with."""
    try:
        return settings_of(invocation)
    except ConfigurationError:
        try:
            found = last_good(invocation.config, wall=read_instant().wall)
        except ConfigErrors:
            found = None
        if found is None:
            raise
        return found


def device_of(invocation: Invocation, settings: Settings, id_: str) -> DeviceSettings:
    """Return the device with this id. Raises ``CommandError`` with a hint."""
    devices = {device.id: device for device in settings.devices}
    if id_ in devices:
        return devices[id_]
    words, known = Words(invocation.language), list(devices)
    labelled = [device.id for device in settings.devices if device.name == id_]
    hint = suggestion(id_, labelled or known, words)
    text = words("device.unknown", device=quoted(id_), file=invocation.config, hint=hint)
    details = {"device": id_, "known": known, "hint": hint}
    raise CommandError(ExitCode.NOT_OK, "unknown_device", text, **details)


def mistakes_json(errors: Sequence[ConfigError], language: str) -> list[Json]:
    """Return mistakes as JSON objects: file, line, key_path, found, allowed, hint."""
    return [dict(error.parts(language)) for error in errors]
