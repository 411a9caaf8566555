"""Keeps what the benches measure in ``docs/results``, with what each bench depends on."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from tests.long.inputs import ROOT, Inputs, inputs_of
from tests.long.results import FOLDER, BenchResult, BenchTable, made_now, read_bench, write
from tests.long.shard import cpu_s

DAEMON = ("monitord",)
OWN = "tests/benchmarks"


@dataclass(frozen=True, slots=True)
class Bench:
    """Which files a bench's figures depend on, and how it is run."""

    code: tuple[str, ...]
    tests: tuple[str, ...]
    command: str = "make bench"

    def inputs(self) -> Inputs:
        """Return the digests of these files now."""
        return inputs_of(self.code, self.tests)


BENCHES = {
    "core": Bench(("monitord/core",), (f"{OWN}/bench_core.py", f"{OWN}/scale_plan.py")),
    "decoder": Bench(
        ("monitord/core/model.py", "monitord/decoding", "monitord/devices/snmp/model.py"),
        (f"{OWN}/bench_decoder.py",),
    ),
    "journal": Bench(
        ("monitord/core", "monitord/journal"),
        (f"{OWN}/bench_journal.py",),
    ),
    "years": Bench(
        DAEMON,
        (f"{OWN}/bench_years.py", "tests/support/years.py"),
        "python -m tests.benchmarks.bench_years",
    ),
    "site_year": Bench(
        ("monitord/core", "monitord/journal"),
        (f"{OWN}/bench_site_year.py", "tests/simulation"),
        "python -m tests.benchmarks.bench_site_year",
    ),
    "modbus": Bench(
        ("monitord/clock.py", "monitord/decoding", "monitord/devices"),
        (f"{OWN}/bench_modbus.py",),
    ),
    "snmp": Bench(
        ("monitord/clock.py", "monitord/decoding", "monitord/devices", "monitord/polling"),
        (f"{OWN}/bench_snmp.py", f"{OWN}/snmp_driver.py"),
    ),
    "scrape": Bench(
        ("monitord/core/situation.py", "monitord/metrics", "monitord/web.py"),
        (f"{OWN}/bench_scrape.py", f"{OWN}/scale_plan.py", f"{OWN}/scrape_load.py"),
    ),
    "scale": Bench(DAEMON, (f"{OWN}/bench_scale.py",)),
}


def keep(bench: str, table: BenchTable, folder: Path = FOLDER) -> None:
    """Print a table and write it into the bench's result, beside tables of the same state."""
    print(
        "\n".join((f"\n{table.title}", *("  ".join(row) for row in (table.columns, *table.rows))))
    )
    inputs = BENCHES[bench].inputs()
    head = ("git", "rev-parse", "HEAD")
    commit = subprocess.run(head, cwd=ROOT, check=True, capture_output=True).stdout.decode().strip()
    before = read_bench(bench, folder)
    kept = before.tables if before is not None and before.made.inputs == inputs else []
    tables = [other for other in kept if other.title != table.title]
    made = made_now(BENCHES[bench].command, commit, inputs, cpu_s())
    if before is not None and kept:
        made = replace(made, cpu_seconds=max(made.cpu_seconds, before.made.cpu_seconds))
    write(BenchResult(bench, made, [*tables, table]), folder)
