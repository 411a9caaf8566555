"""The check of refused words finds them in prose and leaves code alone."""

from __future__ import annotations

from tests.tidy.source import Source
from tests.tidy.words import all_findings, findings, prose_of_markdown, prose_of_python


def found_in(path: str, text: str) -> list[int]:
    """Return the lines in which a refused word is found."""
    source = Source(path, text)
    prose = prose_of_markdown(text) if path.endswith(".md") else prose_of_python(source)
    return [int(line.split(":")[1]) for line in findings(path, prose)]


def test_the_project_is_written_without_refused_words() -> None:
    """``words.txt`` has what to use instead; ``words_excepted.txt`` the few exceptions."""
    found = all_findings()
    assert not found, "\n" + "\n".join(found)


def test_a_refused_word_is_found_in_every_kind_of_prose() -> None:
    """Comments, docstrings, names of tests and their docstrings."""
    text = (
        '"""All is\n\nreckoned."""\nx = 1  # whoever asks\n'
        'def test_it_is_told():\n    """It hears."""\n'
    )
    assert sorted(found_in("tests/unit/test_sample.py", text)) == [3, 4, 5, 6]


def test_code_and_texts_of_a_program_are_no_prose() -> None:
    """Stored names and messages keep their bytes."""
    text = '"""The field ``told``."""\ntold = {"owed": "nobody is told"}\n'
    assert found_in("monitord/sample.py", text) == []


def test_a_document_is_read_without_its_code() -> None:
    """Code spans, blocks and the targets of links are left out."""
    text = "# A `told`\n\n[x](stand.md)\n\n```yaml\ntell: anew\n```\n\nIt stands here.\n"
    assert found_in("docs/sample.md", text) == [9]


def test_longer_words_are_not_found() -> None:
    """The patterns are whole words: standby, understand and recommend pass."""
    assert found_in("docs/sample.md", "A standby is easy to understand; I recommend it.") == []
