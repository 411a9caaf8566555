"""What people read of an outage with several faults or causes: those that hold it now."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.messages.compose import compose
from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.sites import labels_for, station
from tests.support.alerts import iso

DEVICES = "{fm1: {kind: transmitter, name: 主发射机}, det: {kind: detector, name: 检测器}}"
FM = """
fm:
  name: 县广播
  schedule: {daily: "06:00-24:00"}
  chain:
    - {stage: sound, name: 声音, owner: province, needs: det.sound and det.moving}
    - stage: tx
      name: 发射
      owner: own
      needs: fm1.radiating
      degraded: [{when: fm1.reduced, reason: reduced_power}]
  off_air: {open_after: 0s, clear_after: 30s, severity: critical}
"""
CAUSES = {
    "fm1": ("tripped", "fm1.radiating", "no output power", "主发射机 no output", "Check mains"),
    "det": ("silent", "det.sound", "no sound", "检测器 no sound", "Look, listen"),
}
"""By device: how it fails, by which condition, its words, what it does now, its card."""


def log_of(*states: tuple[str, dict[str, str]]) -> DutyLog:
    """Return a log of these states, one after the other, five minutes longer than the last."""
    log = DutyLog(station(DEVICES, FM), begins="12:00:00")
    for at, devices in states:
        log.then(at, **devices)
    return log.until("12:50:00")


def messages(log: DutyLog, language: str = "en") -> list[Any]:
    """Return each message with its alert, in order."""
    labels = labels_for(log.site)
    found = []
    for alert in log.alerts():
        one = compose(
            alert,  # type: ignore[arg-type]
            labels=labels,
            language=language,
            iso=iso,
            unrecorded=False,
        )
        found.append((alert, one))
    return found


def two_causes(first: str, second: str) -> DutyLog:
    """Return a log in which the first of two causes heals and the second holds the outage."""
    return log_of(
        ("12:10:00", {first: CAUSES[first][0]}),
        ("12:10:20", {second: CAUSES[second][0]}),
        ("12:10:35", {first: "good"}),
        ("12:20:00", {second: "good"}),
    )


@pytest.mark.parametrize(("first", "second"), [("det", "fm1"), ("fm1", "det")])
def test_a_message_of_two_causes_has_the_card_and_the_devices_of_its_own(
    first: str, second: str
) -> None:
    """Each message is about one cause: its reason, its card and what its devices do now."""
    told = {alert["told"]: (alert, one) for alert, one in messages(two_causes(first, second))}
    assert list(told) == ["opened", "also", "continued", "recovered"]
    for kind, device in (("opened", first), ("also", second), ("continued", second)):
        alert, one = told[kind]
        _, condition, words, now, card = CAUSES[device]
        assert alert["cause"]["conditions"] == [condition]
        assert [each["device"] for each in alert["devices_now"]] == [device]
        assert f": {words}" in one.cause
        assert f"Now: {now}" in one.text
        assert card in one.action
    assert f"still off, {CAUSES[second][2]}" in told["continued"][1].text
    back = told["recovered"][1].text
    assert f"Now: {'主发射机 on air' if second == 'fm1' else '检测器 normal'}." in back


@pytest.mark.parametrize(("first", "second"), [("det", "fm1"), ("fm1", "det")])
def test_what_goes_on_is_acknowledged_under_the_number_that_goes_on(
    first: str, second: str
) -> None:
    """The old incident is over: nobody can take it any more."""
    (one,) = (one for alert, one in messages(two_causes(first, second)) if "continues" in one.text)
    assert "100 continues as 101" in one.text
    assert "monitord ack 101 --person duty" in one.text
    assert "ack 100" not in one.text


STATES = {"good": "", "reduced": "degraded", "tripped": "off air"}
ORDERS = [
    ("reduced", "tripped", "reduced", "good"),
    ("tripped", "reduced", "good"),
    ("reduced", "tripped", "good"),
    ("tripped", "reduced", "tripped", "good"),
]


@pytest.mark.parametrize("order", ORDERS)
def test_an_incident_that_is_degraded_and_off_air_is_reported_as_it_is_now(
    order: tuple[str, ...],
) -> None:
    """Whatever came first: the words, the cause and the card are those of the worst open fault."""
    times = [f"12:{10 * number}:00" for number in range(1, len(order) + 1)]
    log = log_of(*((at, {"fm1": state}) for at, state in zip(times, order, strict=True)))
    for alert, one in messages(log):
        state = [s for at, s in zip(times, order, strict=True) if at < clock_of(alert["at"])][-1]
        title = one.text.split("\n")[0]
        if state == "tripped":
            assert "no output power" in title
            assert "no output power" in one.cause
            assert alert["reason"] == "no_carrier"
            assert "Check mains" in one.action
            assert "no carrier" in one.sms or "OFF AGAIN" in one.sms
        if state == "reduced":
            assert "off air" not in one.sms.lower() + title.lower()
            assert "degraded" in title.lower()
            assert "degraded" in one.sms.lower()
            assert "reduced power" in one.cause
            assert alert["reason"] == "reduced_power"
    assert len(messages(log)) >= len(order)


@pytest.mark.parametrize(
    ("language", "cause"),
    [("zh", "原因：无载波（主发射机，发射）。"), ("en", "Cause: no carrier (主发射机; 发射)")],
)
def test_the_end_of_an_incident_that_opened_as_degraded_names_its_device(
    language: str, cause: str
) -> None:
    """Low power before and behind the outage: the place then has no other condition.

    That the device had no carrier nobody knows: the programme had none, and the place was there.
    """
    log = log_of(
        ("12:05:00", {"fm1": "reduced"}),
        ("12:10:00", {"fm1": "tripped"}),
        ("12:15:00", {"fm1": "reduced"}),
        ("12:20:00", {"fm1": "good"}),
    )
    (alert, last) = messages(log, language)[-1]
    assert (alert["told"], alert["fault"]) == ("recovered", "off_air")
    assert cause in last.text


SWITCHED = """
fm:
  name: 县广播
  chain:
    - {stage: tx, name: 发射, owner: own, needs: fm1.radiating and sw.a_on_antenna}
"""


def test_a_switch_between_transmitter_and_antenna_has_no_output_and_is_not_on_air() -> None:
    """It passes on what the transmitter gives: it is normal or abnormal."""
    devices = "{fm1: {kind: transmitter, name: 主发射机}, sw: {kind: switch, name: 同轴开关}}"
    log = DutyLog(station(devices, SWITCHED), begins="12:00:00").then("12:10:00", sw="to_b")
    log.then("12:15:00", sw="good").then("12:20:00", fm1="tripped").until("12:25:00")
    texts = [one.text for _, one in messages(log, "zh")]
    now = [line for text in texts for line in text.split("\n") if line.startswith("现状")]
    assert now == [
        "现状：主发射机正常、同轴开关异常。",
        "现状：主发射机在播、同轴开关正常。",
        "现状：主发射机无输出、同轴开关正常。",
    ]
