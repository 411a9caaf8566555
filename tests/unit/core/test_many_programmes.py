"""Many programmes that one cause takes off the air: each costs as much as one of few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.decision_bodies import Acknowledge
from monitord.core.durable import Durable
from monitord.core.expression import Name
from monitord.core.incident_state import Incident, Member, Place
from monitord.core.incidents import closes_at
from monitord.core.model import SECOND, Answer, Decision, Layer
from monitord.core.plan import Plan
from monitord.core.situation import Situation
from tests.support.seam import (
    PEOPLE,
    T0,
    TRANSMITTER_ANSWERS,
    WALL,
    Driver,
    Outcome,
    condition,
    device,
    needs,
    programme,
    told,
    transmitter,
)
from tests.unit.core.test_many_devices import calls_of

FEW, TIMES = 10, 8
SLACK = 1.2
"""Sorting, and heaps, take a little more of many; the square would be 8 times too much."""
FEED = {"good": (True,), "bad": (False,)}


class Site:
    """A transmitter for each of ``count`` programmes, all of them on one supply.

    ``open_for``: seconds from the start to the end of the hours of all.
    """

    def __init__(self, count: int, outcome: str = "delivered", open_for: int = 120) -> None:
        mains = condition("feed.mains", Layer.EQUIPMENT, "mains", Name("ok"))
        names = [f"tx{number}" for number in range(count)]
        fed = (replace(transmitter(name), powered_by=(mains.id,)) for name in names)
        plan = Plan(
            "hill",
            (device("feed", ("ok",), mains), *fed),
            tuple(programme(n, needs("tx", Layer.EMISSION, f"{n}.radiating")) for n in names),
            PEOPLE,
        )
        hours = ((WALL - 86_400 * SECOND, WALL + open_for * SECOND, "on"),)
        self.driver = Driver(plan, calendar=hours, outcomes=(Outcome(SECOND // 10, outcome),))
        self.driver.start(T0)
        self.at = T0
        self.poll("good", 3)

    def poll(self, state: str, seconds: int) -> None:
        """Let every device answer each second, one after the other."""
        devices = self.driver.plan.devices
        for _ in range(seconds):
            for number, one in enumerate(devices, 1):
                at = self.at + number * SECOND // (len(devices) + 1)
                values = (FEED if one.id == "feed" else TRANSMITTER_ANSWERS)[state]
                self.driver.tick([Answer(one.id, at - 10, at, values)], at)
            self.at += SECOND
            self.driver.tick([], self.at - 1)

    def stay_good(self) -> None:
        """Let every device answer alike for eleven minutes, in runs of a minute."""
        for _ in range(11):
            until = self.at + 60 * SECOND - 1
            runs = [
                Answer(one.id, at - 10, at, values, repeats=60, every=SECOND)
                for number, one in enumerate(self.driver.plan.devices, 1)
                for at in [self.at + number * SECOND // (len(self.driver.plan.devices) + 1)]
                for values in [(FEED if one.id == "feed" else TRANSMITTER_ANSWERS)["good"]]
            ]
            self.driver.tick(runs, until)
            self.at = until + 1

    def acknowledge(self) -> None:
        """Acknowledge the only incident."""
        (incident,) = self.driver.situation.durable.incidents
        body = Acknowledge(incident)
        self.driver.tick([Decision(self.at, "d1", "desk", "command", body)], self.at)

    def calls(self, state: str, seconds: int) -> int:
        """Return how many functions are called meanwhile."""
        return calls_of(lambda: self.poll(state, seconds))


STEPS = {
    "fall": ("bad", 1),
    "first messages": ("bad", 6),
    "recovery": ("good", 1),
    "proof of recovery": ("good", 5),
    "second fall": ("bad", 1),
    "its messages": ("bad", 25),
    "second recovery": ("good", 1),
    "closing and its messages": ("good", 40),
    "third fall": ("bad", 1),
    "until the hours are over": ("bad", 90),
}


@pytest.mark.parametrize("outcome", ["delivered", "temporary", "lost"])
def test_a_fall_of_many_by_one_cause_is_linear_in_them(outcome: str) -> None:
    """From the fall to the end of the hours, whether the messages arrive, fail, or are under way.

    The messages of one member are found again at an event of it, and not those of all.
    """
    few, many = Site(FEW, outcome), Site(FEW * TIMES, outcome)
    calls = {name: [site.calls(*step) for site in (few, many)] for name, step in STEPS.items()}
    assert not many.driver.situation.durable.outages
    too_many = {name: both for name, both in calls.items() if both[1] > SLACK * TIMES * both[0]}
    assert too_many == {}


def closing_calls(count: int) -> int:
    """Return how many functions are called to ask when an incident closes, as its members end."""
    names = [f"p{number}/off_air" for number in range(count)]
    members = {n: Member(n, n.partition("/")[0], "off_air", "minor", 4, 1, 1) for n in names}
    incident = Incident("1-9", 100, Place("tx/tx", "stage"), 1, 1, members)
    situation = Situation(Plan("hill", (), (), PEOPLE), Durable())

    def end_one_by_one() -> None:
        for number, member in enumerate(members.values(), 1):
            assert closes_at(situation, incident) is None
            member.over, member.how = number, "good"
        assert closes_at(situation, incident) == count

    return calls_of(end_one_by_one)


def test_when_an_incident_closes_is_asked_of_each_member_once() -> None:
    """And again of all, once those that were open are over."""
    assert closing_calls(FEW * TIMES) < SLACK * TIMES * closing_calls(FEW)


def test_an_acknowledgement_of_many_is_linear_in_them() -> None:
    """Of one incident with all its members."""
    few, many = Site(FEW), Site(FEW * TIMES)
    for site in (few, many):
        site.poll("bad", 6)
    assert calls_of(many.acknowledge) < SLACK * TIMES * calls_of(few.acknowledge)
    (incident,) = many.driver.situation.durable.incidents.values()
    assert len(incident.members) == FEW * TIMES
    assert incident.acknowledged_by == "desk"


def test_a_digest_of_many_falls_is_linear_in_them() -> None:
    """All fall again and again, each time for less than the delay of a message."""
    counts = []
    for site in (Site(FEW, open_for=3_600), Site(FEW * TIMES, open_for=3_600)):
        site.poll("bad", 6)
        falls = sum(site.calls(state, 2) for _ in range(4) for state in ("good", "bad"))
        counts.append(falls + calls_of(site.stay_good))
        assert "digest" in [kind for _, kind in told(site.driver.events, "desk")]
    assert counts[1] < SLACK * TIMES * counts[0]
