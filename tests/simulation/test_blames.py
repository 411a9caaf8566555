"""What the histories hold to be the cause in cases by hand: the rule that judges the core."""

from __future__ import annotations

import pytest

from simulators.plant.signals import inverted, pulses
from tests.simulation.blames import Blames
from tests.simulation.facts import SECOND, OutageFacts

WAYS = (("a.on", "sw.to_a"), ("b.on", "sw.to_b"))
END = 2_000
Lacking = dict[str, list[tuple[int, int]]]
"""By condition, when it is false, in seconds."""
REST: Lacking = {"b.on": [(0, END)], "sw.to_b": [(0, END)]}


def outages(lacking: Lacking) -> list[OutageFacts]:
    """Return the outages of a main on the mains, and a backup on another feed that waits."""
    names = [name for way in WAYS for name in way] + ["mains.on", "feed.on"]
    shown = {
        name: inverted(pulses((a * SECOND, b * SECOND) for a, b in (REST | lacking).get(name, [])))
        for name in names
    }
    supplies = {"a": "mains.on", "b": "feed.on"}
    return Blames("tx", WAYS, supplies, shown, 30 * SECOND).outages(0, END * SECOND)


def named(outage: OutageFacts, second: int) -> set[str]:
    """Return what may be named at a moment."""
    return {b.place for b in outage.named if b.begin <= second * SECOND < b.end}


def turned(begin: int, end: int) -> Lacking:
    """Return the switch on the backup for a while."""
    return {"sw.to_a": [(begin, end)], "sw.to_b": [(0, begin), (end, END)]}


def test_a_switch_that_is_right_again_is_let_go_for_the_main_that_tripped_meanwhile() -> None:
    """For the clearing time either is right; then it is what still keeps the programme off."""
    (outage,) = outages({**turned(100, 200), "a.on": [(150, 400)]})
    assert [named(outage, at) for at in (120, 190, 210, 300)] == [
        {"sw/tx"},
        {"sw/tx"},
        {"sw/tx", "a/tx"},
        {"a/tx"},
    ]


@pytest.mark.parametrize(("again", "later"), [(215, {"mains/on"}), (280, {"a/tx"})])
def test_mains_that_are_back_for_less_than_the_clearing_time_stay(
    again: int, later: set[str]
) -> None:
    """The main has not started in between."""
    mains = [(100, 200), (again, again + 90)]
    (outage,) = outages({"mains.on": mains, "a.on": [(100, 500)]})
    assert named(outage, 190) == {"mains/on"}
    assert named(outage, again + 40) == later


def test_mains_let_go_once_the_main_has_a_generator_and_the_switch_is_wrong() -> None:
    """They explain nothing any more; the switch alone is to be turned, or the backup to be on."""
    lacking = {**turned(120, 400), "mains.on": [(100, 600)], "a.on": [(100, 200)]}
    (outage,) = outages(lacking)
    assert named(outage, 190) == {"mains/on"}
    assert named(outage, 300) == {"sw/tx", "b/tx", "b+sw/tx"}


def test_what_fell_is_named_by_its_supply_if_that_failed_no_later() -> None:
    """Mains that fail while the main lies with a trip of its own are no cause of that."""
    (outage,) = outages({"mains.on": [(130, 300)], "a.on": [(100, 350)]})
    assert named(outage, 200) == {"a/tx"}
    (at_once,) = outages({"mains.on": [(102, 300)], "a.on": [(100, 350)]})
    assert named(at_once, 200) == {"a/tx", "mains/on"}


def test_a_backup_that_fails_as_it_took_over_is_a_cause_of_its_own() -> None:
    """It carried for longer than the clearing time."""
    lacking = {**turned(110, 290), "a.on": [(100, 300)], "b.on": [(0, 115), (200, END)]}
    first, second = outages(lacking)
    assert named(first, 109) == {"a/tx"}
    assert second.fell == "b/tx"
    assert named(second, 280) == {"b/tx"}
