"""What the card says: of an owner's card, and where another device could take over."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.core.message_events import Alert
from tests.support.alerts import BEGAN, OVER, alert, composed, member


def now(*does: dict[str, Any]) -> Alert:
    """Return off air of a stage with these devices; the conditions of both are named."""
    conditions = ["tx1.radiating", "tx2.radiating"]
    return alert(cause={"stage": "tx", "conditions": conditions}, devices_now=list(does))


FAILED = {"device": "tx1", "does": "failed"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("condition", ["remote", "automatic"])
def test_nobody_starts_a_device_that_is_in_somebodys_hands_without_asking(
    condition: str, language: str
) -> None:
    """A person may work inside: that is asked before the step that starts it, in any language."""
    taken = {"device": "tx2", "does": "failed", "conditions": [f"tx2.{condition}"]}
    step = {"zh": "核实是否有人在操作备发射机", "en": "somebody works on"}[language]
    start = {"zh": "开另一部", "en": "start the other"}[language]
    action = composed(now(FAILED, taken), language).action
    assert step in action
    assert action.lower().index(step) < action.lower().index(start)
    assert step not in composed(now(FAILED, FAILED | {"device": "tx2"}), language).action


def test_nobody_takes_away_a_reserve_that_carries_another_programme() -> None:
    """To start "the other one" would take that programme off the air."""
    used = {"device": "tx2", "does": "in_use", "programme": "tv"}
    action = composed(now(FAILED, used)).action
    assert "开另一部" not in action
    assert "勿倒走" in action


@pytest.mark.parametrize(
    ("does", "named"), [("standby", False), ("in_use", False), ("failed", True)]
)
def test_a_reserve_that_waits_is_no_cause(does: str, named: bool) -> None:
    """It has no output power because nobody asked it for any; the place is what failed."""
    found = now(FAILED, {"device": "tx2", "does": does, "programme": "tv"})
    found["cause"] |= {"place": "tx1/tx", "devices": ["tx1"]}
    cause = composed(found).cause
    assert ("备" in cause) is named


@pytest.mark.parametrize("does", ["standby", "in_use", "on_air", "failed"])
def test_what_fell_is_the_cause_whatever_it_does_by_now(does: str) -> None:
    """Both fell together; that one of them waits or carries again is no other cause."""
    found = now(FAILED, {"device": "tx2", "does": does, "programme": "tv"})
    found["cause"] |= {"place": "tx1+tx2/tx", "devices": ["tx1", "tx2"]}
    assert composed(found).cause == "原因：主、备发射机均无输出功率（发射）。"


CARDS = {"tx1.radiating": {"zh": "1. 看功率 2. 倒备机"}, "tx1.other": {"zh": "1. 不相干"}}


def test_the_first_card_of_the_cause_is_the_action() -> None:
    """The message has the steps for the first condition that has a card in the language.

    The card replaces the steps only: the call to the shift leader and what is never done stay.
    """
    card = "1. 看功率 2. 倒备机。报值班长，记日志。"
    for told in ("opened", "revised"):
        assert composed(alert(told=told), cards=CARDS).action == card
        assert "\n勿：短接联锁、反复复位。" in composed(alert(told=told), cards=CARDS).text
    cause = {"stage": "tx", "conditions": ["tx1.full_power", "tx1.radiating"]}
    assert composed(alert(cause=cause), cards=CARDS).action == card
    assert composed(alert(), "en", cards=CARDS).action == composed(alert(), "en").action
    over = alert(member(**OVER), told="recovered")
    assert composed(over, cards=CARDS).action == composed(over).action


def test_a_card_of_an_owner_is_not_shown_while_people_are_at_work() -> None:
    """WORDING C: no step that restores power or radio frequency; free text may be one."""
    one = composed(
        alert(site_state=[{"where": "inside", "device": "tx1", "who": "张三", "since": BEGAN}]),
        cards=CARDS,
    )
    assert one.action.startswith("有人作业，禁止送电、禁止开机。")
    assert "复位" not in one.action
    assert "看市电" in one.action


OUTSIDE = [
    ("feed", "mains.mains_good", "看油机带载"),
    ("feed", "genset.gives_power", "看急停"),
    ("feed", "board.fed", "看油机带载"),
    ("network", "link.locked", "看复用器"),
    ("device", "mux.has_input", "看复用器"),
    ("stage", "tx.radiating", "看市电、空开"),
]


@pytest.mark.parametrize(("kind", "condition", "step"), OUTSIDE)
def test_an_outage_by_a_cause_outside_the_chain_has_the_card_of_that_cause(
    kind: str, condition: str, step: str
) -> None:
    """WORDING C: no transmitter is reset or changed over for what it has no input or mains from."""
    device, _, name = condition.partition(".")
    cause = {"stage": "", "conditions": [condition], "place": f"{device}/{name}"}
    cause |= {"devices": [device], "kind": kind}
    assert step in composed(alert(member(), cause=cause)).action


@pytest.mark.parametrize(
    ("reason", "step"), [("wrong_programme", "切断异常信号"), ("filler", "按操作票切回")]
)
def test_what_is_on_the_air_instead_is_dealt_with_first_whatever_the_cause(
    reason: str, step: str
) -> None:
    """A hostile programme is cut before anybody looks for the link by which it came."""
    cause = {"stage": "", "conditions": ["link.locked"], "place": "link/locked"}
    cause |= {"devices": ["link"], "kind": "network"}
    found = alert(member(reason=reason), cause=cause, reason=reason)
    assert step in composed(found).text
    assert "看复用器" not in composed(found).text
