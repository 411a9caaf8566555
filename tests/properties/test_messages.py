"""Every person gets the messages of every incident, in order, and the last one always."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.messages import FIRST
from monitord.core.model import MINUTE, SECOND, Event
from monitord.core.person_state import Received
from monitord.core.plan import SEVERITIES
from monitord.core.unsettled_events import UNSEEN
from tests.properties.scripts import DeviceScript, Phase, Script, examples, lives, play, recover
from tests.support.seam import (
    DESK,
    Driver,
    Outcome,
    Site,
    Watch,
    bodies,
    fm_site,
    plant_site,
    told,
)

FIRST_WORDS = ("opened", "worsened")
CLOSINGS = "recovered|hours_ended|reconfigured|withdrawn|continued"
NEWS = "worsened|falls_again|grown|also|revised|partly|digest|storm"
STORY = re.compile(
    rf"(perhaps )*(opened|also|worsened|storm) (({NEWS}) )*(({CLOSINGS}) )?"
    rf"|(perhaps )+(({CLOSINGS}) )?"
    r"|closed_before_told "
)
"""The messages of one incident for one person, from first to last, in the order they began.

``perhaps``: one that possibly arrived before any that did.
"""
STORM_MAX, STORM_WINDOW, DIGEST_EVERY = 10, 10 * MINUTE, 30 * SECOND


class Message(NamedTuple):
    """One message: when it began and arrived, its bucket, what it says of each incident."""

    person: str
    told: str
    severity: int
    bucket: str
    began: int
    arrived: int | None
    refused: bool
    news: list[dict[str, Any]]
    alert: dict[str, Any]


def messages(events: list[Event]) -> list[Message]:
    """Return every attempt in the order they began."""
    found: list[Message] = []
    place: dict[tuple[str, str, int], int] = {}
    for event in events:
        if event.kind not in ("attempt_began", "attempt_ended"):
            continue
        body = json.loads(event.body)
        key = (event.subject, body["incident"], body["attempt"])
        if event.kind == "attempt_began":
            place[key] = len(found)
            alert = body["alert"]
            found.append(
                Message(
                    event.subject,
                    alert["told"],
                    body["severity"],
                    body["bucket"],
                    event.at,
                    None,
                    False,
                    body["news"],
                    alert,
                )
            )
        else:
            arrived = event.at if body["delivered"] else None
            refused = bool(body["permanent"])
            found[place[key]] = found[place[key]]._replace(arrived=arrived, refused=refused)
    return found


def stories(events: list[Event], person: str) -> dict[str, str]:
    """Return, per incident, the messages that arrived, in the order they began.

    A digest that says an incident's end counts as ``recovered``.
    """
    found: dict[str, str] = defaultdict(str)
    for message in messages(events):
        if message.person != person:
            continue
        for news in message.news:
            so_far, word = found.get(news["incident"], ""), message.told
            if word == "storm" and news["last"]:
                word = "recovered" if so_far else "closed_before_told"
            if message.arrived is None:
                possible = not (message.refused or news["last"])
                word = "perhaps" if possible and not so_far.replace("perhaps ", "") else ""
            if word:
                found[news["incident"]] += word + " "
    return found


def never_lost(script: Script) -> Script:
    """Return the script without crashes and lost attempts: every outcome is known."""
    kinds = ("delivered", "temporary", "permanent")
    outcomes = tuple(
        o if o.kind in kinds else Outcome(o.after, "temporary") for o in script.outcomes
    )
    return replace(script, endings=(), outcomes=outcomes)


@examples(80)
@given(lives())
def test_the_messages_of_an_incident_come_in_order(life: tuple[Site, Script]) -> None:
    """First an opening, then what changes, then one closing; or only one, closed before."""
    site, script = life
    driver = play(site, never_lost(script))
    for person in site.plan.people:
        for story in stories(driver.events, person.id).values():
            assert STORY.fullmatch(story), story


@examples(40)
@given(lives(), st.sets(st.sampled_from(SEVERITIES)))
def test_a_person_gets_messages_of_the_severities_with_a_delay_and_no_others(
    life: tuple[Site, Script], named: set[str]
) -> None:
    """An incident that had a member of such a severity is closed for him; others are no news."""
    site, script = life
    delays = tuple((severity, 0) for severity in SEVERITIES if severity in named)
    first, *others = site.plan.people
    people = (replace(first, tell_after=delays), *others)
    site = replace(site, plan=replace(site.plan, people=people))
    driver = play(site, script)
    recover(site, driver, 1_300)
    members = bodies(driver.events, "member_joined")
    news = {body["subject"] for body in members if body["severity"] in named}
    heard = set(stories(driver.events, first.id))
    assert news - consequences(driver.events) <= heard <= news
    assert driver.situation.durable.closed_incidents == {}


def withdrawn(events: list[Event]) -> set[str]:
    """Return the incidents that the clock put out of their hours before everybody was due a word.

    Who had no message of one gets none at all of it.
    """
    closed = bodies(events, "incident_closed")
    return {body["subject"] for body in closed if body["how"] == "withdrawn"}


def consequences(events: list[Event]) -> set[str]:
    """Return the incidents of places that turned out to be consequences of another cause.

    Who had no message of one gets none at all of it.
    """
    left = bodies(events, "cause_left")
    places = {body["place"] for body in left if body["explained"]}
    opened = bodies(events, "incident_opened")
    return {body["subject"] for body in opened if body["place"]["id"] in places}


@examples(40)
@given(lives())
def test_every_person_gets_the_last_message_of_every_incident(life: tuple[Site, Script]) -> None:
    """When everything is good and the channels work, incidents close and nothing is left."""
    site, script = life
    driver = play(site, script)
    recover(site, driver, 1_300)
    durable = driver.situation.durable
    assert durable.incidents == {}
    assert durable.outages == {}
    assert durable.closed_incidents == {}
    assert [person for person in durable.people.values() if person.sending] == []
    opened = [body["subject"] for body in bodies(driver.events, "incident_opened")]
    assert Counter(opened) == Counter(
        e.subject for e in driver.events if e.kind == "incident_closed"
    )
    for person in site.plan.people:
        heard = stories(driver.events, person.id)
        silent = consequences(driver.events) | withdrawn(driver.events)
        assert set(opened) - silent <= set(heard) <= set(opened)
        for story in heard.values():
            assert story.split()[-1] in (*CLOSINGS.split("|"), "closed_before_told")


@examples(30)
@given(lives())
def test_a_person_without_lost_attempts_gets_each_message_once(life: tuple[Site, Script]) -> None:
    """Without a crash during an attempt no opening and no closing is missing or comes twice."""
    site, script = life
    driver = play(site, never_lost(script))
    driver.outcomes = (Outcome(1),)
    while any(person.sending for person in driver.situation.durable.people.values()):
        driver.tick([], driver.now + SECOND)
    recover(site, driver, 1_300)
    for person in site.plan.people:
        for story in stories(driver.events, person.id).values():
            assert STORY.fullmatch(story), story
            words = Counter(story.split())
            assert words["opened"] <= 1
            assert sum(words[word] for word in (*CLOSINGS.split("|"), "closed_before_told")) == 1


@examples(60)
@given(lives())
def test_a_critical_opening_never_waits_for_a_lesser_message(life: tuple[Site, Script]) -> None:
    """A3: nothing lesser begins after a critical first message was due, short of the storm limit.

    One whose channels failed waits for its channel, not for another message.
    """
    due_since: dict[tuple[str, str], int] = {}

    def look(driver: Driver) -> None:
        situation = driver.situation
        for person, queue in situation.queues.items():
            ready = {e.incident for e in queue.ready if e.told in FIRST and e.severity == 0}
            state = situation.durable.people.get(person)
            for key in [k for k in due_since if k[0] == person and k[1] not in ready]:
                del due_since[key]
            for incident in ready:
                known = situation.durable.incidents[incident].people.get(person)
                tried = known is not None and (known.tried or known.probed or known.wait_until)
                if tried or state is None or len(state.critical) >= STORM_MAX:
                    continue
                since = due_since.setdefault((person, incident), driver.now)
                later = [s for s in state.sending if s.severity > 0 and s.begun_at > since]
                assert not later, (person, incident)

    play(*life, look)


def attempts_under_way(
    events: list[Event],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield every attempt that begins, with those of the same person that are under way."""
    under_way: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event.kind == "attempt_began":
            body = json.loads(event.body)
            yield body, list(under_way[event.subject])
            under_way[event.subject].append(body)
        elif event.kind == "attempt_ended":
            body = json.loads(event.body)
            key = (body["incident"], body["attempt"])
            under_way[event.subject] = [
                one for one in under_way[event.subject] if (one["incident"], one["attempt"]) != key
            ]


@examples(60)
@given(lives())
def test_only_a_critical_first_message_goes_beside_another(life: tuple[Site, Script]) -> None:
    """Rule 5.5: beside a lesser one, or beside one on its own incident that it makes worse."""
    for body, others in attempts_under_way(play(*life).events):
        for other in others:
            assert body["alert"]["told"] in (*FIRST_WORDS, "storm")
            assert body["severity"] == 0
            same = body["incident"] in [news["incident"] for news in other["news"]]
            assert other["severity"] > 0 or same


@examples(60)
@given(lives())
def test_a_channel_that_is_one_thing_has_one_attempt_at_a_time(life: tuple[Site, Script]) -> None:
    """A modem cannot make two calls, for one person or for two."""
    site, script = life
    single = {channel.id for channel in site.plan.channels if channel.single}

    def look(driver: Driver) -> None:
        people = driver.situation.durable.people.values()
        busy = Counter(sending.channel for one in people for sending in one.sending)
        assert all(busy[channel] <= 1 for channel in single)

    play(site, script, look)


@examples(60)
@given(lives())
def test_attempts_of_an_incident_are_numbered_without_gap(life: tuple[Site, Script]) -> None:
    """For each person from 1 on, through failures and restarts."""
    count: Counter[tuple[str, str]] = Counter()
    for event in play(*life).events:
        if event.kind == "attempt_began":
            body = json.loads(event.body)
            count[event.subject, body["incident"]] += 1
            assert body["attempt"] == count[event.subject, body["incident"]]


@examples(40)
@given(lives())
def test_a_person_gets_ten_messages_in_ten_minutes_and_digests_half_a_minute_apart(
    life: tuple[Site, Script],
) -> None:
    """Rule 5.6: first messages of critical causes and the others have a limit each."""
    site, script = life
    found = messages(play(site, script).events)
    for person in site.plan.people:
        mine = [message for message in found if message.person == person.id]
        for bucket in ("critical", "others"):
            arrived = sorted(m.arrived for m in mine if m.bucket == bucket and m.arrived)
            for n, at in enumerate(arrived):
                near = [other for other in arrived[n:] if other < at + STORM_WINDOW]
                # One may be under way when the tenth arrives.
                assert len(near) <= STORM_MAX + 1
        digests = [m.began for m in mine if m.bucket == "storm"]
        assert all(b - a >= DIGEST_EVERY for a, b in pairwise(digests))


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


def is_found_afterwards(member: dict[str, Any]) -> bool:
    """Return whether a member is a suspicion of a time in which nothing was seen."""
    return member["fault"] == "suspected" and member["reason"] in UNSEEN


def mains_over() -> tuple[Site, Script]:
    """A mains alarm of a second, and what it had out of sight, both over before a second person."""
    devices = {
        "feed": DeviceScript((Phase("good", 5), Phase("bad", 1), Phase("good", 1)), ((0, 1),)),
        "mux": DeviceScript((Phase("good", 5), Phase("bad", 1)), ((0, 1),)),
        "tx1": DeviceScript((Phase("good", 1),), ((0, 1),)),
        "tx2": DeviceScript((Phase("good", 1), Phase("absent", 1)), ((0, 1),)),
    }
    site = plant_site().with_(open_after=0, clear_after=0, tell_after=0)
    return site, Script(devices, (Outcome(1, "delivered"),), tick=100_000, polls=13)


@examples(60)
@given(lives())
@example(mains_over())
def test_nothing_rings_when_all_is_over(life: tuple[Site, Script]) -> None:
    """A ringing message has a member that is still off, and names the worst of them.

    What was found afterwards, in a time that nobody saw, is off for that: it is over when found.
    """
    for message in messages(play(*life).events):
        if message.told in ("opened", "worsened", "grown", "falls_again"):
            members = message.alert["members"]
            standing = [m for m in members if m["how"] is None]
            standing = standing or [m for m in members if is_found_afterwards(m)]
            assert standing, message.alert
            order = ("critical", "major", "minor", "warning")
            worst = min((m["severity"] for m in standing), key=order.index)
            assert message.alert["severity"] == worst


@pytest.mark.parametrize("tell_after_s", [45, 60, 300])
def test_an_incident_shorter_than_the_delay_gives_one_message_when_closed(
    tell_after_s: int,
) -> None:
    """It wakes no one while it is open."""
    desk = replace(DESK, tell_after=(("critical", tell_after_s * SECOND),))
    heard = Watch(fm_site().with_(people=(desk,))).hold(30).hold(5, fm1="bad").hold(400)
    (opened,) = heard.bodies("incident_opened")
    assert told(heard.driver.events, "desk") == [(opened["subject"], "closed_before_told")]


def ends_of(watch: Watch) -> list[dict[str, Any]]:
    """Return the outages that ended, without blindness."""
    return [body for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]


@examples(60)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 12))
def test_an_opening_is_sent_only_after_the_delay_of_the_person(
    bad_s: int, tell_after_s: int, open_after_s: int
) -> None:
    """Counted from the proof of the outage (rule 5.5); never when it is over by then."""
    desk = replace(DESK, tell_after=(("critical", tell_after_s * SECOND),))
    site = fm_site().with_(people=(desk,), open_after=open_after_s * SECOND)
    heard = Watch(site).hold(30).hold(bad_s, fm1="bad").hold(120)
    for opened in heard.bodies("incident_opened"):
        (closed,) = heard.bodies("incident_closed")
        (ended,) = ends_of(heard)
        begun = heard.bodies("attempt_began")
        due = max(opened["opened_at"], opened["since"] + tell_after_s * SECOND)
        word = "opened" if due <= ended["ended"][1] else "closed_before_told"
        assert begun[0]["alert"]["told"] == word
        assert begun[0]["at"] == (due if word == "opened" else closed["at"])


def test_a_crash_during_an_attempt_means_possibly_sent() -> None:
    """So the recovery is sent and restates the fault, though no opening is confirmed."""
    lost = Driver(fm_site().with_(people=(DESK,)).plan, outcomes=(Outcome(1, "lost"),))
    heard = Watch(fm_site().with_(people=(DESK,)), lost).hold(30).hold(10, fm1="bad")
    assert [body["alert"]["told"] for body in heard.bodies("attempt_began")] == ["opened"]
    lost.outcomes = (Outcome(1_000, "temporary"),)
    heard.restart(5).hold(3, fm1="bad")
    (incident,) = lost.situation.durable.incidents.values()
    assert incident.people["desk"].received is Received.PERHAPS
    heard.hold(100)
    lost.outcomes = (Outcome(1_000),)
    heard.hold(100)
    assert [word for _, word in told(lost.events, "desk")] == ["recovered"]
    assert heard.bodies("attempt_began")[-1]["alert"]["restates"] is True


def test_presumed_time_is_in_most_and_never_in_least() -> None:
    """Bad, then silent: shown and sent as off air, and proven only as far as it was seen."""
    heard = Watch(fm_site()).hold(30).hold(20, fm1="bad").hold(60, fm1="silent").hold(60)
    (ended,) = ends_of(heard)
    presumed = [piece for piece in heard.bodies("piece_opened") if piece["presumed"]]
    assert len(presumed) == 1
    figures = ended["figures"]
    assert 17 * SECOND <= figures["least"] <= 20 * SECOND
    assert figures["most_seen"] <= 22 * SECOND
    assert 78 * SECOND <= figures["most"] <= 83 * SECOND
