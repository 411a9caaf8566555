"""What a statement of ten years costs: CPU time and memory of a process of its own.

Run: ``python -m tests.benchmarks.bench_report``; the record takes two minutes to make. The goal is
10 s and 300 MB. The site of ten devices has one outage a day. Asserts nothing.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from monitord.control.status import folded
from monitord.core.model import SECOND
from monitord.history import History
from monitord.report.document import Period, Source, reports
from tests.benchmarks.bench_years import Recorded

DAYS = 3650


def made_in(folder: Path) -> None:
    """Make the record, with a snapshot at its end as the daemon leaves one."""
    recorded = Recorded(folder)
    recorded.life.live_to(DAYS)
    recorded.kept_as("ten years", folder.with_name("kept"))
    recorded.close()


def report(folder: Path) -> str:
    """Return the figures of all programmes over the whole record, as ``--json`` prints them."""
    with History(folder) as history:
        durable, eras = folded(history), history.eras()
        source = Source(history, durable, eras, durable.last_at, str)
        end = durable.last_at + eras[-1].offset
        period = Period(end - DAYS * 86_400 * SECOND, end)
        return json.dumps(list(reports(source, history.programmes(), period)), indent=2)


def main(folder: str = "") -> int:
    if folder:
        begun = time.process_time()
        length = len(report(Path(folder)))
        took = time.process_time() - begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"ten years: {took:.1f} s CPU, {memory:.0f} MB, {length / 1e6:.1f} MB of JSON")
        return 0
    with tempfile.TemporaryDirectory() as made:
        made_in(Path(made, "record"))
        command = (sys.executable, "-m", "tests.benchmarks.bench_report", f"{made}/kept")
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
