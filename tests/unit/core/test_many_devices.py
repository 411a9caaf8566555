"""One stage behind many devices: what an answer costs does not grow with their number."""

from __future__ import annotations

import sys
from types import FrameType

from monitord.core.expression import All, Name
from monitord.core.model import SECOND, Answer, Layer
from monitord.core.plan import Plan, StagePlan
from tests.support.seam import PEOPLE, T0, Driver, programme, transmitter

POLLS = 3


ON_AIR, OFF = (True, False, False), (False, False, False)


class Stage:
    """One stage that needs ``count`` devices, and how many functions its seconds call."""

    def __init__(self, count: int) -> None:
        self.names = [f"d{number}" for number in range(count)]
        needs = All(tuple(Name(f"{name}.radiating") for name in self.names))
        stage = StagePlan("tx", "own", Layer.EMISSION, needs=needs)
        devices = tuple(map(transmitter, self.names))
        self.driver = Driver(Plan("hill", devices, (programme("one", stage),), PEOPLE))
        self.driver.start(T0)
        self.polls = 0

    def calls(self, values: tuple[bool, ...]) -> int:
        """Return how many functions are called while every device answers thrice."""
        calls = 0

        def count_call(frame: FrameType, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            for _ in range(POLLS):
                self._poll(values)
        finally:
            sys.setprofile(before)
        assert self.driver.situation.is_settled()
        return calls

    def _poll(self, values: tuple[bool, ...]) -> None:
        for number, name in enumerate(self.names):
            at = T0 + self.polls * SECOND + number * SECOND // len(self.names) + 10_000
            self.driver.tick([Answer(name, at - 10_000, at, values)], at)
        self.polls += 1


def test_the_start_of_a_stage_is_linear_in_its_devices() -> None:
    """Eight times the devices take eight times the calls, not 64 or 512 times."""
    assert Stage(400).calls(ON_AIR) < 1.3 * 8 * Stage(50).calls(ON_AIR)


def test_a_fall_of_all_devices_and_their_recovery_are_linear() -> None:
    """All devices of a stage fall one after the other, and come back one after the other."""
    few, many = Stage(50), Stage(400)
    assert many.calls(ON_AIR) < 1.3 * 8 * few.calls(ON_AIR)
    for values in (OFF, ON_AIR):
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
