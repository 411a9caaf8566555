"""Which message of an incident a person must get, by what that person knows, and from when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.durable import Durable
from monitord.core.incident_state import Fall, Incident, Member, Place
from monitord.core.member_index import Pending
from monitord.core.messages import UNSEEN_WAIT, index_of, news_of, pending_messages
from monitord.core.model import MINUTE, SECOND, Told
from monitord.core.person_state import Knowledge, News, PersonNow, Received
from monitord.core.situation import Situation
from tests.support.seam import fm_site, shared_site

BEGAN, PROVEN, OPEN = (5, 10), 20, 30
LASTS = Member("fm/off_air", "fm", "off_air", "major", 3, PROVEN, OPEN)
FOUND = Member("fm/suspected", "fm", "suspected", "major", 3, PROVEN, OPEN, over=19, how="good")


def found(situation: Situation, incident: Incident) -> list[Pending]:
    """Return the messages of an incident for the desk, before any of them is due."""
    index = index_of(situation, situation.plan.people[0], incident)
    return list(pending_messages(situation, incident, index, 0))


def first(member: Member, notified: dict[str, int], *others: Member) -> list[Pending]:
    """Return what the desk must get of an incident, which it knows nothing of yet."""
    # The programmes are not monitored any more, so that nothing is seen to be over.
    plan = replace(fm_site().plan, programmes=())
    situation = Situation(plan, Durable(people={"desk": PersonNow(notified=notified)}))
    for each in (member, *others):
        each.falls = [Fall("1-1", BEGAN, PROVEN, "doubted", "")]
    members = {each.id: each for each in (member, *others)}
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 1, 1, members)
    return found(situation, incident)


@pytest.mark.parametrize(
    ("notified", "told"), [(None, Told.OPENED), (9, Told.OPENED), (10, Told.ALSO), (21, Told.ALSO)]
)
def test_an_outage_is_known_by_a_message_since_it_began(notified: int | None, told: Told) -> None:
    """One of an earlier fall names another outage."""
    known = {} if notified is None else {LASTS.id: notified}
    assert first(LASTS, known) == [Pending(OPEN, told)]


@pytest.mark.parametrize(
    ("notified", "told"), [(None, Told.OPENED), (19, Told.OPENED), (20, Told.ALSO)]
)
def test_an_outage_found_afterwards_is_known_by_a_message_since_it_was_found(
    notified: int | None, told: Told
) -> None:
    """One that came while it lasted could not name it."""
    known = {} if notified is None else {FOUND.id: notified}
    assert first(FOUND, known) == [Pending(PROVEN + UNSEEN_WAIT, told)]


def test_every_outage_of_an_incident_must_be_known() -> None:
    """One that the person has no message of opens it."""
    other = Member("tv/off_air", "tv", "off_air", "major", 3, PROVEN, OPEN)
    for known in ({LASTS.id: 15}, {other.id: 15}):
        assert {message.told for message in first(LASTS, known, other)} == {Told.OPENED}
    both = {LASTS.id: 15, other.id: 15}
    assert {message.told for message in first(LASTS, both, other)} == {Told.ALSO}


# -- what a person knows already ------------------------------------------------------------------

KNOWN_AT = 100 * SECOND
TWO = ("one/off_air", "two/off_air")


def later(
    known: Knowledge, *members: Member, place: str = "tx/tx", at: int = 0, seen: bool = True
) -> list[Pending]:
    """Return what the desk must get of an incident that it knows; ``at``: of its cause.

    ``seen``: the programmes are monitored, though none is recorded yet.
    """
    plan = shared_site().plan if seen else replace(shared_site().plan, programmes=())
    incident = Incident("1-9", 100, Place(place, "stage"), at, 1, {m.id: m for m in members})
    incident.people["desk"] = known
    return found(Situation(plan, Durable()), incident)


def told(**known: Any) -> Knowledge:
    """Return what a person knows by a message on both outages."""
    falls = dict.fromkeys(TWO, 1)
    given = {"severity": 0, "place": "tx/tx", "falls": falls, "at": KNOWN_AT, "digest_every": 7}
    return Knowledge(Received.YES, **(given | known))


def member(name: str, **parts: Any) -> Member:
    """Return an off air of a programme, proven and open in the first second."""
    fall = Fall("1-1", BEGAN, PROVEN, "no_carrier", "tx")
    programme = name.partition("/")[0]
    given = {"severity": "critical", "proof": SECOND, "open_at": SECOND, "falls": [fall]}
    return Member(name, programme, "off_air", rank=3, **(given | parts))


def test_a_person_who_knows_all_gets_nothing() -> None:
    """Open, or over for as long as the person knows."""
    assert later(told(), *map(member, TWO)) == []
    one, two = member(TWO[0]), member(TWO[1], over=1, how="good")
    assert later(told(over=[TWO[1]]), one, two) == []


@pytest.mark.parametrize(
    ("over", "due"), [(20, KNOWN_AT + MINUTE), (131, 161 * SECOND), (130, KNOWN_AT + MINUTE)]
)
def test_a_part_that_is_over_is_news_after_its_clearing_time(over: int, due: int) -> None:
    """30 s; and not within a minute of the last word."""
    one, two = member(TWO[0]), member(TWO[1], over=over * SECOND, how="good")
    assert later(told(), one, two) == [Pending(due, Told.PARTLY)]


def test_a_part_that_flapped_is_news_after_ten_minutes() -> None:
    """Unless a reload took it away: then at once."""
    over = 1_000 * SECOND
    one, two = member(TWO[0]), member(TWO[1], over=over, how="good", flaps=True)
    assert later(told(), one, two) == [Pending(over + 10 * MINUTE, Told.PARTLY)]
    two.how = "hours"
    assert later(told(), one, two) == [Pending(over + 30 * SECOND, Told.PARTLY)]
    two.how = "reconfigured"
    assert later(told(), one, two) == [Pending(over, Told.PARTLY)]


@pytest.mark.parametrize(("longest", "more"), [(7, 7), (60, 60), (61, 60)])
def test_a_further_fall_is_news_when_it_lasts_as_long_as_the_longest(
    longest: int, more: int
) -> None:
    """Beside the delay of the person, and at most a minute; the digest has it anyway."""
    one = member(TWO[0], count=2, proof=500 * SECOND, longest=longest * SECOND)
    due = (500 + 3 + more) * SECOND
    digest = Pending(KNOWN_AT + 7, Told.DIGEST)
    found = later(told(), one, member(TWO[1]), seen=False)
    assert found == [Pending(due, Told.FALLS_AGAIN), digest]


def test_a_fall_that_is_over_is_part_of_the_digest_alone() -> None:
    """And its end is news, though an earlier end was known."""
    one, two = member(TWO[0]), member(TWO[1], count=2, over=200 * SECOND, how="good")
    assert later(told(over=[TWO[1]]), one, two) == [
        Pending(KNOWN_AT + 7, Told.DIGEST),
        Pending(230 * SECOND, Told.PARTLY),
    ]


@pytest.mark.parametrize(("at", "due"), [(0, KNOWN_AT + MINUTE), (161, 161 * SECOND)])
def test_another_cause_is_news_from_when_it_is_known(at: int, due: int) -> None:
    """And not within a minute of the last word."""
    members = [member(name) for name in TWO]
    revised = [Pending(due, Told.REVISED)]
    assert later(told(), *members, place="mains/off", at=at * SECOND) == revised


def test_what_another_outage_explains_is_no_news_beside_it() -> None:
    """Alone it is."""
    lasts, other = member(TWO[0], proof=9 * SECOND), member(TWO[1])
    lasts.suppressed = True
    news = Pending(4 * SECOND, Told.OPENED)
    assert later(Knowledge(), lasts, other, seen=False) == [news]
    other.suppressed = True
    assert later(Knowledge(), lasts, other, seen=False) == [news]
    other.over, other.how = 20 * SECOND, "good"
    assert later(Knowledge(), lasts, other, seen=False) == [Pending(12 * SECOND, Told.OPENED)]


# -- what a message says of an incident ----------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "kind", "wanted"),
    [
        (0, Told.OPENED, 10 * MINUTE),
        (0, Told.DIGEST, 20 * MINUTE),
        (10 * MINUTE, Told.DIGEST, 20 * MINUTE),
        (20 * MINUTE, Told.GROWN, 20 * MINUTE),
        (40 * MINUTE, Told.DIGEST, 60 * MINUTE),
        (60 * MINUTE, Told.DIGEST, 60 * MINUTE),
    ],
)
def test_each_digest_doubles_the_time_to_the_next_one(held: int, kind: Told, wanted: int) -> None:
    """From ten minutes up to an hour; other messages leave it as it is."""
    members = {m.id: m for m in map(member, TWO)}
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 0, 1, members)
    news = news_of(incident, Knowledge(digest_every=held), kind, 5, last=False)
    assert news.digest_every == wanted


def test_a_message_says_all_of_an_incident() -> None:
    """The worst of what is open, the falls of each, and what is over; the severity known else."""
    worse, over = member(TWO[0], severity="major", count=3), member(TWO[1], over=9, how="good")
    members = {m.id: m for m in (worse, over)}
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 0, 1, members)
    falls = {TWO[0]: 3, TWO[1]: 1}
    wanted = News("1-9", 1, "tx/tx", falls, (TWO[1],), 7, last=False, changing=False)
    assert news_of(incident, told(), Told.GROWN, 5, last=False) == wanted
    worse.over, worse.how = 9, "good"
    closing = replace(wanted, severity=2, over=TWO, last=True)
    assert news_of(incident, told(severity=2), Told.RECOVERED, 5, last=True) == closing


@pytest.mark.parametrize("kind", [Told.REVISED, Told.GROWN])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("now", [0, 10 * MINUTE - 1, 10 * MINUTE])
def test_a_message_says_that_a_cause_is_changing_once_it_was_reported_so(
    kind: Told, known: bool, now: int
) -> None:
    """By the revision that says so, and while it lasts by every later message."""
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 0, 1, {}, moves=list(range(7)))
    news = news_of(incident, told(changing=known), kind, now, last=False)
    assert news.changing is (now < 10 * MINUTE and (known or kind is Told.REVISED))
