"""``monitord clock``, and how other commands say that times are uncertain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.core.clock_quality import SYNCHRONISED
from monitord.core.model import HOUR, ClockRead
from monitord.texts.commands import TEXTS
from tests.support.seam import OFFSET
from tests.unit.cli.commands import monitord
from tests.unit.cli.daemons import asked, status_of
from tests.unit.cli.test_status import STATUS
from tests.unit.test_report import kept
from tests.unit.test_report_clock import stepped

NIGHT, DAY = "2026-11-11T05:00:00+08:00", "2026-11-11T08:00:00+08:00"
UNCERTAIN = {
    "en": "uncertain times, the clock is contradictory: from ",
    "zh": "以后的时刻仅供参考：时钟有矛盾",
}


def clock(held: str, shown: str) -> dict[str, Any]:
    """Return the answer of a daemon whose clock contradicts itself."""
    found = {"trust": "disputed", "alarm": "disputed", "since": NIGHT, "bound_s": 1.0}
    return {"ok": True, "clock": found | {"held": held, "shown": shown, "rivals": []}}


@pytest.mark.parametrize(
    ("held", "shown", "time", "is_asked"),
    [
        (NIGHT, DAY, None, True),
        (NIGHT, DAY, DAY, True),
        (NIGHT, DAY, NIGHT, False),
        (DAY, NIGHT, DAY, True),
        (DAY, NIGHT, None, False),
        (DAY, DAY, None, False),
    ],
)
async def test_a_time_after_which_no_earlier_one_is_taken_is_asked_for_twice(
    station: Path, held: str, shown: str, time: str | None, is_asked: bool
) -> None:
    """Whether it is stated or is what the clock shows; with --sure it is taken at once."""
    commands: list[str] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        commands.append(request["command"])
        return clock(held, shown)

    given = ("clock", "adopt", "--as", "duty_desk", *(() if time is None else ("--time", time)))
    said = await asked(station, answer, *given)
    assert (said.code, "--sure" in said.err) == (1 if is_asked else 0, is_asked)
    assert ("clock_adopt" in commands) is not is_asked
    assert (await asked(station, answer, *given, "--sure")).code == 0
    assert commands[-1] == "clock_adopt"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("trust", ["trusted", "holdover", "assumed", "disputed", "untrusted"])
async def test_a_status_says_from_when_on_its_times_are_uncertain(
    station: Path, language: str, trust: str
) -> None:
    """Times of a clock that nobody trusts look like any others."""
    found = STATUS | {"clock": {"trust": trust, "since": "2026-11-24T09:30:00.000+08:00"}}
    shown = (await status_of(station, found, language=language)).out
    words = TEXTS[language][f"trust.{trust}"]
    assert (words in shown) == (trust in ("disputed", "untrusted"))
    if words in shown:
        assert "09:30:00" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_incidents_of_an_uncertain_clock_are_listed_below_its_span(
    tmp_path: Path, language: str
) -> None:
    """Those that were over before it are not."""
    watch = stepped(3 * HOUR)
    further = watch.driver.now + OFFSET + watch.driver.clock_error + 4 * HOUR
    watch.driver.tick([ClockRead(watch.driver.now, further, SYNCHRONISED)], watch.driver.now)
    path = kept(tmp_path, watch)
    assert UNCERTAIN[language] in monitord("incidents", path, language=language).out
    (span,) = monitord("incidents", path, "--json").json["clock_uncertain"]
    assert (span["trust"], span["from"][:16], span["to"]) == ("disputed", "2026-11-11T12:01", None)
    (tmp_path / "right").mkdir()
    path = kept(tmp_path / "right", stepped(0))
    assert monitord("incidents", path, "--json").json["clock_uncertain"] == []
