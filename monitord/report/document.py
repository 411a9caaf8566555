"""The report of a period as one JSON-like object. Owns its shape and its rounding.

Seconds are exact. Shares are rounded to the side that claims less: coverage and availability down,
the off-air rate outwards. Only what is whole is 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from monitord.core.calendar_values import Hours
from monitord.core.clock_state import Era, Trust
from monitord.core.durable import Durable
from monitord.core.fault_plans import Sort
from monitord.core.figures import Figures
from monitord.core.hours import HoursSince
from monitord.core.incident_state import Outage, fault_id
from monitord.core.model import HOUR, MINUTE, SECOND, Column, Expected
from monitord.core.unsettled import still_open
from monitord.history import History, PastOutage
from monitord.journal.decision_rows import PastFalseAlarm, PastSettlement, UnsettledSpan
from monitord.report.period import MARGIN, Known, PeriodFigures, Timeline, period_figures
from monitord.report.settled import Moments, beside, marked, settled
from monitord.report.within import time_within

Json = dict[str, Any]
UNSETTLED_TAIL: Final = MINUTE
"""The ledger settles the last seconds late: a running record is reported up to a minute ago."""
RATE_HOURS: Final = 100
"""The off-air rate is in seconds for each 100 hours of schedule."""
_UNSETTLED_MAX: Final = 1_000_000
_SHARE: Final = 1_000_000


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
    name: Callable[[str], str] = str

    def wall_at(self, at: int) -> int:
        """Return the wall time of a site time, as it is placed now."""
        return at + self.eras[self._place(at)].offset

    def is_placed(self, at: int) -> bool:
        """Return whether a site time has a place in the calendar: its clock was trusted."""
        return self.eras[self._place(at)].trust is not Trust.UNTRUSTED

    def touches(self, begin: int, end: int, period: Period) -> bool:
        """Return whether a span of site time lies in a period or reaches in, or may."""
        low = max((era for era in self._placed if era.since <= begin), default=None, key=_since)
        high = next((era for era in self._placed if era.since >= end), None)
        is_placed = self.is_placed(begin) and self.is_placed(end)
        first = self.wall_at(begin) if is_placed else None if low is None else begin + low.offset
        last = self.wall_at(end) if is_placed else None if high is None else end + high.offset
        return (first is None or first < period.end) and (last is None or last > period.begin)

    @property
    def placed_to(self) -> int:
        """The latest wall time that the record has with a place in the calendar; 0 without one."""
        ends = [era.since for era in self.eras[1:]] + [self.known_to]
        return max(
            (
                end + era.offset
                for era, end in zip(self.eras, ends, strict=True)
                if era.trust is not Trust.UNTRUSTED
            ),
            default=0,
        )

    @property
    def _placed(self) -> list[Era]:
        return [era for era in self.eras if era.trust is not Trust.UNTRUSTED]

    def _place(self, at: int) -> int:
        return max(bisect_right(self.eras, at, key=_since) - 1, 0)

    def site_span(self, period: Period) -> tuple[int, int]:
        """Return site times between which all of a period lies, wherever its eras place it."""
        offsets = [era.offset for era in self._placed or self.eras]
        return period.begin - max(offsets) - MARGIN, period.end - min(offsets) + MARGIN


def _since(era: Era) -> int:
    return era.since


def reports(source: Source, programmes: Iterable[str], period: Period) -> Iterator[Json]:
    """Yield the figures of each programme; keys that end in ``_s`` are seconds.

    Those that the record has in the period and ``programmes`` does not follow, up to their end.
    """
    spans = list(source.history.unsettled(_UNSETTLED_MAX))
    decided = _Decided(
        source.history.decisions.settlements(), source.history.decisions.false_alarms()
    )
    rows: dict[str, list[PastOutage]] = {}
    for one in source.history.outages(*_outage_span(source, period)):
        if one.fault in (Sort.OFF_AIR, Sort.SUSPECTED):
            rows.setdefault(one.programme, []).append(one)
    given = list(programmes)
    for programme in [*given, *sorted(set(source.history.programmes()) - set(given))]:
        known = list(_known(source, programme, period))
        end = period.end
        if programme not in given:
            end = min(end, max((source.wall_at(one.finish) for one in known), default=0))
        if end > period.begin:
            cut = Period(period.begin, end)
            own = [one for one in spans if one.programme == programme]
            found = _programme(source, programme, cut, known)
            found |= _listed(source, programme, cut, rows.get(programme, []), decided)
            within = _Within(source, _timeline(source, programme), cut)
            count, time = _unsettled(source, within, own)
            yield {
                "id": programme,
                "configured": programme in given,
                "to": source.iso(end),
                **found,
                "unsettled": count,
                "unsettled_s": time / SECOND,
                **settled(decided.within(within), _moments(source)),
            }


@dataclass(frozen=True, slots=True)
class _Within:
    """The part of a programme's time that is a period."""

    source: Source
    timeline: Timeline
    period: Period

    def time(self, begin: int, end: int, whole: int) -> int:
        """Return how much of a span of site time with ``whole`` in hours is, or may be, in it."""
        if not self.source.touches(begin, end, self.period):
            return 0
        period = self.period.begin, self.period.end
        return time_within(self.timeline, (begin, end), whole, period)


@dataclass(frozen=True, slots=True)
class _Decided:
    """What people decided: settled spans, and by incident who marked it as a false alarm."""

    settled: Sequence[PastSettlement]
    marks: Mapping[str, Sequence[PastFalseAlarm]]

    def of(self, programme: str) -> list[PastSettlement]:
        return [one for one in self.settled if one.programme == programme]

    def within(self, within: _Within) -> list[PastSettlement]:
        """Return those with hours in the period, each with the time of that part alone."""
        found = (
            one._replace(time=within.time(one.start, one.finish, one.time))
            for one in self.of(within.timeline.programme)
        )
        return [one for one in found if one.time]

    def beside(self, source: Source, outage: Json, programme: str, begin: int, end: int) -> Json:
        moments = _moments(source)
        return {
            **outage,
            "settled": beside(begin, end, self.of(programme), moments),
            "false_alarms": marked(outage["incident"], self.marks, moments),
        }


def _moments(source: Source) -> Moments:
    return Moments(lambda at: _moment(source, at), source.name)


def corrections(source: Source, period: Period) -> list[Json]:
    """Return what the clock showed before and after each correction, if either is in the period."""
    found = []
    for one in source.history.corrections():
        walls = one.at + one.before, one.at + one.after
        if any(period.begin <= wall < period.end for wall in walls):
            before, after = map(source.iso, walls)
            found.append({"before": before, "after": after, "person": one.person or None})
    return found


def disputes(source: Source, period: Period) -> list[Json]:
    """Return the spans of the period whose times are by a clock that contradicts itself."""
    spans: list[tuple[int, int]] = []
    for era, following in zip_longest(source.eras, source.eras[1:]):
        if era.trust is not Trust.DISPUTED:
            continue
        until = max(era.since, source.known_to) if following is None else following.since
        begin, end = source.wall_at(era.since), until + era.offset
        if spans and spans[-1][1] == begin:
            begin = spans.pop()[0]
        spans.append((begin, end))
    return [
        {"from": source.iso(max(begin, period.begin)), "to": source.iso(min(end, period.end))}
        for begin, end in spans
        if begin < period.end and period.begin < end
    ]


def _outage_span(source: Source, period: Period) -> tuple[int, int]:
    """Return the site times of what may lie in a period, what has no certain place included."""
    begin, end = source.site_span(period)
    for era, following in zip_longest(source.eras, source.eras[1:]):
        until = source.known_to if following is None else following.since
        if era.trust is Trust.UNTRUSTED and source.touches(era.since, until, period):
            begin, end = min(begin, era.since), max(end, until)
    return begin, end


def _programme(source: Source, programme: str, period: Period, known: Iterable[Known]) -> Json:
    found = period_figures(_timeline(source, programme), known, period.begin, period.end)
    return {
        "scheduled_s": found.scheduled / SECOND,
        "monitored_s": (found.scheduled - found.columns[Column.BLIND]) / SECOND,
        "unsure_s": found.unsure / SECOND,
        "columns_s": {column.value: time / SECOND for column, time in found.columns.items()},
        **_figures(found.figures),
        **_shares(found),
        "own": {reason: _figures(own) for reason, own in found.own.items()},
        "reasons_s": {name: time / SECOND for name, time in sorted(found.reasons.items())},
        "blind_longest_s": found.blind_longest / SECOND,
        "unplaced_s": _unplaced(source, period) / SECOND,
        "twice_s": found.twice / SECOND,
    }


def _timeline(source: Source, programme: str) -> Timeline:
    durable, rows = Durable(), source.history.hours(programme)
    durable.clock.eras = list(source.eras)
    parts: list[HoursSince] = []
    reached = None
    for finish, hours in rows:
        if reached is not None and reached < hours.since:
            # It was not configured meanwhile.
            parts.append(_unsure(reached, hours.since))
        parts.append(hours)
        reached = finish
    if reached is not None:
        durable.calendar[programme] = parts
        durable.calendar_known_to = reached
    return Timeline(programme, durable)


def _unsure(begin: int, end: int) -> HoursSince:
    return HoursSince(begin, Hours((), ((begin, end, Expected.UNSURE.value),)), ((0, 0),))


def _known(source: Source, programme: str, period: Period) -> Iterator[Known]:
    until = source.durable.stopped_ends.get(programme, source.known_to - UNSETTLED_TAIL)
    for piece in source.history.pieces(programme, *source.site_span(period)):
        finish = max(piece.start, until) if piece.finish is None else piece.finish
        yield Known(piece.start, finish, piece.possible, piece.blind)


def _unplaced(source: Source, period: Period) -> int:
    """Return the time of boots whose clock was not trusted, if it may lie in a period."""
    found = 0
    for era, following in zip_longest(source.eras, source.eras[1:]):
        until = source.known_to if following is None else following.since
        if era.trust is Trust.UNTRUSTED and source.touches(era.since, until, period):
            found += until - era.since
    return found


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
    per_hundredth = 100 * RATE_HOURS * HOUR // SECOND
    return {
        "coverage": _down(hours - found.columns[Column.BLIND], hours),
        "availability_least": _down(hours - min(figures.most, hours), hours),
        "availability_most": _down(hours - figures.least, hours),
        "rate_least": figures.least * per_hundredth // hours / 100,
        "rate_most": -(-figures.most * per_hundredth // hours) / 100,
    }


def _down(part: int, whole: int) -> float:
    return part * _SHARE // whole / _SHARE


def _listed(
    source: Source, programme: str, period: Period, rows: Iterable[PastOutage], decided: _Decided
) -> Json:
    """Return the outages in the period, ended and lasting, and seconds by owner.

    Beside each outage is what was settled of it, and who marked it as a false alarm.
    """
    ended = [
        one for one in rows if source.touches(one.began_not_before, one.ended_not_after, period)
    ]
    spans = [span for one in ended if one.fault == Sort.OFF_AIR for span in one.owners]
    lasting = list(_lasting(source, programme, period))
    for fault, one in lasting:
        starts = [owner[0] for owner in one.owners]
        ends = [*starts[1:], max([source.known_to, *starts])]
        if fault is Sort.OFF_AIR:
            held = zip(one.owners, ends, strict=True)
            spans += [(start, end, place, owner) for (start, place, owner), end in held]
    return {
        "owners_s": _owners(source, spans, period),
        "outages": [
            *(decided.beside(source, _ended(source, one), programme, *_span(one)) for one in ended),
            *(
                decided.beside(
                    *(source, _open(source, fault, one), programme),
                    *(one.began[0], source.known_to),
                )
                for fault, one in lasting
            ),
        ],
    }


def _span(one: PastOutage) -> tuple[int, int]:
    """Return the longest time that an outage can have lasted."""
    return one.began_not_before, one.ended_not_after


def _lasting(source: Source, programme: str, period: Period) -> Iterator[tuple[Sort, Outage]]:
    """Yield what had not ended as far as the record reaches."""
    for fault in (Sort.OFF_AIR, Sort.SUSPECTED):
        one = source.durable.outages.get(fault_id(programme, fault))
        if one is not None and source.touches(one.began[0], source.known_to, period):
            yield fault, one


def _owners(
    source: Source, spans: Iterable[tuple[int, int, str, str]], period: Period
) -> dict[str, float]:
    """Return seconds by owner of what was proven off air, cut to the period."""
    found: dict[str, int] = {}
    for begin, end, _, owner in spans:
        if source.is_placed(begin) and source.is_placed(end):
            low = max(source.wall_at(begin), period.begin)
            high = min(source.wall_at(end), period.end)
            if low < high:
                found[owner] = found.get(owner, 0) + high - low
    return {owner: time / SECOND for owner, time in sorted(found.items())}


def _moment(source: Source, at: int) -> str | None:
    """Return wall time as text; None where the clock of that time was not trusted."""
    return source.iso(source.wall_at(at)) if source.is_placed(at) else None


def _ended(source: Source, one: PastOutage) -> Json:
    return {
        "id": one.id,
        "began": _moment(source, one.began_not_before),
        "ended": _moment(source, one.ended_not_after),
        "lasts": False,
        "fault": one.fault,
        "reason": one.reason,
        "stage": one.stage,
        "owner": one.owner,
        "how": one.how,
        "incident": one.incident,
        **_figures(Figures(one.least, one.most_seen, one.most)),
    }


def _open(source: Source, fault: Sort, one: Outage) -> Json:
    """Return an outage that lasts: its figures are in the sums, and no event has them yet."""
    return {
        "id": one.id,
        "began": _moment(source, one.began[0]),
        "ended": None,
        "lasts": True,
        "fault": str(fault),
        "reason": one.reason,
        "stage": one.stage,
        "owner": one.owners[-1][2] if one.owners else "",
        "how": None,
        "incident": one.incidents[-1] if one.incidents else None,
        **dict.fromkeys(("least_s", "most_seen_s", "most_s")),
    }


def _unsettled(source: Source, within: _Within, spans: Iterable[UnsettledSpan]) -> tuple[int, int]:
    """Return number and time of the spans in the period, or perhaps in it, that nobody settled."""
    found = [(one.start, one.finish, one.time) for one in spans]
    found += [
        (one.begin, one.end, one.seconds)
        for one in still_open(source.durable, within.timeline.programme, source.known_to)
    ]
    times = [time for span in found if (time := within.time(*span))]
    return len(times), sum(times)
