"""A message states in whole sentences what the core proved, no more and no less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

from monitord.channels import Message
from monitord.compose import NO_CARDS, Cards, compose
from monitord.core.model import Told
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
}


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
    language: str = "zh", *, unrecorded: bool = False, cards: Cards = NO_CARDS, **other: Any
) -> Message:
    return compose(
        alert(**other),
        site="dabie_hill",
        names=NAMES,
        language=language,
        iso=iso,
        unrecorded=unrecorded,
        cards=cards,
    )


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


def test_the_cause_names_stage_device_and_condition() -> None:
    """They are names, not ids."""
    assert said().cause == "原因：环节“发射机”：调频发射机一 radiating。"


def test_the_action_is_that_of_the_reason() -> None:
    """Silence sends nobody to the mains breaker."""
    assert "市电" in said().action
    assert "音频" in said(reason="silence").action


CARDS = {"fm1.radiating": {"zh": "1. 看功率 2. 倒备机"}, "fm1.other": {"zh": "1. 不相干"}}


def test_the_card_of_the_cause_is_the_action() -> None:
    """The message has the steps for this condition."""
    assert said(cards=CARDS).action == "1. 看功率 2. 倒备机"
    assert said(cards=CARDS, told="revised").action == "1. 看功率 2. 倒备机"


def test_the_first_condition_of_the_cause_that_has_a_card_gives_it() -> None:
    """A condition without a card is passed over."""
    cause = {"stage": "transmitter", "conditions": ["fm1.full_power", "fm1.radiating"]}
    assert said(cards=CARDS, cause=cause).action == "1. 看功率 2. 倒备机"


def test_without_a_card_in_the_persons_language_the_action_is_that_of_the_reason() -> None:
    """A card in another language is no use at 03:00."""
    assert said("en", cards=CARDS).action == said("en").action
    none = {"stage": "", "conditions": []}
    assert said(cards=CARDS, cause=none).action == said(cause=none).action


def test_a_recovery_has_no_card() -> None:
    """There is nothing to fix any more."""
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


def test_an_interval_wider_than_a_second_has_both_ends() -> None:
    """A time that is not known exactly is not printed as exact."""
    wide = RECOVERED | {
        "began": [BEGAN, BEGAN + 5 * SECOND],
        "least": 40 * SECOND,
        "most_seen": 75 * SECOND,
        "most": 300 * SECOND,
    }
    assert (
        "from a moment between 03:00:00 and 03:00:05 to 03:00:46, between 40 s and 1 min 15 s "
        "in all (up to 5 min 0 s with the time that could not be seen)."
    ) in said("en", **wide).title
    assert "从03:00:00～03:00:05之间到03:00:46，历时40秒至1分15秒" in said(**wide).title


def test_an_interval_of_a_second_is_one_time() -> None:
    """Exactly one second is not yet wide."""
    assert "between" not in said("en", began=[BEGAN, BEGAN + SECOND]).title
    assert "between" in said("en", began=[BEGAN, BEGAN + SECOND + 1]).title


def test_an_end_on_another_day_carries_its_date() -> None:
    """Hours alone would make a night's outage a short one."""
    end = BEGAN + 22 * 3600 * SECOND
    title = said("en", **(RECOVERED | {"ended": [end, end]})).title
    assert "from 03:00:01 to 2026-03-03 01:00:00" in title


def test_an_outage_that_is_over_when_the_message_is_sent_has_its_end() -> None:
    """Sent during the clear delay: the programme is back, and nobody runs to the breaker."""
    title = said("en", **(RECOVERED | {"told": "opened"})).title
    assert "was off air" in title
    assert "watched until it is steady" in title


def test_a_recovery_whose_end_was_not_seen_claims_none() -> None:
    """An incident may close without an end of the outage; then the message has none."""
    title = said("en", told="recovered").title
    assert "its end was not observed" in title
    assert "back on air" not in title


def test_a_programme_taken_out_of_the_configuration_did_not_recover() -> None:
    """Nothing was proven good."""
    assert (
        "no longer configured" in said("en", told="recovered", observed="unknown:withdrawn").title
    )


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


def test_other_programmes_with_the_same_cause_are_named() -> None:
    """One fault, one message, all affected programmes."""
    assert said(joined=["county_tv", "other"]).title.endswith("同一原因还影响：县电视、other。")


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
        site="hill",
        names={},
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


@pytest.mark.parametrize(
    ("most", "text"),
    [(400_000, "0.4 s"), (9 * SECOND, "9 s"), (59_600_000, "1 min 0 s"), (3725 * SECOND, "1 h 2")],
)
def test_lengths_have_the_units_of_a_duty_log(most: int, text: str) -> None:
    """Tenths below ten seconds, whole seconds above."""
    figures = {"least": most, "most_seen": most, "most": most}
    assert f", {text}" in said("en", **(RECOVERED | figures)).title
