"""Cases that were once wrong, as the property that found each one shrank it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.expression import Name
from monitord.core.model import Answer, Layer
from monitord.core.plan import Plan
from tests.support.seam import (
    DESK,
    OFFSET,
    SOUND_ANSWERS,
    T0,
    TRANSMITTER_ANSWERS,
    Driver,
    Outcome,
    Site,
    Watch,
    bodies,
    condition,
    device,
    fm_site,
    needs,
    programme,
    reserve_site,
    shared_site,
    sound,
    told,
    transmitter,
)

SECOND = 1_000_000


def off_air(watch: Watch, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of events of a kind about off air."""
    return [body for body in watch.bodies(kind) if body["fault"] == "off_air"]


def test_what_comes_while_the_opening_fails_does_not_replace_the_opening() -> None:
    """A further cause without an opening means nothing to its reader."""
    site = fm_site().with_(people=(DESK,))
    outcomes = (Outcome(8 * SECOND, "temporary"), Outcome(1_000))
    watch = Watch(site, Driver(site.plan, outcomes=outcomes)).hold(30)
    watch.hold(5, fm1="bad").hold(20, fm1="bad", io="bad")
    first, second = [body["subject"] for body in watch.bodies("incident_opened")]
    # The second cause is critical and was not tried yet: it may use the channel in its wait.
    assert told(watch.driver.events, "desk") == [(second, "opened"), (first, "also")]


def test_the_next_message_of_an_incident_waits_behind_earlier_messages() -> None:
    """First in, first out by message: a later message does not keep its incident's place."""
    site = shared_site().with_(people=(DESK,))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(70 * SECOND), Outcome(1_000))))
    watch.hold(30).hold(10, io1="bad").hold(60, io2="bad").hold(200)
    words = [(incident, word) for incident, word in told(watch.driver.events, "desk")]
    opened = [body["subject"] for body in bodies(watch.driver.events, "incident_opened")]
    assert len(opened) == 2
    assert words.index((opened[1], "opened")) < words.index((opened[0], "recovered"))


def test_an_outage_that_ended_before_a_stop_closes_at_the_start() -> None:
    """The outage is over; what is not seen meanwhile is blind, and a restart reopens nothing."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad").hold(20)
    (ended,) = off_air(watch, "outage_ended")
    watch.restart(60)
    (closed,) = [b for b in watch.bodies("incident_closed") if b["subject"] == ended["incident"]]
    assert (closed["how"], closed["at"]) == ("recovered", watch.bodies("started")[-1]["at"])
    watch.hold(60)
    assert len(off_air(watch, "incident_opened")) == 1


def test_an_outage_that_goes_on_through_a_stop_is_not_closed_by_it() -> None:
    """Nothing proves that it was good: it ends with the first good after the start."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad").restart(90)
    assert off_air(watch, "outage_ended") == []
    watch.hold(60)
    (ended,) = off_air(watch, "outage_ended")
    (back,) = [p for p in watch.bodies("piece_opened") if p["possible"] == ["good"]][1:]
    assert ended["ended"][1] == back["start"]
    assert ended["figures"]["most"] > 90 * SECOND > ended["figures"]["least"]


def test_two_members_that_both_carry_are_the_reserve_of_each_other() -> None:
    """So it is in every changeover without a gap."""
    watch = Watch(reserve_site()).hold(60)
    assert watch.bodies("incident_opened") == []


def test_an_opening_that_fell_due_without_monitord_is_dated_at_the_start() -> None:
    """Rule 1: no event is dated at a moment at which monitord did not run."""
    site = fm_site().with_(open_after=20 * SECOND)
    watch = Watch(site).hold(30).hold(10, fm1="bad").restart(60).hold(5, fm1="bad")
    (opened,) = watch.bodies("incident_opened")
    started = watch.bodies("started")[-1]
    assert opened["opened_at"] == opened["at"] == started["at"]


def test_one_answer_alone_does_not_bound_the_moment_of_the_next() -> None:
    """An old value after one new value may be the older one: the changeover had no gap."""
    site = reserve_site((3 * SECOND, 3 * SECOND))
    watch = Watch(site).hold(20, b="idle").hold(1, a="idle")
    watch.hold(1, a="idle", b="idle").hold(30, a="idle")
    assert watch.bodies("bad_proven") == []


def test_blindness_ends_when_the_ledger_has_settled_it() -> None:
    """An outage proven ahead of the ledger does not end it: the time before is not settled."""
    watch = Watch(fm_site()).hold(20).hold(80, io="silent").hold(3).hold(20, fm1="bad").hold(60)
    ends = [body for body in watch.bodies("outage_ended") if body["fault"] == "blind"]
    blind = max(ends, key=lambda body: body["figures"]["most"])
    (back,) = [p for p in watch.bodies("piece_opened") if p["possible"] == ["good"]][1:2]
    assert blind["ended"][1] == back["start"] == blind["began"][0] + blind["figures"]["most"]


def test_an_answer_that_is_evaluated_late_ends_blindness_too() -> None:
    """It was received before its device was lost, and is evaluated after that."""
    watch = Watch(fm_site()).hold(30)
    driver, due = watch.driver, watch.driver.now
    while driver.situation.durable.programmes["fm"].piece.blind is None:
        found = driver.situation.dues.first()
        assert found is not None
        due = max(due, found[0])
        driver.tick([], due)
    came = due - 20_000
    for name in ("fm1", "io"):
        good = watch.site.answers[name]["good"]
        driver.tick([Answer(name, came - 1_000, came, good)], due + 10_000)
    watch.at = due + 20_000
    watch.hold(30)
    assert driver.situation.durable.programmes["fm"].piece.possible == ["good"]


def chain_site() -> Site:
    """Return one programme: an encoder, a multiplexer, a transmitter, and the desk."""
    names = ("enc", "mux")
    devices = [
        device(n, ("ok",), condition(f"{n}.ok", Layer.SERVICE, "no_service", Name("ok")))
        for n in names
    ]
    chain = [needs(n, Layer.SERVICE, f"{n}.ok") for n in names]
    programmes = (programme("m1", *chain, needs("tx", Layer.EMISSION, "tx.radiating")),)
    plan = Plan("hill", (*devices, transmitter("tx")), programmes, (DESK,))
    two = {"good": (True,), "bad": (False,), "absent": (None,)}
    return Site("chain", plan, {**dict.fromkeys(names, two), "tx": TRANSMITTER_ANSWERS})


def test_a_consequence_seen_before_its_cause_is_sent_to_nobody() -> None:
    """Rule 5.2: a person without a message of the multiplexer gets none that it was no cause."""
    watch = Watch(chain_site()).hold(30).hold(10, tx="bad")
    watch.hold(1, tx="bad", mux="bad").hold(60, tx="bad", mux="bad", enc="bad").hold(60)
    opened = {body["subject"]: body["place"] for body in watch.bodies("incident_opened")}
    names = [(opened[incident]["id"], word) for incident, word in told(watch.driver.events, "desk")]
    assert [place["id"] for place in opened.values()] == ["tx/tx", "mux/mux", "enc/enc"]
    assert ("enc/enc", "also") in names
    assert not [word for place, word in names if place == "mux/mux"]
    assert watch.driver.situation.durable.closed_incidents == {}


def test_a_further_cause_that_healed_before_its_message_is_sent_as_closed() -> None:
    """It was a cause for itself, while the outage went on for another one."""
    late = replace(DESK, tell_after=(("critical", 60 * SECOND),))
    watch = Watch(chain_site().with_(people=(late,))).hold(30).hold(10, tx="bad")
    watch.hold(2, tx="bad", mux="bad").hold(60, tx="bad").hold(60)
    opened = {body["subject"]: body["place"] for body in watch.bodies("incident_opened")}
    words = [(opened[incident]["id"], word) for incident, word in told(watch.driver.events, "desk")]
    assert ("mux/mux", "closed_before_told") in words


def test_a_cause_that_healed_unseen_long_ago_does_not_swallow_the_next_one() -> None:
    """Rule 5.2: a cause heals when its place is good, also while the programme is blind."""
    watch = Watch(chain_site()).hold(30).hold(20, enc="bad", mux="bad")
    watch.hold(5, enc="bad", mux="silent", tx="silent").hold(10, mux="silent", tx="silent")
    watch.hold(100, tx="silent")
    watch.hold(20, mux="bad", tx="silent").hold(100)
    opened = [body["place"]["id"] for body in watch.bodies("incident_opened")]
    assert opened == ["enc/enc"]
    moved = [body["place"]["id"] for body in watch.bodies("incident_moved")]
    assert moved == ["mux/mux"]


def test_what_ended_by_a_place_keeps_its_incident_when_a_later_fall_has_another_cause() -> None:
    """Rule 5.2: the multiplexer was the cause of the first fall, the encoder of the second."""
    watch = Watch(chain_site()).hold(30).hold(10, mux="bad").hold(10)
    watch.hold(1, mux="bad").hold(60, mux="bad", enc="bad").hold(120)
    opened = {body["subject"]: body["place"]["id"] for body in watch.bodies("incident_opened")}
    assert list(opened.values()) == ["mux/mux", "enc/enc"]
    assert watch.bodies("incident_moved") == []
    ends = [body["owners"][-1][2] for body in watch.bodies("outage_ended") if body["owners"]]
    assert ends == ["mux/mux", "enc/enc"]
    closed = {body["subject"]: body["how"] for body in watch.bodies("incident_closed")}
    assert sorted(opened) == sorted(closed)


def test_a_cause_that_is_seen_late_after_a_start_began_when_it_was_claimed() -> None:
    """Rule 5.2: what it explains is no cause of its own, though it is seen bad again first."""
    watch = Watch(chain_site()).hold(30).hold(20, enc="bad", mux="bad").restart(1)
    watch.hold(1, enc="silent", mux="bad").hold(2, enc="absent", mux="bad")
    watch.hold(20, enc="bad", mux="bad").hold(60)
    opened = [body["place"]["id"] for body in watch.bodies("incident_opened")]
    assert opened == ["enc/enc"]


def test_a_degradation_that_is_over_when_it_is_known_has_no_device() -> None:
    """The reserve answers late and the ledger waits for it: the last answers are good by then."""
    watch = Watch(reserve_site()).hold(20)
    driver, begin = watch.driver, watch.driver.now + 1
    for name, state, after in (
        *(("a", "low", 100_000), ("a", "low", 400_000)),
        *(("a", "good", 700_000), ("a", "good", 1_000_000), ("b", "good", 1_200_000)),
    ):
        at = begin + after
        driver.tick([Answer(name, at - 10_000, at, watch.site.answers[name][state])], at)
    watch.hold(30)
    (began,) = [b for b in watch.bodies("outage_began") if b["fault"] == "degraded"]
    (claimed,) = [b for b in watch.bodies("cause_claimed") if b["subject"] == "tv/degraded"]
    assert (began["reason"], began["began"][0]) == ("reduced_power", begin + 100_000)
    assert claimed["place"]["id"] == "site/tv.degraded"
    assert watch.bodies("incident_opened") == []


def test_an_outage_that_is_known_when_it_is_over_is_an_incident_if_it_lasted() -> None:
    """A1: the reserve answers late, and only then is a gap in its idle time proven."""
    site = reserve_site((0, 0)).with_(open_after=SECOND)
    watch = Watch(site).hold(20, b="idle")
    driver, begin = watch.driver, watch.driver.now + 1
    for name, state, after in (
        *(("a", "idle", 100_000), ("a", "idle", 700_000), ("a", "idle", 1_300_000)),
        *(("a", "good", 1_600_000), ("a", "good", 1_700_000), ("b", "idle", 1_750_000)),
    ):
        at = begin + after
        driver.tick([Answer(name, at - 10_000, at, site.answers[name][state])], at)
    watch.at = driver.now + SECOND
    watch.hold(60, b="idle")
    (began,) = off_air(watch, "outage_began")
    (ended,) = off_air(watch, "outage_ended")
    (opened,) = watch.bodies("incident_opened")
    assert ended["ended"][1] - began["began"][1] > SECOND
    assert opened["subject"] == ended["incident"]
    assert opened["at"] >= began["at"] == begin + 1_750_000


@pytest.mark.parametrize(("opens_after", "is_out"), [(500_000, True), (1_500_000, False)])
def test_a_gap_over_an_opening_that_is_known_when_it_is_over_began_with_the_hours(
    opens_after: int, *, is_out: bool
) -> None:
    """It is on the air by the last answers; where nothing proves it bad in its hours there is none.

    Its last bad answer comes after 1.3 s, the next good one after 1.6 s.
    """
    site = reserve_site((0, 0))
    opens = T0 + 20 * SECOND + opens_after
    hours = ((opens + OFFSET, opens + OFFSET + 86_400 * SECOND, "on"),)
    watch = Watch(site, Driver(site.plan, calendar=hours)).hold(20, b="idle")
    driver, begin = watch.driver, watch.driver.now + 1
    for name, state, after in (
        *(("a", "idle", 100_000), ("a", "idle", 700_000), ("a", "idle", 1_300_000)),
        *(("a", "good", 1_600_000), ("a", "good", 1_700_000), ("b", "idle", 1_750_000)),
    ):
        at = begin + after
        driver.tick([Answer(name, at - 10_000, at, site.answers[name][state])], at)
    watch.at = driver.now + SECOND
    watch.hold(10, b="idle")
    began = [body["began"] for body in off_air(watch, "outage_began")]
    assert began == ([[opens, opens]] if is_out else [])


def test_a_loss_of_sight_that_is_known_when_it_is_over_is_an_incident_if_it_lasted() -> None:
    """The ledger waits for a sound that is read once a minute and a half."""
    site = fm_site()
    tx, studio = site.plan.devices
    slow = replace(studio, conditions=(replace(studio.conditions[0], bound=200 * SECOND),))
    watch = Watch(replace(site, plan=replace(site.plan, devices=(tx, slow)))).hold(20)
    driver, begin = watch.driver, watch.driver.now + 1
    for second in range(70, 91):
        at = begin + second * SECOND
        driver.tick([Answer("fm1", at - 10_000, at, site.answers["fm1"]["good"])], at)
    assert watch.bodies("incident_opened") == []
    driver.tick([Answer("io", at - 10_000, at, site.answers["io"]["good"])], at)
    (opened,) = watch.bodies("incident_opened")
    (ended,) = [b for b in watch.bodies("outage_ended") if b["incident"] == opened["subject"]]
    assert (ended["fault"], ended["ended"][1]) == ("blind", begin + 70 * SECOND)
    assert opened["at"] == at
    place: Any = opened["place"]
    assert (place["id"], place["reason"]) == ("fm1/silent", "timeout")


def waiting_site() -> Site:
    """Return the two transmitters for two programmes; the sound of one is read every half minute.

    What the transmitters did stays in memory until that programme is settled too.
    """
    site = reserve_site((0, 0))
    studio = sound("io")
    slow = replace(studio.conditions[0], bound=60 * SECOND)
    stages = (needs("studio", Layer.CONTENT, "io.sound"), *site.plan.programmes[0].chain)
    plan = replace(
        site.plan,
        devices=(*site.plan.devices, replace(studio, conditions=(slow,))),
        programmes=(*site.plan.programmes, programme("waiting", *stages)),
    )
    return replace(site, plan=plan, answers={**site.answers, "io": SOUND_ANSWERS})


def test_a_gap_that_is_proven_when_the_programme_is_long_on_air_again_is_no_news() -> None:
    """The answer was received before its device was lost, and is evaluated after that."""
    site = waiting_site()
    watch = Watch(site).hold(20, a="idle")
    driver, begin = watch.driver, watch.driver.now + 1
    for state, after in (("idle", 0), ("idle", 700), ("idle", 1_400), ("good", 2_000)):
        at = begin + after * 1_000
        driver.tick([Answer("a", at - 10_000, at, site.answers["a"][state])], at)
    driver.tick([], begin + 3 * SECOND)
    at = begin + 3 * SECOND + 1
    driver.tick([Answer("a", at - 10_000, at, site.answers["a"]["good"])], at)
    now = driver.situation.durable.programmes["tv"]
    assert now.piece.possible == ["good"]
    late = begin + 900_000
    driver.tick([Answer("b", late - 10_000, late, site.answers["b"]["idle"])], at + 1)
    assert [body["programme"] for body in off_air(watch, "outage_began")] == ["waiting"]
    assert now.proven is None
