"""Readings that one more must confirm: what an implausible value may do at night, and may not."""

from __future__ import annotations

import json
from typing import Any

from monitord.core.model import SECOND, Layer
from monitord.core.suspicions import sign_of
from monitord.core.view import suspects
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site


def fm() -> Site:
    """Return one programme on one transmitter."""
    return station(
        "tx: {kind: transmitter}",
        """
        fm:
          name: 调频
          chain: [{stage: transmitter, owner: own, needs: tx.radiating}]
        """,
    )


def spans(log: DutyLog) -> list[dict[str, Any]]:
    """Return what was left to be settled."""
    return [json.loads(e.body) for e in log.driver.events if e.kind == "suspicion_found"]


def off_air(log: DutyLog) -> list[str]:
    return [f"{line.at} {line.event}" for line in log.told("duty") if line.reason == "no_carrier"]


def test_one_implausible_no_power_wakes_nobody() -> None:
    """The next answer says otherwise: two seconds are undetermined, and nothing is off air."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:10:00.5")
    # The device is asked again at once.
    assert suspects(log.driver.situation) == {"tx"}
    log.doubted("tx", doubted=False).becomes(tx="good").until("02:20:00")
    seconds = log.seconds("fm")
    assert (off_air(log), seconds["between"]) == ([], 2)
    assert "off_air" not in seconds


def test_no_power_that_stays_implausible_is_an_outage_from_the_first_reading_on() -> None:
    """Plausibility never excuses: the second reading proves it, and the first one dates it."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:15:00").doubted("tx", doubted=False).becomes(tx="good").until("02:20:00")
    assert off_air(log) == ["02:10:04 opened", "02:15:30 recovered"]
    assert log.outages() == [("no_carrier", "02:10:00", "02:15:00")]


def test_implausible_power_ends_no_outage_and_hides_none() -> None:
    """A dead sensor that reads far too much proves no power: the programme is not seen."""
    log = DutyLog(fm(), begins="02:00:00").then("02:10:00", tx="tripped").until("02:12:00")
    log.becomes(tx="good").doubted("tx").until("02:14:00")
    assert off_air(log) == ["02:10:03 opened"]
    log.doubted("tx", doubted=False).until("02:20:00")
    # The first plausible reading ends it, by itself.
    assert log.outages() == [("no_carrier", "02:10:00", "02:14:00")]


def test_one_implausible_reading_of_power_dates_no_end_of_an_outage() -> None:
    """The transmitter comes back just behind it: what it said by chance was not so yet."""
    log = DutyLog(fm(), begins="02:00:00").then("02:10:00", tx="tripped").until("02:12:00")
    log.becomes(tx="good").doubted("tx").until("02:12:00.5")
    log.becomes(tx="tripped").doubted("tx", doubted=False).then("02:12:00.9", tx="good")
    assert log.until("02:20:00").outages() == [("no_carrier", "02:10:00", "02:12:01")]


def lost(log: DutyLog) -> DutyLog:
    """The transmitter gives one implausible answer without power, and then none for a minute."""
    log.until("02:10:00").doubted("tx").becomes(tx="tripped").until("02:10:00.5")
    log.doubted("tx", doubted=False).becomes(tx="no_answer").until("02:11:00")
    return log.becomes(tx="good").until("02:20:00")


def test_a_last_reading_without_power_before_silence_is_a_suspected_outage() -> None:
    """Nobody could confirm it, and nobody has taken it back: it rings as an outage would."""
    log = lost(DutyLog(fm(), begins="02:00:00"))
    (opened, recovered) = [line for line in log.told("duty") if line.reason == "doubted"]
    assert (opened.event, recovered.event) == ("opened", "recovered")
    assert "02:10:05" <= opened.at <= "02:10:07"
    first = log.alerts()[0]
    assert (first["severity"], first["cause"]["place"]) == ("critical", "tx/doubted")
    (span,) = spans(log)
    assert (span["sort"], span["evidence"]) == ("doubted", {"conditions": "tx.radiating"})
    assert "off_air" not in log.seconds("fm")


def test_two_last_readings_without_power_are_both_named() -> None:
    """The programme needs both; a receiver that received through knows that they were on."""
    chain = "chain: [{stage: transmitter, owner: own, needs: tx.radiating and tx2.radiating}]"
    devices = "tx: {kind: transmitter}\ntx2: {kind: transmitter}\nroof: {kind: receiver}"
    witness = "\n  witnesses: [{id: roof, needs: roof.hears}]"
    both = [("doubted", {"conditions": "tx.radiating+tx2.radiating"})]
    for extra, found in (("", both), (witness, [])):
        site = station(devices, f"fm:\n  name: 调频\n  {chain}{extra}")
        log = DutyLog(site, begins="02:00:00").until("02:10:00").doubted("tx").doubted("tx2")
        log.becomes(tx="tripped", tx2="tripped").until("02:10:00.5")
        log.doubted("tx", doubted=False).doubted("tx2", doubted=False)
        log.becomes(tx="no_answer", tx2="no_answer").until("02:11:00")
        log.becomes(tx="good", tx2="good").until("02:20:00")
        assert [(span["sort"], span["evidence"]) for span in spans(log)] == found


def test_the_sign_of_two_last_readings_has_their_devices_and_layers() -> None:
    """The place is of both, in order of their names, with the reason of the first."""
    chain = "chain: [{stage: transmitter, owner: own, needs: tx2.radiating and tx1.radiating}]"
    devices = "tx1: {kind: transmitter}\ntx2: {kind: transmitter}"
    log = DutyLog(station(devices, f"fm:\n  name: 调频\n  {chain}"), begins="02:00:00")
    log.until("02:10:00").doubted("tx1").doubted("tx2").becomes(tx1="tripped", tx2="tripped")
    log.until("02:10:00.5").doubted("tx1", doubted=False).doubted("tx2", doubted=False)
    begin = log.driver.now - 2 * SECOND
    log.becomes(tx1="no_answer", tx2="no_answer").until("02:10:10")
    situation = log.driver.situation
    sign = sign_of(situation, log.site.plan.programmes[0], begin, log.driver.now)
    assert sign is not None
    assert (sorted(sign.devices), sign.layers) == (["tx1", "tx2"], (Layer.EMISSION,))
    place = sign.place
    assert (place.id, place.kind, place.reason) == ("tx1+tx2/doubted", "device", "no_carrier")
    assert sorted(place.conditions) == ["tx1.radiating", "tx2.radiating"]


def test_a_last_reading_with_power_before_silence_is_no_suspicion() -> None:
    """It is monitoring that was lost, and no sign of an outage."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").until("02:10:00.5")
    log.doubted("tx", doubted=False).becomes(tx="no_answer").until("02:11:00")
    log.becomes(tx="good").until("02:20:00")
    assert [line for line in log.told("duty") if line.reason == "doubted"] == []
    assert spans(log) == []


def test_a_last_reading_that_was_taken_back_before_silence_is_no_suspicion() -> None:
    """The answer behind it was good."""
    log = DutyLog(fm(), begins="02:00:00").until("02:10:00").doubted("tx").becomes(tx="tripped")
    log.until("02:10:00.5").doubted("tx", doubted=False).becomes(tx="good")
    log.then("02:10:03", tx="no_answer").then("02:11:00", tx="good").until("02:20:00")
    assert spans(log) == []


def test_an_answer_that_a_younger_one_overtook_heals_no_cause() -> None:
    """It was asked before the encoder fell: what the younger answer showed is not taken back."""
    devices = "enc: {kind: link}\nmux: {kind: mux}"
    chain = (
        "[{stage: encoder, owner: own, needs: enc.locked}, {stage: mux, owner: own, needs: mux.s1}]"
    )
    log = DutyLog(station(devices, f"m1: {{name: 一套, chain: {chain}}}"), begins="02:00:00")
    log.then("02:10:00", enc="down").then("02:10:00.5", mux="dead").until("02:10:03")
    log.late_answer("enc", "good", "02:09:59.5", "02:10:03.5").until("02:11:00")
    assert {message.place for message in log.messages()} == {"enc/encoder"}


def test_an_answer_that_a_younger_one_overtook_ends_and_begins_no_outage() -> None:
    """It shows what was before the younger one; the end is dated by what was asked later."""
    log = DutyLog(fm(), begins="02:00:00").then("02:10:00", tx="tripped").until("02:10:00.5")
    log.late_answer("tx", "good", "02:09:59.5", "02:10:00.6").until("02:10:00.7")
    log.becomes(tx="good").until("02:15:00")
    assert log.outages() == [("no_carrier", "02:10:00", "02:10:01")]
    log.then("02:20:00", tx="tripped").then("02:25:00", tx="good").until("02:25:00.5")
    log.late_answer("tx", "tripped", "02:24:59.5", "02:25:00.6").until("02:30:00")
    assert log.outages()[1:] == [("no_carrier", "02:20:00", "02:25:01")]
    assert off_air(log)[1:] == ["02:20:02 opened", "02:25:31 recovered"]
