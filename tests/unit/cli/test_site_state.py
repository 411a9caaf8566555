"""``monitord site-state``, and what ``status`` prints while somebody is at work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.control.model import refusal
from monitord.texts.commands import TEXTS
from tests.unit.cli.daemons import asked, status_of
from tests.unit.cli.test_status import LANGUAGES, STATUS

STATE = {
    "number": 4,
    "where": "inside",
    "device": "fm1",
    "name": "FM 1",
    "who": "Zhang San",
    "ticket": "T-7",
    "person": "ann",
    "since": "2026-11-28T03:12:07+08:00",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_site_state_is_sent_as_it_was_given(station: Path, language: str) -> None:
    """Where, who, which device, which ticket, and who says so; then what must not be done."""
    requests: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        return {"ok": True, "number": 4, "left": 1, "recorded": True}

    options = ("--where", "inside", "--device", "fm1", "--who", "Zhang San", "--ticket", "T-7")
    printed = await asked(
        station, answer, "site-state", "set", *options, "--as", "ann", language=language
    )
    given = {"where": "inside", "device": "fm1", "who": "Zhang San", "ticket": "T-7"}
    assert requests == [{"command": "site_state_set", **given, "person": "ann"}]
    assert TEXTS[language]["site_state.forbidden"] in printed.out
    assert printed.code == 0


async def test_the_last_site_state_that_is_cleared_forbids_nothing_any_more(station: Path) -> None:
    """The number, and that none is left."""
    requests: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        return {"ok": True, "number": 4, "left": 0, "recorded": True}

    printed = await asked(station, answer, "site-state", "clear", "4", "--as", "ann")
    assert requests == [{"command": "site_state_clear", "number": 4, "person": "ann"}]
    assert printed.out.splitlines() == ["site state 4 cleared, 0 left"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["no_device", "unknown_site_state", "unknown_device"])
async def test_a_refused_site_state_says_why(station: Path, code: str, language: str) -> None:
    """One sentence that names what to write instead, and exit code 1."""
    options = ("site-state", "clear", "9", "--as", "ann")
    printed = await asked(station, lambda _: refusal(code), *options, language=language)
    assert TEXTS[language][f"refused.{code}"] in printed.err
    assert printed.code == 1


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "4 FM 1内：Zhang San，03:12:07起，工作票T-7"),
        ("en", "4 inside FM 1: Zhang San, since 03:12:07, ticket T-7"),
    ],
)
async def test_status_begins_with_what_must_not_be_switched_on(
    station: Path, language: str, line: str
) -> None:
    """Before anything else; nothing of it while nobody is at work."""
    status = STATUS | {"as_of": "2026-11-28T04:00:00+08:00", "site_states": [STATE]}
    printed = await status_of(station, status, language=language)
    first, second, *_ = (each.strip() for each in printed.out.splitlines())
    assert (first, second) == (TEXTS[language]["site_state.forbidden"], line)
    without = await status_of(station, STATUS | {"site_states": []}, language=language)
    assert TEXTS[language]["site_state.forbidden"] not in without.out
