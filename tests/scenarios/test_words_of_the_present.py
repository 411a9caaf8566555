"""What each device does now: only what an answer shows, in the alert and in what people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from monitord.core.alerts import devices_now
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_plant_faults import FM, PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_words_of_a_night import SWITCHED, texts

STUDIO = "fm: {name: 调频, chain: [{stage: studio, owner: own, needs: d.sound}]}"
SWITCH = f"{TWO_TRANSMITTERS}\nswitch: {{kind: switch}}"
NEVER_READY = SWITCHED.replace(", ready: a.sane", "").replace(", ready: b.sane", "")


def does(log: DutyLog) -> dict[str, Any]:
    """Return what each device of the only open incident does at this moment."""
    situation = log.driver.situation
    (incident,) = situation.durable.incidents.values()
    return {now["device"]: now["does"] for now in devices_now(situation, incident)}


@pytest.mark.parametrize(
    ("devices", "programmes", "states"),
    [
        ("tx: {kind: transmitter, name: 发射机}", FM, {"tx": "tripped"}),
        ("d: {kind: detector, name: 检测器}", STUDIO, {"d": "silent"}),
        (TWO_TRANSMITTERS, PAIR, {"a": "tripped", "b": "tripped"}),
    ],
)
def test_nothing_is_said_of_a_device_that_has_not_answered_since_a_start(
    devices: str, programmes: str, states: Mapping[str, str]
) -> None:
    """What is off goes on over a restart; a message that goes out at once knows nothing yet."""
    log = DutyLog(station(devices, programmes), begins="02:00:00")
    log.then("02:10:00", **states).until("02:10:20").power_cut("02:10:30")
    assert set(does(log).values()) == {"unknown"}
    log.until("02:10:40")
    assert "unknown" not in does(log).values()


def test_a_transmitter_under_power_is_not_without_output_behind_a_switch_that_left_it() -> None:
    """Also where nothing is configured that would make it ready."""
    assert "ready" not in NEVER_READY
    log = DutyLog(station(SWITCH, NEVER_READY), begins="02:00:00", b="tripped")
    log.then("02:10:00", switch="to_b").until("02:10:20")
    assert does(log) == {"a": "unswitched", "b": "no_output"}


def test_a_reserve_that_answers_without_its_values_is_not_said_to_give_no_answer() -> None:
    """It is unknown by what is missing, and nobody goes and looks for a broken cable."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.until("02:10:00").doubted("b").until("02:15:00")
    (alert,) = [one for one in log.alerts() if one["fault"] == "reserve_unknown"]
    assert alert["cause"]["place"] == "b/no_value"
    for language, answers in (("zh", "无应答"), ("en", "does not answer")):
        (text,) = texts(log, language, told="opened", fault="reserve_unknown")
        assert answers not in text
