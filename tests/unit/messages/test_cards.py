"""What the card and the cause say where another device could take over."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.core.message_events import Alert
from tests.support.alerts import alert, composed


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
    """It has no output power because nobody asked it for any."""
    cause = composed(now(FAILED, {"device": "tx2", "does": does, "programme": "tv"})).cause
    assert ("备" in cause) is named
