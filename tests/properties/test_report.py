"""Figures of a period are those of the ledger, tile each period, and add up over its parts."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from monitord.core.clock_state import Trust
from monitord.core.ledger import totals
from monitord.core.model import Column, Event
from monitord.report.period import Known, PeriodFigures, Timeline, period_figures
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import Driver, Site

BESIDE = (-3_000_000, -1_000_000, -1, 0, 1, 1_000_000)
"""Cuts beside each turn of the clock: within the gap that it leaves, and what comes twice."""


def timeline_of(driver: Driver, programme: str) -> Timeline:
    return Timeline(programme, driver.situation.durable)


def known_of(driver: Driver, programme: str) -> list[Known]:
    """Return the pieces as the record has them; the last one lasts until now."""
    bodies = [
        json.loads(event.body)
        for event in driver.events
        if event.kind == "piece_opened" and event.subject == programme
    ]
    ends = [*(body["start"] for body in bodies[1:]), driver.now]
    return [
        Known(body["start"], end, tuple(body["possible"]), body["blind"])
        for body, end in zip(bodies, ends, strict=True)
    ]


def has_placed_again(event: Event) -> bool:
    """Return whether an event gives time that had passed another place in the calendar."""
    return event.kind == "clock_turned" and json.loads(event.body)["since"] < event.at


def wall_begin(timeline: Timeline, known: list[Known]) -> int:
    return known[0].start + timeline.eras[0].offset


def added(parts: list[PeriodFigures]) -> tuple[dict[Column, int], list[int], dict[str, int]]:
    columns = {column: sum(part.columns[column] for part in parts) for column in Column}
    figures = [
        sum(getattr(part.figures, name) for part in parts)
        for name in ("least", "most_seen", "most")
    ]
    reasons = {name for part in parts for name in part.reasons}
    return columns, figures, {r: sum(part.reasons.get(r, 0) for part in parts) for r in reasons}


@examples(80)
@given(lives())
def test_the_figures_of_the_whole_time_are_those_of_the_ledger(life: tuple[Site, Script]) -> None:
    """Columns and figures, calculated apart: from the rows of the record, not while it ran."""
    driver = play(*life)
    for programme in driver.situation.durable.programmes:
        timeline, known = timeline_of(driver, programme), known_of(driver, programme)
        assume(all(era.trust is Trust.TRUSTED for era in timeline.eras))
        offsets = [era.offset for era in timeline.eras]
        assume(offsets == sorted(offsets))  # no wall time comes twice
        # The ledger has booked what was placed again a moment later at its earlier place.
        assume(not any(has_placed_again(event) for event in driver.events))
        sums = totals(driver.situation.durable, programme, driver.now)
        begin = wall_begin(timeline, known)
        end = begin + sum(sums.columns.values())
        found = period_figures(timeline, known, begin, end)
        assert found.columns == dict(sums.columns)
        assert found.twice == 0
        assert found.figures == sums.figures
        assert {reason: found.own[reason] for reason in sums.own} == dict(sums.own)


@examples(60)
@given(lives(), st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=5))
def test_a_period_is_tiled_and_its_parts_add_up_to_it(
    life: tuple[Site, Script], cuts: list[float]
) -> None:
    """Wherever it is cut: also before the record began and behind what it knows."""
    driver = play(*life)
    for programme in driver.situation.durable.programmes:
        timeline, known = timeline_of(driver, programme), known_of(driver, programme)
        first = wall_begin(timeline, known)
        length = max(driver.now - known[0].start, 1)
        turns = (era.since + era.offset + beside for era in timeline.eras for beside in BESIDE)
        edges = sorted({first - length // 5, *turns, *(first + int(cut * length) for cut in cuts)})
        parts = [period_figures(timeline, known, a, b) for a, b in pairwise(edges)]
        for (a, b), part in zip(pairwise(edges), parts, strict=True):
            assert sum(part.columns.values()) == b - a
            assert part.figures.least <= part.figures.most_seen <= part.figures.most
            assert sum(part.reasons.values()) == part.figures.least
        whole = period_figures(timeline, known, edges[0], edges[-1])
        assert added(parts) == added([whole])
