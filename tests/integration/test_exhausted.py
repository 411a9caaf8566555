"""No descriptor and no memory is left: the daemon goes on, and catches up when there is some."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulators.agents.sink import WebhookSink
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
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
STANDARD = 3
"""Descriptors that every program has; the limit is the first number that is not given."""
ROOM = 20 << 20
"""Octets that the daemon has more than its limit: no new piece is given to it."""


@dataclass(slots=True)
class Watched:
    """A daemon that watches one transmitter, and the desk that it reports to."""

    daemon: Daemon
    fm1: SnmpAgent
    sink: WebhookSink

    def limit(self, kind: int, most: int) -> None:
        """Set the soft limit of the running daemon."""
        hard = resource.prlimit(self.daemon.pid, kind)[1]
        resource.prlimit(self.daemon.pid, kind, (most if hard < 0 else min(most, hard), hard))

    def unlimit(self, kind: int) -> None:
        """Give it what it may have."""
        hard = resource.prlimit(self.daemon.pid, kind)[1]
        resource.prlimit(self.daemon.pid, kind, (hard, hard))

    async def outage_is_reported_to_its_end(self) -> None:
        """See the outage reported, end it, see its end reported, and end the daemon."""
        await until(lambda: self.events() == ["opened"], "the outage is reported")
        self.fm1.values[POWER] = ON
        await until(lambda: self.events() == ["opened", "recovered"], "its end is reported")
        assert await self.daemon.stop() == 0

    def events(self) -> list[str]:
        """Return what the desk got of the outage, in order."""
        return [one["event"] for one in self.sink.messages if one["observed"] != "blind"]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """The daemon has answers of its transmitter."""
    fm1 = SnmpAgent({POWER: ON}, community=COMMUNITY)
    async with webhook_sink() as sink, fm1:
        people = {"desk": {"name": "desk", "language": "en", "tell": ["desk"]}}
        settings = site(
            {"fm1": transmitter(fm1.port)},
            {"county_fm": programme("fm1.radiating")},
            channels={"desk": hook(sink.port)},
            people=people,
        )
        async with Daemon(write_site(tmp_path, settings)) as daemon:
            await daemon.state("county_fm", "on_air")
            yield Watched(daemon, fm1, sink)


def address_space(pid: int) -> int:
    """Return the octets of address space that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[0]) * resource.getpagesize()


async def test_a_daemon_without_descriptors_polls_on_and_reports_when_it_has_some(
    watched: Watched,
) -> None:
    """The outage is seen with the socket that is open; the message waits, and is not lost."""
    daemon = watched.daemon
    watched.limit(resource.RLIMIT_NOFILE, STANDARD)
    watched.fm1.values[POWER] = OFF
    await daemon.logged("incident_opened", "county_fm")
    await daemon.logged("delivery_failed", "too many open files")
    assert watched.events() == []
    watched.unlimit(resource.RLIMIT_NOFILE)
    await watched.outage_is_reported_to_its_end()


async def test_a_daemon_without_memory_polls_on_and_reports(watched: Watched) -> None:
    """It has more than it may, so that the system gives it no new piece."""
    daemon = watched.daemon
    most = address_space(daemon.pid) - ROOM
    watched.limit(resource.RLIMIT_AS, most)
    # Whether a page is served then depends on what is free in pieces that it has.
    await asyncio.gather(*(daemon.get("/metrics") for _ in range(8)))
    watched.fm1.values[POWER] = OFF
    await until(lambda: watched.events() == ["opened"], "the outage is reported")
    assert address_space(daemon.pid) > most
    watched.unlimit(resource.RLIMIT_AS)
    await daemon.metrics()
    await watched.outage_is_reported_to_its_end()
