"""Every person gets the messages of every incident, in order, and the last one always."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND, Event
from tests.properties.scripts import Script, examples, lives, play, recover
from tests.support.seam import DESK, Driver, Outcome, Site, Watch, bodies, fm_site, told

STORY = re.compile(r"(opened (revised )*recovered )|(closed_before_told )")
"""The messages of one incident for one person, from first to last."""
STORY_SO_FAR = re.compile(r"(opened (revised )*(recovered )?)?|(closed_before_told )")


def stories(events: list[Event], person: str) -> dict[str, str]:
    """Return, per incident, the messages delivered to a person, in order."""
    found: dict[str, str] = {}
    for incident, word in told(events, person):
        found[incident] = found.get(incident, "") + word + " "
    return found


def never_lost(script: Script) -> Script:
    """Return the script without crashes and lost attempts: every outcome is known."""
    kinds = ("delivered", "temporary", "permanent")
    outcomes = tuple(
        o if o.kind in kinds else Outcome(o.after, "temporary") for o in script.outcomes
    )
    return replace(script, endings=(), outcomes=outcomes)


@examples(100)
@given(lives())
def test_the_messages_of_an_incident_come_in_order(life: tuple[Site, Script]) -> None:
    """Opened, any number of revisions, recovered; or only one, closed before delivery."""
    site, script = life
    driver = play(site, never_lost(script))
    for person in site.plan.people:
        for story in stories(driver.events, person.id).values():
            assert STORY_SO_FAR.fullmatch(story), story


@examples(60)
@given(lives())
def test_every_person_gets_the_last_message_of_every_incident(life: tuple[Site, Script]) -> None:
    """When everything is good and the channels work, incidents close and queues are empty."""
    site, script = life
    driver = play(site, script)
    recover(site, driver, 700)
    durable = driver.situation.durable
    assert durable.incidents == {}
    assert durable.lanes == {}
    assert durable.closed_incidents == {}
    opened = [body["subject"] for body in bodies(driver.events, "incident_opened")]
    assert Counter(opened) == Counter(
        e.subject for e in driver.events if e.kind == "incident_closed"
    )
    for person in site.plan.people:
        heard = stories(driver.events, person.id)
        assert sorted(heard) == sorted(opened)
        for story in heard.values():
            assert story.split()[-1] in ("recovered", "closed_before_told")


@examples(60)
@given(lives())
def test_a_person_without_lost_attempts_gets_each_message_once(life: tuple[Site, Script]) -> None:
    """Without a crash during an attempt no message is missing and none comes twice."""
    site, script = life
    driver = play(site, never_lost(script))
    recover_without_loss(site, driver)
    for person in site.plan.people:
        for story in stories(driver.events, person.id).values():
            assert STORY.fullmatch(story), story


def recover_without_loss(site: Site, driver: Driver) -> None:
    """End the attempts under way before the crash that ``recover`` begins with."""
    driver.outcomes = (Outcome(1),)
    while any(row.state == "telling" for queue in queues(driver) for row in queue):
        driver.tick([], driver.now + SECOND)
    recover(site, driver, 700)


def queues(driver: Driver) -> list[list[object]]:
    return list(driver.situation.durable.lanes.values())


@examples(100)
@given(lives())
def test_a_message_queue_is_first_in_first_out(life: tuple[Site, Script]) -> None:
    """The oldest message is attempted first; only a permanent failure moves it to the end."""
    owed: dict[tuple[str, str], int] = {}
    telling: dict[str, tuple[str, bool]] = {}
    for event in play(*life).events:
        body = json.loads(event.body)
        person = event.subject
        key = (person, str(body.get("incident")))
        if event.kind == "message_owed":
            busy = telling.get(person, ("", False))
            if busy[0] == key[1]:
                telling[person] = (key[1], True)
            else:
                owed.setdefault(key, event.number)
        elif event.kind == "attempt_began":
            mine = {k: number for k, number in owed.items() if k[0] == person}
            assert min(mine, key=mine.__getitem__) == key
            telling[person] = (key[1], False)
        elif event.kind == "attempt_ended":
            _, more = telling.pop(person, ("", False))
            if body["delivered"] or body["to_the_end"]:
                del owed[key]
            if body["to_the_end"] or (body["delivered"] and more):
                owed[key] = event.number
        elif event.kind == "message_dropped":
            owed.pop(key, None)


@examples(60)
@given(lives())
def test_one_attempt_a_person_is_under_way_at_a_time(life: tuple[Site, Script]) -> None:
    """A message does not overtake another, and attempts of a row are numbered without gap."""
    under_way: dict[str, str] = {}
    count: Counter[tuple[str, str]] = Counter()
    for event in play(*life).events:
        if event.kind == "attempt_began":
            assert event.subject not in under_way
            body = json.loads(event.body)
            under_way[event.subject] = body["incident"]
            count[event.subject, body["incident"]] += 1
            assert body["attempt"] == count[event.subject, body["incident"]]
        elif event.kind == "attempt_ended":
            assert under_way.pop(event.subject) == json.loads(event.body)["incident"]


@examples(60)
@given(lives())
def test_alert_ids_distinguish_repeats_from_new_messages(life: tuple[Site, Script]) -> None:
    """One id a message: the same id is the same message again, after a failure or a crash."""
    confirmed: set[str] = set()
    attempts: dict[tuple[str, str, int], str] = {}
    for event in play(*life).events:
        body = json.loads(event.body)
        if event.kind == "attempt_began":
            assert body["alert"]["alert_id"] not in confirmed
            key = (event.subject, body["incident"], body["attempt"])
            attempts[key] = body["alert"]["alert_id"]
        elif event.kind == "attempt_ended" and body["delivered"]:
            confirmed.add(attempts[event.subject, body["incident"], body["attempt"]])


@pytest.mark.parametrize("tell_after_s", [45, 60, 300])
def test_an_incident_shorter_than_the_delay_gives_one_message_when_closed(
    tell_after_s: int,
) -> None:
    """It wakes no one while it is open."""
    desk = replace(DESK, tell_after=(("critical", tell_after_s * SECOND),))
    heard = Watch(fm_site().with_(people=(desk,))).hold(30).hold(5, fm1="bad").hold(400)
    (opened,) = heard.bodies("incident_opened")
    assert told(heard.driver.events, "desk") == [(opened["subject"], "closed_before_told")]


@examples(60)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 12))
def test_an_opening_is_sent_only_after_the_delay_of_the_person(
    bad_s: int, tell_after_s: int, open_after_s: int
) -> None:
    """Counted from the opening; never before it, and never when it closed by then."""
    desk = replace(DESK, tell_after=(("critical", tell_after_s * SECOND),))
    site = fm_site().with_(people=(desk,), open_after=open_after_s * SECOND)
    heard = Watch(site).hold(30).hold(bad_s, fm1="bad").hold(120)
    for opened in heard.bodies("incident_opened"):
        (closed,) = heard.bodies("incident_closed")
        begun = heard.bodies("attempt_began")
        due = opened["opened_at"] + tell_after_s * SECOND
        first = begun[0]
        assert first["at"] == min(due, closed["at"])
        word = "opened" if due < closed["at"] else "closed_before_told"
        assert first["alert"]["told"] == word


def test_a_crash_during_an_attempt_means_possibly_sent() -> None:
    """So the recovery is sent, though the delivery of the opening is not confirmed."""
    lost = Driver(fm_site().with_(people=(DESK,)).plan, outcomes=(Outcome(1, "lost"),))
    heard = Watch(fm_site().with_(people=(DESK,)), lost).hold(30).hold(10, fm1="bad")
    assert [body["alert"]["told"] for body in heard.bodies("attempt_began")] == ["opened"]
    lost.outcomes = (Outcome(1_000, "temporary"),)
    heard.restart(5).hold(3, fm1="bad")
    (row,) = lost.situation.durable.lanes["desk"]
    assert row.ever_told == "perhaps"
    heard.hold(100)
    lost.outcomes = (Outcome(1_000),)
    heard.hold(100)
    assert [word for _, word in told(lost.events, "desk")] == ["recovered"]


def test_presumed_time_is_in_most_and_never_in_least() -> None:
    """Bad, then silent: shown and sent as off air, and proven only as far as it was seen."""
    heard = Watch(fm_site()).hold(30).hold(20, fm1="bad").hold(60, fm1="silent").hold(60)
    (ended,) = heard.bodies("impact_ended")
    presumed = [piece for piece in heard.bodies("piece_opened") if piece["presumed"]]
    assert len(presumed) == 1
    assert 17 * SECOND <= ended["least"] <= 20 * SECOND
    assert ended["most_seen"] <= 22 * SECOND
    assert 78 * SECOND <= ended["most"] <= 83 * SECOND
