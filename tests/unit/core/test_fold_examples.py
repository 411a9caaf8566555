"""Folds by example: what each event of outages, incidents and messages leaves in the state, whole.

A state is given, one event folded, and every field of what follows is written down.
"""

from __future__ import annotations

from typing import Any

from monitord.core import incident_events as events
from monitord.core import incident_folds as folds
from monitord.core import message_events, message_folds
from monitord.core.durable import Durable, Piece, ProgrammeNow, Proven
from monitord.core.events import PieceOpened
from monitord.core.figures import Figures
from monitord.core.folds import piece_opened
from monitord.core.incident_state import (
    FALLS_KEPT,
    Claim,
    Fall,
    Incident,
    Member,
    Outage,
    Place,
)
from monitord.core.model import MINUTE, SECOND, Column, Event, Stream
from monitord.core.person_state import (
    ChannelNow,
    Knowledge,
    News,
    PersonNow,
    Received,
    Sending,
)

AT = 10_000 * SECOND
FM = "fm/off_air"
TX = Place("tx/tx", "stage", "no_carrier", "tx", "own", ("tx.radiating",))
IO = Place("io/studio", "stage", "silence", "studio", "other", ("io.sound",))


def event(subject: str, at: int = AT) -> Event:
    return Event(1, 50, at, "any", 1, subject, Stream.SITE, b"")


def outage(*claims: Claim) -> Outage:
    """Return an outage of the transmitter that began between 5 and 6 s before now."""
    began = (AT - 6 * SECOND, AT - 5 * SECOND)
    found = Outage("1-40", began, AT - 4 * SECOND, "no_carrier", "tx", "emission", ["tx.radiating"])
    found.claims = {claim.place.id: claim for claim in claims}
    return found


def claim(place: Place = TX, **more: Any) -> Claim:
    return Claim(place, (AT - 6 * SECOND, AT - 5 * SECOND), AT - 4 * SECOND, AT, **more)


def fall(name: str, ended: int, **more: Any) -> Fall:
    began, proof = (ended - 9, ended - 8), ended - 7
    more = {"ended": (ended, ended), "how": "good", "place": "tx/tx"} | more
    return Fall(name, began, proof, "no_carrier", "tx", **more)


def outage_ended(
    fault: str, ended: tuple[int, int], how: str, figures: Figures
) -> events.OutageEnded:
    what = ("no_carrier", "emission", "tx", ("tx",), "own")
    return events.OutageEnded("fm", fault, *what, (1, 2), ended, figures, how, (), None)


def member(**more: Any) -> Member:
    return Member(FM, "fm", "off_air", "critical", 4, AT - 4 * SECOND, AT, **more)


def incident(place: Place = TX, **more: Any) -> Incident:
    return Incident("1-45", 100, place, AT - 9, AT - 9, **more)


# -- outages -----------------------------------------------------------------------------------


def test_a_healed_cause_keeps_its_begin_unless_another_one_is_known() -> None:
    """It stays claimed: the programme is still off."""
    for began, expected in ((None, (AT - 6 * SECOND, AT - 5 * SECOND)), ((1, 2), (1, 2))):
        durable = Durable(outages={FM: outage(claim())})
        folds.cause_healed(durable, event(FM), events.CauseHealed("tx/tx", 77, began))
        found = durable.outages[FM].claims["tx/tx"]
        assert (found.healed, found.began) == (77, expected)


def test_a_cause_that_left_explains_its_member_where_it_says_so() -> None:
    """The claim is gone; the member of its incident says whether it ever was a cause."""
    for explained in (True, False):
        durable = Durable(outages={FM: outage(claim(incident="1-45"), claim(IO))})
        durable.incidents["1-45"] = incident(members={FM: member(explained=not explained)})
        folds.cause_left(durable, event(FM), events.CauseLeft("tx/tx", explained))
        assert list(durable.outages[FM].claims) == ["io/studio"]
        assert durable.incidents["1-45"].members[FM].explained is explained
    durable = Durable(outages={FM: outage(claim())})
    folds.cause_left(durable, event(FM), events.CauseLeft("tx/tx"))
    assert durable.outages[FM].claims == {}


def test_the_claims_of_a_place_are_kept_for_twenty_minutes_and_never_more_than_three() -> None:
    """What left keeps its times; a place that was not claimed for so long is forgotten."""
    durable = Durable(outages={FM: outage()})
    times = [(TX, AT - 10), (IO, AT), (TX, AT + 1), (TX, AT + 2), (TX, AT + 3)]
    for place, at in times:
        claimed = events.CauseClaimed(place, (at, at), at, at, ())
        folds.cause_claimed(durable, event(FM), claimed)
        folds.cause_left(durable, event(FM), events.CauseLeft(place.id))
    found = {"tx/tx": [AT + 1, AT + 2, AT + 3], "io/studio": [AT]}
    assert durable.outages[FM].claimed == found
    late = AT + 20 * MINUTE
    folds.cause_claimed(durable, event(FM), events.CauseClaimed(TX, (late, late), late, late, ()))
    assert durable.outages[FM].claimed == {"tx/tx": [AT + 2, AT + 3, late]}


def test_an_outage_that_ended_is_kept_for_twenty_minutes_with_its_last_cause() -> None:
    """Those that ended longer ago are forgotten, and never more than eight are kept."""
    end = AT - SECOND
    kept, gone = fall("1-3", end - 20 * MINUTE + 1), fall("1-2", end - 20 * MINUTE)
    lasting = Fall("1-4", (0, end - 20 * MINUTE), 5, "no_carrier", "tx")
    held = outage(claim(), claim(IO))
    held.owners = [(1, "io/studio", "other"), (2, "tx/tx", "own")]
    held.incidents = ["1-45"]
    durable = Durable(outages={FM: held}, recent={FM: [gone, lasting, kept]})
    figures = Figures(1, 2, 3)
    ended = outage_ended("off_air", (end - 1, end), "good", figures)
    folds.outage_ended(durable, event("1-40"), ended)
    new = Fall("1-40", held.began, held.proof, "no_carrier", "tx", "tx/tx", (end - 1, end), "good")
    new.figures, new.owned = figures, True
    assert durable.recent == {FM: [kept, new]}
    assert durable.outages == {}
    many = [fall(f"2-{n}", end) for n in range(FALLS_KEPT)]
    durable = Durable(outages={FM: outage()}, recent={FM: many})
    folds.outage_ended(durable, event("1-40"), ended)
    assert [each.id for each in durable.recent[FM]] == [*(f"2-{n}" for n in range(1, 8)), "1-40"]
    assert durable.recent[FM][-1].owned is False


def test_only_an_off_air_that_its_configuration_ended_loses_its_proof() -> None:
    """What proved it is not configured any more; another end or fault keeps it."""
    for name, how, is_kept in (
        ("off_air", "reconfigured", False),
        ("off_air", "good", True),
        ("blind", "reconfigured", True),
    ):
        piece = Piece(0, ["good"], None, presumed=False)
        now = ProgrammeNow(piece, 0, proven=Proven("no_carrier", 1, 2, 3, "tx", []))
        durable = Durable(outages={f"fm/{name}": outage()}, programmes={"fm": now})
        folds.outage_ended(durable, event("1-40"), outage_ended(name, (3, 4), how, Figures()))
        assert (now.proven is not None) is is_kept


def test_a_piece_that_opens_where_the_last_one_did_leaves_no_stretch_of_no_length() -> None:
    """The one before it never lasted; what follows begins where it did."""
    now = ProgrammeNow(Piece(AT - 9, ["good"], None, presumed=False), 0)
    durable = Durable(programmes={"fm": now})
    for start, possible in ((AT, "bad:x"), (AT, "unknown:y"), (AT + 5, "bad:x")):
        body = PieceOpened(start, (possible,), "y" if possible == "unknown:y" else None, False)
        piece_opened(durable, event("fm", start), body)
    assert now.stretch == [(AT, AT + 5, "blind")]


# -- incidents ---------------------------------------------------------------------------------


def test_a_member_joins_with_the_short_falls_that_its_cause_names() -> None:
    """They belong to it from now on; others of the programme stay free."""
    short, other = fall("1-20", AT - MINUTE), fall("1-21", AT - MINUTE)
    short.figures = Figures(4, 5, 6)
    durable = Durable(outages={FM: outage(claim(falls=["1-20"]))}, recent={FM: [other, short]})
    durable.incidents["1-45"] = incident(quiet=True)
    body = events.MemberJoined(
        "fm", "off_air", "major", 3, 2, "no_carrier", Column.OFF_AIR, 1, 2, ("1-20",), True
    )
    folds.member_joined(durable, event("1-45"), body)
    held = durable.outages[FM]
    assert (held.incidents, held.claims["tx/tx"].incident) == (["1-45"], "1-45")
    assert (short.owned, other.owned) == (True, False)
    found = durable.incidents["1-45"]
    assert found.quiet is False
    lasts = Fall("1-40", held.began, held.proof, "no_carrier", "tx", owned=True)
    expected = Member(FM, "fm", "off_air", "major", 3, AT - 4 * SECOND, AT, [short, lasts], 2)
    expected.suppressed = True
    assert found.members == {FM: expected}
    found.members[FM].falls[0].figures.most = 99
    assert short.figures == Figures(4, 5, 6), "the figures of an incident are its own"


def test_a_member_falls_again_and_keeps_its_first_and_newest_falls() -> None:
    """The figures of the one that leaves stay in the sum; the same outage is no further fall."""
    falls = [fall(f"1-{n}", AT - MINUTE, figures=Figures(n, n, n)) for n in range(1, 9)]
    known = member(falls=falls, count=8, over=5, how="good", explained=True)
    durable = Durable(outages={FM: outage(claim())})
    durable.incidents["1-45"] = incident(members={FM: known}, quiet=True)
    body = events.MemberFell("fm", "off_air", 9, "no_carrier", Column.OFF_AIR, 1, 2)
    folds.member_fell(durable, event("1-45"), body)
    assert [each.id for each in known.falls] == ["1-1", *(f"1-{n}" for n in range(3, 9)), "1-40"]
    assert (known.past, known.count, known.proof) == (Figures(2, 2, 2), 9, AT - 4 * SECOND)
    assert (known.over, known.how, known.explained) == (None, "", False)
    found = durable.incidents["1-45"]
    assert (found.quiet, durable.outages[FM].incidents) == (False, ["1-45"])
    assert durable.outages[FM].claims["tx/tx"].incident == "1-45"
    found.quiet, known.over = True, 7
    again = events.MemberFell("fm", "off_air", 10, "no_carrier", Column.OFF_AIR, 1, 2)
    folds.member_fell(durable, event("1-45"), again)
    assert (known.count, known.over, found.quiet, len(known.falls)) == (9, None, True, 8)
    assert durable.outages[FM].incidents == ["1-45"]


def over(how: str, at: int, ended: tuple[int, int] | None) -> events.MemberOver:
    before, after = ended or (None, None)
    return events.MemberOver("fm", "off_air", at, how, 1, 10, 11, before, after, 1, 2, 3, True)


def test_a_member_is_over_once_and_has_the_figures_of_its_fall() -> None:
    """A later word dates the fall; only a withdrawal says another how."""
    known = member(falls=[fall("1-40", AT)], longest=2)
    durable = Durable(incidents={"1-45": incident(members={FM: known})})
    folds.member_over(durable, event("1-45"), over("continued", AT + 50, None))
    assert (known.over, known.how, known.flaps) == (AT + 50, "continued", True)
    assert known.falls[-1].ended == (AT, AT)
    folds.member_over(durable, event("1-45"), over("good", AT + 70, (AT + 60, AT + 61)))
    assert (known.over, known.how) == (AT + 50, "continued")
    last = known.falls[-1]
    assert (last.began, last.ended, last.how) == ((10, 11), (AT + 60, AT + 61), "good")
    assert (last.figures, known.longest) == (Figures(1, 2, 3), 4 * SECOND + 50)
    folds.member_over(durable, event("1-45"), over("withdrawn", AT + 90, (AT, AT + 1)))
    assert (known.over, known.how, known.longest) == (AT + 90, "withdrawn", 4 * SECOND + 50)


def test_a_closed_incident_still_learns_when_its_member_was_over() -> None:
    """The end of an outage may be settled after the close."""
    known = member(falls=[fall("1-40", AT)])
    durable = Durable(closed_incidents={"1-45": incident(members={FM: known})})
    folds.member_over(durable, event("1-45"), over("good", AT + 5, (AT, AT + 4)))
    assert (known.over, known.longest) == (AT + 5, 4 * SECOND + 4)


def test_an_incident_that_moves_keeps_its_newest_moves_and_closes_under_its_last_place() -> None:
    """The number is given back, and each fault knows when it last was in a closed incident."""
    found = incident(members={FM: member()}, moves=list(range(7)), quiet=True)
    durable = Durable(incidents={"1-45": found}, places={"tx/tx": "1-45", "x/x": "1-9"})
    durable.outages[FM] = outage(claim(incident="1-45", healed=8))
    body = events.IncidentMoved("silence", "studio", ("io.sound",), "tx/tx", IO)
    folds.incident_moved(durable, event("1-45"), body)
    assert durable.places == {"io/studio": "1-45", "x/x": "1-9"}
    assert (found.place, found.place_at, found.quiet) == (IO, AT, False)
    assert found.moves == [1, 2, 3, 4, 5, 6, AT]
    (moved,) = durable.outages[FM].claims.values()
    assert (moved.place, moved.healed, moved.incident) == (IO, None, "1-45")
    assert list(durable.outages[FM].claims) == ["io/studio"]
    folds.incident_closed(durable, event("1-45", AT + 1), events.IncidentClosed("continued", "1-9"))
    assert (found.closed_at, found.how, found.into) == (AT + 1, "continued", "1-9")
    assert (durable.incidents, durable.closed_incidents) == ({}, {"1-45": found})
    assert durable.places == {"x/x": "1-9"}
    assert (durable.numbers, durable.closed_at) == ({"100": AT + 1}, {FM: AT + 1})


def test_the_first_who_acknowledges_is_kept_and_everybody_with_what_he_saw() -> None:
    """Name and moment of the first; the members of each."""
    found = incident()
    durable = Durable(incidents={"1-45": found})
    for person, at in (("desk", AT), ("engineer", AT + 9)):
        body = events.IncidentAcknowledged(person, (FM,))
        folds.incident_acknowledged(durable, event("1-45", at), body)
    assert found.acknowledged == {"desk": [FM], "engineer": [FM]}
    assert (found.acknowledged_by, found.acknowledged_at) == ("desk", AT)


# -- messages ----------------------------------------------------------------------------------


def news(name: str = "1-45", *, last: bool = False) -> News:
    return News(name, 1, "tx/tx", {FM: 2}, ("am/off_air",), 30 * SECOND, last)


def began(attempt: int, bucket: str, *each: News) -> message_events.AttemptBegan:
    alert: Any = {"told": "opened"}
    return message_events.AttemptBegan("1-45", attempt, "phone", alert, bucket, 1, each)


def test_an_attempt_is_counted_in_the_incident_that_it_is_about() -> None:
    """Not in the others of a digest; a storm's digest is dated at its begin."""
    first, second = incident(), Incident("1-46", 101, IO, AT, AT)
    durable = Durable(incidents={"1-45": first}, closed_incidents={"1-46": second})
    body = began(3, "storm", news(), news("1-46"), news("1-99"))
    message_folds.attempt_began(durable, event("desk"), body)
    assert (first.people["desk"].attempts, second.people["desk"].attempts) == (3, 0)
    sending = Sending("1-45", 3, "phone", "opened", "storm", 1, AT, list(body.news))
    assert durable.people == {"desk": PersonNow(storm_at=AT, sending=[sending])}
    message_folds.attempt_began(durable, event("ann"), began(1, "critical", news()))
    assert durable.people["ann"].storm_at is None


def ended(*, delivered: bool = False, **more: Any) -> message_events.AttemptEnded:
    plain: dict[str, Any] = {
        "lost": False,
        "permanent": False,
        "detail": "",
        "channel_failures": 0,
        "channel_until": 0,
        "channel_tried_at": 0,
        "wait_until": 0,
    }
    return message_events.AttemptEnded("1-45", 3, "phone", delivered, **plain | more)


def sent(bucket: str = "critical", told: str = "opened", *, last: bool = False) -> Sending:
    return Sending("1-45", 3, "phone", told, bucket, 1, AT - 9, [news(last=last)])


def test_what_arrived_is_known_and_counts_for_ten_minutes() -> None:
    """The channel works again; another attempt of the person stays under way."""
    other = Sending("1-46", 3, "mail", "opened", "others", 1, AT - 8, [])
    old = [AT - 10 * MINUTE, AT - 10 * MINUTE + 1]
    for bucket, told, notified in (
        ("critical", "opened", {FM: AT - 9}),
        ("others", "grown", {FM: AT - 9}),
        ("storm", "storm", {}),
        ("others", "closed_before_told", {}),
    ):
        person = PersonNow(
            critical=list(old), others=list(old), sending=[sent(bucket, told), other]
        )
        found = incident(people={"desk": Knowledge(tried=["mail"], attempts=3, messages=1)})
        durable = Durable(incidents={"1-45": found}, people={"desk": person})
        durable.channels["phone"] = ChannelNow(2, 5, 4)
        message_folds.attempt_ended(durable, event("desk"), ended(delivered=True))
        known = found.people["desk"]
        assert known == Knowledge(
            Received.YES,
            1,
            "tx/tx",
            {FM: 2},
            ["am/off_air"],
            AT - 9,
            30 * SECOND,
            attempts=3,
            messages=2,
        )
        assert (durable.channels, person.sending, person.notified) == ({}, [other], notified)
        counted = {"critical": person.critical, "others": person.others}
        for name, times in counted.items():
            assert times == ([AT - 10 * MINUTE + 1, AT] if name == bucket else old)


def test_a_later_message_on_an_outage_stays_the_last_one_that_rang() -> None:
    """The outcome of an older attempt comes in after it."""
    person = PersonNow(notified={FM: AT - 1}, sending=[sent()])
    durable = Durable(incidents={"1-45": incident()}, people={"desk": person})
    message_folds.attempt_ended(durable, event("desk"), ended(delivered=True))
    assert person.notified == {FM: AT - 1}


def test_a_closed_incident_is_forgotten_when_its_last_closing_has_arrived() -> None:
    """Another person still waits for his: then it is kept."""
    for closing in (True, False):
        found = incident(
            people={"desk": Knowledge(closing=True), "ann": Knowledge(closing=closing)}
        )
        person = PersonNow(sending=[sent(last=True)])
        durable = Durable(closed_incidents={"1-45": found}, people={"desk": person})
        message_folds.attempt_ended(durable, event("desk"), ended(delivered=True))
        assert list(durable.closed_incidents) == ["1-45"] * closing
        assert found.people["desk"].closing is False


def test_what_did_not_arrive_perhaps_did_and_its_channel_is_tried() -> None:
    """Not where the channel refused it for good, nor of a closing; nothing is tried of the lost."""
    for more, last, expected in (
        ({}, False, Knowledge(Received.PERHAPS, probed=True, tried=["phone"])),
        ({}, True, Knowledge(Received.NO, probed=True, tried=["phone"])),
        ({"lost": True}, False, Knowledge(Received.PERHAPS, probed=True)),
        (
            {"permanent": True, "wait_until": AT + 5},
            False,
            Knowledge(Received.NO, probed=True, tried=["phone"], refusals=1, wait_until=AT + 5),
        ),
        ({"permanent": True}, False, Knowledge(Received.NO, probed=True, tried=["phone"])),
        (
            {"wait_until": 9},
            False,
            Knowledge(Received.PERHAPS, probed=True, tried=["phone"], wait_until=9),
        ),
    ):
        found = incident()
        durable = Durable(
            incidents={"1-45": found}, people={"desk": PersonNow(sending=[sent(last=last)])}
        )
        channel = {"channel_failures": 1, "channel_until": 7, "channel_tried_at": 6}
        message_folds.attempt_ended(durable, event("desk"), ended(**channel, **more))
        assert found.people == {"desk": expected}
        assert durable.channels == {"phone": ChannelNow(1, 7, 6)}
        assert durable.people == {}, "nothing is known of a person with nothing under way"


def test_a_failure_after_a_message_that_arrived_leaves_it_received() -> None:
    """A channel is listed once, however often it fails."""
    known = Knowledge(Received.YES, tried=["phone"])
    durable = Durable(incidents={"1-45": incident(people={"desk": known})})
    durable.people["desk"] = PersonNow(sending=[sent()])
    message_folds.attempt_ended(durable, event("desk"), ended())
    assert (known.received, known.tried) == (Received.YES, ["phone"])


def test_a_person_who_is_dropped_leaves_nothing_and_keeps_no_incident() -> None:
    """The closing that only he waited for is forgotten with him."""
    only, both = (
        Incident(name, 100, TX, AT, AT, people={p: Knowledge(closing=True) for p in people})
        for name, people in (("1-45", ["desk"]), ("1-46", ["desk", "ann"]))
    )
    open_one = Incident("1-47", 101, IO, AT, AT, people={"desk": Knowledge(), "ann": Knowledge()})
    durable = Durable(closed_incidents={"1-45": only, "1-46": both}, incidents={"1-47": open_one})
    durable.people = {"desk": PersonNow(storm_at=4), "ann": PersonNow(storm_at=5)}
    message_folds.person_dropped(durable, event("desk"), message_events.PersonDropped())
    assert list(durable.people) == ["ann"]
    assert list(durable.closed_incidents) == ["1-46"]
    assert [list(each.people) for each in (both, open_one)] == [["ann"], ["ann"]]


def test_who_must_get_a_closing_keeps_the_incident() -> None:
    """Where nobody must, it is forgotten at once."""
    for people, kept in ((("desk",), ["1-45"]), ((), [])):
        durable = Durable(closed_incidents={"1-45": incident()})
        message_folds.closing_due(durable, event("1-45"), message_events.ClosingDue(people))
        assert list(durable.closed_incidents) == kept
        found = durable.closed_incidents.get("1-45")
        assert found is None or found.people == {"desk": Knowledge(closing=True)}
