"""Digests of what a result depends on. A changed document changes none of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "long" / "kept"
"""What the shards of a job share while its inputs are the same: all their worktrees have it."""
VERSIONS = (".ci/constraints.txt",)
DIGITS = 16

Inputs = dict[str, str]


def files_of(places: Iterable[str], root: Path = ROOT) -> Iterator[Path]:
    """Yield the files of these files and folders, in order; nothing that Python compiled."""
    for place in sorted(places):
        path = root / place
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (f for f in found if f.is_file() and "__pycache__" not in f.parts)


def digest(places: Iterable[str], root: Path = ROOT) -> str:
    """Return a digest of the names and the content of these files and folders."""
    sums = hashlib.sha256()
    for file in files_of(places, root):
        name = os.path.relpath(file, root)
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        sums.update(f"{name} {content}\n".encode())
    return sums.hexdigest()[:DIGITS]


def inputs_of(
    code: Iterable[str], tests: Iterable[str], recordings: Iterable[str] = (), root: Path = ROOT
) -> Inputs:
    """Return a digest for each group; recordings that are absent have none."""
    found = {
        "code": digest(code, root),
        "tests": digest(tests, root),
        "versions": digest(VERSIONS, root),
    }
    if any(files_of(recordings, root)):
        found["recordings"] = digest(recordings, root)
    return found
