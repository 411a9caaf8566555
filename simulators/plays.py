"""What a demonstration is played with: a plant on sockets, its configuration, its log, its verdict.

Owns how the small evening and the county station are each put on. Must not run the daemon.
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
from simulators.story import Story, untold
from simulators.story_file import StoryFile
from simulators.story_file import untold as untold_of_file

COMMUNITY = "demonstration"
_LOOKS_EVERY = 100 * MILLISECOND

Say = Callable[[str], None]
Messages = Iterable[Mapping[str, Any]]


class Play(Protocol):
    """One demonstration's plant. ``polled`` is set by the first question from outside."""

    polled: asyncio.Event

    async def start(self) -> None:
        """Let every device listen. OSError or RuntimeError where one cannot."""

    async def stop(self) -> None:
        """Close everything; safe to call twice."""

    def write_configuration(self, folder: Path, webhook_url: str, listen_port: int) -> Path:
        """Write the daemon's configuration into ``folder`` and return its first file."""

    def describe(self) -> list[str]:
        """Return where the devices listen, in lines for the terminal."""

    async def tell(self, until: int | None, say: Say) -> None:
        """Say what the plant does as it does it, until plant time ``until`` or for ever."""

    def untold(self, messages: Messages, until: int) -> list[str]:
        """Return a line for everything due ``until`` then that was not told."""

    def carry_out(self, line: str) -> str:
        """Do what somebody typed; return the answer."""


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

    async def tell(self, until: int | None, say: Say) -> None:
        for scene in self._story.scenes:
            if until is not None and scene.at > until:
                break
            await self._clock.sleep_until(scene.at)
            say(f"plant    {scene.zh} / {scene.en}")
        if until is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep_until(until)

    def untold(self, messages: Messages, until: int) -> list[str]:
        return untold(self._story, messages, until)

    def carry_out(self, line: str) -> str:
        return "the small site takes no commands" if line.strip() else ""


class CountyPlay:
    """The county station with a story from a file; commands may be typed while it plays."""

    def __init__(self, layout: Layout, story: StoryFile, clock: PlantClock) -> None:
        self._story = story
        self._clock = clock
        self._premises = Premises(layout, clock, COMMUNITY, story.mishaps)
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

    async def tell(self, until: int | None, say: Say) -> None:
        told_to, is_over = 0, False
        while until is None or told_to < until:
            now = self._clock.now()
            for line in log(self._premises.station, told_to, now):
                say(_plant_line(line))
            told_to = now
            if until is None and not is_over and now >= self._story.lasts:
                is_over = True
                say(f"demo     the story is over; all goes on until Ctrl-C. You may type: {HELP}")
            await self._clock.sleep_until(now + _LOOKS_EVERY)

    def untold(self, messages: Messages, until: int) -> list[str]:
        return untold_of_file(self._story, messages, until)

    def carry_out(self, line: str) -> str:
        return self._commands.carry_out(line)


def _plant_line(line: Line) -> str:
    mark = "fault  " if line.is_cause else "plant  "
    return f"{mark}  {line.zh} / {line.en}  [{duration_text(line.at // SECOND * SECOND)}]"
