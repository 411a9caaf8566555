"""Names the exact source a proof was run with. Changes nothing in the repository."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_SOURCE = ("--", ".", ":(exclude)docs/results.jsonl")


def _git(*arguments: str) -> bytes:
    return subprocess.run(
        ("git", *arguments), cwd=ROOT, check=True, capture_output=True
    ).stdout.strip()


def source_id() -> str:
    """Return the commit, with a digest of whatever differs from it: ``1a2b3c4d5e6f+9f8e7d6c``."""
    commit = _git("rev-parse", "--short=12", "HEAD").decode()
    digest = hashlib.sha256(_git("diff", "HEAD", *NOT_SOURCE))
    untracked = _git("ls-files", "--others", "--exclude-standard", "-z", *NOT_SOURCE)
    for name in filter(None, untracked.split(b"\0")):
        digest.update(name + (ROOT / name.decode()).read_bytes())
    changed = digest.hexdigest() != hashlib.sha256().hexdigest()
    return f"{commit}+{digest.hexdigest()[:8]}" if changed else commit
