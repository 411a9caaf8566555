"""Tries mutants: a warm process with every test collected, and a fork of it for each mutant.

``python -m tests.mutation.worker BASELINE [--cpu-seconds S] TEST…``: first the file ``BASELINE`` is
read, or measured and written: which tests run which line of ``core``, and how long each takes. Then
a mutant is read from each line of standard input, and a verdict is written to standard output. In
the fork the functions of the loaded package are given the mutant's code; a mutant of a line that an
import runs has a fresh process. The tests that run its line are tried, the shortest first, and the
first failure kills; so does a test that takes many times as long as it does unbroken.
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from coverage import Coverage

from tests.long.inputs import ROOT
from tests.mutation.draw import CORE, Mutant, mutated

TESTS = (
    "tests/unit/core",
    "tests/scenarios",
    *(
        f"tests/properties/test_{name}.py"
        for name in ("acknowledge", "calendars", "figures", "generation1", "incidents", "inputs")
    ),
    *(
        f"tests/properties/test_{name}.py"
        for name in ("logic", "messages", "model_incidents", "model_lines", "outages", "own_totals")
    ),
    *(
        f"tests/properties/test_{name}.py"
        for name in ("record", "reloads", "stage_kinds", "suspicion", "threshold_cache", "time_map")
    ),
    *(
        f"tests/properties/test_{name}.py"
        for name in ("decision_basis", "member_kinds", "nodes", "timelines", "unconfirmed")
    ),
    "tests/properties/test_unnumbered_lines.py",
    "tests/unit/messages/test_at_work.py",
    "tests/unit/messages/test_suspected.py",
    "tests/unit/metrics/test_exposition.py",
    "tests/mutation/test_simulated.py",
)
"""Chosen to kill; the properties with few examples, the long judges last."""
OPTIONS = (
    *("-q", "-x", "--tb=no", "--assert=plain", "-p", "no:xdist", "-p", "no:cacheprovider"),
    *("--hypothesis-seed=0", "--timeout=1800"),
)
"""Processor time bounds a test here: by the clock on the wall a busy machine would kill mutants."""
MEMORY_MAX = 4 << 30
CPU_S, CPU_TIMES = 10.0, 10
"""Processor time of a test of a mutant: so much, and so many times what it takes unbroken."""
IMPORTS_CPU_S = 60
"""Processor time to load all tests, in a process of their own."""


class Verdict(StrEnum):
    """How a mutant ended. Killed: a test failed. Hung: it used up its time, or its memory."""

    KILLED = "killed"
    HUNG = "hung"
    SURVIVED = "survived"


@dataclass
class Baseline:
    """``lines``: by file and line of ``core``, the tests that run it. ``seconds``: of each test.

    ``loaded``: by file, the lines that run while the tests are loaded.
    """

    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    loaded: dict[str, list[int]] = field(default_factory=dict)

    def is_loaded(self, mutant: Mutant) -> bool:
        """Return whether a function's line has run before the function can be broken."""
        return mutant.line in self.loaded.get(mutant.file, ())

    def tests_of(self, mutant: Mutant, kills: Mapping[str, int]) -> list[str]:
        """Return the tests to try: those that run the line, or all, those of the file first.

        ``kills``: by each test so far. The short ones that killed often come first.
        """
        of_file = self.lines.get(mutant.file, {})
        near = {name for names in of_file.values() for name in names}
        # A part of a statement of several lines may be on a line that nothing seems to run.
        tests = of_file.get(mutant.line) or near
        tests = self.seconds.keys() if mutant.function is None else tests
        cost = {name: self.seconds[name] / (1 + 4 * kills.get(name, 0)) for name in tests}
        return sorted(cost, key=lambda name: (name not in near, cost[name], name))


# -- the baseline -------------------------------------------------------------------------------


class Measured:
    """A plugin of pytest: which test runs which line, and for how long."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        begun = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - begun
        return result


def measure(tests: Sequence[str]) -> Baseline:
    """Run every test once, unbroken; raise ValueError if one fails: the control."""
    with tempfile.TemporaryDirectory() as folder:
        coverage = Coverage(data_file=Path(folder, "data"), source=[str(CORE)], config_file=False)
        coverage.start()
        plugin = Measured(coverage)
        code = pytest.main([*OPTIONS, *tests], plugins=[plugin])
        coverage.stop()
        if code != 0:
            raise ValueError(f"the tests fail without a mutant: pytest ended with {code}")
        data = coverage.get_data()
        baseline = Baseline(seconds=plugin.seconds)
        for name in data.measured_files():
            found, file = data.contexts_by_lineno(name), str(Path(name).relative_to(CORE))
            baseline.lines[file] = {
                line: [test for test in tests if test] for line, tests in found.items()
            }
            # Outside of all tests there is no name.
            baseline.loaded[file] = [line for line, tests in found.items() if "" in tests]
    return baseline


def measured_apart(file: Path, tests: Sequence[str]) -> Baseline:
    """Return the baseline of a file; measure it where there is none, one worker for all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            _measure_in_fork(file, tests)
    return Baseline(**pickle.loads(file.read_bytes()))


def _measure_in_fork(file: Path, tests: Sequence[str]) -> None:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(2, 1)
            partial = file.with_suffix(".part")
            partial.write_bytes(pickle.dumps(asdict(measure(tests))))
            partial.replace(file)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise ValueError("the tests fail without a mutant")


# -- a mutant -----------------------------------------------------------------------------------


class Mutated(SourceFileLoader, MetaPathFinder):
    """Loads the one module of a mutant with the mutant's code."""

    def __init__(self, mutant: Mutant) -> None:
        name = "monitord.core." + mutant.file.removesuffix(".py").replace("/", ".")
        super().__init__(name.removesuffix(".__init__"), str(CORE / mutant.file))
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        del path, target
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        return code_of(self.mutant)


def code_of(mutant: Mutant) -> CodeType:
    """Return the code of the mutant's whole file."""
    code = compile(mutated(mutant), str(CORE / mutant.file), "exec")
    assert isinstance(code, CodeType)
    return code


def _inner(code: CodeType, function: tuple[str, int]) -> CodeType | None:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if (each.co_name, each.co_firstlineno) == function:
                return each
            found = _inner(each, function)
            if found is not None:
                return found
    return None


def break_functions(mutant: Mutant) -> int:
    """Give the loaded functions of a mutant its code; return how many there are."""
    assert mutant.function is not None
    code = _inner(code_of(mutant), mutant.function)
    assert code is not None, f"no function of {mutant}"
    where = str(CORE / mutant.file), *mutant.function
    broken = 0
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            own = each.__code__
            if (own.co_filename, own.co_name, own.co_firstlineno) == where:
                each.__code__ = code
                broken += 1
    return broken


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant, and the tests to try on it in their order.

    ``tests``: each with the processor time that it may take, in seconds.
    """

    mutant: Mutant
    tests: dict[str, float]


def bound(cpu_s: float) -> None:
    """Bound this process from now on: what runs or grows without end is killed by the system."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


class Chosen:
    """A plugin of pytest: only these tests, in this order, each within its time."""

    def __init__(self, tests: Mapping[str, float]) -> None:
        self.tests = tests

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, self.tests[item.nodeid])
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[name] for name in self.tests if name in by_name]


def try_cold(trial: Trial, chosen: Sequence[str]) -> Verdict:
    """Try a mutant of a line that an import runs, in a fresh process."""
    given = json.dumps({"trial": asdict(trial), "chosen": chosen})
    command = (sys.executable, "-m", "tests.mutation.worker", "--cold")
    ended = subprocess.run(
        command, cwd=ROOT, input=given.encode(), stdout=subprocess.DEVNULL, check=False
    )
    return _verdict(ended.returncode)


def run_cold() -> int:
    """Load the package with the mutant of standard input, and run its tests."""
    given = json.loads(sys.stdin.read())
    plain = given["trial"]
    bound(IMPORTS_CPU_S)
    sys.meta_path.insert(0, Mutated(mutant_of(plain["mutant"])))
    return int(pytest.main([*OPTIONS, *given["chosen"]], plugins=[Chosen(plain["tests"])]))


def _verdict(returncode: int) -> Verdict:
    if returncode < 0:
        return Verdict.HUNG
    return Verdict.SURVIVED if returncode == 0 else Verdict.KILLED


def mutant_of(plain: dict[str, Any]) -> Mutant:
    """Return a mutant as it was before JSON."""
    function = plain["function"]
    return Mutant(**{**plain, "function": None if function is None else tuple(function)})


class Warm:
    """A plugin of pytest: in the place of running what was collected it tries mutants."""

    def __init__(
        self, baseline: Baseline, options: argparse.Namespace, mutants: Iterator[Mutant], out: Any
    ) -> None:
        self.baseline = baseline
        self.mutants = mutants
        self.options = options
        self.out = out
        self.kills: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()
        for mutant in self.mutants:
            tests = self.baseline.tests_of(mutant, self.kills)
            least, seconds = self.options.cpu_seconds, self.baseline.seconds
            trial = Trial(mutant, {name: least + CPU_TIMES * seconds[name] for name in tests})
            if mutant.function is None:
                verdict = try_cold(trial, self.options.tests)
            else:
                verdict, by = try_warm(session, trial)
                self.kills[by] += 1
                if verdict is Verdict.SURVIVED and self.baseline.is_loaded(mutant):
                    # What the function gave while the tests were loaded is not broken yet.
                    verdict = try_cold(trial, self.options.tests)
            self.out.write(json.dumps({"verdict": verdict, "tests": len(tests)}) + "\n")
            self.out.flush()
        return True


def try_warm(session: pytest.Session, trial: Trial) -> tuple[Verdict, str]:
    """Try a mutant of a function in a fork of this process; return also which test failed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            bound(IMPORTS_CPU_S)
            gc.unfreeze()
            assert break_functions(trial.mutant) > 0, f"nothing loaded of {trial.mutant}"
            failed = first_failure(session, trial.tests)
            os.write(writes, failed.encode())
            code = int(bool(failed))
        finally:
            os._exit(code)
    os.close(writes)
    with os.fdopen(reads) as told:
        by = told.read()
    _, status = os.waitpid(child, 0)
    return _verdict(os.waitstatus_to_exitcode(status)), by


def first_failure(session: pytest.Session, tests: Mapping[str, float]) -> str:
    """Run these tests of a session; return the first one that fails, "" where none does."""
    by_name = {item.nodeid: item for item in session.items}
    chosen = [by_name[name] for name in tests]
    for item, following in zip_longest(chosen, chosen[1:]):
        signal.setitimer(signal.ITIMER_PROF, tests[item.nodeid])
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return ""


def asked(source: Iterable[str]) -> Iterator[Mutant]:
    """Yield the mutants of lines of JSON."""
    for line in source:
        yield mutant_of(json.loads(line))


def main() -> int:
    """Serve until standard input ends."""
    if sys.argv[1] == "--cold":
        return run_cold()
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.worker")
    parser.add_argument("baseline", type=Path)
    parser.add_argument("--cpu-seconds", type=float, default=CPU_S)
    parser.add_argument("tests", nargs="+")
    options = parser.parse_args()
    # What tests print must not come between the verdicts, and they read nothing.
    mutants, out = asked(os.fdopen(os.dup(0))), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    baseline = measured_apart(options.baseline, options.tests)
    plugin = Warm(baseline, options, mutants, out)
    return int(pytest.main([*OPTIONS, *options.tests], plugins=[plugin]))


if __name__ == "__main__":
    sys.exit(main())
