"""A message has exactly the parameters of its type: what it is sent with is read by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from monitord.core.decision_bodies import SetSiteState
from monitord.core.fault_plans import Sort
from monitord.core.incident_state import WORST_FIRST
from monitord.core.message_events import Alert
from monitord.core.model import Decision
from tests.support.seam import Watch, plant_site

ONLY_SOMETIMES = {"programme of DeviceNow", "conditions of DeviceNow"}


def wrong(value: Any, shape: Any) -> Iterator[str]:
    """Yield every key that is missing or that nobody knows, at every level."""
    if get_origin(shape) is list:
        for one in value:
            yield from wrong(one, get_args(shape)[0])
    elif is_typeddict(shape):
        hints = get_type_hints(shape)
        yield from (f"{key} of {shape.__name__}" for key in hints.keys() ^ value.keys())
        for key in hints.keys() & value.keys():
            yield from wrong(value[key], hints[key])


def test_every_message_has_the_parameters_of_its_type_and_no_others() -> None:
    """With members, devices and somebody at work; opened, grown and recovered."""
    watch = Watch(plant_site()).hold(20)
    at_work = SetSiteState("tower", "", "Li Si", "T-7")
    now = watch.driver.now
    watch.driver.tick([Decision(now, "k", "desk", "test", at_work)], now)
    watch.hold(20, mux="one_lost").hold(40, mux="bad", tx1="bad").hold(20, feed="bad").hold(200)
    alerts: list[Any] = [body["alert"] for body in watch.bodies("attempt_began")]
    assert {alert["told"] for alert in alerts} >= {"opened", "recovered"}
    assert all(alert["members"] and alert["site_state"] for alert in alerts)
    assert any(alert["devices_now"] for alert in alerts)
    assert {each for alert in alerts for each in wrong(alert, Alert)} <= ONLY_SOMETIMES


def test_every_sort_of_fault_has_a_place_in_the_order_that_names_an_incident() -> None:
    """The worst open fault names it; one without a place would end the step."""
    assert sorted(WORST_FIRST) == sorted(Sort)
