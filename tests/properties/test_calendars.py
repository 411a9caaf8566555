"""Hours as integers, compared with zoneinfo, with the earlier program, and over their changes."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.time_zone import offsets_of
from monitord.core.apply import apply
from monitord.core.base import fold
from monitord.core.calendar import expected_span
from monitord.core.calendar_extending import extend_calendar
from monitord.core.calendar_values import Hours, Slot
from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.hours import DAY, HoursSince
from monitord.core.model import HOUR, MINUTE, CalendarExtended, Event, Expected, Stream
from monitord.core.situation import Situation
from tests.properties.scripts import examples
from tests.support.seam import fm_site

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Africa/Cairo",
    "UTC",
]
JUMPS = {
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Africa/Casablanca": ["2026-02-15T02:00", "2026-03-22T02:00"],
    "Africa/Cairo": ["2026-04-23T22:00", "2026-10-29T21:00"],
}
"""Moments in UTC at which the clocks of a zone are moved; twice a year, or around a month."""
MIDNIGHTS = ["2026-01-01T00:00", "2026-07-01T00:00", "2025-12-31T16:00", "2026-06-30T16:00"]
"""Begins of a year and of a half-year, by UTC and by the time of Beijing."""


def wall(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // MICROSECOND


# -- by zoneinfo --------------------------------------------------------------------------------


def instant(zone: ZoneInfo, local: int, *, is_end: bool) -> int:
    """Return a local time as wall time, by zoneinfo: the first begins, the second ends."""
    naive = (EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone)
    first, second = (naive.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        # It does not exist: the moment at which the offset changes, between the two.
        low, high = second, first
        while high - low > MICROSECOND:
            middle = low + (high - low) // 2
            is_before = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
            low, high = (middle, high) if is_before else (low, middle)
        return (high - EPOCH) // MICROSECOND
    return ((second if is_end else first) - EPOCH) // MICROSECOND


Part = tuple[int, int, str, int]


def parts(zone: ZoneInfo, hours: Hours, day: int) -> Iterator[Part]:
    """Yield (from, to, expected, rank) of the slots and exceptions around a day."""
    for number in range(day - 12, day + 13):
        weekday = (EPOCH + timedelta(days=number)).weekday()
        for days, begin, end in hours.slots:
            if days & 1 << weekday:
                a, b = number * DAY + begin, number * DAY + end
                yield instant(zone, a, is_end=False), instant(zone, b, is_end=True), "on", 0
    for rank, (begin, end, expected) in enumerate(hours.dated, 1):
        # What is between two slots begins with the end of one and ends with the begin of the other.
        begins = instant(zone, begin, is_end=expected == "closed")
        yield begins, instant(zone, end, is_end=expected != "closed"), expected, rank


def by_zoneinfo(around: Sequence[Part], at: int) -> str:
    """Return what is expected: by the last exception that has the moment, else by a slot."""
    found = [(rank, expected) for a, b, expected, rank in around if a <= at < b]
    return max(found)[1] if found else "closed"


@st.composite
def slots(draw: st.DrawFn, near: int) -> Slot:
    """Return a slot that often begins or ends around a minute of the day."""
    minute = st.sampled_from([-61, -60, -30, -15, 0, 10, 30, 60]).map(lambda n: (near + n) % 1440)
    minute = minute | st.integers(0, 1439)
    begin, end = draw(minute), draw(minute)
    days = draw(st.just(127) | st.integers(1, 127))
    return days, begin * MINUTE, (end if end > begin else end + 1440) * MINUTE


@st.composite
def hours_around(draw: st.DrawFn, local: int) -> Hours:
    """Return hours with exceptions within three days of a local time."""
    near = (st.integers(-3 * 288, 3 * 288) | st.integers(-12, 12)).map(
        lambda n: (local // MINUTE + n * 5) * MINUTE
    )
    edges = sorted(draw(st.lists(near, max_size=6, unique=True)))
    said = st.sampled_from(["on", "window", "closed"])
    pairs = zip(edges[::2], edges[1::2], strict=False)
    dated = tuple((a, b, draw(said)) for a, b in pairs)
    return Hours(tuple(draw(st.lists(slots(local // MINUTE % 1440), max_size=4))), dated)


@st.composite
def stations(draw: st.DrawFn) -> tuple[str, Hours, list[int]]:
    """Return a zone, hours, and wall times: near its changes of clocks, or in any week."""
    zone = draw(st.sampled_from(ZONES))
    special = st.sampled_from([wall(text) for text in [*JUMPS.get(zone, []), *MIDNIGHTS]])
    middle = draw(special | st.integers(wall("2015-01-01"), wall("2035-01-01")))
    offset = ZoneInfo(zone).utcoffset(EPOCH + timedelta(microseconds=middle))
    assert offset is not None
    hours = draw(hours_around(middle + offset // MICROSECOND))
    beside = st.integers(-30 * HOUR, 30 * HOUR) | st.sampled_from([-1, 0, 1, -HOUR, HOUR])
    return zone, hours, [middle + draw(beside) for _ in range(4)]


@examples(150)
@given(stations())
def test_hours_are_what_zoneinfo_says_at_every_moment(
    found: tuple[str, Hours, list[int]],
) -> None:
    """Also in the hours that do not exist or exist twice, and to the microsecond at each edge."""
    name, hours, moments = found
    zone, low, high = ZoneInfo(name), min(moments) - 9 * DAY, max(moments) + 9 * DAY
    part = HoursSince(low, hours, offsets_of(zone, low - 2 * DAY, high))
    for at in moments:
        around = list(parts(zone, hours, at // DAY))
        begin, end, expected = part.run_at(at, low, high)
        assert begin <= at < end
        assert expected == by_zoneinfo(around, at)
        edges = {edge for a, b, _, _ in around for edge in (a, b)}
        for edge in edges:
            if begin < edge < end:
                assert by_zoneinfo(around, edge) == expected
        for edge in (begin, end):
            if low < edge < high:
                before, after = (by_zoneinfo(around, n) for n in (edge - 1, edge))
                assert (before == expected) != (after == expected)


@pytest.mark.parametrize(("name", "jump"), [(z, text) for z in JUMPS for text in JUMPS[z]])
def test_every_slot_around_a_change_of_clocks_is_what_zoneinfo_says(name: str, jump: str) -> None:
    """Each half hour of begin and end, each quarter of an hour, some of them twice or never."""
    zone, at = ZoneInfo(name), wall(jump)
    low, high = at - 3 * DAY, at + 3 * DAY
    offsets = offsets_of(zone, low - 2 * DAY, high)
    local = at + offsets[0][1]
    near = [(local // MINUTE // 30 * 30 + 30 * n) % 1440 for n in range(-5, 6)]
    for begin, end in product(near, near):
        slot = (127, begin * MINUTE, (end if end > begin else end + 1440) * MINUTE)
        hours = Hours((slot,))
        part, around = HoursSince(low, hours, offsets), list(parts(zone, hours, at // DAY))
        for moment in range(at - 5 * HOUR, at + 5 * HOUR, 15 * MINUTE):
            assert part.run_at(moment, low, high)[2] == by_zoneinfo(around, moment)


@pytest.mark.parametrize("name", ["America/New_York", "Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_a_slot_over_midnight_is_found_from_any_side_of_the_days_of_utc(name: str) -> None:
    """Zones far from UTC begin their day on another day of it; slots last nearly a day."""
    zone = ZoneInfo(name)
    hours = Hours(((0b1010101, 1439 * MINUTE, 2878 * MINUTE), (0b0100000, 5 * HOUR, 6 * HOUR)))
    low = wall("2026-01-01") // DAY * DAY
    part = HoursSince(low, hours, offsets_of(zone, low - 4 * DAY, low + 40 * DAY))
    for day in range(40):
        around = list(parts(zone, hours, low // DAY + day))
        for at in range(low + day * DAY, low + (day + 1) * DAY, 2 * HOUR):
            assert part.run_at(at, low, low + 40 * DAY)[2] == by_zoneinfo(around, at)


def test_an_exception_off_the_air_leaves_both_times_of_an_hour_to_those_beside_it() -> None:
    """On until half past two and again from a quarter to three: on throughout the second hour."""
    zone, at = ZoneInfo("Europe/Berlin"), wall("2026-10-25T01:00")
    half_past, quarter_to = wall("2026-10-25T02:30"), wall("2026-10-25T02:45")
    dated = (
        (half_past - HOUR, half_past, "on"),
        (half_past, quarter_to, "closed"),
        (quarter_to, quarter_to + HOUR, "on"),
    )
    part = HoursSince(0, Hours((), dated), offsets_of(zone, at - 4 * DAY, at + DAY))
    found = [part.run_at(at + minutes * MINUTE, 0, at + DAY)[2] for minutes in range(-90, 105)]
    assert found == [Expected.ON] * 195


def test_of_two_exceptions_in_an_hour_that_comes_twice_the_later_counts() -> None:
    """One ends and the next begins at half past two: that begins with the first."""
    zone, at = ZoneInfo("Europe/Berlin"), wall("2026-10-25T01:00")
    half_past = wall("2026-10-25T02:30")
    dated = ((half_past - HOUR, half_past, "closed"), (half_past, half_past + HOUR, "on"))
    part = HoursSince(0, Hours((), dated), offsets_of(zone, at - 4 * DAY, at + DAY))
    found = [part.run_at(at + minutes * MINUTE, 0, at + DAY)[2] for minutes in (-31, -30, 29, 30)]
    assert found == [Expected.CLOSED, Expected.ON, Expected.ON, Expected.ON]


@examples(100)
@given(st.sampled_from(ZONES), st.integers(wall("2015-01-01"), wall("2035-01-01")), st.data())
def test_the_offsets_of_a_span_are_those_of_zoneinfo(
    name: str, begin: int, data: st.DataObject
) -> None:
    """At any moment of 400 days, and just before and at each change."""
    zone, end = ZoneInfo(name), begin + 400 * DAY
    offsets = offsets_of(zone, begin, end)
    turns = [at + beside for at, _ in offsets[1:] for beside in (-1, 0)]
    for at in [*turns, *data.draw(st.lists(st.integers(begin, end - 1), max_size=5))]:
        shown = (EPOCH + timedelta(microseconds=at)).astimezone(zone).utcoffset()
        assert shown is not None
        held = [offset for since, offset in offsets if since <= at]
        assert (held or [offsets[0][1]])[-1] == shown // MICROSECOND


# -- by the earlier program ---------------------------------------------------------------------

MOMENTS = st.integers(0, 200)


@st.composite
def recorded(draw: st.DrawFn) -> dict[str, object]:
    """Return a body as the earlier program stored it, with or without its later key."""
    edges = sorted(draw(st.lists(MOMENTS, max_size=8, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    said = st.sampled_from(["on", "window"])
    programmes = draw(st.lists(st.sampled_from(["fm", "tv"]), min_size=1, unique=True))
    intervals = {name: [[a, b, draw(said)] for a, b in pairs] for name in programmes}
    known = {} if draw(st.booleans()) else {"known_from": draw(st.integers(0, 30))}
    return {"intervals": intervals, "known_to": draw(st.integers(150, 220)), **known}


def by_earlier_program(body: dict[str, object], programme: str, at: int) -> Expected:
    """Return what the program that stored this body expected, as it looked it up."""
    stored = json.loads(canonical(body))
    if not stored.get("known_from", 0) <= at < stored["known_to"]:
        return Expected.UNSURE
    if programme not in stored["intervals"]:
        return Expected.UNSURE
    intervals = stored["intervals"][programme]
    index = bisect_right(intervals, at, key=lambda interval: interval[0]) - 1
    if index >= 0 and at < intervals[index][1]:
        return Expected(intervals[index][2])
    return Expected.CLOSED


def stored_event(number: int, kind: str, body: object) -> Event:
    return Event(1, number, number, kind, 1, "", Stream.SITE, canonical(body))


@examples(60)
@given(st.lists(recorded(), min_size=1, max_size=4), st.booleans())
def test_a_calendar_of_an_earlier_record_expects_the_same(
    bodies: list[dict[str, object]],
    in_a_base: bool,
) -> None:
    """Each of its events replaced the whole calendar; a base event has it as the state had it."""
    events = [stored_event(n, "calendar_extended", body) for n, body in enumerate(bodies, 1)]
    last = bodies[-1]
    if in_a_base:
        state = to_plain(Durable(last_at=5))
        state["calendar"] = last["intervals"]
        state["calendar_known_from"] = last.get("known_from", 0)
        state["calendar_known_to"] = last["known_to"]
        del state["calendar_tzdata"]
        base = {"generation": 3, "cites_epoch": 1, "cites_number": 9, "cites_head": "", "lost": 0}
        events = [stored_event(1, "base_adopted", {**base, "state": state})]
    durable = fold(3, None, events)
    for at in range(225):
        for programme in ("fm", "tv"):
            found = expected_span(durable, programme, at)[2]
            wanted = by_earlier_program(last, programme, at)
            # Messages count what is unsure as on.
            assert found is (Expected.ON if wanted is Expected.UNSURE else wanted)
    assert from_plain(Durable, json.loads(canonical(to_plain(durable)))) == durable


# -- over changes -------------------------------------------------------------------------------


@st.composite
def changes(draw: st.DrawFn) -> list[CalendarExtended]:
    """Return calendars in the order of their moments: other slots, exceptions, zones, rules."""
    at, made = wall("2026-03-20"), []
    for number in range(draw(st.integers(1, 5))):
        at += draw(st.integers(0, 6 * 24)) * HOUR + draw(st.integers(0, 3)) * 7 * MINUTE
        zone = ZoneInfo(draw(st.sampled_from(ZONES)))
        hours: dict[str, Hours] = {"fm": draw(hours_around(at))}
        offsets = offsets_of(zone, at - 4 * DAY, at + 400 * DAY)
        made.append(CalendarExtended(at, hours, at + 400 * DAY, at - 2 * DAY, offsets, str(number)))
    return made


def expected_at(durable: Durable, moments: list[int]) -> list[Expected]:
    return [expected_span(durable, "fm", at)[2] for at in moments]


@examples(50)
@given(changes(), st.lists(st.integers(-2 * 24 * 60, 40 * 24 * 60), min_size=5, max_size=20))
def test_a_change_of_hours_zone_or_rules_counts_for_the_future_only(
    given_ones: list[CalendarExtended], minutes: list[int]
) -> None:
    """The past keeps what was recorded; from the change on the given calendar alone counts."""
    moments = [given_ones[0].at + n * MINUTE for n in minutes]
    situation = Situation(fm_site().plan, Durable())
    for calendar in given_ones:
        situation.clock = given_ones[0].at - 2 * DAY
        before = expected_at(situation.durable, moments)
        drafts = list(extend_calendar(situation, calendar))
        for draft in drafts:
            number = situation.durable.number + 1
            event = Event(1, number, calendar.at, "calendar_extended", 2, "", Stream.SITE, b"")
            apply(situation.durable, event, draft.body)
        alone = HoursSince(calendar.known_from, calendar.hours["fm"], calendar.offsets)
        after = expected_at(situation.durable, moments)
        is_first = calendar is given_ones[0]
        for at, was, now in zip(moments, before, after, strict=True):
            if at >= calendar.at or is_first:
                assert now is alone.run_at(at, calendar.known_from, calendar.known_to)[2]
            else:
                assert now is was
