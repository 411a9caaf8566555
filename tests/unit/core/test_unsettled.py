"""Time that nobody can prove is found, counted, and settled by a named person, once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from monitord.core.decision_bodies import Settle
from monitord.core.model import SECOND, Decision
from monitord.core.unsettled_state import Unsettled
from tests.support.seam import OFFSET, T0, Driver, Watch, fm_site, fold

HOUR = 3600 * SECOND


def presumed(watch: Watch) -> dict[str, Any]:
    """Let the transmitter fail, fall silent and come back; return the span."""
    watch.hold(20).hold(10, fm1="bad").hold(30, fm1="absent").hold(20)
    (span,) = watch.bodies("suspicion_found")
    return span


def settle(
    watch: Watch,
    *spans: tuple[str, str, int],
    verdict: str = "on_air",
    person: str = "desk",
    ids: tuple[str, ...] | None = None,
) -> list[tuple[str, str]]:
    """Let a person settle spans; return (kind, why) of the events."""
    asked = tuple(span[0] for span in spans) if ids is None else ids
    at = watch.driver.now
    body = Settle(verdict, asked, "", "seen on the monitor", spans)
    key = f"d{len(watch.driver.events)}"
    events = watch.driver.tick([Decision(at, key, person, "test", body)], at)
    return [(event.kind, json.loads(event.body).get("why", "")) for event in events]


def test_blindness_during_an_outage_leaves_a_span_to_settle() -> None:
    """Begin, end and hours of the presumed piece; an open outage goes on meanwhile."""
    watch = Watch(fm_site())
    span = presumed(watch)
    pieces = watch.bodies("piece_opened")
    (piece,) = [one for one in pieces if one["presumed"]]
    after = pieces[pieces.index(piece) + 1]
    assert (span["programme"], span["sort"]) == ("fm", "presumed")
    assert span["evidence"] == {"cause": piece["blind"]} == {"cause": "no_value"}
    assert (span["begin"], span["end"]) == (piece["start"], after["start"])
    assert span["seconds"] == span["end"] - span["begin"] > 25 * SECOND
    assert watch.driver.situation.durable.unsettled["fm"] == Unsettled(
        1, span["seconds"], until=span["end"]
    )
    assert fold(watch.driver.events).unsettled == watch.driver.situation.durable.unsettled


def test_blindness_without_an_outage_leaves_nothing_to_settle() -> None:
    """It is counted as blind; nobody suspects an outage."""
    watch = Watch(fm_site()).hold(20).hold(30, fm1="absent").hold(20)
    assert not watch.bodies("suspicion_found")


def test_only_hours_are_to_be_settled() -> None:
    """What lies outside of them needs no person."""
    on = ((T0 + OFFSET, T0 + OFFSET + 45 * SECOND, "on"), (T0 + OFFSET + HOUR, 2**60, "on"))
    site = fm_site()
    watch = Watch(site, Driver(site.plan, calendar=on))
    span = presumed(watch)
    assert span["end"] > T0 + 45 * SECOND
    assert span["seconds"] == T0 + 45 * SECOND - span["begin"]


def test_a_programme_that_is_withdrawn_leaves_its_span() -> None:
    """Its time stays unsettled after the reload."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad").hold(30, fm1="absent")
    plan = watch.driver.plan
    watch.driver.reload(replace(plan, programmes=(), devices=()), watch.at)
    # Rule 5.7: the seconds before it stay too, unsettled; nobody saw the end of the outage.
    off, span = watch.bodies("suspicion_found")
    assert (off["sort"], span["sort"]) == ("reconfigured", "presumed")
    assert off["end"] == span["begin"]
    assert span["end"] == watch.at
    assert watch.driver.situation.durable.unsettled["fm"].count == 2


@pytest.mark.parametrize(("verdict", "off"), [("on_air", 0), ("off_air", 1)])
def test_one_settlement_settles_many_spans_once(verdict: str, off: int) -> None:
    """Counts and sums follow; what was settled as off air is kept apart."""
    watch = Watch(fm_site())
    presumed(watch)
    watch.hold(10, fm1="bad").hold(30, fm1="absent").hold(20)
    spans = [(s["subject"], "fm", s["seconds"]) for s in watch.bodies("suspicion_found")]
    time = sum(span[2] for span in spans)
    assert len(spans) == 2
    taken = [("decision_taken", ""), ("spans_settled", "")]
    assert settle(watch, *spans, verdict=verdict) == taken
    now = watch.driver.situation.durable.unsettled["fm"]
    assert (now.count, now.time, now.off_count, now.off_time) == (0, 0, 2 * off, time * off)
    assert settle(watch, *spans) == [("decision_refused", "not_unsettled")]
    assert now.count == 0


def test_a_settlement_that_is_not_whole_or_not_known_is_refused() -> None:
    """Nothing is settled in part, twice, by a stranger, or with another verdict."""
    watch = Watch(fm_site())
    span = presumed(watch)
    row = (str(span["subject"]), "fm", int(span["seconds"]))
    refusals = [
        (settle(watch, row, person="stranger"), "unknown_person"),
        (settle(watch, row, verdict="perhaps"), "unknown_verdict"),
        (settle(watch), "nothing_unsettled"),
        (settle(watch, row, row), "not_unsettled"),
        (settle(watch, row, ids=(row[0], "9-9")), "not_unsettled"),
        (settle(watch, ("9-9", "tv", 1)), "not_unsettled"),
    ]
    for events, why in refusals:
        assert events == [("decision_refused", why)]
    assert watch.driver.situation.durable.unsettled["fm"].count == 1
