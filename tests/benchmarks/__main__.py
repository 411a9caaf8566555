"""Runs the benches whose figures the documents show, on two cores at once, and writes the pages.

Run: ``python -m tests.benchmarks`` (``make figures``). The long ones count CPU time of their own
process, and run side by side; what has a peer or a clock runs alone after them. Judges nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = "tests.benchmarks.bench_"
TOGETHER = ((f"{BENCH}site_year",), (f"{BENCH}years",))
ALONE = (
    (f"{BENCH}core",),
    (f"{BENCH}journal",),
    (f"{BENCH}scrape",),
    (f"{BENCH}modbus",),
    ("tests.long.pages",),
)


def begun(module: Sequence[str]) -> subprocess.Popen[bytes]:
    """Begin one bench in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT)


def main() -> int:
    failed = [each.wait() for each in [begun(module) for module in TOGETHER]]
    failed += [begun(module).wait() for module in ALONE]
    return 1 if any(failed) else 0


if __name__ == "__main__":
    sys.exit(main())
