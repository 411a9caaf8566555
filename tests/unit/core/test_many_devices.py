"""One stage behind many devices: what an answer costs does not grow with their number."""

from __future__ import annotations

import sys
from types import FrameType

from monitord.core.expression import All, Name
from monitord.core.model import SECOND, Answer, Layer
from monitord.core.plan import Plan, StagePlan
from tests.support.seam import PEOPLE, T0, Driver, programme, transmitter

POLLS = 3


def calls_of_the_start(count: int) -> int:
    """Return how many functions are called from a start until every device answered thrice."""
    names = [f"d{number}" for number in range(count)]
    needs = All(tuple(Name(f"{name}.radiating") for name in names))
    stage = StagePlan("tx", "own", Layer.EMISSION, needs=needs)
    plan = Plan("hill", tuple(map(transmitter, names)), (programme("one", stage),), PEOPLE)
    driver = Driver(plan)
    driver.start(T0)
    calls = 0

    def count_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        for poll in range(POLLS):
            for number, name in enumerate(names):
                at = T0 + poll * SECOND + number * SECOND // count + 10_000
                driver.tick([Answer(name, at - 10_000, at, (True, False, False))], at)
    finally:
        sys.setprofile(before)
    assert driver.situation.is_settled()
    return calls


def test_the_start_of_a_stage_is_linear_in_its_devices() -> None:
    """Eight times the devices take eight times the calls, not 64 or 512 times."""
    assert calls_of_the_start(400) < 1.3 * 8 * calls_of_the_start(50)
