"""A slice of the proof by killing, and the proof that it can fail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.__main__ import crash
from tests.crash.harness import STEPS
from tests.crash.lives import HUNG_AFTER_S
from tests.crash.mutants import MUTANTS, SURE, UNBROKEN, Mutant, report
from tests.crash.sufferings import AROUND, OF_THE_RECORD, Suffering

KILLS = len(STEPS) + 15
# Ends only what hangs: the work of a life is counted in ticks, the work of a mutant in CPU seconds.
pytestmark = pytest.mark.timeout(3 * HUNG_AFTER_S)


def test_nothing_is_lost_and_nothing_false_whenever_the_daemon_is_killed(tmp_path: Path) -> None:
    """Kill -9 at every named step and at random moments, on real sockets and a real disk."""
    verdict = crash(2030, KILLS, tmp_path)
    assert not verdict.failures
    assert verdict.counts["kills"] >= KILLS - 2
    assert verdict.counts["steps"] == len(STEPS)
    assert verdict.counts["surely_seen"] >= 10
    assert verdict.counts["messages"] > 30
    # An even seed polls so often that the agents are on the shared socket.
    assert verdict.counts["on_shared_sockets"] > 10


@pytest.mark.parametrize("kinds", [AROUND, OF_THE_RECORD], ids=["around", "of_the_record"])
def test_nothing_is_lost_and_nothing_false_while_the_surroundings_suffer(
    kinds: tuple[Suffering, ...], tmp_path: Path
) -> None:
    """Terminal, log, disk and names; or the record removed, replaced by an older one, damaged."""
    verdict = crash(2031, 2 * len(kinds), tmp_path, kinds=kinds)
    assert not verdict.failures
    assert verdict.counts["kills"] + verdict.counts["starts"] > len(kinds)
    met = sum(n for name, n in verdict.counts.items() if name.startswith("met_"))
    assert met >= 2 * len(kinds)


@pytest.mark.parametrize(
    "mutant", [m for m in MUTANTS if m.name in SURE], ids=lambda mutant: mutant.name
)
def test_code_broken_on_purpose_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    """Each break of a rule makes the judge find something; the long proof tries them all."""
    assert report(mutant, tmp_path, kills=3)


def test_the_same_code_unbroken_is_passed(tmp_path: Path) -> None:
    """The control: the copy, the seeds and the steps that judge the mutants find nothing else."""
    steps = tuple(dict.fromkeys(step for m in MUTANTS if m.name in SURE for step in m.at))
    control = replace(UNBROKEN, at=steps)
    assert not report(control, tmp_path, seeds=(7,), kills=len(steps))
