"""The proof by mutation can fail: a control passes, a planted mutant is killed, none is excused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutation.draw import CORE, Mutant, draw, sites
from tests.mutation.equivalent import EQUIVALENT, key_of, reason_of
from tests.mutation.long_job import MUTANTS, Worker, baseline_of, judged, outcome_of
from tests.mutation.worker import Verdict

FAST = ("tests/unit/core/test_expression.py",)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A worker with the tests of one file, which pass without a mutant."""
    worker = Worker(tmp_path_factory.mktemp("mutation") / "baseline", FAST, seconds=1)
    yield worker
    worker.close()


def planted(file: str, was: str, now: str, function: str | None) -> Mutant:
    """Return the first mutant of a file with these texts in a function; None: outside of all."""
    return next(
        mutant
        for mutant, _ in sites(CORE / file)
        if (mutant.was, mutant.now) == (was, now)
        and (None if mutant.function is None else mutant.function[0]) == function
    )


def test_a_planted_mutant_is_killed_and_an_unchanged_line_is_not(worker: Worker) -> None:
    """In a function, on a line that an import runs, and where no test of the suite looks."""
    killed = planted("expression.py", "left != right", "left == right", "_compare")
    constant = planted("expression.py", "3", "4", None)
    unseen = planted(
        "expression.py", "return negate(kind_of(inner, kinds))", "return None", "kind_of"
    )
    verdicts = [worker.judge(mutant) for mutant in (killed, constant, unseen, killed)]
    survived, dead = Verdict.SURVIVED, Verdict.KILLED
    assert verdicts == [dead, dead, survived, dead]


IMPORTS = """
import json
from monitord.core.apply import encode
from monitord.core.events import ConditionLost

def test_a_body_is_stored_as_json():
    assert json.loads(encode(ConditionLost(was=True, held_to=1, cause="")))
"""


def test_a_function_that_the_imports_run_is_tried_before_them_too(tmp_path: Path) -> None:
    """What it returned while they loaded stays: to break it afterwards changes nothing."""
    tests = tmp_path / "test_imports.py"
    tests.write_text(IMPORTS)
    worker = Worker(tmp_path / "baseline", (str(tests),), seconds=1)
    form = planted("codec.py", "'{'", "'{_'", "flat_form")
    other = planted("codec.py", "'true'", "'true_'", "canonical_flat")
    later = planted("codec.py", "'null'", "'null_'", "canonical_flat")
    verdicts = [worker.judge(mutant) for mutant in (form, other, later)]
    worker.close()
    assert verdicts == [Verdict.KILLED, Verdict.KILLED, Verdict.SURVIVED]


def test_a_mutant_that_never_ends_is_ended_and_counts_as_noticed(worker: Worker) -> None:
    """By the system, once a test has used its processor time; it is counted apart."""
    endless = planted("dues.py", "heappop(self._heap)", "pass", "first")
    verdict = worker.judge(endless)
    assert verdict is Verdict.HUNG
    assert outcome_of(endless, verdict).counts == {"mutants": 1, "hung": 1}
    assert judged({"mutants": 10, "hung": 10}) == []


def test_tests_that_fail_without_a_mutant_prove_nothing(tmp_path: Path) -> None:
    """The control: the worker ends, and says so."""
    broken = tmp_path / "test_broken.py"
    broken.write_text("def test_it() -> None:\n    assert False\n")
    worker = Worker(tmp_path / "baseline", (str(broken),))
    with pytest.raises(RuntimeError, match="the tests fail without a mutant"):
        worker.judge(planted("expression.py", "3", "4", None))
    worker.close()


COUNTED = """
from pathlib import Path
from monitord.core import expression

def test_it_was_run_once_more():
    with Path({!r}).open("a") as runs:
        runs.write("x")
"""


def test_the_tests_are_measured_once_for_all_shards(tmp_path: Path) -> None:
    """A second worker reads what the first one measured, also while that one still serves."""
    runs = tmp_path / "runs"
    tests = tmp_path / "test_counted.py"
    tests.write_text(COUNTED.format(str(runs)))
    seen = planted("expression.py", "left != right", "left == right", "_compare")
    with ExitStack() as stack:
        begun = [Worker(tmp_path / "baseline", (str(tests),)) for _ in range(2)]
        workers = [stack.enter_context(closing(worker)) for worker in begun]
        # No test runs the line of this mutant, so that a trial adds no run.
        assert [worker.judge(seen) for worker in workers] == [Verdict.SURVIVED] * 2
    assert runs.read_text() == "x"


def test_what_was_measured_of_other_sources_is_forgotten(tmp_path: Path) -> None:
    """It belongs to every line of the program and of its tests."""
    first = baseline_of({"code": "1", "tests": "2"}, tmp_path)
    first.write_bytes(b"lines")
    first.with_suffix(".lock").write_bytes(b"")
    assert baseline_of({"code": "1", "tests": "2"}, tmp_path) == first
    assert first.read_bytes() == b"lines"
    assert baseline_of({"code": "1", "tests": "3"}, tmp_path) != first
    assert list(tmp_path.iterdir()) == []


def test_a_draw_belongs_to_its_commit_and_reaches_every_file() -> None:
    """The same for the same commit; each mutant on a line of its own; many files in one draw."""
    drawn = draw("0a1b", MUTANTS)
    assert drawn == draw("0a1b", MUTANTS)
    assert len({(mutant.file, mutant.line) for mutant in drawn}) == MUTANTS
    assert len({mutant.file for mutant in drawn}) > 30
    assert {mutant.function is None for mutant in drawn} == {True, False}
    assert len(set(drawn) & set(draw("0a1c", MUTANTS))) < MUTANTS / 4


def test_a_survivor_is_listed_and_one_in_twenty_is_the_most() -> None:
    """It is named with its line; a shard with more of them fails."""
    mutant = planted("expression.py", "left != right", "left == right", "_compare")
    (note,) = outcome_of(mutant, Verdict.SURVIVED).notes
    assert note.startswith("survived: expression.py:")
    assert judged({"mutants": 20, "survived": 1}) == []
    assert judged({"mutants": 20, "survived": 2}) == ["2 of 20 mutants survived; 5% may"]


def test_an_equivalent_mutant_is_excused_only_by_name_and_with_a_reason() -> None:
    """Every row names a line that is there; the same change of another line is a survivor."""
    found = {
        key_of(mutant): mutant
        for file in {key[0] for key in EQUIVALENT}
        for mutant, _ in sites(CORE / file)
    }
    assert set(EQUIVALENT) <= set(found), set(EQUIVALENT) - set(found)
    for key, reason in EQUIVALENT.items():
        mutant = found[key]
        assert reason
        assert reason_of(mutant) == reason
        assert outcome_of(mutant, Verdict.SURVIVED).counts == {"mutants": 1, "equivalent": 1}
        assert reason_of(replace(mutant, line=1)) is None
