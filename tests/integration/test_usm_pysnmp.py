"""SNMPv3 against pysnmp's own engine as the agent: a second implementation beside net-snmp's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpPoint, SnmpSource, User
from tests.support.daemon import until
from tests.support.decoding import decoded_reader
from tests.support.usm_agent import AUTH_OIDS, PRIV_OIDS
from tests.support.wire import LOCALHOST

AUTH, PRIV = "authpass123", "privpass123"
POINT = SnmpPoint("description", (1, 3, 6, 1, 2, 1, 1, 1, 0), Decoding("text"))
AMPLE_S = 20
SILENT_S = 3
"""Before it the agent must have answered a discovery."""
USERS = [
    User("sha256_aes128", "sha256", "aes128", AUTH, PRIV),
    User("sha1_aes256", "sha1", "aes256", AUTH, PRIV),
    User("sha1_aes256c", "sha1", "aes256c", AUTH, PRIV),
    User("sha1_aes192", "sha1", "aes192", AUTH, PRIV),
    User("md5_aes192c", "md5", "aes192c", AUTH, PRIV),
    User("md5_des", "md5", "des", AUTH, PRIV),
    User("sha512", "sha512", "", AUTH),
]


def responder(transport: udp.UdpTransport) -> Any:
    """Return pysnmp's engine as an agent with these users."""
    agent = engine.SnmpEngine()
    config.add_transport(agent, udp.DOMAIN_NAME, transport)
    for user in USERS:
        keys: tuple[Any, ...] = (AUTH_OIDS[user.auth], AUTH)
        keys += (PRIV_OIDS[user.priv], PRIV) if user.priv else ()
        config.add_v3_user(agent, user.name, *keys)
        level = "authPriv" if user.priv else "authNoPriv"
        config.add_vacm_user(agent, 3, user.name, level, (1, 3, 6), (1, 3, 6))
    cmdrsp.GetCommandResponder(agent, context.SnmpContext(agent))
    return agent


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Serve the agent on this test's loop."""
    transport = udp.UdpTransport().open_server_mode((LOCALHOST, 0))
    agent = responder(transport)
    await until(lambda: transport.transport is not None, "the agent's socket opens")
    yield transport.transport.get_extra_info("sockname")[1]
    agent.close_dispatcher()
    await asyncio.sleep(0)


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
async def test_pysnmps_engine_is_read_by_each_way_of_its_keys(user: User, port: int) -> None:
    """It pads what it encrypts, and reports as its authors read the RFC."""
    reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, port, user, (POINT,)))
    for _ in range(2):
        (description,) = await reader.read(AMPLE_S)
        assert "PySNMP" in str(description)
    await reader.close()
    assert not reader.reader.remarks


@pytest.mark.parametrize(
    ("user", "named"),
    [
        (User("nobody", "sha1", "", AUTH), "agent does not know user 'nobody'"),
        (User("sha512", "sha512", "", "another-one"), "does not accept the digests"),
    ],
    ids=["user", "key"],
)
async def test_reports_of_pysnmp_name_the_setting(user: User, named: str, port: int) -> None:
    """The same texts for the same mistakes."""
    reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, port, user, (POINT,)))
    with pytest.raises(ReadError, match=named) as caught:
        await reader.read(AMPLE_S)
    assert caught.value.kind == "error_status"
    await reader.close()


async def test_a_level_that_pysnmp_drops_without_a_word_says_where_to_look(port: int) -> None:
    """Its engine answers a discovery, and drops requests above the user's level."""
    user = User("sha512", "sha512", "aes128", AUTH, PRIV)
    reader = decoded_reader(SnmpReader, SnmpSource(LOCALHOST, port, user, (POINT,)))
    with pytest.raises(ReadError, match="check priv_file and priv") as caught:
        await reader.read(SILENT_S)
    assert caught.value.kind == "timeout"
    await reader.close()
