"""What this state costs beside another checkout of the project, in interleaved pairs of one run.

``python -m tests.benchmarks.against_commit FOLDER [--pairs 15] [--only NAME]``: a worktree
of the other commit. Each pair runs one state and then the other, in changing order, so
that a machine whose speed drifts costs both alike. Figures are CPU of the measured process alone.
Needs the responders of ``../shared/bench``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import bench_scale
from tests.benchmarks.bench_modbus import C_SOURCES, compiled, pinned, until_served
from tests.tidy.source import ROOT

SNMP_PORT, SNMP_CONTROL, MODBUS_PORT = 22261, 22262, 22263
SETTLE_S, WINDOW_S = 8, 12
JUDGING = """
import gc
from tests.benchmarks.bench_core import measure
gc.collect(); gc.freeze()
print(measure(1000, 0.5, 8, 10))
"""

Cost = Callable[[Path], float]


def python(tree: Path, *arguments: str) -> str:
    """Run Python on the first core with the code of one checkout; return what it printed last."""
    command = pinned(0, [sys.executable, *arguments])
    done = subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=300)
    return done.stdout.decode().splitlines()[-1]


def shared_socket(way: str, *options: str) -> Cost:
    """Return what a poll of 20 values through the shared socket costs, CPU ms."""

    def cost(tree: Path) -> float:
        driver = ("-m", "tests.benchmarks.snmp_driver", way, "--port", str(SNMP_PORT), *options)
        found: float = json.loads(python(tree, *driver))["cpu_per_1000"]
        return found

    return cost


def modbus(tree: Path) -> float:
    """Return what a read of 60 registers costs, CPU ms."""
    driver = ("-m", "tests.benchmarks.bench_modbus", "--one", "monitord", str(MODBUS_PORT), "2")
    found: float = json.loads(python(tree, *driver))["cpu_per_1000"]
    return found


def judging(tree: Path) -> float:
    """Return what the core takes for an answer of 1,000 devices of which half change, CPU us."""
    return float(python(tree, "-c", JUDGING))


def daemon(tree: Path) -> float:
    """Return the share of a core that the whole daemon takes with 1,000 devices, per cent."""
    with tempfile.TemporaryDirectory() as name, Path(name, "log").open("wb") as log:
        site = bench_scale.write_site(Path(name), 1_000)
        command = pinned(0, [sys.executable, "-m", "monitord", "run", str(site)])
        process = subprocess.Popen(command, cwd=tree, stdout=log, stderr=log)
        try:
            bench_scale.until_ready(process)
            bench_scale.wait(SETTLE_S)
            common = importlib.import_module("common")
            before: float = common.cpu_s(process.pid)
            bench_scale.wait(WINDOW_S)
            after: float = common.cpu_s(process.pid)
            return (after - before) / WINDOW_S * 100
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


COSTS: dict[str, Cost] = {
    "shared socket, saturated": shared_socket("saturated", "--seconds", "2"),
    "shared socket, 1,000 polls a second": shared_socket(
        "paced", "--devices", "1000", "--seconds", "4"
    ),
    "Modbus": modbus,
    "judging": judging,
    "daemon, 1,000 devices": daemon,
}


@contextmanager
def responders() -> Iterator[None]:
    """Run the responders of ``../shared/bench`` on the last core."""
    with tempfile.TemporaryDirectory() as name, bench_scale.agents() as common:
        snmp = common.snmp_responder(SNMP_PORT, SNMP_CONTROL)
        program = compiled("modbus_responder", Path(name))
        server = subprocess.Popen(pinned(1, [program, str(MODBUS_PORT)]))
        try:
            until_served(MODBUS_PORT)
            yield
        finally:
            server.terminate()
            server.wait()
            common.stop(snmp)


def compare(other: Path, cost: Cost, pairs: int) -> list[tuple[float, float]]:
    """Return (this state, the other) of each pair."""
    found = []
    for number in range(pairs):
        if number % 2:
            there = cost(other)
            here = cost(ROOT)
        else:
            here, there = cost(ROOT), cost(other)
        found.append((here, there))
    return found


def line(name: str, found: list[tuple[float, float]]) -> str:
    """Return the medians, and the median and the spread of the ratios pair by pair."""
    ratios = sorted(here / there for here, there in found)
    here, there = (median(column) for column in zip(*found, strict=True))
    spread = f"{ratios[0]:.3f} to {ratios[-1]:.3f}"
    return f"{name}: {here:.4f} against {there:.4f}, ratio {median(ratios):.3f} ({spread})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.against_commit")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--only", choices=tuple(COSTS))
    asked: Any = parser.parse_args()
    if not C_SOURCES.is_dir():
        sys.exit(f"needs {C_SOURCES}, which is absent")
    print(f"interleaved pairs: {asked.pairs}", flush=True)
    with responders():
        for name, cost in COSTS.items():
            if asked.only in {None, name}:
                print(line(name, compare(asked.folder, cost, asked.pairs)), flush=True)


if __name__ == "__main__":
    main()
