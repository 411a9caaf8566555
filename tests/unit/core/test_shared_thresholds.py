"""The thresholds that devices of one profile share."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.expression import Name, Not
from monitord.core.threshold_cache import SharedThresholds
from tests.support.seam import transmitter


def test_devices_alike_share_their_thresholds_whatever_lies_between() -> None:
    """One of another profile with the same points comes between two that are alike."""
    first, last = transmitter("fm1"), transmitter("fm3")
    between = transmitter("fm2")
    turned = replace(between.conditions[0], true_when=Not(Name("rf")))
    between = replace(between, conditions=(turned, *between.conditions[1:]))
    shared = SharedThresholds()
    found = [shared.of(device) for device in (first, between, last, last)]
    assert found[0] is found[2] is found[3]
    assert found[1] is not found[0]
