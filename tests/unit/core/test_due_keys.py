"""What can fall due, by its key, and how soon each condition of a device does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.due_times import all_keys, due_time
from monitord.core.dues import Key, Rank
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer
from monitord.core.situation import Situation
from tests.support.seam import BOUND, T0, Site, Watch, fm_site, plant_site, shared_site


def test_every_thing_that_can_fall_due_has_one_key() -> None:
    """Devices, hours, faults, incidents, people, and the mark of the clock; none before a start."""
    site = plant_site()
    assert list(all_keys(Situation(site.plan, Durable()))) == []
    situation = Watch(site).hold(20).hold(5, tx1="bad").driver.situation
    (incident,) = situation.durable.incidents
    subjects = {
        Rank.OVERDUE: ["feed", "mux", "tx1", "tx2"],
        Rank.CALENDAR: ["one", "two", "three"],
        Rank.FAULT: list(situation.faults),
        Rank.INCIDENT: [incident],
        Rank.MESSAGES: ["desk", "engineer"],
        Rank.CLOCK_MARK: [""],
    }
    expected = [Key(rank, subject) for rank, found in subjects.items() for subject in found]
    assert sorted(all_keys(situation)) == sorted(expected)
    for key in expected:
        assert situation.dues.times.get(key) == due_time(situation, key), key
    gone = Key(Rank.INCIDENT, "gone")
    assert due_time(situation, gone) is None
    mark = situation.durable.last_mark_at + situation.plan.mark_every
    assert due_time(situation, Key(Rank.CLOCK_MARK, "")) == mark


BOUNDS = (3 * SECOND, 7 * SECOND, 5 * SECOND)
"""Of the three conditions of the transmitter."""


def three_bounds() -> Site:
    """Return the FM site; each condition of its transmitter has a bound of its own."""
    site = fm_site()
    tx, io = site.plan.devices
    pairs = zip(tx.conditions, BOUNDS, strict=True)
    conditions = tuple(replace(each, bound=bound) for each, bound in pairs)
    return replace(site, plan=replace(site.plan, devices=(replace(tx, conditions=conditions), io)))


@pytest.mark.parametrize("state", ["good", "half"])
def test_each_condition_is_lost_after_its_own_bound(state: str) -> None:
    """Without an answer the first falls due first, whether all of them have a value or not."""
    site = three_bounds()
    driver = Watch(site).hold(5).hold(5, fm1=state).driver
    last = max(t.last_after for t in driver.situation.timelines.values() if t.bound in BOUNDS)
    begun = len(driver.events)
    for at in range(driver.now, last + 12 * SECOND, SECOND // 2):
        driver.tick([], at)
    lost = {e.subject: e.at - last for e in driver.events[begun:] if e.kind == "condition_lost"}
    names = ("fm1.radiating", "fm1.sane", "fm1.low")
    expected = {name: bound + 1 for name, bound in zip(names, BOUNDS, strict=True)}
    found = {name: after for name, after in lost.items() if name in expected}
    if state == "good":
        assert found == expected
    else:
        # It has no value since the answer that lacked it, and was lost by its own last proof.
        assert {name: found.get(name) for name in (names[0], names[2])} == {
            names[0]: expected[names[0]],
            names[2]: expected[names[2]],
        }


def test_a_removed_programme_is_blind_from_the_last_moment_known_of_it() -> None:
    """At a reload because nobody asks any more, at a start because nobody did."""
    for is_start, cause in ((False, "not_yet"), (True, "absent")):
        watch = Watch(shared_site()).hold(40)
        driver, plan = watch.driver, watch.driver.plan
        only = replace(plan, programmes=plan.programmes[:1])
        at = driver.now + (5 * SECOND if is_start else 0)
        begun = len(driver.events)
        if is_start:
            driver.plan = only
            driver.start(at, alive_at=driver.crash())
        else:
            driver.reload(only, at)
        (piece,) = [
            body
            for body in watch.bodies("piece_opened")
            if body["subject"] == "two" and int(str(body["at"])) >= at
        ]
        assert (piece["possible"], piece["blind"]) == ([f"unknown:{cause}"], cause)
        assert T0 + 20 * SECOND < int(str(piece["start"])) < at - (5 * SECOND if is_start else 0)
        assert [e.subject for e in driver.events[begun:] if e.kind == "programme_withdrawn"] == [
            "two"
        ]


def test_an_answer_within_the_bound_keeps_every_condition() -> None:
    """One microsecond later the shortest one is lost."""
    for late, lost in ((0, []), (1, ["fm1.radiating"])):
        driver = Watch(three_bounds()).hold(10).driver
        last = driver.situation.timelines["fm1.radiating"].last_after
        at = last + BOUNDS[0] + late
        begun = len(driver.events)
        driver.tick([Answer("fm1", at, at, (True, False, False))], at)
        found = [e.subject for e in driver.events[begun:] if e.kind == "condition_lost"]
        assert [name for name in found if name.startswith("fm1")] == lost
    assert BOUND not in BOUNDS
