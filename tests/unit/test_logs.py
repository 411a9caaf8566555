"""Each log entry is one line without secrets, from our code or a library's."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from monitord.logs import error_place, set_up_logs

URL = "http://desk:hunter2@10.1.1.5:8080/hook/f00dcafe?token=s3cr3t"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Return the stream of the logs; the process's own logging is restored at the end."""
    root = logging.getLogger()
    kept, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield io.StringIO()
    root.handlers[:] = kept
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.reset_defaults()


def fail(error: Exception) -> None:
    raise error


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_an_entry_is_one_line_with_time_level_and_event(stream: io.StringIO) -> None:
    """A log is read with grep."""
    set_up_logs(stream=stream)
    structlog.get_logger("x").info("record_opened", folder="/a b", text='one\ntwo "3"', count=2)
    (line,) = lines(stream)
    assert line.startswith("timestamp=20")
    assert line.endswith(
        r'level=info event=record_opened folder="/a b" text="one\ntwo \"3\"" count=2'
    )


def test_json_is_one_object_a_line(stream: io.StringIO) -> None:
    """Collectors read JSON."""
    set_up_logs(as_json=True, stream=stream)
    structlog.get_logger("x").warning("节目", devices=["fm1"], count=2)
    entry = json.loads(lines(stream)[0])
    assert entry | {"timestamp": ""} == {
        "timestamp": "",
        "level": "warning",
        "event": "节目",
        "devices": ["fm1"],
        "count": 2,
    }


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_gets_into_a_line(stream: io.StringIO, as_json: bool) -> None:
    """By its key or inside a text, at any depth, from our code or a library's."""
    set_up_logs("debug", as_json=as_json, stream=stream)
    log = structlog.get_logger("x")
    log.info("a", community="s3cr3t", snmp={"auth_password": "hunter2"}, webhook_url=URL)
    log.info("b", detail=f"post to {URL} failed", more=[{"api_token": "s3cr3t"}, URL])
    log.info("c", seen=ValueError(URL))
    logging.getLogger("library").warning("cannot reach %s", URL)
    try:
        fail(RuntimeError(f"no way to {URL}"))
    except RuntimeError:
        log.exception("d")
    text = stream.getvalue()
    assert [word for word in ("s3cr3t", "hunter2", "f00dcafe") if word in text] == []
    assert "10.1.1.5:8080" in text
    assert len(lines(stream)) == 5


def test_an_exception_is_one_line_with_the_error_and_its_place(stream: io.StringIO) -> None:
    """The operator reads no traceback; the engineer finds every file and line."""
    set_up_logs(stream=stream)
    try:
        fail(KeyError("fm1"))
    except KeyError:
        structlog.get_logger("x").exception("tick_failed")
    (line,) = lines(stream)
    assert "KeyError" in line
    assert "test_logs.py:" in line
    assert "Traceback" not in line


def test_entries_below_the_level_are_left_out(stream: io.StringIO) -> None:
    """The level is the operator's choice."""
    set_up_logs("warning", stream=stream)
    structlog.get_logger("x").info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger("x").error("loud")
    assert [line.split("event=")[1] for line in lines(stream)] == ["loud"]


def test_libraries_that_log_packets_stay_above_debug(stream: io.StringIO) -> None:
    """A packet dump holds the community string."""
    set_up_logs("debug", stream=stream)
    logging.getLogger("pymodbus.transport").debug("send: 0x0 0x1")
    assert lines(stream) == []


def test_an_unknown_level_is_named(stream: io.StringIO) -> None:
    """The error lists the allowed levels."""
    with pytest.raises(ValueError, match="'loud' is not one of debug, info"):
        set_up_logs("loud", stream=stream)


def test_an_error_place_names_function_and_line_and_hides_the_text() -> None:
    """The text of an error may quote a community or an answer."""
    with pytest.raises(ValueError, match="hunter2") as caught:
        fail(ValueError("hunter2"))
    assert re.fullmatch(r"ValueError at fail:\d+", error_place(caught.value))
    assert error_place(ValueError("hunter2")) == "ValueError"
