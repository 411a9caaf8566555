"""One stage behind many devices: what an answer costs does not grow with their number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import pytest

from monitord.core.expression import All, AtLeast, Compare, Kind, Name, Not, Number
from monitord.core.member_kinds import StageMembers
from monitord.core.model import SECOND, Answer, Input, Layer, Silence
from monitord.core.plan import MemberPlan, Plan, StagePlan
from monitord.core.stage_kinds import KeptKinds
from monitord.core.values import Numbering
from tests.support.seam import (
    PEOPLE,
    T0,
    Driver,
    condition,
    device,
    member,
    programme,
    transmitter,
)

POLLS = 3
CALLS_A_TURN_MAX = 46
"""Of Python and of C functions; 53 while a turn that nobody reads the past of kept it."""
CALLS_A_START_MAX = 896
"""Of one device of a stage, whose three conditions turn, in three polls; 915 before."""

ON_AIR, OFF = (True, False, False), (False, False, False)


def calls_of(do: Callable[[], object]) -> int:
    """Return how many functions are called."""
    calls = 0

    def count_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        do()
    finally:
        sys.setprofile(before)
    return calls


class Stage:
    """One stage on ``count`` devices, and how many functions its seconds call.

    ``enough``: how many of them it needs; all, if that is not given. ``at_once``: how many answers
    arrive at the same moment. ``numbering``: of the devices' answers.
    ``redundant``: each device is a member, and one of them is enough.
    """

    def __init__(
        self,
        count: int,
        enough: int | None = None,
        at_once: int = 1,
        numbering: Numbering = Numbering.NUMBERED,
        redundant: bool = False,
    ) -> None:
        self.names = [f"d{number}" for number in range(count)]
        self.at_once = at_once
        parts = tuple(Name(f"{name}.radiating") for name in self.names)
        needs = All(parts) if enough is None else AtLeast(enough, parts)
        stage = StagePlan("tx", "own", Layer.EMISSION, needs=needs)
        if redundant:
            members = tuple(map(member, self.names))
            stage = StagePlan("tx", "own", Layer.EMISSION, members=members)
        devices = tuple(replace(transmitter(name), numbering=numbering) for name in self.names)
        self.driver = Driver(Plan("hill", devices, (programme("one", stage),), PEOPLE))
        self.driver.start(T0)
        self.polls = 0

    def calls(self, values: tuple[bool, ...] | None) -> int:
        """Return how many functions are called while every device answers thrice, or is silent."""
        calls = calls_of(lambda: [self._poll(values) for _ in range(POLLS)])
        assert self.driver.situation.is_settled()
        return calls

    def _poll(self, values: tuple[bool, ...] | None) -> None:
        waiting: list[Input] = []
        for number, name in enumerate(self.names, 1):
            group = (number - 1) // self.at_once * self.at_once
            at = T0 + self.polls * SECOND + group * SECOND // len(self.names) + 10_000
            sent_at = at - 10_000
            silence = Silence(name, "timeout", sent_at, at)
            waiting.append(silence if values is None else Answer(name, sent_at, at, values))
            if number % self.at_once == 0:
                self.driver.tick(waiting, at)
                waiting = []
        self.polls += 1


def test_the_start_of_a_stage_is_linear_in_its_devices() -> None:
    """Eight times the devices take eight times the calls, not 64 or 512 times."""
    assert Stage(400).calls(ON_AIR) < 1.3 * 8 * Stage(50).calls(ON_AIR)


def test_a_start_asks_once_what_does_not_change() -> None:
    """The hours of a moment, and the verdict by the last answers, are not asked again and again."""
    assert Stage(200).calls(ON_AIR) < 200 * CALLS_A_START_MAX


def test_a_fall_of_all_devices_and_their_recovery_are_linear() -> None:
    """All devices of a stage fall one after the other, and come back one after the other."""
    few, many = Stage(50), Stage(400)
    assert many.calls(ON_AIR) < 1.3 * 8 * few.calls(ON_AIR)
    for values in (OFF, ON_AIR):
        assert many.calls(values) < 1.3 * 8 * few.calls(values)


@pytest.mark.parametrize("numbering", [n for n in Numbering if n is not Numbering.NUMBERED])
def test_a_fall_on_lines_without_numbers_is_linear(numbering: Numbering) -> None:
    """A reading counts there once the next agrees: others have answered since, and are not asked.

    The first turn proves a stage bad that needs all devices, and nothing more is read for a proof.
    """
    few, many = Stage(50, numbering=numbering), Stage(200, numbering=numbering)
    for values in (ON_AIR, OFF, ON_AIR):
        assert many.calls(values) < 1.3 * 4 * few.calls(values)


def test_a_fall_of_all_members_of_a_stage_is_linear() -> None:
    """An answer is read for its own member; the others are counted, and not asked again."""
    few, many = Stage(50, redundant=True), Stage(200, redundant=True)
    for values in (ON_AIR, OFF, ON_AIR, None, ON_AIR):
        assert many.calls(values) < 1.5 * 4 * few.calls(values)


@pytest.mark.parametrize(("share", "at_once"), [(2, 1), (400, 5)], ids=["half", "any_at_once"])
def test_a_redundant_stage_is_linear_in_its_devices(share: int, at_once: int) -> None:
    """While too few have fallen to prove it bad, no answer asks all devices again.

    The turns that wait are read at each answer: 64 at most, and fewer of few devices.
    """
    few = Stage(50, max(1, 50 // share), at_once)
    many = Stage(400, max(1, 400 // share), at_once)
    for values in (ON_AIR, OFF, ON_AIR):
        assert many.calls(values) < 2 * 8 * few.calls(values)


def test_a_stage_that_needs_a_condition_false_is_bad_where_it_is_true() -> None:
    """What is gathered turns round at a negation."""
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=Not(Name("d0.low")))
    kept = KeptKinds(programme("one", stage))
    for value in (False, True):
        gathered = kept.gather()
        gathered.store(kept.leaf("d0.low"), Kind(value))
        assert gathered.is_bad is value


def test_a_silent_site_is_linear_in_its_devices() -> None:
    """All devices of a site fall silent, stay so, and answer again."""
    few, many = Stage(50), Stage(400)
    for values in (ON_AIR, None, None, ON_AIR):
        assert many.calls(values) < 1.3 * 8 * few.calls(values)


def test_a_recovery_one_by_one_names_few_devices_at_a_time() -> None:
    """The cause moves on to the devices that still fail, eight of them, and not at each device."""
    stage = Stage(100)
    stage.calls(ON_AIR)
    stage.calls(OFF)
    (incident,) = stage.driver.situation.durable.incidents.values()
    assert incident.place.id == "d0/tx"
    before = len(stage.driver.events)
    stage.calls(ON_AIR)
    moved = [e for e in stage.driver.events[before:] if e.kind == "incident_moved"]
    assert len(moved) <= 15
    assert max(len(event.body) for event in moved) < 1_000


def first_answer_calls(conditions: int) -> int:
    """Return how many functions the first answer of a device calls by its conditions."""
    names = [f"p{number}" for number in range(conditions)]
    found = [condition(f"d.{n}", Layer.EQUIPMENT, "fault", high(n)) for n in names]
    driver = Driver(Plan("hill", (device("d", names, *found),), (), PEOPLE))
    driver.start(T0)
    answer = Answer("d", T0, T0 + 10_000, (50.0,) * conditions)
    return calls_of(lambda: driver.tick([answer], T0 + 10_000))


def high(point: str) -> Compare:
    """Return a threshold on a point."""
    return Compare(">", Name(point), Number(10))


def test_a_condition_that_turns_takes_a_short_way() -> None:
    """A start turns every condition of the site: 100,000 of them must not take longer than 2 s."""
    few, many = first_answer_calls(10), first_answer_calls(110)
    assert many - few < 100 * CALLS_A_TURN_MAX


def test_members_that_are_bad_too_long_ago_are_asked_about_by_the_newest_of_them() -> None:
    """Nearly always it answers last; a stage of thousands must not ask all of them each time."""
    proven = {"a": 5, "b": 7, "c": 20}
    asked: list[str] = []

    def proven_to(one: MemberPlan) -> int:
        asked.append(one.id)
        return proven[one.id]

    members = StageMembers(tuple(member(name) for name in "abc"))

    def is_bad() -> bool:
        asked.clear()
        return members.is_held_bad(lambda _: 10, proven_to)

    assert (is_bad(), is_bad(), asked) == (False, False, ["b"])
    proven["b"] = 10
    assert (is_bad(), is_bad(), asked) == (False, False, ["a"])
    proven["a"] = 10
    assert (is_bad(), is_bad(), asked) == (True, True, [])
