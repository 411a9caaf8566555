"""A test that cannot run is named, and refused where everything must run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import DEBIAN
from tests.tidy.source import ROOT

RECORDING = """
import pytest

@pytest.mark.needs_shared
def test_reads_a_recording(): ...
"""
GIVING_UP = """
import pytest

def test_gives_up(): pytest.skip("no such program")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a small project with this project's rules, and no ``../shared``."""
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / "tests" / "conftest.py", root / "tests")
    return root


def outcome(checkout: Path, tests: str, **environment: str) -> tuple[int, str]:
    """Run these tests in the small project; return pytest's exit code and what it printed."""
    (checkout / "tests" / "test_sample.py").write_text(tests, encoding="utf-8")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("REQUIRE", "MONITORD"))}
    ended = subprocess.run(
        (sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider"),
        cwd=checkout,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_skipped_tests_are_named_with_their_reason(checkout: Path) -> None:
    """A count of skipped tests is overlooked; names are not."""
    code, printed = outcome(checkout, RECORDING + GIVING_UP)
    assert code == 0
    assert "test_sample.py::test_gives_up: no such program" in printed
    assert "test_reads_a_recording: needs the recorded devices in ../shared" in printed


def test_skipped_tests_are_written_down_for_the_whole_suite(checkout: Path) -> None:
    """A suite of several runs names all of theirs at its end."""
    file = checkout / "skips"
    outcome(checkout, GIVING_UP, MONITORD_SKIPS_FILE=str(file))
    assert "tests/test_sample.py::test_gives_up: no such program\n" in file.read_text("utf-8")


def test_where_everything_must_run_a_skip_is_a_failure(checkout: Path) -> None:
    """``REQUIRE_ALL`` leaves no way for a test to pass by not running."""
    code, printed = outcome(checkout, GIVING_UP, REQUIRE_ALL="1")
    assert code == 1
    assert "REQUIRE_ALL is set, so this must run: no such program" in printed


def test_recordings_may_be_missing_even_where_everything_must_run(checkout: Path) -> None:
    """``../shared`` is not part of the repository, so its absence fails nothing."""
    code, printed = outcome(checkout, RECORDING, REQUIRE_ALL="1")
    assert (code, "1 skipped" in printed) == (0, True)


def test_recordings_that_are_there_must_be_read(checkout: Path) -> None:
    """The excuse for ``../shared`` ends where it exists."""
    (checkout.parent / "shared" / "devices").mkdir(parents=True)
    excuse = "pytest.skip('needs the recorded devices in ../shared, which is absent')"
    code, _ = outcome(checkout, RECORDING.replace("...", excuse), REQUIRE_ALL="1")
    assert code == 1


def test_every_program_that_tests_need_is_installed_for_them() -> None:
    """The packages of the whole proof include what a marker asks for."""
    script = (ROOT / ".ci" / "debian-packages").read_text(encoding="utf-8")
    (table,) = re.findall(r"package_of=\((.*?)\)", script, re.DOTALL)
    installed = set(re.findall(r"\[[^]]+\]=(\S+)", table))
    needed = {package for _, package in DEBIAN.values()}
    assert needed
    assert needed <= installed


def test_every_marker_for_a_program_is_held_to_it() -> None:
    """A marker of the project that nobody looks at would let its tests fail, or pass unrun."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    markers = {line.split(":")[0] for line in project["tool"]["pytest"]["ini_options"]["markers"]}
    assert markers == {"needs_shared", *DEBIAN}
