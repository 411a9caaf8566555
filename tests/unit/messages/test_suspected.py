"""A suspicion asks to look at what was on air, also when the programme is on the air again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.alerts import BEGAN, OVER, SECOND, Alert, alert, composed, member
from tests.unit.messages.test_compose import of_fault

RESTARTED: dict[str, Any] = {
    "stage": None,
    "conditions": [],
    "place": "tx1/restart",
    "devices": ["tx1"],
    "kind": "device",
}


def suspected(told: str) -> Alert:
    """Return a message on 47 s in which the transmitter restarted, unseen."""
    span = {"began": [BEGAN, BEGAN], "ended": [BEGAN + 47 * SECOND, BEGAN + 47 * SECOND]}
    figures = {"least": 0, "most_seen": 0, "most": 47 * SECOND}
    found = member(fault="suspected", reason="restart", stage="", **{**OVER, **span, **figures})
    return alert(found, told=told, reason="restart", cause=RESTARTED)


def test_a_suspicion_that_is_over_still_asks_to_be_checked_and_acknowledged() -> None:
    """WORDING B, suspected: what it may have been, and what is now."""
    one = composed(suspected("opened"))
    assert one.title == (
        "【紧急】大别山发射台 县广播疑似停播，11月28日03:12:07起，设备曾重启，请核实。"
        "至多47秒，现在播。尚未证实。"
    )
    assert one.cause == "原因：主发射机曾重启。"
    assert one.sms == "【大别山发射台】县广播疑似停播，28日03:12:07起，曾重启，请核实。到值机台确认"
    assert "`monitord ack 512 --person duty_desk`" in one.text
    english = composed(suspected("opened"), "en")
    assert english.sms == "大别山发射台: 县广播 PROBABLY OFF 28th 03:12, restarted. Ack: desk"


def test_the_end_of_a_suspicion_says_no_outage_and_leaves_it_to_be_settled() -> None:
    """No figure is called proven: there is a most, and no least."""
    one = composed(suspected("recovered"))
    assert (
        one.title == "【紧急】大别山发射台 县广播在播，11月28日03:12:54。疑似停播至多47秒。待认定。"
    )
    assert one.sms.endswith("无需确认")
    assert composed(suspected("recovered"), "en").title.endswith(
        "ON 28 Nov 03:12:54, perhaps off at most 47 s. To be settled."
    )


def test_a_suspicion_that_lasts_does_not_speak_of_an_end() -> None:
    """A supply failed, and its transmitter is silent now."""
    lasting = member(fault="suspected", reason="power", least=0, most_seen=0, column="blind")
    one = composed(alert(lasting, reason="power", cause=RESTARTED))
    assert "至多" not in one.title
    assert "供电中断后设备无应答，请核实。尚未证实。" in one.title


@pytest.mark.parametrize("fault", ["site_silent", "off_air"])
def test_the_end_of_a_worse_fault_names_the_suspicion_that_is_left(fault: str) -> None:
    """What is over is not all: somebody has to settle the seconds that nobody saw."""
    left = of_fault("suspected", **OVER)
    found = alert(of_fault(fault, **OVER), left, told="recovered")
    assert "县广播当时疑似停播，待认定。" in composed(found).title
    assert "县广播 was probably off: to be settled." in composed(found, "en").title
    none = alert(of_fault(fault, **OVER), left | {"how": "withdrawn"}, told="recovered")
    assert "待认定" not in composed(none).title
    assert "疑似" not in composed(none).sms


@pytest.mark.parametrize("told", ["recovered", "closed_before_told"])
@pytest.mark.parametrize("fault", ["site_silent", "off_air"])
def test_an_sms_of_what_is_over_names_the_suspicion_that_is_left(fault: str, told: str) -> None:
    """Who reads nothing but the SMS must know that something is to be settled."""
    found = alert(of_fault(fault, **OVER), of_fault("suspected", **OVER), told=told)
    for form in (composed(found).sms, composed(found).spoken):
        assert "县广播疑似停播待认定" in form
    assert "县广播 perhaps off" in composed(found, "en").sms
    assert "待认定" in composed(found).title


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "时钟恢复可信", "Clock trusted again"),
        (180, "时钟已校正，差180分，时刻已改", "Clock corrected by 180 min"),
        (28_333_679, "时钟已校正，差19676天，时刻已改", "Clock corrected by 19676 days"),
    ],
)
def test_a_clock_is_corrected_by_minutes_days_or_nothing(minutes: int, zh: str, en: str) -> None:
    """Where the held time was adopted nothing has changed; one of 1970 is wrong by years."""
    found = alert(of_fault("clock_untrusted", **OVER), told="recovered", minutes=minutes)
    assert zh in composed(found).sms
    assert en in composed(found, "en").sms
    changed = "changed under 1 min" in composed(found, "en").sms
    assert changed == (minutes == 0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", ["suspected", "off_air", "blind"])
@pytest.mark.parametrize("seen", [0, 40])
def test_no_form_prints_a_zero_where_nothing_is_proven(
    seen: int, fault: str, language: str
) -> None:
    """Issue of truth, point 6: zero is not printed while something is unsettled."""
    figures = {"least": 0, "most_seen": seen * SECOND, "most": 262 * SECOND}
    one = composed(
        alert(member(**{**OVER, **figures}, fault=fault), told="recovered"), language=language
    )
    for text in (one.title, one.text, one.sms, one.spoken):
        assert not re.search(r"(?<![\d.:月])0(\.0)? ?(秒|s\b|seconds)", text), text
        assert not re.search(r"(?<![\d.:])0(~|～|-|到| to )", text), text
