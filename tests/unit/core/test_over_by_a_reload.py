"""What a reload alone ends: at once, as reconfigured, and never what it leaves as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from monitord.core.expression import Name, Not
from monitord.core.model import SECOND, Layer
from monitord.core.plan import ProgrammePlan, WitnessPlan
from tests.support.seam import (
    T0,
    TRANSMITTER_ANSWERS,
    Site,
    Watch,
    condition,
    device,
    fm_site,
    needs,
    programme,
    reserve_site,
    transmitter,
)


def test_an_outage_that_a_reload_ends_keeps_the_seconds_that_the_last_answers_proved() -> None:
    """From its first bad answer to its last; what lies around them may have been off air too."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    first, last = T0 + 30 * SECOND, T0 + 39 * SECOND
    studio = programme("talk", needs("studio", Layer.CONTENT, "io.sound"))
    watch.driver.reload(replace(watch.driver.plan, programmes=(studio,)), last + 2 * SECOND)
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]
    answered = first + 10_000
    assert (ended["began"], ended["ended"]) == ([first - SECOND, answered], [last + 2 * SECOND] * 2)
    assert ended["figures"] == {
        "least": last - answered,
        "most_seen": 12 * SECOND,
        "most": 12 * SECOND,
    }


def witnessed_site() -> Site:
    """Return the FM programme with a receiver on the roof, which has a reference channel."""
    site = fm_site()
    hears = condition("roof.hears", Layer.EMISSION, "no_carrier", Name("carrier"))
    reference = condition("roof.reference", Layer.EQUIPMENT, "reference", Name("other"))
    roof = device("roof", ("carrier", "other"), hears, reference)
    witness = WitnessPlan("roof", Layer.EMISSION, Name(hears.id), Name(reference.id))
    fm = replace(site.plan.programmes[0], witnesses=(witness,))
    plan = replace(site.plan, devices=(*site.plan.devices, roof), programmes=(fm,))
    answers = {"roof": {"good": (True, True), "bad": (False, True)}}
    return replace(site, plan=plan, answers={**site.answers, **answers})


def other_spares(before: ProgrammePlan) -> ProgrammePlan:
    """Return a programme whose reserves are ready where they were not, and the other way round."""
    last = before.chain[-1]
    spares = tuple(replace(one, ready=one.ready and Not(one.ready)) for one in last.members)
    return replace(before, chain=(replace(last, members=spares),))


def without_witness(before: ProgrammePlan) -> ProgrammePlan:
    return replace(before, witnesses=())


Change = Callable[[ProgrammePlan], ProgrammePlan]
OVER_BY_A_RELOAD: Mapping[str, tuple[Callable[[], Site], dict[str, str], Change]] = {
    "reserve_lost/tx": (reserve_site, {"b": "bad"}, other_spares),
    "disputed": (witnessed_site, {"roof": "bad"}, without_witness),
    "suspected": (witnessed_site, {"fm1": "silent", "roof": "bad"}, without_witness),
}


@pytest.mark.parametrize("fault", OVER_BY_A_RELOAD)
def test_what_is_over_by_a_reload_alone_ends_as_reconfigured(fault: str) -> None:
    """No fault that a reload makes good has recovered: its people have word of the reload."""
    build, states, change = OVER_BY_A_RELOAD[fault]
    watch = Watch(build()).hold(30).hold(90, **states)
    (before,) = watch.driver.plan.programmes
    assert f"{before.id}/{fault}" in watch.driver.situation.durable.outages
    after = replace(watch.driver.plan, programmes=(change(before),))
    watch.driver.reload(after, watch.driver.now + 1)
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == fault]
    (closed,) = [b for b in watch.bodies("incident_closed") if b["subject"] == ended["incident"]]
    assert ended["how"] == closed["how"] == "reconfigured"


@pytest.mark.parametrize("other", ["good", "absent"])
def test_a_suspicion_ends_where_a_reload_rests_the_chain_on_what_is_seen(other: str) -> None:
    """A witness contradicts it: that is a dispute. Where it is not seen either, nothing ends."""
    site = witnessed_site()
    plan = replace(site.plan, devices=(*site.plan.devices, transmitter("fm2")))
    watch = Watch(replace(site, plan=plan, answers={**site.answers, "fm2": TRANSMITTER_ANSWERS}))
    watch.hold(30, fm2=other).hold(90, fm1="silent", roof="bad", fm2=other)
    (fm,) = plan.programmes
    chain = (fm.chain[0], needs("tx", Layer.EMISSION, "fm2.radiating"))
    programmes = (replace(fm, chain=chain),)
    watch.driver.reload(replace(plan, programmes=programmes), watch.driver.now + 1)
    ended = [body["how"] for body in watch.bodies("outage_ended") if body["fault"] == "suspected"]
    assert ended == (["reconfigured"] if other == "good" else [])


@pytest.mark.parametrize(("roof", "brings"), [("good", True), ("bad", True), ("bad", False)])
def test_an_outage_that_is_not_seen_goes_on_where_a_reload_brings_or_takes_a_witness(
    roof: str, *, brings: bool
) -> None:
    """It ends at once where the new witness receives the programme; nothing else shows it good."""
    site = witnessed_site()
    (with_one,) = site.plan.programmes
    before, after = without_witness(with_one), with_one
    if not brings:
        before, after = after, before
    plan = replace(site.plan, programmes=(before,))
    watch = Watch(replace(site, plan=plan)).hold(30).hold(20, fm1="bad", roof="bad")
    watch.hold(20, fm1="silent", roof=roof)
    assert "fm/off_air" in watch.driver.situation.durable.outages
    watch.driver.reload(replace(plan, programmes=(after,)), watch.driver.now + 1)
    ended = [body["how"] for body in watch.bodies("outage_ended") if body["fault"] == "off_air"]
    assert ended == (["reconfigured"] if roof == "good" else [])
