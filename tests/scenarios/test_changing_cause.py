"""A cause that changes again and again: bounded word of it, and the last one in the end."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_words_of_a_night import texts
from tests.support.seam import Site

HOPS = 9


def relays() -> Site:
    """Return a programme that passes nine links one behind the other."""
    devices = "\n".join(f"hop{n}: {{kind: link, name: 第{n}跳}}" for n in range(1, HOPS + 1))
    stages = ", ".join(
        f"{{stage: s{n}, name: 跳{n}, owner: own, needs: hop{n}.locked}}"
        for n in range(1, HOPS + 1)
    )
    off_air = "off_air: {open_after: 0s, clear_after: 0s, severity: critical}"
    return station(devices, f"tv: {{name: 电视一套, chain: [{stages}], {off_air}}}")


def healing(log: DutyLog, begin: int, first: int, last: int, every: int) -> None:
    """Let the links heal from the source on, one every so many seconds."""
    for place, n in enumerate(range(first, last + 1)):
        at = begin + place * every
        log.then(f"02:{at // 60:02}:{at % 60:02}", **{f"hop{n}": "good"})


def broken() -> DutyLog:
    """Return the log of a night in which all links fell, the first one first."""
    log = DutyLog(relays(), begins="02:00:00")
    log.then("02:10:00", hop1="down")
    return log.then("02:10:02", **{f"hop{n}": "down" for n in range(2, HOPS + 1)})


def test_a_cause_that_moves_more_than_six_times_in_ten_minutes_is_changing() -> None:
    """One word that it changes, and the cause once it has not moved so often any more."""
    log = broken()
    healing(log, 11 * 60, 1, HOPS - 1, every=40)
    log.until("02:40:00")
    revised = [m for m in log.messages() if m.told == "revised"]
    assert len(log.driver.situation.durable.incidents) == 1
    assert [(m.at, m.place) for m in revised] == [
        ("02:11:05", "hop2/s2"),
        ("02:12:05", "hop3/s3"),
        ("02:13:05", "hop5/s5"),
        ("02:14:05", "hop6/s6"),
        ("02:15:05", "hop8/s8"),
        ("02:21:40", "hop9/s9"),
    ]
    changing = [text for text in texts(log, "zh", told="revised") if "原因多变" in text]
    assert len(changing) == 1
    assert "10分钟内至少变化7次" in changing[0]
    assert "CAUSE CHANGING" in texts(log, "en", told="revised")[4]
    assert "更正：电视一套停播原因为" in texts(log, "zh", told="revised")[-1]


def test_six_moves_in_ten_minutes_are_reported_one_by_one() -> None:
    """Six is no more than six."""
    log = broken()
    healing(log, 11 * 60, 1, 6, every=70)
    log.until("02:40:00")
    revised = [m for m in log.messages() if m.told == "revised"]
    assert [m.place for m in revised] == [f"hop{n}/s{n}" for n in range(2, 8)]
    assert not any("原因多变" in text for text in texts(log, "zh"))


def test_seven_moves_in_more_than_ten_minutes_are_reported_one_by_one() -> None:
    """Each is news for longer than the ten minutes are."""
    log = broken()
    healing(log, 11 * 60, 1, 7, every=110)
    log.until("02:50:00")
    assert [m.place for m in log.messages() if m.told == "revised"] == [
        f"hop{n}/s{n}" for n in range(2, 9)
    ]
    assert not any("原因多变" in text for text in texts(log, "zh"))


def test_a_restart_repeats_no_word_of_a_changing_cause() -> None:
    """What a person has is in the record."""
    log = broken()
    healing(log, 11 * 60, 1, HOPS - 1, every=20)
    log.until("02:15:00").power_cut("02:15:03").until("02:40:00")
    changing = [text for text in texts(log, "zh", told="revised") if "原因多变" in text]
    assert len(changing) == 1


@pytest.mark.parametrize("clear_after", ["0s", "30s"])
def test_two_programmes_move_together_whatever_their_clearing_time(clear_after: str) -> None:
    """The moves of one turn are one: the incident goes on under its id, nothing opens beside it."""
    stages = ", ".join(f"{{stage: s{n}, owner: own, needs: hop{n}.locked}}" for n in (1, 2))
    off_air = f"off_air: {{open_after: 0s, clear_after: {clear_after}, severity: critical}}"
    lines = "\n".join(f"tv{n}: {{name: 电视{n}, chain: [{stages}], {off_air}}}" for n in (1, 2))
    devices = "hop1: {kind: link}\nhop2: {kind: link}"
    log = DutyLog(station(devices, lines), begins="02:00:00")
    log.then("02:10:00", hop1="down").then("02:10:02", hop2="down")
    log.then("02:12:00", hop1="good").then("02:15:00", hop2="good").until("02:20:00")
    assert [(m.told, m.place) for m in log.messages()] == [
        ("opened", "hop1/s1"),
        ("revised", "hop2/s2"),
        ("recovered", "hop2/s2"),
    ]
