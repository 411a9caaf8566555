"""Documents name what the project has, and pages show the state of the results."""

from __future__ import annotations

from pathlib import Path

from tests.long import pages
from tests.tidy.documents import documents, missing_names


def test_each_path_module_and_target_in_a_document_exists() -> None:
    """A reader who follows a document arrives."""
    missing = [line for document in documents() for line in missing_names(document)]
    assert not missing, "\n" + "\n".join(missing)


def test_a_name_of_something_absent_is_found(tmp_path: Path) -> None:
    """The check sees paths, modules, make targets and links, and lets placeholders pass."""
    (tmp_path / "Makefile").write_text("all:\ntest:\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.py").write_text("")
    page = tmp_path / "README.md"
    page.write_text(
        "`tests/a.py` `tests/{a,b}.py` `tests/*.py` `tests/NAME.py` `python -m tests.a`\n"
        "`python -m tests.c` [a](tests/a.py#x) [d](tests/d.md) tests/prose.py\n"
        "```\nmake test\nmake nothing\n```\n"
    )
    assert [line.partition(": ")[2] for line in missing_names(page, tmp_path)] == [
        "no file tests/d.md",
        "no file tests/{a,b}.py",
        "no module tests.c to run",
        "no make target nothing",
    ]


def test_the_pages_mark_every_result_and_figure_as_it_is_now() -> None:
    """A result that became stale fails here until ``make pages`` marks it."""
    page = pages.RESULTS_PAGE.read_text(encoding="utf-8")
    speed = pages.SPEED_PAGE.read_text(encoding="utf-8")
    assert page == pages.results_page(), "run make pages"
    assert speed == pages.speed_page(speed), "run make pages"
