"""Hours and seconds over eras of the wall clock: where time is placed, and what waits for it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from monitord.core.apply import apply, encode, kind_of_body
from monitord.core.calendar import expected_span, spans, sure_at
from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import ClockNow, Era, Trust, era_parts
from monitord.core.columns import is_clear
from monitord.core.durable import Durable, Piece, ProgrammeNow
from monitord.core.events import PieceOpened
from monitord.core.figures import Figures
from monitord.core.hours import HoursSince
from monitord.core.ledger import HELD_MAX, book, book_held, totals
from monitord.core.model import SECOND, Column, Event, Expected, Stream
from monitord.core.unplaced import unplaced
from monitord.core.unsettled import still_open
from tests.support.calendars import held

GOOD, BAD, DEGRADED = ["good"], ["bad:no_carrier"], ["degraded:reduced_power"]
DAY = 1_000
"""Seconds of the wall; the hours of these tests are the first 600 of each."""


def durable_of(*eras: Era, days: int = 3) -> Durable:
    """Return a state with these eras, and hours on each of so many days, in seconds."""
    hours = [(n * DAY, n * DAY + 600, "on") for n in range(days)]
    scaled = tuple((a * SECOND, b * SECOND, expected) for a, b, expected in hours)
    return Durable(
        clock=ClockNow(eras=list(eras)),
        calendar=held({"fm": scaled}),
        calendar_known_to=days * DAY * SECOND,
    )


def era(since: int, offset: int, trust: Trust = Trust.TRUSTED, *rivals: int) -> Era:
    """Return an era, all in seconds."""
    return Era(since * SECOND, offset * SECOND, trust, rivals=[r * SECOND for r in rivals])


def span_at(durable: Durable, at: int) -> tuple[int, int | None, Expected]:
    """Return what is expected around a moment, in seconds."""
    start, finish, expected = expected_span(durable, "fm", at * SECOND)
    return start // SECOND, None if finish is None else finish // SECOND, expected


# -- hours --------------------------------------------------------------------------------------


def test_hours_that_end_before_the_next_era_end_by_the_calendar() -> None:
    """What the clock does later is nothing to them."""
    durable = durable_of(era(0, 0), era(700, 0, Trust.UNTRUSTED), era(2_000, 0))
    assert span_at(durable, 100) == (0, 600, Expected.ON)


def test_time_that_is_not_trusted_counts_as_hours_up_to_a_trusted_closed_time() -> None:
    """The hours before it go on through it, and end where the clock shows that they are over."""
    unset = era(500, -400, Trust.UNTRUSTED)
    durable = durable_of(era(0, 0), unset, era(560, 30))
    assert span_at(durable, 100) == (0, 570, Expected.ON)
    closed = durable_of(era(0, 0), unset, era(560, 100))
    assert span_at(closed, 100) == (0, 560, Expected.ON)
    assert span_at(closed, 520) == (0, 560, Expected.ON)


def test_a_closed_time_before_a_boot_that_is_not_trusted_bounds_it() -> None:
    """The hours, as far as they are known, begin with that boot."""
    durable = durable_of(era(0, 0), era(700, -650, Trust.UNTRUSTED), era(800, 0, Trust.UNTRUSTED))
    assert span_at(durable, 650) == (600, 1_000, Expected.CLOSED)
    assert span_at(durable, 750)[0] == 700
    assert span_at(durable, 850)[0] == 700


def test_a_rival_offset_makes_the_hours_unsure_where_they_differ() -> None:
    """Both say on: on. One says closed: unsure, which counts as on for messages."""
    durable = durable_of(era(0, 0, Trust.DISPUTED, 300))
    assert span_at(durable, 100) == (0, 300, Expected.ON)
    assert sure_at(durable, "fm", 100 * SECOND) is Expected.ON
    assert sure_at(durable, "fm", 400 * SECOND) is Expected.UNSURE
    assert sure_at(durable, "fm", 650 * SECOND) is Expected.CLOSED
    assert span_at(durable, 400) == (300, 600, Expected.ON)


def test_hours_that_are_not_sure_begin_where_they_became_so() -> None:
    """A rival would have them begin earlier; until the step it was closed for certain."""
    step = era(700, 0, Trust.DISPUTED, 450)
    assert span_at(durable_of(era(0, 0), step), 750) == (700, 1_000, Expected.ON)
    again = era(720, 0, Trust.DISPUTED, 450, 460)
    assert span_at(durable_of(era(0, 0), step, again), 750) == (700, 1_000, Expected.ON)
    in_hours = durable_of(era(0, 0), era(500, 0, Trust.DISPUTED, 600))
    assert span_at(in_hours, 550) == (0, 600, Expected.ON)


@pytest.mark.parametrize(("rival", "to"), [(5_000, 600), (-100, 200)])
def test_a_rival_beyond_the_recorded_calendar_makes_the_hours_unsure(rival: int, to: int) -> None:
    """A missing calendar never counts as closed: neither behind its end nor before its begin."""
    durable = durable_of(era(0, 0, Trust.DISPUTED, rival))
    durable.calendar = held({"fm": ((120 * SECOND, 600 * SECOND, "on"),)}, since=100 * SECOND)
    assert sure_at(durable, "fm", 110 * SECOND) is Expected.UNSURE
    assert span_at(durable, 150) == (120, to, Expected.ON)


def test_before_its_begin_a_calendar_says_nothing() -> None:
    """Up to its begin the hours are unsure."""
    durable = durable_of(era(0, 0))
    (hours,) = durable.calendar["fm"]
    durable.calendar = {"fm": [HoursSince(50 * SECOND, hours.hours, hours.offsets)]}
    found = spans(durable, "fm", 0, 700 * SECOND)
    assert [(a // SECOND, b // SECOND, expected) for a, b, expected in found] == [
        (0, 50, Expected.UNSURE),
        (50, 600, Expected.ON),
        (600, 700, Expected.CLOSED),
    ]


# -- seconds ------------------------------------------------------------------------------------


def lived(durable: Durable, *pieces: tuple[int, list[str]], end: int) -> Durable:
    """Book pieces (begin in seconds, what is possible) up to ``end``, which opens a good one."""
    begins = [*(begin for begin, _ in pieces), end]
    first = Piece(pieces[0][0] * SECOND, pieces[0][1], None, presumed=False)
    durable.programmes["fm"] = ProgrammeNow(first, 0)
    for (begin, possible), (_, finish) in zip(pieces, pairwise(begins), strict=True):
        blind = "silent" if possible == ["unknown:silent"] else None
        piece = Piece(begin * SECOND, possible, blind, presumed=False)
        durable.programmes["fm"].piece = Piece(finish * SECOND, GOOD, None, presumed=False)
        book(durable, "fm", piece, finish * SECOND)
    return durable


def summed(durable: Durable, end: int) -> tuple[dict[str, int], Figures]:
    """Return the columns that are not empty, in seconds, and the figures."""
    columns, figures, _ = totals(durable, "fm", end * SECOND)
    return {column.value: time // SECOND for column, time in columns.items() if time}, figures


def test_a_clock_that_is_set_forward_a_little_leaves_no_gap() -> None:
    """Up to two seconds go to the piece in which it was set; more is blind and absent."""
    set_by_two = lived(durable_of(era(0, 0), era(50, 2)), (0, BAD), end=100)
    assert summed(set_by_two, 100)[0] == {Column.OFF_AIR: 102}
    set_by_three = lived(durable_of(era(0, 0), era(50, 3)), (0, BAD), end=100)
    columns, figures = summed(set_by_three, 100)
    assert columns == {Column.OFF_AIR: 100, Column.BLIND: 3}
    assert (figures.least, figures.most) == (100 * SECOND, 103 * SECOND)


def test_a_gap_of_the_clock_in_a_blind_piece_is_that_piece_s() -> None:
    """It has its own cause, and no second one."""
    durable = lived(durable_of(era(0, 0), era(50, 30)), (0, ["unknown:silent"]), end=100)
    assert summed(durable, 100)[0] == {Column.BLIND: 130}


@pytest.mark.parametrize(("possible", "surplus"), [(BAD, 20), (GOOD, 0), (DEGRADED, 0)])
def test_time_that_the_clock_shows_twice_counts_once(possible: list[str], surplus: int) -> None:
    """The surplus may be off air where the piece may be; a good one has none."""
    durable = lived(durable_of(era(0, 0), era(50, -20)), (0, GOOD), (50, possible), end=100)
    columns, figures = summed(durable, 100)
    assert sum(columns.values()) == 80
    off = 0 if is_clear(possible) else 30
    assert columns.get(Column.OFF_AIR, 0) == off
    assert (figures.least, figures.most) == (off * SECOND, (off + surplus) * SECOND)


def test_pieces_wait_while_the_clock_is_not_trusted_and_are_booked_with_it() -> None:
    """Until then the totals show them as they would be booked now."""
    durable = lived(durable_of(era(0, 0, Trust.ASSUMED)), (0, GOOD), (30, BAD), end=40)
    now = durable.programmes["fm"]
    assert (len(now.held), now.seconds) == (2, {})
    shown = summed(durable, 45)
    assert shown[0] == {Column.ON_AIR: 35, Column.OFF_AIR: 10}
    durable.clock.eras = [era(0, 0)]
    book_held(durable)
    assert now.held == []
    assert now.seconds == {Column.ON_AIR: 30 * SECOND, Column.OFF_AIR: 10 * SECOND}
    assert summed(durable, 45) == shown


@pytest.mark.parametrize(("possible", "most"), [(BAD, 100), (GOOD, 0)])
def test_time_before_any_trusted_clock_may_be_off_air_and_is_not_proven(
    possible: list[str], most: int
) -> None:
    """No calendar will ever cover it: what is bad then is in the largest figure alone."""
    durable = durable_of(era(0, 0, Trust.UNTRUSTED))
    durable.programmes["fm"] = ProgrammeNow(
        Piece(100 * SECOND, possible, None, presumed=False), clear_to=0
    )
    found = totals(durable, "fm", 200 * SECOND).figures
    assert (found.least, found.most_seen, found.most) == (0, most * SECOND, most * SECOND)


@pytest.mark.parametrize(
    ("trust", "rivals", "expected"),
    [
        (Trust.UNTRUSTED, (), [("unsure", 300, 700, 400, {"clock": "untrusted"})]),
        (
            Trust.ASSUMED,
            (),
            [
                ("unsure", 599, 600, 0, {"clock": "assumed"}),
                ("assumed_closed", 600, 700, 99, {"clock": "assumed"}),
            ],
        ),
        (Trust.DISPUTED, (500,), [("unsure", 300, 700, 300, {"clock": "disputed"})]),
        (Trust.HOLDOVER, (500,), []),
        (Trust.TRUSTED, (), []),
    ],
)
def test_time_off_air_without_a_certain_place_is_listed_with_its_begin_and_end(
    trust: Trust, rivals: tuple[int, ...], expected: list[object]
) -> None:
    """What the clock is worth is the evidence; a clock in holdover places it well enough."""
    piece = Piece(300 * SECOND, BAD, None, presumed=False)
    found = [
        (one.sort, one.begin // SECOND, one.end // SECOND, one.seconds // SECOND, one.evidence)
        for one in unplaced(durable_of(era(0, 0, trust, *rivals)), "fm", piece, 700 * SECOND)
    ]
    assert found == expected


@pytest.mark.parametrize("trust", [Trust.UNTRUSTED, Trust.TRUSTED])
def test_an_outage_that_lasts_is_listed_while_the_clock_is_not_trusted(trust: Trust) -> None:
    """No piece of it waits yet; on a trusted clock it is in its hours, and nothing is unsure."""
    durable = durable_of(era(0, 0, trust))
    piece = Piece(100 * SECOND, BAD, None, presumed=False)
    durable.programmes["fm"] = ProgrammeNow(piece, clear_to=0)
    found = still_open(durable, "fm", 200 * SECOND)
    assert [(one.sort, one.begin, one.end) for one in found] == (
        [] if trust is Trust.TRUSTED else [("unsure", 100 * SECOND, 200 * SECOND)]
    )


@pytest.mark.parametrize(
    ("possible", "expected"),
    [
        (["bad:filler"], (100, 100, 100)),
        (["bad:filler", "bad:wrong_programme"], (0, 100, 100)),
        (["good", "bad:filler"], (0, 100, 100)),
    ],
)
def test_filler_has_its_own_figures_also_where_it_is_only_possible(
    possible: list[str], expected: tuple[int, int, int]
) -> None:
    """What may be something else is not proven to be filler."""
    durable = durable_of(era(0, 0))
    piece = Piece(100 * SECOND, possible, None, presumed=False)
    durable.programmes["fm"] = ProgrammeNow(piece, clear_to=0)
    found = totals(durable, "fm", 200 * SECOND).own["filler"]
    seconds = (found.least, found.most_seen, found.most)
    assert tuple(each // SECOND for each in seconds) == expected


def test_the_parts_of_a_time_tile_it_over_every_era() -> None:
    """Trusted, not trusted, trusted: each of them has its part."""
    durable = durable_of(era(0, 0), era(100, 0, Trust.UNTRUSTED), era(200, 0))
    found = spans(durable, "fm", 50 * SECOND, 300 * SECOND)
    assert [(a // SECOND, b // SECOND, expected) for a, b, expected in found] == [
        (50, 100, Expected.ON),
        (100, 200, Expected.UNSURE),
        (200, 300, Expected.ON),
    ]


def test_a_piece_without_time_does_not_wait() -> None:
    """A proof that opens a piece at the begin of the one before leaves nothing to place."""
    durable = lived(durable_of(era(0, 0, Trust.ASSUMED)), (0, GOOD), (30, BAD), end=30)
    assert [piece.start for piece in durable.programmes["fm"].held] == [0]


@pytest.mark.parametrize("trust", [Trust.ASSUMED, Trust.UNTRUSTED])
def test_of_too_many_waiting_pieces_the_oldest_is_booked_or_joined(trust: Trust) -> None:
    """With some offset it is booked by that; without one it becomes one with the next."""
    turns = [(n, (GOOD, BAD, ["unknown:silent"])[n % 3]) for n in range(HELD_MAX + 3)]
    end = len(turns)
    durable = lived(durable_of(era(0, 0, trust)), *turns, end=end)
    now = durable.programmes["fm"]
    assert len(now.held) == HELD_MAX
    if trust is Trust.ASSUMED:
        assert (now.held[0].start, now.booked_to) == (3 * SECOND, 3 * SECOND)
        assert now.seconds == dict.fromkeys((Column.ON_AIR, Column.OFF_AIR, Column.BLIND), SECOND)
    else:
        assert now.held[0] == Piece(
            0, ["good", "bad:no_carrier", "unknown:silent"], "silent", presumed=False
        )
        assert (now.held[1].start, now.booked_to) == (4 * SECOND, None)
    durable.clock.eras = [era(0, 0)]
    book_held(durable)
    bad = sum(possible == BAD for _, possible in turns)
    columns, figures = summed(durable, end)
    assert sum(columns.values()) == end
    assert figures.least <= bad * SECOND <= figures.most


def turn_event(
    durable: Durable, since: int, offset: int, *, boot: str, trust: Trust = Trust.TRUSTED
) -> None:
    """Fold a turn of the clock to an offset from a moment on, in seconds."""
    body = ClockTurned(
        trust=trust,
        since=since * SECOND,
        offset=offset * SECOND,
        bound=0,
        fixed_at=since * SECOND,
        rivals=(),
        battery=False,
        label=offset * SECOND,
        mark=None,
        alarm="",
        boot_id=boot,
        booted_at=None,
    )
    kind, number = kind_of_body(body), durable.number + 1
    event = Event(1, number, durable.last_at, kind.name, kind.version, "", Stream.SITE, b"")
    apply(durable, event, body)


def test_time_placed_beyond_the_recorded_calendar_waits_for_a_calendar() -> None:
    """A missing calendar never counts as closed, and nothing is booked twice."""
    durable = lived(durable_of(era(0, 0, Trust.ASSUMED)), (0, GOOD), end=40)
    durable.last_at = 50 * SECOND
    turn_event(durable, 0, 5_000, boot="")
    assert len(durable.programmes["fm"].held) == 1
    turn_event(durable, 0, 10, boot="")
    assert durable.programmes["fm"].held == []
    assert durable.programmes["fm"].seconds == {Column.ON_AIR: 40 * SECOND}


@pytest.mark.parametrize(("boot", "held"), [("boot1", 2), ("boot2", 0)])
def test_what_waits_in_a_boot_that_never_knew_the_time_waits_no_longer_than_that_boot(
    boot: str, held: int
) -> None:
    """The next boot does not know the time either: nothing will place what was before it."""
    durable = lived(durable_of(era(0, 0, Trust.UNTRUSTED)), (0, GOOD), (30, BAD), end=40)
    durable.clock.boot_id = "boot1"
    turn_event(durable, 40, 500, boot=boot, trust=Trust.UNTRUSTED)
    assert len(durable.programmes["fm"].held) == held


def test_what_lies_after_a_time_placed_again_is_placed_with_it() -> None:
    """The eras are in order and none has two offsets, whatever boot it was recorded in."""
    durable = durable_of(era(0, 0))
    durable.last_at = 50 * SECOND
    for since, offset, boot in ((10, 1, "a"), (20, 2, "a"), (30, 3, "a"), (20, 4, "a")):
        turn_event(durable, since, offset, boot=boot)
    turn_event(durable, 20, 5, boot="b")
    eras = durable.clock.eras
    assert [(e.since // SECOND, e.offset // SECOND) for e in eras] == [(0, 0), (10, 1), (20, 5)]
    parts = list(era_parts(eras, 5 * SECOND, 25 * SECOND))
    assert [(e.offset // SECOND, a // SECOND, b // SECOND) for e, a, b in parts] == [
        (0, 5, 10),
        (1, 10, 20),
        (5, 20, 25),
    ]


def test_a_piece_that_is_opened_is_what_waits() -> None:
    """The fold of a piece holds the one before it back while the clock is not trusted."""
    durable = durable_of(era(0, 0, Trust.ASSUMED))
    for number, (start, possible) in enumerate(((0, GOOD), (30, BAD)), 1):
        body = PieceOpened(start * SECOND, tuple(possible), None, presumed=False)
        kind = kind_of_body(body)
        at = start * SECOND
        event = Event(1, number, at, kind.name, kind.version, "fm", Stream.SITE, encode(body))
        apply(durable, event, body)
    assert [piece.start for piece in durable.programmes["fm"].held] == [0]
