"""The whole daemon at 10, 1,000 and 10,000 devices of 20 points each second: one table.

The daemon is a process of its own on the first core, the agents of ``../shared/bench`` are on the
last. Asserts no figure; skipped where the agents are absent.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.figures import keep
from tests.conftest import ROOT, SHARED
from tests.long.results import BenchTable

BENCH = SHARED.parent / "bench"
PORT, CONTROL, LISTEN = 22161, 22162, 22750
SIZES = (10, 1_000, 10_000)
CONDITIONS = 5
SETTLE_S, WINDOW_S, START_S_MAX = 30, 20, 400
DEVICES_A_FILE, DEVICES_A_PROGRAMME = 2_500, 10

PROFILE_HEAD = """\
profile: bench-twenty
title: twenty objects of the bench's agents
protocol: snmp
source: the bench's own agents
verified: recording
points:
"""


def profile() -> str:
    """Return a profile of the agents' 20 objects: every fifth is a text, the rest are numbers."""
    kinds = {number: "kind: text" if number % 5 == 3 else "unit: count" for number in range(1, 21)}
    points = [
        f"  p{number}: {{oid: 1.3.6.1.4.1.99999.1.{number}.0, {kind}}}\n"
        for number, kind in kinds.items()
    ]
    numbers = [number for number, kind in kinds.items() if "text" not in kind][:CONDITIONS]
    conditions = [
        f"  c{number}: {{layer: {'emission' if number == 1 else 'equipment'},"
        f' true_when: "p{number} > -100000"}}\n'
        for number in numbers
    ]
    return PROFILE_HEAD + "".join(points) + "conditions:\n" + "".join(conditions)


def write_site(folder: Path, count: int) -> Path:
    """Write the configuration of ``count`` agents; every ten of them carry one programme."""
    (folder / "profiles").mkdir()
    (folder / "profiles" / "bench-twenty.yaml").write_text(profile(), "utf-8")
    secret = folder / "community"
    secret.write_text("public\n", "utf-8")
    secret.chmod(0o600)
    names = []
    for first in range(0, count, DEVICES_A_FILE):
        names.append(f"devices{first}.yaml")
        lines = map(_device, range(first, min(count, first + DEVICES_A_FILE)))
        (folder / names[-1]).write_text("devices:\n" + "".join(lines), "utf-8")
    programmes = [
        f"  p{first}: {{name: P{first}, chain: [{{stage: tx, owner: own, needs: "
        '"'
        + " and ".join(f"d{n}.c1" for n in range(first, min(count, first + DEVICES_A_PROGRAMME)))
        + '"}]}\n'
        for first in range(0, count, DEVICES_A_PROGRAMME)
    ]
    site = folder / "site.yaml"
    site.write_text(
        f"include: [{', '.join(names)}]\n"
        "site: {id: bench, name: bench, time_zone: Asia/Shanghai, clock: host}\n"
        "profiles: [profiles]\n"
        "programmes:\n" + "".join(programmes) + "people: {desk: {name: desk, tell: [console]}}\n"
        "channels: {console: {kind: console}}\n"
        f"record: {{folder: record}}\nlisten: {{port: {LISTEN}}}\n",
        "utf-8",
    )
    return site


def _device(number: int) -> str:
    address = f"127.1.{number // 250}.{number % 250 + 1}"
    return (
        f"  d{number}: {{name: D{number}, profile: bench-twenty, poll_every: 1s, snmp:"
        f" {{address: {address}, port: {PORT}, version: 2c, community_file: community}}}}\n"
    )


COLUMNS = (
    "devices",
    "start",
    "share of one core",
    "memory",
    "polls a second",
    "age, 99 %",
    "silent",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one size costs. ``age_p99_s``: 99 of 100 devices' last answers were younger."""

    devices: int
    start_s: float
    core_share: float
    memory_mb: float
    polls_s: float
    age_p99_s: float
    not_answered: int

    def row(self) -> list[str]:
        """Return these figures as texts, in the order of COLUMNS."""
        return [
            f"{self.devices:,}",
            f"{self.start_s:.1f} s",
            f"{100 * self.core_share:.1f} %",
            f"{self.memory_mb:.0f} MB",
            f"{self.polls_s:,.0f}",
            f"{self.age_p99_s:.2f} s",
            f"{self.not_answered}",
        ]


@contextmanager
def agents() -> Iterator[Any]:
    """Run the bench's agents on the last core."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(BENCH))
    common = importlib.import_module("common")
    responder = common.snmp_responder(PORT, CONTROL)
    try:
        yield common
    finally:
        common.stop(responder)


def measure(folder: Path, count: int, common: Any) -> Figures:
    """Run the daemon on ``count`` devices; it is stopped in the end."""
    site = write_site(folder, count)
    command = [*common.pin(common.CLIENT), sys.executable, "-m", "monitord", "run", str(site)]
    begun = time.monotonic()
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        until_ready(daemon)
        start_s = time.monotonic() - begun
        wait(SETTLE_S)
        cpu, polls, at = common.cpu_s(daemon.pid), _served(common), time.monotonic()
        wait(WINDOW_S)
        passed = time.monotonic() - at
        share = (common.cpu_s(daemon.pid) - cpu) / passed
        polls_s = (_served(common) - polls) / passed
        memory = common.rss_mb(daemon.pid)
        age, missing = _ages(_get("/metrics"))
        return Figures(count, start_s, share, memory, polls_s, age, missing)
    finally:
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(60)
        except subprocess.TimeoutExpired:
            daemon.kill()


def wait(seconds: float) -> None:
    """Let the daemon run undisturbed."""
    os.sched_yield()
    subprocess.run(["sleep", str(seconds)], check=True)


def _served(common: Any) -> int:
    return int(common.ctl(CONTROL, "?").split()[0])


def _get(path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{LISTEN}{path}", timeout=120) as answer:
        return str(answer.read().decode())


def until_ready(daemon: subprocess.Popen[bytes]) -> None:
    for _ in range(START_S_MAX * 4):
        assert daemon.poll() is None, "the daemon ended"
        try:
            _get("/-/ready")
        except (urllib.error.URLError, ConnectionError):
            wait(0.25)
        else:
            return
    raise AssertionError("the daemon did not become ready")


def _ages(metrics: str) -> tuple[float, int]:
    """Return how old 99 of 100 last answers are at most, and how many devices have none."""
    name = "monitord_device_age_seconds{"
    lines = metrics.splitlines()
    ages = sorted(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
    down = [line for line in lines if line.startswith("monitord_device_up{")]
    missing = sum(line.endswith(" 0.0") for line in down)
    return ages[int(len(ages) * 0.99)] if ages else float("nan"), missing


@pytest.mark.needs_shared
@pytest.mark.timeout(1800)
def test_table_of_sizes(tmp_path: Path) -> None:
    """Keep what 10, 1,000 and 10,000 devices cost the whole daemon."""
    sizes = [int(size) for size in os.environ.get("SCALE_SIZES", "").split()] or SIZES
    rows = []
    with agents() as common:
        for count in sizes:
            folder = tmp_path / str(count)
            folder.mkdir()
            rows.append(measure(folder, count, common).row())
    title = f"20 points a device each second, {CONDITIONS} conditions, evaluated and recorded"
    keep("scale", BenchTable(title, list(COLUMNS), rows))
