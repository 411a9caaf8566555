"""Nobody reads the terminal, the pipe of the logs is full: polls and messages go on."""

from __future__ import annotations

import os
import pty
import shlex
import termios
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulators.agents.sink import WebhookSink
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    RUN,
    Daemon,
    hook,
    programme,
    site,
    transmitter,
    until,
    webhook_sink,
    write_site,
)

ON, OFF = 100, 0
CHUNK = 65_536


@dataclass(slots=True)
class Plant:
    """The transmitter, the desk, and the configuration; the console reports too."""

    fm1: SnmpAgent
    sink: WebhookSink
    path: Path

    def daemon(self, file: str) -> Daemon:
        """Return the daemon with both of its streams on ``file``."""
        line = f"exec {shlex.join([*RUN, str(self.path)])} >>{file} 2>&1"
        return Daemon(self.path, command=("sh", "-c", line))

    async def goes_on(self, daemon: Daemon) -> None:
        """Let the carrier go and come back: both are reported, and metrics are answered."""
        for value, word, state in ((OFF, "opened", "off_air"), (ON, "recovered", "on_air")):
            told = len(self.sink.messages)
            self.fm1.values[POWER] = value
            await until(lambda told=told: len(self.sink.messages) > told, f"{word} is sent")
            assert self.sink.messages[-1]["event"] == word
            await daemon.state("county_fm", state)
        assert (await daemon.get("/-/healthy"))[0] == 200


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    """Run what is watched, and the desk."""
    async with webhook_sink() as sink, SnmpAgent({POWER: ON}, community=COMMUNITY) as fm1:
        people = {
            "duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]},
            "wall": {"name": "大屏", "language": "zh", "tell": ["console"]},
        }
        path = write_site(
            tmp_path,
            site(
                {"fm1": transmitter(fm1.port)},
                {"county_fm": programme("fm1.radiating")},
                channels={"desk": hook(sink.port)},
                people=people,
            ),
        )
        yield Plant(fm1, sink, path)


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """Return a terminal and its name; nobody reads it, as in a window that was scrolled back."""
    master, slave = pty.openpty()
    yield slave, os.ttyname(slave)
    os.close(slave)
    os.close(master)


async def test_a_stopped_terminal_stops_no_watch(plant: Plant, terminal: tuple[int, str]) -> None:
    """Somebody pressed Ctrl-S: the outage is reported all the same."""
    slave, name = terminal
    async with plant.daemon(name) as daemon:
        await daemon.state("county_fm", "on_air")
        termios.tcflow(slave, termios.TCOOFF)
        await plant.goes_on(daemon)
        termios.tcflow(slave, termios.TCOON)
        assert await daemon.stop() == 0


async def test_a_full_pipe_of_logs_stops_no_watch(plant: Plant, tmp_path: Path) -> None:
    """Whatever reads the logs hangs: they wait, and the watch does not."""
    fifo = tmp_path / "logs"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    try:
        with suppress(BlockingIOError):
            while os.write(reader, b"." * CHUNK):
                pass
        async with plant.daemon(str(fifo)) as daemon:
            await daemon.state("county_fm", "on_air")
            await plant.goes_on(daemon)
            with suppress(BlockingIOError):
                while os.read(reader, CHUNK):
                    pass
            assert await daemon.stop() == 0
    finally:
        os.close(reader)
