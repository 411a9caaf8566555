"""Every mistake of a bad file is reported at once, in exactly these words of both languages.

Each file in ``config_bad/`` ends with its errors: English after ``#!``, Chinese after ``#:``. What
is right about its site is included from ``config_bad/good/``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load

FOLDER = Path(__file__).resolve().parent.parent / "config_bad"
FILES = sorted(FOLDER.glob("*.yaml"))
SECRETS = ("s3cret", "public")
MARKS = {"en": "#! ", "zh": "#: "}


def errors_of(path: Path) -> ConfigErrors:
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    return caught.value


def printed(path: Path, language: str) -> list[str]:
    """Return the lines for a bad file, its folder left out of them."""
    return [line.replace(f"{path.parent}/", "") for line in errors_of(path).render(language)]


def expected(path: Path, language: str) -> list[str]:
    mark = MARKS[language]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_is_reported_in_these_words(path: Path) -> None:
    """File, line, key path, what is wrong and what to write, in Chinese and English."""
    for language in MARKS:
        assert printed(path, language) == expected(path, language)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_error_shows_a_secret(path: Path) -> None:
    """An error is read by people near the operator, and ends in logs."""
    lines = [line for language in MARKS for line in printed(path, language)]
    assert not [secret for secret in SECRETS for line in lines if secret in line]


def test_every_bad_file_expects_errors() -> None:
    """A file without pinned errors would prove nothing."""
    assert FILES
    assert [path.name for path in FILES if not expected(path, "zh")] == []


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("site:\n  id: a\n  name： 大别山\n  time_zone: UTC\n", "3: full_width_colon"),
        ("site：\n  id: a\n", "1: full_width_colon"),
        ("devices:\n  fm1:\n    name:x\n    poll_every: 1s\n", "3: space_after_colon"),
        ("site:\n  id: a\n  name:x\nlisten: {}\n", "3: space_after_colon"),
        ("site:\n\tid: a\n", "2: tab_indent"),
        ("site:\n  id:\ta\n  name: b\n", "2: tab"),
        ("site:\n  id: 'a\n  name: b\n", "2: quote"),
        ('site:\n  id: "a\n  name: b\n  time_zone: "UTC"\n', "2: late_quote"),
        ("site:\n  id: [a, b\n  name: x\n", "2: bracket"),
        ("site: {id: a， name: b}\n", "1: full_width_sign"),
        ("site:\n  id: [a, b］\n  name: x\n", "2: full_width_sign"),
        ("site: {id: a, name: b｝\nlisten: {}\n", "1: full_width_sign"),
        ("site: {id: a, name: 台，站\nlisten: {}\n", "1: bracket"),
        ("site: {id: a, name: 台，站 time_zone: UTC}\n", "1: bracket"),
        ("site:\n  id: a\n name: x\n", "3: indentation"),
        ("site: {}\r\nlisten:\r\n  port: @a\r\n", "3: character"),
        ("site: {}\n  - a\n", "2: indentation"),
        ("a: b: c\n", "1: second_colon"),
        ("site\nlisten: {}\n", "1: no_colon"),
        ("%TAG\nsite: {}\n", "1: syntax"),
    ],
)
def test_a_mistake_of_syntax_is_reported_in_its_own_line(
    tmp_path: Path, text: str, errors: str
) -> None:
    """Also where YAML can be read on for a line or more; nothing of the file is repeated."""
    path = tmp_path / "monitord.yaml"
    path.write_text(text, encoding="utf-8")
    found = [f"{error.line}: {error.code}" for error in errors_of(path).errors]
    assert found == [errors.replace(": ", ": yaml.")]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"\xef\xbb\xbf# a mark of byte order\r\n", "is empty"),
        (b"site: \xb4\xf3\n", "line 1: is not UTF-8; save the file as UTF-8"),
        ("site: {}\n".encode("utf-16"), "line 1: is not UTF-8; save the file as UTF-8"),
        (b"x" * 1_000_001, "is larger than 1000000 bytes"),
        (b"site: {}\na: \x07\n", "line 2: a control character is not accepted; remove it"),
        (b"site: {}\na: \x00\n", "line 2: a control character is not accepted; remove it"),
        (b"[" * 500_000, "line 1, column 21: more than 20 levels of nesting"),
    ],
    ids=["empty", "comments", "bom", "gbk", "utf_16", "large", "bell", "nul", "deep"],
)
def test_a_file_that_is_no_text_is_reported(tmp_path: Path, raw: bytes, message: str) -> None:
    """Another encoding, an endless file and a broken one are the operator's to fix."""
    path = tmp_path / "monitord.yaml"
    path.write_bytes(raw)
    assert str(errors_of(path)) == f"{path}: {message}"
