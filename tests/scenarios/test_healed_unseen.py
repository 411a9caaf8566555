"""A cause that is good again while its programme is not seen. Times count from 02:00:00."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import MUX, SOUND, TX, encoded
from tests.support.seam import Site


@pytest.mark.parametrize("mux", ["good", "no_answer"])
def test_a_cause_heals_while_the_programme_is_not_seen(mux: str) -> None:
    """The multiplexer was good again before the transmitter, which nobody saw, is found off."""
    log = DutyLog(encoded(MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:02:30", tx="no_answer")
    log.then("02:03:00", mux="good").then("02:04:00", mux=mux)
    log.then("02:06:00", tx="tripped").then("02:08:00", tx="good", mux="good")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened mux/services p1 3
        02:06:00..02:06:02 duty revised tx/power p1 80-260
        02:08:30..02:08:31 duty recovered tx/power p1 200-380 good
        """,
        "p1",
    )


@pytest.mark.parametrize("feed", ["good", "no_answer"])
@pytest.mark.parametrize("declared", ["powered_by", "behind", "mutes_on_input"])
def test_what_explained_a_stage_heals_while_the_programme_is_not_seen(
    declared: str, feed: str
) -> None:
    """What fails minutes behind the mains is no consequence of them, seen or not."""
    devices = f"""
    feed: {{kind: feed}}
    mux: {{kind: mux}}
    tx: {{kind: transmitter, {declared}: feed.mains}}
    """
    site = station(devices, f"p1: {{name: 一套, chain: [{MUX}, {TX}]}}")
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:01:40", feed="off", tx="standby").then("02:02:30", tx="no_answer")
    log.then("02:03:00", feed="good").then("02:04:00", feed=feed)
    log.then("02:06:00", mux="dead").then("02:08:00", tx="good", mux="good", feed="good")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened feed/mains p1 3
        02:06:00..02:06:02 duty revised mux/services p1 50-260
        02:08:30..02:08:31 duty recovered mux/services p1 170-380 good
        """,
        "p1",
    )


@pytest.mark.parametrize("shown", ["p2", ""])
def test_a_programme_that_is_not_seen_leaves_no_cause_with_those_that_are(shown: str) -> None:
    """Nothing proves that the multiplexer has it now: both healed while nobody saw it."""
    devices = "coder: {kind: mux}\nmux: {kind: mux}\ntx: {kind: transmitter}\nd: {kind: detector}"
    services = "{stage: input, owner: own, needs: coder.s1}"
    chain = f"chain: [{SOUND.replace('studio', 'd')}, {MUX}, {TX}]"
    second = f"p2: {{name: 二套, chain: [{services}, {TX}]}}" if shown else ""
    log = DutyLog(
        station(devices, f"p1: {{name: 一套, {chain}}}\n{second}"),
        begins="02:00:00",
        answers=SECOND,
    )
    log.then("02:01:40", d="no_answer").then("02:02:00", tx="tripped")
    log.then("02:02:05", mux="dead").then("02:02:10", tx="good", mux="good", coder="dead")
    log.until("02:05:00")
    held = log.driver.situation.durable.outages["p1/off_air"]
    assert sorted(held.claims) == ["mux/services", "tx/power"]


@pytest.mark.parametrize("is_supply", [False, True])
def test_a_place_that_a_reload_took_away_has_not_healed(is_supply: bool) -> None:
    """Nobody saw it good: it had the outage up to the reload, and the next cause has the rest."""
    devices = "feed: {kind: feed}\nstudio: {kind: detector}\nmux: {kind: mux}\n"
    tx, supplied = "tx: {kind: transmitter}", "tx: {kind: transmitter, powered_by: feed.mains}"
    if is_supply:
        before, after = reloaded(devices + supplied, MUX, TX), reloaded(devices + tx, MUX)
    else:
        before, after = reloaded(devices + tx, SOUND, MUX, TX), reloaded(devices + tx, MUX, TX)
    log = DutyLog(before, begins="02:00:00", answers=SECOND).until("02:01:40")
    log.becomes(**({"feed": "off", "tx": "standby"} if is_supply else {"studio": "silent"}))
    log.then("02:02:00", mux="dead").until("02:05:00").reload(after)
    log.then("02:08:00", mux="good", tx="good", feed="good").until("02:10:00")
    (ended,) = log.ended()
    gone = "feed/mains" if is_supply else "studio/sound"
    spans = [(place, clock_of(to)[:5]) for _, to, place, _ in ended["owners"]]
    assert spans == [(gone, "02:05"), ("mux/services", "02:08")]


def reloaded(devices: str, *chain: str) -> Site:
    """Return one programme of this chain."""
    return station(devices, f"p1: {{name: 一套, chain: [{', '.join(chain)}]}}")
