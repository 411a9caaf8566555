"""A device that falls silent without taking a programme out of sight: somebody gets word of it."""

from __future__ import annotations

import re

import pytest

from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.expected import only
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import FM
from tests.scenarios.test_words_of_a_night import texts
from tests.support.seam import Site

PEOPLE = """
duty: {name: 值机台, tell: [desk], tell_after: {critical: 3s, major: 20s}}
engineer: {name: 机务, tell: [desk], tell_after: {critical: 60s, major: 60s, minor: 60s}}
"""


def site(more: str = "", people: str = PEOPLE) -> Site:
    """Return a transmitter, a supply with an alarm, and more devices outside the chain."""
    return station(
        f"""
        tx: {{kind: transmitter}}
        ups: {{kind: feed, name: 机房UPS, conditions: {{mains: {{alarm: {{severity: major}}}}}}}}
        {more}
        """,
        FM,
        people,
    )


def test_a_device_in_no_chain_that_falls_silent_is_reported_after_a_minute() -> None:
    """The alarm of a supply that nobody can see rings for nobody: its silence has to."""
    log = DutyLog(site(), begins="02:00:00").then("02:10:00", ups="no_answer")
    log.then("02:20:00", ups="good")
    log.expect(
        "02:25:00",
        """
        02:11:03 engineer opened ups/silent /silent/ups 63
        02:20:30 engineer recovered ups/silent /silent/ups 600 good
        """,
    )
    opened, recovered = texts(log, "zh")
    assert re.match(r"【次要】大别山发射台 机房UPS无应答，\d+月\d+日\d\d:\d\d:\d\d至", opened)
    assert "此间看不到它的告警。" in opened
    assert "①看设备供电、网线" in opened
    assert "原因：机房UPS无应答。" in opened.split("\n")
    assert "机房UPS恢复应答" in recovered
    assert "机房UPS DOES NOT ANSWER" in texts(log, "en", told="opened")[0]


def test_what_a_device_would_report_decides_how_severe_its_silence_is() -> None:
    """One step below its worst alarm, as lost monitoring is one below off air."""
    fire = "smoke: {kind: feed, conditions: {mains: {alarm: {severity: critical}}}}"
    log = DutyLog(site(fire), begins="02:00:00").then("02:10:00", smoke="no_answer")
    log.until("02:15:00")
    assert [(m.person, m.place) for m in log.messages()] == [
        ("duty", "smoke/silent"),
        ("engineer", "smoke/silent"),
    ]
    assert {alert["severity"] for alert in log.alerts()} == {"major"}


def test_a_silence_that_is_short_is_no_news() -> None:
    """A device that starts again, or loses a few answers."""
    log = DutyLog(site(), begins="02:00:00").then("02:10:00", ups="no_answer")
    log.then("02:10:50", ups="good").until("02:20:00")
    assert log.messages() == []


def test_an_answer_between_two_short_silences_ends_the_first() -> None:
    """The minute of the second begins with itself: what answered meanwhile was not silent."""
    log = DutyLog(site(), begins="02:00:00").then("02:10:00", ups="no_answer")
    log.then("02:10:20", ups="good").then("02:11:20", ups="no_answer")
    log.then("02:11:40", ups="good").until("02:20:00")
    opened = [event for event in log.driver.events if event.kind == "incident_opened"]
    assert (opened, log.messages()) == ([], [])


def test_devices_behind_a_link_that_is_down_are_one_incident_of_the_link() -> None:
    """One cause, whatever number of devices it hides."""
    behind = "\n        ".join(
        f"meter{n}: {{kind: feed, behind: link.locked}}" for n in range(1, 6)
    )
    down = "link: {kind: link, conditions: {locked: {alarm: {severity: minor}}}}"
    log = DutyLog(site(f"{down}\n        {behind}"), begins="02:00:00")
    names = [f"meter{n}" for n in range(1, 6)]
    log.then("02:10:00", link="down", **dict.fromkeys(names, "no_answer")).until("02:20:00")
    opened = [m for m in log.messages() if m.told == "opened"]
    assert [(m.person, m.place) for m in opened] == [("engineer", "link/locked")]
    durable = log.driver.situation.durable
    members = durable.incidents[durable.places["link/locked"]].members
    assert {f"/silent/{name}" for name in names} <= members.keys()


def test_a_switch_that_falls_silent_with_all_behind_it_is_one_incident() -> None:
    """Without an answer of the switch itself its silence is the cause of theirs."""
    behind = "\n        ".join(
        f"meter{n}: {{kind: feed, behind: link.locked}}" for n in range(1, 6)
    )
    log = DutyLog(site(f"{behind}\n        link: {{kind: link}}"), begins="02:00:00")
    names = ["link", *(f"meter{n}" for n in range(1, 6))]
    log.then("02:10:00", **dict.fromkeys(names, "no_answer")).until("02:20:00")
    opened = [m for m in log.messages() if m.told == "opened"]
    assert [(m.person, m.place) for m in opened] == [("engineer", "link/silent")]


def test_what_falls_silent_later_behind_a_silent_switch_calls_nobody() -> None:
    """Its silence is a member of the incident, and no news: the switch explains it."""
    more = "meter: {kind: feed, behind: link.locked}\n        link: {kind: link}"
    log = DutyLog(site(more), begins="02:00:00").then("02:10:00", link="no_answer")
    log.then("02:13:00", meter="no_answer")
    log.expect("02:20:00", "02:11:03 engineer opened link/silent /silent/link 63")
    durable = log.driver.situation.durable
    members = durable.incidents[durable.places["link/silent"]].members
    assert members.keys() == {"/silent/link", "/silent/meter"}


def test_a_device_behind_a_link_that_answers_and_is_up_is_silent_by_itself() -> None:
    """Nothing explains it: its own cable, or its own supply."""
    more = "meter: {kind: feed, behind: link.locked}\n        link: {kind: link}"
    log = DutyLog(site(more), begins="02:00:00").then("02:10:00", meter="no_answer")
    log.until("02:20:00")
    assert [(m.person, m.place) for m in log.messages()] == [("engineer", "meter/silent")]


def test_a_programme_behind_a_switch_that_falls_silent_is_lost_by_the_switch() -> None:
    """Its transmitter does not answer over a link that is silent too: one incident, of the link."""
    programme = """
    fm:
      name: 调频
      chain: [{stage: tx, owner: own, needs: tx.radiating}]
      witnesses: [{id: ear, needs: rx.hears, healthy: rx.reference}]
    """
    devices = """
    tx: {kind: transmitter, behind: link.locked}
    rx: {kind: receiver, behind: link.locked}
    link: {kind: link}
    ups: {kind: feed}
    """
    log = DutyLog(station(devices, programme, PEOPLE), begins="02:00:00")
    names = ["tx", "rx", "link"]
    log.then("02:10:00", **dict.fromkeys(names, "no_answer")).until("02:20:00")
    assert {m.place for m in log.messages()} == {"link/silent"}
    assert log.members_told() == {"fm/blind", "/silent/rx", "/silent/link"}


def test_a_silent_site_is_one_incident_and_its_return_rings_for_no_device() -> None:
    """Devices come back one after the other: each has its own minute from then on."""
    log = DutyLog(site("meter: {kind: feed}"), begins="02:00:00")
    log.then("02:10:00", tx="no_answer", ups="no_answer", meter="no_answer")
    log.then("02:30:00", tx="good").then("02:30:40", ups="good", meter="good").until("02:40:00")
    assert only(log.messages(), "/silent/ups", "/silent/meter") == []


def test_a_device_that_stays_silent_after_the_site_is_reported_then() -> None:
    """Since its last answer, and not since the site came back."""
    log = DutyLog(site("meter: {kind: feed}"), begins="02:00:00")
    log.then("02:10:00", tx="no_answer", ups="no_answer", meter="no_answer")
    log.then("02:30:00", tx="good", ups="good").until("02:40:00")
    assert [(m.person, m.told, m.place) for m in only(log.messages(), "/silent/meter")] == [
        ("engineer", "opened", "meter/silent")
    ]
    (alert,) = [alert for alert in log.alerts() if alert["fault"] == "silent"]
    assert clock_of(alert["began"][0]) == "02:09:59"


def test_a_restart_keeps_a_silence_that_was_reported() -> None:
    """It is the same one afterwards, and ends when the device answers."""
    log = DutyLog(site(), begins="02:00:00").then("02:10:00", ups="no_answer").until("02:15:00")
    log.power_cut("02:15:04").then("02:20:00", ups="good").until("02:25:00")
    assert [(m.told, m.place) for m in log.messages()] == [
        ("opened", "ups/silent"),
        ("recovered", "ups/silent"),
    ]


def test_a_reload_that_takes_a_silent_device_away_ends_its_silence() -> None:
    """A5: nothing is open of what is not configured."""
    log = DutyLog(site("meter: {kind: feed}"), begins="02:00:00")
    log.then("02:10:00", meter="no_answer").until("02:15:00").reload(site()).until("02:20:00")
    assert [(m.told, m.place) for m in log.messages()] == [
        ("opened", "meter/silent"),
        ("reconfigured", "meter/silent"),
    ]


def test_a_silent_device_that_a_programme_needs_is_lost_monitoring_alone() -> None:
    """One fault, one word: the programme's."""
    log = DutyLog(site(), begins="02:00:00").then("02:10:00", tx="no_answer").until("02:20:00")
    assert log.members_told() == {"fm/blind"}


def test_a_witness_that_falls_silent_is_reported() -> None:
    """It contradicts nobody any more, and proves nothing where the chain is blind."""
    programme = """
    fm:
      name: 调频
      chain: [{stage: tx, owner: own, needs: tx.radiating}]
      witnesses: [{id: ear, needs: rx.hears, healthy: rx.reference}]
    """
    devices = "tx: {kind: transmitter}\nrx: {kind: receiver}\nups: {kind: feed}"
    log = DutyLog(station(devices, programme, PEOPLE), begins="02:00:00")
    log.then("02:10:00", rx="no_answer").until("02:20:00")
    assert [(m.person, m.told, m.place) for m in log.messages()] == [
        ("engineer", "opened", "rx/silent")
    ]


@pytest.mark.parametrize("ends", ["12:13:00", "12:15:00", "12:30:00"])
def test_the_end_of_a_silent_site_calls_nobody_again(ends: str) -> None:
    """Rule 5.2: what it explained has its own delay from then on, and is seen again before."""
    chain = "[{stage: tx, name: 发射, owner: own, needs: fm1.radiating}]"
    devices = "{fm1: {kind: transmitter, name: 发射机}, det: {kind: detector, name: 检测器}}"
    log = DutyLog(station(devices, f"{{fm: {{name: 广播, chain: {chain}}}}}"), begins="12:00:00")
    log.then("12:10:00", fm1="no_answer", det="no_answer").then(ends, fm1="good", det="good")
    log.until("12:40:00")
    assert [alert["told"] for alert in log.alerts()] == ["opened", "recovered"]


def test_what_stays_silent_after_a_silent_site_is_reported_after_its_own_delay() -> None:
    """The site answers again but for the one device that a programme needs."""
    chain = "[{stage: tx, name: 发射, owner: own, needs: fm1.radiating}]"
    devices = "{fm1: {kind: transmitter, name: 发射机}, det: {kind: detector, name: 检测器}}"
    log = DutyLog(station(devices, f"{{fm: {{name: 广播, chain: {chain}}}}}"), begins="12:00:00")
    log.then("12:10:00", fm1="no_answer", det="no_answer").then("12:15:00", det="good")
    log.until("12:20:00")
    later = [clock_of(alert["at"]) for alert in log.alerts() if clock_of(alert["at"]) >= "12:15"]
    assert later, "somebody must know that it is not seen"
    assert later[0] >= "12:15:18"
