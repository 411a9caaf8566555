"""Runs the checks and the test folders in order and prints seconds against the budget.

Owns the order and the budgets; knows nothing of what a test checks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PARALLEL = ("-n", "2")  # both cores
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a suite; ``folder`` (relative) may be absent, the step is then passed over.

    ``beside``: it has one process and runs beside the steps that follow.
    """

    name: str
    budget_s: int
    command: tuple[str, ...]
    folder: str = ""
    beside: bool = False


def tool(name: str, budget_s: int, *command: str) -> Step:
    """Return a step that runs one of the virtualenv's tools."""
    return Step(name, budget_s, (str(BIN / command[0]), *command[1:]))


def draw() -> tuple[str, ...]:
    """Return the option by which Hypothesis draws as this commit has it; none where there is none.

    Each commit draws other examples, and what fails on one machine fails on all.
    """
    command = ("git", "rev-parse", "HEAD")
    try:
        head = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ()
    return () if head.returncode else (f"--hypothesis-seed={int(head.stdout, 16) % 2**32}",)


DRAW = draw()


def tests(folder: str, budget_s: int, *options: str) -> Step:
    """Return a step that runs one test folder, or one file."""
    name = folder.removeprefix("tests/")
    return Step(name, budget_s, (str(BIN / "pytest"), folder, *DRAW, *options), folder)


def stopped_half(name: str, budget_s: int, *files: str) -> Step:
    """Return a step that runs files of tests whose processes are stopped half of the time."""
    wrapper = (sys.executable, str(ROOT / ".ci" / "stopped_half.py"))
    return Step(name, budget_s, (*wrapper, str(BIN / "pytest"), *files, "-p", "no:xdist"))


CHECK = (
    tool("format", 3, "ruff", "format", "--check", "--quiet", "."),
    tool("lint", 3, "ruff", "check", "--quiet", "."),
    replace(tool("types", 8, "mypy", "--no-error-summary"), beside=True),
    tests("tests/tidy", 6, "tests/test_tidy.py", "-p", "no:xdist"),
)
QUICK = (*CHECK, tests("tests/unit", 22, *PARALLEL), tests("tests/scenarios", 3, *PARALLEL))
TEST = (
    *QUICK,
    tests("tests/properties", 75, *PARALLEL),
    tests("tests/contract", 15, "-p", "no:xdist"),
    tests("tests/integration", 180, *PARALLEL),
    tests("tests/simulation", 75, *PARALLEL),
    tests("tests/crash", 75, *PARALLEL),
)
STOPPED_FILES = (
    "tests/contract",
    *(f"tests/integration/test_{name}.py" for name in ("station", "daemon_outage", "daemon_traps")),
    *(f"tests/integration/test_{name}.py" for name in ("readers_snmp", "readers_modbus", "traps")),
    *(f"tests/integration/test_{name}.py" for name in ("bad_devices", "bad_webhook", "bad_disk")),
)
STOPPED = (stopped_half("stopped half of the time", 300, *STOPPED_FILES),)
SUITES = {"check": CHECK, "quick": QUICK, "test": TEST, "stopped": STOPPED}


@dataclass(frozen=True, slots=True)
class Outcome:
    step: Step
    passed: bool
    seconds: float


def run(step: Step, environment: dict[str, str]) -> Outcome:
    """Run one step with its output on the terminal."""
    print(f"--- {step.name}", flush=True)
    begun = time.monotonic()
    code = subprocess.run(step.command, cwd=ROOT, env=environment, check=False).returncode
    may_be_empty = not os.environ.get("REQUIRE_ALL")
    passed = code == 0 or (code == NO_TESTS_COLLECTED and may_be_empty)
    return Outcome(step, passed, time.monotonic() - begun)


def run_all(steps: tuple[Step, ...], environment: dict[str, str]) -> list[Outcome]:
    """Run the steps in order, those beside in a thread; return their outcomes in order."""
    outcomes: list[Outcome | Future[Outcome]] = []
    with ThreadPoolExecutor(max_workers=1) as thread:
        for step in filter(is_due, steps):
            beside = step.beside
            outcomes.append(
                thread.submit(run, step, environment) if beside else run(step, environment)
            )
    return [one.result() if isinstance(one, Future) else one for one in outcomes]


def is_due(step: Step) -> bool:
    """Pass over a folder that is absent, unless everything must run: pytest then fails on it."""
    return not step.folder or bool(os.environ.get("REQUIRE_ALL")) or (ROOT / step.folder).exists()


def print_times(outcomes: list[Outcome], total_s: float) -> None:
    """Print seconds per step against the budget; going over is printed, not failed."""
    print("\n   seconds  budget")
    for outcome in outcomes:
        over = "  over budget" if outcome.seconds > outcome.step.budget_s else ""
        failed = "" if outcome.passed else "  FAILED"
        name = f"{outcome.step.name}{over}{failed}"
        print(f"   {outcome.seconds:7.1f}  {outcome.step.budget_s:6d}  {name}")
    print(f"   {total_s:7.1f}  {sum(outcome.step.budget_s for outcome in outcomes):6d}  all")


def print_skips(skips: Path) -> None:
    """Name every skipped test once more, whatever scrolled by since."""
    lines = sorted(set(skips.read_text(encoding="utf-8").splitlines()))
    if lines:
        print(f"\nskipped ({len(lines)}):")
    for line in lines:
        print(f"   {line}")


def main(suite: str) -> int:
    """Run a suite to its end; return 1 if any step failed."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        skips = Path(folder, "skips")
        skips.touch()
        environment = os.environ | {"MONITORD_SKIPS_FILE": str(skips)}
        outcomes = run_all(SUITES[suite], environment)
        print_skips(skips)
    print_times(outcomes, time.monotonic() - begun)
    failed = [outcome.step.name for outcome in outcomes if not outcome.passed]
    print(f"make {suite}: " + (f"FAILED in {', '.join(failed)}" if failed else "passed"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
