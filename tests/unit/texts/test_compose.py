"""A message states in whole sentences what the core proved, no more and no less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

from monitord.channels import Message
from monitord.core.model import Told
from monitord.messages.compose import compose
from monitord.messages.labels import Labels, Texts
from monitord.texts import LANGUAGES

SECOND = 1_000_000
BEGAN = int(datetime(2026, 3, 1, 19, 0, 0, tzinfo=UTC).timestamp()) * SECOND
CHINA = timezone(timedelta(hours=8))
NAMES = {
    "site": "大别山发射台",
    "programme/county_fm": "县广播 98.6 MHz",
    "programme/county_tv": "县电视",
    "stage/county_fm/transmitter": "发射机",
    "device/fm1": "调频发射机一",
    "device/fm2": "调频发射机二",
    "device/switch": "同轴开关",
}
NO_CARDS: Texts = {}
LABELS = Labels("dabie_hill", NAMES, carries={"switch.b_on_antenna": "fm2"})


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment / SECOND, tz=CHINA).isoformat()


def alert(**other: Any) -> dict[str, Any]:
    """Return an alert of the core: county_fm lost its carrier at 03:00:01."""
    fields: dict[str, Any] = {
        "alert_id": "1-12-duty_desk-1-opened",
        "incident": "1-12",
        "told": "opened",
        "person": "duty_desk",
        "fault": "off_air",
        "programme": "county_fm",
        "joined": [],
        "observed": "bad:no_carrier",
        "column": "off_air",
        "reason": "no_carrier",
        "severity": "critical",
        "cause": {"stage": "transmitter", "conditions": ["fm1.radiating"]},
        "began": [BEGAN + SECOND // 2, BEGAN + SECOND],
        "ended": None,
        "least": 0,
        "most_seen": 0,
        "most": 0,
        "drill": False,
    }
    return fields | other


RECOVERED = {
    "told": "recovered",
    "ended": [BEGAN + 45 * SECOND, BEGAN + 46 * SECOND],
    "least": 44 * SECOND,
    "most_seen": 45 * SECOND,
    "most": 45 * SECOND,
}


def said(
    language: str = "zh", *, unrecorded: bool = False, cards: Texts = NO_CARDS, **other: Any
) -> Message:
    labels = replace(LABELS, cards=cards)
    return compose(alert(**other), labels=labels, language=language, iso=iso, unrecorded=unrecorded)


def test_the_title_of_an_outage_has_site_programme_reason_and_time() -> None:
    """The first line alone is enough to act on."""
    assert said().title == "大别山发射台：县广播 98.6 MHz停播（无载波），始于03:00:01。"
    assert said("en").title == (
        "大别山发射台: 县广播 98.6 MHz is off air (no carrier) since 03:00:01."
    )


def test_a_message_has_codes_and_ids_beside_the_sentences() -> None:
    """Programs read codes; people read sentences."""
    one = said()
    assert (one.site, one.programme, one.person) == ("dabie_hill", "county_fm", "duty_desk")
    assert (one.event, one.reason, one.column) == ("opened", "no_carrier", "off_air")
    assert (one.observed, one.severity) == ("bad:no_carrier", "critical")
    assert one.began_not_before == "2026-03-02T03:00:00.500000+08:00"
    assert one.began_not_after == "2026-03-02T03:00:01+08:00"
    assert (one.ended_not_before, one.ended_not_after) == (None, None)


def test_cause_and_action_are_sentences_for_the_cause_and_the_reason() -> None:
    """Names, not ids; silence sends nobody to the mains breaker."""
    assert said().cause == "原因：调频发射机一无输出功率（发射机）。"
    assert "市电" in said().action
    assert "音频" in said(reason="silence").action


BOTH_OFF = {
    "stage": "transmitter",
    "conditions": ["fm1.radiating", "fm2.radiating", "switch.b_on_antenna"],
}


def test_a_cause_is_words_for_what_is_wrong_each_fault_once_with_its_devices() -> None:
    """WORDING B, Cause: no condition's id, and a switch has the name of what it does not reach."""
    assert said(cause=BOTH_OFF).cause == (
        "原因：调频发射机一、调频发射机二均无输出功率，同轴开关天线未接调频发射机二（发射机）。"
    )
    assert said("en", cause=BOTH_OFF).cause == (
        "Cause: 调频发射机一, 调频发射机二: no output power; "
        "同轴开关: antenna not on 调频发射机二 (发射机)."
    )


@pytest.mark.parametrize(("is_true_bad", "text"), [(False, "未运行"), (True, "在运行")])
def test_the_words_of_a_condition_are_those_of_its_bad_side(is_true_bad: bool, text: str) -> None:
    """A generator that runs is what is wrong where the chain asks for the mains."""
    bad = frozenset({"fm1.running"}) if is_true_bad else frozenset()
    labels = replace(LABELS, bad_when_true=bad)
    cause = {"stage": "transmitter", "conditions": ["fm1.running"]}
    one = compose(alert(cause=cause), labels=labels, language="zh", iso=iso, unrecorded=False)
    assert one.cause == f"原因：调频发射机一{text}（发射机）。"


def test_a_condition_without_words_is_abnormal_and_never_an_id() -> None:
    """An owner's own condition has no words of ours."""
    cause = {"stage": "transmitter", "conditions": ["fm1.blinks"]}
    assert said(cause=cause).cause == "原因：调频发射机一状态异常（发射机）。"
    assert said("en", cause=cause).cause == "Cause: 调频发射机一: abnormal (发射机)."


CARDS = {"fm1.radiating": {"zh": "1. 看功率 2. 倒备机"}, "fm1.other": {"zh": "1. 不相干"}}


def test_the_first_card_of_the_cause_is_the_action() -> None:
    """The message has the steps for the first condition that has a card in the language."""
    card = "1. 看功率 2. 倒备机"
    assert said(cards=CARDS).action == said(cards=CARDS, told="revised").action == card
    cause = {"stage": "transmitter", "conditions": ["fm1.full_power", "fm1.radiating"]}
    assert said(cards=CARDS, cause=cause).action == card


def test_without_a_card_the_action_is_that_of_the_reason() -> None:
    """A card in another language is no use at 03:00; after a recovery there is nothing to fix."""
    none = {"stage": "", "conditions": []}
    assert said("en", cards=CARDS).action == said("en").action
    assert said(cards=CARDS, cause=none).action == said(cause=none).action
    assert said(cards=CARDS, **RECOVERED).action == said(**RECOVERED).action


def test_a_recovery_has_beginning_end_and_length() -> None:
    """The end of an outage comes with its length."""
    one = said("en", **RECOVERED)
    assert one.title.endswith(
        "is back on air: it was off air (no carrier) from 03:00:01 to 03:00:46, 45 s in all."
    )
    assert one.ended_not_after == "2026-03-02T03:00:46+08:00"
    assert (one.least_s, one.most_seen_s, one.most_s) == (44.0, 45.0, 45.0)
    assert "duty log" in one.action


WIDE = RECOVERED | {
    "began": [BEGAN, BEGAN + 5 * SECOND],
    "least": 40 * SECOND,
    "most_seen": 75 * SECOND,
    "most": 300 * SECOND,
}
NEXT_DAY = [BEGAN + 22 * 3600 * SECOND] * 2
LASTED = {
    most: RECOVERED | {"least": most, "most_seen": most, "most": most}
    for most in (400_000, 9 * SECOND, 59_600_000, 3725 * SECOND)
}
# Language, fields of the alert, and what its title contains; after "not": what it does not.
TITLES: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "en",
        WIDE,
        [
            "from a moment between 03:00:00 and 03:00:05 to 03:00:46, between 40 s and",
            "1 min 15 s in all (up to 5 min 0 s with the time that could not be seen).",
        ],
    ),
    ("zh", WIDE, ["从03:00:00～03:00:05之间到03:00:46，历时40秒至1分15秒"]),
    ("en", {"began": [BEGAN, BEGAN + SECOND]}, ["not between"]),
    ("en", {"began": [BEGAN, BEGAN + SECOND + 1]}, ["between"]),
    ("en", RECOVERED | {"ended": NEXT_DAY}, ["from 03:00:01 to 2026-03-03 01:00:00"]),
    ("en", RECOVERED | {"told": "opened"}, ["was off air", "watched until it is steady"]),
    ("en", {"told": "recovered"}, ["its end was not observed", "not back on air"]),
    ("en", {"told": "recovered", "observed": "unknown:withdrawn"}, ["no longer configured"]),
    ("zh", {"joined": ["county_tv", "other"]}, ["同一原因还影响：县电视、other。"]),
    ("en", LASTED[400_000], [", 0.4 s"]),
    ("en", LASTED[9 * SECOND], [", 9 s"]),
    ("en", LASTED[59_600_000], [", 1 min 0 s"]),
    ("en", LASTED[3725 * SECOND], [", 1 h 2"]),
]


@pytest.mark.parametrize(("language", "fields", "parts"), TITLES)
def test_a_title_has_the_times_that_are_proven(
    language: str, fields: dict[str, Any], parts: list[str]
) -> None:
    """An inexact time has both ends, another day its date, an unseen end none."""
    title = said(language, **fields).title
    for part in parts:
        assert (part.removeprefix("not ") in title) is not part.startswith("not "), title


def test_time_without_monitoring_is_reported_as_not_known() -> None:
    """A silent device proves neither outage nor broadcast."""
    blind = {"fault": "blind", "reason": "timeout", "column": "blind"}
    cause = {"stage": None, "conditions": []}
    one = said(cause=cause, **blind)
    assert "失监（设备不应答）" in one.title
    assert "停播（" not in one.title
    assert one.cause == "原因：设备不应答。"
    end = BEGAN + 46 * SECOND
    over = RECOVERED | {"ended": [end, end], "least": 0, "most_seen": 0, "most": 45 * SECOND}
    assert "46 s in all; whether it was on air" in said("en", **(over | blind)).title


def test_the_mark_of_a_drill_comes_first() -> None:
    """Nobody reads a drill as real."""
    assert said(drill=True).title.startswith("【演练】")
    assert said("en", drill=True).title.startswith("[DRILL] ")
    assert said(drill=True).drill


def test_an_unrecorded_message_asks_for_the_duty_log() -> None:
    """When the disk is full a person has to write the log."""
    assert "未能写入记录" in said(unrecorded=True).title
    assert said(unrecorded=True).unrecorded
    assert "未能写入记录" not in said().title


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_unknown_codes_and_names_fall_back_to_themselves(language: str) -> None:
    """A code that is newer than the texts is printed as it is."""
    one = compose(
        alert(reason="gremlins", cause={"stage": "s9", "conditions": ["fm9.up", "odd"]}),
        labels=Labels("hill"),
        language=language,
        iso=iso,
        unrecorded=False,
    )
    assert all(word in one.title for word in ("hill", "county_fm", "gremlins"))
    assert all(word in one.cause for word in ("s9", "fm9", "odd"))
    assert one.action


@pytest.mark.parametrize(
    ("language", "fault", "told", "ended"),
    list(
        product(
            sorted(LANGUAGES),
            ("off_air", "blind", "reserve_lost", "degraded"),
            [told.value for told in Told],
            (None, RECOVERED["ended"]),
        )
    ),
)
def test_every_fault_and_event_has_whole_sentences(
    language: str, fault: str, told: str, ended: list[int] | None
) -> None:
    """Every decision of the core has a message."""
    one = said(language, fault=fault, told=told, ended=ended, reason="")
    assert "{" not in one.title + one.cause + one.action
    assert one.title[-1] in "。." or one.title.endswith("）")
    assert "县广播 98.6 MHz" in one.title
    assert ("03:00:46" in one.title) is (ended is not None)
