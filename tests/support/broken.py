"""Copies of the package with one place broken, and what a proof's command finds in them.

Owns the copy and the reading of the verdict; knows no proof and no mutant.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS_MAX = 900
"""Processor time of one command: an endless loop ends as an error, on a busy machine too."""


class NoVerdictError(Exception):
    """The command ended without a verdict line: the broken code crashed, so nothing is proved."""


def copy_package(folder: Path) -> Path:
    """Make a copy of the package in ``folder``, with links to what judges it; return the copy."""
    shutil.copytree(ROOT / "monitord", folder / "monitord", dirs_exist_ok=True)
    for name in ("tests", "simulators"):
        (folder / name).symlink_to(ROOT / name)
    return folder / "monitord"


def break_file(file: Path, was: str, now: str) -> None:
    """Replace ``was``, which the file must contain exactly once.

    Raises ValueError where it does not: the mutant is out of date.
    """
    text = file.read_text(encoding="utf-8")
    if text.count(was) != 1:
        raise ValueError(f"{file.name} has {was!r} {text.count(was)} times, not once")
    file.write_text(text.replace(was, now), encoding="utf-8")


def found_wrong(folder: Path, module: str, options: Sequence[str]) -> str:
    """Run a proof on the copy; return what it printed if its verdict is FAILED, "" if passed.

    Raises NoVerdictError where the last line is no verdict.
    """
    ended = _run(folder, (sys.executable, "-m", module, *options))
    printed = ended.stdout.decode()
    verdict = printed.rstrip().rpartition("\n")[2].rpartition(": ")[2]
    if (verdict, ended.returncode) == ("FAILED", 1):
        return printed
    if (verdict, ended.returncode) == ("passed", 0):
        return ""
    raise NoVerdictError(f"exit code {ended.returncode}\n{printed}{ended.stderr.decode()}")


def _run(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        limit = (CPU_SECONDS_MAX, CPU_SECONDS_MAX)
        resource.prlimit(process.pid, resource.RLIMIT_CPU, limit)
        stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
