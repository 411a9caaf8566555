"""While somebody is at work a message says first what must not be switched on."""

from __future__ import annotations

import pytest

from tests.support.alerts import BEGAN, alert, composed, member

TOWER = {"where": "tower", "device": "", "who": "李四", "since": BEGAN}
INSIDE = {"where": "inside", "device": "tx1", "who": "张三", "since": BEGAN}


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "zh",
            [
                "塔上有人作业（李四），禁止送电、禁止开机，11月28日03:12:07起。",
                "主发射机内有人作业（张三），禁止送电、禁止开机，11月28日03:12:07起。",
            ],
        ),
        (
            "en",
            [
                "PEOPLE ON THE TOWER (李四) 28 Nov 03:12:07: NO POWER, NO RF.",
                "PEOPLE INSIDE 主发射机 (张三) 28 Nov 03:12:07: NO POWER, NO RF.",
            ],
        ),
    ],
)
def test_people_at_work_are_named_right_behind_the_title(language: str, lines: list[str]) -> None:
    """Each with the place, the name and since when; no step brings power back."""
    one = composed(alert(site_state=[TOWER, INSIDE]), language)
    assert one.text.splitlines()[1:3] == lines
    assert "复位一次" not in one.action
    assert "reset once" not in one.action


@pytest.mark.parametrize(
    ("fault", "reason", "step"),
    [
        ("reserve_used/tx", "reserve_used", "倒回"),
        ("off_air", "no_signal", "本台处置卡"),
        ("manual/tx", "manual", "恢复自动"),
        ("off_air", "no_carrier", "复位"),
    ],
)
def test_no_step_that_may_bring_power_back_is_shown_while_people_are_at_work(
    fault: str, reason: str, step: str
) -> None:
    """A change back radiates from another transmitter; the station's own card may do anything."""
    found = member(fault=fault, reason=reason)
    cause = {"stage": "tx", "conditions": []}
    assert step in composed(alert(found, cause=cause)).action
    assert step not in composed(alert(found, cause=cause, site_state=[TOWER])).action


def test_a_message_without_people_at_work_forbids_nothing() -> None:
    """The card has all its steps."""
    one = composed(alert(site_state=[]))
    assert "禁止送电" not in one.text
    assert "复位一次" in one.action


def test_a_backup_in_local_mode_is_not_put_back_to_remote_while_people_are_at_work() -> None:
    """From there it could be switched on."""
    found = member(fault="reserve_lost/tx", reason="reserve_lost", column="on_air")
    does = [{"device": "tx1", "does": "on_air"}]
    does += [{"device": "tx2", "does": "failed", "conditions": ["tx2.remote"]}]
    assert "恢复遥控" in composed(alert(found, devices_now=does)).action
    assert "恢复遥控" not in composed(alert(found, devices_now=does, site_state=[TOWER])).action
