"""Outages and the hours of the broadcast day: only scheduled time is an impact."""

from __future__ import annotations

from typing import Any

from monitord.core.model import SECOND, CalendarExtended
from tests.support.seam import OFFSET, T0, Driver, Intervals, Site, Watch, fm_site


def watch(*hours: tuple[int, int], site: Site | None = None) -> Watch:
    """Return a watch on a programme that is expected in these hours, seconds since ``T0``."""
    site = fm_site() if site is None else site
    calendar: Intervals = tuple(
        (T0 + OFFSET + a * SECOND, T0 + OFFSET + b * SECOND, "on") for a, b in hours
    )
    return Watch(site, Driver(site.plan, calendar=calendar))


def ended(told: Watch) -> list[dict[str, Any]]:
    """Return every ended outage."""
    return [body for body in told.bodies("outage_ended") if body["fault"] == "off_air"]


def at(seconds: float) -> int:
    return T0 + round(seconds * SECOND)


def test_an_outage_ends_its_impact_exactly_at_the_end_of_the_day() -> None:
    """A new impact begins exactly at the next opening, because the outage goes on."""
    told = watch((0, 60), (120, 900)).hold(40).hold(110, fm1="bad").hold(60)
    first, second = ended(told)
    assert (first["ended"], first["how"]) == ([at(60), at(60)], "hours")
    assert second["began"] == [at(120), at(120)]
    assert len(told.bodies("incident_opened")) == 2, "what is off at the opening rings anew"


def test_a_return_seen_just_after_the_end_of_the_day_is_not_counted_as_bad() -> None:
    """L3: time undecided up to the boundary is in most_seen and not in least."""
    told = watch((0, 60)).hold(40).hold(20, fm1="bad").hold(40)
    (outage,) = ended(told)
    figures = outage["figures"]
    assert outage["ended"][1] == at(60)
    assert figures["least"] == at(59) - at(40.01)
    assert figures["most"] == figures["most_seen"] == at(60) - at(39)


def test_what_is_settled_after_the_end_of_the_day_begins_no_second_impact() -> None:
    """A slow layer's pieces are dated before the boundary and come after it."""
    told = watch((0, 70)).hold(36).hold(36, io="bad").hold(40)
    assert len(told.bodies("member_joined")) == 1
    assert len(ended(told)) == 1


def test_an_outage_after_hours_opens_nothing_until_the_morning() -> None:
    """Then its begin is the opening."""
    told = watch((0, 30), (100, 900)).hold(40).hold(50, fm1="bad")
    assert told.bodies("incident_opened") == []
    told.hold(20, fm1="bad")
    (opened,) = told.bodies("incident_opened")
    assert opened["opened_at"] == at(100)


def test_a_day_closed_by_a_new_calendar_ends_the_impact() -> None:
    """A changed calendar takes effect although no condition changes."""
    told = watch((0, 900)).hold(30).hold(40, fm1="bad")
    now = told.driver.now
    told.driver.tick([CalendarExtended(now + 1, (("fm", ()),), now + OFFSET)], now + 1)
    told.hold(20, fm1="bad")
    (outage,) = ended(told)
    assert outage["ended"][1] == now + 1
