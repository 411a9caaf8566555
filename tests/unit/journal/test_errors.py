"""Errors of the record reach the operator in the language of the command line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitord.journal.errors import EN, ZH, RecordError, database_error
from tests.test_tidy import text_differences

RECORD = Path("/srv/record.sqlite")


def test_both_languages_have_each_error_with_the_same_parts() -> None:
    """A missing text would be a traceback for the operator."""
    assert text_differences(ZH, EN) == []


def test_an_error_is_english_in_logs_and_in_the_operators_language_on_the_terminal() -> None:
    """Logs are English; the person at the keyboard reads his own language."""
    error = RecordError("none_yet", RECORD)
    assert str(error) == "/srv/record.sqlite: there is no record yet; monitord run begins one"
    assert error.render("zh") == "/srv/record.sqlite：还没有记录；monitord run会建立"


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("SQLITE_FULL", "the disk is full", "磁盘已满"),
        ("SQLITE_READONLY_DIRECTORY", "it cannot be written", "无法写入"),
        ("SQLITE_IOERR_FSYNC", "the disk reports an error", "磁盘报错"),
        ("SQLITE_CORRUPT", "it is damaged", "已损坏"),
        ("SQLITE_SCHEMA", "database says so", "database says so"),
    ],
)
def test_a_database_error_has_advice_and_what_sqlite_said(
    name: str, english: str, chinese: str
) -> None:
    """Extended codes have the advice of their kind; an unknown one is quoted."""
    said = sqlite3.OperationalError("database says so")
    said.sqlite_errorname = name
    error = database_error(RECORD, said)
    assert english in error.render("en")
    assert chinese in error.render("zh")
    assert f"database says so, {name}" in error.render("zh")
