"""The SNMP reader against Debian's snmpd: one agent that nobody of us wrote."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.wire import LOCALHOST, free_port

pytestmark = pytest.mark.needs_snmpd

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
POINTS = (
    SnmpPoint("up_time_s", (*SYSTEM, 3, 0), Decoding("number", scale=0.01)),
    SnmpPoint("location", (*SYSTEM, 6, 0), Decoding("text")),
    SnmpPoint("nothing", (*SYSTEM, 99, 0), Decoding("number")),
    SnmpPoint("services", (*SYSTEM, 7, 0), Decoding("number")),
    SnmpPoint("object_id", (*SYSTEM, 2, 0), Decoding("text")),
)
ATTEMPTS = 100


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Run snmpd with one community, until it answers."""
    configuration = tmp_path / "snmpd.conf"
    configuration.write_text("rocommunity public 127.0.0.1\nsysLocation 大别山\nsysServices 72\n")
    free = free_port(socket.SOCK_DGRAM)
    program = shutil.which("snmpd")
    assert program is not None
    agent = await asyncio.create_subprocess_exec(
        program, "-f", "-C", "-c", str(configuration), "-Lf", str(tmp_path / "log"),
        "-p", str(tmp_path / "pid"), f"udp:{LOCALHOST}:{free}",
        env={"SNMP_PERSISTENT_DIR": str(tmp_path), "SNMPCONFPATH": str(tmp_path)},
    )  # fmt: skip
    try:
        await answering(free)
        yield free
    finally:
        agent.terminate()
        await agent.wait()


def reader_of(port: int, community: str, points: tuple[SnmpPoint, ...] = POINTS) -> DecodedReader:
    """Return a reader of these points."""
    source = SnmpSource(LOCALHOST, port, Community(V2C, community), points)
    return decoded_reader(SnmpReader, source)


async def answering(port: int) -> None:
    """Wait until the agent answers at all."""
    reader = decoded_reader(
        SnmpReader, SnmpSource(LOCALHOST, port, Community(V2C, "public"), POINTS[:1])
    )
    for _ in range(ATTEMPTS):
        try:
            await reader.read(1)
        except ReadError:
            await asyncio.sleep(0.1)
        else:
            break
    await reader.close()


async def test_snmpd_is_read_with_its_absent_objects(port: int) -> None:
    """Numbers, text, an object identifier, and what the agent does not have."""
    reader = decoded_reader(
        SnmpReader, SnmpSource(LOCALHOST, port, Community(V2C, "public"), POINTS)
    )
    up_time_s, location, nothing, services, object_id = await reader.read(20)
    await reader.close()
    assert isinstance(up_time_s, float)
    assert up_time_s > 0
    assert (location, nothing, services) == ("大别山", None, 72)
    assert str(object_id).startswith("1.3.6.1.4.1.8072.")


async def test_snmpd_gives_a_wrong_community_no_answer(port: int) -> None:
    """Silence, so a timeout: the person who can mend it is told what was tried, not the secret."""
    reader = decoded_reader(
        SnmpReader, SnmpSource(LOCALHOST, port, Community(V2C, "other-secret"), POINTS)
    )
    with pytest.raises(ReadError) as caught:
        await reader.read(0.3)
    assert caught.value.kind == "timeout"
    assert "other-secret" not in str(caught.value)
