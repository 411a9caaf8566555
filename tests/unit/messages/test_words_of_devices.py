"""A reason of the program is no state of a device: a condition without words is abnormal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.config.devices.conditions import REASON_BY_LAYER
from monitord.config.schemas import REASONS
from monitord.messages.causes import OF_LAYERS
from monitord.texts import render
from tests.support.alerts import CAUSE, LABELS, OVER, alert, composed, member

NAMES = LABELS.names | {"device/matrix": "倒换矩阵"}
ABNORMAL = {"zh": "原因：倒换矩阵状态异常（发射）。", "en": "Cause: 倒换矩阵: abnormal (发射)."}
OF_MATRIX = CAUSE | {"place": "matrix/tx", "devices": ["matrix"]}
every_language = pytest.mark.parametrize("language", ["zh", "en"])


def message(language: str, reason: str, *conditions: str, **other: Any) -> Any:
    """Return the message of an outage by a matrix whose conditions have this reason."""
    labels = replace(LABELS, names=NAMES, reasons=dict.fromkeys(conditions, reason))
    cause = OF_MATRIX | {"conditions": list(conditions)}
    found = alert(member(reason=reason, **other), cause=cause, devices_now=[])
    return composed(found, language, labels=labels)


def test_the_reasons_of_layers_are_those_of_the_configuration() -> None:
    """A layer that gets another reason must not give it to a device."""
    assert {reason for reason in REASON_BY_LAYER.values() if reason} == OF_LAYERS


@every_language
@pytest.mark.parametrize("reason", sorted(OF_LAYERS))
def test_a_condition_without_words_is_abnormal_and_has_not_the_reason_of_its_layer(
    reason: str, language: str
) -> None:
    """WORDING B, no words. Why the programme is off air stays in the first line."""
    words = render(language, f"reason.{reason}")
    for name in ("matrix.routes", "matrix.position_2"):
        one = message(language, reason, name)
        assert one.cause == ABNORMAL[language]
        assert words in one.title
        assert words not in one.text.partition("\n")[2]


@every_language
@pytest.mark.parametrize("reason", sorted(set(REASONS) - OF_LAYERS))
def test_a_reason_that_the_owner_gave_a_condition_is_what_it_finds(
    reason: str, language: str
) -> None:
    """A detector that finds a frozen picture is not itself abnormal."""
    words = render(language, f"reason.{reason}")
    assert words in message(language, reason, "matrix.sees").cause


@every_language
@pytest.mark.parametrize("reason", sorted(REASONS))
def test_an_outage_of_which_only_the_place_is_known_has_its_reason_and_its_place(
    reason: str, language: str
) -> None:
    """The conditions that proved it are not known any more: no device gets a state."""
    words = render(language, f"reason.{reason}")
    whole = {"zh": f"原因：{words}（倒换矩阵，发射）。", "en": f"Cause: {words} (倒换矩阵; 发射)."}
    for other in ({}, OVER):
        assert message(language, reason, **other).cause == whole[language]
