"""The long proofs by name. Imports one only when it is asked for: they need much."""

from __future__ import annotations

from importlib import import_module

from tests.long.inputs import Inputs, inputs_of
from tests.long.job import Job

MODULES = {
    "simulation": "tests.simulation.long_job",
    "crash": "tests.crash.long_job",
    "suffering": "tests.crash.suffering_job",
    "packets": "tests.properties.packets.long_job",
    "encodings": "tests.properties.encodings.long_job",
    "mutation": "tests.mutation.long_job",
    "whole": "tests.simulation.whole.long_job",
    "models": "tests.long.models",
    "busy": "tests.long.busy",
}


class UsageError(Exception):
    """What was asked for does not exist; the text names what does."""


def job_named(name: str) -> Job:
    """Return the job, or raise UsageError with the names of all."""
    if name not in MODULES:
        raise UsageError(f"no job {name!r}; JOB is one of: {', '.join(sorted(MODULES))}")
    job = import_module(MODULES[name]).JOB
    assert isinstance(job, Job)
    return job


def shard_named(text: str, commit: str) -> tuple[int, int]:
    """Return (k, n) of ``k/n``; of ``commit/n``, the shard that this commit's turn is.

    Raises UsageError for anything else.
    """
    first, _, last = text.partition("/")
    try:
        n = int(last)
        k = int(commit, 16) % n + 1 if first == "commit" else int(first)
    except (ValueError, ZeroDivisionError):
        k, n = 0, 0
    if not 1 <= k <= n:
        raise UsageError(f"no shard {text!r}; SHARD is k/n with k from 1 to n, or commit/n")
    return k, n


def inputs_now(job: Job) -> Inputs:
    """Return the digests of what a job depends on, in this tree."""
    return inputs_of(job.code, job.tests, job.recordings)
