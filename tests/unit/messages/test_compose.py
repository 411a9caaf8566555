"""A message states in words what the core proved, no more and no less (WORDING B)."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from monitord.messages.labels import Labels
from monitord.texts import LANGUAGES
from tests.support.alerts import (
    BEGAN,
    LABELS,
    OVER,
    SECOND,
    alert,
    composed,
    iso,
    member,
    old_alert,
)
from tests.unit.messages.test_cards import CARDS

TOLD = (
    *("opened", "revised", "recovered", "closed_before_told", "worsened", "falls_again", "grown"),
    *("also", "partly", "digest", "storm", "hours_ended", "reconfigured", "continued", "withdrawn"),
)
FAULTS = (
    *("off_air", "blind", "degraded", "disputed", "suspected", "reserve_lost/tx"),
    *("reserve_unknown/tx", "reserve_used/tx", "manual/tx", "site_silent", "alarm/ups1.mains_good"),
    *("alarm/ups1.blinks", "clock_untrusted", "inconsistent/tx1", "silent/tx1"),
)
OF_SITE = ("site_silent", "clock_untrusted", "config_refused", "record_replaced")
WITHOUT_PROGRAMME = (*OF_SITE, "alarm", "inconsistent", "silent")


def of_fault(fault: str, **other: Any) -> dict[str, Any]:
    programme = "" if fault.partition("/")[0] in WITHOUT_PROGRAMME else "fm"
    return member(programme=programme, fault=fault, **other)


CARD = "①看市电、空开、联锁、反射 ②均正常，复位一次 ③不成，按操作票开另一部。报值班长，记日志。"


def test_the_example_of_an_outage_in_full_is_written_as_the_reference_has_it() -> None:
    """WORDING B, Full: severity, site, core, what is so far; then one line each."""
    assert composed(alert(restates=False)).text.split("\n") == [
        "【紧急】大别山发射台 县广播停播，11月28日03:12:07起，无输出功率。现已停播至少29秒。",
        "原因：主、备发射机均无输出功率（发射）。",
        "现状：主发射机无输出、备发射机无输出。",
        f"处置：{CARD}",
        "勿：短接联锁、反复复位。",
        "确认：到值机台，或 `monitord ack 512 --person duty_desk`",
        "单号512",
    ]
    assert composed(alert(), "en").title == (
        "[CRITICAL] 大别山发射台: 县广播 OFF AIR 28 Nov 03:12:07, no output power. "
        "Off for at least 29 s so far."
    )


def test_the_same_outage_is_put_shortly_and_to_be_read_aloud() -> None:
    """WORDING B, SMS and Spoken."""
    one = composed(alert())
    assert one.sms == "【大别山发射台】县广播停播，28日03:12:07起，无输出功率。到值机台确认"
    assert one.spoken == ("大别山发射台，县广播停播，28日3点12分7秒起，无输出功率。到值机台确认。")
    english = composed(alert(), "en")
    assert english.sms == "大别山发射台: 县广播 OFF AIR 28th 03:12, no carrier. Ack: desk"


def test_an_alert_of_an_older_record_has_its_message_too() -> None:
    """Only the keys of the first generation: no number, no members, no devices."""
    one = composed(old_alert(joined=["tv"]))
    assert one.title == (
        "【紧急】大别山发射台 县广播等2套停播，11月28日03:12:07起，无输出功率。"
        "现已停播至少29秒。节目：县广播、县电视一套。"
    )
    assert one.cause == "原因：主发射机无输出功率（发射）。"
    assert "`monitord ack 1-12 --person duty_desk`" in one.text
    assert "现状" not in one.text
    gone = old_alert(told="recovered", **{**OVER, "observed": "unknown:withdrawn"})
    assert composed(gone).title.endswith("县广播监测配置已改，原停播不再跟踪。")


def test_a_message_has_codes_and_ids_beside_the_sentences() -> None:
    """Programs read codes; people read sentences."""
    one = composed(alert(began=[BEGAN - SECOND // 2, BEGAN]))
    assert (one.site, one.programme, one.person) == ("dabie_hill", "fm", "duty_desk")
    assert (one.event, one.reason, one.column) == ("opened", "no_carrier", "off_air")
    assert (one.observed, one.severity, one.number) == ("bad:no_carrier", "critical", "512")
    assert one.began_not_before == "2026-11-28T03:12:06.500000+08:00"
    assert one.began_not_after == "2026-11-28T03:12:07+08:00"
    assert (one.ended_not_before, one.ended_not_after) == (None, None)
    assert one.devices_now[0] == {"device": "tx1", "name": "主发射机", "does": "no_output"}


def test_the_members_of_a_message_have_their_own_times_and_figures() -> None:
    """A gateway of the owner needs no sentence to count them."""
    back = member(programme="tv", **OVER)
    first, second = composed(alert(member(), back)).members
    assert (first["programme"], first["fault"], first["column"]) == ("fm", "off_air", "off_air")
    assert (first["ended_not_after"], second["ended_not_after"]) == (None, iso(OVER["ended"][1]))
    assert (second["least_s"], second["most_seen_s"], second["most_s"]) == (29.0, 31.0, 31.0)


def test_silence_sends_nobody_to_the_mains_breaker() -> None:
    """WORDING C, card 5: the card follows the reason."""
    assert "市电" in composed(alert()).action
    silent = composed(alert(member(reason="silence"), cause={"stage": "tx", "conditions": []}))
    assert "市电" not in silent.action
    assert "监听" in silent.action


NO_BACKUP = alert(
    member(fault="reserve_lost/tx", reason="reserve_lost", column="on_air"),
    devices_now=[{"device": "tx1", "does": "on_air"}, {"device": "tx2", "does": "failed"}],
)


def test_a_lost_backup_names_what_is_on_air_and_what_failed() -> None:
    """Labels by what each device does now: no role word that may be a name."""
    one = composed(NO_BACKUP)
    assert one.title == (
        "【紧急】大别山发射台 县广播在播但无后备，11月28日03:12:07起，备发射机故障。"
        "勿动主发射机。现由主发射机播出；检修备发射机。"
    )
    assert "现状：主发射机在播、备发射机故障。" in one.text
    assert "①不碰主发射机，核实播出 ②查备发射机供电" in one.action
    assert "Keep 主发射机 on. Ack: desk" in composed(NO_BACKUP, "en").sms


BACK = alert(member(**OVER), told="recovered")
GAP = member(**OVER, most=151 * SECOND)
ELSEWHERE = member(**OVER, off_under=514)
UNSEEN = member(**{**OVER, "column": "blind", "observed": "unknown:timeout"})
LATER = member(programme="tv", began=[BEGAN + 60 * SECOND] * 2)
AGAIN = member(falls=2, last_began=[BEGAN + 90 * SECOND] * 2)
TV_BACK = member(programme="tv", **OVER)
MUX = {"stage": "tx", "conditions": [], "place": "mux/tx", "devices": ["mux"], "kind": "stage"}
# The alert, and the core of its SMS in Chinese and English.
CORES: dict[str, tuple[Any, str, str]] = {
    "recovered": (
        BACK,
        "县广播恢复播出，28日03:12:38。停播29～31秒。无需确认",
        "县广播 BACK 28th 03:12, off 29-31s. No ack",
    ),
    "recovered, with a gap": (
        alert(GAP, told="recovered"),
        "县广播恢复播出，28日03:12:38。停播29秒～2分31秒，含失监。无需确认",
        "县广播 BACK 28th 03:12, off 29s-2m31s. No ack",
    ),
    "recovered, off under another number": (
        alert(ELSEWHERE, told="recovered"),
        "县广播此故障已除，仍停播，见单号514。无需确认",
        "县广播: this is cured, still off, see 514. No ack",
    ),
    "cause cured, not seen": (
        alert(UNSEEN, told="recovered"),
        "主、备发射机已恢复，县广播是否在播不明。无需确认",
        "主发射机, 备发射机 cured, 县广播 on air? No ack",
    ),
    "over before told": (
        alert(member(**OVER), told="closed_before_told"),
        "县广播曾停播29～31秒，28日03:12:07起，现在播。无需确认",
        "县广播 off 29-31s from 28th 03:12, now on. No ack",
    ),
    "opened, healed meanwhile": (
        alert(member(**OVER | {"how": None})),
        "县广播曾停播29～31秒，28日03:12:07起，现在播。无需确认",
        "县广播 off 29-31s from 28th 03:12, now on. No ack",
    ),
    "several": (
        alert(member(), LATER),
        "县广播等2套停播，28日03:12:07起，无输出功率。到值机台确认",
        "县广播 +1 OFF AIR 28th 03:12, no carrier. Ack: desk",
    ),
    "all of a multiplex": (
        alert(member(), LATER, cause=MUX),
        "mux所带2套全部停播，28日03:12:07起，无载波。到值机台确认",
        "mux: all 2 OFF AIR 28th 03:12, no carrier. Ack: desk",
    ),
    "worsened": (
        alert(told="worsened"),
        "升级：县广播停播，28日03:12:07起，无输出功率。到值机台确认",
        "WORSE: 县广播 OFF 28th 03:12, no carrier. Ack: desk",
    ),
    "grown": (
        alert(member(), LATER, told="grown"),
        "又有县电视一套停播，28日03:13:07起。到值机台确认",
        "ALSO OFF: 县电视一套 28th 03:13. Ack: desk",
    ),
    "falls again": (
        alert(AGAIN, told="falls_again"),
        "县广播再次停播，28日03:13:37起，无输出功率。到值机台确认",
        "县广播 OFF AGAIN 28th 03:13, no carrier. Ack: desk",
    ),
    "revised": (
        alert(told="revised"),
        "更正：县广播停播原因为无输出功率，28日03:12:07起。到值机台确认",
        "县广播 off 28th 03:12, cause now no carrier. Ack: desk",
    ),
    "partly": (
        alert(member(), TV_BACK, told="partly"),
        "部分恢复：县电视一套恢复，县广播仍停播。无需确认",
        "PARTLY: 县电视一套 back, 县广播 off. No ack",
    ),
    "also": (
        alert(told="also"),
        "另有原因：主、备发射机，县广播仍停播。无需确认",
        "ALSO: 主发射机, 备发射机, 县广播 still off. No ack",
    ),
    "digest": (
        alert(told="digest", falls=7, minutes=12),
        "县广播反复停播7次，28日03:12:07起，共29～31秒，现停播。到值机台确认",
        "县广播 off 7 times in 12 min, now off. Ack: desk",
    ),
    "storm": (
        alert(member(), member(programme="tv", fault="blind"), told="storm", several=[512, 513]),
        "2张故障单：停播1套、失监1套，首要县广播。逐张确认。到值机台确认",
        "2 incidents, 1 off, 1 lost: 县广播. Ack: desk",
    ),
    "hours ended": (
        alert(member(**OVER | {"how": "hours"}), told="hours_ended"),
        "县广播停播未复，28日03:12:38收播，次日开播核实。无需确认",
        "县广播 was off at close 28th 03:12; check at opening. No ack",
    ),
    "continued": (
        alert(told="continued", into=513),
        "单号512并入513：县广播停播未止，因无输出功率。到值机台确认",
        "512 continues as 513: 县广播 still off, no carrier. Ack: desk",
    ),
    "withdrawn": (
        alert(member(**OVER), told="withdrawn"),
        "撤回单号512：县广播该时段不应播。无需确认",
        "Withdrawn 512: 县广播 was out of hours. No ack",
    ),
    "monitoring lost": (
        alert(of_fault("blind", column="blind", reason="timeout")),
        "县广播失监，28日03:12:07起，是否在播不明。到值机台确认",
        "县广播 MONITORING LOST 28th 03:12, on air? Ack: desk",
    ),
    "an alarm": (
        alert(of_fault("alarm/ups1.mains_present")),
        "机房UPS市电中断，28日03:12:07起。到值机台确认",
        "机房UPS: mains lost 28th 03:12. Ack: desk",
    ),
    "the clock": (
        alert(of_fault("clock_untrusted"), since_boot=300 * SECOND),
        "时钟不可信，开机后5分起，时刻仅供参考。到值机台确认",
        "CLOCK NOT TRUSTED boot+5m: times uncertain. Ack: desk",
    ),
    "what began before the boot": (
        alert(since_boot=-300 * SECOND),
        "县广播停播，28日03:12:07起，无输出功率。到值机台确认",
        "县广播 OFF AIR 28th 03:12, no carrier. Ack: desk",
    ),
    "a drill": (
        alert(drill=True),
        "演练：县广播停播。到值机台确认",
        "DRILL: 县广播 OFF AIR. Ack: desk",
    ),
    "taken": (
        alert(acknowledged_by="zhang"),
        "县广播停播，28日03:12:07起，无输出功率。张三已确认",
        "县广播 OFF AIR 28th 03:12, no carrier. Taken: 张三",
    ),
}


@pytest.mark.parametrize("kind", CORES)
def test_each_kind_has_the_core_of_the_reference(kind: str) -> None:
    """WORDING B, the table of kinds; the SMS is site, core, and how to acknowledge."""
    found, zh, en = CORES[kind]
    assert composed(found).sms == f"【大别山发射台】{zh}"
    assert composed(found, "en").sms == f"大别山发射台: {en}"


NOT_SEEN = {"least": 0, "most_seen": 0, "most": 34 * SECOND, "column": "on_air"}
SEEN_AGAIN = {
    "the ledger counts none of it": of_fault("blind", **(OVER | NOT_SEEN)),
    "its own figures": of_fault("blind", **(OVER | {"least": 30 * SECOND, "most": 31 * SECOND})),
}


@pytest.mark.parametrize("kind", SEEN_AGAIN)
def test_the_length_of_lost_monitoring_is_not_a_gap_in_itself(kind: str) -> None:
    """A span without monitoring lasts from its beginning to its end; nothing of it is apart."""
    one = composed(alert(SEEN_AGAIN[kind], told="recovered"))
    assert one.title.endswith("县广播失监结束，11月28日03:12:38。失监31秒，其间是否在播不明。")
    assert "No ack" in composed(alert(SEEN_AGAIN[kind], told="recovered"), "en").sms


WIDE = {"began": [BEGAN, BEGAN + 5 * SECOND]}
DAY = 86_400 * SECOND
# Language, the alert, and what its first line contains; after "not": what it does not.
TITLES: list[tuple[str, Any, list[str]]] = [
    ("en", alert(member(**WIDE)), ["between 28 Nov 03:12:07 and 03:12:12"]),
    ("zh", alert(member(**WIDE)), ["11月28日03:12:07至03:12:12之间起"]),
    ("en", alert(member(began=[BEGAN, BEGAN + SECOND])), ["not between", "28 Nov 03:12:08"]),
    ("zh", alert(member(began=[BEGAN, BEGAN + DAY])), ["11月28日03:12:07至11月29日03:12:07之间"]),
    ("zh", BACK, ["停播至少29秒、至多31秒"]),
    ("en", BACK, ["off at least 29 s, at most 31 s."]),
    ("zh", alert(GAP, told="recovered"), ["另有失监2分0秒，若也停播，至多2分31秒"]),
    ("en", alert(GAP, told="recovered"), ["monitoring lost 2 min 0 s, so at most 2 min 31 s"]),
    ("en", alert(restates=True), ["An earlier message may not have arrived"]),
    ("zh", alert(drill=True), ["【演练】", "演练：县广播停播", "不计停播，不上报", "not 03:12"]),
    ("zh", alert(member(), LATER), ["节目：县广播、县电视一套。"]),
    ("zh", alert(told="storm", several=[512, 513]), ["单号512、513。"]),
]
TITLES += [
    ("en", alert(member(**OVER, least=most, most_seen=most, most=most), told="recovered"), [text])
    for most, text in (
        (400_000, ", off 0.4 s."),
        (9 * SECOND, ", off 9 s."),
        (59_600_000, ", off 1 min 0 s."),
        (3725 * SECOND, ", off 1 h 2 min 5 s."),
    )
]


@pytest.mark.parametrize(("language", "found", "parts"), TITLES)
def test_a_first_line_has_the_times_and_figures_that_are_proven(
    language: str, found: Any, parts: list[str]
) -> None:
    """An inexact time has both ends, in full with its date; time without monitoring is apart."""
    title = composed(found, language).title
    for part in parts:
        assert (part.removeprefix("not ") in title) is not part.startswith("not "), title


def test_a_message_about_several_says_of_each_what_it_is_in_restoration_order() -> None:
    """WORDING B, Affects and Now: also what is off the air under another number."""
    text = composed(alert(member(), TV_BACK | {"off_under": 514}, told="partly")).text
    assert (
        "影响：县广播停播，11月28日03:12:07起；县电视一套停播，11月28日03:12:07起，已恢复" in text
    )
    assert "县电视一套现停播，见单号514。" in text


@pytest.mark.parametrize("fault", ["reserve_lost", "blind", "degraded", "suspected"])
def test_a_fault_that_goes_on_under_another_number_is_off_air_only_where_it_is_an_outage(
    fault: str,
) -> None:
    """The lowest number that has the same fault: a reserve that is lost takes nothing off."""
    goes_on = TV_BACK | {"fault": fault, "off_under": 514}
    text = composed(alert(member(), goes_on, told="partly")).text
    assert "县电视一套仍未恢复，见单号514。" in text
    assert "县电视一套现停播" not in text


def test_a_cause_is_words_for_what_is_wrong_each_fault_once_with_its_devices() -> None:
    """WORDING B, Cause: no condition's id, and a switch has the name of what it does not reach."""
    names = ["tx1.radiating", "tx2.radiating", "switch.b_on_antenna", "switch.blinks"]
    cause = {"stage": "tx", "conditions": names}
    assert composed(alert(cause=cause)).cause == (
        # WORDING B, Cause: the words of a switch name what it does not reach, and not the switch.
        "原因：主、备发射机均无输出功率，天线未接备发射机，同轴开关状态异常（发射）。"
    )
    assert composed(alert(cause=cause), "en").cause == (
        "Cause: 主发射机, 备发射机: no output power; antenna not on 备发射机; "
        "同轴开关: abnormal (发射)."
    )


@pytest.mark.parametrize(("is_true_bad", "text"), [(False, "未运行"), (True, "在运行")])
def test_the_words_of_a_condition_are_those_of_its_bad_side(is_true_bad: bool, text: str) -> None:
    """A generator that runs is what is wrong where the chain asks for the mains."""
    labels = replace(LABELS, bad_when_true=frozenset({"tx1.running"} if is_true_bad else ()))
    cause = {"stage": "tx", "conditions": ["tx1.running"]}
    assert composed(alert(cause=cause), labels=labels).cause == f"原因：主发射机{text}（发射）。"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("tx1/silent", "主发射机无应答"),
        ("tx1+tx2/silent", "主、备发射机均无应答"),
        ("site/silent", "全台设备无应答"),
        ("ups1/mains_present", "机房UPS市电中断"),
    ],
)
def test_a_cause_without_conditions_is_its_place_in_words(place: str, text: str) -> None:
    """A silent device, several of them, the whole site, or a declared supply."""
    cause = {"stage": None, "conditions": [], "place": place}
    assert composed(alert(cause=cause)).cause == f"原因：{text}。"


@pytest.mark.parametrize("fault", ["blind", "site_silent", "reserve_unknown/tx"])
def test_what_is_not_seen_is_never_a_cause(fault: str) -> None:
    """A silent transmitter is not one without power, and its outage card is no advice."""
    cause = {"stage": None, "conditions": ["tx1.radiating"], "place": "tx1/silent"}
    one = composed(alert(of_fault(fault, reason="timeout"), cause=cause), cards=CARDS)
    assert one.cause == "原因：主发射机无应答。"
    assert CARDS["tx1.radiating"]["zh"] not in one.action
    nowhere = cause | {"place": ""}
    one = composed(alert(of_fault(fault, reason="timeout"), cause=nowhere))
    assert one.cause == "原因：设备无应答。"
    assert "输出功率" not in one.sms


SITE = {"stage": None, "conditions": [], "place": "site/silent", "devices": ["site"]}


def test_a_silent_site_has_all_its_programmes_and_is_no_device() -> None:
    """All are lost, whatever members the incident has; its end is no change of configuration."""
    silent = of_fault("site_silent", observed="unknown:withdrawn", column="blind")
    one = composed(alert(silent, cause=SITE))
    assert "全台设备无应答，2套失监，28日03:12:07起，是否在播不明" in one.sms
    over = alert(silent | OVER | {"observed": "unknown:withdrawn"}, cause=SITE, told="recovered")
    assert "全台设备恢复应答，28日03:12:38。失监29～31秒" in composed(over).sms
    lost = composed(alert(of_fault("blind", reason="timeout"), cause=SITE))
    assert lost.title.endswith("是否在播不明。")
    assert lost.cause == "原因：全台设备无应答。"


def test_an_unrecorded_message_asks_for_the_duty_log_and_has_no_number() -> None:
    """When the disk is full a person has to write the log, and no number can be acknowledged."""
    one = composed(alert(), unrecorded=True)
    assert "本条未能写入记录，请手工记录。" in one.title
    assert (one.alert_id, one.incident_id, one.number) == (None, None, None)
    assert "512" not in one.text
    assert "确认：到值机台" in one.text
    assert "未能写入记录" not in composed(alert()).title


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_unknown_codes_and_names_fall_back_to_themselves(language: str) -> None:
    """A code that is newer than the texts is printed as it is; a stage without a name is not."""
    newer = member(programme="fm9", reason="gremlins", fault="odd", severity="odd", column="odd")
    found = alert(newer, told="odd", cause={"stage": "s9", "conditions": ["fm9.up"]})
    one = composed(found, language, labels=Labels("hill"))
    assert all(word in one.title for word in ("hill", "fm9"))
    assert "fm9" in one.cause
    assert "s9" not in one.cause
    assert "gremlins" in composed(alert(newer, cause={"stage": None, "conditions": []})).cause
    assert one.action


IDS = ("fm", "tv", "tx1", "tx2", "ups1", "zhang", "dabie_hill")


@pytest.mark.parametrize(
    ("language", "fault", "told", "is_over"),
    list(product(sorted(LANGUAGES), FAULTS, TOLD, (False, True))),
)
def test_every_fault_and_kind_has_whole_sentences_without_an_id(
    language: str, fault: str, told: str, is_over: bool
) -> None:
    """Every decision of the core has a message, and nobody reads an id that has a name."""
    other = OVER if is_over else {}
    found = alert(of_fault(fault, **other), told=told, several=[512, 513], into=514, minutes=3)
    one = composed(found, language)
    body = one.text.replace("--person duty_desk", "")
    for text in (body, one.sms, one.spoken):
        assert not re.search(r"[{}]|，，|。。|, ,|\.\.|  |None", text), text
        words = re.findall(r"[A-Za-z0-9_]+", text)
        assert not set(words) & set(IDS), text
        assert not [word for word in words if "_" in word], text
    assert one.title[-1] in "。.?"
    assert len(body.split("\n")) >= 3


@pytest.mark.parametrize("told", TOLD)
def test_no_message_names_a_role_that_may_be_the_name_of_a_device(told: str) -> None:
    """WORDING A, device name: 主机 is also a computer; devices have their label."""
    for fault, other in product(FAULTS, ({}, OVER)):
        text = composed(alert(of_fault(fault, **other), told=told)).text
        assert not re.search("主机|备机|主用|备用(?!空调)", text), text


def test_an_owners_words_for_a_condition_take_the_place_of_ours() -> None:
    """``words:`` of the configuration; the other conditions keep theirs."""
    labels = replace(LABELS, words={"tx1.blinks": {"zh": "指示灯闪烁", "en": "lamp blinks"}})
    cause = {"stage": "tx", "conditions": ["tx1.blinks", "tx2.radiating"]}
    one = composed(alert(cause=cause), labels=labels)
    assert one.cause == "原因：主发射机指示灯闪烁，备发射机无输出功率（发射）。"


def test_a_short_name_is_in_the_sms_and_the_name_in_the_full_form() -> None:
    """``short_name:`` of the configuration."""
    labels = replace(LABELS, short_names={"programme/fm": "调频", "site": "大台"})
    one = composed(alert(), labels=labels)
    assert one.sms.startswith("【大台】调频停播")
    assert "大别山发射台 县广播停播" in one.title
