"""SNMP beside its peers: one table of figures and ratios, all of the same run. Asserts no figure.

Peers and responders are those of ``../shared/bench``; one that is absent only leaves its line out.
Python peers that are no dependency of the project are looked for in ``$BENCH_PYTHON`` (default: a
virtualenv ``venv`` in the folder of the compiled benches). Client on the first core, responder on
the last.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.figures import keep
from tests.conftest import ROOT, SHARED
from tests.long.results import BenchTable

BENCH = SHARED.parent / "bench"
ROUNDS = 3
PORT, CONTROL, AGENT = 21161, 21162, 21163
V3_DEVICES = 100
SNMPD = """createUser authpriv SHA authpass123 AES privpass123
rouser authpriv priv
sysLocation lab
sysContact nobody
dontLogTCPWrappersConnects yes
"""

Row = dict[str, Any]


@dataclass(slots=True)
class Table:
    """Medians of interleaved rounds, each as a ratio to the production socket in the same run."""

    title: str
    own: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, row: Row | None) -> None:
        """Keep a round's figures, if there are any."""
        if row is not None:
            self.rows[name].append(row)

    def table(self) -> BenchTable:
        """Return the table as texts."""
        own = self._median(self.own, "cpu_per_1000") if self.own in self.rows else None
        lines = []
        for name in self.rows:
            cpu = self._median(name, "cpu_per_1000")
            ratio = f"{cpu / own:.2f}" if own else ""
            rate = f"{self._median(name, 'polls_s'):,.0f}"
            failed = sum(row.get("fail", 0) for row in self.rows[name])
            lines.append([name, f"{cpu:.4f}", ratio, rate, str(failed)])
        columns = ["client", "CPU ms/poll", "against the shared socket", "polls a second", "failed"]
        return BenchTable(self.title, columns, lines)

    def _median(self, name: str, key: str) -> float:
        return statistics.median(row[key] for row in self.rows[name])


class Peers:
    """The drivers of the shared benches. A driver that cannot run returns None."""

    def __init__(self) -> None:
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(BENCH))
        self.common = importlib.import_module("common")
        folder = Path(self.common.BIN)
        self.python = os.environ.get("BENCH_PYTHON", str(folder / "venv" / "bin" / "python"))

    def own(self, way: str, *flags: str, **options: float) -> Row | None:
        """Run the production shared socket."""
        command = [sys.executable, "-m", "tests.benchmarks.snmp_driver", way, *flags]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        return self._json(command)

    def compiled(self, name: str, *arguments: object) -> Row | None:
        """Run a C program of the shared benches."""
        try:
            program = self.common.binary(name)
        except (OSError, subprocess.SubprocessError):
            return None
        return self._json([program, *map(str, arguments)])

    def library(self, variant: str, *options: object, python: str = sys.executable) -> Row | None:
        """Run a variant of the shared driver of Python libraries."""
        if shutil.which(python) is None:
            return None
        script = str(BENCH / "snmp_bench.py")
        return self._json([python, "-B", script, variant, "--external", *map(str, options)])

    def script(self, name: str, *options: object) -> Row | None:
        """Run a shared bench that starts everything itself; return its first figures."""
        command = [sys.executable, "-B", str(BENCH / name), *map(str, options)]
        return self._json(command, pinned=False)

    def _json(self, command: list[str], *, pinned: bool = True) -> Row | None:
        pin = self.common.pin(self.common.CLIENT) if pinned else []
        try:
            done = subprocess.run(
                [*pin, *command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
            )
        except subprocess.TimeoutExpired:
            print(f"left out, over a minute: {command[-6:]}")
            return None
        found = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not found:
            said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            print(f"left out: {' '.join(command[-6:])}: {said[-1][:200]}")
            return None
        row: Row = json.loads(found[0])
        return row


@pytest.fixture(scope="module")
def peers() -> Peers:
    """Return the drivers, where the shared benches are."""
    if not BENCH.is_dir():
        pytest.skip("needs the benches in ../shared, which are absent")
    return Peers()


@pytest.fixture(scope="module")
def responder(peers: Peers) -> Iterator[None]:
    """Run the responder: every address of the loopback network is a device of 20 objects."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc for the responder of ../shared/bench")
    process = peers.common.snmp_responder(PORT, CONTROL)
    yield
    peers.common.stop(process)


@pytest.fixture(scope="module")
def snmpd(peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run Debian's snmpd on so many addresses of the loopback network: one engine, one user."""
    if shutil.which("snmpd") is None:
        pytest.skip("needs the Debian package snmpd, which is not installed")
    folder = tmp_path_factory.mktemp("snmpd")
    addresses = ["127.0.0.1", *(f"127.1.0.{number + 1}" for number in range(V3_DEVICES))]
    listen = ",".join(f"udp:{address}:{AGENT}" for address in addresses)
    (folder / "snmpd.conf").write_text(f"agentAddress {listen}\n{SNMPD}")
    options = f"-f -Lf {folder}/log -C -c {folder}/snmpd.conf -p {folder}/pid".split()
    environment = os.environ | {"SNMP_PERSISTENT_DIR": str(folder / "state"), "MIBS": ""}
    process = peers.common.start(["snmpd", *options], peers.common.SERVER, env=environment)
    yield
    peers.common.stop(process)


def rounds(table: Table, runs: dict[str, Callable[[], Row | None]]) -> None:
    """Run all in turn, so that what else the machine does falls on each alike."""
    for number in range(ROUNDS):
        for name, run in runs.items():
            if number == 0 or name in table.rows:
                table.add(name, run())
    keep("snmp", table.table())


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("responder")
def test_saturated(peers: Peers) -> None:
    """v2c, GET of 20 objects from 200 devices, 50 requests under way, one core."""
    table = Table("v2c, 20 values a GET, saturated: 200 devices, 50 under way", "monitord")
    port = ("--port", PORT)
    exporter = ("--port", PORT + 10, "--ctlport", PORT + 11, "--http", PORT + 12)
    rounds(
        table,
        {
            "monitord": lambda: peers.own("saturated", port=PORT, seconds=1.5),
            "libsnmp async (C)": lambda: peers.compiled("nsnmp_async", 200, 50, 1.5, PORT),
            "pysnmp as its manual": lambda: peers.library("pysnmp_shared", *port, "--secs", 1.5),
            "snmp_exporter": lambda: peers.script(
                "exporter_bench.py", "--rounds", 1, "--conns", 8, "--secs", 1.5, *exporter
            ),
            "gufo-snmp (Rust)": lambda: peers.library(
                "gufo", *port, "--secs", 1.5, python=peers.python
            ),
        },
    )
    assert table.rows["monitord"]


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("responder")
def test_paced(peers: Peers) -> None:
    """v2c, 1,000 devices once a second, slots of 50 ms; collectd reads 16 of the 20 values."""
    table = Table("v2c, 20 values a GET, paced: 1,000 polls a second", "monitord, 50 ms slots")
    collectd = ("--port", PORT + 20, "--ctlport", PORT + 21, "--secs", 4)
    paced = ("--port", PORT, "--ndev", 1000, "--rate", 1000, "--secs", 3)
    rounds(
        table,
        {
            "monitord, 50 ms slots": lambda: peers.own("paced", port=PORT, devices=1000, seconds=4),
            "collectd (C), 16 values": lambda: peers.script("collectd_bench.py", *collectd),
            "gufo-snmp (Rust)": lambda: peers.library("gufo", *paced, python=peers.python),
        },
    )
    assert table.rows["monitord, 50 ms slots"]


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("snmpd")
def test_v3(peers: Peers) -> None:
    """v3 authPriv with SHA-1 and AES-128 against snmpd; at 1,000 polls a second and saturated."""
    port = ("--v3port", AGENT, "--ndev", 20, "--conc", 20)
    own = {"port": AGENT, "devices": V3_DEVICES}
    python = peers.python
    paced = Table("v3 authPriv, 20 values a GET, paced: 1,000 polls a second", "monitord")
    rounds(
        paced,
        {
            "monitord": lambda: peers.own("paced", "--v3", seconds=3, **own),
            "gufo-snmp (Rust)": lambda: peers.library(
                "v3_gufo", *port, "--secs", 3, "--rate", 1000, python=python
            ),
        },
    )
    table = Table("v3 authPriv, 20 values a GET, saturated: 20 under way", "monitord")
    rounds(
        table,
        {
            "monitord": lambda: peers.own("saturated", "--v3", seconds=1.5, outstanding=20, **own),
            "pysnmp, tuned": lambda: peers.library("v3_pysnmp", *port, "--secs", 1.5),
            "gufo-snmp (Rust)": lambda: peers.library(
                "v3_gufo", *port, "--secs", 1.5, python=python
            ),
            "libsnmp async (C)": lambda: peers.compiled("nsnmp_async", 20, 20, 1.5, AGENT, "v3"),
        },
    )
    assert paced.rows["monitord"]
    assert table.rows["monitord"]
