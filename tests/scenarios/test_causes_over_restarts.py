"""Causes that are seen on both sides of a restart: the stop hid which of two fell first."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from monitord.core.plan import Plan
from monitord.core.values import Layer
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import PEOPLE, SOUND_ANSWERS, Site, Watch, needs, programme, sound, told


def line(*, supplied: bool = False) -> Site:
    """Return a line of two detectors; ``supplied``: the second is powered by what the first is."""
    first, last = sound("in"), sound("out")
    chain = (needs("input", Layer.CONTENT, "in.sound"), needs("output", Layer.CONTENT, "out.sound"))
    if supplied:
        last = replace(last, powered_by=("in.sound",))
        chain = chain[1:]
    plan = Plan("hill", (first, last), (programme("fm", *chain),), PEOPLE)
    return Site("fm", plan, {"in": SOUND_ANSWERS, "out": SOUND_ANSWERS})


def places(watch: Watch) -> list[str]:
    """Return where the open outages broke, by the claims that were not left."""
    held = watch.driver.situation.durable.outages["fm/off_air"].claims
    return list(held)


@pytest.mark.parametrize(("supplied", "place"), [(False, "in/input"), (True, "in/sound")])
def test_what_fell_unseen_around_a_stop_explains_what_was_seen_just_before_it(
    supplied: bool, place: str
) -> None:
    """The input was asked half a second before both fell, and then by the next run alone."""
    watch = Watch(line(supplied=supplied)).hold(30).hold(1, out="bad")
    watch.restart(2).hold(20, **{"in": "bad", "out": "bad"})
    assert places(watch) == [place]
    watch.hold(120)
    assert told(watch.driver.events, "desk")[0][1] == "opened"
    assert len(told(watch.driver.events, "desk")) == 2


def test_what_fell_long_before_a_stop_keeps_its_cause() -> None:
    """The input was seen good for half a minute of the outage: it did not cause it."""
    watch = Watch(line()).hold(30).hold(30, out="bad")
    watch.restart(2).hold(20, **{"in": "bad", "out": "bad"})
    assert places(watch) == ["out/output", "in/input"]


def test_a_device_that_does_not_answer_at_first_may_have_fallen_in_our_absence() -> None:
    """It was not seen since our stop: that its first read fails is no later begin of that."""
    devices = "enc: {kind: link}\nmux: {kind: mux}"
    chain = (
        "[{stage: encoder, owner: own, needs: enc.locked}, {stage: mux, owner: own, needs: mux.s1}]"
    )
    log = DutyLog(station(devices, f"m1: {{name: 一套, chain: {chain}}}"), begins="02:00:00")
    log.until("02:10:00").power_cut("02:10:40").becomes(enc="no_answer", mux="dead")
    log.until("02:10:42.5").becomes(enc="down").until("02:15:00")
    assert {message.place for message in log.messages()} == {"enc/encoder"}


def test_a_contradiction_goes_on_over_a_restart() -> None:
    """What monitord has not asked yet ends none: no message of its end, or of another."""
    site = station(
        "tx: {kind: transmitter}\nroof: {kind: receiver}",
        "fm:\n  name: 调频\n  chain: [{stage: transmitter, owner: own, needs: tx.radiating}]\n"
        "  witnesses: [{id: roof, needs: roof.hears}]",
    )
    log = DutyLog(site, begins="02:00:00").then("02:10:00", roof="iced").until("02:12:00")
    log.power_cut("02:12:30").until("02:20:00")
    assert "recovered" not in [line.event for line in log.told("duty")]
    log.then("02:30:00", roof="good").until("02:35:00")
    assert [line.event for line in log.told("duty")].count("recovered") == 1
    began = [event.subject for event in log.driver.events if event.kind == "outage_began"]
    assert began.count("fm/disputed") == 1


def test_a_silent_site_is_silent_over_a_restart() -> None:
    """The first device that does not answer says nothing of those that were not asked yet."""
    devices = dict.fromkeys(("tx", "roof", "yard"), "no_answer")
    site = station(
        "tx: {kind: transmitter}\nroof: {kind: receiver}\nyard: {kind: receiver}",
        "fm:\n  name: 调频\n  chain: [{stage: transmitter, owner: own, needs: tx.radiating}]\n",
    )
    log = DutyLog(site, begins="02:00:00").then("02:10:00", **devices).until("02:12:00")
    log.power_cut("02:12:30").until("02:20:00")
    ended = [json.loads(e.body) for e in log.driver.events if e.kind == "outage_ended"]
    assert [body for body in ended if body["fault"] == "site_silent"] == []
