"""The plant of a demonstration: its sockets, its configuration, its log, its missing reports.

Owns the small evening and the county station. Must not run the daemon.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from simulators.clock import PlantClock
from simulators.commands import HELP, Commands
from simulators.configuration import Ports, free_port, write_configuration
from simulators.county_configuration import Traps, write_county_configuration
from simulators.durations import duration_text
from simulators.equipment import Equipment
from simulators.plant.county.layout import Layout
from simulators.plant.county.log import Line, log
from simulators.plant.faults import MILLISECOND, SECOND
from simulators.plant.site import Site
from simulators.premises import Premises
from simulators.reports import Reporting
from simulators.story import Story, missing_reports
from simulators.story_file import StoryFile
from simulators.story_file import missing_reports as missing_of_file

COMMUNITY = "demonstration"
_LOOKS_EVERY = 100 * MILLISECOND

Write = Callable[[str], None]
Messages = Iterable[Mapping[str, Any]]


class Play(Protocol):
    """One demonstration's plant. ``polled`` is set by the first request from outside."""

    polled: asyncio.Event

    async def start(self) -> None:
        """Let every device listen. OSError or RuntimeError where one cannot."""

    async def stop(self) -> None:
        """Close everything; safe to call twice."""

    def write_configuration(self, folder: Path, webhook_url: str, listen_port: int) -> Path:
        """Write the daemon's configuration into ``folder`` and return its first file."""

    def describe(self) -> list[str]:
        """Return where the devices listen, in lines for the terminal."""

    async def print_log(self, until: int | None, write: Write) -> None:
        """Write what the plant does when it happens, until plant time ``until`` or for ever."""

    def missing_reports(self, messages: Messages, until: int) -> list[str]:
        """Return a line for every report due by ``until`` that is missing."""

    def carry_out(self, line: str) -> str:
        """Execute a typed command; return the answer."""


class EveningPlay:
    """The small site: one transmitter and one box of contacts, and a story with its own scenes."""

    def __init__(self, story: Story, clock: PlantClock) -> None:
        self._story = story
        self._clock = clock
        self._equipment = Equipment(Site(story.faults), clock, COMMUNITY)
        self.polled = self._equipment.polled

    async def start(self) -> None:
        await self._equipment.start()

    async def stop(self) -> None:
        await self._equipment.stop()

    def write_configuration(self, folder: Path, webhook_url: str, listen_port: int) -> Path:
        ports = Ports(self._equipment.snmp.port, self._equipment.modbus.port, listen_port)
        return write_configuration(folder, ports, COMMUNITY, webhook_url)

    def describe(self) -> list[str]:
        snmp, modbus = self._equipment.snmp.port, self._equipment.modbus.port
        return [f"fm1: SNMP 127.0.0.1:{snmp}  room_io: Modbus 127.0.0.1:{modbus}"]

    async def print_log(self, until: int | None, write: Write) -> None:
        for scene in self._story.scenes:
            if until is not None and scene.at > until:
                break
            await self._clock.sleep_until(scene.at)
            write(f"plant    {scene.zh} / {scene.en}")
        if until is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep_until(until)

    def missing_reports(self, messages: Messages, until: int) -> list[str]:
        return missing_reports(self._story, messages, until)

    def carry_out(self, line: str) -> str:
        return "the small site takes no commands" if line.strip() else ""


class CountyPlay:
    """The county station with a story from a file; commands may be typed while it plays."""

    def __init__(self, layout: Layout, story: StoryFile, clock: PlantClock) -> None:
        self._story = story
        self._clock = clock
        self._premises = Premises(layout, clock, COMMUNITY, story.faults)
        self._commands = Commands(self._premises, clock)
        self._reporting = Reporting(self._premises, clock)
        self._traps_port = free_port(socket.SOCK_DGRAM)
        self.polled = self._premises.polled

    async def start(self) -> None:
        await self._premises.start_anywhere()
        self._reporting.start(("127.0.0.1", self._traps_port))

    async def stop(self) -> None:
        await self._reporting.stop()
        await self._premises.stop()

    def write_configuration(self, folder: Path, webhook_url: str, listen_port: int) -> Path:
        ports = self._premises.ports()
        traps = Traps(self._traps_port, self._reporting.communities)
        return write_county_configuration(
            folder, ports, COMMUNITY, webhook_url, listen_port, traps=traps
        )

    def describe(self) -> list[str]:
        ports = self._premises.ports().values()
        return [
            f"{len(ports)} devices on 127.0.0.1, ports {min(ports)} to {max(ports)}",
            f"{self._story.zh} / {self._story.en}",
        ]

    async def print_log(self, until: int | None, write: Write) -> None:
        written_to, is_over = 0, False
        while until is None or written_to < until:
            now = self._clock.now()
            for line in log(self._premises.station, written_to, now):
                write(_plant_line(line))
            written_to = now
            if until is None and not is_over and now >= self._story.lasts:
                is_over = True
                write(f"demo     the story is over; Ctrl-C ends everything. You may type: {HELP}")
            await self._clock.sleep_until(now + _LOOKS_EVERY)

    def missing_reports(self, messages: Messages, until: int) -> list[str]:
        return missing_of_file(self._story, messages, until)

    def carry_out(self, line: str) -> str:
        return self._commands.carry_out(line)


def _plant_line(line: Line) -> str:
    mark = "fault  " if line.is_cause else "plant  "
    return f"{mark}  {line.zh} / {line.en}  [{duration_text(line.at // SECOND * SECOND)}]"
