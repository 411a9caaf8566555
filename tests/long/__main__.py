"""``python -m tests.long JOB SHARD``: one shard of a long proof, in a git worktree of HEAD.

The tree that you edit stays out of it: what is not committed is not proved. The worktree lies in a
temporary folder and is removed; progress (``build/long``) and results (``docs/results``) come back.
An interrupted shard goes on where it was: run the same line again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.long.inputs import KEPT, ROOT
from tests.long.jobs import UsageError, job_named, shard_named
from tests.long.shard import EXIT_USAGE


def git(*arguments: str) -> str:
    """Run git on the tree that is edited; return what it prints."""
    ended = subprocess.run(("git", *arguments), cwd=ROOT, check=True, capture_output=True)
    return ended.stdout.decode().strip()


@contextmanager
def worktree() -> Iterator[Path]:
    """Make a worktree of HEAD beside a link to the recordings; remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="monitord-long-") as folder:
        tree = Path(folder, "monitord")
        shared = ROOT.parent / "shared"
        if shared.is_dir():
            Path(folder, "shared").symlink_to(shared.resolve())
        git("worktree", "prune")
        git("worktree", "add", "--detach", "--quiet", str(tree), "HEAD")
        try:
            link_kept(tree)
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def link_kept(tree: Path) -> None:
    """Give a worktree what the shards share: it lies in the tree that is edited."""
    KEPT.mkdir(parents=True, exist_ok=True)
    place = tree / KEPT.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(KEPT)


def main() -> int:
    """Run the shard; return its exit code."""
    parser = argparse.ArgumentParser(prog="make long", description="one shard of a long proof")
    parser.add_argument("job")
    parser.add_argument("shard", help="k/n, or commit/n for the shard that is this commit's turn")
    parser.add_argument("--extra-cpu-seconds", type=float, default=0)
    options = parser.parse_args()
    try:
        job_named(options.job)
        k, n = shard_named(options.shard, git("rev-parse", "HEAD"))
    except UsageError as error:
        print(f"make long: {error}", file=sys.stderr)
        return EXIT_USAGE
    if git("status", "--porcelain", "--untracked-files=no"):
        print("make long: changes that are not committed are not part of this proof", flush=True)
    extras = ("--extra-cpu-seconds", str(options.extra_cpu_seconds))
    shard = (options.job, str(k), str(n), "--home", str(ROOT), *extras)
    with worktree() as tree:
        command = (sys.executable, "-m", "tests.long.shard", *shard)
        environment = os.environ | {"PYTHONPATH": str(tree)}
        return subprocess.run(command, cwd=tree, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
