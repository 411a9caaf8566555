"""A real daemon whose computer booted with a clock three hours slow: it shows the night."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.test_cli_daemon import monitord
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
from tests.support.wrong_clock import UNSYNCHRONISED_S, turn

WRONG_CLOCK = (sys.executable, "-m", "tests.support.wrong_clock")
DETECTOR = ("discrete_input", 0)
SLOW_S = 3 * 3600


def zone_at_noon() -> str:
    """Return a time zone whose time is about noon now: its hours cross no midnight."""
    hour = datetime.now(ZoneInfo("UTC")).hour
    # Signs of these names are turned: Etc/GMT+3 is three hours behind.
    return f"Etc/GMT{hour - 12:+d}"


def hours(zone: str) -> str:
    """Return hours of an hour and a half around now; three hours ago is outside of them."""
    now = datetime.now(ZoneInfo(zone))
    begin, end = now - timedelta(minutes=90), now + timedelta(minutes=90)
    return f"{begin:%H:%M}-{end:%H:%M}"


async def test_a_clock_that_shows_the_night_hides_no_outage(tmp_path: Path) -> None:
    """The clock and the outage ring at once; after a person's word every time is right."""
    zone = zone_at_noon()
    async with ModbusPlant({DETECTOR: 0}) as detector, webhook_sink() as sink:
        radio = programme("room_io.sound_present", schedule={"daily": hours(zone)})
        configuration = site(
            {"room_io": silence_detector(detector.port)},
            {"county_fm": radio},
            channels={"desk": hook(sink.port)},
            people={"duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]}},
        )
        configuration["site"] |= {"clock": "network", "time_zone": zone}
        path = write_site(tmp_path, configuration)
        clock = tmp_path / "clock"
        turn(clock, -SLOW_S, UNSYNCHRONISED_S)
        async with Daemon(path, command=(*WRONG_CLOCK, str(clock), "run", str(path))):
            await until(
                lambda: _of(sink.messages, "opened", "clock_untrusted"), "word of the clock"
            )
            assert (await monitord("status", "--strict", path)).code == 1
            fell = time.time()
            detector.cells[DETECTOR] = 1
            opened = (await until(lambda: _of(sink.messages, "opened", "off_air"), "an outage"))[0]
            assert "boot+" in opened["text"]
            said = await monitord("clock", "status", path)
            assert "not trusted (" in said.out
            assert "nobody knows how far it is wrong" in said.out
            assert "clock adopt --as ID" in said.out
            now = datetime.now(ZoneInfo(zone)).isoformat(timespec="seconds")
            adopt = ("clock", "adopt", "--as", "duty_desk", "--time", now)
            said = await monitord(*adopt, path)
            assert (said.code, "--sure" in said.err) == (1, True)
            said = await monitord(*adopt, "--sure", path)
            assert said.code == 0, said.err
            await until(lambda: _of(sink.messages, "recovered", "clock_untrusted"), "the repair")
            detector.cells[DETECTOR] = 0
            (over,) = await until(lambda: _of(sink.messages, "recovered", "off_air"), "the end")
            began = datetime.fromisoformat(over["began_not_after"]).timestamp()
            assert abs(began - fell) < 60, over


def _of(messages: list[dict[str, Any]], event: str, fault: str) -> list[dict[str, Any]]:
    """Return the messages of a kind about a fault, read from their members."""
    return [
        m
        for m in messages
        if m["event"] == event and any(f["fault"] == fault for f in m["members"])
    ]
