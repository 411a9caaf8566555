"""What conditions of one device share where they turn alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitord.core import config_folds, folds
from monitord.core.apply import encode
from monitord.core.config_events import ConfigurationAdopted
from monitord.core.durable import ConditionNow, Durable
from monitord.core.events import Body, ConditionTurned, lost, turned
from monitord.core.model import Event, Stream


def test_conditions_that_turned_alike_are_blind_each_by_its_own_device() -> None:
    """What is known of both is one object: a reload of one device changes nothing of the other."""
    durable = Durable()
    for name in ("tx.radiating", "io.radiating"):
        folds.condition_turned(
            durable,
            Event(1, 1, 9, "condition_turned", 1, name, Stream.SITE, b""),
            ConditionTurned(True, None, 4, 5, 4),
        )
    held = durable.conditions["io.radiating"]
    assert durable.conditions["tx.radiating"] is held
    body = ConfigurationAdopted("hash", "stored", {}, {}, {"device": ("tx",)})
    config_folds.configuration_adopted(
        durable, Event(1, 2, 9, "config_adopted", 1, "", Stream.SITE, b""), body
    )
    assert durable.conditions == {
        "tx.radiating": ConditionNow(None, 5, "not_yet", 4),
        "io.radiating": ConditionNow(True, 5, "", 4),
    }


@pytest.mark.parametrize("make", [turned, lost])
def test_true_and_one_are_not_shared_though_they_are_equal(make: Callable[..., Body]) -> None:
    """The record writes them otherwise."""
    rest = (None, 4, 5, 4) if make is turned else (5, "timeout")
    assert encode(make(True, *rest)) != encode(make(1, *rest))
