"""What a message says of a backup that cannot take over."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.alerts import alert, composed, member


def hindered(*conditions: str) -> Any:
    """Return a lost backup whose second device cannot take over because of these conditions."""
    does = [{"device": "tx1", "does": "on_air"}]
    does.append({"device": "tx2", "does": "failed", "conditions": list(conditions)})
    found = member(fault="reserve_lost/tx", reason="reserve_lost", column="on_air")
    return alert(found, devices_now=does)


@pytest.mark.parametrize(
    ("conditions", "language", "now", "sms"),
    [
        (["tx2.remote"], "zh", "备发射机在本地控制", "备发射机不可接替"),
        (["tx2.driving"], "zh", "备发射机激励无输出", "备发射机不可接替"),
        (["tx2.sends"], "zh", "备发射机无输出", "备发射机无输出"),
        (["tx2.remote"], "en", "备发射机 in local control", "NO BACKUP"),
        (["tx2.final_stage_good"], "zh", "备发射机功放或功放电源故障", "备发射机不可接替"),
        (["tx2.remote", "tx2.driving"], "zh", "备发射机在本地控制、激励无输出", "备发射机不可接替"),
        (["tx2.blinks"], "zh", "备发射机不可接替", "备发射机不可接替"),
        (["tx2.blinks"], "en", "备发射机 not ready", "NO BACKUP"),
    ],
)
def test_a_backup_that_cannot_take_over_is_said_to_have_what_hinders_it(
    conditions: list[str], language: str, now: str, sms: str
) -> None:
    """Left in local mode it has not failed; where no words are known it is only not ready."""
    one = composed(hindered(*conditions), language)
    assert now in one.text
    assert sms in one.sms
    assert not re.search("备发射机故障|备发射机 failed", one.text + one.sms)


@pytest.mark.parametrize(
    ("conditions", "step"),
    [
        (["tx2.remote"], "核实是否有人在操作备发射机"),
        (["switch.automatic"], "核实是否有人在操作备发射机"),
        (["tx2.remote", "tx2.fault"], "查备发射机供电"),
        (["tx2.blinks"], "查备发射机供电"),
    ],
)
def test_a_backup_that_is_only_in_local_mode_is_not_repaired(
    conditions: list[str], step: str
) -> None:
    """Somebody may be at work on it: that is asked first."""
    assert step in composed(hindered(*conditions)).action


def test_two_backups_with_different_hindrances_are_each_named_with_its_own() -> None:
    """In an SMS both are not ready."""
    does = [
        {"device": "tx1", "does": "failed", "conditions": ["tx1.remote"]},
        {"device": "tx2", "does": "silent"},
        {"device": "mux", "does": "on_air"},
    ]
    found = member(fault="reserve_lost/tx", reason="reserve_lost", column="on_air")
    one = composed(alert(found, devices_now=does))
    assert "主发射机在本地控制、备发射机无应答。勿动" in one.text
    assert "主、备发射机不可接替" in one.sms
