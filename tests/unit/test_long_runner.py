"""The runner of the long proofs keeps what is done, and its results cannot be stale unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.long.__main__ import link_kept
from tests.long.inputs import ROOT, digest, inputs_of
from tests.long.job import Job, Outcome
from tests.long.jobs import UsageError, job_named, shard_named
from tests.long.pages import job_section
from tests.long.results import Made, ShardResult, State, read_shards, state, write
from tests.long.shard import Progress, Shard, check_place, result_of, run_numbers

SHARD = Shard("crash", 2, 10, "abcdef012345", {"code": "1", "tests": "2"})


class Runs:
    """A job of 30 numbers that keeps which ones it ran; ``fails`` fail, at ``ends_at`` it ends."""

    def __init__(self, fails: tuple[int, ...] = (), ends_at: int = 0) -> None:
        self.ran: list[int] = []
        self.fails = fails
        self.ends_at = ends_at
        self.job = Job("a sample", 30, self.begin, ("monitord/core",), ("tests/long",))

    def begin(self) -> Callable[[int], Outcome]:
        return self.run

    def run(self, number: int) -> Outcome:
        if number == self.ends_at:
            raise KeyboardInterrupt
        self.ran.append(number)
        return Outcome({"faults": 10}, ["an event is lost"] if number in self.fails else [])


@pytest.mark.parametrize("text", ["0/10", "11/10", "-1/-1", "1", "1/0", "x/10", "commit/0"])
def test_a_shard_outside_its_range_is_rejected(text: str) -> None:
    """Shards count from 1 to n."""
    with pytest.raises(UsageError, match="SHARD is k/n with k from 1 to n"):
        shard_named(text, "0a")


def test_an_unknown_job_is_rejected_with_the_list_of_jobs() -> None:
    """A mistyped name gives the names that exist."""
    known = "busy, crash, encodings, models, mutation, packets"
    with pytest.raises(UsageError, match=f"no job 'nap'; JOB is one of: {known}"):
        job_named("nap")


def test_the_shard_of_a_commit_rotates_over_all_shards() -> None:
    """Ten commits in a row of hashes run ten different shards."""
    shards = {shard_named("commit/10", f"{number:040x}") for number in range(10)}
    assert shards == {(k, 10) for k in range(1, 11)}


def test_an_interrupted_shard_goes_on_after_its_last_number(tmp_path: Path) -> None:
    """Each number is run once and is on disk before the next begins."""
    first, second = Runs(ends_at=22), Runs()
    with pytest.raises(KeyboardInterrupt):
        run_numbers(first.job, SHARD, Progress(tmp_path, SHARD))
    run_numbers(second.job, SHARD, Progress(tmp_path, SHARD))
    assert (first.ran, second.ran) == ([2, 12], [22])


def test_progress_belongs_to_its_inputs_and_not_to_a_commit(tmp_path: Path) -> None:
    """A proof is of the exact content that it ran with; a commit of documents restarts nothing."""
    run_numbers(Runs().job, SHARD, Progress(tmp_path, SHARD))
    other = replace(SHARD, inputs={"code": "other", "tests": "2"})
    assert Progress(tmp_path, other).done == {}
    later = replace(SHARD, commit="fedcba987654")
    assert sorted(Progress(tmp_path, later).done) == [2, 12, 22]


def test_processor_time_ends_extras_alone(tmp_path: Path) -> None:
    """All fixed numbers run whatever they cost; only then the time bounds the extras."""
    seconds = iter(range(0, 10_000, 5))
    runs = Runs()
    run_numbers(
        runs.job,
        SHARD,
        Progress(tmp_path, SHARD),
        extra_cpu_s=30,
        cpu=lambda: float(next(seconds)),
    )
    assert runs.ran == [2, 12, 22, 32, 42]


def test_one_failed_number_fails_the_shard_and_is_named(tmp_path: Path) -> None:
    """The verdict is passed only when every number passed; counts are sums."""
    runs, progress = Runs(fails=(12,)), Progress(tmp_path, SHARD)
    run_numbers(runs.job, SHARD, progress)
    result = result_of(runs.job, SHARD, progress)
    assert (result.passed, result.failures) == (False, ["12: an event is lost"])
    assert result.counts == {"faults": 30}


def test_a_shard_without_any_number_does_not_pass(tmp_path: Path) -> None:
    """Nothing run proves nothing."""
    assert not result_of(Runs().job, SHARD, Progress(tmp_path, SHARD)).passed


def test_a_job_judges_the_sums_of_its_shard_and_shows_what_it_noted(tmp_path: Path) -> None:
    """One number that is noted fails nothing; too many of them fail the shard."""
    runs, progress = Runs(), Progress(tmp_path, SHARD)
    few = lambda counts: [] if counts["faults"] < 100 else ["too many"]  # noqa: E731
    job = replace(runs.job, begin=lambda: lambda n: Outcome({"faults": n}, notes=[f"kept {n}"]))
    run_numbers(replace(job, fixed=12), SHARD, progress)
    result = result_of(replace(job, judge=few), SHARD, progress)
    assert (result.passed, result.notes) == (True, ["2: kept 2", "12: kept 12"])
    assert "- 2: kept 2" in list(job_section("crash", runs.job, [result]))
    run_numbers(replace(job, fixed=102), SHARD, progress)
    assert result_of(replace(job, judge=few), SHARD, progress).failures == ["too many"]


def test_a_result_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """One file for each job and shard; a later result replaces it."""
    runs, progress = Runs(), Progress(tmp_path / "progress", SHARD)
    run_numbers(runs.job, SHARD, progress)
    result = result_of(runs.job, SHARD, progress)
    for _ in range(2):
        assert write(result, tmp_path).name == "crash-2-10.json"
    assert read_shards(tmp_path) == [result]


def test_a_shard_refuses_to_run_in_the_tree_that_is_edited() -> None:
    """A long proof of a tree that changes under it would prove nothing."""
    with pytest.raises(SystemExit, match="in a worktree of its own; use make long"):
        check_place(ROOT)


def test_a_digest_changes_with_content_and_names_and_not_with_documents(tmp_path: Path) -> None:
    """What the job declares decides, and compiled files do not count."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "a.py").write_text("1")
    before = digest(("code",), tmp_path)
    (tmp_path / "page.md").write_text("a document")
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "a.pyc").write_text("compiled")
    assert digest(("code",), tmp_path) == before
    (code / "a.py").write_text("2")
    changed = digest(("code",), tmp_path)
    (code / "a.py").rename(code / "b.py")
    assert len({before, changed, digest(("code",), tmp_path)}) == 3


def test_a_result_is_current_only_while_nothing_that_it_depends_on_changed() -> None:
    """An old result without digests is stale; absent recordings decide nothing."""
    now = inputs_of(("monitord/core",), ("tests/long",))
    made = Made("make long", "abc", {**now, "recordings": "9"})
    assert state(made, now) is State.CURRENT
    assert state(made, {**now, "code": "other"}) is State.STALE
    assert state(Made("make long", "abc", {}), now) is State.STALE


def test_the_page_marks_stale_results_and_names_missed_shards() -> None:
    """Nobody takes an old figure for a new one, or an absent one for a pass."""
    made = Made("make long", "abcdef012345", {})
    result = ShardResult("crash", 2, 10, made, [2, 12], [], {"kills": 1234}, [])
    lines = list(job_section("crash", Runs().job, [result]))
    assert "| 2/10 | *stale* | passed | 2 | commit abcdef012345 |" in lines
    assert "*missed*: 1/10, 3/10, 4/10, 5/10, 6/10, 7/10, 8/10, 9/10, 10/10" in "\n".join(lines)


def test_the_page_adds_up_the_current_shards_of_a_job() -> None:
    """What a closing note cites is a sum over current shards of one division, and no other."""
    job = replace(Runs().job, together=lambda counts: f"{counts['faults']} faults")
    made = Made("make long", "abc", inputs_of(job.code, job.tests, job.recordings))
    one = ShardResult("crash", 1, 10, made, [1, 11], [], {"faults": 20}, [])
    others = [
        replace(one, k=2, numbers=[2], counts={"faults": 5}),
        replace(one, k=3, made=replace(made, inputs={}), counts={"faults": 100}),
        replace(one, k=1, n=2, counts={"faults": 1_000}),
    ]
    lines = list(job_section("crash", job, [one, *others]))
    assert "\n3 numbers of 30 that are current, together: 25 faults." in lines


def test_a_shard_of_the_simulation_that_is_drawn_thinly_fails() -> None:
    """The densities of the proof hold for each shard, not only for all of them."""
    job = job_named("simulation")
    dense = {"hours": 288, "demands": 1_000, "excused_lost_polls": 5, "faults": 800}
    dense |= dict.fromkeys(("restarts", "boots", "clock_steps", "reloads"), 200)
    assert not job.judge(dense)
    assert job.judge({**dense, "boots": 199}) == ["199 boots in 288 hours, less than 1000 in 1440"]
    assert job.judge({**dense, "excused_lost_polls": 6}) == ["6 of 1000 demands are excused"]


def test_the_worktrees_of_all_shards_keep_what_they_share_in_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in the tree that is edited, and outlives each of them."""
    home = tmp_path / "home"
    monkeypatch.setattr("tests.long.__main__.ROOT", home)
    monkeypatch.setattr("tests.long.__main__.KEPT", home / "build" / "kept")
    trees = [tmp_path / "one", tmp_path / "two"]
    for tree in trees:
        link_kept(tree)
    (trees[0] / "build" / "kept" / "found").write_text("lines")
    assert (trees[1] / "build" / "kept" / "found").read_text() == "lines"
    assert [file.name for file in (home / "build" / "kept").iterdir()] == ["found"]
