"""Causes at their edges: parents, claims that are not seen, hand-overs one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from monitord.core.causes import Cause, causes_of, climb, is_explained_by
from monitord.core.claims import in_order
from monitord.core.expression import AnyOf, AtLeast, Name, Not
from monitord.core.fault_causes import fault_cause
from monitord.core.incident_events import OutageEnded
from monitord.core.incident_state import Claim, Place
from monitord.core.model import SECOND, Answer, Layer
from monitord.core.moments import span_of
from monitord.core.outages import end_outage
from monitord.core.plan import DegradedPlan, DevicePlan, Plan, StagePlan
from tests.support.seam import (
    OFF_AIR,
    PEOPLE,
    T0,
    Site,
    Watch,
    condition,
    device,
    fm_site,
    needs,
    plant_site,
    programme,
    reserve_site,
)

OK = {"good": (True,), "bad": (False,)}


def simple(name: str, layer: Layer) -> DevicePlan:
    """Return a device with the one condition ``name.ok``."""
    return device(name, ("ok",), condition(f"{name}.ok", layer, f"{name}_bad", Name("ok")))


def line(*names: str, **clear_after: int) -> Site:
    """Return programmes ``p1``, ``p2`` on one transmitter ``tx``, each behind its own devices.

    ``names``: the devices in their order of polling; ``sN`` is of programme N.
    """
    devices = [
        simple(name, Layer.CONTENT if name.startswith("s") else Layer.EMISSION) for name in names
    ]
    programmes = []
    for name, clear in clear_after.items():
        own = needs("sound", Layer.CONTENT, f"s{name[1:]}.ok")
        one = programme(name, own, needs("tx", Layer.EMISSION, "tx.ok"))
        programmes.append(replace(one, off_air=replace(OFF_AIR, clear_after=clear * SECOND)))
    plan = Plan("hill", tuple(devices), tuple(programmes), PEOPLE)
    return Site("line", plan, dict.fromkeys(names, OK))


def closings(watch: Watch) -> dict[str, tuple[object, float]]:
    """Return how and when each incident closed, by its place."""
    places = {
        body["subject"]: body["place"]["id"]  # type: ignore[index]
        for body in watch.bodies("incident_opened")
    }
    return {
        places[body["subject"]]: (body["how"], round((int(str(body["at"])) - T0) / SECOND))
        for body in watch.bodies("incident_closed")
    }


def off_air_ended(watch: Watch) -> list[object]:
    """Return the programmes of the outages that ended."""
    return [b["programme"] for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]


@pytest.mark.parametrize(("p1", "p2"), [(10, 30), (30, 10)])
def test_each_programme_leaves_a_healed_cause_after_its_own_clearing_time(p1: int, p2: int) -> None:
    """Both are off by their studios too: one leaves after 10 s, the other after 30 s."""
    watch = Watch(line("s1", "s2", "tx", p1=p1, p2=p2)).hold(20)
    watch.hold(5, s1="bad", s2="bad", tx="bad").hold(60, s1="bad", s2="bad")
    left = {
        body["programme"]: round((int(str(body["at"])) - T0) / SECOND)
        for body in watch.bodies("member_over")
        if body["how"] == "continued"
    }
    assert left == {"p1": 25 + p1, "p2": 25 + p2}
    # The number stays until the last one has left for its clearing time.
    assert closings(watch)["tx/tx"] == ("continued", 55)


@pytest.mark.parametrize(("states", "owner"), [({"fm1": "bad"}, "tower"), ({"io": "bad"}, "city")])
def test_an_outage_is_its_own_stage_owners_from_the_first_answer_on(
    states: dict[str, str], owner: str
) -> None:
    """One answer has proven it, and its stage is not held bad by a second one yet."""
    site = fm_site()
    (fm,) = site.plan.programmes
    studio, tx = fm.chain
    owned = replace(fm, chain=(replace(studio, owner="city"), replace(tx, owner="tower")))
    watch = Watch(replace(site, plan=replace(site.plan, programmes=(owned,)))).hold(30)
    watch.hold(12, **states).hold(60)
    claims: list[Any] = [c for c in watch.bodies("cause_claimed") if c["subject"] == "fm/off_air"]
    assert [claim["place"]["owner"] for claim in claims] == [owner]
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]
    assert (ended["owner"], [span[3] for span in ended["owners"]]) == (owner, [owner])


@pytest.mark.parametrize(("moved_before_end", "owner"), [(1, "city"), (0, "tower"), (-1, "tower")])
def test_who_has_an_outage_from_its_end_on_has_none_of_it(
    moved_before_end: int, owner: str
) -> None:
    """Hours may end it as of an earlier moment: its owner is who had its last seconds."""
    situation = Watch(fm_site()).hold(30).hold(12, fm1="bad").driver.situation
    fault, held = situation.faults["fm/off_air"], situation.durable.outages["fm/off_air"]
    begin = held.began[1]
    end = begin + 5 * SECOND
    held.owners = [(begin, "tx/tx", "tower"), (end - moved_before_end, "io/studio", "city")]
    (*_, draft) = end_outage(situation, fault, held, (end, end), "hours")
    assert isinstance(draft.body, OutageEnded)
    assert draft.body.owner == draft.body.owners[-1][3] == owner
    assert sum(to - since for since, to, _, _ in draft.body.owners) == end - begin


def test_a_programme_that_left_an_incident_names_the_number_under_which_it_is_off() -> None:
    """The other incident is the one that is still open with it, and never its own."""
    watch = Watch(line("s1", "s2", "tx", p1=10, p2=30)).hold(20)
    watch.hold(5, s1="bad", s2="bad", tx="bad").hold(60, s1="bad", s2="bad")
    numbers = {
        body["place"]["id"]: body["number"]  # type: ignore[index]
        for body in watch.bodies("incident_opened")
    }
    alerts = [body["alert"] for body in watch.bodies("attempt_began")]
    members: Any = [alert["members"] for alert in alerts if alert["number"] == numbers["tx/tx"]]  # type: ignore[index]
    found = [{one["programme"]: one["off_under"] for one in each} for each in members]
    assert found[0] == {"p1": None, "p2": None}
    assert found[-1] == {"p1": numbers["s1/sound"], "p2": numbers["s2/sound"]}


def monitored(*chains: tuple[str, ...]) -> Site:
    """Return programmes ``p1``, ``p2``, each on a chain of these devices."""
    names = sorted({name for chain in chains for name in chain})
    programmes = tuple(
        programme(f"p{n}", *(needs(name, Layer.EMISSION, f"{name}.ok") for name in chain))
        for n, chain in enumerate(chains, 1)
    )
    devices = tuple(simple(name, Layer.EMISSION) for name in names)
    return Site("monitored", Plan("hill", devices, programmes, PEOPLE), dict.fromkeys(names, OK))


def test_a_programme_whose_next_cause_is_not_seen_stays_with_the_one_that_healed() -> None:
    """It is handed over when its monitor answers again, and is bad."""
    watch = Watch(monitored(("tx", "m1"), ("tx", "m2"))).hold(20).hold(1, tx="bad")
    watch.hold(4, tx="bad", m1="bad", m2="bad").hold(10, m1="bad", m2="bad")
    watch.hold(40, m1="bad", m2="silent").hold(20, m1="bad", m2="bad")
    left = {
        body["programme"]: round((int(str(body["at"])) - T0) / SECOND)
        for body in watch.bodies("member_over")
        if body["how"] == "continued"
    }
    assert left == {"p1": 55, "p2": 76}
    assert closings(watch)["tx/tx"] == ("continued", 76)
    assert off_air_ended(watch) == []


def test_a_programme_that_is_good_again_takes_no_part_in_a_hand_over() -> None:
    """Its monitor is good just before the transmitter is left, and its outage not ended yet."""
    watch = Watch(monitored(("tx", "m1"), ("tx", "m2", "z2"))).hold(20).hold(1, tx="bad")
    watch.hold(4, tx="bad", m1="bad", m2="bad", z2="bad")
    # The monitors stay bad: consequences of the transmitter for its clearing time.
    watch.hold(30, m1="bad", m2="bad", z2="bad").hold(1, m1="bad", z2="bad")
    watch.hold(60, m1="bad")
    left = [b["programme"] for b in watch.bodies("member_over") if b["how"] == "continued"]
    assert "p1" in left
    assert off_air_ended(watch) == ["p2"]


def test_a_cause_that_breaks_again_in_its_clearing_time_goes_on() -> None:
    """The transmitter came back for 10 s while the studio kept the programme off."""
    watch = Watch(line("s1", "tx", p1=30)).hold(20).hold(5, s1="bad", tx="bad")
    watch.hold(10, s1="bad").hold(40, s1="bad", tx="bad").hold(60)
    healed = [body["healed"] for body in watch.bodies("cause_healed") if body["place"] == "tx/tx"]
    assert [moment is None for moment in healed[:2]] == [False, True]
    assert len(watch.bodies("cause_left")) == 0


def test_a_cause_that_comes_back_after_it_was_left_is_the_same_fall() -> None:
    """One outage all the time: its number has one fall of it, and it is over when on air."""
    watch = Watch(line("s1", "s2", "tx", p1=10, p2=90)).hold(20).hold(5, s1="bad", tx="bad")
    watch.hold(15, s1="bad").hold(20, s1="bad", tx="bad")
    (tx,) = [i for i in watch.driver.situation.durable.incidents.values() if i.place.stage == "tx"]
    # The other programme was on air meanwhile: for it the transmitter fell twice.
    assert {name: member.count for name, member in tx.members.items()} == {
        "p1/off_air": 1,
        "p2/off_air": 2,
    }
    assert [member.over for member in tx.members.values()] == [None, None]
    watch.hold(200)
    assert off_air_ended(watch) == ["p2", "p1", "p2"]
    assert watch.driver.situation.durable.incidents == {}


def test_the_mains_of_two_stages_of_one_layer_are_one_cause() -> None:
    """The later stage fell first, and both are supplied by the mains: named once."""
    site = line("s1", "tx", p1=30)
    feed = simple("feed", Layer.EQUIPMENT)
    exciter = simple("exciter", Layer.EMISSION)
    devices = tuple(
        replace(one, powered_by=("feed.ok",)) for one in (site.plan.devices[1], exciter)
    )
    chain = (
        needs("exciter", Layer.EMISSION, "exciter.ok"),
        needs("tx", Layer.EMISSION, "tx.ok"),
    )
    plan = replace(
        site.plan, devices=(feed, *devices), programmes=(replace(programme("p1", *chain)),)
    )
    watch = Watch(Site("fed", plan, dict.fromkeys(("feed", "tx", "exciter"), OK))).hold(20)
    watch.hold(3, feed="bad").hold(3, feed="bad", tx="bad")
    watch.hold(20, feed="bad", tx="bad", exciter="bad")
    situation = watch.driver.situation
    assert list(causes_of(situation, situation.programmes["p1"].plan, {})) == ["feed/ok"]


def test_no_cause_of_a_degraded_programme_is_named_once_it_is_not_seen() -> None:
    """Two stages without a reason that is true now: what was claimed stays."""
    site = reserve_site()
    watch = Watch(site).hold(20).hold(60, a="low").hold(20, a="silent").hold(5)
    (opened,) = [body for body in watch.bodies("incident_opened") if body["fault"] == "degraded"]
    assert opened["place"]["id"] == "a+b/tx"  # type: ignore[index]


def test_time_under_another_cause_does_not_lengthen_the_wait_for_the_next_fall() -> None:
    """The transmitter was off 5 s and the studio 60 s more: its own longest fall is 5 s."""
    watch = Watch(line("s1", "s2", "tx", p1=10, p2=90)).hold(20)
    watch.hold(5, s1="bad", tx="bad").hold(60, s1="bad").hold(10)
    (tx,) = [i for i in watch.driver.situation.durable.incidents.values() if i.place.stage == "tx"]
    assert {name: member.longest for name, member in tx.members.items()} == {
        "p1/off_air": 5 * SECOND,
        "p2/off_air": 5 * SECOND,
    }


def test_a_cause_that_heals_before_its_incident_opens_is_left_without_a_trace() -> None:
    """``open_after`` has not ended when the transmitter is good for its clearing time."""
    site = line("s1", "tx", p1=5)
    one = site.plan.programmes[0]
    slow = replace(one, off_air=replace(one.off_air, open_after=60 * SECOND))
    site = replace(site, plan=replace(site.plan, programmes=(slow,)))
    watch = Watch(site).hold(20).hold(5, s1="bad", tx="bad").hold(20, s1="bad").hold(30)
    assert [body["place"] for body in watch.bodies("cause_left")] == ["tx/tx"]
    assert watch.bodies("incident_opened", "member_over") == []


def test_a_parent_that_fell_later_explains_nothing() -> None:
    """The transmitter trips by itself; the mains fail 10 s later."""
    watch = Watch(plant_site()).hold(20).hold(10, tx1="bad").hold(20, tx1="bad", feed="bad")
    situation = watch.driver.situation
    place = Place("tx1/tx", "stage", "no_carrier", "tx")
    began = span_of(situation, Name("tx1.radiating"), value=False)
    assert climb(situation, place, began, {}) == Cause(place, began)
    late = (T0 + 40 * SECOND, T0 + 41 * SECOND)
    assert climb(situation, place, late, {}).place.id == "feed/mains"


def test_a_parent_holds_a_programme_while_it_explains_a_bad_stage_of_it() -> None:
    """The mains stay away, the transmitter runs again on its generator: the mains hold it no more.

    A transmitter that does not answer stays with them.
    """
    for back, expected in (("good", ["mux/mux"]), ("silent", ["feed/mains", "mux/mux"])):
        watch = Watch(plant_site()).hold(20).hold(20, feed="bad", tx1="bad", mux="bad")
        watch.hold(40, feed="bad", mux="bad", tx1=back)
        held = watch.driver.situation.durable.outages["one/off_air"]
        assert sorted(held.claims) == expected


def test_a_parent_of_one_of_two_devices_explains_neither() -> None:
    """A place of two devices is explained by what both have above them."""
    watch = Watch(plant_site()).hold(20).hold(20, tx1="bad", mux="one_lost", feed="bad")
    situation = watch.driver.situation
    now = (watch.driver.now, watch.driver.now)
    both = Place("tx1+mux/tx", "stage")
    supplied = Place("tx1+tx2/tx", "stage")
    assert climb(situation, both, now, {}).place is both
    assert climb(situation, supplied, now, {}).place.id == "feed/mains"
    assert climb(situation, Place("gone/tx", "stage"), now, {}).place.id == "gone/tx"


def test_a_place_that_is_its_own_parent_stays() -> None:
    """The alarm of the mains on the device that has them, and a circle of two supplies."""
    plan = plant_site().plan
    circle = tuple(
        replace(one, powered_by=("tx1.radiating",)) if one.id == "feed" else one
        for one in plan.devices
    )
    site = replace(plant_site(), plan=replace(plan, devices=circle))
    watch = Watch(site).hold(20).hold(20, tx1="bad", feed="bad")
    now = (watch.driver.now, watch.driver.now)
    found = climb(watch.driver.situation, Place("tx1/tx", "stage"), now, {})
    assert found.place.id.partition("/")[0] in ("feed", "tx1")
    own = tuple(
        replace(one, powered_by=("feed.mains",)) if one.id == "feed" else one
        for one in plan.devices
    )
    site = replace(plant_site(), plan=replace(plan, devices=own))
    watch = Watch(site).hold(20).hold(20, feed="bad")
    mains = Place("feed/mains", "alarm")
    now = (watch.driver.now, watch.driver.now)
    assert climb(watch.driver.situation, mains, now, {}).place is mains


def test_one_cause_of_two_layers_is_named_once_and_by_the_first() -> None:
    """The mains take the multiplexer and the transmitter: one cause, at the source."""
    plan = plant_site().plan
    supplied = tuple(
        replace(one, powered_by=("feed.mains",)) if one.id == "mux" else one for one in plan.devices
    )
    site = replace(plant_site(), plan=replace(plan, devices=supplied))
    watch = Watch(site).hold(20).hold(20, feed="bad", mux="bad", tx1="bad", tx2="bad")
    situation = watch.driver.situation
    assert list(causes_of(situation, situation.programmes["one"].plan, {})) == ["feed/mains"]
    assert len(situation.durable.incidents) == 1


def test_a_stage_that_is_not_seen_keeps_the_claim_it_has() -> None:
    """Blindness moves no cause: on a later stage that is known to be bad it stays beside it."""
    site = line("s1", "tx", p1=30)
    programme = site.plan.programmes[0]
    monitor = StagePlan("monitor", "own", Layer.CONTENT, Name("tx.ok"))
    behind = replace(programme, chain=(programme.chain[0], monitor))
    watch = Watch(replace(site, plan=replace(site.plan, programmes=(behind,)))).hold(20)
    watch.hold(10, s1="bad", tx="bad").hold(10, tx="bad", s1="silent")
    situation = watch.driver.situation
    place = Place("s1/sound", "stage", "", "sound")
    began = (T0 + 19 * SECOND, T0 + 20 * SECOND)
    claim = Claim(place, began, T0 + 20 * SECOND, 0)
    assert "s1/sound" not in causes_of(situation, behind, {})
    found = causes_of(situation, behind, {"s1/sound": claim})["s1/sound"]
    assert found == Cause(place, began, fell=began)


def test_the_begin_of_a_count_is_that_of_the_condition_that_decides() -> None:
    """Two of three: false with the second that fell; ``not`` turns the value round."""
    watch = Watch(line("s1", "s2", "tx", p1=30, p2=30)).hold(20)
    watch.hold(5, s1="bad").hold(5, s1="bad", s2="bad").hold(5, s1="bad", s2="bad", tx="bad")
    situation = watch.driver.situation
    names = tuple(Name(f"{each}.ok") for each in ("s1", "s2", "tx"))
    moments = [span_of(situation, name, value=False) for name in names]
    assert sorted(moments) == moments
    assert span_of(situation, AtLeast(2, names), value=False) == moments[1]
    assert span_of(situation, AnyOf(names), value=False) == moments[2]
    assert span_of(situation, Not(names[0]), value=True) == moments[0]
    assert span_of(situation, AtLeast(2, tuple(map(Not, names))), value=True) == moments[1]
    assert span_of(situation, Not(AnyOf(names[:2])), value=True) == moments[1]


def test_a_stage_is_explained_by_what_supplies_its_supply_and_by_nothing_beside() -> None:
    """The transmitter is behind a link, the link is fed by a panel, and the panel by the mains."""
    mains, panel, link, tx = (
        simple(name, Layer.EMISSION) for name in ("mains", "panel", "link", "tx")
    )
    devices = (
        mains,
        replace(panel, powered_by=("mains.ok",)),
        replace(link, powered_by=("panel.ok",)),
        replace(tx, behind=("link.ok",)),
    )
    on_air = programme("p1", needs("tx", Layer.EMISSION, "tx.ok"))
    watch = Watch(Site("far", Plan("hill", devices, (on_air,), PEOPLE), {}))
    explained = [
        is_explained_by(
            watch.driver.situation,
            on_air.chain[0],
            Place(f"{name}/x", "device", "", conditions=(f"{name}.ok",)),
        )
        for name in ("mains", "panel", "link", "tx")
    ]
    assert explained == [True, True, True, False]


def test_what_degrades_a_programme_is_found_on_the_stage_that_has_it() -> None:
    """Of several stages and several reasons the one that is true; none once it is over."""
    low = DegradedPlan(Name("b.low"), "reduced_power")
    other = DegradedPlan(Name("a.low"), "poor_quality")
    stage = reserve_site().plan.programmes[0].chain[0]
    first = StagePlan("first", "own", Layer.EMISSION, Name("a.sane"))
    changed = replace(stage, degraded=(other, low))
    plan = reserve_site().plan
    one = replace(plan.programmes[0], chain=(first, changed))
    site = replace(reserve_site(), plan=replace(plan, programmes=(one,)))
    watch = Watch(site).hold(20).hold(60, b="low").hold(60)
    (opened,) = [body for body in watch.bodies("incident_opened") if body["fault"] == "degraded"]
    assert opened["place"]["id"] == "b/tx"  # type: ignore[index]
    assert (opened["reason"], opened["place"]["kind"]) == ("reduced_power", "stage")  # type: ignore[index]


def test_a_report_alone_is_no_answer_of_the_site() -> None:
    """Answers of a device that no programme uses turn only its own conditions."""
    site = line("s1", "tx", p1=30)
    spare = simple("spare", Layer.EQUIPMENT)
    plan = replace(site.plan, devices=(*site.plan.devices, spare))
    site = replace(site, plan=plan, answers={**site.answers, "spare": OK})
    watch = Watch(site).hold(20)
    answer = Answer("spare", watch.at, watch.at + 10, (False,))
    events = watch.driver.tick([answer], watch.at + 10)
    assert [(event.kind, event.subject) for event in events] == [("condition_turned", "spare.ok")]


@pytest.mark.parametrize("loaded", [*permutations(("a/a", "b/b", "c/c"))])
def test_the_claims_of_an_outage_are_in_the_order_of_the_chain_however_they_were_loaded(
    loaded: tuple[str, ...],
) -> None:
    """Those that healed come behind those that last, the first proven first."""
    layers = zip("abc", (Layer.CONTENT, Layer.SERVICE, Layer.EMISSION), strict=True)
    devices = {name: simple(name, layer) for name, layer in layers}
    chain = [needs(name, one.conditions[0].layer, f"{name}.ok") for name, one in devices.items()]
    plan = Plan("hill", tuple(devices.values()), (programme("p", *chain),), PEOPLE)
    watch = Watch(Site("three", plan, dict.fromkeys(devices, OK))).hold(30)
    situation = watch.hold(5, c="bad").hold(5, c="bad", b="bad").driver.situation

    def ordered() -> list[str]:
        held = situation.durable.outages["p/off_air"]
        claims = {name: held.claims[name] for name in loaded if name in held.claims}
        held = replace(held, claims=claims)
        return [one.place.id for one in in_order(situation, situation.faults["p/off_air"], held)]

    assert ordered() == ["b/b", "c/c"]
    watch.hold(5, c="bad", b="bad", a="bad")
    assert ordered() == ["a/a", "b/b", "c/c"]
    watch.hold(5, c="bad")
    assert ordered() == ["c/c", "b/b", "a/a"]


@pytest.mark.parametrize("healed", ["a", "b"])
def test_a_cause_of_blindness_that_lasts_is_kept_beside_one_that_healed(healed: str) -> None:
    """In whatever order the two supplies are named: nobody else is asked for a cause."""
    other = {"a": "b", "b": "a"}[healed]
    feeds = [simple(name, Layer.EQUIPMENT) for name in "ab"]
    fed = [replace(simple(f"t{n}", Layer.EMISSION), powered_by=(f"{n}.ok",)) for n in "ab"]
    chain = [needs(one.id, Layer.EMISSION, f"{one.id}.ok") for one in fed]
    plan = Plan("hill", (*feeds, *fed), (programme("p", *chain),), PEOPLE)
    watch = Watch(Site("fed", plan, dict.fromkeys(["a", "b", "ta", "tb"], OK))).hold(20)
    watch.hold(80, ta="silent", tb="silent", **{other: "bad"})
    situation = watch.driver.situation
    (held,) = [one for name, one in situation.durable.outages.items() if name == "p/blind"]
    places = {name: Place(f"{name}/ok", "feed", conditions=(f"{name}.ok",)) for name in "ab"}
    claims = {f"{name}/ok": Claim(places[name], held.began, held.proof, 0) for name in "ab"}
    claims[f"{healed}/ok"].healed = held.proof
    cause = fault_cause(situation, situation.faults["p/blind"], replace(held, claims=claims))
    assert cause is not None
    assert cause.place == places[other]
