"""What a long proof declares: its numbers, what it depends on, how one number is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SHARDS = 10
"""Into so many shards each job is divided in CI and on the page of results."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one number of a job gave: sums for the page, and a text for each failure.

    ``notes``: what a reader should see and is no failure.
    """

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def no_failures(counts: Mapping[str, int]) -> list[str]:
    """Return no failure: the numbers themselves are all that is judged."""
    del counts
    return []


@dataclass(frozen=True, slots=True)
class Job:
    """A long proof, divided into numbers from 1: a seed, a mutant, a file of tests.

    ``fixed``: the last number of the job; higher ones are extras. ``code``, ``tests``,
    ``recordings``: files and folders, relative to the repository, whose content the result
    depends on; recordings may be absent. ``begin`` returns the function that runs one number; a
    shard calls it once. ``judge`` returns the failures of a whole shard by its sums; ``together``
    a line on the sums of all current shards of a job.
    """

    proves: str
    fixed: int
    begin: Callable[[], Callable[[int], Outcome]]
    code: tuple[str, ...]
    tests: tuple[str, ...]
    recordings: tuple[str, ...] = ()
    judge: Callable[[Mapping[str, int]], list[str]] = no_failures
    together: Callable[[Mapping[str, int]], str] | None = None
