"""``monitord clock``: how far wall time is trusted; a named person states the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from monitord.cli.configuration import settings_of
from monitord.cli.deciding import decided
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.words import Words
from monitord.config.settings import Settings

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def run_status(invocation: Invocation) -> int:
    """Print how far the clock of the running daemon is trusted."""
    words = Words(invocation.language)
    found = decided(settings_of(invocation), words, {"command": "clock"})
    _write(invocation, words, found)
    return ExitCode.OK


def run_adopt(invocation: Invocation, *, person: str, time: datetime | None) -> int:
    """Take a local time of the site as right; without one what the computer's clock shows."""
    words = Words(invocation.language)
    settings = settings_of(invocation)
    request: Json = {"command": "clock_adopt", "person": person}
    if time is not None:
        request["wall"] = _wall(settings, time)
    _write(invocation, words, decided(settings, words, request))
    return ExitCode.OK


def _wall(settings: Settings, time: datetime) -> int:
    local = time if time.tzinfo is not None else time.replace(tzinfo=ZoneInfo(settings.time_zone))
    passed = local - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _write(invocation: Invocation, words: Words, found: Json) -> None:
    if invocation.as_json:
        write_json(found, invocation.out)
        return
    write_lines([*_lines(found["clock"], words)], invocation.out)
    if not found.get("recorded", True):
        write_lines([words("ack.unrecorded")], invocation.out)


def _lines(clock: Json, words: Words) -> Iterator[str]:
    yield words("clock.trust", trust=words.code("trust", clock["trust"]), since=clock["since"])
    yield words("clock.held", held=clock["held"], bound=f"{clock['bound_s']:g}")
    yield words("clock.shown", shown=clock["shown"])
    for rival in clock["rivals"]:
        yield words("clock.rival", rival=rival)
