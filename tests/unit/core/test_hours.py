"""Outages and the hours of the broadcast day: only scheduled time is an outage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.model import SECOND
from tests.support.calendars import given
from tests.support.seam import DESK, OFFSET, T0, Driver, Intervals, Site, Watch, fm_site


def watch(*hours: tuple[float, float], site: Site | None = None) -> Watch:
    """Return a watch on a programme that is expected in these hours, seconds since ``T0``."""
    site = fm_site() if site is None else site
    calendar: Intervals = tuple((at(a) + OFFSET, at(b) + OFFSET, "on") for a, b in hours)
    return Watch(site, Driver(site.plan, calendar=calendar))


def at(seconds: float) -> int:
    return T0 + round(seconds * SECOND)


def ends(told: Watch) -> list[dict[str, Any]]:
    """Return the outages that ended."""
    return [body for body in told.bodies("outage_ended") if body["fault"] == "off_air"]


def begins(told: Watch) -> list[dict[str, Any]]:
    return [body for body in told.bodies("outage_began") if body["fault"] == "off_air"]


def test_an_outage_ends_exactly_at_the_end_of_the_day() -> None:
    """Rule 5.4: cut at the hour; what is still off at the next opening is an outage of its own."""
    told = watch((0, 60), (120, 900)).hold(40).hold(110, fm1="bad").hold(60)
    first, second = ends(told)
    assert (first["ended"], first["how"]) == ([at(60), at(60)], "hours")
    assert second["began"] == [at(120), at(120)]
    assert second["how"] == "good"
    closed = told.bodies("incident_closed")
    assert [body["how"] for body in closed] == ["hours", "recovered"]
    assert len(told.bodies("incident_opened")) == 2


def test_an_outage_that_meets_the_next_day_within_the_clearing_time_keeps_its_incident() -> None:
    """The incident had not closed: the member falls again in it."""
    told = watch((0, 60), (80, 900)).hold(40).hold(70, fm1="bad").hold(60)
    assert [body["how"] for body in ends(told)] == ["hours", "good"]
    assert len(told.bodies("incident_opened")) == 1
    (fell,) = told.bodies("member_fell")
    assert (fell["number"], [fell["not_before"], fell["not_after"]]) == (2, [at(80), at(80)])
    assert [body["how"] for body in told.bodies("incident_closed")] == ["recovered"]


def test_a_return_seen_just_after_the_end_of_the_day_is_not_counted_as_bad() -> None:
    """L3: time undecided up to the boundary is in most_seen and not in least."""
    told = watch((0, 60)).hold(40).hold(20, fm1="bad").hold(40)
    (ended,) = ends(told)
    figures = ended["figures"]
    assert ended["ended"][1] == at(60)
    assert figures["least"] == at(59) - at(40.01)
    assert figures["most"] == figures["most_seen"] == at(60) - at(39)


@pytest.mark.parametrize("closes", [59.5, 59.999, 60, 60.005, 60.0099])
def test_hours_that_end_before_the_return_is_proven_end_the_outage(closes: float) -> None:
    """Rule 5.4: bad at 59, good at 60.01, sent at 60: wherever the hours end between, it is cut."""
    told = watch((0, closes)).hold(40).hold(20, fm1="bad").hold(40)
    (ended,) = ends(told)
    assert (ended["ended"], ended["how"]) == ([at(closes), at(closes)], "hours")
    assert ended["figures"]["most"] == at(closes) - at(39)


def test_a_fall_in_an_incident_that_lasts_is_recorded_with_its_first_and_last_moment() -> None:
    """Between the last good answer and the first bad one, as the outage itself."""
    told = watch((0, 900)).hold(40).hold(5, fm1="bad").hold(10).hold(5, fm1="bad")
    (fell,) = told.bodies("member_fell")
    assert (
        [fell["not_before"], fell["not_after"]] == begins(told)[-1]["began"] == [at(54), at(55.01)]
    )


def test_hours_that_end_after_the_return_cut_nothing() -> None:
    """The first answer that is good came before."""
    told = watch((0, 60.02)).hold(40).hold(20, fm1="bad").hold(40)
    (ended,) = ends(told)
    assert (ended["ended"], ended["how"]) == ([at(59), at(60.01)], "good")


def test_what_is_settled_after_the_end_of_the_day_begins_no_second_outage() -> None:
    """A slow layer's pieces are dated before the boundary and come after it."""
    told = watch((0, 70)).hold(36).hold(36, io="bad").hold(40)
    assert len(begins(told)) == 1
    assert len(ends(told)) == 1


def test_an_outage_after_hours_opens_nothing_until_the_morning() -> None:
    """Then its begin is the opening."""
    told = watch((0, 30), (100, 900)).hold(40).hold(50, fm1="bad")
    assert told.bodies("incident_opened") == []
    told.hold(20, fm1="bad")
    (opened,) = told.bodies("incident_opened")
    assert opened["opened_at"] == at(100)


def test_a_day_closed_by_a_new_calendar_ends_the_outage() -> None:
    """A changed calendar takes effect although no condition changes."""
    told = watch((0, 900)).hold(30).hold(40, fm1="bad")
    now = told.driver.now
    told.driver.tick([given(now + 1, {"fm": ()})], now + 1)
    told.hold(20, fm1="bad")
    (ended,) = ends(told)
    assert (ended["ended"][1], ended["how"]) == (now + 1, "hours")


@pytest.mark.parametrize("stages", [("studio", "tx"), ("tx",), ("studio",)])
def test_blindness_that_ends_behind_the_hours_ended_with_them(stages: tuple[str, ...]) -> None:
    """The first answers came after them: what nobody saw is blind up to the hour.

    A silence detector speaks of the ten seconds before: by then the hours are over and settled.
    """
    site = fm_site()
    (fm,) = site.plan.programmes
    chain = tuple(stage for stage in fm.chain if stage.id in stages)
    plan = replace(site.plan, programmes=(replace(fm, chain=chain),))
    told = watch((0, 1), site=replace(site, plan=plan))
    told.at += 2 * SECOND
    told.hold(20)
    (ended,) = [body for body in told.bodies("outage_ended") if body["fault"] == "blind"]
    assert (ended["began"], ended["ended"]) == ([at(0), at(0)], [at(1), at(1)])
    assert ended["how"] == "hours"


def test_a_start_does_not_open_again_what_its_hours_have_ended() -> None:
    """The time without monitord begins before they ended; what is left of it lies behind them."""
    told = watch((0, 1))
    told.driver.tick([], at(2))
    told.restart(5).hold(10)
    assert [b["how"] for b in told.bodies("outage_ended") if b["fault"] == "blind"] == ["hours"]
    assert [b["began"] for b in told.bodies("outage_began")] == [[at(0), at(0)]]


def test_an_outage_belongs_to_the_cause_nearest_the_source_of_those_proven_together() -> None:
    """Rule 5.2: position, then id; an id that comes first in the alphabet gives no precedence."""
    told = watch((100, 900)).hold(95, fm1="bad", io="bad")
    told.hold(20, fm1="bad", io="bad")
    opened = [body for body in told.bodies("incident_opened") if body["fault"] == "off_air"]
    assert [body["place"]["id"] for body in opened] == ["io/studio", "fm1/tx"]
    outage = told.driver.situation.durable.outages["fm/off_air"]
    assert [place for _, place, _ in outage.owners] == ["io/studio"]


def test_an_outage_just_before_the_end_of_the_day_wakes_no_one() -> None:
    """Rule 5.4: the hours end it, also where the person's delay ends exactly with them."""
    site = fm_site().with_(people=(replace(DESK, tell_after=(("critical", 0),)),))
    told = watch((0, 60), site=site).hold(58).hold(60, fm1="bad")
    words = [body["alert"]["told"] for body in told.bodies("attempt_began")]
    assert words == ["closed_before_told"]
    assert [body["how"] for body in ends(told)] == ["hours"]
