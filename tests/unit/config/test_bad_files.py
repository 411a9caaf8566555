"""Every mistake of every bad file is told at once, in exactly these words.

Each file in ``config_bad/`` ends with its messages, one a line after ``#!``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load

FOLDER = Path(__file__).resolve().parent.parent / "config_bad"
FILES = sorted(FOLDER.glob("*.yaml"))
SECRETS = ("s3cret", "public")


def told(path: Path) -> list[str]:
    """Return the messages for a bad file, its folder left out of them."""
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    return [str(error).replace(f"{FOLDER}/", "") for error in caught.value.errors]


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("#! ") for line in lines if line.startswith("#! ")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_is_told_in_these_words(path: Path) -> None:
    """Every mistake at once, with file, key path, what was found and what is allowed."""
    assert told(path) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_message_shows_a_secret(path: Path) -> None:
    """An error is read by whoever stands behind the operator, and ends in logs."""
    assert not [secret for secret in SECRETS for line in told(path) if secret in line]


def test_every_bad_file_expects_something() -> None:
    """A file without pinned messages would prove nothing."""
    assert FILES
    assert [path.name for path in FILES if not expected(path)] == []


def test_a_missing_file_is_told_by_its_name(tmp_path: Path) -> None:
    """The first mistake of all is a wrong path."""
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path / "monitord.yaml")
    assert (
        str(caught.value) == f"{tmp_path}/monitord.yaml: cannot be read: No such file or directory"
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"site: \xb4\xf3\n", "line 1: is not UTF-8; save the file as UTF-8"),
        (b"x" * 1_000_001, "is larger than 1000000 bytes"),
        (
            b"site: \x07\n",
            "is not YAML: unacceptable character #x0007: special characters are not allowed",
        ),
    ],
    ids=["empty", "only_comments", "gbk", "too_large", "control_characters"],
)
def test_a_file_that_is_no_text_is_told_so(tmp_path: Path, raw: bytes, message: str) -> None:
    """Another encoding, an endless file and a broken one are the operator's to mend."""
    path = tmp_path / "monitord.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    """What the operating system refuses is told in its words, without a traceback."""
    with pytest.raises(ConfigErrors, match="cannot be read: Is a directory"):
        load(tmp_path)
