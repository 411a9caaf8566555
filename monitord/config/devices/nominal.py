"""Which of a site's dated figures counts today. Owns station dates; reads no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def station_date(wall: int | None, time_zone: str) -> str:
    """Return the ISO date at the station, empty where no time is given.

    ``wall``: microseconds since 1970 UTC.
    """
    if wall is None:
        return ""
    moment = _BEGINNING + timedelta(microseconds=wall)
    return moment.astimezone(ZoneInfo(time_zone)).date().isoformat()


def figures_at(
    nominal: Mapping[str, tuple[tuple[str, int | float], ...]], today: str, scope: Scope
) -> dict[str, int | float]:
    """Return the figures that count ``today``; names without one yet are noted.

    Each is (since, figure) in order of date. ``today`` empty: the latest counts.
    """
    found: dict[str, int | float] = {}
    for name, figures in nominal.items():
        past = [figure for since, figure in figures if not today or since <= today]
        if past:
            found[name] = past[-1]
        else:
            since = phrase("since", date=figures[0][0])
            scope.at(name).note(since, phrase("nominal.today", date=today))
    return found
