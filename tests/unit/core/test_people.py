"""Attempts and people: refusals, storms, people who are gone, what is no longer an incident."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from monitord.core.durable import Durable
from monitord.core.incident_state import Incident, Place
from monitord.core.message_events import AttemptBegan, AttemptEnded, PersonDropped
from monitord.core.message_folds import attempt_began, attempt_ended, person_dropped
from monitord.core.model import MINUTE, SECOND, Attempted, Event, Stream
from monitord.core.person_state import Knowledge, News, PersonNow, Sending
from tests.support.seam import (
    DESK,
    PEOPLE,
    T0,
    Driver,
    Outcome,
    Watch,
    fm_site,
    told,
)


def begun(watch: Watch) -> list[tuple[str, float]]:
    """Return (channel, seconds since the start) of every attempt."""
    return [
        (str(body["channel"]), (int(str(body["at"])) - T0) / SECOND)
        for body in watch.bodies("attempt_began")
    ]


def test_a_message_that_every_channel_refuses_waits_longer_each_time() -> None:
    """The next channel takes it at once; when all refused it, it waits as failures do."""
    site = fm_site().with_(people=(PEOPLE[0],))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(1_000, "permanent"),)))
    watch.hold(30).hold(40, fm1="bad")
    first = [round(at) for _, at in begun(watch)][:6]
    assert [channel for channel, _ in begun(watch)][:3] == ["console", "webhook", "console"]
    assert first[1] == first[0] + 1  # the next call of the core
    gaps = [later - earlier for earlier, later in pairwise(first[1:])]
    assert gaps == sorted(gaps)
    assert gaps[0] >= 1
    ended: list[Any] = watch.bodies("attempt_ended")
    waits = [max(0, body["wait_until"] - body["at"]) for body in ended]
    assert waits == [0, *(2**n * SECOND for n in range(1, len(waits)))]


@pytest.mark.parametrize(("after", "failures"), [(6 * SECOND - 1, [1, 1]), (6 * SECOND, [1, 2])])
def test_a_failure_within_the_wait_of_a_channel_does_not_lengthen_it(
    after: int, failures: list[int]
) -> None:
    """Two attempts go out together: the first fails after five seconds, the wait is one."""
    people = (DESK, replace(DESK, id="night"))
    site = fm_site().with_(people=people)
    outcomes = (Outcome(5 * SECOND, "temporary"), Outcome(after, "temporary"), Outcome())
    watch = Watch(site, Driver(site.plan, outcomes=outcomes)).hold(20).hold(15, fm1="bad")
    ended = watch.bodies("attempt_ended")[:2]
    assert [body["channel_failures"] for body in ended] == failures


def test_a_refused_message_does_not_keep_others_from_its_channel() -> None:
    """The refusal is of this message: the channel itself is sound."""
    site = fm_site().with_(people=(DESK,))
    outcomes = (Outcome(1_000, "permanent"), Outcome(1_000, "permanent"), Outcome(1_000))
    watch = Watch(site, Driver(site.plan, outcomes=outcomes)).hold(30).hold(60, fm1="bad")
    assert watch.driver.situation.durable.channels == {}
    ended = watch.bodies("attempt_ended")
    assert [body["permanent"] for body in ended] == [True, True, False]
    assert [int(str(body["wait_until"])) > 0 for body in ended] == [True, True, False]


def test_a_refusal_of_a_person_who_is_gone_waits_for_nothing() -> None:
    """The outcome arrives after the reload: nothing is repeated."""
    site = fm_site().with_(people=PEOPLE)
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(20 * SECOND, "permanent"),)))
    watch.hold(30).hold(8, fm1="bad")
    plan = replace(site.plan, people=(PEOPLE[1],))
    watch.driver.reload(plan, watch.driver.now)
    watch.hold(30, fm1="bad")
    dropped = [body["subject"] for body in watch.bodies("person_dropped")]
    assert dropped == ["desk"]
    assert "desk" not in watch.driver.situation.durable.people
    assert all(body["subject"] != "desk" for body in watch.bodies("attempt_ended"))


def test_an_outcome_of_no_attempt_under_way_is_left_out() -> None:
    """Of another number, another incident, or a second time."""
    site = fm_site().with_(people=(DESK,))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(kind="lost"),)))
    watch.hold(30).hold(8, fm1="bad")
    (began,) = watch.bodies("attempt_began")
    incident, number = str(began["incident"]), int(str(began["attempt"]))
    now = watch.driver.now
    for stranger in ((incident, number + 1), ("1-999", number)):
        outcome = Attempted(now, "desk", *stranger, delivered=True, permanent=False)
        assert watch.driver.tick([outcome], now) == ()
    outcome = Attempted(now, "desk", incident, number, delivered=True, permanent=False)
    assert [event.kind for event in watch.driver.tick([outcome], now)] == ["attempt_ended"]
    assert watch.driver.tick([outcome], now) == ()


def test_a_start_repeats_an_attempt_that_was_under_way() -> None:
    """It possibly arrived: the message is sent again, and the channel has not failed."""
    site = fm_site().with_(people=(DESK,))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(kind="lost"), Outcome(1_000))))
    watch.hold(30).hold(8, fm1="bad")
    first, *others = watch.bodies("attempt_began")
    assert others == []
    watch.restart(5).hold(20, fm1="bad")
    ended = watch.bodies("attempt_ended")
    assert [(body["delivered"], body["lost"], body["channel_failures"]) for body in ended] == [
        (False, True, 0),
        (True, False, 0),
    ]
    assert ended[0]["at"] == watch.bodies("started")[-1]["at"]
    _, again = watch.bodies("attempt_began")
    assert (again["incident"], again["channel"]) == (first["incident"], first["channel"])


def test_a_start_without_a_person_forgets_what_they_must_still_get() -> None:
    """The others get the rest; the dropped person gets nothing."""
    site = fm_site().with_(people=PEOPLE)
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(5 * SECOND),)))
    watch.hold(30).hold(8, fm1="bad")
    watch.driver.plan = replace(site.plan, people=(PEOPLE[1],))
    watch.restart(5).hold(30, fm1="bad").hold(60)
    assert [body["subject"] for body in watch.bodies("person_dropped")] == ["desk"]
    assert told(watch.driver.events, "desk") == []
    assert told(watch.driver.events, "engineer")[-1][1] == "recovered"


PLACE = Place("fm1/tx", "stage")
GONE = News("1-9", 0, PLACE.id, {"fm/off_air": 1}, (), 0, last=True)
KEPT = News("1-5", 0, PLACE.id, {"fm/off_air": 1}, (), 0, last=False)


def digest() -> Durable:
    """Return a state with a digest under way about an incident that is kept, and one forgotten."""
    incident = Incident("1-5", 100, PLACE, 0, 0)
    sending = Sending("1-5", 1, "desk", "storm", "storm", 0, 10 * SECOND, [GONE, KEPT])
    return Durable(incidents={"1-5": incident}, people={"duty": PersonNow(sending=[sending])})


@pytest.mark.parametrize("delivered", [True, False])
def test_an_outcome_about_a_forgotten_incident_is_kept_for_the_others(delivered: bool) -> None:
    """A closed incident is forgotten once everybody has its closing."""
    durable = digest()
    body = AttemptEnded(
        incident="1-5",
        attempt=1,
        channel="desk",
        delivered=delivered,
        lost=False,
        permanent=False,
        detail="",
        channel_failures=0,
        channel_until=0,
        channel_tried_at=0,
        wait_until=0,
    )
    at = 20 * SECOND
    attempt_ended(durable, Event(1, 9, at, "attempt_ended", 2, "duty", Stream.SITE, b""), body)
    assert set(durable.incidents) == {"1-5"}
    known = durable.incidents["1-5"].people["duty"]
    assert (known.received, known.tried) == (("yes", []) if delivered else ("perhaps", ["desk"]))


def test_a_dropped_person_leaves_nothing_behind() -> None:
    """A closed incident that nobody else waits for is forgotten with them."""
    incident = Incident("1-5", 100, PLACE, 0, 0, people={"duty": Knowledge(), "boss": Knowledge()})
    closed = Incident(
        "1-4", 101, PLACE, 0, 0, closed_at=9, people={"duty": Knowledge(closing=True)}
    )
    durable = Durable(
        incidents={"1-5": incident}, closed_incidents={"1-4": closed}, people={"duty": PersonNow()}
    )
    event = Event(1, 9, MINUTE, "person_dropped", 1, "duty", Stream.SITE, b"")
    person_dropped(durable, event, PersonDropped())
    assert durable.people == {}
    assert durable.closed_incidents == {}
    assert list(incident.people) == ["boss"]


def test_an_attempt_counts_for_the_incident_that_leads_it() -> None:
    """A digest names others too; one that is forgotten has nothing to count."""
    durable = Durable(
        incidents={
            "1-5": Incident("1-5", 100, PLACE, 0, 0),
            "1-6": Incident("1-6", 101, PLACE, 0, 0),
        }
    )
    other = replace(KEPT, incident="1-6")
    body = AttemptBegan("1-5", 3, "desk", {"told": "storm"}, "storm", 0, (GONE, KEPT, other))
    event = Event(1, 9, 20 * SECOND, "attempt_began", 2, "duty", Stream.SITE, b"")
    attempt_began(durable, event, body)
    assert durable.incidents["1-5"].people["duty"].attempts == 3
    assert durable.incidents["1-6"].people["duty"].attempts == 0
    assert durable.people["duty"].storm_at == 20 * SECOND
