"""Somebody is at work where power would kill: said by name, kept, and in every message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.decision_bodies import ClearSiteState, DecisionBody, SetSiteState
from monitord.core.durable import Durable
from monitord.core.model import Decision
from monitord.core.site_state import SITE_STATES_MAX
from tests.support.seam import Watch, fm_site, fold

IN_FM1 = SetSiteState("inside", "fm1", "Zhang San", "T-7")
ON_TOWER = SetSiteState("tower", "", "Li Si", "")


def decide(watch: Watch, body: DecisionBody, person: str = "desk") -> list[tuple[str, str]]:
    """Let a person decide; return (kind, why) of the events."""
    key = f"d{len(watch.driver.events)}"
    at = watch.driver.now
    events = watch.driver.tick([Decision(at, key, person, "test", body)], at)
    return [(event.kind, json.loads(event.body).get("why", "")) for event in events]


def alerts(watch: Watch) -> list[dict[str, Any]]:
    return [body["alert"] for body in watch.bodies("attempt_began")]


def test_a_site_state_is_in_every_message_until_it_is_cleared() -> None:
    """Who is where since when; the first message after the end has none."""
    watch = Watch(fm_site()).hold(20)
    assert decide(watch, IN_FM1) == [("decision_taken", ""), ("site_state_set", "")]
    since = watch.driver.now
    watch.hold(20, fm1="bad").hold(60)
    entry = {"where": "inside", "device": "fm1", "who": "Zhang San", "since": since}
    found = alerts(watch)
    assert found
    assert all(alert["site_state"] == [entry] for alert in found)
    assert decide(watch, ClearSiteState(1))[-1] == ("site_state_cleared", "")
    watch.hold(20, fm1="bad")
    assert len(alerts(watch)) > len(found)
    assert alerts(watch)[-1]["site_state"] == []


def test_one_of_two_teams_that_leaves_does_not_end_the_other_ones_state() -> None:
    """Each has a number of its own, which is not used again."""
    watch = Watch(fm_site()).hold(20)
    decide(watch, ON_TOWER)
    decide(watch, replace(ON_TOWER, who="Wang Wu"))
    decide(watch, ClearSiteState(1))
    states = watch.driver.situation.durable.site_states
    assert [state.who for state in states.values()] == ["Wang Wu"]
    decide(watch, IN_FM1)
    assert list(states) == ["2", "3"]


def test_a_site_state_lasts_over_a_kill_and_a_new_epoch() -> None:
    """Both read the record, or the whole state of it."""
    watch = Watch(fm_site()).hold(20)
    decide(watch, IN_FM1)
    before = dict(watch.driver.situation.durable.site_states)
    alive_at = watch.driver.crash()
    watch.driver.start(watch.driver.now + 5_000_000, alive_at=alive_at)
    assert watch.driver.situation.durable.site_states == before
    assert fold(watch.driver.events).site_states == before
    plain = json.loads(canonical(to_plain(watch.driver.situation.durable)))
    assert from_plain(Durable, plain).site_states == before


REFUSED = {
    "unknown_person": (ON_TOWER, "stranger"),
    "unknown_place": (replace(ON_TOWER, where="roof"), "desk"),
    "unknown_device": (replace(IN_FM1, device="fm9"), "desk"),
    "no_device": (replace(IN_FM1, device=""), "desk"),
    "nobody_named": (replace(ON_TOWER, who=""), "desk"),
    "unknown_site_state": (ClearSiteState(1), "desk"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_site_state_that_says_too_little_is_refused(why: str) -> None:
    """Nothing is set, and the refusal is recorded."""
    watch = Watch(fm_site()).hold(20)
    assert decide(watch, *REFUSED[why]) == [("decision_refused", why)]
    assert watch.driver.situation.durable.site_states == {}


def test_so_many_site_states_are_refused() -> None:
    """A script that sets them without end cannot fill the state."""
    watch = Watch(fm_site()).hold(20)
    for _ in range(SITE_STATES_MAX):
        decide(watch, ON_TOWER)
    assert decide(watch, ON_TOWER) == [("decision_refused", "too_many")]
    assert len(watch.driver.situation.durable.site_states) == SITE_STATES_MAX


def test_a_repeated_decision_sets_one_state() -> None:
    """Its id is remembered: a command that was sent twice is no second team."""
    watch = Watch(fm_site()).hold(20)
    at = watch.driver.now
    decision = Decision(at, "same", "desk", "test", ON_TOWER)
    watch.driver.tick([decision], at)
    assert watch.driver.tick([decision], at) == ()
    assert len(watch.driver.situation.durable.site_states) == 1
