"""Stories of a duty log in full: every message with its words, and every figure behind it."""

from __future__ import annotations

import re

from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import TX, five
from tests.scenarios.test_plant_faults import PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_unseen import witnessed
from tests.scenarios.test_words_of_a_night import texts
from tests.support.seam import SECOND

NAMED = PAIR.replace("stage: transmitters", "stage: transmitters\n      name: 发射")
MOMENT = r"\d+月\d+日\d\d:\d\d:\d\d(至\d\d:\d\d:\d\d之间)?"


def lines(text: str) -> dict[str, str]:
    """Return a Chinese message by the word that begins each line; the core is under ``core``."""
    core, *rest = text.split("\n")
    found = dict(line.split("：", 1) for line in rest if "：" in line)
    return {"core": re.sub(MOMENT, "T", core)} | found


def test_both_exciters_fail_and_return_one_after_the_other() -> None:
    """Off air, back on the backup without a reserve, and the reserve is back."""
    log = DutyLog(station(TWO_TRANSMITTERS, NAMED), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped", b="tripped").then("02:20:00", b="good")
    log.then("02:30:00", a="standby")
    log.expect(
        "02:35:00",
        """
        02:10:04 duty opened a/transmitters tv 4
        02:20:30 duty recovered a/transmitters tv 600 good
        02:21:00 duty opened a/transmitters_reserve tv/reserve_lost/transmitters 61
        02:30:30 duty recovered a/transmitters_reserve tv/reserve_lost/transmitters 601 good
        """,
    )
    off, back, without, reserve = map(lines, texts(log, "zh"))
    assert off["core"].startswith(
        "【紧急】大别山发射台 电视一套停播，T起，无输出功率。现已停播至少"
    )
    assert off["原因"] == "主、备发射机均无输出功率（发射）。"
    assert off["现状"] == "主发射机不可接替、备发射机不可接替。"
    assert back["core"] == (
        "【紧急】大别山发射台 电视一套恢复播出，T。停播至少9分58秒、至多10分2秒。业务、内容未监测。"
    )
    assert back["现状"] == "主发射机不可接替、备发射机在播。"
    assert without["core"].startswith(
        "【次要】大别山发射台 电视一套在播但无后备，T起，主发射机不可接替。"
    )
    assert without["原因"] == "主发射机状态异常（发射）。", "in local mode it is not"
    assert without["勿"] == "备发射机、同轴开关。"
    assert reserve["core"].startswith("【次要】大别山发射台 电视一套后备恢复，T，主发射机可接替。")
    seconds = log.seconds("tv")
    assert 597 <= seconds["off_air"] <= 600
    assert seconds["off_air"] + seconds["on_air"] + seconds["between"] == 2099


def test_an_iced_witness_that_knows_of_its_ice_is_silent_about_the_programme() -> None:
    """Its reference channel is gone too: no message, and every second on air."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good").until("02:45:00")
    assert log.alerts() == []
    assert log.seconds("fm")["on_air"] == 2699
    assert log.driver.situation.durable.unsettled == {}


def test_an_iced_witness_without_a_reference_rings_once_and_is_to_be_settled() -> None:
    """Neither party is called wrong; half an hour is blind, and somebody settles it."""
    log = DutyLog(witnessed(""), begins="02:00:00")
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good")
    log.expect(
        "02:45:00",
        """
        02:10:04 duty opened roof/disputed fm/disputed 0-4
        02:40:29 duty recovered roof/disputed fm/disputed 0-1799 good
        """,
    )
    opened, over = map(lines, texts(log, "zh"))
    assert opened["core"].startswith(
        "【紧急】大别山发射台 调频结论矛盾，T起，接收机与链路不符，请核实。"
    )
    assert "异常" not in opened["原因"], "nobody has proven that the receiver is"
    assert opened["勿"] == "凭一方读数停机。"
    assert over["core"].startswith("【紧急】大别山发射台 调频结论矛盾已解除，T。")
    seconds, left = log.seconds("fm"), log.driver.situation.durable.unsettled["fm"]
    assert "off_air" not in seconds
    assert 1797 <= seconds["blind"] <= 1800
    assert (left.count, round(left.time / SECOND)) == (1, seconds["blind"])


def test_a_trip_of_a_minute_of_a_multiplex_of_five_names_all_five_and_the_transmitter() -> None:
    """One opening and one recovery, each with every programme and its own figures."""
    log = DutyLog(five(own=True), begins="02:00:00", answers=SECOND)
    log.then("02:10:00", tx="tripped").then("02:11:00", tx="good")
    log.expect(
        "02:15:00",
        """
        02:10:03 duty opened tx/power tv1 3, tv2 3, tv3 3, tv4 3, tv5 3
        02:11:30 duty recovered tx/power tv1 60, tv2 60, tv3 60, tv4 60, tv5 60 good
        """,
    )
    opened, over = map(lines, texts(log, "zh"))
    assert "所带5套全部停播，T起，无输出功率。" in opened["core"]
    assert "节目：1套、2套、3套、4套、5套。" in opened["core"]
    assert over["core"].startswith(
        "【紧急】大别山发射台 1套等5套恢复播出，T。停播至少58秒、至多1分2秒。"
    )
    assert over["影响"].count("至少58秒、至多1分2秒") == 5
    found = [log.seconds(f"tv{n}") for n in range(1, 6)]
    assert all(57 <= each["off_air"] <= 60 for each in found)
    assert [each["place"] for each in (alert["cause"] for alert in log.alerts())] == [
        "tx/power"
    ] * 2


def test_a_sun_outage_names_the_satellite_receiver_and_whose_seconds_they_are() -> None:
    """Nobody restarts the transmitter for it."""
    chain = f"[{{stage: satellite, name: 卫星接收, owner: province, needs: link.locked}}, {TX}]"
    site = station(
        "link: {kind: link, name: 卫星接收机}\ntx: {kind: transmitter, name: 发射机}",
        f"tv: {{name: 电视一套, chain: {chain}}}",
    )
    log = DutyLog(site, begins="11:50:00")
    log.then("12:00:00", link="down").then("12:08:00", link="good")
    log.expect(
        "12:12:00",
        """
        12:00:03 duty opened link/satellite tv 3
        12:08:30 duty recovered link/satellite tv 480 good
        """,
    )
    opened, over = map(lines, texts(log, "zh"))
    assert opened["core"].startswith("【紧急】大别山发射台 电视一套停播，T起，失锁。")
    assert opened["原因"] == "卫星接收机失锁（卫星接收）。"
    assert opened["勿"] == "重启发射机。"
    assert "停播至少7分58秒、至多8分2秒。" in over["core"]
    (outage,) = log.ended()
    assert outage["owner"] == "province"
    (owner,) = outage["owners"]
    assert owner[2:] == ["link/satellite", "province"]
    assert outage["figures"]["least"] <= owner[1] - owner[0] <= outage["figures"]["most"]
    assert 477 <= log.seconds("tv")["off_air"] <= 480


def test_a_redundant_stage_that_a_reload_renames_keeps_no_incident_of_its_old_name() -> None:
    """Lost reserve, not followed any more, lost under its new name, and restored."""
    assert NAMED.count("stage: transmitters") == 1
    renamed = station(TWO_TRANSMITTERS, NAMED.replace("stage: transmitters", "stage: rf"))
    log = DutyLog(station(TWO_TRANSMITTERS, NAMED), begins="02:00:00", b="standby")
    log.then("02:10:00", b="tripped").until("02:15:00").reload(renamed).until("02:20:00")
    log.becomes(b="standby")
    log.expect(
        "02:25:00",
        """
        02:11:00 duty opened b/transmitters_reserve tv/reserve_lost/transmitters 60
        02:15:00 duty reconfigured b/transmitters_reserve tv/reserve_lost/transmitters 300
        02:16:00 duty opened b/rf_reserve tv/reserve_lost/rf 61
        02:20:30 duty recovered b/rf_reserve tv/reserve_lost/rf 301 good
        """,
    )
    assert log.driver.situation.durable.incidents == {}
    lost, gone, again, back = map(lines, texts(log, "zh"))
    assert lost["原因"] == "备发射机状态异常。", "its stage has no name in these labels"
    assert again["原因"] == "备发射机状态异常（发射）。"
    assert gone["core"] == "【次要】大别山发射台 电视一套监测配置已改，原无后备不再跟踪。"
    assert "确认" not in gone, "nobody has to take it"
    assert back["core"].startswith("【次要】大别山发射台 电视一套后备恢复，T，备发射机可接替。")
    assert "off_air" not in log.seconds("tv")
