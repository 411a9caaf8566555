"""What people read of a night: names of devices, what each does now, causes in words."""

from __future__ import annotations

import re
from typing import Any

from monitord.messages.compose import compose
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import labels_for, station
from tests.scenarios.test_plant_faults import FM, PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_shared_reserve import shared
from tests.support.alerts import iso
from tests.support.seam import Site

SWITCHED = """
tv:
  name: 电视一套
  chain:
    - stage: transmitters
      name: 发射
      owner: own
      members:
        - {id: a, carries: a.radiating and switch.a_on_antenna, ready: a.sane}
        - {id: b, carries: b.radiating and switch.b_on_antenna, ready: b.sane}
"""


def texts(log: DutyLog, language: str, **wanted: Any) -> list[str]:
    """Return the full text of each message whose alert has these values, in order."""
    return [
        compose(
            alert,  # type: ignore[arg-type]
            labels=labels_for(log.site),
            language=language,
            iso=iso,
            unrecorded=False,
        ).text
        for alert in log.alerts()
        if all(alert[key] == value for key, value in wanted.items())
    ]


def test_a_cause_is_words_and_names_each_fault_once() -> None:
    """FAULTS E, the cause's sentence: no condition's id, no role that collides with a name."""
    site = station(f"{TWO_TRANSMITTERS}\nswitch: {{kind: switch, name: 同轴开关}}", SWITCHED)
    log = DutyLog(site, begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped", b="tripped").until("02:15:00")
    (text,) = texts(log, "zh", told="opened", fault="off_air")
    assert "原因：主、备发射机均无输出功率，天线未接备发射机（发射）。" in text.split("\n")
    (text,) = texts(log, "en", told="opened", fault="off_air")
    assert "no output power; antenna not on 备发射机" in text
    assert not re.search(r"[a-z]+_on_antenna|radiating|transmitters", text)


def test_the_one_on_air_is_named_and_nobody_may_touch_it() -> None:
    """FAULTS E: the main trips, the backup carries; 主机 and 备机 are in no sentence."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="good").then("02:10:02", a="tripped").until("02:15:00")
    (text,) = texts(log, "zh", told="opened", fault="reserve_lost")
    assert "电视一套在播但无后备" in text
    assert "勿动备发射机" in text
    assert "现由备发射机播出；检修主发射机。" in text
    assert not re.search("主机|备机", text)


def test_a_reserve_in_local_mode_has_not_failed() -> None:
    """Somebody has it in hand: no word of a failure, and nobody is sent to repair it."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="local").until("02:15:00")
    (text,) = texts(log, "zh", told="opened", fault="reserve_lost")
    assert "电视一套在播但无后备" in text
    assert "备发射机在本地控制。勿动主发射机" in text
    assert "现状：主发射机在播、备发射机在本地控制。" in text
    assert "操作已完，按操作票恢复遥控" in text
    assert not re.search("故障|检修", text)
    (text,) = texts(log, "en", told="opened", fault="reserve_lost")
    assert "备发射机 in local control" in text
    assert "failed" not in text


def two_rooms(source: str, first: str, second: str) -> Site:
    """Return two programmes whose stages have names of their own."""
    stage = "{{stage: tx, name: {}, owner: own, needs: {}}}"
    first, second = stage.format("甲机房", first), stage.format("乙机房", second)
    return station(
        f"{source}\nups: {{kind: feed, name: 总电源}}",
        f"tv1: {{name: 一套, rank: 1, chain: [{first}]}}\n"
        f"tv2: {{name: 二套, rank: 2, chain: [{second}]}}",
    )


def test_a_supply_that_several_programmes_share_is_in_no_stage_of_one_of_them() -> None:
    """The mains fail for both: that is not where the first one has its transmitter."""
    own = "{}: {{kind: transmitter, powered_by: ups.mains}}"
    source = f"{own.format('a')}\n{own.format('b')}"
    log = DutyLog(two_rooms(source, "a.radiating", "b.radiating"), begins="02:00:00")
    log.then("02:10:00", ups="off", a="tripped", b="tripped").until("02:11:00")
    (text,) = texts(log, "zh", told="opened")
    assert "一套等2套停播" in text
    assert "原因：总电源状态异常。" in text.split("\n")
    (alert,) = log.alerts()
    assert (alert["cause"]["place"], alert["cause"]["stage"]) == ("ups/mains", None)


def test_a_stage_that_programmes_name_differently_is_left_out_of_the_cause() -> None:
    """One multiplexer is one cause; the name that the first programme has for it is not said."""
    log = DutyLog(
        two_rooms("mux: {kind: mux, name: 复用器}", "mux.s1", "mux.s2"), begins="02:00:00"
    )
    log.then("02:10:00", mux="dead").until("02:11:00")
    (text,) = texts(log, "zh", told="opened")
    assert "复用器所带2套全部停播" in text
    assert "原因：复用器状态异常。" in text.split("\n")


def test_a_witness_of_the_picture_is_not_said_to_contradict_the_transmitter() -> None:
    """The picture moves by the detector, and not by a receiver: the carrier is not in question."""
    receiver = "roof: {kind: receiver, name: 楼顶接收机}"
    site = station(
        f"tx: {{kind: transmitter}}\nstudio: {{kind: detector}}\n{receiver}",
        """
        fm:
          name: 调频
          chain:
            - {stage: picture, owner: own, needs: studio.moving}
            - {stage: transmitter, owner: own, needs: tx.radiating}
          witnesses: [{id: roof, needs: roof.moving}]
        """,
    )
    log = DutyLog(site, begins="02:00:00").then("02:10:00", roof="frozen").until("02:11:00")
    (text,) = texts(log, "zh", told="opened", fault="disputed")
    assert "调频结论矛盾" in text
    assert "原因：楼顶接收机与链路不符。" in text
    assert not re.search("发射端|发射机", text)
    (text,) = texts(log, "en", told="opened", fault="disputed")
    assert "楼顶接收机: contradicts the chain" in text
    assert "transmitter" not in text


def test_a_used_reserve_is_said_to_serve_the_other_programme() -> None:
    """N+1: the neighbour reads whom its reserve carries, in both languages."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", spare="good", matrix="to1")
    log.until("02:15:00")
    (text,) = texts(log, "zh", told="opened", fault="reserve_used")
    assert "2套在播，后备已用于1套" in text
    assert "勿动二号机" in text
    assert "原因：备用机已用于1套。" in text.split("\n")
    assert "二号机在播、备用机已用于1套" in text
    assert "尽快修好1套的故障设备" in text
    (text,) = texts(log, "en", told="opened", fault="reserve_used")
    assert "2套 BACKUP SERVES 1套" in text
    log.then("02:20:00", b="tripped").until("02:25:00")
    (text,) = texts(log, "zh", told="opened", fault="off_air", programme="tv2")
    assert "备用机已用于1套。" in text


def test_a_reserve_on_two_programmes_is_said_to_be_on_two() -> None:
    """No receiver contradicts here: the switch has to be looked at."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped", b="tripped", spare="good", matrix="both").until("02:15:00")
    (text, *_) = texts(log, "zh", told="opened", fault="disputed")
    assert "结论矛盾" in text
    assert "后备同时接两套，请核实" in text
    assert "先核实开关位置。" in text
    assert "接收机与链路不符" not in text


def test_an_automatic_transfer_switch_left_in_manual_is_reported_in_words() -> None:
    """On mains, and nothing would change over when they fail."""
    alarm = "conditions: {automatic: {alarm: {severity: minor, open_after: 10s}}}"
    devices = f"ats: {{kind: feed, name: 机房ATS, {alarm}}}\ntx: {{kind: transmitter}}"
    programme = "fm: {name: 调频, chain: [{stage: tx, owner: own, needs: tx.radiating}]}"
    log = DutyLog(station(devices, programme), begins="02:00:00")
    log.then("02:10:00", ats="manual").then("02:20:00", ats="good").until("02:25:00")
    opened, recovered = texts(log, "zh")
    assert "机房ATS在手动位" in opened
    assert "机房ATS在手动位，已恢复" in recovered


def test_a_cause_on_our_own_side_is_named_by_its_reason() -> None:
    """No request leaves, and monitord did not run: neither is a device, and "site" is no name."""
    site = station("tx: {kind: transmitter}", FM)
    log = DutyLog(site, begins="02:00:00").then("02:10:00", tx="no_path").until("02:11:05")
    assert "原因：网络不通。" in texts(log, "zh", told="opened", fault="blind")[0].split("\n")
    assert "Cause: network unreachable." in texts(log, "en", told="opened", fault="blind")[0]
    log = DutyLog(site, begins="02:00:00").until("02:10:00").power_cut("02:14:00")
    (text,) = texts(log.until("02:16:00"), "zh", fault="blind")
    assert "原因：监测程序当时未运行。" in text.split("\n")
