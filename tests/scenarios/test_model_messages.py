"""Stories of the executable model: delays, flapping, channels and storms. Times from 02:00:00."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.sites import DUTY, station
from tests.scenarios.test_model_causes import DEVICES, WHOLE, one

TELLING = "FAULTS E: delays, order, flapping and storms are those of the model"


def flap(log: DutyLog, begin: str, off: int, on: int, count: int) -> None:
    """Let the transmitter trip and return so many times."""
    log.until(begin)
    at = log.at
    for number in range(count):
        log.player.until(at + number * (off + on) * SECOND)
        log.becomes(tx="tripped")
        log.player.until(at + (number * (off + on) + off) * SECOND)
        log.becomes(tx="good")


def test_a_dip_of_two_seconds_is_reported_afterwards() -> None:
    """``tell_after`` runs on the outage: over within it wakes nobody."""
    people = DUTY.replace("critical: 3s", "critical: 20s")
    log = DutyLog(one(people), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:01:42", tx="good")
    log.expect("02:05:00", "02:02:12 duty closed_before_told tx/power p1 2 good")


def test_a_severity_without_a_delay_gives_this_person_no_message() -> None:
    """Neither as opened nor as closed; the person who named it gets both."""
    people = DUTY + "chief: {name: 台长, tell: [desk], tell_after: {critical: 60s}}\n"
    programme = f"p1: {{name: 一套, off_air: {{severity: major}}, {WHOLE}}}"
    log = DutyLog(station(DEVICES, programme, people), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:03:40", tx="good")
    log.expect(
        "02:08:20",
        """
        02:02:00 duty opened tx/power p1 20
        02:04:10 duty recovered tx/power p1 120 good
        """,
    )


def test_a_severity_with_a_delay_is_reported_though_another_has_none() -> None:
    """The nearest harmless case: the named severity, late because its delay says so."""
    people = DUTY + "chief: {name: 台长, tell: [desk], tell_after: {critical: 60s}}\n"
    log = DutyLog(station(DEVICES, f"p1: {{name: 一套, {WHOLE}}}", people), begins="02:00:00")
    log.then("02:01:40", tx="tripped").then("02:03:40", tx="good")
    got = [(m.at, m.person, m.told) for m in log.until("02:08:20").messages()]
    assert ("02:02:40", "chief", "opened") in got
    assert [told for _, person, told in got if person == "chief"] == ["opened", "recovered"]


def test_twenty_seconds_off_and_on_for_an_hour_is_reported_by_digests() -> None:
    """Four messages instead of ninety; what stays down at the end rings."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    flap(log, "02:01:40", 20, 20, 90)
    log.then("03:01:40", tx="tripped")
    log.expect(
        "03:08:20",
        """
        02:01:43 duty opened tx/power p1 3
        02:11:43 duty digest tx/power p1 303 x16
        02:31:43 duty digest tx/power p1 903 x46
        03:02:03 duty falls_again tx/power p1 1823 x91
        """,
    )


def of_message(log: DutyLog, told: str) -> list[tuple[str, str, bool]]:
    """Return of the newest message of a kind: each member, its newest fall, and if it is new."""
    alert = next(alert for alert in reversed(log.alerts()) if alert["told"] == told)
    return [
        (member["programme"], clock_of(member["last_began"][1]), member["is_new"])
        for member in alert["members"]
    ]


def test_a_message_of_a_new_fall_has_the_begin_of_that_fall() -> None:
    """The first began an hour before: that is no time for "off air again"."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    flap(log, "02:01:40", 20, 20, 90)
    log.then("03:01:40", tx="tripped").until("03:08:20")
    assert of_message(log, "falls_again") == [("p1", "03:01:40", True)]
    (first,) = [a for a in log.alerts() if a["told"] == "opened"]
    assert (first["members"][0]["last_began"], first["members"][0]["is_new"]) == (
        first["members"][0]["began"],
        True,
    )


def test_a_grown_incident_marks_the_programme_that_is_new() -> None:
    """The other one was named a minute before; once all is over nothing is new."""
    service = "chain: [{stage: mux, owner: own, needs: mux.sN}]"
    programmes = "\n".join(f"p{n}: {{name: {n}套, {service.replace('N', n)}}}" for n in "15")
    log = DutyLog(station("mux: {kind: mux}", programmes), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="s5_lost").then("02:03:40", mux="dead").then("02:05:40", mux="good")
    log.until("02:10:00")
    assert of_message(log, "grown") == [("p1", "02:03:40", True), ("p5", "02:01:40", False)]
    assert of_message(log, "recovered") == [("p1", "02:03:40", False), ("p5", "02:01:40", False)]


def test_falls_shorter_than_open_after_add_up_to_an_incident() -> None:
    """Four seconds and four seconds: the sum of ten minutes reaches the delay of five."""
    site = station(DEVICES, f"p1: {{name: 一套, off_air: {{open_after: 5s}}, {WHOLE}}}")
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    flap(log, "02:01:40", 4, 4, 15)
    log.expect(
        "02:20:00",
        """
        02:01:49..02:01:50 duty opened tx/power p1 5 x2
        02:11:49..02:11:50 duty digest tx/power p1 60 good x15
        02:13:36 duty recovered tx/power p1 60 good x15
        """,
    )


def test_falls_farther_apart_than_clear_after_do_not_ring_for_an_hour() -> None:
    """The third fall in ten minutes is reported at once and then holds its number."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    flap(log, "02:01:40", 20, 40, 60)
    log.expect(
        "03:18:20",
        """
        02:01:43 duty opened tx/power p1 3
        02:02:30 duty recovered tx/power p1 20 good
        02:02:43 duty opened tx/power p1 3
        02:03:30 duty recovered tx/power p1 20 good
        02:03:40 duty opened tx/power p1 0
        02:13:40 duty digest tx/power p1 200 x10
        02:33:40 duty digest tx/power p1 600 x30
        03:11:00 duty recovered tx/power p1 1160 good x58
        """,
    )


def test_a_critical_message_passes_a_minor_one_on_a_dead_channel() -> None:
    """It is tried at once, and again after at most ten seconds."""
    devices = "tx2: {kind: transmitter}\n" + DEVICES.lstrip()
    programmes = (
        f"minor: {{name: 小, rank: 1, off_air: {{severity: minor}}, {WHOLE}}}\n"
        "crit: {name: 大, chain: [{stage: power, owner: own, needs: tx2.radiating}]}"
    )
    people = "duty: {name: 值机台, tell: [desk], tell_after: {critical: 3s, minor: 0s}}"
    dead = {"desk": [("02:00:00", "02:02:20")]}
    site = station(devices, programmes, people)
    site = replace(site, plan=replace(site.plan, retry_first=5 * SECOND))
    log = DutyLog(site, begins="02:00:00", dead=dead, answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:02:09", tx2="tripped")
    log.then("02:06:40", tx="good", tx2="good")
    log.expect(
        "02:10:00",
        """
        02:01:40 duty opened tx/power minor 0
        02:01:50 duty opened tx/power minor 10
        02:02:05 duty opened tx/power minor 25
        02:02:12 duty opened tx2/power crit 3
        02:02:27 duty opened tx2/power crit 18
        02:02:28 duty opened tx/power minor 48
        02:07:10 duty recovered tx/power minor 300 good
        02:07:11 duty recovered tx2/power crit 271 good
        """,
    )


def test_thirty_critical_causes_give_ten_messages_and_then_digests() -> None:
    """No critical first message waits before the tenth; then one digest in thirty seconds."""
    devices = "\n".join(f"tx{n:02}: {{kind: transmitter}}" for n in range(30))
    stage = "{stage: power, owner: own, needs: txNN.radiating}"
    programmes = "\n".join(
        f"c{n:02}: {{name: {n}套, rank: {n}, chain: [{stage.replace('NN', f'{n:02}')}]}}"
        for n in range(30)
    )
    log = DutyLog(station(devices, programmes), begins="02:00:00", answers=SECOND)
    log.until("02:01:40")
    for number in range(30):
        log.player.until(log.at)
        log.becomes(**{f"tx{number:02}": "tripped"})
        log.player.until(log.at + SECOND)
    log.until("02:06:40")
    got = [(m.at, m.told, m.place) for m in log.messages()]
    openings = [(f"02:01:{43 + n}", "opened", f"tx{n:02}/power") for n in range(10)]
    storms = [("02:01:53", "storm", "tx10/power"), ("02:02:23", "storm", "tx11/power")]
    assert got == openings + storms
    assert len(log.alerts()[-1]["several"]) == 19
