"""What is expected of a programme at a moment of site time. Owns look-ups in the calendar.

Where the wall time of a moment is not certain, what is expected may not be either: *unsure*. For
the ledger an offset is as wide as its bound. For messages only a rival offset counts: within the
bound of each close-down a false alarm would ring.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from monitord.core.clock_state import Era, Trust, era_index, era_parts
from monitord.core.durable import Durable
from monitord.core.hours import HoursSince, Run
from monitord.core.model import Expected

_AS_ON: Final = (Expected.ON, Expected.UNSURE)
_DOUBTFUL: Final = (Trust.UNTRUSTED, Trust.DISPUTED)


def eras_of(durable: Durable) -> list[Era]:
    """Return the eras of site time; one that is trusted where none is recorded."""
    return durable.clock.eras or [Era(0, durable.clock_offset)]


def wall_at(durable: Durable, at: int) -> int:
    """Return the wall time of a moment of site time, as it is held."""
    eras = eras_of(durable)
    return at + eras[era_index(eras, at)].offset


def sure_at(durable: Durable, programme: str, at: int) -> Expected:
    """Return what the calendar expects of the programme just after ``at``, or unsure."""
    return _span(durable, programme, at)[2]


class ExpectedAt:
    """What is expected of a programme around one moment: looked up once, where it is asked for."""

    __slots__ = ("_durable", "_found", "_programme", "moment")

    def __init__(self, durable: Durable, programme: str, moment: int) -> None:
        self.moment = moment
        self._durable = durable
        self._programme = programme
        self._found: tuple[int, int | None, Expected] | None = None

    def span(self) -> tuple[int, int | None, Expected]:
        """Return ``expected_span``."""
        if self._found is None:
            self._found = expected_span(self._durable, self._programme, self.moment)
        return self._found


def expected_span(durable: Durable, programme: str, at: int) -> tuple[int, int | None, Expected]:
    """Return (from, to, expected) around ``at`` in site time; ``to`` None where nothing follows.

    Unsure counts as on: an outage then rings. The begin or end of a time whose clock is not trusted
    is no begin or end of hours. What the recorded calendar does not have is unsure.
    """
    start, finish, expected = _span(durable, programme, at)
    eras = durable.clock.eras
    if expected not in _AS_ON:
        return start, finish, expected
    if len(eras) < 2:
        return start, finish, Expected.ON
    index = era_index(eras, at)
    start = _on_since(durable, programme, index, start)
    for number, era in enumerate(eras[index + 1 :], index + 1):
        if finish is not None and finish < era.since:
            break
        if Trust.UNTRUSTED in (era.trust, eras[number - 1].trust):
            _, finish, following = _span(durable, programme, era.since)
            if following not in _AS_ON:
                return start, era.since, Expected.ON
    return start, finish, Expected.ON


def _on_since(durable: Durable, programme: str, index: int, start: int) -> int:
    """Return since when a programme is on, or counts as on, that is so from ``start`` by one era.

    What was before an era was placed by itself: it is asked in its own place. Where it was closed
    there, a clock that shows other hours opens them.
    """
    eras = durable.clock.eras
    while index and start <= eras[index].since:
        before, _, expected = _span(durable, programme, eras[index].since - 1)
        if expected not in _AS_ON:
            return eras[index].since
        if eras[index].trust not in _DOUBTFUL:
            break
        start, index = before, index - 1
    return start


def _span(durable: Durable, programme: str, at: int) -> tuple[int, int | None, Expected]:
    eras = eras_of(durable)
    index = era_index(eras, at)
    era = eras[index]
    if era.trust is Trust.UNTRUSTED:
        following = eras[index + 1].since if index + 1 < len(eras) else None
        return era.since, following, Expected.UNSURE
    if era.rivals:
        shifts = (0, *(rival - era.offset for rival in era.rivals))
        start, finish, expected = _among(durable, programme, at + era.offset, shifts)
    else:
        start, finish, expected = _interval(durable, programme, at + era.offset)
    return start - era.offset, None if finish is None else finish - era.offset, expected


def _among(
    durable: Durable, programme: str, wall: int, shifts: Sequence[int]
) -> tuple[int, int | None, Expected]:
    """Return what is expected around a wall time that may be wrong by any of the shifts."""
    start, finish, expected = _interval(durable, programme, wall + shifts[0])
    start, finish = start - shifts[0], None if finish is None else finish - shifts[0]
    for shift in shifts[1:]:
        begin, end, other = _interval(durable, programme, wall + shift)
        start = max(start, begin - shift)
        if end is not None:
            finish = end - shift if finish is None else min(finish, end - shift)
        expected = expected if other is expected else Expected.UNSURE
    return start, finish, expected


def _interval(durable: Durable, programme: str, wall: int) -> tuple[int, int | None, Expected]:
    """Return (from, to, expected) around a wall time, by the calendar as it is recorded."""
    held = durable.calendar.get(programme)
    if wall >= durable.calendar_known_to:
        return durable.calendar_known_to, None, Expected.UNSURE
    if held is None:
        # It was added while the clock was not trusted: its calendar is recorded when that is over.
        return 0, None, Expected.UNSURE
    place = bisect_right(held, wall, key=_since) - 1
    if place < 0:
        return 0, held[0].since, Expected.UNSURE
    start, finish, expected = _run(durable, held, place, wall)
    before = after = place
    while before and start == held[before].since:
        before -= 1
        begin, _, other = _run(durable, held, before, start - 1)
        if other is not expected:
            break
        start = begin
    while after + 1 < len(held) and finish == held[after + 1].since:
        after += 1
        _, end, other = _run(durable, held, after, finish)
        if other is not expected:
            break
        finish = end
    return start, finish, expected


def _run(durable: Durable, held: list[HoursSince], place: int, wall: int) -> Run:
    """Return what is expected around a wall time by the hours in this place, cut to these."""
    following = place + 1 < len(held)
    until = held[place + 1].since if following else durable.calendar_known_to
    return held[place].run_at(wall, held[place].since, until)


def _since(hours: HoursSince) -> int:
    return hours.since


def wall_spans(
    durable: Durable, programme: str, era: Era, begin: int, end: int
) -> list[tuple[int, int, Expected]]:
    """Return the wall time [begin, end) of an era, cut where what is expected changes."""
    bound = max(era.bound_at(begin - era.offset), era.bound_at(end - era.offset))
    offsets = (0, *(rival - era.offset for rival in era.rivals))
    shifts = sorted({shift + wide for shift in offsets for wide in (-bound, 0, bound)})
    parts: list[tuple[int, int, Expected]] = []
    while begin < end:
        _, finish, expected = _among(durable, programme, begin, shifts)
        to = end if finish is None else min(end, finish)
        parts.append((begin, to, expected))
        begin = to
    return parts


def spans(
    durable: Durable, programme: str, begin: int, end: int
) -> list[tuple[int, int, Expected]]:
    """Return the site time [begin, end) cut where what is expected changes; the parts tile it."""
    found: list[tuple[int, int, Expected]] = []
    for era, start, finish in era_parts(eras_of(durable), begin, end):
        if era.trust is Trust.UNTRUSTED:
            found.append((start, finish, Expected.UNSURE))
            continue
        placed = wall_spans(durable, programme, era, start + era.offset, finish + era.offset)
        found += [(a - era.offset, b - era.offset, expected) for a, b, expected in placed]
    return found


def time_in_hours(durable: Durable, programme: str, begin: int, end: int) -> int:
    """Return the microseconds of the site time [begin, end) that are in hours, or may be."""
    return sum(
        finish - start
        for start, finish, expected in spans(durable, programme, begin, end)
        if expected not in (Expected.CLOSED, Expected.WINDOW)
    )
