"""Real daemons whose wall clock jumps while they run: one outage, with true times and figures."""

from __future__ import annotations

import asyncio
import time
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.test_cli_daemon import Said, checked, monitord
from tests.integration.test_wrong_clock import DETECTOR, WRONG_CLOCK
from tests.support.agents import ModbusPlant
from tests.support.daemon import (
    Daemon,
    hook,
    programme,
    silence_detector,
    site,
    until,
    webhook_sink,
    write_site,
)
from tests.support.wrong_clock import SYNCHRONISED_S, UNSYNCHRONISED_S, turn

HOUR_S = 3600.0
BETWEEN_POLLS_S = 5.0
"""More than a poll and the detector's delay together, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Jump:
    """By how much the clock is off before and after, and what becomes known of it then."""

    before_s: float
    after_s: float
    error_before_s: float
    word: str


JUMPS = {
    "forward": Jump(0, 3 * HOUR_S, SYNCHRONISED_S, "opened"),
    "back": Jump(0, -3 * HOUR_S, SYNCHRONISED_S, "opened"),
    "right_after_1970": Jump(600 - time.time(), 0, UNSYNCHRONISED_S, "recovered"),
}


async def test_an_outage_across_a_jump_of_the_clock_is_one_with_its_true_times(
    tmp_path: Path,
) -> None:
    """By messages, incidents and counters; the commands run on the same clock as the daemon."""
    async with asyncio.TaskGroup() as lives:
        for name, jump in JUMPS.items():
            folder = tmp_path / name
            folder.mkdir()
            lives.create_task(_live(folder, jump), name=name)


async def _live(folder: Path, jump: Jump) -> None:
    """Let an outage begin before a jump of the clock and end after it."""
    clock, lived = folder / "clock", time.monotonic()
    turn(clock, jump.before_s, jump.error_before_s)
    async with ModbusPlant({DETECTOR: 0}) as detector, webhook_sink() as sink:
        path = write_site(folder, _radio(detector.port, sink.port))
        async with Daemon(path, command=(*WRONG_CLOCK, str(clock), "run", str(path))) as daemon:
            fell = time.time()
            detector.cells[DETECTOR] = 1
            await until(lambda: _of(sink.messages, "opened", "off_air"), "an outage")
            turn(clock, jump.after_s)
            said = partial(_of, sink.messages, jump.word, "clock_untrusted")
            await until(said, "word of the clock")
            rose = time.time()
            detector.cells[DETECTOR] = 0
            (over,) = await until(lambda: _of(sink.messages, "recovered", "off_air"), "the end")
            _is_true(over, fell, rose)
            assert len(_of(sink.messages, "opened", "off_air")) == 1
            found = (await _said(clock, path, "incidents", "--json")).json["incidents"]
            (impact,) = (
                one for each in found for one in each["impacts"] if one["fault"] == "off_air"
            )
            _is_true(impact, fell, rose)
            statement = (await _said(clock, path, "report", *_days(), "--json")).json
            assert abs(_moment(statement["to"]) - time.time()) < 2 * 60
            counted_s = _counted_s(await daemon.metrics())
            assert counted_s <= time.monotonic() - lived
            assert (await monitord("verify", path)).code == 0


def _radio(detector: int, desk: int) -> dict[str, Any]:
    """Return a programme that is on all day, and a desk; the clock is set over the network."""
    configuration = site(
        {"room_io": silence_detector(detector)},
        {"county_fm": programme("room_io.sound_present")},
        channels={"desk": hook(desk)},
        people={"duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]}},
    )
    configuration["site"]["clock"] = "network"
    return configuration


def _days() -> tuple[str, ...]:
    """Return a period that has all of the test in it, also about midnight."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    first, last = now - timedelta(days=1), now + timedelta(days=1)
    return "--from", f"{first:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}"


async def _said(clock: Path, path: Path, *arguments: str) -> Said:
    """Run a command as a person at this computer does: its clock is that of the daemon."""
    process = await asyncio.create_subprocess_exec(
        *WRONG_CLOCK, str(clock), *arguments, str(path), stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return checked(process.returncode, out.decode(), err.decode())


def _of(messages: list[dict[str, Any]], event: str, fault: str) -> list[dict[str, Any]]:
    """Return the messages of a kind about a fault."""
    return [
        m
        for m in messages
        if m["event"] == event and any(f["fault"] == fault for f in m["members"])
    ]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _is_true(found: dict[str, Any], fell: float, rose: float) -> None:
    """Check both ends, and the figures where they are there."""
    for end, truth in (("began", fell), ("ended", rose)):
        low = _moment(found[f"{end}_not_before"]) - BETWEEN_POLLS_S
        high = _moment(found[f"{end}_not_after"]) + BETWEEN_POLLS_S
        assert low <= truth <= high, (found, truth)
    if "least_s" in found:
        assert (
            found["least_s"] - BETWEEN_POLLS_S <= rose - fell <= found["most_s"] + BETWEEN_POLLS_S
        )


def _counted_s(metrics: Any) -> float:
    name = "monitord_programme_state_seconds_total"
    return float(sum(value for (found, _), value in metrics.samples.items() if found == name))
