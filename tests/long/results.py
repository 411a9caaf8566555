"""Result files: one for each bench, and for each job and shard. Owns their form and their state.

A result is *current* while everything that it depends on is as it was, else *stale*; a shard of a
job without a file is *missed*.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.long.inputs import ROOT, Inputs

FOLDER = ROOT / "docs" / "results"
LIBRARIES = ("aiohttp", "cryptography", "hypothesis", "pydantic", "pymodbus", "pysnmp", "pytest")
CPU_MODEL = "model name"


class State(StrEnum):
    """Whether a result speaks for the source as it is."""

    CURRENT = "current"
    STALE = "stale"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Made:
    """How a result was made. ``commit``: 12 digits. ``inputs``: digests, none for old results."""

    command: str
    commit: str
    inputs: Inputs
    machine: str = ""
    cores: int = 0
    load: tuple[float, ...] = ()
    python: str = ""
    libraries: dict[str, str] = field(default_factory=dict)
    cpu_seconds: int = 0


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What shard ``k`` of ``n`` gave. ``extras``: numbers beyond the job's fixed ones."""

    job: str
    k: int
    n: int
    made: Made
    numbers: list[int]
    extras: list[int]
    counts: dict[str, int]
    failures: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.job}-{self.k}-{self.n}"

    @property
    def passed(self) -> bool:
        """Return whether something was run and nothing failed."""
        return bool(self.numbers) and not self.failures


@dataclass(frozen=True, slots=True)
class BenchTable:
    """Figures of one run: texts, a row for each case."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What a bench measured."""

    bench: str
    made: Made
    tables: list[BenchTable]

    @property
    def name(self) -> str:
        return f"bench-{self.bench}"


def state(made: Made, now: Inputs) -> State:
    """Return whether a result is current; recordings that are absent now are not compared."""
    then = {key: made.inputs.get(key) for key in now}
    return State.CURRENT if then == now else State.STALE


def cpu_model() -> str:
    """Return the processor's name, or the machine's kind where it is not known."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(CPU_MODEL))
    return next(named, platform.machine())


def made_now(command: str, commit: str, inputs: Inputs, cpu_seconds: float) -> Made:
    """Return how a result is made here and now."""
    return Made(
        command=command,
        commit=commit[:12],
        inputs=inputs,
        machine=cpu_model(),
        cores=os.cpu_count() or 1,
        load=tuple(round(figure, 1) for figure in os.getloadavg()),
        python=platform.python_version(),
        libraries={name: metadata.version(name) for name in LIBRARIES},
        cpu_seconds=round(cpu_seconds),
    )


def write(result: ShardResult | BenchResult, folder: Path = FOLDER) -> Path:
    """Write a result's file, in place of an older one."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{result.name}.json"
    text = json.dumps(asdict(result), ensure_ascii=False, indent=1, sort_keys=True)
    partial = file.with_suffix(".part")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(file)
    return file


def _made(plain: Mapping[str, Any]) -> Made:
    return Made(**{**plain, "load": tuple(plain["load"])})


def read_shards(folder: Path = FOLDER) -> list[ShardResult]:
    """Return the results of all shards, in order of job and shard."""
    found = []
    for file in sorted(folder.glob("*.json")):
        plain = json.loads(file.read_text(encoding="utf-8"))
        if "job" in plain:
            found.append(ShardResult(**{**plain, "made": _made(plain["made"])}))
    return sorted(found, key=lambda result: (result.job, result.n, result.k))


def read_bench(bench: str, folder: Path = FOLDER) -> BenchResult | None:
    """Return what a bench measured last, if it did."""
    file = folder / f"bench-{bench}.json"
    if not file.exists():
        return None
    plain = json.loads(file.read_text(encoding="utf-8"))
    tables = [BenchTable(**table) for table in plain["tables"]]
    return BenchResult(bench, _made(plain["made"]), tables)
