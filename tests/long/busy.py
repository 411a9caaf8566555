"""The long proof on a busy machine: real sockets and kills beside eight busy loops.

A number is one file of tests. No verdict may depend on how fast the machine is just then.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.long.inputs import ROOT
from tests.long.job import Job, Outcome

LOOPS = 8
FOLDERS = ("tests/integration", "tests/crash")
FILES = tuple(
    sorted(
        file.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("test_*.py")
    )
)
HANG_SECONDS = 1800
"""When a test that waits for ever is ended: far beyond what the slowest takes here."""
BUSY_LOOP = "while True: pass"
SUMMARY = re.compile(r"(\d+) (passed|skipped|failed|error)")


@contextmanager
def busy_loops() -> Iterator[None]:
    """Keep the processors busy while entered."""
    with ExitStack() as stack:
        for _ in range(LOOPS):
            loop = stack.enter_context(subprocess.Popen((sys.executable, "-c", BUSY_LOOP)))
            stack.callback(loop.kill)
        yield


def run_file(number: int) -> Outcome:
    """Run one file of tests beside the busy loops."""
    options = ("-q", "-rfE", "-p", "no:xdist", "-p", "no:cacheprovider", "--timeout")
    command = (sys.executable, "-m", "pytest", FILES[number - 1], *options, str(HANG_SECONDS))
    with busy_loops():
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = ended.stdout.splitlines()
    counts = {what: int(many) for many, what in SUMMARY.findall("\n".join(lines[-3:]))}
    failures = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if ended.returncode and not failures:
        failures = [f"{FILES[number - 1]}: pytest ended with {ended.returncode}"]
    return Outcome(counts, failures)


def begin() -> Callable[[int], Outcome]:
    """Return what runs a file."""
    return run_file


JOB = Job(
    proves="real sockets and kills beside eight busy loops: no verdict depends on wall time",
    fixed=len(FILES),
    begin=begin,
    code=("monitord", "simulators", "config", "deploy"),
    tests=(
        "tests/long/job.py",
        "tests/long/busy.py",
        *FOLDERS,
        "tests/support",
        "tests/conftest.py",
    ),
)
