"""The shared socket polls Debian's snmpd with every version and level of security."""

from __future__ import annotations

import select
import socket
from pathlib import Path

import pytest

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.decoding.model import Decoding
from monitord.devices.model import DeviceSettings
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V1, V2C, Community, SnmpPoint, SnmpSource, User
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from tests.integration.test_usm_snmpd import SYSTEM, USERS, snmpd
from tests.support.wire import LOCALHOST, free_port

pytestmark = pytest.mark.needs_snmpd

POINTS = (
    SnmpPoint("up_time_s", (*SYSTEM, 3, 0), Decoding("number", scale=0.01)),
    SnmpPoint("location", (*SYSTEM, 6, 0), Decoding("text")),
    SnmpPoint("services", (*SYSTEM, 7, 0), Decoding("number")),
    SnmpPoint("object_id", (*SYSTEM, 2, 0), Decoding("text")),
)
BY_NAME = {user.name: user for user in USERS}
NAMES = ("plain", "sha256", "md5_des", "sha1_aes128", "sha512_aes256c")
SECURITIES: tuple[Community | User, ...] = (
    Community(V1, "public"),
    Community(V2C, "public"),
    *(BY_NAME[name] for name in NAMES),
)
AMPLE_S = 20
TURNS = 4


async def test_shared_socket_polls_snmpd_by_every_version(tmp_path: Path) -> None:
    """Rule: the shared socket reads the same values; only those that differ are ``changed``."""
    port = free_port(socket.SOCK_DGRAM)
    sources = [SnmpSource(LOCALHOST, port, security, POINTS) for security in SECURITIES]
    devices = [
        DeviceSettings(f"d{number}", "", SECOND, AMPLE_S * SECOND, source)
        for number, source in enumerate(sources)
    ]
    readers = [SnmpReader(source) for source in sources]
    shared_socket, clock = SnmpSharedSocket(devices, readers), SystemClock(None)
    with snmpd(tmp_path, port, "rocommunity public 127.0.0.1\n"):
        first = [await reader.read_raw(AMPLE_S) for reader in readers]
        assert {raws[1:3] for raws in first} == {("大别山".encode(), 72)}
        assert all(shared_socket.learn(number) for number in range(len(readers)))
        for turn in range(TURNS):
            shared_socket.send(range(len(readers)), clock.now())
            ended: list[PollResult] = []
            while len(ended) < len(readers):
                assert select.select([shared_socket], [], [], AMPLE_S)[0]
                ended += shared_socket.drain(clock.now())
            for came in ended:
                assert isinstance(came.raws, list)
                assert came.raws[1:] == list(first[came.member][1:])
                assert came.raws[0] >= first[came.member][0]  # type: ignore[operator]
                assert came.changed in ((None,) if turn == 0 else ((), (0,)))
    assert (
        shared_socket.counts.slow
        == shared_socket.counts.handed_back
        == shared_socket.counts.failures
        == 0
    )
    shared_socket.close()
    for reader in readers:
        await reader.close()
