"""What people read of a record whose file was removed, replaced or damaged."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.core.record_events import Harm
from monitord.messages.forms import UNITS_MAX, units
from tests.support.alerts import OVER, Alert, alert, composed
from tests.unit.messages.test_compose import TOLD, of_fault
from tests.unit.messages.test_sms_length import LONGEST

KEPT = {
    Harm.MOVED: ("全部条目已复制回原处", "all its entries are back"),
    Harm.DAMAGED: ("旧文件保留，新文件含完整状态", "it is kept, the new one has the whole state"),
    Harm.INCOMPLETE: ("未关的故障单照常", "what is open goes on"),
}


CORES = {
    "removed": (
        (Harm.MOVED, "opened", {}),
        "记录文件被移走，28日03:12:07起，已完整复制回原处。到值机台确认",
        "RECORD FILE REMOVED 28th 03:12, copied back. Ack: desk",
    ),
    "damaged": (
        (Harm.DAMAGED, "opened", {}),
        "记录文件损坏，28日03:12:07起，已另建新文件。到值机台确认",
        "RECORD FILE DAMAGED 28th 03:12, new one runs. Ack: desk",
    ),
    "entries lost": (
        (Harm.INCOMPLETE, "opened", {}),
        "记录条目丢失，28日03:12:07起，监测照常。到值机台确认",
        "RECORD ENTRIES LOST 28th 03:12, monitoring runs. Ack: desk",
    ),
    "sound again": (
        (Harm.DAMAGED, "recovered", OVER),
        "记录文件已正常满1小时，28日03:12:38。无需确认",
        "Record file sound for 1 h 28th 03:12. No ack",
    ),
}


def of_record(harm: Harm, told: str = "opened", **other: Any) -> Alert:
    """Return an alert of the record, whose place has no device."""
    cause = {"stage": "", "conditions": [], "devices": [], "place": f"site/record_{harm}"}
    found = of_fault(f"record_replaced/{harm}", reason=f"record_{harm}", **other)
    return alert(found, told=told, cause=cause)


@pytest.mark.parametrize("harm", Harm)
def test_the_full_form_names_what_was_kept_and_what_to_do(harm: Harm) -> None:
    """In both languages; the old file is the evidence of what was broadcast."""
    found = of_record(harm)
    zh, en = composed(found), composed(found, "en")
    assert KEPT[harm][0] in zh.text
    assert KEPT[harm][1] in en.text
    assert "monitord verify" in zh.action
    assert "monitord verify" in en.action
    assert "勿：删除记录目录里的文件。" in zh.text
    assert "Do not: delete files of the record's folder." in en.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("harm", Harm)
@pytest.mark.parametrize("told", [told for told in TOLD if told != "also"])
def test_each_kind_about_the_record_fits_into_one_sms(language: str, harm: Harm, told: str) -> None:
    """With the longest name of a site; a harm has one cause, so that none is there *also*."""
    for ended in ({}, OVER):
        sms = composed(of_record(harm, told, **ended), language, labels=LONGEST).sms
        assert units(sms) <= UNITS_MAX, sms


@pytest.mark.parametrize("kind", CORES)
def test_the_core_is_short_and_certain(kind: str) -> None:
    """The SMS is the site, the core, and how to acknowledge."""
    (harm, told, over), zh, en = CORES[kind]
    found = of_record(harm, told, **over)
    assert composed(found).sms.removeprefix("【大别山发射台】") == zh
    assert composed(found, "en").sms.removeprefix("大别山发射台: ") == en
