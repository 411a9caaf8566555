"""An SMS with Chinese letters has 70 UCS-2 units; every kind fits with the longest names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from monitord.core.incident_state import WORST_FIRST
from monitord.messages.cores import figures
from monitord.messages.forms import UNITS_MAX, units
from monitord.messages.labels import Labels
from monitord.messages.news import read_alert
from monitord.messages.style import Form, Style
from tests.support.alerts import BEGAN, OVER, SECOND, alert, composed, iso, member, sms_of
from tests.unit.messages.test_compose import FAULTS, TOLD, of_fault

# WORDING B, slots: site 10, programme 8, device 8 letters; a person's name in Chinese has 4.
LONGEST = Labels(
    "hill",
    {
        "site": "十个字的很长的台站名",
        "programme/fm": "八个字的节目名称",
        "programme/tv": "八个字的另一套目",
        "device/tx1": "八个字的发射机一",
        "device/tx2": "八个字的发射机二",
        "device/ups1": "八个字的电源设备",
        "device/mux": "八个字的复用器名",
        "person/zhang": "欧阳小明",
    },
    carried_by={"mux": frozenset({"fm", "tv"})},
)
HOURS = 3600 * SECOND
LONG: dict[str, Any] = {
    "least": 12 * HOURS + 34 * 60 * SECOND,
    "most_seen": 12 * HOURS + 37 * 60 * SECOND,
}
DEVICES = [{"device": "tx1", "does": "on_air"}, {"device": "tx2", "does": "failed"}]
IN_USE = [DEVICES[0], {"device": "tx2", "does": "in_use", "programme": "tv"}]
HINDERED = [
    {"device": "tx1", "does": "failed", "conditions": ["tx1.remote"]},
    {"device": "tx2", "does": "failed", "conditions": ["tx2.final_stage_good"]},
]
LOCAL = [DEVICES[0], HINDERED[0] | {"device": "tx2"}]
SILENT = [{"device": "tx1", "does": "on_air"}, {"device": "tx2", "does": "silent"}]
REASONS = (
    "no_carrier",
    "wrong_programme",
    "timeout",
    "absent",
    "disputed",
    "poor_quality",
    "assignment",
)


MOST = (LONG["most_seen"], 30 * HOURS)
"""Without time in which nothing was seen, and with it: which is longer depends on the fault."""


def longest(fault: str, ended: dict[str, Any], language: str) -> dict[str, Any]:
    """Return the figures of a fault that are longest in an SMS: a text grows with them alone."""

    def length(one: dict[str, Any]) -> int:
        style = Style(Form.SMS, language, LONGEST, iso, boot=None)
        (read,) = read_alert(alert(of_fault(fault, **(one | ended)))).members
        return units(style.lasted(figures(read)))

    return max((LONG | {"most": most} for most in MOST), key=length)


def kinds(language: str) -> Iterator[Any]:
    """Yield an alert for each kind, fault and reason that changes the length."""
    for fault, ended in product(FAULTS, ({}, OVER)):
        lasted = longest(fault, ended, language) | ended
        for told, reason in product(TOLD, REASONS):
            first = of_fault(fault, reason=reason, **lasted)
            others = member(programme="tv", began=[BEGAN + SECOND * 90] * 2)
            cause = {"stage": "tx", "conditions": [], "devices": ["mux"], "place": "mux/tx"}
            rest: dict[str, Any] = {"told": told, "into": 999, "several": list(range(512, 532))}
            rest |= {"falls": 99, "minutes": 600, "cause": cause}
            yield alert(first, **rest, devices_now=DEVICES)
            yield alert(first, others, **rest, devices_now=SILENT)
            if fault in WORST_FIRST[: WORST_FIRST.index("suspected")]:
                left = of_fault("suspected", **OVER)
                yield alert(first, left, left | {"programme": "tv"}, **rest)
            yield alert(first, **rest, devices_now=IN_USE)
            yield alert(first, **rest, devices_now=LOCAL)
            yield alert(first, **rest, devices_now=HINDERED)
    yield from (alert(acknowledged_by="zhang"), alert(drill=True))
    yield alert(since_boot=99 * 60 * SECOND)


def test_the_sms_alone_is_that_of_the_whole_message() -> None:
    """The tests of its length compose nothing else."""
    for told, fault, language in product(TOLD, FAULTS, ("zh", "en")):
        found = alert(of_fault(fault, **LONG), told=told)
        whole = composed(found, language, labels=LONGEST)
        assert sms_of(found, language, labels=LONGEST) == whole.sms


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_fits_into_one_sms_with_the_longest_names(language: str) -> None:
    """A second part may come late or not at all."""
    sms = {sms_of(each, language, labels=LONGEST) for each in kinds(language)}
    assert len(sms) > 200
    long = sorted((units(text), text) for text in sms if units(text) > UNITS_MAX)
    assert long == []


COLUMNS = ("on_air", "degraded", "off_air", "blind", "planned_off")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_partly_over_fits_for_every_pair_of_faults(language: str) -> None:
    """Of one programme and of two, wherever the seconds of the first are counted now."""
    long = []
    for over, lasts, column, other in product(FAULTS, FAULTS, COLUMNS, ("fm", "tv")):
        back = of_fault(over, **LONG, **OVER) | {"column": column}
        still = of_fault(lasts, **LONG)
        still |= {"programme": other if still["programme"] else ""}
        sms = sms_of(alert(back, still, told="partly"), language, labels=LONGEST)
        long += [sms] if units(sms) > UNITS_MAX else []
    assert long == []


def test_a_reason_is_dropped_before_a_name_is_cut() -> None:
    """WORDING B, SMS: too long, drop the reason; never kind, name or acknowledgement."""
    labels = Labels("hill", {"site": "站" * 25, "programme/fm": "名" * 25})
    one = composed(alert(), labels=labels)
    assert "名" * 25 in one.sms
    assert "无输出功率" not in one.sms
    assert one.sms.endswith("到值机台确认")
    assert "无输出功率" in composed(alert()).sms
