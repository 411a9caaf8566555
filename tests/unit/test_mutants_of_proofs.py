"""The mutants of the proofs break what is there today: one out of date shows nothing."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

import tests.crash.mutants as crash
import tests.simulation.mutants as simulation
import tests.simulation.whole.mutants as whole
from tests.support.broken import ROOT, break_file

PACKAGE = ROOT / "monitord"
PLACES = [
    *((PACKAGE / one.file, one.was, one.now) for one in chain(crash.MUTANTS, crash.OF_A_DISK)),
    *((PACKAGE / one.room / one.file, one.was, one.now) for one in simulation.MUTANTS),
    *((PACKAGE / one.file, one.was, one.now) for one in whole.MUTANTS),
]


@pytest.mark.parametrize(("file", "was", "now"), PLACES)
def test_a_mutant_finds_its_place_once(file: Path, was: str, now: str, tmp_path: Path) -> None:
    """Code that changes takes its mutants along, before the long proof looks for them."""
    copy = tmp_path / "copy.py"
    copy.write_text(file.read_text("utf-8"), "utf-8")
    break_file(copy, was, now)
    assert copy.read_text("utf-8") != file.read_text("utf-8")
