"""What nobody monitors is named wherever a programme is said to be on air."""

from __future__ import annotations

from monitord.messages.compose import compose
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import labels_for, station
from tests.scenarios.test_words_of_a_night import texts
from tests.support.alerts import iso

DEVICES = """
tx: {kind: transmitter, name: 发射机}
mux: {kind: mux, name: 复用器}
det: {kind: detector, name: 画面检测}
"""
WITHOUT = """
tv:
  name: 电视一套
  chain:
    - {stage: multiplex, name: 复用, owner: own, needs: mux.s1}
    - {stage: transmitter, name: 发射, owner: own, needs: tx.radiating}
"""
WITH = WITHOUT.replace(
    "chain:", "chain:\n    - {stage: picture, name: 画面, owner: own, needs: det.moving}"
)


def test_a_frozen_picture_with_a_good_carrier_and_no_detector_is_not_monitored() -> None:
    """Nobody can know; so each message of a programme on air names what it does not know."""
    log = DutyLog(station(DEVICES, WITHOUT), begins="02:00:00")
    log.then("02:10:00", det="frozen").then("02:20:00", tx="tripped").then("02:21:00", tx="good")
    log.expect(
        "02:30:00",
        """
        02:20:03 duty opened tx/transmitter tv 3
        02:21:30 duty recovered tx/transmitter tv 60 good
        """,
    )
    opened, recovered = texts(log, "zh")
    assert "未监测" not in opened
    assert "电视一套恢复播出" in recovered
    assert "内容未监测。" in recovered
    assert "Not monitored: content." in texts(log, "en", told="recovered")[0]
    (_, message) = bodies(log)
    assert message == [["content"]]


def test_the_same_picture_with_a_detector_is_an_outage_of_content() -> None:
    """Freeze, at the detector's stage; the carrier is good all the time."""
    log = DutyLog(station(DEVICES, WITH), begins="02:00:00")
    log.then("02:10:00", det="frozen").then("02:20:00", det="good")
    log.expect(
        "02:30:00",
        """
        02:10:03 duty opened det/picture tv 3
        02:20:30 duty recovered det/picture tv 600 good
        """,
    )
    assert {alert["reason"] for alert in log.alerts()} == {"freeze"}
    opened, recovered = texts(log, "zh")
    assert "电视一套停播" in opened
    assert "静帧" in opened
    assert "未监测" not in opened + recovered
    assert bodies(log) == [[[]], [[]]]


def test_programmes_with_different_gaps_are_named_each_with_its_own() -> None:
    """One incident of two programmes: only one of them has a detector."""
    two = WITH + WITHOUT.replace("tv:", "tv2:").replace("电视一套", "电视二套")
    log = DutyLog(station(DEVICES, two), begins="02:00:00")
    log.then("02:20:00", tx="tripped").then("02:21:00", tx="good").until("02:30:00")
    (recovered,) = texts(log, "zh", told="recovered")
    assert "电视二套的内容未监测。" in recovered
    assert "电视一套的" not in recovered
    assert bodies(log) == [[[], ["content"]], [[], ["content"]]]


def bodies(log: DutyLog) -> list[list[list[str]]]:
    """Return, by message, the unmonitored layers of each member in the webhook's body."""
    labels = labels_for(log.site)
    found = [
        compose(a, labels=labels, language="zh", iso=iso, unrecorded=False)  # type: ignore[arg-type]
        for a in log.alerts()
    ]
    return [[member["unmonitored"] for member in message.members] for message in found]
