"""A stage is named where its owner named it; its id is no word for people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.model import Told
from tests.support.alerts import CAUSE, LABELS, OVER, alert, composed, member

every_language = pytest.mark.parametrize("language", ["zh", "en"])
UNNAMED = replace(LABELS, names={k: v for k, v in LABELS.names.items() if "stage/" not in k})
BY_PLACE: dict[str, dict[str, Any]] = {
    "of a condition": {},
    "of a place alone": {"conditions": []},
    "of a silent device": {"conditions": [], "place": "tx1/silent", "devices": ["tx1"]},
    "of a supply": {"conditions": ["ups1.mains"], "place": "ups1/mains", "devices": ["ups1"]},
}


def words(language: str, labels: Any, cause: dict[str, Any], **other: Any) -> list[str]:
    """Return every text of the message of an outage in the stage ``the_stage``."""
    of = CAUSE | {"stage": "the_stage"} | cause
    found = alert(member(stage="the_stage", **other), cause=of, devices_now=[])
    one = composed(found, language, labels=labels)
    return [one.cause, one.title, one.text, one.sms, one.spoken]


@every_language
@pytest.mark.parametrize("place", BY_PLACE)
@pytest.mark.parametrize("fault", ["off_air", "degraded", "blind", "suspected", "reserve_lost"])
def test_a_stage_without_a_name_is_left_out(fault: str, place: str, language: str) -> None:
    """In each sentence, of what lasts and of what is over; nothing empty is left of it."""
    for other in ({}, OVER):
        for text in words(language, UNNAMED, BY_PLACE[place], fault=fault, **other):
            assert "the_stage" not in text
            assert "()" not in text
            assert "（）" not in text


@every_language
def test_the_alarm_that_an_outage_joined_is_no_stage(language: str) -> None:
    """The cause of such an incident is what the alarm is about: ``ups1.mains``, said in words."""
    cause = BY_PLACE["of a supply"] | {"stage": "ups1.mains"}
    for text in words(language, LABELS, cause):
        assert "ups1.mains" not in text


@every_language
@pytest.mark.parametrize("told", [Told.OPENED, Told.WORSENED, Told.RECOVERED])
def test_a_stage_with_a_name_is_named_by_it(told: Told, language: str) -> None:
    """By the configuration, or by the one before for what this one does not have."""
    name = {"stage/fm/the_stage": "发射环节"}
    for labels in (
        replace(UNNAMED, names=UNNAMED.names | name),
        replace(UNNAMED, former=name),
    ):
        assert "发射环节" in words(language, labels, {}, told=told)[0]
