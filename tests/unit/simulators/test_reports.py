"""What the station's equipment reports by itself, as a receiver of traps sees it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from monitord.traps.decode import Notification, decode
from monitord.traps.message import outline
from simulators.clock import PlantClock
from simulators.commands import Commands
from simulators.plant.county.layout import Layout
from simulators.premises import Premises
from simulators.reports import Reporting
from simulators.site_file import COUNTY_SITE, read_site
from tests.support.daemon import until
from tests.support.wire import LOCALHOST

IRT = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 1, 1)
DEVA = (1, 3, 6, 1, 4, 1, 35833, 6)


class HurriedClock(PlantClock):
    """Plant time that passes only in pauses, and in no time."""

    def __init__(self, time_zone: str) -> None:
        super().__init__(time_zone)
        self._now = 0

    def now(self) -> int:
        return self._now

    async def pause(self, seconds: float) -> None:
        self._now += round(seconds * 1_000_000)
        await asyncio.sleep(0)


class Post:
    """What came to a trap port: (community, trap) in order."""

    def __init__(self) -> None:
        self.came: list[tuple[str, Notification]] = []
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind((LOCALHOST, 0))
        self.address = (LOCALHOST, int(self._sock.getsockname()[1]))

    def look(self) -> list[tuple[str, Notification]]:
        """Take what has come."""
        while True:
            try:
                datagram = self._sock.recv(9000)
            except BlockingIOError:
                return self.came
            message = outline(datagram)
            self.came.append((message.community.decode(), decode(message.pdu)))

    def of(self, id_: str) -> list[Notification]:
        return [trap for community, trap in self.look() if community == f"traps-of-{id_}"]

    def close(self) -> None:
        self._sock.close()


@asynccontextmanager
async def station() -> AsyncIterator[tuple[Commands, Post]]:
    site = read_site(COUNTY_SITE)
    devices = {id_: replace(device, port=0) for id_, device in site.devices.items()}
    clock = HurriedClock("Asia/Shanghai")
    premises = Premises(Layout(devices, site.facts), clock, "secret")
    reporting, post = Reporting(premises, clock), Post()
    reporting.start(post.address)
    try:
        await asyncio.sleep(0)
        clock.begin()
        yield Commands(premises, clock), post
    finally:
        await reporting.stop()
        post.close()


async def test_a_transmitter_that_trips_reports_each_object_that_changes() -> None:
    """Fault, carrier, warning: numbered, each with its object, and nobody else reports."""
    async with station() as (commands, post):
        commands.carry_out("trip dtmb1")
        gone = ((*IRT, 1, 4, 0), 2)
        traps = await until(
            lambda: (t := post.of("dtmb1")) and any(gone in one.varbinds for one in t) and t,
            "the carrier of dtmb1 is reported as gone",
        )
        assert isinstance(traps, list)
        counters = [trap.event_counter for trap in traps]
        assert counters == list(range(1, len(traps) + 1))
        said = {trap.trap_oid: trap.varbinds[-1] for trap in traps}
        assert said[*IRT, 0, 6] == ((*IRT, 1, 6, 0), 1)
        assert said[*IRT, 0, 4] == gone
        assert post.of("fm_silence") == []


async def test_the_silence_switcher_reports_silence_and_its_change_of_source() -> None:
    """After the hold that is set at it, with the source each is about."""
    async with station() as (commands, post):
        commands.carry_out("silence fm_playout_main")
        await until(lambda: len(post.of("fm_silence")) >= 2, "silence and change")
        found = {trap.trap_oid: trap.varbinds[0] for trap in post.of("fm_silence")}
    assert found[*DEVA, 254, 0, 5] == ((*DEVA, 3, 1, 0), 14)
    assert found[*DEVA, 254, 0, 2] == ((*DEVA, 3, 1, 0), 16)
