"""What the commands say of everything that can stand in the record, in both languages."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from monitord.__main__ import main
from monitord.cli import status
from monitord.cli.invocation import Invocation, run_command
from monitord.cli.poll import _shown_raw
from monitord.cli.words import Words
from monitord.core.delivery_states import RowState
from monitord.core.incidents import BLIND, OFF_AIR, RESERVE_LOST
from monitord.core.model import Told
from monitord.journal.database import NAME
from monitord.texts.commands import TEXTS
from tests.fixtures.make_record import FIXTURE, INCIDENT
from tests.unit.config.samples import write

LANGUAGES = ("en", "zh")


def said(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main([str(argument) for argument in arguments], out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Return a configuration whose record is that of schema 1."""
    path = write(tmp_path)
    text = path.read_text("utf-8").replace("/var/lib/monitord", "record")
    path.write_text(text, "utf-8")
    (tmp_path / "record").mkdir()
    shutil.copyfile(FIXTURE, tmp_path / "record" / NAME)
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_core_has_its_word(language: str) -> None:
    """Nobody reads identifiers at three in the morning."""
    words = Words(language)
    codes = [("fault", fault) for fault in (OFF_AIR, BLIND, RESERVE_LOST)]
    codes += [("told", told.value) for told in Told]
    codes += [("column", column) for column in status.AS_IT_SHOULD_BE]
    for kind, code in codes:
        assert words.code(kind, code) != code or language == "en"
    for state in (RowState.WAITING, RowState.OWED, RowState.TELLING):
        assert f"owed.{state.value}" in TEXTS[language]
    for observed in ("good", "degraded:low", "bad:silence", "unknown:timeout", "between"):
        assert words.observed(observed)
    assert words.reason("newer_than_the_texts") == "newer_than_the_texts"


DEVICES = [
    {"id": "a", "name": "A", "up": True, "last_answer": "2026-11-24T10:00:00+08:00"},
    {"id": "b", "name": "B", "up": False, "last_answer": "2026-11-23T10:00:00+08:00"},
    {"id": "c", "name": "C", "up": False, "last_answer": None},
    {"id": "d", "name": "D", "up": None, "last_answer": None},
]
FIGURES = {"least_s": 1.25, "most_seen_s": 75.0, "most_s": 3725.0}
STANDING: dict[str, Any] = {
    "site": "hill",
    "name": "山",
    "source": "daemon",
    "as_of": "2026-11-24T10:00:05.000+08:00",
    "recorded": False,
    "programmes": [
        {"id": "fm", "name": "FM", "column": "off_air", "since": "2026-11-24T09:00:00+08:00"}
        | {"observed": "unknown:timeout", "presumed": True}
        | FIGURES,
        {"id": "tv", "name": "TV", "column": None, "since": None, "observed": "unknown:not_yet"}
        | {"presumed": False}
        | FIGURES,
    ],
    "devices": [device | {"silent": "timeout"} for device in DEVICES],
    "incidents": [
        {"id": "1-9", "programme": "fm", "name": "FM", "joined": ["tv"], "fault": "off_air"}
        | {"severity": "critical", "reason": "no_carrier", "stage": "tx", "conditions": []}
        | {"opened_at": "2026-11-24T09:00:01+08:00", "acknowledged_by": None}
        | FIGURES
    ],
    "owed": [
        {"person": "ann", "name": "Ann", "incident": "1-9", "told": told, "attempts": 2}
        | {"state": state, "due_at": "2026-11-24T10:00:09+08:00"}
        for state, told in (("waiting", None), ("owed", "opened"), ("telling", "revised"))
    ],
}


def test_status_says_everything_that_can_stand_so() -> None:
    """Presumed, never watched, silent since another day, joined, each state of a message."""
    assert list(status._lines(STANDING, Words("en", "2026-11-24"))) == [
        "The record cannot be written at the moment: see the daemon's log.",
        "hill (山) at 2026-11-24 10:00:05",
        "Programmes",
        (
            "  fm (FM): off air since 09:00:00; observed: unknown (the device does not answer),"
            " presumed, as it was bad before it went blind"
        ),
        (
            "    off air in all, as settled so far: at least 1.2 s, at most 1 min 15 s as seen,"
            " 1 h 2 min 5 s with the time nobody could see"
        ),
        "  tv (TV): never watched yet",
        "Devices",
        "  a (A): answers, last at 10:00:00",
        "  b (B): silent since 2026-11-23 10:00:00: the device does not answer",
        "  c (C): has not answered yet: the device does not answer",
        "  d (D): not read yet",
        "Open incidents",
        "  1-9 critical: fm (FM), off air: no carrier; opened 09:00:01, open",
        "    cause: stage tx",
        "    the same cause also affects tv",
        (
            "    off air: at least 1.2 s, at most 1 min 15 s as seen,"
            " 1 h 2 min 5 s with the time nobody could see"
        ),
        "    acknowledged by nobody yet",
        "Messages owed",
        "  ann (Ann) will be told of 1-9 at 10:00:09",
        "  ann (Ann) is owed word of 1-9 (opened), 2 attempts made",
        "  ann (Ann) is being told of 1-9 (revised), attempt 2",
    ]
    assert list(status._lines(STANDING, Words("zh", "2026-11-24")))


@pytest.mark.parametrize(
    ("change", "well"),
    [
        ({}, True),
        ({"source": "record"}, False),
        ({"incidents": STANDING["incidents"]}, False),
        ({"devices": STANDING["devices"]}, False),
        ({"programmes": STANDING["programmes"]}, False),
    ],
)
def test_strict_asks_for_everything_to_be_well(change: dict[str, Any], well: bool) -> None:
    """On air or closed, every device answering, nothing open, and somebody watching."""
    good = STANDING | {
        "programmes": [{"column": "on_air"}, {"column": "closed"}],
        "devices": [{"up": True}],
        "incidents": [],
    }
    assert status._is_well(good | change) is well


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_old_record_is_told_without_a_daemon(station: Path, language: str) -> None:
    """Copied from a dead machine, and from before anybody could acknowledge."""
    code, out, err = said("status", station, "--language", language)
    assert (code, err) == (0, "")
    assert TEXTS[language]["status.programmes"] in out.splitlines()
    code, out, err = said("incidents", station, "--language", language)
    assert (code, err) == (0, "")
    assert out.startswith(f"{INCIDENT} ")
    assert TEXTS[language]["incident.unseen"] in out
    assert TEXTS[language]["delivery.delivered"] in out


def test_incidents_for_scripts_have_stable_keys(station: Path) -> None:
    """They stand in the documentation, and scripts rely on them."""
    code, out, _ = said("incidents", station, "--json")
    (incident,) = json.loads(out)["incidents"]
    assert code == 0
    documented = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
    for key in [*incident, *incident["impacts"][0], *incident["deliveries"][0]]:
        assert f"`{key}`" in documented, key
    assert said("incidents", station, "--open", "--json")[1].count('"id"') == 0


def test_status_for_scripts_has_stable_keys(station: Path) -> None:
    """The record's status has the same keys as the daemon's."""
    found = json.loads(said("status", station, "--json")[1])
    documented = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
    for key in [*found, *found["programmes"][0], *found["devices"][0]]:
        assert f"`{key}`" in documented, key
    for key in [*STANDING["incidents"][0], *STANDING["owed"][0]]:
        assert f"`{key}`" in documented, key


def test_the_record_of_another_site_is_not_told_as_this_ones(station: Path) -> None:
    """The wrong file was named; its figures would be somebody else's."""
    station.write_text(station.read_text("utf-8").replace("dabie_hill", "other_hill"), "utf-8")
    for command in ("status", "incidents"):
        code, out, err = said(command, station, "--language", "en")
        assert (code, out) == (3, "")
        assert "is the record of site dabie_hill, not of other_hill" in err


def test_a_damaged_record_is_said_to_be_one(station: Path) -> None:
    """No traceback, and no half truth."""
    (station.parent / "record" / NAME).write_bytes(b"nothing like a database" * 100)
    for command in ("status", "incidents"):
        code, out, err = said(command, station)
        assert (code, out) == (3, "")
        assert NAME in err


def test_whoever_stops_reading_gets_no_traceback(station: Path) -> None:
    """The list is long, and head is short."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as out:
        assert main(["incidents", str(station)], out, io.StringIO()) == 0


def test_a_name_moves_no_cursor() -> None:
    """A label out of a file is shown and not obeyed."""
    standing = STANDING | {"name": "\x1b[2Jhill"}
    out = io.StringIO()

    def show(invocation: Invocation) -> int:
        status.write_lines(status._lines(standing, Words("en")), invocation.out)
        return 0

    assert run_command(Invocation(Path(), "en", False, out, out), show) == 0
    assert "\x1b" not in out.getvalue()
    assert "[2Jhill" in out.getvalue()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"43.0 C", "43.0 C"),
        ("正常".encode(), "正常"),
        (b"\x00\x01", "0x0001"),
        (b"\xff", "0xff"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1.5, 1.5),
        (True, True),
        (7, 7),
        (None, None),
    ],
)
def test_a_raw_value_is_shown_as_it_came(raw: Any, shown: Any) -> None:
    """Whatever it is, it can be read, and JSON can carry it."""
    found = _shown_raw(raw)
    assert found == shown
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min 0 s")]
)
def test_lengths_carry_over(seconds: float, text: str) -> None:
    """Sixty seconds are a minute, also after rounding."""
    assert Words("en").length(seconds) == text
