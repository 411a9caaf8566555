"""What moves, breaks or answers again while a programme is off is no other cause of that."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_what_fell import pair, places

LOST = "tv/reserve_lost/transmitters"
UNKNOWN = "tv/reserve_unknown/transmitters"


def told(log: DutyLog, member: str) -> list[tuple[str, str]]:
    """Return word and clock of each message about a member."""
    found = [m for m in log.messages() if member in [one.name for one in m.members]]
    return [(m.told, m.at) for m in found]


@pytest.mark.parametrize("later", ["02:10:01", "02:10:05", "02:10:40"])
@pytest.mark.parametrize("b", ["mains.mains", "other.mains"])
def test_the_mains_stay_the_cause_though_the_switch_moves_to_a_dead_backup(
    b: str, later: str
) -> None:
    """The changeover is automatic, and finds no mains there either: it takes no part in why."""
    log = DutyLog(pair(switch="own", b=b), begins="02:00:00", b="tripped")
    log.then("02:10:00", mains="off", a="standby").then(later, sw="to_b")
    log.then("02:15:00", mains="good").until("02:15:05")
    assert places(log) == {"mains/mains"}
    assert [word for word, _ in told(log, "tv")] == ["opened"]


def test_a_backup_that_is_silent_for_a_minute_is_no_cause() -> None:
    """It answers again as it was before: nothing fell."""
    log = DutyLog(pair(switch="", b="other.mains"), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").then("02:12:00", b="no_answer")
    log.then("02:13:00", b="standby").then("02:20:00", mains="good")
    log.then("02:20:10", a="good").until("02:24:00")
    assert places(log) == {"mains/mains"}


def test_a_start_of_ours_keeps_the_mains_as_the_cause() -> None:
    """All conditions are found once more by the new run, and none of them fell in it."""
    log = DutyLog(pair(switch="", b="other.mains"), begins="02:00:00", b="standby")
    log.then("02:10:00", mains="off", a="standby").until("02:12:00").power_cut("02:12:40")
    log.then("02:20:00", mains="good").then("02:20:10", a="good").until("02:24:00")
    assert places(log) == {"mains/mains"}


@pytest.mark.parametrize(
    "carries",
    [
        "a.radiating and a.exciter",
        "a.radiating and (a.exciter or a.amplifier)",
        "a.radiating and at_least(2, a.exciter, a.amplifier)",
    ],
)
@pytest.mark.parametrize("at_start", [False, True])
def test_a_main_that_lacks_two_things_is_one_device_like_its_backup(
    carries: str, *, at_start: bool
) -> None:
    """What a member lacks is counted in devices: one with more conditions is not farther away."""
    own = (
        "conditions: {exciter: {layer: emission, true_when: not fault}, "
        "amplifier: {layer: emission, true_when: not low}}"
    )
    devices = f"""
    a: {{kind: transmitter, {own}, powered_by: [mains.mains]}}
    b: {{kind: transmitter}}
    mains: {{kind: feed}}
    """
    site = station(devices, PAIR.replace("carries: a.radiating", f"carries: '{carries}'"))
    begins = {"a": "tripped", "mains": "off"} if at_start else {}
    log = DutyLog(site, begins="02:00:00", b="standby", **begins)
    log.then("02:10:00", mains="off", a="tripped").then("02:12:00", mains="good")
    log.then("02:12:10", a="good").until("02:16:00")
    assert places(log) == ({"a+b/transmitters"} if at_start else {"mains/mains"})


def test_a_programme_that_a_reload_adds_joins_the_outage_of_its_transmitters() -> None:
    """The switch has moved since: what fell is judged by when it did, and not by what fails now."""
    programme = PAIR.replace("a.radiating", "a.radiating and sw.a_on_antenna")
    programme = programme.replace("b.radiating", "b.radiating and sw.b_on_antenna")
    devices = "a: {kind: transmitter}\nb: {kind: transmitter}\nsw: {kind: switch}\n"
    two = programme + programme.replace("tv:", "tv2:").replace("电视一套", "电视二套")
    log = DutyLog(station(devices, programme), begins="02:00:00", b="tripped")
    log.then("02:10:00", a="tripped").then("02:10:10", sw="to_b").until("02:20:00")
    log.reload(station(devices, two)).until("02:25:00")
    assert places(log) == {"a/transmitters"}
    assert [word for word, _ in told(log, "tv2")] == ["grown"]


def test_a_backup_that_is_seen_ready_is_back_though_the_main_does_not_answer() -> None:
    """Only an outage leaves the reserve open; what is not seen does not."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="tripped")
    log.then("02:10:00", a="no_answer").then("02:20:00", b="standby").until("03:00:00")
    assert [(word, at < "02:21:00") for word, at in told(log, LOST)] == [
        ("opened", True),
        ("recovered", True),
    ]


def test_a_backup_that_is_repaired_and_takes_over_is_not_the_lost_one() -> None:
    """From then on it is the main that cannot take over, and that is a message of its own."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="tripped")
    log.then("02:10:00", a="tripped").then("02:14:00", b="standby")
    log.then("02:15:00", b="good", sw="to_b").until("02:25:00")
    lost = [m.place for m in log.messages() if LOST in [one.name for one in m.members]]
    assert lost == ["b/transmitters_reserve", "b/transmitters_reserve", "a/transmitters_reserve"]


def test_a_backup_that_answered_again_before_its_delay_is_not_reported_as_unseen() -> None:
    """It was silent for seven seconds, and the main fell in them."""
    log = DutyLog(pair(switch="", b="other.mains"), begins="02:00:00", b="standby")
    log.then("02:09:58", b="no_answer").then("02:10:00", a="standby")
    log.then("02:10:05", b="standby").then("02:20:10", a="good").until("02:24:00")
    assert UNKNOWN not in log.members_told()


@pytest.mark.parametrize("broken", ["02:09:30", "02:09:58", "02:10:30"])
def test_a_backup_that_breaks_around_an_outage_is_reported_when_the_main_is_back(
    broken: str,
) -> None:
    """While the programme is off nobody is to keep his hands from anything."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    moments = sorted([(broken, {"b": "tripped"}), ("02:10:00", {"a": "standby"})])
    for clock, states in moments:
        log.then(clock, **states)
    log.then("02:20:00", a="good").then("02:30:00", b="standby").until("02:36:00")
    found = told(log, LOST)
    assert [word for word, _ in found] == ["opened", "recovered"]
    assert found[0][1] >= "02:20:00"


def test_a_start_during_an_outage_reports_no_reserve_before_the_main_is_back() -> None:
    """Its first second knows of the outage by the record alone."""
    log = DutyLog(pair(switch="own"), begins="02:00:00", b="standby")
    log.then("02:09:58", b="tripped").then("02:10:00", a="tripped").until("02:10:20")
    log.power_cut("02:11:10").then("02:20:00", a="good").until("02:25:00")
    assert [(word, at >= "02:20:00") for word, at in told(log, LOST)] == [("opened", True)]
    reserve = [e for e in log.driver.events if e.kind == "incident_opened" and b"reserve" in e.body]
    assert len(reserve) == 1


def test_a_reserve_is_reported_while_another_stage_keeps_the_programme_off() -> None:
    """The main is on the antenna again; that the outage began with it hides its backup no more."""
    devices = "a: {kind: transmitter}\nb: {kind: transmitter}\ndet: {kind: detector}\n"
    content = "    - {stage: sound, owner: own, needs: det.sound}\n    - stage: transmitters"
    site = station(devices, PAIR.replace("    - stage: transmitters", content))
    log = DutyLog(site, begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped").then("02:10:05", det="silent").then("02:12:00", a="good")
    log.then("02:20:00", b="tripped").until("02:30:00")
    assert [(word, at < "02:22:00") for word, at in told(log, LOST)] == [("opened", True)]


def test_mains_that_fail_later_are_no_cause_of_what_was_off_before_them() -> None:
    """The playout tripped at ten past; the mains took the transmitters along two minutes later."""
    plays = "conditions: {plays: {layer: content, true_when: rf}}"
    devices = f"""
    a: {{kind: transmitter, powered_by: [mains.mains]}}
    b: {{kind: transmitter, powered_by: [mains.mains]}}
    p: {{kind: transmitter, powered_by: [mains.mains], {plays}}}
    q: {{kind: transmitter, powered_by: [mains.mains], {plays}}}
    mains: {{kind: feed}}
    """
    playout = """
    - stage: playout
      owner: own
      members:
        - {id: p, carries: p.plays}
        - {id: q, carries: q.plays}
    - stage: transmitters"""
    programme = PAIR.replace("\n    - stage: transmitters", playout)
    log = DutyLog(station(devices, programme), begins="02:00:00", q="standby")
    log.then("02:10:00", p="tripped").then("02:12:00", mains="off", a="standby", b="standby")
    log.then("02:13:00", q="tripped").until("02:16:00")
    assert places(log) == {"p/playout", "mains/mains"}
    closed = [m for m in log.messages() if m.told not in ("opened", "also")]
    assert closed == []


@pytest.mark.parametrize("b", ["standby", "tripped", "no_answer"])
def test_starts_of_ours_are_no_falls_of_a_backup_that_is_not_asked_yet(b: str) -> None:
    """Three in ten minutes rang at once: each began with a backup that nobody had seen."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b=b)
    for minute in range(1, 5):
        log.until(f"02:0{minute}:00").power_cut(f"02:0{minute}:08")
    log.until("02:20:00")
    expected = {"tripped": {LOST}, "no_answer": {UNKNOWN}}.get(b, set())
    found = [m for m in log.messages() if "reserve" in m.members[0].name]
    assert {one.name for m in found for one in m.members} == expected
    assert len(found) == len(expected)
