"""Which reason an outage has where one stage rests on several detectors."""

from __future__ import annotations

from monitord.core.expression import All, Name, Not
from monitord.core.model import SECOND, Layer
from monitord.core.plan import DevicePlan, Plan, StagePlan
from tests.scenarios.dutylog import DutyLog
from tests.support.seam import DESK, Site, condition, device, programme

FACES = (("black", 5), ("frozen", 10), ("silent", 10))


def detector() -> DevicePlan:
    conditions = (
        condition(f"d.not_{face}", Layer.CONTENT, face, Not(Name(face)), (hold * SECOND, 0))
        for face, hold in FACES
    )
    return device("d", [face for face, _ in FACES], *conditions)


def test_the_detector_that_has_decided_gives_the_reason() -> None:
    """Detectors within their hold time are undecided and give no reason."""
    needs = All(tuple(Name(f"d.not_{face}") for face, _ in FACES))
    chain = StagePlan("studio", "own", Layer.CONTENT, needs=needs)
    plan = Plan("hill", (detector(),), (programme("one", chain),), (DESK,))
    answers = {"good": (False, False, False), "bad": (False, True, False)}
    log = DutyLog(Site("frozen", plan, {"d": answers}), begins="02:00:00").until("02:10:00")
    log.becomes(d="bad").until("02:11:00").becomes(d="good").until("02:13:00")
    assert [(line.event, line.reason) for line in log.told()] == [
        ("opened", "frozen"),
        ("recovered", "frozen"),
    ]
