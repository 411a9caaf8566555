"""Suspicions that later evidence disproves: withdrawn, with the evidence named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitord.core.decision_bodies import Settle
from monitord.core.model import SECOND, Answer, Decision
from tests.scenarios.dutylog import DutyLog, wall_of
from tests.scenarios.sites import station
from tests.scenarios.test_suspicions import CHAIN, COUNTS, fed, spans, suspected
from tests.support.seam import OFFSET, Site

TWO_LAYERS = """
fm:
  name: 调频
  chain:
    - {stage: sound, owner: own, needs: studio.sound}
    - {stage: transmitter, owner: own, needs: tx.radiating}
  witnesses: [{id: roof, needs: roof.hears, healthy: roof.reference}]
"""


def refuted(log: DutyLog) -> list[dict[str, Any]]:
    """Return every suspicion that was refuted."""
    events = [e for e in log.driver.events if e.kind == "suspicion_refuted"]
    return [json.loads(e.body) | {"span": e.subject} for e in events]


def once_short(log: DutyLog) -> DutyLog:
    """Let the transmitter be silent, and its first answer after it have a running time of 5 s."""
    log.becomes(tx="no_answer").until("02:10:40")
    at = wall_of("02:10:40.2") - OFFSET
    values = tuple(5.0 if v is None else v for v in log.site.answers["tx"]["good"])
    return log.give(Answer("tx", at - SECOND // 10, at, values)).becomes(tx="good")


def test_one_wrong_running_time_is_withdrawn_by_the_next_answer() -> None:
    """The second answer says that the equipment ran all the time: nobody was rung, nobody is."""
    log = once_short(DutyLog(fed(), begins="02:00:00").until("02:10:00")).until("02:20:00")
    (span,) = spans(log)
    (end,) = refuted(log)
    assert (end["by"], end["seconds"]) == ("tx.up", span["seconds"])
    assert log.driver.situation.durable.unsettled["fm"].count == 0
    assert log.driver.situation.durable.incidents == {}
    assert suspected(log) == []
    assert not log.driver.situation.devices["tx"].doubted, "nothing is asked of it any more"


BESIDE = """
tv:
  name: 电视
  chain: [{stage: either, owner: own, needs: tx.radiating or other.radiating}]
"""


@pytest.mark.parametrize("programmes", [f"{CHAIN}\n{BESIDE}", f"{BESIDE}\n{CHAIN}"])
def test_a_suspicion_of_one_programme_is_asked_about_beside_another_without_one(
    programmes: str,
) -> None:
    """The other one has a second transmitter, and was seen all the time."""
    devices = f"tx: {{kind: transmitter, {COUNTS}}}\nother: {{kind: transmitter}}"
    log = DutyLog(station(devices, programmes), begins="02:00:00").until("02:10:00")
    once_short(log).until("02:20:00")
    assert {span["programme"] for span in spans(log)} == {"fm"}
    assert [end["by"] for end in refuted(log)] == ["tx.up"]


def test_a_restart_that_the_next_answers_confirm_is_not_withdrawn() -> None:
    """The running time counts on from the boot."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer").then("02:10:40", tx="good").until("02:20:00")
    assert (len(spans(log)), refuted(log)) == (1, [])


def layered() -> Site:
    """Return a studio and a transmitter of two layers, and a receiver of the second."""
    return station(
        f"""
        studio: {{kind: detector}}
        tx: {{kind: transmitter, {COUNTS}}}
        roof: {{kind: receiver}}
        """,
        TWO_LAYERS,
    )


def test_a_restart_that_a_receiver_received_through_is_refuted_at_once() -> None:
    """The sound was not monitored meanwhile, so that it was blind; the carrier was received."""
    log = DutyLog(layered(), begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer", studio="no_answer").then("02:10:40", tx="good", studio="good")
    assert suspected(log.until("02:20:00")) == []
    (end,) = refuted(log)
    assert end["by"] == "roof"
    assert log.driver.situation.durable.unsettled["fm"].count == 0


def test_a_receiver_without_a_reference_channel_refutes_too() -> None:
    """Nothing says how it does itself; it held the carrier."""
    plain = TWO_LAYERS.replace(", healthy: roof.reference", "")
    devices = f"studio: {{kind: detector}}\ntx: {{kind: transmitter, {COUNTS}}}"
    site = station(f"{devices}\nroof: {{kind: receiver}}", plain)
    log = DutyLog(site, begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer", studio="no_answer").then("02:10:40", tx="good", studio="good")
    (end,) = refuted(log.until("02:20:00"))
    assert end["by"] == "roof"


def test_a_receiver_that_was_silent_for_a_moment_refutes_nothing() -> None:
    """It did not hold the carrier over the whole span."""
    log = DutyLog(layered(), begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer", studio="no_answer").then("02:10:10", roof="no_answer")
    log.then("02:10:20", roof="good").then("02:10:40", tx="good", studio="good")
    log.until("02:20:00")
    assert refuted(log) == []
    assert "opened" in suspected(log)[0]


def everything_silent(studio: str, until: str = "02:20:00") -> DutyLog:
    """Let the whole site be silent for a minute; ``studio``: its keys."""
    site = station(
        f"studio: {{kind: detector{studio}}}\ntx: {{kind: transmitter, {COUNTS}}}",
        CHAIN.replace("[{", "[{stage: sound, owner: own, needs: studio.sound}, {"),
    )
    log = DutyLog(site, begins="02:00:00").then("02:10:00", studio="no_answer", tx="no_answer")
    return log.then("02:11:00", studio="good", tx="good").until(until)


def test_a_silent_site_whose_equipment_all_ran_on_is_refuted() -> None:
    """Every running time spans the silence: no power was lost."""
    log = everything_silent(f", {COUNTS}")
    assert [span["sort"] for span in spans(log)] == ["all_silent"]
    assert [end["by"] for end in refuted(log)] == ["studio.up+tx.up"]
    assert log.driver.situation.durable.unsettled["fm"].count == 0


def test_a_silent_site_with_equipment_that_does_not_say_is_not_refuted() -> None:
    """The transmitter ran on; of the studio nobody knows."""
    log = everything_silent("")
    assert (len(spans(log)), refuted(log)) == (1, [])


def other_alarm() -> Site:
    """Return the fed transmitter beside a further supply, which has an alarm of its own."""
    return station(
        f"""
        tx: {{kind: transmitter, powered_by: [mains.mains], {COUNTS}}}
        mains: {{kind: feed}}
        ups: {{kind: feed, conditions: {{mains: {{alarm: {{severity: major}}}}}}}}
        """,
        CHAIN,
    )


def test_a_mains_dip_that_the_equipment_ran_through_is_withdrawn() -> None:
    """It was reported while the transmitter was silent; its running time spans the dip."""
    log = DutyLog(fed(), begins="02:00:00").then("02:10:00", mains="off", tx="no_answer")
    log.then("02:10:02", mains="good").then("02:10:40", tx="good").until("02:20:00")
    assert [line.split()[1] for line in suspected(log)] == ["opened", "withdrawn"]
    assert [end["by"] for end in refuted(log)] == ["tx.up"]
    ends = [json.loads(e.body) for e in log.driver.events if e.kind == "member_over"]
    found = next(end for end in ends if end["how"] != "withdrawn" and end["fault"] == "suspected")
    withdrawn = next(end for end in ends if end["how"] == "withdrawn")
    # The same fall, and no second of it was one.
    same = ("programme", "fault", "number", "began_not_before", "began_not_after")
    assert {key: withdrawn[key] for key in same} == {key: found[key] for key in same}
    assert withdrawn["not_after"] == found["not_after"]
    assert (withdrawn["least"], withdrawn["most_seen"], withdrawn["most"]) == (0, 0, 0)
    assert withdrawn["flaps"] is False


def test_the_settlement_of_another_span_keeps_a_suspicion_refutable() -> None:
    """A person settled an earlier one; the newer one is still disproved by the next answer."""
    log = DutyLog(fed(), begins="02:00:00").until("02:10:00").boots("tx", "02:10:05")
    log.becomes(tx="no_answer").then("02:10:40", tx="good").until("02:20:00")
    first = next(e for e in log.driver.events if e.kind == "suspicion_found")
    log.boots("tx", "01:00:00").becomes(tx="no_answer").until("02:20:40")
    at = wall_of("02:20:40.2") - OFFSET
    values = tuple(5.0 if v is None else v for v in log.site.answers["tx"]["good"])
    log.give(Answer("tx", at - SECOND // 10, at, values)).becomes(tx="good")
    while len(spans(log)) < 2:
        log.player.until(log.at + SECOND // 20)
    rows = ((first.subject, "fm", json.loads(first.body)["seconds"]),)
    body = Settle("off_air", (first.subject,), "", "it rebooted", rows)
    log.give(Decision(log.at, "settled", "duty", "test", body)).until("02:30:00")
    (end,) = refuted(log)
    assert end["span"] != first.subject
    assert log.driver.situation.durable.unsettled["fm"].count == 0


def test_a_withdrawn_suspicion_leaves_other_incidents_alone() -> None:
    """The mains alarm is an incident too, and lists no suspected outage."""
    log = DutyLog(other_alarm(), begins="02:00:00").then("02:05:00", ups="off")
    log.then("02:10:00", mains="off", tx="no_answer").then("02:10:02", mains="good")
    log.then("02:10:40", tx="good").until("02:20:00")
    assert [line.split()[1] for line in suspected(log)] == ["opened", "withdrawn"]
    (left,) = log.driver.situation.durable.incidents.values()
    assert list(left.members) == ["/alarm/ups.mains"]
    bodies = {e.kind: json.loads(e.body) for e in log.driver.events}
    (over,) = [
        json.loads(e.body)
        for e in log.driver.events
        if e.kind == "member_over" and json.loads(e.body)["how"] == "withdrawn"
    ]
    ended = bodies["outage_ended"]["ended"]
    began = bodies["outage_began"]["began"]
    assert [over["began_not_before"], over["began_not_after"]] == began
    assert [over["not_before"], over["not_after"]] == ended
    assert [over[figure] for figure in ("least", "most_seen", "most")] == [0, 0, 0]


def test_what_a_person_has_settled_is_not_withdrawn_any_more() -> None:
    """The next answer would have disproven it; his word came first."""
    log = once_short(DutyLog(fed(), begins="02:00:00").until("02:10:00"))
    while not spans(log):
        log.player.until(log.at + SECOND // 20)
    found = next(e for e in log.driver.events if e.kind == "suspicion_found")
    rows = ((found.subject, "fm", json.loads(found.body)["seconds"]),)
    body = Settle("on_air", (found.subject,), "", "heard it", rows)
    log.give(Decision(log.at, "settled", "duty", "test", body)).until("02:20:00")
    assert refuted(log) == []
    assert log.driver.situation.durable.unsettled["fm"].count == 0


@pytest.mark.parametrize("taken_away", ["studio", "tx"])
def test_a_reload_that_takes_away_a_device_leaves_its_suspicion_to_a_person(
    taken_away: str,
) -> None:
    """Whatever the other one answers then: nothing refutes what both had to refute."""
    log = everything_silent(f", {COUNTS}", until="02:10:59")
    for number, name in enumerate(("studio", "tx")):
        at = wall_of("02:11:00.2") - OFFSET + number
        values = tuple(5.0 if v is None else v for v in log.site.answers[name]["good"])
        log.give(Answer(name, at - SECOND // 10, at, values))
    log.until("02:11:00.3")
    assert len(spans(log)) == 1
    kind, needs = {
        "studio": ("tx: {kind: transmitter", "tx.radiating"),
        "tx": ("studio: {kind: detector", "studio.sound"),
    }[taken_away]
    log.reload(station(f"{kind}, {COUNTS}}}", CHAIN.replace("tx.radiating", needs)))
    assert refuted(log.until("02:20:00")) == []
    assert log.driver.situation.durable.unsettled["fm"].count == 1
