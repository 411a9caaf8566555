"""What an incident records of its members is what their outages record of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from monitord.core.fault_plans import faults_in
from monitord.core.model import SECOND
from tests.support.seam import Watch, fm_site, plant_site, reserve_site, shared_site

COLUMNS = {"off_air": "off_air", "degraded": "degraded", "blind": "blind"}
STORIES: dict[str, Callable[[], Watch]] = {
    "twice off": lambda: (
        Watch(fm_site()).hold(30).hold(9, fm1="bad").hold(9).hold(9, fm1="bad").hold(99)
    ),
    "short falls": lambda: (
        Watch(fm_site().with_(open_after=8 * SECOND))
        .hold(30)
        .hold(5, fm1="bad")
        .hold(20)
        .hold(5, fm1="bad")
        .hold(99)
    ),
    "two causes": lambda: (
        Watch(shared_site()).hold(30).hold(15, io1="bad").hold(40, io1="bad", fm1="bad").hold(99)
    ),
    "not seen": lambda: Watch(fm_site()).hold(30).hold(90, fm1="silent").hold(99),
    "degraded, then off": lambda: (
        Watch(reserve_site())
        .hold(30, b="idle")
        .hold(60, a="low", b="idle")
        .hold(30, a="idle", b="idle")
        .hold(99, b="idle")
    ),
    "mains": lambda: (
        Watch(plant_site()).hold(30).hold(40, feed="bad", tx1="bad", tx2="bad").hold(99)
    ),
    "ended by a reload": lambda: (
        Watch(shared_site()).hold(30).hold(30, io1="bad").restart().hold(40, io1="bad").hold(99)
    ),
}


def outage_of(bodies: list[dict[str, Any]], member: dict[str, Any]) -> dict[str, Any]:
    """Return the begin of the outage that a member's event is about: the last one before it."""
    found = [
        body
        for body in bodies[: bodies.index(member)]
        if body["kind"] == "outage_began"
        and (body["programme"], body["fault"]) == (member["programme"], member["fault"])
    ]
    return found[-1]


@pytest.mark.parametrize("story", STORIES)
def test_members_begin_end_and_are_named_as_their_outages(story: str) -> None:
    """Begin, reason, rank, severity and column; how it ended, when, and with which figures."""
    watch = STORIES[story]()
    faults = {fault.id: fault for fault in faults_in(watch.driver.plan)}
    members = ("member_joined", "member_fell", "member_over")
    bodies: list[dict[str, Any]] = watch.bodies("outage_began", "outage_ended", *members)
    seen = set()
    for body in [one for one in bodies if one["kind"] in members]:
        seen.add(body["kind"])
        began = outage_of(bodies, body)
        fault = faults[f"{body['programme']}/{body['fault']}"]
        if body["kind"] == "member_over":
            assert [body["began_not_before"], body["began_not_after"]] == began["began"]
            _check_end(body, bodies)
            continue
        assert [body["not_before"], body["not_after"]] == began["began"]
        assert body["reason"] == began["reason"]
        assert body["column"] == COLUMNS.get(body["fault"], "on_air")
        if body["kind"] == "member_joined":
            assert (body["severity"], body["rank"]) == (fault.severity, fault.rank)
    assert seen >= {"member_joined", "member_over"}


def _check_end(over: dict[str, Any], bodies: list[dict[str, Any]]) -> None:
    """Compare the end of a member with its outage's, where that has ended."""
    later = [
        body
        for body in bodies[bodies.index(over) :]
        if body["kind"] == "outage_ended"
        and (body["programme"], body["fault"]) == (over["programme"], over["fault"])
    ]
    if over["how"] == "continued":
        assert (over["not_before"], over["not_after"]) == (None, None)
        # Its figures are those of the incident in which it goes on.
        assert (over["least"], over["most_seen"], over["most"]) == (0, 0, 0)
        return
    ended = later[0]
    assert [over["not_before"], over["not_after"]] == ended["ended"]
    assert over["how"] == ended["how"]
    figures = (over["least"], over["most_seen"], over["most"])
    assert figures == tuple(ended["figures"][key] for key in ("least", "most_seen", "most"))
