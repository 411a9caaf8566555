"""The report of a period as one JSON-like object. Owns its shape and its rounding.

Seconds are exact. Shares are rounded to the side that claims less: coverage and availability down,
the off-air rate outwards. Only what is whole is 1.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from monitord.core.clock_state import Era
from monitord.core.durable import Durable
from monitord.core.fault_plans import Sort
from monitord.core.figures import Figures
from monitord.core.incident_state import fault_id
from monitord.core.model import HOUR, MINUTE, SECOND, Column
from monitord.core.unsettled import still_open
from monitord.history import History, PastOutage
from monitord.report.period import Known, PeriodFigures, Timeline, period_figures

Json = dict[str, Any]
UNSETTLED_TAIL: Final = MINUTE
"""The ledger settles the last seconds late: a running record is reported up to a minute ago."""
RATE_HOURS: Final = 100
"""The off-air rate is in seconds for each 100 hours of schedule."""
_UNSETTLED_MAX: Final = 1_000_000
_SHARE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Period:
    """Wall time [begin, end) in microseconds since 1970 UTC."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """What a report is made of. ``durable``: the present state; ``known_to``: the site time up to
    which the record is whole; ``iso``: wall time as text.
    """

    history: History
    durable: Durable
    eras: Sequence[Era]
    known_to: int
    iso: Callable[[int], str]

    def wall_at(self, at: int) -> int:
        """Return the wall time of a site time, as it is placed now."""
        place = bisect_right(self.eras, at, key=lambda era: era.since) - 1
        return at + self.eras[max(place, 0)].offset

    def site_span(self, period: Period) -> tuple[int, int]:
        """Return site times between which all of a period lies, wherever its eras place it."""
        offsets = [era.offset for era in self.eras]
        return period.begin - max(offsets), period.end - min(offsets)


def programme_report(source: Source, programme: str, period: Period) -> Json:
    """Return the figures of one programme; keys that end in ``_s`` are seconds."""
    found = period_figures(
        _timeline(source, programme), _known(source, programme, period), period.begin, period.end
    )
    outages = list(_outages(source, programme, period))
    count, time = _unsettled(source, programme, period)
    return {
        "scheduled_s": found.scheduled / SECOND,
        "columns_s": {column.value: time / SECOND for column, time in found.columns.items()},
        **_figures(found.figures),
        **_shares(found),
        "own": {reason: _figures(own) for reason, own in found.own.items()},
        "reasons_s": {name: time / SECOND for name, time in sorted(found.reasons.items())},
        "owners_s": _owners(source, outages, period),
        "blind_longest_s": found.blind_longest / SECOND,
        "unplaced_s": found.unplaced / SECOND,
        "twice_s": found.twice / SECOND,
        "unsettled": count,
        "unsettled_s": time / SECOND,
        "outages": [_outage(source, one) for one in outages]
        + list(_lasting(source, programme, period)),
    }


def _timeline(source: Source, programme: str) -> Timeline:
    durable, rows = Durable(), source.history.hours(programme)
    durable.clock.eras = list(source.eras)
    if rows:
        durable.calendar[programme] = [hours for _, hours in rows]
        durable.calendar_known_to = rows[-1][0]
    return Timeline(programme, durable, source.eras)


def _known(source: Source, programme: str, period: Period) -> Iterator[Known]:
    until = source.durable.stopped_ends.get(programme, source.known_to - UNSETTLED_TAIL)
    for piece in source.history.pieces(programme, *source.site_span(period)):
        finish = max(piece.start, until) if piece.finish is None else piece.finish
        yield Known(piece.start, finish, piece.possible, piece.blind)


def _figures(found: Figures) -> Json:
    return {
        "least_s": found.least / SECOND,
        "most_seen_s": found.most_seen / SECOND,
        "most_s": found.most / SECOND,
    }


def _shares(found: PeriodFigures) -> Json:
    """Return coverage, availability and off-air rate; None where nothing was scheduled."""
    hours, figures = found.scheduled, found.figures
    if not hours:
        names = ("coverage", "availability_least", "availability_most", "rate_least", "rate_most")
        return dict.fromkeys(names)
    rate = RATE_HOURS * HOUR / SECOND / hours
    return {
        "coverage": _down(hours - found.columns[Column.BLIND], hours),
        "availability_least": _down(hours - min(figures.most, hours), hours),
        "availability_most": _down(hours - figures.least, hours),
        "rate_least": math.floor(figures.least * rate * 100) / 100,
        "rate_most": math.ceil(figures.most * rate * 100) / 100,
    }


def _down(part: int, whole: int) -> float:
    return part * 100 * _SHARE // whole / (100 * _SHARE)


def _outages(source: Source, programme: str, period: Period) -> Iterator[PastOutage]:
    """Yield the ended outages off air, proven or suspected, that lie in the period or reach in."""
    for one in source.history.outages(*source.site_span(period)):
        begin, end = source.wall_at(one.began_not_before), source.wall_at(one.ended_not_after)
        is_off = one.fault in ("off_air", "suspected")
        if one.programme == programme and is_off and begin < period.end and end > period.begin:
            yield one


def _owners(source: Source, outages: Sequence[PastOutage], period: Period) -> dict[str, float]:
    """Return seconds by owner of what was proven off air, cut to the period."""
    found: dict[str, int] = {}
    for one in outages:
        for begin, end, _, owner in one.owners if one.fault == "off_air" else ():
            low = max(source.wall_at(begin), period.begin)
            high = min(source.wall_at(end), period.end)
            found[owner] = found.get(owner, 0) + max(0, high - low)
    return {owner: time / SECOND for owner, time in sorted(found.items())}


def _outage(source: Source, one: PastOutage) -> Json:
    return {
        "began": source.iso(source.wall_at(one.began_not_before)),
        "ended": source.iso(source.wall_at(one.ended_not_after)),
        "fault": one.fault,
        "reason": one.reason,
        "stage": one.stage,
        "owner": one.owner,
        "how": one.how,
        "incident": one.incident,
        **_figures(Figures(one.least, one.most_seen, one.most)),
    }


def _lasting(source: Source, programme: str, period: Period) -> Iterator[Json]:
    """Yield what has not ended; its figures are in the sums, and no event has them yet."""
    for fault in (Sort.OFF_AIR, Sort.SUSPECTED):
        one = source.durable.outages.get(fault_id(programme, fault))
        if one is not None and source.wall_at(one.began[0]) < period.end:
            yield {
                "began": source.iso(source.wall_at(one.began[0])),
                "ended": None,
                "fault": str(fault),
                "reason": one.reason,
                "stage": one.stage,
                "owner": one.owners[-1][2] if one.owners else "",
                "how": None,
                "incident": one.incidents[-1] if one.incidents else None,
                **dict.fromkeys(("least_s", "most_seen_s", "most_s")),
            }


def _unsettled(source: Source, programme: str, period: Period) -> tuple[int, int]:
    """Return number and time of the spans that nobody has settled and that touch the period."""
    spans = [
        (one.start, one.finish, one.time)
        for one in source.history.unsettled(_UNSETTLED_MAX, programme=programme)
    ]
    at = source.known_to
    spans += [
        (one.begin, one.end, one.seconds) for one in still_open(source.durable, programme, at)
    ]
    touching = [
        time
        for begin, end, time in spans
        if source.wall_at(begin) < period.end and source.wall_at(end) > period.begin
    ]
    return len(touching), sum(touching)
