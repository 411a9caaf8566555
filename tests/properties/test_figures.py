"""The three figures and the columns, calculated again by definition from the record alone."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.calendar import expected_at, spans
from monitord.core.columns import COLUMNS, Quality, column_of
from monitord.core.durable import Durable
from monitord.core.ledger import columns_of_piece
from monitord.core.model import Column, Event, Expected
from tests.properties.scripts import Script, examples, lives, play, stay_well
from tests.support.seam import Site, bodies, fold

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


def check_impacts(events: list[Event]) -> int:
    """Compare every ended impact with the definition; return how many there were."""
    pieces = bodies(events, "piece_opened")
    checked = 0
    for number, event in enumerate(events):
        if event.kind != "impact_ended":
            continue
        body = json.loads(event.body)
        programme = body["programme"]
        mine = [piece for piece in pieces if piece["subject"] == programme]
        expected = figures_by_definition(
            mine, fold(events[:number]), programme, body["began_not_before"], body["not_after"]
        )
        assert (body["least"], body["most_seen"], body["most"]) == expected, body
        checked += 1
    return checked


@examples(100)
@given(lives(restarts=False, steps=False))
def test_the_figures_of_an_impact_are_those_of_its_pieces(life: tuple[Site, Script]) -> None:
    """L3: least, most_seen and most are as defined, from the complete record."""
    driver = play(*life)
    stay_well(life[0], driver, 60)
    check_impacts(driver.events)


@examples(60)
@given(lives())
def test_least_is_never_above_most_seen_nor_that_above_most(life: tuple[Site, Script]) -> None:
    """L3: in every impact and every message, with restarts and clock steps."""
    driver = play(*life)
    alerts = [body["alert"] for body in bodies(driver.events, "attempt_began")]
    for figures in [*alerts, *bodies(driver.events, "impact_ended")]:
        assert 0 <= figures["least"] <= figures["most_seen"] <= figures["most"]


@examples(60)
@given(lives())
def test_the_bounds_of_an_impact_are_in_order(life: tuple[Site, Script]) -> None:
    """It began and ended somewhere inside its bounds, and lasted no longer than they allow."""
    for ended in bodies(play(*life).events, "impact_ended"):
        assert ended["began_not_before"] <= ended["began_not_after"] <= ended["not_after"]
        assert ended["began_not_before"] <= ended["not_before"] <= ended["not_after"]
        assert ended["most"] <= ended["not_after"] - ended["began_not_before"]


@examples(60)
@given(lives())
def test_the_impacts_of_an_incident_on_a_programme_do_not_overlap(
    life: tuple[Site, Script],
) -> None:
    """No second counts twice, with clock steps and calendar changes."""
    last: dict[tuple[str, str], int] = {}
    for ended in bodies(play(*life).events, "impact_ended"):
        key = (ended["subject"], ended["programme"])
        assert ended["began_not_before"] >= last.get(key, 0)
        last[key] = ended["not_after"]


MOMENTS = st.integers(0, 5_000)


@st.composite
def calendars(draw: st.DrawFn) -> Durable:
    """Return durable state with any ordered, disjoint intervals, touching or not."""
    edges = sorted(draw(st.lists(MOMENTS, max_size=12, unique=True)))
    names = st.sampled_from([*Expected, None])
    parts = [(a, b, draw(names)) for a, b in pairwise(edges)]
    kept = [(a, b, name.value) for a, b, name in parts if name is not None]
    return Durable(calendar={"p": kept}, clock_offset=draw(st.integers(-2_000, 2_000)))


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
    columns = columns_of_piece(durable, "p", possible, start=start, finish=finish)
    assert sum(columns.values()) == finish - start
    assert all(length > 0 for length in columns.values())


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
        assert expected == expected_at(durable, "p", at)


def plain_expected(durable: Durable, at: int) -> Expected:
    wall = at + durable.clock_offset
    found = [e for begin, end, e in durable.calendar["p"] if begin <= wall < end]
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
