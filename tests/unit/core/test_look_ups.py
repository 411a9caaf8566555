"""Small look-ups and rules of incidents, eras and queues, each over all that it may be asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from monitord.core.attempts import follow
from monitord.core.causes import Cause, causes_of
from monitord.core.claims import place_before_hours
from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import Era, Trust
from monitord.core.clock_steps import adopt_clock
from monitord.core.decision_events import DecisionTaken
from monitord.core.decision_folds import KEPT_FOR, KEPT_MAX, decision_taken
from monitord.core.due_times import all_keys, due_time, refresh_fault, refresh_subject
from monitord.core.dues import Dues, Key, Rank
from monitord.core.durable import DecisionNow, Durable, Proven
from monitord.core.events import CalendarRecorded, Draft, PieceOpened
from monitord.core.expression import Kind, Name
from monitord.core.healing import good_since, kind_there
from monitord.core.incident_state import Claim, Fall, Incident, Member, Place, stage_of_cause
from monitord.core.incidents import closes_at
from monitord.core.message_events import AttemptEnded
from monitord.core.model import SECOND, Event, Layer, Stream
from monitord.core.moments import span_of
from monitord.core.node_events import Role, RoleChanged
from monitord.core.plan import Plan
from tests.support.seam import (
    DESK,
    OFF_AIR,
    T0,
    TRANSMITTER_ANSWERS,
    Site,
    Watch,
    needs,
    plant_site,
    programme,
    shared_site,
    transmitter,
)

TX = Place("fm1/tx", "stage", "no_carrier", "tx", "own", ("fm1.radiating",))


def member(programme: str, fault: str = "off_air", stage: str = "", **more: Any) -> Member:
    falls = [Fall("1-1", (1, 1), 1, "", f"first_{stage}"), Fall("1-2", (1, 1), 1, "", stage)]
    given = {"falls": falls, **more}
    return Member(f"{programme}/{fault}", programme, fault, "major", 3, 1, 1, **given)


def incident(*members: Member, place: Place = TX) -> Incident:
    return Incident("1-1", 100, place, 1, 1, {each.id: each for each in members})


@pytest.mark.parametrize(
    ("place", "members", "expected"),
    [
        (TX, [member("a", stage="x")], "tx"),
        (replace(TX, stage=""), [member("b", stage="y"), member("a", stage="x")], "x"),
        (Place("ups/mains", "feed"), [member("a", stage="x")], ""),
        (Place("ups/mains", "feed"), [member("a", "degraded", "x")], "x"),
        (Place("b/y", "device"), [member("a", "x", "x"), member("b", "x", "x")], "x"),
        (Place("b/y", "device"), [member("a", "x", "x"), member("b", "x", "y")], ""),
        (Place("b/y", "device"), [member("a", "x", "x"), member("b", stage="y")], "x"),
        (
            Place("b/y", "device"),
            [member("a", "x", "x"), member("b", "x", "y", suppressed=True)],
            "x",
        ),
    ],
)
def test_the_stage_of_a_cause_is_that_of_its_place_or_of_what_it_is_about(
    place: Place, members: list[Member], expected: str
) -> None:
    """By the last fall; empty where its members are about several, or only off the air by it."""
    assert stage_of_cause(incident(*members, place=place)) == expected


@pytest.mark.parametrize("overs", list(product((None, 5, 9), repeat=2)))
def test_an_incident_closes_once_every_member_is_over(overs: tuple[int | None, ...]) -> None:
    """The last one for its clearing time."""
    situation = Watch(shared_site()).hold(4).driver.situation
    pairs = zip(("one", "two"), overs, strict=True)
    found = closes_at(situation, incident(*(member(name, over=over) for name, over in pairs)))
    known = [over for over in overs if over is not None]
    assert found == (max(known) + OFF_AIR.clear_after if len(known) == 2 else None)
    assert closes_at(situation, incident()) is None


@pytest.mark.parametrize("sort", ["good", "silent", "bad"])
def test_a_place_outside_the_chain_holds_nothing_where_all_that_it_explains_is_seen(
    sort: str,
) -> None:
    """The mains are away; what they supply is asked. Of no outage they alone are asked."""
    feed = Place("feed/mains", "feed", "mains", conditions=("feed.mains",))
    watch = Watch(plant_site()).hold(4).hold(8, feed="bad", tx1=sort)
    situation = watch.driver.situation
    off_air, blind = (situation.faults[f"one/{name}"] for name in ("off_air", "blind"))
    seen = Kind.BLIND if sort == "silent" else Kind.TRUE
    assert kind_there(situation, off_air, feed) is seen
    assert kind_there(situation, blind, feed) is Kind.FALSE
    watch.hold(4, tx1=sort)
    assert kind_there(situation, off_air, feed) is kind_there(situation, blind, feed) is Kind.TRUE


def test_a_bad_stage_holds_nothing_since_the_first_good_one_behind_it() -> None:
    """Behind it in its layer one is enough; never before the cause was proven."""
    names = ("far", "near", "last")
    chain = (needs(name, Layer.EMISSION, f"{name}.radiating") for name in names)
    plan = Plan("hill", tuple(map(transmitter, names)), (programme("fm", *chain),), (DESK,))
    site = Site("layer", plan, dict.fromkeys(names, TRANSMITTER_ANSWERS))
    watch = Watch(site).hold(4, far="bad", near="silent", last="silent")
    situation = watch.hold(4, far="bad", last="silent").hold(4, far="bad").driver.situation
    first, later = (situation.durable.conditions[f"{name}.radiating"].since for name in names[1:])
    place = Place("far/far", "stage", "no_carrier", "far", "own", ("far.radiating",))
    for proof, expected in ((T0, first), (later - 1, later - 1), (later + 1, later + 1)):
        claim = Claim(place, (T0, T0), proof, proof)
        assert good_since(situation, situation.faults["fm/off_air"], claim) == expected


@pytest.mark.parametrize(
    ("how", "proven_at", "keeps"),
    [("hours", 8, True), ("hours", 9, True), ("hours", 10, False), ("good", 8, False)],
)
def test_an_outage_keeps_the_place_of_the_last_one_where_hours_alone_lie_between(
    how: str, proven_at: int, *, keeps: bool
) -> None:
    """Not where the last one ended otherwise, or the programme was proven bad after its end."""
    situation = Watch(shared_site()).hold(4).driver.situation
    durable, fault = situation.durable, situation.faults["one/off_air"]
    last = Fall("1-1", (5, 5), 5, "silence", "studio", "io1/studio", ended=(9, 9), how=how)
    durable.recent[fault.id] = [last]
    durable.programmes["one"].proven = Proven("silence", 1, proven_at, 1, "tx", [])
    found = place_before_hours(situation, fault)
    assert (found and found.id) == ("io1/studio" if keeps else None)
    durable.programmes["one"].proven = None
    assert place_before_hours(situation, fault) is None


def test_a_stage_began_with_its_own_claim_while_nobody_saw_it_good_since() -> None:
    """A claim that healed, or one of another place of the stage, dates nothing."""
    site = shared_site()
    situation = Watch(site).hold(20).hold(4, fm1="bad").driver.situation
    plan = situation.programmes["one"].plan
    own = span_of(situation, Name("fm1.radiating"), value=False)
    early = (T0 + 1, T0 + 2)
    other = replace(TX, id="old/tx", conditions=("old.radiating",))
    for place, healed, expected in (
        (TX, None, early),
        (TX, T0 + 5, own),
        (other, None, own),
        (other, T0 + 5, own),
    ):
        claims = {place.id: Claim(place, early, T0 + 3, T0 + 4, healed=healed)}
        found = causes_of(situation, plan, claims)
        assert found == {"fm1/tx": Cause(found["fm1/tx"].place, expected, fell=expected)}


@pytest.mark.parametrize("boots", [(1, 2, 2, 3), (1, 1, 2, 2), (1, 1, 1, 2), (1, 1, 1, 1)])
def test_a_person_states_the_time_of_the_whole_boot(boots: tuple[int, ...]) -> None:
    """From its first era on, however many eras the boot has."""
    situation = Watch(shared_site()).hold(4).driver.situation
    clock = situation.durable.clock
    clock.eras = [
        Era(100 * number, 7, Trust.DISPUTED, boot=boot) for number, boot in enumerate(boots, 1)
    ]
    clock.boot, clock.mark = boots[-1], None
    (draft,) = adopt_clock(situation, 900, 5_000, "desk")
    assert isinstance(draft.body, ClockTurned)
    first = 100 * (1 + boots.index(boots[-1]))
    assert (draft.body.since, draft.body.offset, draft.body.person) == (first, 4_100, "desk")


# -- what follows ------------------------------------------------------------------------------

TURNED = ClockTurned(Trust.TRUSTED, 1, 0, 0, 0, (), False, 0, None, "", "b", None)
ARRIVED = AttemptEnded("1-1", 1, "sms", True, False, False, "", 0, 0, 0, 0)
RECORDED = CalendarRecorded({}, (), "", 0, 0, 0, 0, 0)


@pytest.mark.parametrize("body", [TURNED, RECORDED, RoleChanged(Role.ACTIVE, None, ()), ARRIVED])
def test_the_messages_of_all_incidents_are_found_again_after_what_concerns_them_all(
    body: Any,
) -> None:
    """Hours, wall time, the role and what arrived decide whether a message is due."""
    watch = Watch(shared_site()).hold(20).hold(20, fm1="bad", io1="bad", io2="bad")
    situation = watch.driver.situation
    everything = {*situation.durable.incidents, *situation.durable.closed_incidents}
    assert everything
    for queue in situation.queues.values():
        queue.changed.clear()
    assert list(follow(situation, Draft("", body))) == []
    assert [queue.changed for queue in situation.queues.values()] == [everything] * 2


def test_a_piece_has_the_messages_of_its_own_programme_found_again() -> None:
    """Of its outage and its blindness; of what is neither, nothing."""
    situation = Watch(shared_site()).hold(20).hold(20, fm1="bad").driver.situation
    (name,) = situation.durable.incidents
    nothing: dict[str, set[str]] = {}
    for subject, expected in (("one", {name: {"one/off_air"}}), ("gone", nothing)):
        for queue in situation.queues.values():
            queue.changed_members.clear()
        piece = PieceOpened(1, ("good",), None, False)
        assert list(follow(situation, Draft(subject, piece))) == []
        assert [queue.changed_members for queue in situation.queues.values()] == [expected] * 2
        assert not any(queue.changed for queue in situation.queues.values())


def test_what_is_due_of_a_fault_is_found_with_its_programme() -> None:
    """Its hours and its lasting faults; of an alarm of a device only that."""
    site = plant_site().with_(open_after=60 * SECOND)
    situation = Watch(site).hold(20).hold(2, tx1="bad", feed="bad").driver.situation
    lasting = situation.durable.outages
    assert {"one/off_air", "/alarm/feed.mains"} <= lasting.keys()
    of_one = {Key(Rank.CALENDAR, "one")} | {
        Key(Rank.FAULT, name) for name in lasting if name.startswith("one/")
    }
    assert due_time(situation, Key(Rank.FAULT, "one/off_air")) is not None
    for subject, expected in (("one/off_air", of_one), ("/alarm/feed.mains", None)):
        situation.dues = Dues()
        refresh_fault(situation, subject)
        keys = {Key(Rank.FAULT, subject)} if expected is None else expected
        known = {key: due_time(situation, key) for key in keys}
        assert situation.dues.times == {key: at for key, at in known.items() if at is not None}
    (name,) = (each for each in situation.durable.incidents if each)
    for subject, rank in (("one/off_air", Rank.FAULT), (name, Rank.INCIDENT)):
        situation.dues = Dues()
        situation.dues.put(Key(rank, subject), 1)
        refresh_subject(situation, subject)
        at = due_time(situation, Key(rank, subject))
        assert situation.dues.times == ({} if at is None else {Key(rank, subject): at})
    situation.dues = Dues()
    refresh_subject(situation, "nobody")
    assert situation.dues.times == {}
    assert Key(Rank.CLOCK_MARK, "") in set(all_keys(situation))


def decided(durable: Durable, at: int, name: str = "new") -> dict[str, DecisionNow]:
    """Return the decisions that are remembered after one more."""
    event = Event(1, 1, at, "decision_taken", 1, name, Stream.SITE, b"")
    decision_taken(durable, event, DecisionTaken("desk", "test", "acknowledge", "d", {}))
    return durable.decisions


def test_a_decision_is_forgotten_after_seven_days_and_not_before() -> None:
    """To the microsecond."""
    for ago, kept in ((KEPT_FOR, True), (KEPT_FOR + 1, False)):
        durable = Durable(decisions={"old": DecisionNow(5, "d", None)})
        found = decided(durable, 5 + ago)
        assert found["new"] == DecisionNow(5 + ago, "d", None)
        assert ("old" in found) is kept


def test_no_more_decisions_are_remembered_than_a_state_may_hold() -> None:
    """The oldest one goes, of two of one moment the first by name."""
    for count in (KEPT_MAX - 1, KEPT_MAX):
        known = {f"d{n:05}": DecisionNow(5 + n // 2, "d", None) for n in range(count)}
        found = decided(Durable(decisions=dict(reversed(known.items()))), 99_999)
        assert len(found) == KEPT_MAX
        assert ("d00000" in found) is (count < KEPT_MAX)
        assert "d00001" in found
