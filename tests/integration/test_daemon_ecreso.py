"""Recorded Ecreso transmitters, replayed by snmpsim, watched with the shipped profile."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemon import (
    Daemon,
    answering,
    child,
    hook,
    profiled,
    programme,
    site,
    until,
    webhook_sink,
    write_site,
)
from tests.support.wire import LOCALHOST, free_port

pytestmark = pytest.mark.needs_shared

OFF = "ecresofm-os"
ON = ("ecresofm-os_e01", "ecresofm-os_e03", "ecresofm-os_g10")
WALKS = (OFF, *ON)
UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
START_S = 60.0
"""snmpsim imports all of pysnmp and indexes every recording before it answers."""


@pytest.fixture
async def replayed(tmp_path: Path, shared: Path) -> AsyncIterator[int]:
    """Run snmpsim with a copy of each recording; the community chooses the recording."""
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    for walk in WALKS:
        shutil.copy(shared / "librenms" / "transmitter" / f"{walk}.snmprec", recordings)
    port = free_port(socket.SOCK_DGRAM)
    responder = Path(sys.executable).with_name("snmpsim-command-responder")
    # As root it refuses to run without a user and a group.
    as_root = ("--process-user=root", "--process-group=root") if os.getuid() == 0 else ()
    command = (
        str(responder), f"--data-dir={recordings}", f"--cache-dir={tmp_path / 'cache'}", *as_root,
        f"--agent-udpv4-endpoint={LOCALHOST}:{port}",
    )  # fmt: skip
    async with child(*command, log=tmp_path / "snmpsim.log"):
        for walk in WALKS:
            await answering(port, walk, UP_TIME, START_S)
        yield port


def device(walk: str) -> str:
    """Return a recording's device id."""
    return walk.replace("-", "_")


def configuration(port: int, sink_port: int) -> dict[str, Any]:
    """Every recording is a transmitter with a programme of its own."""
    devices = {
        device(walk): profiled(
            port,
            "worldcast-ecreso-fm",
            name=walk,
            secret=walk,
            poll_every="500ms",
            deadline="400ms",
        )
        for walk in WALKS
    }
    programmes = {
        f"over_{device(walk)}": programme(f"{device(walk)}.radiating", name=walk) for walk in WALKS
    }
    people = {"duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]}}
    return site(devices, programmes, channels={"desk": hook(sink_port)}, people=people)


async def test_a_transmitter_without_power_is_off_air_though_it_shows_no_fault(
    tmp_path: Path, replayed: int
) -> None:
    """0 W of the wanted 2,000 W is no carrier, whatever the summary alarm says; others are on."""
    off = f"over_{device(OFF)}"
    async with webhook_sink() as sink:
        path = write_site(
            tmp_path, configuration(replayed, sink.port), communities={walk: walk for walk in WALKS}
        )
        async with Daemon(path) as daemon:
            await daemon.state(off, "off_air")
            for walk in ON:
                await daemon.state(f"over_{device(walk)}", "on_air")
            seen = await daemon.metrics()
            said = {"device": device(OFF), "point": "fault"}
            assert seen.value("point_state", **said, state="fine") == 1
            assert seen.value("point_state", **said, state="fault") == 0
            assert seen.value("point_watts", device=device(OFF), point="wanted_power_w") == 2000
            assert seen.value("incidents_open", severity="critical") == 1
            await until(lambda: sink.messages, "a message")
            assert await daemon.stop() == 0
    (message,) = sink.messages
    assert (message["event"], message["programme"]) == ("opened", off)
    assert (message["observed"], message["column"]) == ("bad:no_carrier", "off_air")
    assert (message["reason"], message["severity"]) == ("no_carrier", "critical")
    # WORDING B: off air, and the words for the condition `radiating` being false.
    assert "OFF AIR" in message["title"]
    assert "no output power" in message["cause"]
