"""The parameters of a message, one by one, over what an incident and its reader may be like."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from monitord.core.alerts import alert_of
from monitord.core.clock_state import Trust
from monitord.core.figures import Figures
from monitord.core.incident_state import CHANGING_MOVES, Fall, Incident, Member, Place
from monitord.core.model import MINUTE, Stream, Told
from monitord.core.person_state import Knowledge, Received
from monitord.core.situation import Situation
from tests.support.seam import Watch, shared_site

TX = Place("fm1/tx", "stage", "no_carrier", "tx", "own", ("fm1.radiating",))


def fall(number: int, **more: Any) -> Fall:
    """Return a fall whose moments and texts no other fall has."""
    began = (10 * number, 10 * number + 1)
    return Fall(f"1-{number}", began, began[1], f"reason{number}", f"stage{number}", **more)


def member(programme: str, fault: str = "off_air", **more: Any) -> Member:
    given = {"severity": "major", "rank": 3, "falls": [fall(1)]} | more
    given = {"proof": 1, "open_at": 1} | given
    return Member(f"{programme}/{fault}", programme, fault, **given)


def incident(number: int, *members: Member, **more: Any) -> Incident:
    found = {each.id: each for each in members}
    return Incident(f"1-{number}", number, more.pop("place", TX), 1, 1, found, **more)


def situation() -> Situation:
    """Return a site of two programmes after some seconds on air."""
    return Watch(shared_site()).hold(8).driver.situation


def alert(given: Situation, *incidents: Incident, told: Told = Told.OPENED, at: int = 0) -> Any:
    """Return the message of incidents that the site has, as ``desk`` would get it."""
    durable = given.durable
    for each in incidents:
        place = durable.incidents if each.closed_at is None else durable.closed_incidents
        place[each.id] = each
    return alert_of(given, "desk", incidents, told, at or given.clock)


# -- which members -----------------------------------------------------------------------------


def test_a_digest_has_the_members_of_all_incidents_the_most_urgent_first() -> None:
    """An open one, then the worse, then the lower rank, then the id, then the older incident."""
    one = incident(
        104,
        member("b", severity="critical", rank=5),
        member("a", severity="minor", rank=1),
        member("c", severity="critical", rank=0, over=1),
    )
    other = incident(103, member("d", severity="critical", rank=9), member("b", rank=5))
    more = incident(102, member("a", severity="minor", rank=1), member("aa", rank=5))
    expected = ["b", "d", "aa", "b", "a", "a", "c"]
    for order in permutations((one, other, more)):
        found = alert(situation(), *order, told=Told.STORM)["members"]
        assert [each["programme"] for each in found] == expected
    for which in (one, other, more):
        single = alert(situation(), which, one, told=Told.GROWN)
        own = sorted(which.members.values(), key=lambda each: (each.rank, each.id))
        assert [each["programme"] for each in single["members"]] == [m.programme for m in own]


def test_the_two_of_one_fault_in_a_digest_come_in_the_order_of_their_incidents() -> None:
    """The lower number is the older one."""
    numbers = (104, 103)
    each = [incident(n, member("a", falls=[fall(n)])) for n in numbers]
    found = alert(situation(), *each, told=Told.STORM)["members"]
    assert [one["reason"] for one in found] == ["reason103", "reason104"]


def test_a_message_names_every_incident_that_it_is_about() -> None:
    """By their ids always; by their numbers where there are several."""
    one, other = incident(100, member("one")), incident(101, member("two"))
    found = alert(situation(), one, other)
    assert (found["incident"], found["number"]) == ("1-100", 100)
    assert (found["incidents"], found["several"]) == (["1-100", "1-101"], [100, 101])
    found = alert(situation(), one)
    assert (found["incidents"], found["several"]) == (["1-100"], [])


def test_the_head_of_a_message_is_its_first_open_member() -> None:
    """Its figures, its moments and what is seen of it; the others joined."""
    past = Figures(1, 2, 3)
    first = member("two", "blind/x", rank=2, severity="minor", past=past)
    over = member("one", rank=1, severity="critical", over=5)
    last = member("", "alarm/ups.mains", rank=100)
    found = alert(situation(), incident(100, over, first, last))
    head = found["members"][1]
    assert head["programme"] == found["programme"] == "two"
    assert (found["fault"], head["fault"]) == ("blind", "blind/x")
    assert found["joined"] == ["one"], "an alarm of a device is of no programme"
    same = ("observed", "column", "reason", "began", "ended", "least", "most_seen", "most")
    assert [found[key] for key in same] == [head[key] for key in same]
    assert (head["least"], head["most_seen"], head["most"]) == (1, 2, 3)
    assert found["severity"] == "major", "the worst open one"


# -- each member -------------------------------------------------------------------------------


def test_a_member_has_its_first_and_its_last_fall() -> None:
    """Since when in all, and when, where and by what it fell last.

    Of an outage, where and by what its cause holds it.
    """
    falls = [fall(1), fall(2), fall(3, ended=(35, 36))]
    (found,) = alert(situation(), incident(100, member("one", falls=falls)))["members"]
    assert (found["reason"], found["stage"]) == ("no_carrier", "tx")
    of_blindness = member("one", "blind", falls=falls, count=7)
    (found,) = alert(situation(), incident(100, of_blindness))["members"]
    assert (found["began"], found["last_began"], found["ended"]) == ([10, 11], [30, 31], [35, 36])
    assert (found["reason"], found["stage"], found["falls"]) == ("reason3", "stage3", 7)
    (found,) = alert(situation(), incident(100, member("one", falls=falls[:2])))["members"]
    assert (found["last_began"], found["ended"], found["how"]) == ([20, 21], None, None)


@pytest.mark.parametrize(
    ("over", "of_member", "of_fall", "expected"),
    [
        (None, "", "good", None),
        (5, "good", None, "good"),
        (5, "continued", "hours", "hours"),
    ],
)
def test_how_a_member_ended_is_how_its_last_fall_did(
    over: int | None, of_member: str, of_fall: str | None, expected: str | None
) -> None:
    """Nothing ended while the member is open; a fall that goes on elsewhere has no end."""
    one = member("one", over=over, how=of_member, falls=[fall(1), fall(2, how=of_fall)])
    (found,) = alert(situation(), incident(100, one))["members"]
    assert found["how"] == expected


@pytest.mark.parametrize(
    ("over", "known", "count", "is_new"),
    [(None, 1, 2, True), (None, 2, 2, False), (None, None, 1, True), (5, 1, 2, False)],
)
def test_a_member_is_new_where_it_fell_since_the_last_message(
    over: int | None, known: int | None, count: int, is_new: bool
) -> None:
    """One that is over is none, though this person does not know the fall."""
    falls = {} if known is None else {"one/off_air": known}
    people = {"desk": Knowledge(Received.YES, falls=falls)}
    one = incident(100, member("one", over=over, count=count), people=people)
    (found,) = alert(situation(), one)["members"]
    assert found["is_new"] is is_new


def test_what_is_not_configured_any_more_is_withdrawn_and_not_seen() -> None:
    """What is, is seen as it is now."""
    given = Watch(shared_site()).hold(20).driver.situation
    one, gone = alert(given, incident(100, member("one"), member("zz")))["members"]
    assert (one["observed"], one["column"]) == ("good", "on_air")
    assert (gone["observed"], gone["column"]) == ("unknown:withdrawn", "blind")


def test_a_member_that_is_over_names_the_incident_that_holds_its_programme() -> None:
    """The lowest number of the others in which the same fault is open."""
    over = incident(104, member("one", over=5))
    others = [
        incident(103, member("one")),
        incident(102, member("one")),
        incident(101, member("one", over=9)),
        incident(100, member("two")),
    ]
    given = situation()
    assert alert(given, over)["members"][0]["off_under"] is None
    for each in others:
        given.durable.incidents[each.id] = each
    assert alert(given, over)["members"][0]["off_under"] == 102
    for each in (103, 102):
        assert alert(given, given.durable.incidents[f"1-{each}"])["members"][0]["off_under"] is None


# -- what the reader knows ---------------------------------------------------------------------


def test_a_message_counts_the_falls_that_its_reader_does_not_know() -> None:
    """Never less than none, and of every member."""
    known = Knowledge(Received.YES, falls={"one/off_air": 2, "two/off_air": 4})
    members = (member("one", count=5), member("two", count=3), member("zz", count=2))
    found = alert(situation(), incident(100, *members, people={"desk": known}))
    assert found["falls"] == 3 + 0 + 2
    assert alert(situation(), incident(100, *members))["falls"] == 5 + 3 + 2


def test_a_message_has_a_number_of_its_own_and_restates_what_may_have_arrived() -> None:
    """The number of the next message to this person, with what it is."""
    for received in Received:
        known = Knowledge(received, messages=3)
        one = incident(100, member("one"), people={"desk": known})
        found = alert(situation(), one, told=Told.REVISED)
        assert found["alert_id"] == "1-100-desk-4-revised"
        assert found["restates"] is (received is Received.PERHAPS)


@pytest.mark.parametrize(
    ("place", "expected"), [("", None), ("fm1/tx", None), ("io1/studio", "io1/studio")]
)
def test_another_cause_than_the_known_one_is_revised_from_that(
    place: str, expected: str | None
) -> None:
    """One who knows none has nothing to revise."""
    known = {"desk": Knowledge(Received.YES, place=place)}
    one = incident(100, member("one"), people=known)
    assert alert(situation(), one)["revised_from"] == expected


def test_minutes_are_those_since_the_last_message_that_arrived() -> None:
    """Whole ones; none where none arrived."""
    given = situation()
    at = given.clock
    for received, minutes in ((Received.YES, 2), (Received.PERHAPS, 0), (Received.NO, 0)):
        known = {"desk": Knowledge(received, at=at - 3 * MINUTE + 1)}
        assert alert(given, incident(100, member("one"), people=known))["minutes"] == minutes


@pytest.mark.parametrize(
    ("moved", "minutes"),
    [(5 * MINUTE - 1, 5), (4 * MINUTE + MINUTE // 2, 5), (4 * MINUTE + MINUTE // 2 - 1, 4)],
)
def test_minutes_of_a_clock_are_those_by_which_it_was_corrected(moved: int, minutes: int) -> None:
    """The nearest one, whatever was said when."""
    given = situation()
    given.durable.clock.moved = moved
    known = {"desk": Knowledge(Received.YES, at=given.clock - 9 * MINUTE)}
    one = incident(100, member("", "clock_untrusted"), people=known)
    assert alert(given, one)["minutes"] == minutes


# -- the incident ------------------------------------------------------------------------------


def test_an_incident_goes_on_in_the_number_of_another_open_or_closed() -> None:
    """One that is forgotten has none."""
    given = situation()
    alert(given, incident(101, member("two")))
    alert(given, incident(102, member("two"), closed_at=1))
    for into, number in ((None, None), ("1-101", 101), ("1-102", 102), ("1-103", None)):
        assert alert(given, incident(100, member("one"), into=into))["into"] == number


def test_a_message_has_the_cause_whole() -> None:
    """A stage is named where the cause is in one; devices by the place."""
    found = alert(situation(), incident(100, member("one")))["cause"]
    assert found == {
        "stage": "tx",
        "conditions": ["fm1.radiating"],
        "place": "fm1/tx",
        "devices": ["fm1"],
        "kind": "stage",
    }
    feed = Place("ups+net/mains", "feed", "mains")
    found = alert(situation(), incident(100, member("one"), place=feed))["cause"]
    assert (found["stage"], found["devices"], found["kind"]) == (None, ["ups", "net"], "feed")


def test_a_message_says_how_often_a_changing_cause_moved() -> None:
    """And who took the incident."""
    given = situation()
    moves = [given.clock - 8 + n for n in range(CHANGING_MOVES)]
    one = incident(100, member("one"), moves=moves, acknowledged_by="engineer")
    found = alert(given, one)
    assert (found["changes"], found["acknowledged_by"]) == (CHANGING_MOVES, "engineer")
    found = alert(given, incident(100, member("one"), moves=moves[1:]))
    assert (found["changes"], found["acknowledged_by"]) == (0, None)


def test_a_message_of_a_drill_says_so() -> None:
    """By the stream of its record."""
    for stream in Stream:
        given = situation()
        given.durable.stream = stream
        assert alert(given, incident(100, member("one")))["drill"] is (stream is Stream.DRILL)


@pytest.mark.parametrize("trust", list(Trust))
def test_without_wall_time_a_message_counts_from_the_boot(trust: Trust) -> None:
    """Only then, and where the boot is known; negative before it."""
    for booted_at, expected in ((4, 6), (17, -7), (None, None)):
        given = situation()
        clock = given.durable.clock
        clock.booted_at = booted_at
        clock.eras[-1] = replace(clock.eras[-1], trust=trust)
        found = alert(given, incident(100, member("one")))
        assert found["clock"] == trust.value
        assert found["since_boot"] == (expected if trust is Trust.UNTRUSTED else None)
