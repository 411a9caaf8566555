"""The runner of the long proofs keeps what is done and gives an honest verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.long.__main__ import (
    EXIT_FAILED,
    EXIT_UNFINISHED,
    JOBS,
    Shard,
    UsageError,
    append_line,
    check_shard,
    finish_seeds,
    job_named,
    load_progress,
    run,
    summarise,
)


def piece(seed: int, *failures: str) -> dict[str, object]:
    return {"seed": seed, "counts": {"faults": 10}, "failures": list(failures), "seconds": 0.5}


def test_an_unknown_job_is_refused_with_the_list_of_jobs() -> None:
    """Whoever mistypes a job is told which there are."""
    with pytest.raises(
        UsageError, match=r"no job 'nap'; JOB is one of: crash, packets, simulation"
    ):
        job_named("nap")


@pytest.mark.parametrize("shard", [(0, 10), (11, 10), (-1, -1)])
def test_a_shard_outside_its_range_is_refused(shard: tuple[int, int]) -> None:
    """Shards count from 1 to n."""
    with pytest.raises(UsageError, match="SHARD is k/n with k from 1 to n"):
        check_shard(*shard)


def test_every_job_is_found_by_its_name() -> None:
    """The registry is what the list in the refusal promises."""
    assert [job_named(name) for name in JOBS] == list(JOBS.values())


def test_finished_seeds_are_on_disk_before_the_next_begins(tmp_path: Path) -> None:
    """A shard that is killed goes on after its last finished seed."""
    file = tmp_path / "progress.jsonl"

    def pieces() -> Iterator[dict[str, object]]:
        yield piece(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish_seeds(pieces(), [], file, "abc")
    assert [line["seed"] for line in load_progress(file, "abc")] == [3]


def test_progress_made_with_other_source_does_not_count(tmp_path: Path) -> None:
    """A proof belongs to the exact source it was run with."""
    file = tmp_path / "progress.jsonl"
    append_line(file, {"source": "abc", **piece(3)})
    assert load_progress(file, "abd") == []


def test_a_shard_out_of_time_is_unfinished(tmp_path: Path) -> None:
    """No verdict is written for a shard whose seeds are not all done."""
    pieces = iter([piece(3), {"unfinished": True}])
    assert finish_seeds(pieces, [], tmp_path / "progress.jsonl", "abc") is False


def test_one_failed_seed_fails_the_shard_and_is_named() -> None:
    """The verdict is passed only when every seed passed; counts are sums."""
    line = summarise("crash", "1/2", "abc", [piece(4), piece(3, "one event lost")])
    assert (line["verdict"], line["failures"]) == ("failed", ["seed 3: one event lost"])
    assert (line["seeds"], line["counts"]) == ([3, 4], {"faults": 20})


def test_a_shard_without_any_seed_fails() -> None:
    """Nothing run proves nothing."""
    assert summarise("crash", "1/2", "abc", [])["verdict"] == "failed"


def test_a_result_is_one_json_line(tmp_path: Path) -> None:
    """The results file is appended to and stays readable line by line."""
    file = tmp_path / "results.jsonl"
    append_line(file, summarise("crash", "1/2", "abc", [piece(4)]))
    append_line(file, summarise("crash", "2/2", "abc", [piece(5)]))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["shard"] for line in lines] == ["1/2", "2/2"]


def two_seeds_a_run(
    k: int, n: int, seconds_max: int, done: set[int]
) -> Iterator[dict[str, object]]:
    """Stand for a job whose time is up after two seeds."""
    left = [seed for seed in range(k, 3 * n + 1, n) if seed not in done]
    yield from (piece(seed) for seed in left[:2])
    if len(left) > 2:
        yield {"unfinished": True}


def test_a_shard_goes_on_where_it_stopped_until_it_is_finished(tmp_path: Path) -> None:
    """The same line again finishes the shard; each seed is run once and the result written once."""
    results = tmp_path / "results.jsonl"
    shard = Shard("crash", 2, 10, "abc")
    codes = [run(shard, two_seeds_a_run, results=results, folder=tmp_path) for _ in range(2)]
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert codes == [EXIT_UNFINISHED, 0]
    assert [line["seeds"] for line in lines] == [[2, 12, 22]]


def test_a_failed_shard_ends_with_an_error(tmp_path: Path) -> None:
    """Make must stop on it."""

    def fails(*_: object) -> Iterator[dict[str, object]]:
        yield piece(1, "a clean changeover was called an outage")

    results = tmp_path / "results.jsonl"
    shard = Shard("crash", 1, 1, "abc")
    assert run(shard, fails, results=results, folder=tmp_path) == EXIT_FAILED
