"""``monitord clock``: how far wall time is trusted; a named person states the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from monitord.cli.configuration import settings_of
from monitord.cli.deciding import decided
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.status import UNCERTAIN
from monitord.cli.words import Words
from monitord.config.settings import Settings

LATER_MAX: Final = 60 * 1_000_000
"""A person's watch and the clock may differ by so much."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def run_status(invocation: Invocation) -> int:
    """Print how far the clock of the running daemon is trusted."""
    words = Words(invocation.language)
    found = decided(settings_of(invocation), words, {"command": "clock"})
    _write(invocation, words, found)
    return ExitCode.OK


def run_adopt(
    invocation: Invocation, *, person: str, time: datetime | None, is_sure: bool = False
) -> int:
    """Take a local time of the site as right; without one what the computer's clock shows.

    A time that is later than the clock shows, or than the time in use, is asked for twice: no
    earlier one is taken after it.
    """
    words = Words(invocation.language)
    settings = settings_of(invocation)
    request: Json = {"command": "clock_adopt", "person": person}
    if time is not None:
        request["wall"] = _wall(settings, time)
    if not is_sure:
        _check_not_later(settings, words, request.get("wall"))
    _write(invocation, words, decided(settings, words, request))
    return ExitCode.OK


def _check_not_later(settings: Settings, words: Words, wall: int | None) -> None:
    """Refuse a time that is much later. ``wall``: None for what the clock shows."""
    clock = decided(settings, words, {"command": "clock"})["clock"]
    times = {key: _since_epoch(datetime.fromisoformat(clock[key])) for key in ("shown", "held")}
    for key, time in times.items():
        later = (times["shown"] if wall is None else wall) - time
        if later > LATER_MAX:
            text = words(f"clock.later.{key}", time=clock[key], later=words.length(later / 1e6))
            raise CommandError(ExitCode.NOT_OK, "time_later", text, **{key: clock[key]})


def _wall(settings: Settings, time: datetime) -> int:
    local = time if time.tzinfo is not None else time.replace(tzinfo=ZoneInfo(settings.time_zone))
    return _since_epoch(local)


def _since_epoch(moment: datetime) -> int:
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _write(invocation: Invocation, words: Words, found: Json) -> None:
    if invocation.as_json:
        write_json(found, invocation.out)
        return
    write_lines([*_lines(found["clock"], words)], invocation.out)
    if not found.get("recorded", True):
        write_lines([words("ack.unrecorded")], invocation.out)


def _lines(clock: Json, words: Words) -> Iterator[str]:
    trust = words.code("trust", clock["trust"])
    if clock["alarm"]:
        trust = words("clock.why", trust=trust, why=words.code("clock_alarm", clock["alarm"]))
    yield words("clock.trust", trust=trust, since=clock["since"])
    # How far the offset is kept says nothing of a clock that was never right.
    key = "clock.held.unknown" if clock["trust"] in UNCERTAIN else "clock.held"
    yield words(key, held=clock["held"], bound=f"{clock['bound_s']:.3g}")
    yield words("clock.shown", shown=clock["shown"])
    for rival in clock["rivals"]:
        yield words("clock.rival", rival=rival)
    if clock["alarm"]:
        yield words("clock.advice")
