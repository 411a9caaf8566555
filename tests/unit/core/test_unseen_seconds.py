"""What nobody saw of an alarm or a degradation is in no least: only in most (L3, L6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from monitord.core.members import running_figures
from monitord.core.model import SECOND
from tests.support.removals import removals
from tests.support.seam import Driver, Site, Watch, plant_site, reserve_site

KINDS = {
    "/alarm/feed.mains": (plant_site, "feed", "bad"),
    "tv/degraded": (reserve_site, "a", "low"),
}
LIVES = {
    "seen all the time": ["40 bad"],
    "silent at the end": ["20 bad", "30 silent"],
    "silent in the middle": ["20 bad", "30 silent", "20 bad"],
    "silent twice": ["10 bad", "20 silent", "10 bad", "30 silent", "10 bad"],
    "good while nobody saw it": ["20 bad", "10 silent", "10 silent", "20 bad"],
    "over a stop": ["20 bad", "30 stop", "20 bad"],
    "over a stop, silent before it": ["20 bad", "10 silent", "30 stop", "10 silent", "10 bad"],
    "over two stops": ["20 bad", "30 stop", "10 bad", "30 stop", "10 bad"],
    "over two stops, unseen": ["20 bad", "9 stop", "5 silent", "9 stop", "5 silent", "10 bad"],
    "over another address": ["20 bad", "0 reload", "20 bad"],
    "over another address while silent": ["20 bad", "20 silent", "0 reload", "9 silent", "9 bad"],
    "over two stops at once": ["20 bad", "5 silent", "9 stop", "9 stop", "10 bad"],
}
IDLE = {"b": "idle"}


def lived(build: Callable[[], Site], device: str, bad: str, life: Sequence[str]) -> list[int]:
    """Let a site live; return, after every step, by how much the least is over what was seen."""
    site = build()
    idle = {name: state for name, state in IDLE.items() if name in site.answers}
    watch = Watch(site, Driver(site.plan)).hold(20, **idle)
    (fault,) = (name for name, found in KINDS.items() if found[1] == device)
    seen, over = 0, []
    for step in [*life, "20 good"]:
        seconds, _, state = step.partition(" ")
        if state == "stop":
            watch.restart(int(seconds))
        elif state == "reload":
            watch.driver.reload(site.plan, watch.driver.now + 1, again=[device])
        else:
            watch.hold(int(seconds), **{**idle, device: bad if state == "bad" else state})
        seen += int(seconds) if state == "bad" else 0
        held = watch.driver.situation.durable.outages.get(fault)
        if held is not None:
            situation = watch.driver.situation
            known = situation.faults[fault]
            figures = running_figures(situation, known, held, situation.clock)
            assert 0 <= figures.least <= figures.most_seen <= figures.most
            over.append(figures.least - seen * SECOND)
    ends = [json.loads(e.body) for e in watch.driver.events if e.kind == "outage_ended"]
    name = fault.removeprefix("tv").removeprefix("/")
    return [
        *over,
        *(b["figures"]["least"] - seen * SECOND for b in ends if b["fault"] == name),
    ]


@pytest.mark.parametrize("fault", KINDS)
@pytest.mark.parametrize("life", LIVES)
def test_only_what_was_seen_is_in_the_least(fault: str, life: str) -> None:
    """While it lasts, and once it is over; it misses no more than polls and lags at each edge."""
    over = lived(*KINDS[fault], LIVES[life])
    assert len(over) >= len(LIVES[life])
    assert max(over) <= 0
    assert min(over) >= -5 * SECOND * len(LIVES[life])


def test_the_least_of_an_alarm_that_is_over_is_what_its_answers_prove() -> None:
    """From the first bad answer to the request of the last one; what follows may be good."""
    watch = Watch(plant_site()).hold(20).hold(40, feed="bad").hold(40)
    bodies: list[Any] = watch.bodies("outage_ended")
    (alarm,) = (body for body in bodies if body["fault"] == "alarm/feed.mains")
    (began, _), (ended, _) = alarm["began"], alarm["ended"]
    answered_after = began % SECOND
    assert alarm["figures"]["most"] == ended - began
    assert alarm["figures"]["least"] == ended - began - SECOND - answered_after


def test_the_least_of_an_alarm_that_a_reload_ends_is_what_its_answers_prove() -> None:
    """Nobody saw it since its last answer: the reload is no proof that it lasted until then."""
    site = plant_site()
    watch = Watch(site).hold(20).hold(40, feed="bad").hold(30, feed="silent")
    watch.driver.reload(dict(removals(site.plan))["alarm feed.mains"], watch.driver.now)
    bodies: list[Any] = watch.bodies("outage_ended")
    (alarm,) = (body for body in bodies if body["how"] == "reconfigured")
    (began, _), (ended, _) = alarm["began"], alarm["ended"]
    assert alarm["figures"]["most"] == ended - began
    assert alarm["figures"]["least"] == 39 * SECOND - began % SECOND
