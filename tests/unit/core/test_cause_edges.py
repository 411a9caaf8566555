"""Causes at further edges: layers by themselves, claims that began before, what is good behind."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from monitord.core.causes import Cause, causes_of, climb
from monitord.core.claims import fresh_causes
from monitord.core.expression import Kind, Name
from monitord.core.fault_causes import fault_cause
from monitord.core.fault_plans import Fault, Sort
from monitord.core.faults import is_over_by
from monitord.core.healing import good_since, kind_there, leaves
from monitord.core.incident_state import Claim, Outage, Place
from monitord.core.model import SECOND, Layer
from monitord.core.moments import span_of
from monitord.core.plan import Plan
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
)

OK = {"good": (True,), "bad": (False,)}


def chain(**layers: Layer) -> Site:
    """Return one programme ``p`` whose stages are these devices, each in its layer."""
    devices = [
        device(name, ("ok",), condition(f"{name}.ok", layer, f"{name}_bad", Name("ok")))
        for name, layer in layers.items()
    ]
    stages = [needs(name, layer, f"{name}.ok") for name, layer in layers.items()]
    plan = Plan("hill", tuple(devices), (programme("p", *stages),), PEOPLE)
    return Site("chain", plan, dict.fromkeys(layers, OK))


LAYERS = chain(a=Layer.SERVICE, b=Layer.CONTENT, c=Layer.EMISSION, d=Layer.EQUIPMENT)
ONE_LAYER = chain(tx=Layer.EMISSION, m1=Layer.EMISSION, m2=Layer.EMISSION)


@pytest.mark.parametrize("bad", list(product((False, True), repeat=4)))
def test_each_layer_has_its_own_cause(bad: tuple[bool, ...]) -> None:
    """What is good behind it in another layer proves nothing of it, and is explained by nothing."""
    states = {name: "bad" for name, is_bad in zip("abcd", bad, strict=True) if is_bad}
    situation = Watch(LAYERS).hold(4).hold(4, **states).driver.situation
    found = causes_of(situation, situation.programmes["p"].plan, {})
    assert list(found) == [f"{name}/{name}" for name in states]


def test_a_parent_that_was_claimed_before_began_then() -> None:
    """It is seen to fall behind the place; nobody has seen it good since it was claimed."""
    watch = Watch(plant_site()).hold(20).hold(10, tx1="bad").hold(20, tx1="bad", feed="bad")
    situation = watch.driver.situation
    place = Place("tx1/tx", "stage", "no_carrier", "tx")
    began = span_of(situation, Name("tx1.radiating"), value=False)
    feed = Place("feed/mains", "feed", "mains", conditions=("feed.mains",))
    for at, healed, expected in (
        (T0 + 15 * SECOND, None, "feed/mains"),
        (began[1], None, "feed/mains"),
        (began[1] + 1, None, "tx1/tx"),
        (T0 + 15 * SECOND, T0 + 16 * SECOND, "tx1/tx"),
    ):
        claims = {"feed/mains": Claim(feed, (at, at), at, at, healed=healed)}
        assert climb(situation, place, began, claims).place.id == expected
    claims = {"other/mains": Claim(feed, (T0, T0), T0, T0)}
    assert climb(situation, place, began, claims).place.id == "tx1/tx"


FEED = Place("feed/mains", "feed", "mains", conditions=("feed.mains",))
MUX = Place("mux/mux", "stage", "service_missing", "mux", "own", ("mux.one",))
STUDIO = Place("tx1/tx", "stage", "no_carrier", "tx", "own", ("tx1.radiating",))


def is_fresh(cause: Cause, place: Place, healed_ago: int | None, *more: str) -> bool:
    """Return whether a cause is new beside a claim that healed so long before now, or did not.

    The run began at ``T0``; nothing was absent later. ``more``: claimed places.
    """
    situation = Watch(plant_site()).hold(4).driver.situation
    situation.absent_from = T0
    fault = situation.faults["one/off_air"]
    healed = None if healed_ago is None else situation.clock - healed_ago
    claims = {place.id: Claim(place, (1, 1), 1, 1, healed=healed)}
    claims |= {name: Claim(cause.place, (1, 1), 1, 1) for name in more}
    held = Outage("1-1", (1, 1), 1, "", "", "", [], claims)
    return fresh_causes(situation, fault, held, {cause.place.id: cause}) == [cause]


def test_what_fell_while_another_cause_was_bad_is_no_new_cause() -> None:
    """Up to the moment at which the other one was good; while it clears, and no longer."""
    situation = Watch(plant_site()).hold(4).driver.situation
    now, clear = situation.clock, OFF_AIR.clear_after
    for fell, ago, expected in (
        ((now - 9, now - 5), 5, False),
        ((now - 9, now - 4), 5, True),
        ((now - 9, now - clear), clear - 1, False),
        ((now - 9, now - clear), clear, True),
        ((now - 9, now - 5), None, True),
    ):
        assert is_fresh(Cause(STUDIO, fell), MUX, ago) is expected
        assert is_fresh(Cause(STUDIO, (1, 1), fell), MUX, ago) is expected
        assert not is_fresh(Cause(STUDIO, fell), MUX, ago, STUDIO.id)


def test_what_a_supply_explains_may_have_fallen_with_it() -> None:
    """Where it did not certainly fall later; a stage that it does not supply fell by itself."""
    now = Watch(plant_site()).hold(4).driver.situation.clock
    for fell, expected in (
        ((now - 5, now), False),
        ((now - 4, now), True),
        ((T0, now), False),
    ):
        assert is_fresh(Cause(STUDIO, fell), FEED, 5) is expected
        assert is_fresh(Cause(MUX, fell), FEED, 5)
        assert is_fresh(Cause(FEED, fell), MUX, 5), "what is in no stage is explained by none"
    assert not is_fresh(Cause(STUDIO, (T0, now)), FEED, now - T0 + 9), "we were absent then"
    assert is_fresh(Cause(STUDIO, (T0 + 1, now)), FEED, now - T0 + 9)


# -- healing -----------------------------------------------------------------------------------

TX = Place("tx/tx", "stage", "tx_bad", "tx", "own", ("tx.ok",))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, Kind.TRUE),
        ({"tx": "bad", "m1": "bad", "m2": "bad"}, Kind.FALSE),
        ({"tx": "bad", "m1": "bad"}, Kind.TRUE),
        ({"tx": "bad", "m2": "bad"}, Kind.TRUE),
        ({"tx": "bad", "m1": "silent", "m2": "bad"}, Kind.FALSE),
        ({"tx": "silent", "m1": "bad", "m2": "bad"}, Kind.BLIND),
    ],
)
def test_a_stage_is_good_where_it_or_one_behind_it_is(
    states: dict[str, str], expected: Kind
) -> None:
    """It leaves the outage at once only where it is bad and another cause explains it."""
    situation = Watch(ONE_LAYER).hold(4).hold(6, **states).driver.situation
    fault = situation.faults["p/off_air"]
    assert kind_there(situation, fault, TX) is expected
    claim = Claim(TX, (T0, T0), T0, T0)
    assert leaves(situation, fault, claim, {}) is (expected is Kind.FALSE)
    assert not leaves(situation, fault, replace(claim, place=replace(TX, stage="")), {})


def test_a_cause_leaves_once_it_was_good_for_its_clearing_time() -> None:
    """Not a moment before, and not while it is a cause."""
    situation = Watch(ONE_LAYER).hold(40).driver.situation
    fault = situation.faults["p/off_air"]
    for ago, expected in ((fault.clear_after, True), (fault.clear_after - 1, False)):
        claim = Claim(TX, (T0, T0), T0, T0, healed=situation.clock - ago)
        assert leaves(situation, fault, claim, {}) is expected
    cause = climb(situation, TX, (T0, T0), {})
    claim = Claim(TX, (T0, T0), T0, T0, healed=T0)
    assert not leaves(situation, fault, claim, {"tx/tx": cause})


def test_a_cause_is_good_since_the_first_stage_behind_it_was() -> None:
    """One is enough; never before it was claimed, and never later than now."""
    watch = Watch(ONE_LAYER).hold(4).hold(4, tx="bad", m1="bad", m2="bad")
    watch.hold(4, tx="bad", m2="bad").hold(4, tx="bad")
    situation = watch.driver.situation
    fault = situation.faults["p/off_air"]
    first, second = (span_of(situation, Name(f"{name}.ok"), value=True)[1] for name in ("m1", "m2"))
    assert first < second
    for proof, expected in ((T0, first), (first + 1, first + 1), (situation.clock + 1, None)):
        claim = Claim(TX, (T0, T0), proof, T0)
        assert good_since(situation, fault, claim) == (expected or situation.clock)
    watch.hold(4)
    own = span_of(situation, Name("tx.ok"), value=True)[1]
    assert own > second
    assert good_since(situation, fault, Claim(TX, (T0, T0), T0, T0)) == own


# -- what is over ------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [3, 40])
def test_an_outage_is_over_by_the_last_answers_alone_behind_all_that_is_known(bad: int) -> None:
    """Behind its proof, and behind what the ledger has settled, whichever is later."""
    watch = Watch(fm_site()).hold(30).hold(bad, fm1="bad").hold(1)
    situation = watch.driver.situation
    fault = situation.faults["fm/off_air"]
    proven = situation.durable.programmes["fm"].proven
    assert proven is not None
    settled_to = situation.programmes["fm"].settled_to
    assert (proven.not_after < settled_to) is (bad == 40)
    known_to = max(proven.not_after, settled_to)
    assert not is_over_by(situation, fault, known_to)
    assert is_over_by(situation, fault, known_to + 1)
    watch.hold(1, fm1="bad")
    assert not is_over_by(situation, fault, watch.driver.now + SECOND)


def silence_of(device: str, began: tuple[int, int]) -> tuple[Fault, Outage]:
    """Return the silence of a device, and that it began in this interval."""
    fault = Fault(
        f"/silent/{device}", "", f"silent/{device}", Sort.SILENT, device, "minor", 0, 0, 0
    )
    return fault, Outage("1-1", began, began[1], "timeout", "", "", [])


@pytest.mark.parametrize(("later", "place"), [(0, "io/silent"), (-1, "fm1/silent")])
def test_a_link_explains_a_silence_that_began_with_its_own_last_answer(
    later: int, place: str
) -> None:
    """What fell silent before that fell while the link still answered."""
    site = fm_site()
    tx, link = site.plan.devices
    plan = replace(site.plan, devices=(replace(tx, behind=("io.sound",)), link))
    watch = Watch(replace(site, plan=plan)).hold(10).hold(5, fm1="silent", io="silent")
    situation = watch.driver.situation
    answered_at = situation.devices["io"].answered_at
    assert answered_at is not None
    found = fault_cause(situation, *silence_of("fm1", (T0, answered_at + later)))
    assert found is not None
    assert found.place.id == place


def test_a_device_fell_silent_with_a_programme_where_their_intervals_touch() -> None:
    """A moment earlier or later it is certain that they fell one after the other."""
    watch = Watch(fm_site()).hold(20).hold(70, fm1="silent")
    situation = watch.driver.situation
    lost = situation.durable.outages["fm/blind"]
    assert list(lost.claims) == ["fm1/silent"]
    lines = [line for name, line in situation.timelines.items() if name.startswith("fm1.")]
    fell, overdue = lost.began[0], max(line.last_after + line.bound for line in lines) + 1
    assert fell < overdue < lost.proof
    places = []
    for began in ((0, fell - 1), (0, fell), (overdue, overdue), (overdue + 1, overdue + 1)):
        found = fault_cause(situation, *silence_of("io", began))
        places.append(None if found is None else found.place.id)
    assert places == ["io/silent", "fm1/silent", "fm1/silent", "io/silent"]
