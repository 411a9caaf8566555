"""A false alarm stops messages of a content fault, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from monitord.core.decision_bodies import FalseAlarm
from monitord.core.expression import Name
from monitord.core.incident_state import Incident
from monitord.core.model import SECOND, Decision, Layer
from monitord.core.unsettled import still_open
from tests.support.seam import (
    WALL,
    Driver,
    Watch,
    condition,
    device,
    fm_site,
    fold,
    needs,
    programme,
    sound,
    told,
    transmitter,
)

SECONDS = 600


def mark(watch: Watch, person: str = "desk", saw: str = "music is on air") -> list[tuple[str, str]]:
    """Let a person mark the open incident; return (kind, why) of the events."""
    at, incident = watch.driver.now, incident_of(watch)
    key = f"d{len(watch.driver.events)}"
    decision = Decision(at, key, person, "test", FalseAlarm(incident.id, saw))
    events = watch.driver.tick([decision], at)
    return [(event.kind, json.loads(event.body).get("why", "")) for event in events]


def incident_of(watch: Watch) -> Incident:
    (incident,) = watch.driver.situation.durable.incidents.values()
    return incident


def silent() -> Watch:
    """Return a site whose silence detector has just found silence; the desk has been rung."""
    watch = Watch(fm_site()).hold(30).hold(16, io="bad")
    assert incident_of(watch)
    return watch


def test_after_a_false_alarm_only_the_closing_is_sent() -> None:
    """Who was not rung yet is not rung; who was gets the end."""
    watch = silent()
    first = [code for _, code in told(watch.driver.events, "desk")]
    assert first == ["opened"]
    assert not told(watch.driver.events, "engineer")
    assert mark(watch) == [("decision_taken", ""), ("incident_quieted", "")]
    watch.hold(60, io="bad").hold(SECONDS)
    codes = [code for _, code in told(watch.driver.events, "desk")]
    assert len(codes) == 2
    assert codes[-1] != "opened"
    assert not [code for _, code in told(watch.driver.events, "engineer") if code == "opened"]
    assert fold(watch.driver.events) == watch.driver.situation.durable


def test_the_closing_of_a_false_alarm_names_who_marked_it() -> None:
    """Who got the outage must not read in its end that an outage of that length was agreed on."""
    watch = silent()
    mark(watch)
    watch.hold(60, io="bad").hold(SECONDS)
    alerts = [(each["told"], each["false_alarm_by"]) for each in alerts_of(watch)]
    assert alerts[0] == ("opened", None)
    assert ("recovered", "desk") in alerts
    assert {by for _, by in alerts[1:]} == {"desk"}


def test_the_closing_does_not_call_false_what_nobody_marked() -> None:
    """The mark was about the first fall, and the closing is about both; or there was none."""
    for marked in (True, False):
        watch = silent()
        _ = marked and mark(watch)
        watch.hold(20).hold(60, io="bad").hold(SECONDS)
        alerts = [(each["told"], each["false_alarm_by"]) for each in alerts_of(watch)]
        assert ("recovered", None) in alerts
        assert {by for _, by in alerts} == {None}


def alerts_of(watch: Watch) -> list[dict[str, Any]]:
    """Return the parameters of every message that was sent."""
    return [body["alert"] for body in watch.bodies("attempt_began")]


def test_the_next_fall_of_the_same_fault_rings_again() -> None:
    """The mark was about the fall that was known: silence half an hour later is another."""
    watch = silent()
    mark(watch)
    watch.hold(20).hold(SECONDS, io="bad")
    assert [code for _, code in told(watch.driver.events, "desk")] == ["opened", "falls_again"]
    assert fold(watch.driver.events) == watch.driver.situation.durable


def test_evidence_and_seconds_stay_and_are_to_be_settled() -> None:
    """The figures are those of the same life without the mark; its span waits for a person."""
    marked, other = silent(), silent()
    mark(marked)
    figures = []
    for watch in (marked, other):
        watch.hold(60, io="bad").hold(SECONDS)
        figures.append(watch.driver.situation.durable.programmes["fm"].figures)
    assert figures[0] == figures[1]
    assert figures[0].least > 50 * SECOND
    (span,) = marked.bodies("suspicion_found")
    assert (span["programme"], span["sort"]) == ("fm", "false_alarm")
    assert marked.driver.situation.durable.unsettled["fm"].count == 1
    assert not other.bodies("suspicion_found")


@pytest.mark.parametrize(("on_air", "how"), [(20, "good"), (0, "hours"), (-20, "hours")])
def test_a_false_alarm_is_to_be_settled_from_its_first_to_its_last_second(
    on_air: int, how: str
) -> None:
    """Back on air before the end of the day, cut by it, and not seen when it comes."""
    hours = ((WALL, WALL + 120 * SECOND, "on"),)
    watch = Watch(fm_site(), Driver(fm_site().plan, calendar=hours)).hold(30).hold(30, io="bad")
    mark(watch)
    state = "silent" if on_air < 0 else "bad"
    watch.hold(60 - abs(on_air), io="bad").hold(max(on_air, 0)).hold(max(-on_air, 0), io=state)
    watch.hold(60, io="good" if on_air > 0 else state)
    (ended,) = [one for one in watch.bodies("outage_ended") if one["fault"] == "off_air"]
    (span,) = [one for one in watch.bodies("suspicion_found") if one["sort"] == "false_alarm"]
    assert ended["how"] == how
    assert [span["begin"], span["end"]] == [ended["began"][0], ended["ended"][1]]


def lasting(watch: Watch) -> list[tuple[str, int]]:
    """Return (sort, begin) of what lasts and would be unsettled if it ended now."""
    durable = watch.driver.situation.durable
    return [(str(one.sort), one.begin) for one in still_open(durable, "fm", watch.driver.now)]


@pytest.mark.parametrize("more", [{}, {"fm1": "bad"}])
def test_a_false_alarm_is_unsettled_while_it_lasts_and_until_it_is_settled(
    more: dict[str, str],
) -> None:
    """From the mark on, with the begin that it has in the list at its end; never twice."""
    watch = silent()
    assert lasting(watch) == []
    mark(watch)
    began = watch.driver.situation.durable.outages["fm/off_air"].began[0]
    for _ in range(3):
        assert lasting(watch) == [("false_alarm", began)]
        watch.hold(20, io="bad", **more)
    while not watch.bodies("suspicion_found"):
        assert lasting(watch) == [("false_alarm", began)]
        watch.hold(1)
    (found,) = watch.bodies("suspicion_found")
    assert (found["sort"], found["begin"]) == ("false_alarm", began)
    assert lasting(watch) == []


def test_a_false_alarm_is_unsettled_from_its_first_microsecond_and_where_it_owns() -> None:
    """Nothing has lasted at its begin; where another incident owns the outage, that one counts."""
    watch = silent()
    mark(watch)
    durable = watch.driver.situation.durable
    began = durable.outages["fm/off_air"].began[0]
    assert list(still_open(durable, "fm", began)) == []
    assert [one.seconds for one in still_open(durable, "fm", began + 1)] == [1]
    assert list(still_open(durable, "other", watch.driver.now)) == []
    (place,) = durable.places
    durable.places[place] = "1-1"
    assert list(still_open(durable, "fm", watch.driver.now)) == []


def test_a_lost_carrier_is_no_false_alarm() -> None:
    """A loudspeaker does not disprove it; nothing is marked without what was seen."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    assert mark(watch) == [("decision_refused", "not_content")]
    watch = silent()
    assert mark(watch, saw="") == [("decision_refused", "nothing_seen")]
    assert mark(watch, person="stranger") == [("decision_refused", "unknown_person")]
    mark(watch)
    assert mark(watch) == [("decision_refused", "already_quiet")]
    at = watch.driver.now
    unknown = Decision(at, "x", "desk", "test", FalseAlarm("9-9", "seen"))
    (refused,) = watch.driver.tick([unknown], at)
    assert json.loads(refused.body)["why"] == "unknown_incident"


def test_an_incident_of_content_and_carrier_is_no_false_alarm() -> None:
    """One feed took both off: one programme on air says nothing of the other."""
    tx = replace(transmitter("fm1"), powered_by=("feed.mains",))
    studio = replace(sound("io"), powered_by=("feed.mains",))
    mains = device("feed", ("ok",), condition("feed.mains", Layer.EQUIPMENT, "mains", Name("ok")))
    programmes = (
        programme("talk", needs("studio", Layer.CONTENT, "io.sound")),
        programme("fm", needs("tx", Layer.EMISSION, "fm1.radiating")),
    )
    plan = replace(fm_site().plan, devices=(mains, tx, studio), programmes=programmes)
    answers = {**fm_site().answers, "feed": {"good": (True,), "bad": (False,)}}
    watch = Watch(replace(fm_site(), plan=plan, answers=answers)).hold(30)
    watch.hold(16, feed="bad", io="bad", fm1="bad")
    assert incident_of(watch).members.keys() == {"talk/off_air", "fm/off_air"}
    assert mark(watch) == [("decision_refused", "not_content")]


def test_another_incident_rings_all_the_same() -> None:
    """The carrier that fails during a false alarm of sound is news to everybody."""
    watch = silent()
    mark(watch)
    watch.hold(120, io="bad", fm1="bad")
    assert "opened" in [code for _, code in told(watch.driver.events, "engineer")]
