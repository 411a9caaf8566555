"""``monitord report``: the figures of any period, from the record, with or without a daemon."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from monitord.cli.argument_types import Moment
from monitord.cli.configuration import settings_in_use
from monitord.cli.history_access import open_history
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.report_lines import report_lines
from monitord.cli.words import Words
from monitord.clock import Instant, iso_time, read_instant
from monitord.config.settings import Settings
from monitord.control.labels import Labels
from monitord.control.status import folded
from monitord.core.chain import unmonitored_layers
from monitord.core.model import SECOND
from monitord.history import History
from monitord.journal.alive import Alive, read_alive
from monitord.report.document import UNSETTLED_TAIL, Period, Source, corrections, disputes, reports

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LIVE_S: Final = 10
"""A record whose last sign of life is not older than this belongs to a running daemon."""
COLUMNS: Final = (
    *("id", "name", "scheduled_s", "least_s", "most_seen_s", "most_s", "rate_least", "rate_most"),
    *("availability_least", "availability_most", "coverage", "blind_longest_s", "unsettled"),
    *("unsettled_s", "unsure_s", "unplaced_s", "twice_s"),
    *("settled_off", "settled_off_s", "settled_on", "settled_on_s"),
)
"""Of the table in CSV; seconds of each column of the ledger follow."""


def run(
    invocation: Invocation,
    *,
    begin: Moment,
    end: Moment,
    as_csv: bool,
    clocks: Callable[[], Instant] = read_instant,
) -> int:
    """Print the figures of each programme from ``begin`` to ``end``; a day as end is in it.

    ``clocks`` reads the clocks of this computer.
    """
    settings, words = settings_in_use(invocation), Words(invocation.language)
    asked = _period(begin, end, ZoneInfo(settings.time_zone), words)
    with open_history(settings, words) as history:
        found = _report(history, settings, asked, words, clocks())
    if invocation.as_json:
        write_json(found, invocation.out)
    elif as_csv:
        _write_csv(found, invocation)
    else:
        write_lines(report_lines(found, words), invocation.out)
    return ExitCode.OK


def _period(begin: Moment, end: Moment, zone: ZoneInfo, words: Words) -> Period:
    first = _wall(begin.at, zone)
    last = _wall(end.at + timedelta(days=1) if end.is_day else end.at, zone)
    if not first < last:
        raise CommandError(ExitCode.MISTAKES, "no_period", words("report.no_period"))
    return Period(first, last)


def _wall(at: datetime, zone: ZoneInfo) -> int:
    """Return a moment as wall time; without an offset it is local time of the site."""
    local = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    return (local - _EPOCH) // timedelta(microseconds=1)


def _report(
    history: History, settings: Settings, asked: Period, words: Words, present: Instant
) -> Json:
    zone = ZoneInfo(settings.time_zone)
    durable, alive = folded(history), read_alive(settings.record_folder)
    known_to = durable.last_at if alive is None else max(alive.recorded_until, durable.last_at)
    labels = Labels(settings.site, settings.names, lambda wall: iso_time(wall, zone))
    source = Source(
        *(history, durable, history.eras(), known_to, labels.iso),
        name=lambda person: labels.name(f"person/{person}"),
    )
    end = min(asked.end, _wall_now(source, alive, present))
    is_live = alive is not None and _is_live(alive, known_to, present)
    if is_live and source.is_placed(known_to):
        end = min(end, source.wall_at(known_to) - UNSETTLED_TAIL)
    if end <= asked.begin:
        raise CommandError(ExitCode.NOT_OK, "not_known", words("report.not_known"))
    period = Period(asked.begin, end)
    plans = {programme.id: programme for programme in settings.plan.programmes}
    return {
        "site": settings.site,
        "name": settings.names["site"],
        "from": iso_time(period.begin, zone),
        "to": iso_time(period.end, zone),
        "asked_to": iso_time(asked.end, zone),
        "clock_disputes": disputes(source, period),
        "clock_corrections": [
            {**found, "name": settings.names.get(f"person/{found['person']}", found["person"])}
            for found in corrections(source, period)
        ],
        "programmes": [
            {
                "name": settings.names.get(f"programme/{found['id']}", found["id"]),
                "unmonitored": list(unmonitored_layers(plans[found["id"]]))
                if found["configured"]
                else [],
                **found,
            }
            for found in reports(source, plans, period)
        ],
    }


def _wall_now(source: Source, alive: Alive | None, present: Instant) -> int:
    """Return the wall time of now as the record places it: a clock that steps is not followed.

    Behind a boot, or while the clock is not trusted, it is what the clock shows; what the record
    has with a place in the calendar is over in any case.
    """
    is_boot = alive is not None and alive.boot_id == present.boot_id
    if alive is not None and is_boot and source.is_placed(source.known_to):
        return source.wall_at(alive.site + present.boottime - alive.boottime)
    return max(present.wall, source.placed_to)


def _is_live(alive: Alive, known_to: int, present: Instant) -> bool:
    """Return whether a daemon writes the record now."""
    known = alive.boottime + known_to - alive.site
    return alive.boot_id == present.boot_id and present.boottime - known < LIVE_S * SECOND


def _write_csv(found: Json, invocation: Invocation) -> None:
    """Print one row a programme; the first row names the columns."""
    table = csv.writer(invocation.out, lineterminator="\n")
    for number, programme in enumerate(found["programmes"]):
        columns = programme["columns_s"]
        if not number:
            table.writerow(["from", "to", *COLUMNS, *(f"{name}_s" for name in columns)])
        values = [programme[name] for name in COLUMNS]
        table.writerow([found["from"], programme["to"], *values, *columns.values()])
