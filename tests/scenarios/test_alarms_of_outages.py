"""An alarm of the device by which a programme is off is of that cause: rules 3 and 5.2."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_one_cause import (
    ALARM,
    BOTH,
    MIDDLES,
    Middle,
    incidents,
    kinds,
    places,
    programme,
    stage,
)
from tests.support.seam import Site

TX = f"{{kind: transmitter, name: 发射机, conditions: {{sane: {ALARM}}}}}"


def faulty(*, two: bool = False, alarm: bool = True) -> Site:
    """Return a transmitter with an alarm of its summary fault, which its programmes do not need."""
    known = TX if alarm else "{kind: transmitter}"
    every = programme("a", stage("transmitter", "tx.radiating"))
    every += programme("b", stage("transmitter", "tx.radiating")) if two else ""
    return station(f"tx: {known}\nother: {{kind: transmitter}}", every)


def of_alarm(log: DutyLog, device: str = "tx") -> list[tuple[str, str, str]]:
    """Return the messages of incidents of the alarm alone."""
    return [(m.at, m.told, m.place) for m in log.messages() if m.place == f"{device}/sane"]


@MIDDLES
@pytest.mark.parametrize("two", [False, True])
@pytest.mark.parametrize(
    ("before", "then", "at"),
    [
        ("good", "tripped", "02:10:01"),
        ("standby", "tripped", "02:10:30"),
        ("faulty", "tripped", "02:10:05"),
    ],
)
def test_a_summary_fault_of_what_is_off_is_no_incident_of_its_own(
    before: str, then: str, at: str, two: bool, middle: Middle
) -> None:
    """Both at once, the outage first, and the fault a few seconds before it: one cause."""
    log = DutyLog(faulty(two=two), begins="02:00:00")
    log.then("02:10:00", tx=before).then(at, tx=then)
    middle(log)
    log.then("02:12:00", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"tx/transmitter"})
    assert before == "faulty" or incidents(log) == 1


def test_a_summary_fault_that_people_know_stays_an_incident_of_its_own() -> None:
    """It was reported long before the outage; nobody knows that it is the cause."""
    log = DutyLog(faulty(), begins="02:00:00").then("02:05:00", tx="faulty")
    log.then("02:10:00", tx="tripped").then("02:12:00", tx="good").until("02:20:00")
    found = [(m.at, m.told, m.place) for m in log.messages()]
    assert found == [
        ("02:05:20", "opened", "tx/sane"),
        ("02:10:03", "opened", "tx/transmitter"),
        ("02:12:30", "recovered", "tx/transmitter"),
        ("02:12:30", "recovered", "tx/sane"),
    ]


@MIDDLES
def test_a_summary_fault_that_outlasts_the_outage_is_reported_by_its_own_delay(
    middle: Middle,
) -> None:
    """When its cause ends an alarm's own delay begins (5.2); the outage has recovered all alike."""
    log = DutyLog(faulty(), begins="02:00:00").then("02:10:00", tx="tripped")
    middle(log)
    log.then("02:12:00", tx="faulty").then("02:20:00", tx="good").until("02:30:00")
    found = [(m.at, m.told, m.place) for m in log.messages()]
    assert found == [
        ("02:10:03", "opened", "tx/transmitter"),
        ("02:12:21", "opened", "tx/sane"),
        ("02:12:30", "recovered", "tx/transmitter"),
        ("02:20:30", "recovered", "tx/sane"),
    ]
    assert [[m.name for m in message.members] for message in log.messages()[1:3]] == [
        ["/alarm/tx.sane"],
        ["a"],
    ]


def test_a_summary_fault_that_ends_before_the_outage_is_no_news() -> None:
    """A person reset it; the transmitter is off as it was."""
    log = DutyLog(faulty(), begins="02:00:00").then("02:10:00", tx="tripped")
    log.then("02:13:00", tx="standby").then("02:16:00", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"tx/transmitter"})


def test_a_summary_fault_at_the_end_of_the_hours_is_reported_then() -> None:
    """The outage ends by the hours, and not by the transmitter."""
    log = DutyLog(faulty(), begins="22:00:00", hours=("06:00:00", "23:00:00"))
    log.then("22:50:00", tx="tripped").then("23:10:00", tx="good").until("23:20:00")
    found = [(m.told, m.place) for m in log.messages()]
    assert sorted(found) == sorted(
        [
            ("opened", "tx/transmitter"),
            ("hours_ended", "tx/transmitter"),
            ("opened", "tx/sane"),
            ("recovered", "tx/sane"),
        ]
    )


def test_a_summary_fault_that_is_not_seen_any_more_holds_no_outage() -> None:
    """One of two trips and falls silent; the other one takes over."""
    devices = f"a: {TX}\nb: {{kind: transmitter}}\nfeed: {{kind: feed}}"
    members = """
tv:
  name: 一套
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating}
        - {id: b, carries: b.radiating}
"""
    log = DutyLog(station(devices, members), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:11:00", a="no_answer")
    log.then("02:12:00", b="good").until("02:20:00")
    found = [(m.told, m.place) for m in log.messages() if m.place == "a/transmitters"]
    assert found == [("opened", "a/transmitters"), ("recovered", "a/transmitters")]


def test_an_outage_that_comes_and_goes_rings_no_more_often_for_a_fault_that_lasts() -> None:
    """The alarm leaves the outage whenever that ends, and is of it again."""
    found = []
    for alarm in (False, True):
        log = DutyLog(faulty(alarm=alarm), begins="02:00:00")
        for second in range(0, 600, 8):
            minute, rest = divmod(second, 60)
            log.then(f"02:{10 + minute}:{rest:02}", tx="tripped")
            minute, rest = divmod(second + 4, 60)
            log.then(f"02:{10 + minute}:{rest:02}", tx="faulty")
        log.then("02:20:00", tx="good").until("02:40:00")
        found.append([(m.at, m.told, m.place) for m in log.messages()])
    # The last time it outlasts the outage by seconds: who was not rung gets to know of it.
    assert found[1].pop(-2) == ("02:20:30", "closed_before_told", "tx/sane")
    assert found[0] == found[1]


@pytest.mark.parametrize("first", ["tx", "feed"])
def test_the_alarm_goes_with_the_outage_to_the_mains(first: str) -> None:
    """What the outage is a consequence of explains the alarm of its device too."""
    tx = TX.replace("name: 发射机", "powered_by: feed.mains")
    chain = programme("a", stage("transmitter", "tx.radiating"))
    log = DutyLog(station(f"feed: {{kind: feed}}\ntx: {tx}", chain), begins="02:00:00")
    states = {"feed": "off", "tx": "tripped"}
    log.then("02:10:00", **{first: states[first]}).then("02:10:00.4", **states)
    log.then("02:12:00", feed="good", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"feed/mains"})


def test_an_outage_that_moves_to_another_place_keeps_its_incident_and_leaves_the_alarm() -> None:
    """The transmitter radiates again, and the sound is gone meanwhile: its fault is its own."""
    devices = f"studio: {{kind: detector}}\ntx: {TX}"
    chain = programme("a", stage("sound", "studio.sound"), stage("transmitter", "tx.radiating"))
    found = []
    for known in (TX, "{kind: transmitter}"):
        log = DutyLog(station(devices.replace(TX, known), chain), begins="02:00:00")
        log.then("02:10:00", tx="tripped").then("02:12:00", tx="faulty", studio="silent")
        log.then("02:20:00", studio="good").until("02:30:00")
        found.append([(m.at, m.told, m.place) for m in log.messages()])
    alarm = [one for one in found[0] if one[2] == "tx/sane"]
    assert alarm == [("02:12:20", "opened", "tx/sane")]
    assert [one for one in found[0] if one not in alarm] == found[1]


@pytest.mark.parametrize("gone", ["alarm", "programme", "device"])
def test_what_a_reload_takes_away_leaves_the_other_one(gone: str) -> None:
    """Without its outage an alarm is an incident of its own; without that an outage goes on."""
    log = DutyLog(faulty(two=True), begins="02:00:00").then("02:10:00", tx="tripped")
    log.until("02:11:00")
    if gone == "alarm":
        log.reload(faulty(two=True, alarm=False)).then("02:12:00", tx="good").until("02:20:00")
        assert (kinds(log), places(log)) == (BOTH, {"tx/transmitter"})
        return
    name = {"programme": "c", "device": "a"}[gone]
    other = programme(name, stage("transmitter", "other.radiating"))
    log.reload(station(f"tx: {TX}\nother: {{kind: transmitter}}", other))
    log.then("02:12:00", tx="good").until("02:20:00")
    found = [(m.told, m.place) for m in log.messages()]
    assert found[:2] == [("opened", "tx/transmitter"), ("reconfigured", "tx/transmitter")]
    assert found[2:] == [("opened", "tx/sane"), ("recovered", "tx/sane")]


def test_an_alarm_waits_for_the_outage_that_is_not_open_yet() -> None:
    """It would be an incident for some seconds, and a number of its own."""
    chain = programme("a", stage("transmitter", "tx.radiating"))
    chain = chain.replace("chain:", "off_air: {open_after: 5s}, chain:")
    log = DutyLog(station(f"tx: {TX}", chain), begins="02:00:00")
    log.then("02:10:00", tx="tripped").then("02:12:00", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"tx/transmitter"})
    assert incidents(log) == 1


def test_an_alarm_of_a_fall_that_is_too_short_for_an_outage_is_reported_by_its_own_delay() -> None:
    """It was held back for the outage that did not come, and not for longer."""
    chain = programme("a", stage("transmitter", "tx.radiating"))
    chain = chain.replace("chain:", "off_air: {open_after: 5s}, chain:")
    log = DutyLog(station(f"tx: {TX}", chain), begins="02:00:00")
    log.then("02:10:00", tx="tripped").then("02:10:02", tx="faulty").until("02:12:00")
    assert [(m.at, m.told, m.place) for m in log.messages()] == [("02:10:20", "opened", "tx/sane")]


def test_a_reload_that_takes_the_mains_away_leaves_the_alarm_with_the_outage() -> None:
    """Both had the mains as their cause, and then the transmitter."""
    chain = programme("a", stage("transmitter", "tx.radiating"))
    tx = TX.replace("name: 发射机", "powered_by: feed.mains")
    log = DutyLog(station(f"feed: {{kind: feed}}\ntx: {tx}", chain), begins="02:00:00")
    log.then("02:10:00", feed="off").then("02:10:02", tx="tripped").until("02:11:00")
    log.reload(station(f"tx: {TX}", chain)).until("02:13:00")
    assert list(log.driver.situation.durable.outages["/alarm/tx.sane"].claims) == ["tx/transmitter"]
    log.becomes(tx="good").until("02:20:00")
    assert "tx/sane" not in places(log)
