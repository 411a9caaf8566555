"""Starts and reloads at their edges: a base event, differences at a start, faults of the past."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.apply import apply, encode
from monitord.core.base import base_of
from monitord.core.base_event import base_body
from monitord.core.codec import to_plain
from monitord.core.differences import Differences
from monitord.core.durable import Durable
from monitord.core.earlier import Earlier, from_snapshot
from monitord.core.expression import Name
from monitord.core.figures import Figures as _Figures
from monitord.core.generation1 import durable as old
from monitord.core.generation1.states import RowState
from monitord.core.incident_state import FALLS_KEPT
from monitord.core.model import SECOND, Base, Event, Layer, Started, Stream
from monitord.core.pipeline import advance
from monitord.core.plan import Plan
from monitord.core.running import widest_margin
from monitord.core.situation import Situation
from monitord.core.view import undelivered_by_person
from tests.support.calendars import given
from tests.support.seam import (
    BOUND,
    DEADLINE,
    OFFSET,
    T0,
    Driver,
    Watch,
    bodies,
    fm_site,
    fold,
    needs,
    plant_site,
    programme,
    reserve_site,
    shared_site,
)


def test_a_start_on_a_base_records_the_whole_state_first() -> None:
    """A new epoch: its first event has everything, and the outage goes on in it."""
    before = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    state = before.driver.situation.durable
    last = before.driver.now
    state.epoch, state.number = state.epoch + 1, 0
    base = Base(2, 1, 77, "head", lost=None)
    watch = Watch(fm_site(), Driver(fm_site().plan, before=state, base=base))
    watch.at = watch.driver.now
    first, second, *_ = watch.driver.events
    assert (first.kind, first.number, second.kind) == ("base_adopted", 1, "started")
    assert first.subject == second.subject == ""
    (body,) = watch.bodies("base_adopted")
    assert (body["generation"], body["cites_number"], body["lost"]) == (2, 77, None)
    assert "fm/off_air" in watch.driver.situation.durable.outages
    assert fold(watch.driver.events).outages == fold(watch.driver.events, state).outages
    assert last > T0


def test_a_drill_that_begins_with_the_state_of_the_site_is_a_drill() -> None:
    """Its first event has the whole state; what follows never counts for the site."""
    site = Watch(fm_site()).hold(30).driver.situation.durable
    body = base_body(Base(3, 1, 77, "head", lost=None), site)
    drill = Durable(stream=Stream.DRILL)
    apply(drill, Event(2, 1, T0, "base_adopted", 1, "", Stream.DRILL, encode(body)))
    assert drill.stream is Stream.DRILL
    assert drill.programmes.keys() == {"fm"}


def test_an_earlier_snapshot_has_the_files_of_its_configuration_or_none() -> None:
    """Those of the first shape have none."""
    plain = to_plain(old.Durable())
    assert from_snapshot(plain).config_content == ""
    assert from_snapshot(plain | {"config_content": "site: hill"}).config_content == "site: hill"


def test_what_a_stop_may_have_lost_is_that_of_the_widest_condition() -> None:
    """Of a programme that is gone nobody knows which conditions it had."""
    situation = Watch(fm_site()).driver.situation
    conditions = situation.conditions.values()
    assert len({one.bound + max(one.true_lag, one.false_lag) for one in conditions}) > 1
    assert widest_margin(situation) == BOUND + DEADLINE + 10 * SECOND


def test_a_programme_that_nobody_has_asked_about_is_not_watched() -> None:
    """No device has answered or been silent since the start: the place is our own site."""
    driver = Driver(fm_site().plan)
    driver.start(T0)
    driver.tick([], T0 + 100 * SECOND)
    (claimed,) = bodies(driver.events, "cause_claimed")
    place: Any = claimed["place"]
    assert (place["id"], place["kind"], place["reason"]) == ("site/not_watched", "site", "absent")


def test_a_start_with_another_configuration_records_what_differs() -> None:
    """As a reload does; a start with the same one records nothing of it."""
    watch = Watch(fm_site()).hold(10)
    assert watch.bodies("config_adopted") == []
    differences = Differences({"person": ("night",)}, {}, {"device": ("fm1",)})
    alive_at = watch.driver.crash()
    at = watch.driver.now + 5 * SECOND
    started = Started(at, at + OFFSET, "boot2", "other", alive_at, differences=differences)
    watch.driver.tick([started, watch.driver.calendar_from(at)], at)
    (body,) = watch.bodies("config_adopted")
    assert (body["config_hash"], body["added"]) == ("other", {"person": ["night"]})
    assert body["changed"] == {"device": ["fm1"]}


def test_an_outage_of_a_programme_that_a_start_has_no_more_ends_as_reconfigured() -> None:
    """Nothing is known of it but its id; its seconds up to then stay."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    studio = programme("talk", needs("studio", Layer.CONTENT, "io.sound"))
    watch.driver.plan = replace(watch.driver.plan, programmes=(studio,))
    watch.restart(5).hold(30)
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]
    assert (ended["how"], ended["programme"]) == ("reconfigured", "fm")
    assert watch.driver.situation.durable.outages.keys() <= {"talk/blind"}


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("seconds", [3, 10, 25, 60])
@pytest.mark.parametrize("device", ["fm1", "io"])
def test_an_outage_of_a_programme_that_a_start_has_no_more_has_the_figures_of_the_ledger(
    device: str, seconds: int, clean: bool
) -> None:
    """What was not settled when the last run ended is blind: nobody has seen it off the air.

    A start that still has the programme ends the outage by the same pieces, moments later.
    """
    found = []
    for is_kept in (True, False):
        watch = Watch(fm_site()).hold(30).hold(seconds, **{device: "bad"})
        if not is_kept:
            studio = programme("talk", needs("studio", Layer.CONTENT, "io.sound"))
            watch.driver.plan = replace(watch.driver.plan, programmes=(studio,))
        watch.restart(5, clean=clean).hold(60)
        ended = watch.bodies("outage_ended", "member_over")
        found.append([figures_of(each) for each in ended if each["fault"] == "off_air"])
    kept, removed = found
    assert len(kept) == len(removed) > 1
    for (least, seen, most), (wanted_least, wanted_seen, wanted_most) in zip(
        removed, kept, strict=True
    ):
        assert (least, seen) == (wanted_least, pytest.approx(wanted_seen, abs=0.5))
        assert most == pytest.approx(wanted_most, abs=0.5)


def figures_of(body: dict[str, Any]) -> tuple[float, float, float]:
    """Return least, most_seen and most of an event, in seconds."""
    plain = body.get("figures", body)
    return plain["least"] / SECOND, plain["most_seen"] / SECOND, plain["most"] / SECOND


def test_a_lost_reserve_of_a_programme_that_a_start_has_no_more_ends_as_reconfigured() -> None:
    """Its fault has the stage in its name."""
    watch = Watch(reserve_site()).hold(30, b="idle").hold(30, b="bad")
    assert "tv/reserve_lost/tx" in watch.driver.situation.durable.outages
    other = programme("radio", needs("tx", Layer.EMISSION, "a.radiating"))
    watch.driver.plan = replace(watch.driver.plan, programmes=(other,))
    watch.restart(5)
    ended = [body for body in watch.bodies("outage_ended") if body["fault"] == "reserve_lost/tx"]
    assert [(body["programme"], body["how"]) for body in ended] == [("tv", "reconfigured")]


def test_a_reload_that_takes_the_condition_of_a_cause_moves_the_outage() -> None:
    """The device stays, one condition of it goes; the programme is off by another one."""
    site = reserve_site()
    tx = needs("tx", Layer.EMISSION, "a.radiating")
    monitor = needs("monitor", Layer.EMISSION, "b.radiating")
    plan = replace(site.plan, programmes=(programme("tv", tx, monitor),))
    watch = Watch(replace(site, plan=plan), Driver(plan))
    watch.hold(20).hold(2, b="bad").hold(20, a="bad", b="bad")
    a, b = plan.devices
    without = replace(b, conditions=b.conditions[1:])
    changed = replace(
        plan,
        devices=(a, without),
        programmes=(programme("tv", tx, needs("monitor", Layer.EMISSION, "b.sane")),),
    )
    watch.driver.reload(changed, watch.driver.now)
    watch.hold(20, a="bad", b="bad")
    assert "tv/off_air" in watch.driver.situation.durable.outages
    assert watch.driver.situation.durable.outages["tv/off_air"].claims.keys() <= {
        "a/tx",
        "b/monitor",
    }


def test_a_programme_added_by_a_reload_waits_for_its_own_later_stages() -> None:
    """Its opening hold begins with the reload, not with the start."""
    site = fm_site()
    watch = Watch(site).hold(60)
    chain = (
        needs("first", Layer.EMISSION, "fm1.radiating"),
        needs("last", Layer.EMISSION, "fm2.radiating"),
    )
    added = replace(site.plan.devices[0], id="fm2", conditions=())
    more = reserve_site().plan.devices[0]
    fm2 = replace(
        more,
        id="fm2",
        conditions=tuple(
            replace(one, id=one.id.replace("a.", "fm2."), device="fm2") for one in more.conditions
        ),
    )
    assert added.id == fm2.id
    plan = replace(
        site.plan,
        devices=(*site.plan.devices, fm2),
        programmes=(*site.plan.programmes, programme("new", *chain)),
    )
    watch.hold(1, fm1="bad")
    reloaded_at = watch.driver.now
    watch.driver.reload(plan, reloaded_at)
    watch.site = replace(site, plan=plan, answers={**site.answers, "fm2": site.answers["fm1"]})
    watch.hold(10, fm1="bad", fm2="silent")
    (proven,) = [body["at"] for body in watch.bodies("bad_proven") if body["subject"] == "new"]
    bound = fm2.conditions[0].bound
    assert reloaded_at < int(str(proven)) <= reloaded_at + bound + 2 * SECOND


def test_a_record_that_is_only_read_has_its_people_and_no_answers() -> None:
    """A command beside a stopped daemon: what was due stays due, and nothing is seen now."""
    driver = Watch(fm_site()).hold(30).hold(10, fm1="bad").driver
    read = Situation(fm_site().plan, fold(driver.events))
    read.clock = driver.now
    found = undelivered_by_person(read)
    assert set(found) == {"desk", "engineer"}


def test_a_number_in_use_is_passed_over_and_used_again_only_when_all_are() -> None:
    """Numbers are short, and none names two incidents of one week while another is free."""
    for taken, expected in (
        (set(), 100),
        ({"101", "102"}, 100),
        ({"100", "101"}, 102),
        ({str(number) for number in range(100, 1000)}, 1000),
        ({str(number) for number in range(100, 10_000)}, 9999),
    ):
        watch = Watch(fm_site()).hold(30)
        watch.driver.situation.durable.numbers = dict.fromkeys(taken)
        watch.hold(10, fm1="bad")
        (opened,) = watch.bodies("incident_opened")
        assert opened["number"] == expected


@pytest.mark.parametrize(
    ("in_use", "last", "expected"),
    [(499, 999, 100), (499, 998, 999), (500, 999, 1000), (500, 9_999, 100), (0, 1_500, 100)],
)
def test_numbers_are_short_while_fewer_than_five_hundred_are_in_use(
    in_use: int, last: int, expected: int
) -> None:
    """They begin again behind the last short one, or go on with four digits up to 9999."""
    watch = Watch(fm_site()).hold(30)
    durable = watch.driver.situation.durable
    durable.numbers = {str(number): None for number in range(200, 200 + in_use)}
    durable.last_number = last
    watch.hold(10, fm1="bad")
    (opened,) = watch.bodies("incident_opened")
    assert opened["number"] == expected


def test_an_alarm_that_is_not_seen_any_more_goes_on() -> None:
    """The mains failed, then their meter: nobody says that they are back."""
    watch = Watch(plant_site()).hold(20).hold(20, feed="bad").hold(20, feed="silent")
    assert "/alarm/feed.mains" in watch.driver.situation.durable.outages
    watch.hold(30)
    assert "/alarm/feed.mains" not in watch.driver.situation.durable.outages


def test_the_end_of_an_orderly_run_is_forgotten_when_the_next_one_knows_more() -> None:
    """A record that is read after a crash counts up to its last piece, not to an earlier stop."""
    watch = Watch(fm_site()).hold(20).restart(clean=True)
    durable = watch.driver.situation.durable
    assert (durable.running, durable.stopped_ends) == (True, {})
    watch.driver.stop(watch.driver.now + 1)
    assert (durable.running, list(durable.stopped_ends)) == (False, ["fm"])


def test_nothing_is_due_before_the_start() -> None:
    """Hours alone begin nothing: no mark, no message, no fault."""
    situation = Situation(fm_site().plan, fold([]))
    hours = ((0, 10**18, "on"),)
    (event,) = advance(situation, [given(T0, {"fm": hours})], T0).events
    assert event.kind == "calendar_extended"
    assert situation.dues.times == {}


def test_a_start_and_a_reload_say_which_configuration_counts() -> None:
    """Its hash and the content that the record keeps of it."""
    watch = Watch(fm_site()).hold(10)
    durable = watch.driver.situation.durable
    assert durable.config_hash == "config"
    watch.driver.reload(replace(fm_site().plan, close_lag=1), watch.driver.now)
    assert durable.config_hash.startswith("config")
    assert durable.config_hash != "config"


def test_an_outage_whose_device_a_reload_takes_goes_on_under_the_device_that_is_bad_now() -> None:
    """The transmitter is taken out of the configuration; its successor is off as well."""
    site = reserve_site()
    one = programme("tv", needs("tx", Layer.EMISSION, "a.radiating"))
    plan = replace(site.plan, programmes=(one,))
    watch = Watch(replace(site, plan=plan), Driver(plan)).hold(20).hold(20, a="bad", b="bad")
    assert watch.driver.situation.durable.outages["tv/off_air"].claims.keys() == {"a/tx"}
    other = programme("tv", needs("tx", Layer.EMISSION, "b.radiating"))
    after = replace(plan, devices=plan.devices[1:], programmes=(other,))
    watch.driver.reload(after, watch.driver.now)
    watch.site = replace(site, plan=after)
    watch.hold(20, b="bad")
    assert watch.driver.situation.durable.outages["tv/off_air"].claims.keys() == {"b/tx"}
    assert len(watch.bodies("incident_opened")) == len(watch.bodies("incident_moved")) == 1


def without_studio(plan: Plan, name: str, device: str) -> Plan:
    """Return a plan whose programme ``name`` has lost its first stage, and the site that device."""
    programmes = tuple(
        replace(one, chain=one.chain[1:]) if one.id == name else one for one in plan.programmes
    )
    devices = tuple(one for one in plan.devices if one.id != device)
    return replace(plan, devices=devices, programmes=programmes)


def test_a_reload_that_takes_one_cause_of_two_leaves_the_outage_to_the_other() -> None:
    """The programme is off by its studio and by the transmitter; the studio is taken out."""
    watch = Watch(shared_site()).hold(20).hold(20, io1="bad", fm1="bad")
    outages = watch.driver.situation.durable.outages
    assert outages["one/off_air"].claims.keys() == {"io1/studio", "fm1/tx"}
    plan = without_studio(watch.site.plan, "one", "io1")
    watch.driver.reload(plan, watch.driver.now)
    watch.site = replace(watch.site, plan=plan)
    watch.hold(20, fm1="bad")
    outages = watch.driver.situation.durable.outages
    assert outages["one/off_air"].claims.keys() == {"fm1/tx"}
    # It was a cause of its own, and no consequence of the other one.
    assert [body["explained"] for body in watch.bodies("cause_left")] == [False]
    assert [b for b in watch.bodies("outage_ended") if b["fault"] == "off_air"] == []


def test_a_reload_ends_what_is_gone_beside_what_goes_on() -> None:
    """Two programmes are off by their studios; one of the studios is taken out."""
    watch = Watch(shared_site()).hold(20).hold(20, io1="bad", io2="bad")
    plan = without_studio(watch.site.plan, "two", "io2")
    watch.driver.reload(plan, watch.driver.now)
    watch.site = replace(watch.site, plan=plan)
    watch.hold(5, io1="bad")
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]
    assert (ended["programme"], ended["how"]) == ("two", "reconfigured")
    assert "one/off_air" in watch.driver.situation.durable.outages


def test_a_condition_that_a_reload_takes_is_no_cause_any_more() -> None:
    """The device stays and goes on answering; what it was off by is not configured now."""
    site = plant_site()
    watch = Watch(site).hold(20).hold(20, mux="bad", tx1="bad")
    (mux,) = [one for one in site.plan.devices if one.id == "mux"]
    renamed = tuple(replace(c, id=c.id.replace("mux.", "mux.s_")) for c in mux.conditions)
    without = replace(mux, conditions=renamed)
    programmes = tuple(
        replace(
            one,
            chain=(
                replace(
                    one.chain[0],
                    needs=Name(str(one.chain[0].needs.id).replace("mux.", "mux.s_")),  # type: ignore[union-attr]
                ),
                one.chain[1],
            ),
        )
        for one in site.plan.programmes
    )
    devices = tuple(
        replace(without if one.id == "mux" else one, mutes_on_input=()) for one in site.plan.devices
    )
    watch.driver.reload(
        replace(site.plan, devices=devices, programmes=programmes), watch.driver.now
    )
    watch.hold(20, mux="bad", tx1="bad")
    held = watch.driver.situation.durable.outages["one/off_air"]
    assert all(
        name in watch.driver.situation.conditions
        for claim in held.claims.values()
        for name in claim.place.conditions
    )


# -- what an earlier program left ---------------------------------------------------------------


def impact(number: int, programme: str = "fm") -> old.Impact:
    begin = number * 60 * SECOND
    return old.Impact(
        number=number,
        programme=programme,
        not_before=begin,
        not_after=begin + SECOND,
        reason="no_carrier",
        column="off_air",
        ended=(begin + 5 * SECOND, begin + 6 * SECOND),
        figures=old.Figures(SECOND, 2 * SECOND, 3 * SECOND),
    )


def incident(name: str, falls: int) -> old.Incident:
    return old.Incident(
        id=name,
        programme="fm",
        fault="off_air",
        severity="critical",
        reason="no_carrier",
        stage="tx",
        conditions=["fm1.radiating"],
        opened_at=falls * SECOND,
        since=0,
        impacts=[impact(number) for number in range(1, falls + 1)],
    )


def test_an_earlier_incident_of_many_falls_keeps_their_sums() -> None:
    """The first and the newest falls stay; the figures of the others are added up."""
    falls = FALLS_KEPT + 4
    found = Earlier()
    found.durable.incidents = {"1-5": incident("1-5", falls)}
    durable = base_of(found)
    (member,) = durable.incidents["1-5"].members.values()
    assert (member.count, len(member.falls)) == (falls, FALLS_KEPT)
    assert member.past == _Figures(4 * SECOND, 8 * SECOND, 12 * SECOND)


@pytest.mark.parametrize(
    ("fault", "place", "kind"),
    [
        ("off_air", "fm1/tx", "stage"),
        ("reserve_lost/tx", "fm1/tx_reserve", "device"),
        ("blind", "site/fm.blind", "site"),
        ("degraded", "site/fm.degraded", "site"),
    ],
)
def test_an_earlier_incident_has_the_place_of_its_fault(fault: str, place: str, kind: str) -> None:
    """The earlier program recorded none."""
    found = Earlier()
    found.durable.incidents = {"1-5": replace(incident("1-5", 1), fault=fault)}
    moved = base_of(found).incidents["1-5"].place
    assert (moved.id, moved.kind) == (place, kind)


def test_two_earlier_incidents_of_one_place_stay_two() -> None:
    """The earlier program opened one a programme; the second has a place of its own."""
    found = Earlier()
    found.durable.incidents = {"1-5": incident("1-5", 1), "1-6": incident("1-6", 2)}
    durable = base_of(found)
    assert set(durable.places.values()) == {"1-5", "1-6"}
    assert set(durable.places) == {"fm1/tx", "site/1-6"}


def test_a_row_of_a_forgotten_incident_is_left_out() -> None:
    """Nobody gets a message of what the record has no more."""
    found = Earlier()
    row = old.Row(incident="1-4", state=RowState.WAITING, tell_at=0)
    found.durable.lanes = {"desk": [row]}
    assert base_of(found).people == {}


@pytest.mark.parametrize(("before", "now", "rings_after"), [(100, 50, 50), (50, 100, 100)])
def test_the_delay_of_a_person_is_that_of_the_reload_for_what_is_open_too(
    before: int, now: int, rings_after: int
) -> None:
    """Counted from the proof of the outage, not from the reload."""
    site, later = (fm_site().with_(tell_after=each * SECOND) for each in (before, now))
    watch = Watch(site).hold(30).hold(40, fm1="bad")
    watch.driver.reload(later.plan, watch.driver.now + 1)
    watch.hold(70, fm1="bad")
    proven = watch.driver.situation.durable.outages["fm/off_air"].began[1]
    rang = [one["at"] for one in watch.bodies("attempt_began") if one["subject"] == "desk"]
    assert rang == [proven + rings_after * SECOND]
