"""A cable out of our own switch, and a site without power, over a real network.

In both no device answers. Only the first is our own side: the equipment may be well.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    Daemon,
    programme,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.namespaces import EQUIPMENT, Cable, cable

pytestmark = [
    pytest.mark.needs_ip,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces"),
]

SITE_SILENT, LOST = "SITE SILENT", "MONITORING LOST"
AGENTS = 3
ANSWERED_S = 3.0
"""Until every device was asked several times."""
SETTLED_S = 8.0
"""Longer than a silent site waits before it is reported."""


@asynccontextmanager
async def equipment(line: Cable) -> AsyncIterator[dict[str, int]]:
    """Run agents on the other side; give the port of each."""
    ports: dict[str, int] = {}
    agents = [SnmpAgent({POWER: 120}, community=COMMUNITY) for _ in range(AGENTS)]
    try:
        for number, agent in enumerate(agents):
            await agent.start(await line.opened(socket.SOCK_DGRAM))
            ports[f"tx{number}"] = agent.port
        yield ports
    finally:
        for agent in agents:
            agent.stop()


def configuration(folder: Path, ports: dict[str, int]) -> Path:
    """Write a site of agents that are all behind the cable; return its file."""
    devices = {name: transmitter(port, name=name) for name, port in ports.items()}
    for device in devices.values():
        device["snmp"]["address"] = EQUIPMENT
    blind = {"open_after": "2s", "clear_after": "1s", "severity": "major"}
    programmes = {
        f"fm_{name}": programme(f"{name}.radiating", name=f"FM {name}", blind=blind)
        for name in ports
    }
    return write_site(folder, site(devices, programmes))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Daemon, Cable]]:
    """A daemon on the box's side that has answers of every device."""
    with cable() as line:
        async with equipment(line) as ports:
            daemon = Daemon(configuration(tmp_path, ports), prefix=line.prefix)
            await daemon.start()
            try:
                await daemon.logged("monitord_started")
                yield daemon, line
            finally:
                await daemon.kill()
                daemon.shows_no_secret()


def _reported(daemon: Daemon, words: str) -> list[str]:
    return [line for line in daemon.out if words in line]


async def test_a_cable_out_of_our_own_switch_is_reported_as_our_own_side(
    running: tuple[Daemon, Cable],
) -> None:
    """Monitoring is lost; no message says that the site is silent, and it comes back."""
    daemon, line = running
    await asyncio.sleep(ANSWERED_S)
    line.pull_out()
    await daemon.logged("own_interface_without_link", "eth7")
    await until(lambda: _reported(daemon, LOST), "monitoring is lost")
    await asyncio.sleep(SETTLED_S)
    assert _reported(daemon, SITE_SILENT) == []
    line.put_in()
    await daemon.logged("device_answered_again", "tx0")


async def test_a_site_without_power_is_reported_as_silent(running: tuple[Daemon, Cable]) -> None:
    """Nobody is at any address, and the network says so; our own side is well."""
    daemon, line = running
    await asyncio.sleep(ANSWERED_S)
    line.switch_off()
    await until(lambda: _reported(daemon, SITE_SILENT), "the site is silent")
    await asyncio.sleep(SETTLED_S)
    assert _reported(daemon, "SITE ANSWERS") == []
