"""Files that commands read and write, whatever they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.commands import monitord
from tests.unit.cli.test_profile import WALK, written

UNREADABLE = [
    ("missing", "no such file or folder", "没有此文件或文件夹"),
    ("folder", "it is a folder", "是文件夹"),
    ("pipe", "it is not a regular file", "不是普通文件"),
    ("loop", "too many symbolic links", "符号链接层数过多"),
    ("a" * 300, "the name is too long", "名称过长"),
    ("there/x", "a part of the path is not a folder", "路径中有一部分不是文件夹"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one of each kind."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    written(tmp_path, "there", WALK)
    return tmp_path


@pytest.mark.parametrize(("name", "english", "chinese"), UNREADABLE)
def test_a_recording_that_cannot_be_read_is_named(
    folder: Path, name: str, english: str, chinese: str
) -> None:
    """A pipe does not block the command, and no traceback comes out."""
    path = folder / name
    for language, text in (
        ("en", f"{path}: cannot be read: {english}\n"),
        ("zh", f"{path}：无法读取：{chinese}\n"),
    ):
        printed = monitord("profile", "test", "if-mib", path, language=language)
        assert printed == (3, "", text)


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("there", 1, "already exists; name another file, or move this one"),
        ("pipe", 1, "already exists; name another file, or move this one"),
        ("dangling", 1, "already exists; name another file, or move this one"),
        ("missing/x", 3, "cannot be written: no such file or folder"),
        ("there/x", 3, "cannot be written: a part of the path is not a folder"),
    ],
)
def test_an_output_that_cannot_be_written_is_named_before_the_work(
    folder: Path, name: str, code: int, text: str
) -> None:
    """Nothing is overwritten; a walk of minutes is not made for nothing."""
    output = folder / name
    arguments = ("profile", "new", "mine", "--walk", folder / "nowhere", "--output", output)
    assert monitord(*arguments) == (code, "", f"{output}: {text}\n")
    assert (folder / "there").read_text("utf-8") == WALK


def test_an_output_whose_name_is_too_long_is_named(folder: Path) -> None:
    """The operating system refuses it; the command says why."""
    walk, output = folder / "there", folder / ("a" * 300)
    printed = monitord("profile", "new", "mine", "--walk", walk, "--output", output)
    assert printed == (3, "", f"{output}: cannot be written: the name is too long\n")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the output cannot be written: the disk is full\n"),
        ("zh", "无法写出结果：磁盘已满\n"),
    ],
)
def test_a_full_disk_behind_standard_output_is_named(language: str, text: str) -> None:
    """A script that keeps the result must not take half of it for all."""
    command = [sys.executable, "-m", "monitord", "profile", "check", "x.yaml"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [*command, "--language", language], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr.decode()) == (3, text)
