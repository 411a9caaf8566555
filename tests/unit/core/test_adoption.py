"""Another configuration while monitord runs: what stays, what goes, who gets a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.durable import Durable
from monitord.core.model import SECOND, Base
from monitord.core.plan import AlarmPlan, PersonPlan, Plan
from monitord.core.record_events import Harm
from tests.support.seam import (
    T0,
    Driver,
    Outcome,
    Watch,
    fm_site,
    plant_site,
    reserve_site,
    shared_site,
    told,
)

NIGHT = PersonPlan("night", ("console",), (("critical", 3 * SECOND),))


def reload(watch: Watch, **parts: object) -> Watch:
    """Adopt the watch's plan with some parts replaced, now."""
    watch.driver.reload(replace(watch.driver.plan, **parts), watch.driver.now)  # type: ignore[arg-type]
    return watch


def test_an_outage_goes_on_through_a_reload_with_its_incident_and_its_figures() -> None:
    """A reload in the middle of an outage: nothing rings again, and no second is lost."""
    watch = Watch(fm_site()).hold(20).hold(15, fm1="bad")
    reload(watch, people=(*watch.driver.plan.people, NIGHT)).hold(15, fm1="bad").hold(60)
    assert len(watch.bodies("incident_opened")) == 1
    (ended,) = watch.bodies("member_over")
    assert ended["least"] == 29 * SECOND - 10_000
    assert [word for _, word in told(watch.driver.events, "desk")] == ["opened", "recovered"]


def test_a_person_who_is_added_waits_for_what_is_open() -> None:
    """Rule 5.5: a new person gets the message as if the incident opened now."""
    watch = Watch(fm_site()).hold(20).hold(15, fm1="bad")
    reload(watch, people=(*watch.driver.plan.people, NIGHT)).hold(5, fm1="bad")
    assert [word for _, word in told(watch.driver.events, "night")] == ["opened"]
    assert [word for _, word in told(watch.driver.events, "desk")] == ["opened"]


def test_a_start_with_an_added_person_does_the_same() -> None:
    """A start is a reload: it makes no difference to the person."""
    watch = Watch(fm_site()).hold(20).hold(15, fm1="bad")
    watch.driver.plan = replace(watch.driver.plan, people=(*watch.driver.plan.people, NIGHT))
    watch.restart(2).hold(10, fm1="bad")
    assert [word for _, word in told(watch.driver.events, "night")] == ["opened"]


@pytest.mark.parametrize("harm", [None, *Harm])
def test_a_start_behind_a_harmed_record_reports_that_harm(harm: Harm | None) -> None:
    """As one found while monitord runs: a person must know that the past may be incomplete."""
    before = Durable(epoch=1, number=44, last_at=T0)
    driver = Driver(fm_site().plan, before=before, base=Base(3, 1, 44, "head", lost=2, harm=harm))
    driver.start(T0 + SECOND)
    watch = Watch(fm_site(), driver).hold(3)
    faults = {body["subject"]: body["reason"] for body in watch.bodies("outage_began")}
    began = {fault: reason for fault, reason in faults.items() if fault.startswith("/record")}
    assert began == ({} if harm is None else {f"/record_replaced/{harm}": f"record_{harm}"})
    assert [word for _, word in told(driver.events, "desk")] == ["opened"] * len(began)


def test_the_messages_of_a_removed_person_are_dropped() -> None:
    """A person who is not configured any more gets nothing."""
    watch = Watch(fm_site()).hold(20).hold(5, fm1="bad")
    reload(watch, people=watch.driver.plan.people[:1]).hold(40, fm1="bad")
    assert told(watch.driver.events, "engineer") == []
    assert "engineer" not in watch.driver.situation.durable.people


def test_a_removed_programme_is_withdrawn_with_its_incident() -> None:
    """Rule 5.7: what a reload takes away ends at the reload, incident included."""
    watch = Watch(shared_site()).hold(20).hold(15, io2="bad")
    plan = watch.driver.plan
    reload(watch, programmes=plan.programmes[:1], devices=plan.devices[:2])
    assert set(watch.driver.situation.durable.programmes) == {"one"}
    assert watch.driver.situation.durable.incidents == {}


def test_the_incident_of_a_renamed_redundant_stage_closes() -> None:
    """FAULTS E: it stayed open for ever, because no stage had its name any more."""
    watch = Watch(reserve_site()).hold(20).hold(40, b="bad")
    assert len(watch.driver.situation.durable.incidents) == 1
    (tv,) = watch.driver.plan.programmes
    (stage,) = tv.chain
    reload(watch, programmes=(replace(tv, chain=(replace(stage, id="antenna"),)),))
    assert watch.driver.situation.durable.incidents == {}
    watch.hold(30, b="bad")
    (again,) = watch.driver.situation.durable.incidents.values()
    assert list(again.members) == ["tv/reserve_lost/antenna"]


def test_a_device_at_another_address_is_blind_from_the_reload_on() -> None:
    """What the box at the old address proved says nothing of the one at the new address."""
    watch = Watch(fm_site()).hold(40)
    at = watch.driver.now
    watch.driver.reload(watch.driver.plan, at, again=["fm1"])
    watch.hold(20)
    pieces = [b for b in watch.bodies("piece_opened") if b["at"] >= at]
    assert [piece["possible"] for piece in pieces] == [["unknown:not_yet"], ["good"]]


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_supply_that_a_reload_takes_from_a_programme_is_read_for_it_no_more(
    is_removed: bool,
) -> None:
    """It failed a moment before, which is not settled yet; its device may be gone as well."""
    site = plant_site()
    watch = Watch(site).hold(20).hold(2, feed="bad")
    feed, *others = watch.driver.plan.devices
    unfed = tuple(replace(one, powered_by=()) for one in others)
    plan = replace(watch.driver.plan, devices=unfed if is_removed else (feed, *unfed))
    watch.driver.reload(plan, watch.driver.now)
    watch.site = replace(site, plan=plan)
    watch.hold(20, feed="bad", tx1="bad").hold(60, feed="bad")
    ended = [b["devices"] for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]
    assert ended == [["tx1"], ["tx1"]]


def with_alarm(plan: Plan, condition: str, alarm: AlarmPlan | None) -> Plan:
    """Return the plan with another alarm of one condition, and nothing else."""
    devices = [
        replace(
            device,
            conditions=tuple(
                replace(one, alarm=alarm) if one.id == condition else one
                for one in device.conditions
            ),
        )
        for device in plan.devices
    ]
    return replace(plan, devices=tuple(devices))


def test_a_reload_that_only_adds_an_alarm_or_a_parent_makes_no_second_blind() -> None:
    """What the device answers and what that proves is as before."""
    watch = Watch(fm_site()).hold(20)
    plan = with_alarm(watch.driver.plan, "fm1.radiating", AlarmPlan("minor", SECOND, SECOND))
    parent = replace(plan.devices[1], powered_by=("fm1.radiating",))
    before = len(watch.driver.events)
    watch.driver.reload(replace(plan, devices=(plan.devices[0], parent)), watch.driver.now)
    watch.hold(20)
    assert {event.kind for event in watch.driver.events[before:]} == {"config_adopted"}


def test_an_alarm_that_a_reload_adds_begins_at_once_where_it_is_proven() -> None:
    """Nothing turns any more: the condition has been false since before the reload."""
    watch = Watch(fm_site()).hold(20).hold(15, fm1="bad")
    alarm = AlarmPlan("minor", SECOND, SECOND)
    watch.driver.reload(with_alarm(watch.driver.plan, "fm1.radiating", alarm), watch.driver.now)
    assert "/alarm/fm1.radiating" in watch.driver.situation.durable.outages
    watch.driver.reload(with_alarm(watch.driver.plan, "fm1.radiating", None), watch.driver.now)
    assert "/alarm/fm1.radiating" not in watch.driver.situation.durable.outages


def test_an_alarm_that_a_reload_adds_does_not_begin_where_its_condition_is_good() -> None:
    """The nearest harmless case."""
    watch = Watch(fm_site()).hold(20)
    alarm = AlarmPlan("minor", SECOND, SECOND)
    watch.driver.reload(with_alarm(watch.driver.plan, "fm1.radiating", alarm), watch.driver.now)
    watch.hold(20)
    assert watch.driver.situation.durable.outages == {}


def test_a_new_chain_is_judged_from_the_reload_and_not_before() -> None:
    """The seconds between the last settled moment and the reload are blind, not bad."""
    watch = Watch(fm_site()).hold(20).hold(40, io="bad")
    fm = watch.driver.plan.programmes[0]
    watch.driver.reload(
        replace(watch.driver.plan, programmes=(replace(fm, chain=fm.chain[1:]),)),
        watch.driver.now,
    )
    at = watch.driver.now
    watch.hold(5, io="bad")
    opened = [b for b in watch.bodies("piece_opened") if b["at"] >= at]
    assert [piece["possible"] for piece in opened] == [["unknown:not_yet"], ["good"]]
    assert opened[1]["start"] == at


def test_a_reload_that_changes_nothing_opens_no_piece() -> None:
    """Every device and every chain is the same: no second becomes blind."""
    watch = Watch(fm_site()).hold(20)
    before = len(watch.driver.events)
    reload(watch).hold(20)
    kinds = {event.kind for event in watch.driver.events[before:]}
    assert kinds == {"config_adopted"}


def test_a_reload_that_removes_everything_leaves_nothing_open_or_due() -> None:
    """The extreme: the daemon goes on with an empty plan, and with the old one after it."""
    watch = Watch(shared_site()).hold(20).hold(15, fm1="bad")
    full = watch.driver.plan
    reload(watch, programmes=(), devices=())
    situation = watch.driver.situation
    assert (situation.durable.programmes, situation.durable.incidents) == ({}, {})
    assert {key.rank.name for key in situation.dues.times} <= {"MESSAGES", "CLOCK_MARK"}
    watch.driver.tick([], watch.driver.now + 20 * SECOND)
    watch.driver.reload(full, watch.driver.now)
    watch.at = watch.driver.now
    watch.hold(20)
    assert watch.driver.situation.durable.programmes["one"].piece.possible == ["good"]


def test_the_event_names_what_differs() -> None:
    """It says which devices, programmes, stages and people came, went and changed."""
    watch = Watch(shared_site()).hold(5)
    plan = watch.driver.plan
    reload(watch, programmes=plan.programmes[:1], devices=plan.devices[:2], people=(NIGHT,))
    (adopted,) = watch.bodies("config_adopted")
    assert adopted["added"] == {"person": ["night"]}
    assert adopted["removed"] == {
        "device": ["io2"],
        "programme": ["two"],
        "stage": ["two/studio", "two/tx"],
        "person": ["desk", "engineer"],
    }
    assert adopted["changed"] == {}


def test_a_reload_that_removes_a_redundant_stage_while_all_of_it_is_bad_ends_the_outage() -> None:
    """Its seconds are read from the old devices, of which the record knows nothing any more."""
    watch = Watch(reserve_site()).hold(20).hold(15, a="bad", b="bad")
    reload(watch, programmes=(), devices=())
    (ended,) = [b for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]
    assert ended["how"] == "reconfigured"
    assert 10 * SECOND <= ended["figures"]["least"] <= ended["figures"]["most"] <= 17 * SECOND


def test_a_start_with_another_stage_ends_what_the_old_one_held() -> None:
    """A5 holds at a start too: nothing of it is seen, so the outage ends as reconfigured."""
    watch = Watch(fm_site()).hold(20).hold(15, fm1="bad")
    (fm,) = watch.driver.plan.programmes
    chain = tuple(replace(stage, id=f"new_{stage.id}") for stage in fm.chain)
    watch.driver.plan = replace(watch.driver.plan, programmes=(replace(fm, chain=chain),))
    watch.restart(5)
    (ended,) = [b for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]
    assert ended["how"] == "reconfigured"
    watch.hold(10, fm1="bad")
    places = [i.place.id for i in watch.driver.situation.durable.incidents.values()]
    assert places == ["fm1/new_tx"]


def test_a_person_who_only_knows_of_an_incident_is_dropped_too() -> None:
    """An attempt that failed leaves what the person possibly received, and nothing else."""
    site = fm_site()
    outcomes = (Outcome(SECOND, "temporary"),)
    watch = Watch(site, Driver(site.plan, outcomes=outcomes)).hold(20).hold(20, fm1="bad")
    reload(watch, people=watch.driver.plan.people[:1])
    (incident,) = watch.driver.situation.durable.incidents.values()
    assert incident.people.keys() <= {watch.driver.plan.people[0].id}


def start_refused(watch: Watch, *, refused: bool = True) -> Watch:
    """Restart monitord; ``refused``: the files have mistakes, and the configuration is older."""
    watch.driver.clock_quality["config_refused"] = refused
    return watch.restart(2)


def test_a_start_with_refused_files_is_an_incident_until_they_are_adopted() -> None:
    """Everybody with a delay of its severity gets both messages; the programme is no member."""
    watch = start_refused(Watch(fm_site()).hold(20)).hold(20)
    (opened,) = watch.bodies("incident_opened")
    assert (opened["fault"], opened["severity"]) == ("config_refused", "major")
    assert opened["place"]["id"] == "site/configuration"
    reload(watch).hold(20)
    assert watch.driver.situation.durable.incidents == {}
    assert [word for _, word in told(watch.driver.events, "engineer")] == ["opened", "recovered"]


def test_the_next_start_without_mistakes_closes_it_too() -> None:
    """A start adopts the files as a reload does."""
    watch = start_refused(Watch(fm_site()).hold(20)).hold(20)
    start_refused(watch, refused=False).hold(20)
    assert len(watch.bodies("incident_opened")) == len(watch.bodies("incident_closed")) == 1


def test_a_second_start_with_refused_files_rings_nobody_again() -> None:
    """The same mistakes, the same incident."""
    watch = start_refused(Watch(fm_site()).hold(20)).hold(20)
    start_refused(watch).hold(20)
    assert len(watch.bodies("incident_opened")) == 1
    assert [word for _, word in told(watch.driver.events, "engineer")] == ["opened"]


def test_a_start_with_good_files_opens_nothing() -> None:
    """The nearest harmless case."""
    watch = start_refused(Watch(fm_site()).hold(20), refused=False).hold(20)
    assert watch.bodies("incident_opened") == []
