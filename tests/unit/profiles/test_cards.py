"""What a person is advised of a device of a shipped profile: short, and never without its 勿."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from monitord.channels import Message
from monitord.core.model import Layer
from monitord.core.plan import ConditionPlan
from monitord.messages.labels import labels_of
from tests.support.alerts import LABELS, alert, composed
from tests.unit.messages.test_compose import of_fault
from tests.unit.profiles.devices import NAMES, device, shipped

STEPS_MAX = 3
STEP = {"zh": re.compile(r"[①②③④⑤]|\b\d\. "), "en": re.compile(r"\b\d\.? (?=[A-Z])")}
NEVER = {"zh": "\n勿：", "en": "\nDo not"}
AFTER = {"zh": "报值班长，记日志。", "en": "Then report to the shift leader, and log."}
TRANSMITTERS = (
    *("elenos-etg", "example-frame-transmitter", "gatesair-uaxte", "harris-maxiva", "nautel-vs"),
    *("rs-netccu", "rs-sx800", "rs-sx801", "rs-tx9", "worldcast-ecreso-fm"),
)


def message_of(profile: str, plan: ConditionPlan, language: str) -> Message:
    """Return the message that this condition opens: off air by it, or its alarm."""
    settings = device(profile).settings
    labels = replace(labels_of(settings), names=LABELS.names | settings.names)
    cause: dict[str, Any] = {"conditions": [plan.id], "place": "it/it", "devices": ["it"]}
    if plan.layer is Layer.EQUIPMENT:
        first, cause = of_fault(f"alarm/{plan.id}", reason="", stage=""), cause | {"stage": None}
    else:
        first, cause = of_fault("off_air", reason=plan.reason), cause | {"stage": "tx"}
    found = alert(first, cause=cause | {"kind": "stage"}, devices_now=[])
    return composed(found, language, labels=labels)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("profile", NAMES)
def test_what_to_do_has_three_steps_and_names_what_is_never_done(
    profile: str, language: str
) -> None:
    """The card of the device, or the built-in one; the shift leader is called after either."""
    for plan in device(profile).plans:
        one = message_of(profile, plan, language)
        assert NEVER[language] in one.text, (plan.id, one.text)
        assert AFTER[language] in one.action, plan.id
        assert 1 <= len(STEP[language].findall(one.action)) <= STEPS_MAX, (plan.id, one.action)


@pytest.mark.parametrize("profile", TRANSMITTERS)
def test_a_transmitter_without_output_has_the_card_of_the_station(profile: str) -> None:
    """Whether another one may be started the built-in card knows, and a profile does not."""
    plans = [
        plan
        for plan in device(profile).plans
        if re.fullmatch(r"it\.(radiating|a\d_on_air)", plan.id)
    ]
    assert plans
    for plan in plans:
        one = message_of(profile, plan, "zh")
        assert (
            one.action
            == f"①看市电、空开、联锁、反射 ②均正常，复位一次 ③不成，按操作票开另一部。{AFTER['zh']}"
        )
        assert "\n勿：短接联锁、反复复位。" in one.text
        english = message_of(profile, plan, "en").text
        assert "\nDo not: bypass interlocks, reset again and again." in english


def test_the_transmitters_are_all_that_radiate() -> None:
    """A new one is not forgotten."""
    found = {
        name
        for name in NAMES
        for condition, one in shipped(name)["conditions"].items()
        if one["layer"] == "emission" and re.fullmatch(r"radiating|a\d_on_air", condition)
    }
    assert found == set(TRANSMITTERS)


@pytest.mark.parametrize(
    ("reason", "card"),
    [
        ("wrong_programme", "切断异常信号"),
        ("filler", "查主、备路信号"),
        ("silence", "监看监听核实"),
    ],
)
def test_no_profile_hides_the_card_of_a_wrong_programme_filler_or_silence(
    reason: str, card: str
) -> None:
    """These cards are about the programme; a device knows no better one but of its own output."""
    own = {"it.sound_on_output"}
    plans = [
        (name, plan)
        for name in NAMES
        for plan in device(name).plans
        if plan.reason == reason and plan.id not in own
    ]
    assert plans
    for name, plan in plans:
        assert card in message_of(name, plan, "zh").action, plan.id
