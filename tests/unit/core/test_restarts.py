"""A restart of equipment that nobody saw: its running time began inside a blind piece."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from monitord.core.expression import Name
from monitord.core.model import SECOND, Answer, Layer, Silence
from monitord.core.plan import DevicePlan, Plan, PointPlan
from monitord.core.running import widest_margin
from tests.support.seam import (
    DEADLINE,
    DESK,
    SLOT,
    T0,
    Driver,
    Watch,
    bodies,
    condition,
    fm_site,
    needs,
    programme,
    shared_site,
)

SILENT = range(60, 100)
BACK = T0 + SILENT.stop * SECOND


def driven(uptime_of: str, booted: float) -> Driver:
    """Return a run with 40 s of silence; ``booted``: when the equipment began, seconds of it."""
    points = (PointPlan("rf"), PointPlan("up", uptime_of=uptime_of))
    radiates = condition("tx.radiating", Layer.EMISSION, "no_carrier", Name("rf"))
    chain = programme("fm", needs("tx", Layer.EMISSION, "tx.radiating"))
    device = DevicePlan("tx", points, (radiates,), SLOT, DEADLINE)
    driver = Driver(Plan("hill", (device,), (chain,), (DESK,)))
    driver.start(T0)
    for second in range(120):
        at = T0 + second * SECOND
        if second in SILENT:
            driver.tick([Silence("tx", "timeout", at, at + DEADLINE)], at + DEADLINE)
            continue
        running = second - booted if second >= booted else 5_000.0 + second
        driver.tick([Answer("tx", at, at + 10_000, (True, running))], at + 10_000)
    return driver


def suspicions(driver: Driver) -> list[dict[str, object]]:
    return [json.loads(e.body) for e in driver.events if e.kind == "suspicion_found"]


def test_a_boot_inside_a_blind_piece_is_a_suspicion() -> None:
    """The piece stays unsettled, with the device as evidence."""
    (found,) = suspicions(driven("equipment", 62.5))
    assert (found["sort"], found["evidence"]) == ("restart", {"device": "tx"})
    assert found["begin"] < T0 + 62 * SECOND < BACK <= found["end"]


@pytest.mark.parametrize(
    ("uptime_of", "booted"),
    [("agent", 62.5), ("", 62.5), ("equipment", 1_000.0), ("equipment", float("-inf"))],
)
def test_another_boot_is_no_suspicion(uptime_of: str, booted: float) -> None:
    """The agent alone began again, nothing is known, it ran on, or its running time is no time."""
    assert suspicions(driven(uptime_of, booted)) == []


@pytest.mark.parametrize(("state", "cause"), [("absent", "no_value"), ("silent", "timeout")])
@pytest.mark.parametrize("of_run", ["first", "second"])
def test_what_a_device_does_first_names_the_blindness_from_then_on(
    state: str, cause: str, of_run: str
) -> None:
    """Until then nobody had asked it, or monitord did not run: that is no cause of its own."""
    watch = Watch(fm_site())
    if of_run == "second":
        watch.hold(20).restart()
    begun = len(watch.driver.events)
    watch.hold(20, fm1=state)
    assert watch.driver.situation.timelines["fm1.radiating"].cause == cause
    opened = bodies(watch.driver.events[begun:], "piece_opened")
    assert opened[-1]["possible"] == [f"unknown:{cause}"]
    watch.hold(20)
    known = watch.driver.situation.durable.conditions["fm1.radiating"]
    assert (known.value, known.cause) == (True, ""), "what is seen has no cause of blindness"


@pytest.mark.parametrize("is_removed", [False, True])
@pytest.mark.parametrize("clean", [False, True])
def test_behind_an_orderly_stop_blindness_begins_where_that_settled_the_programme(
    is_removed: bool, clean: bool
) -> None:
    """A kill leaves less known: it may have lost what its last tick had, by the widest margin."""
    watch = Watch(shared_site()).hold(20)
    begun, killed_at = len(watch.driver.events), watch.driver.now
    if is_removed:
        plan = watch.driver.plan
        watch.driver.plan = replace(plan, programmes=plan.programmes[:1])
    margin = widest_margin(watch.driver.situation)
    watch.restart(clean=clean)
    new = watch.driver.events[begun:]
    (begin,) = [one["start"] for one in bodies(new, "piece_opened") if one["subject"] == "two"]
    by_kill = killed_at - margin
    ends = [stopped["ends"]["two"] for stopped in bodies(new, "stopped")]  # type: ignore[index]
    assert [begin] == (ends if clean else [by_kill])
    assert (begin > by_kill) is clean
