"""Lost monitoring: only a device that gives no answer is said to give none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.incident_state import WORST_FIRST
from monitord.messages.compose import compose
from monitord.texts import render
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import labels_for, station
from tests.support.alerts import CAUSE, LABELS, OVER, alert, composed, iso, member

every_language = pytest.mark.parametrize("language", ["zh", "en"])
NAMED = replace(LABELS, names=LABELS.names | {"device/link": "微波链路"})
ANSWERS = {"zh": "{d}无应答", "en": "{d} does not answer"}
BEHIND = {"zh": "设备无应答。", "en": "Devices do not answer."}
UNLOCKED = {"zh": "原因：微波链路失锁。", "en": "Cause: 微波链路: unlocked."}
PLACES = {
    "link/locked": "微波链路",
    "ups1/mains_present": "机房UPS",
    "tx1/inconsistent": "主发射机",
    "tx1/no_value": "主发射机",
    "tx1/restart": "主发射机",
}
"""Places whose device answers, each with its name."""


def message(place: str, fault: str, language: str, told: str = "opened", **other: Any) -> Any:
    """Return the message of a fault by which a programme is not seen."""
    device, _, what = place.partition("/")
    conditions = [] if what == "silent" else [f"{device}.{what}"]
    cause = CAUSE | {"stage": None, "conditions": conditions, "place": place, "devices": [device]}
    found = member(**{"fault": fault, "reason": "timeout", "stage": "", "column": "blind"} | other)
    return composed(alert(found, told=told, cause=cause, devices_now=[]), language, labels=NAMED)


@every_language
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", WORST_FIRST)
def test_a_device_that_answers_is_never_said_to_give_no_answer(
    fault: str, place: str, language: str
) -> None:
    """Its condition is the cause, which only its answers can show."""
    wrong = ANSWERS[language].format(d=PLACES[place])
    for told in ("opened", "grown", "also", "partly", "recovered", "continued"):
        for other in ({}, OVER):
            one = message(place, fault, language, told, **other)
            assert wrong not in one.text + one.sms + one.spoken, told


@every_language
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reason", ["timeout", "no_value", "exception"])
def test_what_is_behind_it_is_said_to_be_unseen(reason: str, place: str, language: str) -> None:
    """In the words of the reason, as a sentence of its own."""
    words = render(language, f"reason.{reason}")
    expected = BEHIND[language] if reason == "timeout" else words[:1].upper() + words[1:]
    assert expected in message(place, "blind", language, reason=reason).text


@every_language
@pytest.mark.parametrize("place", ["tx1/silent", "tx1+tx2/silent"])
def test_a_silent_device_is_named(place: str, language: str) -> None:
    """It is itself what gives no answer."""
    devices = place.partition("/")[0].split("+")
    cause = CAUSE | {"stage": None, "conditions": [], "place": place, "devices": devices}
    found = alert(member(fault="blind", reason="timeout"), cause=cause, devices_now=[])
    name = "主发射机" if len(devices) == 1 else {"zh": "主、备发射机"}.get(language, "备发射机")
    assert ANSWERS[language].format(d=name) in composed(found, language).title


@every_language
def test_a_night_behind_an_unlocked_link_has_the_link_unlocked_and_its_devices_unseen(
    language: str,
) -> None:
    """The first word, the one on the others, and the end."""
    devices = "link: {kind: link, name: 微波链路}\n"
    devices += "\n".join(f"d{n}: {{kind: detector, behind: link.locked}}" for n in range(3))
    chain = "[{{stage: sound, owner: own, needs: d{n}.sound}}]"
    programmes = "\n".join(f"p{n}: {{name: 节目{n}, chain: {chain.format(n=n)}}}" for n in range(3))
    log = DutyLog(station(devices, programmes), begins="02:00:00")
    silent = {f"d{n}": "no_answer" for n in range(3)}
    log.then("02:10:00", link="down", **silent)
    log.then("02:14:00", link="good", **dict.fromkeys(silent, "good")).until("02:17:00")
    labels = labels_for(log.site)
    found: list[Any] = log.alerts()
    for each in found:
        one = compose(each, labels=labels, language=language, iso=iso, unrecorded=False)
        assert UNLOCKED[language] in one.text.split("\n")
        assert (BEHIND[language] in one.text) == (each["told"] != "recovered")
        assert ANSWERS[language].format(d="微波链路") not in one.text
    assert found[0]["told"] == "opened"
