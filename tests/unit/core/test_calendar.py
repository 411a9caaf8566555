"""Which calendar counts when: a missing one is unsure, a shorter one is refused, the past stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.apply import body_of
from monitord.core.calendar import expected_span, sure_at
from monitord.core.calendar_extending import Shortfall, extend_calendar, shortfall
from monitord.core.calendar_intervals import body_of_version_1, state_of_version_1
from monitord.core.calendar_values import EVERY_DAY, Hours
from monitord.core.clock_state import Era
from monitord.core.durable import Durable, Piece
from monitord.core.events import CalendarRecorded
from monitord.core.folds import HOURS_MAX
from monitord.core.hours import DAY
from monitord.core.incident_state import Outage
from monitord.core.model import HOUR, SECOND, CalendarExtended, Event, Expected
from tests.support.calendars import UTC, given
from tests.support.seam import OFFSET, T0, Driver, Watch, bodies, fm_site, shared_site

NOON = (T0 + OFFSET) // DAY * DAY + 12 * HOUR
"""A wall time near the begin of every test."""


def of(*slots: tuple[int, int], days: int = 400, rules: str = "2026a") -> CalendarExtended:
    """Return a calendar of one programme with slots in hours of the day, in UTC."""
    hours = Hours(tuple((EVERY_DAY, begin * HOUR, end * HOUR) for begin, end in slots))
    return CalendarExtended(0, {"fm": hours}, NOON + days * DAY, NOON - 3 * DAY, UTC, rules)


def started(calendar: CalendarExtended) -> Driver:
    """Return a driver that has run for two seconds with this calendar."""
    return Watch(fm_site(), Driver(fm_site().plan, calendar=calendar)).hold(2).driver


def recorded(driver: Driver) -> list[CalendarRecorded]:
    bodies = [body_of(event) for event in driver.events if event.kind == "calendar_extended"]
    return [body for body in bodies if isinstance(body, CalendarRecorded)]


def give(driver: Driver, calendar: CalendarExtended) -> tuple[Event, ...]:
    """Hand in a calendar a second later; return what is recorded of it."""
    before = len(driver.events)
    driver.tick([replace(calendar, at=driver.now + SECOND)], driver.now + SECOND)
    return tuple(e for e in driver.events[before:] if e.kind == "calendar_extended")


def expected(driver: Driver, wall: int) -> Expected:
    return sure_at(driver.situation.durable, "fm", wall - OFFSET)


def test_without_a_calendar_nothing_counts_as_closed() -> None:
    """Neither before the first one nor for a programme that it does not have."""
    assert sure_at(Durable(), "fm", T0) is Expected.UNSURE
    assert expected_span(Durable(), "fm", T0)[2] is Expected.ON
    driver = started(of((6, 8)))
    assert sure_at(driver.situation.durable, "other", T0) is Expected.UNSURE


def test_what_was_not_seen_at_a_start_in_closed_time_ends_with_its_hours() -> None:
    """The first calendar comes a moment later; it is no clock that puts the begin elsewhere."""
    ended = bodies(started(of((6, 8))).events, "outage_ended")
    assert [(over["fault"], over["how"]) for over in ended] == [("blind", "hours")]


def test_before_and_behind_what_is_known_nothing_counts_as_closed() -> None:
    """The calendar says nothing of these times."""
    driver = started(of((6, 8)))
    assert expected(driver, NOON - 3 * DAY - 1) is Expected.UNSURE
    assert expected(driver, NOON - 3 * DAY) is Expected.CLOSED
    assert expected(driver, NOON + 400 * DAY - 1) is Expected.CLOSED
    assert expected(driver, NOON + 400 * DAY) is Expected.UNSURE


def test_a_calendar_that_says_the_same_is_not_recorded_again() -> None:
    """A start and each day bring it; it is recorded when the held one runs short."""
    driver = started(of((6, 24)))
    assert give(driver, of((6, 24), days=401)) == ()
    assert len(recorded(driver)) == 1
    short = started(of((6, 24), days=99))
    assert len(give(short, of((6, 24), days=400))) == 1


@pytest.mark.parametrize(
    "other",
    [of((6, 23)), of((6, 24), rules="2026b"), of(), replace(of((6, 24)), offsets=((0, HOUR),))],
    ids=["slots", "version", "never", "offset"],
)
def test_a_calendar_that_says_another_thing_is_recorded(other: CalendarExtended) -> None:
    """Other hours, other rules of the zone, or their version alone."""
    driver = started(of((6, 24)))
    (event,) = give(driver, other)
    body = body_of(event)
    assert isinstance(body, CalendarRecorded)
    assert (body.tzdata, body.since) == (other.tzdata, event.at + OFFSET)
    assert driver.situation.durable.calendar_tzdata == other.tzdata


KNOWN_TO = NOON + 400 * DAY


@pytest.mark.parametrize(
    ("begin", "end", "is_same"),
    [
        (-HOUR, 0, True),
        (-HOUR, 1, False),
        (KNOWN_TO - 1, KNOWN_TO + HOUR, False),
        (KNOWN_TO, KNOWN_TO + HOUR, True),
    ],
)
def test_an_exception_counts_where_it_overlaps_what_is_left_of_the_recorded_one(
    begin: int, end: int, is_same: bool
) -> None:
    """Begin and end: those before the known end count from the moment the calendar is given."""
    driver = started(of((6, 24)))
    cut = driver.now + SECOND + OFFSET
    first, last = (at if at >= KNOWN_TO - 1 else cut + at for at in (begin, end))
    (slots,) = (hours.slots for hours in of((6, 24)).hours.values())
    hours = {"fm": Hours(slots, ((first, last, "closed"),))}
    assert (give(driver, replace(of((6, 24)), hours=hours)) == ()) is is_same


@pytest.mark.parametrize(
    ("turn", "is_same"), [(0, True), (1, False), (KNOWN_TO - 1, False), (KNOWN_TO, True)]
)
def test_a_turn_of_local_time_counts_inside_what_is_left_of_the_recorded_one(
    turn: int, is_same: bool
) -> None:
    """One at its begin has turned already; one at its end is none of it."""
    driver = started(of((6, 24)))
    cut = driver.now + SECOND + OFFSET
    at = turn if turn >= KNOWN_TO - 1 else cut + turn
    before = ((0, -HOUR), (cut, 0)) if turn == 0 else ((0, 0), (at, HOUR))
    assert (give(driver, replace(of((6, 24)), offsets=before)) == ()) is is_same


def test_rules_that_change_count_for_the_future_and_leave_the_past() -> None:
    """A zone that gives up its summer time keeps the hours that its days had until then."""
    before = replace(of((6, 22)), offsets=((0, HOUR),))
    driver = started(before)
    cut = driver.now + SECOND + OFFSET
    give(driver, replace(of((6, 22), rules="2026b"), offsets=UTC))
    day = cut // DAY * DAY
    assert expected(driver, day - DAY + 5 * HOUR) is Expected.ON
    assert expected(driver, day + 2 * DAY + 5 * HOUR) is Expected.CLOSED
    assert expected(driver, day + 2 * DAY + 21 * HOUR) is Expected.ON


@pytest.mark.parametrize(
    ("short", "lacks"),
    [
        (of((6, 24), days=399), Shortfall((), NOON - 3 * DAY, NOON + 399 * DAY, NOON + 400 * DAY)),
        (
            replace(of(), hours={}),
            Shortfall(("fm",), NOON - 3 * DAY, NOON + 400 * DAY, NOON + 400 * DAY),
        ),
        (
            replace(of(), known_from=NOON + DAY),
            Shortfall((), NOON + DAY, NOON + 400 * DAY, NOON + 400 * DAY),
        ),
    ],
    ids=["span", "programme", "begin"],
)
def test_a_calendar_that_covers_less_is_refused(short: CalendarExtended, lacks: Shortfall) -> None:
    """The held one goes on, and what is lacking is named."""
    driver = started(of((6, 24)))
    held = driver.situation.durable.calendar
    assert give(driver, short) == ()
    assert driver.situation.durable.calendar == held
    given_now = replace(short, at=driver.now)
    assert shortfall(driver.situation.durable, driver.plan, given_now) == lacks


def test_a_programme_that_is_no_longer_configured_may_lack_hours() -> None:
    """Only those that the plan has are held against a calendar."""
    site = shared_site()
    driver = Watch(site).hold(2).driver
    first, *others = (programme.id for programme in driver.plan.programmes)
    calendar = driver.calendar_from(driver.now)
    without = replace(calendar, hours={name: calendar.hours[name] for name in others})
    durable = driver.situation.durable
    lacks = shortfall(durable, driver.plan, without)
    assert lacks is not None
    assert lacks.programmes == (first,)
    programmes = tuple(one for one in driver.plan.programmes if one.id != first)
    assert shortfall(durable, replace(driver.plan, programmes=programmes), without) is None


def test_a_calendar_that_does_not_know_the_present_covers_nothing() -> None:
    """The recorded one ended before now: any that knows the present is taken."""
    driver = started(of((6, 24), days=0))
    (event,) = give(driver, replace(of((6, 8), days=-1), known_to=driver.now + OFFSET + DAY))
    body = body_of(event)
    assert isinstance(body, CalendarRecorded)
    assert body.since == body.given_from == body.known_from == NOON - 3 * DAY
    assert expected(driver, NOON) is Expected.CLOSED


def test_a_calendar_of_another_time_lacks_nothing_of_the_recorded_one() -> None:
    """The recorded one is over by then, and is not kept for the present."""
    driver = started(of((6, 8), days=3))
    late = replace(of((6, 8)), at=driver.now + 10 * DAY)
    assert shortfall(driver.situation.durable, driver.plan, late) is None


def test_a_slot_of_some_weekdays_is_no_slot_of_the_others() -> None:
    """Six hours a day on weekdays: nothing is expected at the weekend."""
    weekdays = Hours(((0b0011111, 6 * HOUR, 12 * HOUR),))
    durable = started(replace(of((6, 8)), hours={"fm": weekdays})).situation.durable
    morning = NOON - 4 * HOUR
    days = [sure_at(durable, "fm", morning + n * DAY - OFFSET) for n in range(1, 8)]
    assert sorted(days) == [Expected.CLOSED] * 2 + [Expected.ON] * 5


def test_a_calendar_recorded_as_intervals_is_read_as_dated_hours() -> None:
    """A programme without any was closed; what is recorded as hours is read as it is."""
    stored = {"intervals": {"fm": [[5, 9, "on"]], "am": []}, "known_from": 2, "known_to": 20}
    body = body_of_version_1(stored)
    assert body["hours"] == {
        "fm": {"slots": [], "dated": [[5, 9, "on"]]},
        "am": {"slots": [], "dated": []},
    }
    times = [body[key] for key in ("since", "given_from", "known_from", "kept_from", "known_to")]
    assert times == [2, 2, 2, 2, 20]
    assert body_of_version_1(body) == body
    state = {"calendar": {"fm": [[5, 9, "on"]], "am": []}, "calendar_known_from": 2}
    calendar = state_of_version_1(state)["calendar"]
    assert [[one["since"], one["hours"]["dated"]] for one in calendar["fm"]] == [
        [2, [[5, 9, "on"]]]
    ]
    assert [[one["since"], one["hours"]["dated"]] for one in calendar["am"]] == [[2, []]]
    assert state_of_version_1({"calendar": calendar})["calendar"] == calendar


def test_of_two_calendars_of_one_moment_the_later_one_counts_alone() -> None:
    """What the first said of its no time at all cuts no run of hours."""
    driver = started(of())
    at = driver.now + SECOND
    for hours in (of((0, 24)), of()):
        driver.tick([replace(hours, at=at)], at)
    held = driver.situation.durable.calendar["fm"]
    assert [part.since for part in held] == [NOON - 3 * DAY, at + OFFSET]
    begin, end, expected = expected_span(driver.situation.durable, "fm", at + HOUR)
    assert (begin + OFFSET, end, expected) == (
        NOON - 3 * DAY,
        NOON + 400 * DAY - OFFSET,
        Expected.CLOSED,
    )


def test_what_lies_between_two_calendars_is_unsure() -> None:
    """The first ended long before the second begins: nobody knows what was expected between."""
    driver = started(of((0, 24), days=-1))
    later = given(0, {"fm": ()}, known_from=NOON)
    give(driver, later)
    assert expected(driver, NOON - 1) is Expected.UNSURE
    assert expected(driver, NOON) is Expected.CLOSED


def test_hours_that_change_without_end_forget_the_oldest_and_say_unsure() -> None:
    """The state stays bounded while one piece lasts; what is forgotten never reads as closed."""
    driver = started(of((0, 24)))
    begun = driver.now + OFFSET
    for number in range(HOURS_MAX + 5):
        give(driver, of((0, 24), rules=str(number)))
    held = driver.situation.durable.calendar["fm"]
    assert len(held) == HOURS_MAX
    assert expected(driver, begun) is Expected.UNSURE
    assert expected(driver, driver.now + OFFSET) is Expected.ON


def test_hours_that_nothing_reads_any_more_are_forgotten_after_two_days() -> None:
    """New hours twice a day for twelve days: those of the last pieces and of two days are kept."""
    watch = Watch(fm_site(), Driver(fm_site().plan, calendar=of((0, 24))))
    for number in range(24):
        watch.at += 12 * HOUR
        give(watch.hold(30).driver, of((0, 24), rules=str(number)))
    held = watch.driver.situation.durable.calendar["fm"]
    now = watch.driver.now + OFFSET
    assert len(recorded(watch.driver)) == 25
    assert now - 4 * DAY < held[0].since <= now - 2 * DAY


def test_a_calendar_of_ten_years_is_as_large_as_one_of_a_year() -> None:
    """But for the changes of the station's clocks; 200 programmes of three slots stay small."""
    hours = Hours(tuple((EVERY_DAY, n * HOUR, (n + 2) * HOUR) for n in (6, 12, 18)))
    sizes = []
    for years in (1, 10):
        many = {f"programme-{n}": hours for n in range(200)}
        calendar = replace(of(days=366 * years), hours={"fm": hours, **many})
        (event,) = (e for e in started(calendar).events if e.kind == "calendar_extended")
        sizes.append(len(event.body))
    assert sizes[0] < 40_000
    assert sizes[1] - sizes[0] < 10


def test_time_without_a_boundary_for_years_is_one_run() -> None:
    """A programme that is always on, or never, has no boundary before the end of the calendar."""
    for slots, found in (
        (((0, 24),), Expected.ON),
        ((), Expected.CLOSED),
        (
            ((0, 13), (12, 24)),
            Expected.ON,
        ),
    ):
        driver = started(of(*slots, days=3660))
        durable = driver.situation.durable
        span = expected_span(durable, "fm", driver.now)
        assert span == (NOON - 3 * DAY - OFFSET, NOON + 3660 * DAY - OFFSET, found)


@pytest.mark.parametrize("shows", [-3 * DAY, 3 * DAY])
def test_the_past_is_kept_as_each_of_the_clocks_shows_it(shows: int) -> None:
    """A clock that ran days ahead, or behind, forgets nothing of the two days before the oldest."""
    driver = started(of((6, 24)))
    durable = driver.situation.durable
    durable.clock.eras = [Era(0, OFFSET), Era(driver.now, OFFSET + shows)]
    at = driver.now + SECOND
    (draft,) = extend_calendar(driver.situation, replace(of((6, 8)), at=at))
    assert isinstance(draft.body, CalendarRecorded)
    oldest = min(programme.piece.start for programme in durable.programmes.values())
    assert draft.body.kept_from == oldest + OFFSET + min(0, shows) - 2 * DAY


@pytest.mark.parametrize("kind", ["piece", "clear", "held", "outage"])
def test_the_past_is_kept_since_the_oldest_moment_that_may_still_be_asked_for(kind: str) -> None:
    """Begins of open and waiting pieces, the end of what was clear, and what may be out since."""
    driver = started(of((6, 24)))
    durable = driver.situation.durable
    programme = durable.programmes["fm"]
    late, oldest = driver.now, driver.now - 9 * DAY
    programme.piece.start = programme.clear_to = late
    match kind:
        case "piece":
            programme.piece.start = oldest
        case "clear":
            programme.clear_to = oldest
        case "held":
            programme.held = [Piece(at, ["good"], None, presumed=False) for at in (oldest, late)]
        case "outage":
            durable.outages["fm/off_air"] = Outage("1-9", (oldest, late), late, "", "", "", [])
    at = driver.now + SECOND
    (draft,) = extend_calendar(driver.situation, replace(of((6, 8)), at=at))
    assert isinstance(draft.body, CalendarRecorded)
    assert draft.body.kept_from == oldest + OFFSET - 2 * DAY
