"""The cause of every place in words, and of what is over only what had failed."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.core.places import SILENT, UNSEEN
from tests.support.alerts import CAUSE, OVER, alert, composed, member

every_language = pytest.mark.parametrize("language", ["zh", "en"])
ABNORMAL = {"zh": "状态异常", "en": "abnormal"}
NO_VALUE = {"zh": "原因：主发射机无有效读数。", "en": "Cause: 主发射机: gives no valid reading."}
WITHDRAWN = {"zh": "县广播现未监测", "en": "县广播 not monitored now"}
OUTPUT = {"zh": "备发射机无输出功率", "en": "备发射机: no output power"}
SWITCH = CAUSE | {
    "conditions": ["switch.a_on_antenna", "tx2.radiating"],
    "place": "switch/tx",
    "devices": ["switch"],
}


def blind(what: str, fault: str, language: str, told: str) -> Any:
    """Return the message of a device that is not seen, by what it does instead."""
    cause = CAUSE | {"stage": None, "conditions": ["tx1.radiating"], "kind": "device"}
    cause |= {"place": f"tx1/{what}", "devices": ["tx1"]}
    found = member(fault=fault, reason=what, stage="", column="blind")
    return composed(alert(found, told=told, cause=cause, devices_now=[]), language)


@every_language
@pytest.mark.parametrize("told", ["opened", "recovered", "closed_before_told", "revised"])
@pytest.mark.parametrize("fault", ["blind", "silent", "reserve_unknown"])
@pytest.mark.parametrize("what", [SILENT, *UNSEEN.values()])
def test_what_a_device_that_is_not_seen_does_has_words(
    what: str, fault: str, told: str, language: str
) -> None:
    """It is no condition of the device, so that no owner can give it any."""
    assert ABNORMAL[language] not in blind(what, fault, language, told).cause


@every_language
def test_a_device_that_answers_without_its_values_gives_no_valid_reading(language: str) -> None:
    """Its values are missing or cannot be."""
    assert blind("no_value", "blind", language, "opened").cause == NO_VALUE[language]


@every_language
def test_what_is_no_longer_configured_is_not_said_to_be_lost_now(language: str) -> None:
    """Nobody monitors it any more; that of its outage is another matter."""
    gone = member(column="blind", observed="unknown:withdrawn", ended=OVER["ended"])
    found = alert(gone, member(programme="tv", **OVER), told="recovered")
    text = composed(found, language).text
    assert WITHDRAWN[language] in text
    assert {"zh": "现失监", "en": "on air?"}[language] not in text


@every_language
@pytest.mark.parametrize(
    ("does", "is_named"), [("unswitched", False), ("standby", False), ("unknown", True)]
)
def test_what_runs_or_waits_is_no_cause_beside_the_place(
    does: str, is_named: bool, language: str
) -> None:
    """Of one that is not known what was seen of it last counts."""
    now = [{"device": "tx1", "does": "on_air"}, {"device": "tx2", "does": does}]
    found = alert(member(), cause=SWITCH, devices_now=now)
    assert (OUTPUT[language] in composed(found, language).cause) is is_named


@every_language
@pytest.mark.parametrize("does", ["unswitched", "standby", "unknown", "no_output", "failed"])
@pytest.mark.parametrize("told", ["recovered", "closed_before_told", "digest"])
def test_the_cause_of_what_is_over_is_its_place_alone(told: str, does: str, language: str) -> None:
    """What another device does now does not show whether it had failed then, or waited."""
    now = [{"device": "tx1", "does": "on_air"}, {"device": "tx2", "does": does}]
    found = alert(member(**OVER), told=told, cause=SWITCH, devices_now=now)
    cause = composed(found, language).cause
    assert OUTPUT[language] not in cause
    assert "同轴开关" in cause


@every_language
def test_what_is_over_elsewhere_has_not_the_cause_of_what_is_off_since_then(language: str) -> None:
    """It went on under another number and ended; now the second device is the cause of another."""
    since = CAUSE | {"conditions": ["tx2.radiating"], "devices": ["tx2"], "place": "tx1/tx"}
    over = member(**OVER | {"how": "continued", "off_under": 513, "column": "off_air"})
    found = alert(over, told="continued", into=513, cause=since, devices_now=[])
    cause = composed(found, language).cause
    assert "主发射机" in cause
    assert "备发射机" not in cause


@every_language
@pytest.mark.parametrize("how", ["hours", "reconfigured", "continued", "withdrawn"])
def test_only_what_was_seen_good_again_is_said_to_be_over(how: str, language: str) -> None:
    """Hours end, a configuration changes, another number takes it on: nothing was repaired."""
    again = {"zh": "，已恢复", "en": ", over "}[language]
    for kind in (how, "good"):
        ended = member(programme="tv", **OVER | {"how": kind})
        text = composed(alert(member(), ended, told="partly"), language).text
        (line,) = [each for each in text.split("\n") if each.startswith(("影响", "Affects"))]
        assert (again in line) is (kind == "good"), line


@every_language
@pytest.mark.parametrize("observed", ["bad:no_carrier", "unknown:timeout", "unknown:absent"])
def test_what_nobody_sees_off_the_air_is_presumed_to_be_off(observed: str, language: str) -> None:
    """It was off when it was seen last: what the ledger counts then is no observation."""
    over = member(fault="blind", reason="timeout", observed=observed, ended=OVER["ended"])
    text = composed(alert(over, told="recovered"), language).text
    presumed = {"zh": "县广播现推定停播", "en": "县广播 now presumed off"}[language]
    seen = {"zh": "县广播现停播", "en": "县广播 now off"}[language]
    assert (presumed if observed.startswith("unknown") else seen) in text


@every_language
@pytest.mark.parametrize("observed", ["unknown:disputed", "unknown:assignment"])
def test_a_contradiction_is_not_said_to_be_lost_monitoring(observed: str, language: str) -> None:
    """Both sides are seen: the ledger counts it as blind, and people have a word of its own."""
    over = member(fault="suspected", column="blind", observed=observed, ended=OVER["ended"])
    text = composed(alert(over, told="closed_before_told"), language).text
    assert {"zh": "县广播现结论矛盾", "en": "县广播 now contradictory"}[language] in text
