"""The three figures and the columns, calculated again by definition from the record alone."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.calendar import spans, sure_at
from monitord.core.columns import COLUMNS, Quality, column_of
from monitord.core.durable import Durable, Piece
from monitord.core.ledger import Sums
from monitord.core.model import SECOND, Column, Event, Expected
from tests.properties.scripts import (
    DeviceScript,
    Outcome,
    Phase,
    Script,
    examples,
    lives,
    play,
    stay_well,
)
from tests.support.calendars import FAR, held
from tests.support.seam import Site, Watch, bodies, fm_site, fold, shared_site

Body = dict[str, Any]
FOREVER = 10**18


def sorts(possible: list[str]) -> set[str]:
    return {observed.partition(":")[0] for observed in possible}


def figures_by_definition(
    pieces: list[Body], durable: Durable, programme: str, begin: int, end: int
) -> tuple[int, int, int]:
    """Return least, most seen and most of [begin, end), in scheduled time."""
    least = most_seen = most = 0
    later = [{"start": FOREVER}]
    for piece, after in pairwise([*pieces, *later]):
        start, finish = max(piece["start"], begin), min(after["start"], end)
        length = sum(
            to - at for at, to, e in spans(durable, programme, start, finish) if e is Expected.ON
        )
        found = sorts(piece["possible"])
        least += length if found == {"bad"} else 0
        most_seen += length if "bad" in found and piece["blind"] is None else 0
        most += length if "bad" in found or piece["blind"] is not None else 0
    return least, most_seen, most


COUNTED = ("off_air", "blind")
"""Faults whose figures the ledger counts."""


def ends_with_place(events: list[Event]) -> list[tuple[int, Body]]:
    """Return (index of the event, body) of each outage that ended."""
    return [
        (number, json.loads(event.body) | {"id": event.subject, "at": event.at})
        for number, event in enumerate(events)
        if event.kind == "outage_ended"
    ]


def check_outages(events: list[Event]) -> int:
    """Compare every ended outage with the definition; return how many there were."""
    pieces = bodies(events, "piece_opened")
    checked = 0
    for number, body in ends_with_place(events):
        if body["fault"] not in COUNTED:
            continue
        programme = body["programme"]
        mine = [piece for piece in pieces if piece["subject"] == programme]
        expected = figures_by_definition(
            mine, fold(events[:number]), programme, body["began"][0], body["ended"][1]
        )
        found = body["figures"]
        assert (found["least"], found["most_seen"], found["most"]) == expected, body
        checked += 1
    return checked


@examples(100)
@given(lives(restarts=False, steps=False))
def test_the_figures_of_an_outage_are_those_of_its_pieces(life: tuple[Site, Script]) -> None:
    """L3: least, most_seen and most are as defined, from the complete record."""
    driver = play(*life)
    stay_well(life[0], driver, 60)
    check_outages(driver.events)


def test_the_definition_is_compared_with_outages_at_all() -> None:
    """The property above looks at outages and at blindness."""
    watch = Watch(fm_site()).hold(30).hold(20, fm1="bad").hold(60).hold(70, io="silent").hold(60)
    assert check_outages(watch.driver.events) >= 3


@examples(60)
@given(lives())
def test_least_is_never_above_most_seen_nor_that_above_most(life: tuple[Site, Script]) -> None:
    """L3: in every outage, every message and every member, with restarts and clock steps."""
    events = play(*life).events
    alerts = [body["alert"] for body in bodies(events, "attempt_began")]
    members = [member for alert in alerts for member in alert["members"]]
    ended = [body["figures"] for body in bodies(events, "outage_ended")]
    for figures in [*alerts, *members, *ended, *bodies(events, "member_over")]:
        assert 0 <= figures["least"] <= figures["most_seen"] <= figures["most"]


@examples(60)
@given(lives())
def test_the_bounds_of_an_outage_are_in_order(life: tuple[Site, Script]) -> None:
    """It began and ended somewhere inside its bounds, and lasted no longer than they allow."""
    for _, ended in ends_with_place(play(*life).events):
        began, end = ended["began"], ended["ended"]
        assert began[0] <= began[1] <= end[1] <= ended["at"]
        assert began[0] <= end[0] <= end[1]
        assert ended["figures"]["most"] <= end[1] - began[0]


@examples(60)
@given(lives())
def test_the_outages_of_a_fault_do_not_overlap(life: tuple[Site, Script]) -> None:
    """No second counts twice, with clock steps and calendar changes."""
    last: dict[tuple[str, str], int] = {}
    for _, ended in ends_with_place(play(*life).events):
        key = (ended["programme"], ended["fault"])
        assert ended["began"][0] >= last.get(key, 0)
        last[key] = ended["ended"][1]


HOURS_MOVED_BY_A_SLEW = Script(
    devices={
        "fm1": DeviceScript((Phase("good", 5), Phase("bad", 1), Phase("good", 2)), ((0, 1),), 0),
        "io1": DeviceScript((Phase("good", 2),), ((0, 1),), 0),
        "io2": DeviceScript((Phase("good", 15), Phase("bad", 1)), ((0, 1),), 0),
    },
    outcomes=(Outcome(1, "delivered"),),
    endings=(),
    clocks=((SECOND, 60_000), (16 * SECOND, 0)),
    boundaries=(SECOND, 2 * SECOND, 3 * SECOND, 6 * SECOND),
    tick=100_000,
    polls=21,
)
"""The hours end 60 ms after the outage began; then the cause moves, then the clock is set back."""


@examples(80)
@given(lives())
@example((shared_site().with_(open_after=0, clear_after=0, tell_after=0), HOURS_MOVED_BY_A_SLEW))
def test_the_spans_of_the_owners_add_up_to_the_outage(life: tuple[Site, Script]) -> None:
    """L5: from the begin to the end without gap or overlap, each second with one owner."""
    for _, ended in ends_with_place(play(*life).events):
        if ended["fault"] != "off_air":
            continue
        spans_ = ended["owners"]
        assert [since for since, *_ in spans_[1:]] == [to for _, to, *_ in spans_[:-1]]
        assert spans_[0][0] == ended["began"][1]
        assert spans_[-1][1] == ended["ended"][1]
        assert all(since <= to for since, to, *_ in spans_)
        assert (spans_[-1][3], "+".join(ended["devices"])) == (
            ended["owner"],
            spans_[-1][2].partition("/")[0],
        )


@examples(80)
@given(lives(calendar=False))
def test_a_member_of_a_message_has_the_figures_of_its_outages(life: tuple[Site, Script]) -> None:
    """L6: what a person reads are the sums of the record, each fall once."""
    ended: dict[str, list[Body]] = {}
    for event in play(*life).events:
        body = json.loads(event.body)
        if event.kind == "outage_ended":
            ended.setdefault(f"{body['programme']}/{body['fault']}", []).append(body)
        for member in body["alert"]["members"] if event.kind == "attempt_began" else ():
            mine = ended.get(f"{member['programme']}/{member['fault']}", [])
            inside = [one for one in mine if one["began"][0] >= member["began"][0]]
            if member["ended"] is not None and len(inside) == member["falls"]:
                for key in ("least", "most_seen", "most"):
                    assert member[key] == sum(one["figures"][key] for one in inside)


MOMENTS = st.integers(0, 5_000)


@st.composite
def calendars(draw: st.DrawFn) -> Durable:
    """Return durable state with any ordered, disjoint intervals, touching or not."""
    edges = sorted(draw(st.lists(MOMENTS, max_size=12, unique=True)))
    names = st.sampled_from([*Expected, None])
    parts = [(a, b, draw(names)) for a, b in pairwise(edges)]
    kept = tuple((a, b, name.value) for a, b, name in parts if name is not None)
    hours = held({"p": kept}, since=-FAR)
    offset = draw(st.integers(-2_000, 2_000))
    return Durable(calendar=hours, calendar_known_to=FAR, clock_offset=offset)


@examples(200)
@given(
    calendars(),
    MOMENTS,
    MOMENTS,
    st.lists(
        st.sampled_from(["good", "degraded:x", "bad:y", "unknown:z"]), min_size=1, unique=True
    ),
)
def test_the_columns_of_a_piece_sum_to_its_length(
    durable: Durable, one: int, other: int, possible: list[str]
) -> None:
    """L4: exactly, over any calendar."""
    start, finish = sorted((one, other))
    sums = Sums(durable, "p", None)
    sums.add(Piece(start, possible, None, presumed=False), finish)
    assert sum(sums.columns.values()) == finish - start
    assert all(length > 0 for length in sums.columns.values())


@examples(200)
@given(calendars(), MOMENTS, MOMENTS)
def test_spans_have_no_gap_and_no_overlap_and_are_right_at_each_moment(
    durable: Durable, one: int, other: int
) -> None:
    """L4: each span is right at both of its ends."""
    begin, end = sorted((one, other))
    parts = spans(durable, "p", begin, end)
    edges = [begin, *(to for _, to, _ in parts)]
    assert [at for at, _, _ in parts] == edges[:-1]
    assert edges[-1] == end
    for at, to, expected in parts:
        assert expected == plain_expected(durable, at)
        assert expected == plain_expected(durable, to - 1)
        assert expected == sure_at(durable, "p", at)


def plain_expected(durable: Durable, at: int) -> Expected:
    wall = at + durable.clock_offset
    intervals = durable.calendar["p"][0].hours.dated
    found = [e for begin, end, e in intervals if begin <= wall < end]
    return Expected(found[0]) if found else Expected.CLOSED


@examples(100)
@given(
    st.lists(st.sampled_from(list(Quality)), min_size=1, max_size=4),
    st.sampled_from(list(Expected)),
)
def test_several_possibilities_have_a_column_only_together(
    found: list[Quality], expected: Expected
) -> None:
    """L4: one column for all, or between."""
    columns = {COLUMNS[sort][expected] for sort in found}
    column = column_of([sort.value for sort in found], expected)
    assert column is (Column.BETWEEN if len(columns) > 1 else columns.pop())
