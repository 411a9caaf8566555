"""From people's and channels' keys to recipients, channels and delays. Owns that cross-check."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from monitord.config.fields.field_types import TEXT_ALLOWED, URL_ALLOWED, Refused, read_url
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, shown
from monitord.config.loader.secret_files import read_secret
from monitord.config.schemas import SEVERITIES, ChannelSchema, PersonSchema
from monitord.config.settings import NO_ADDRESS, ChannelSettings, PersonSettings
from monitord.core.plan import PersonPlan
from monitord.devices.no_secret import NO_SECRET


def read_channel(id_: str, found: Any, folder: Path, scope: Scope) -> ChannelSettings | None:
    """Return a channel, or None with its mistakes noted."""
    schema = read_schema(ChannelSchema, found, scope)
    if schema is None:
        return None
    if schema.deadline == 0:
        scope.at("deadline").note("'0s'", phrase("more_than", least="0s"))
        return None
    url = "" if schema.kind == "console" else _url(schema, folder, scope)
    if schema.kind == "console":
        for key in ("url", "url_file"):
            if getattr(schema, key) is not None:
                scope.at(key).note(phrase("channel.console"), hint=phrase("channel.webhook"))
    return None if url is None else ChannelSettings(id_, schema.kind, schema.deadline, url)


def _url(schema: ChannelSchema, folder: Path, scope: Scope) -> str | None:
    if (schema.url is None) == (schema.url_file is None):
        scope.one_of_keys(("url", "url_file"), are_there=schema.url is not None)
        return None
    if schema.url is not None:
        scope.report.with_address.add(scope.file)
        return schema.url
    place = scope.at("url_file")
    text = read_secret(str(schema.url_file), folder, place)
    try:
        return None if text is None else NO_ADDRESS if text == NO_SECRET else read_url(text)
    except Refused:
        if scope.report.given is not None:
            return NO_ADDRESS
        found = phrase("secret.no_url", name=shown(schema.url_file))
        place.note(found, hint=phrase("secret.expected", allowed=URL_ALLOWED))
        return None


def read_person(
    id_: str, found: Any, channels: Collection[str] | None, scope: Scope
) -> tuple[PersonSettings, PersonPlan] | None:
    """Return a person and their delays, or None with every mistake noted.

    ``channels``: the ids there are, or None where that is not known.
    """
    schema = read_schema(PersonSchema, found, scope, {"name": "-"})
    if schema is None:
        return None
    place = scope.at("tell")
    if not schema.tell:
        place.note(phrase("empty", what=phrase("what.channel")))
    for index, channel in enumerate(schema.tell):
        if not isinstance(channel, str):
            place.at(index).wrong(channel, TEXT_ALLOWED)
        elif channels is not None and channel not in channels:
            place.at(index).unknown("channel", channel, channels)
        elif channel in schema.tell[:index]:
            place.at(index).note(phrase("twice.channel", name=shown(channel)))
    delays = schema.tell_after or tuple((severity, 0) for severity in SEVERITIES)
    plan = PersonPlan(id_, tuple(map(str, schema.tell)), delays)
    return PersonSettings(id_, schema.name, schema.language), plan
