"""The closing of what a person called a false alarm states so, by whom, and what is left to do."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from monitord.messages.forms import UNITS_MAX, units
from tests.support.alerts import OVER, SECOND, alert, composed, sms_of
from tests.unit.messages.test_compose import FAULTS, TOLD, of_fault
from tests.unit.messages.test_sms_length import LONG, LONGEST

CLOSINGS = ("recovered", "closed_before_told", "hours_ended", "reconfigured")
OF_CONTENT = [fault for fault in FAULTS if of_fault(fault)["programme"]]
SAID = {"zh": "标为误报", "en": "false alarm"}
KEPT = {
    "zh": "张三标为误报：其时间照计，待认定。",
    "en": "张三 called it a false alarm: its seconds stay counted until they are settled.",
}
LEFT = {"zh": ["待认定"], "en": ["settled", "off?"]}
COLUMNS = ("on_air", "degraded", "off_air", "blind", "closed")


def closed(told: str, fault: str, **other: Any) -> dict[str, Any]:
    over = OVER if told != "hours_ended" else OVER | {"how": "hours"}
    first = of_fault(fault, reason="silence", **over) | other
    return alert(first, told=told, false_alarm_by="zhang")


@pytest.mark.parametrize(("told", "fault"), [*product(CLOSINGS, OF_CONTENT)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_closing_of_a_false_alarm_states_who_called_it_one(
    told: str, fault: str, language: str
) -> None:
    """With what becomes of its seconds, in every form: a name of usual length leaves the room."""
    one = composed(closed(told, fault), language)
    assert KEPT[language] in one.text.split("\n")[0]
    for short in (one.sms, one.spoken):
        assert SAID[language] in short
        assert "张三" in short
        assert {"zh": "照计，待认定", "en": "counts until settled"}[language] in short


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_other_message_calls_anything_a_false_alarm(language: str) -> None:
    """Nobody marked it; or it goes on elsewhere, where it is news; or it was out of hours."""
    for told, fault in product(TOLD, OF_CONTENT):
        marked = {} if told in CLOSINGS else {"false_alarm_by": "zhang"}
        one = composed(alert(of_fault(fault, **OVER), told=told) | marked, language)
        for text in (one.text, one.sms, one.spoken):
            assert SAID[language] not in text, (told, fault)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_closing_of_a_false_alarm_fits_into_one_sms(language: str) -> None:
    """With the longest names and figures, wherever the programme is now: who, and unsettled."""
    long, lacks = [], []
    days = {"most": 30 * 3600 * SECOND}
    for told, fault, column, more in product(CLOSINGS, OF_CONTENT, COLUMNS, ({}, days)):
        left = of_fault("suspected", **OVER) | {"programme": "tv"}
        second = of_fault(fault, **OVER) | {"programme": "tv"}
        for others, under in product(([], [left], [second]), (None, 999)):
            found = closed(told, fault, **(LONG | more), column=column, off_under=under)
            found["members"] += others
            sms = sms_of(found, language, labels=LONGEST)
            long += [sms] if units(sms) > UNITS_MAX else []
            is_said = SAID[language] in sms and "欧阳小明" in sms
            is_kept = any(word in sms for word in LEFT[language])
            lacks += [] if is_said and is_kept else [sms]
    assert (long, lacks) == ([], [])
