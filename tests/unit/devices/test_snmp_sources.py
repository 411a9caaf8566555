"""Answers from another address: named after a silence, trusted where configured or authentic."""

from __future__ import annotations

import socket

import pytest
from pysnmp.proto.api import v2c

from monitord.decoding.model import Decoding
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource, User
from tests.support.agents import SnmpAgent
from tests.support.usm_agent import UserKeys, UsmAgent
from tests.support.wire import LOCALHOST, DatagramServer, Reply

OTHER = "127.0.0.9"
OID = (1, 3, 6, 1, 4, 1, 99999, 1, 0)
POINT = SnmpPoint("p", OID, Decoding("number"))
PUBLIC = Community(V2C, "public")
SOON_S, AMPLE_S = 0.2, 20.0


class AnswersElsewhere(DatagramServer):
    """Takes requests at 127.0.0.1 and answers from ``OTHER``, while ``is_elsewhere``."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.is_elsewhere = True
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.bind((OTHER, 0))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.is_elsewhere:
            super().datagram_received(data, addr)
            return
        self.requests.append(data)
        for datagram in self.reply(data):
            self.back.sendto(datagram, addr)

    def stop(self) -> None:
        super().stop()
        self.back.close()


def plain_agent() -> AnswersElsewhere:
    """Return an agent of v2c with one object."""
    return AnswersElsewhere(SnmpAgent({OID: 7}).answer)


def reader_of(port: int, security: Community | User, *answers_from: str) -> SnmpReader:
    """Return the reader of the agent at 127.0.0.1."""
    source = SnmpSource(LOCALHOST, port, security, (POINT,), answers_from=answers_from)
    return SnmpReader(source)


async def failure(reader: SnmpReader) -> str:
    """Return the text of a read that fails."""
    with pytest.raises(ReadError) as caught:
        await reader.read_raw(SOON_S)
    return str(caught.value.detail)


async def test_a_silent_agent_s_answers_from_elsewhere_are_named_and_not_trusted() -> None:
    """Without a hint nobody finds out why the device that answers a ping gives no answer."""
    async with plain_agent() as agent:
        reader = reader_of(agent.port, PUBLIC)
        texts = [await failure(reader) for _ in range(3)]
        await reader.close()
    assert "answers_from" not in texts[0], "a connected socket sees no other source"
    assert f"it came from {OTHER}" in texts[1]
    assert "answers_from" in texts[1]
    assert "answers_from" not in texts[2], "it listens to everybody once"


async def test_answers_from_a_configured_address_are_trusted_from_the_first_on() -> None:
    """The person who knows the network says so."""
    async with plain_agent() as agent:
        reader = reader_of(agent.port, PUBLIC, OTHER)
        for _ in range(3):
            assert await reader.read_raw(AMPLE_S) == (7,)
        assert reader.single_get is None, "the shared socket knows one address of an agent"
        agent.is_elsewhere = False
        assert await reader.read_raw(AMPLE_S) == (7,)
        await reader.close()


async def test_answers_from_an_address_that_is_not_configured_are_named_at_once() -> None:
    """A list of addresses is no invitation to everybody."""
    async with plain_agent() as agent:
        reader = reader_of(agent.port, PUBLIC, "127.0.0.8")
        assert f"it came from {OTHER}" in await failure(reader)
        await reader.close()


@pytest.mark.parametrize("keys", [UserKeys("sha256"), UserKeys("sha1", "aes128")])
async def test_an_authentic_answer_is_trusted_wherever_it_comes_from(keys: UserKeys) -> None:
    """The digest of v3 proves who answers (RFC 3414 §1.1)."""
    usm = UsmAgent({"ops": keys}, {OID: v2c.Integer32(7)})
    user = User("ops", keys.auth, keys.priv, keys.auth_passphrase, keys.priv_passphrase)
    async with AnswersElsewhere(usm.answer) as agent:
        reader = reader_of(agent.port, user)
        await failure(reader)
        for _ in range(3):
            assert await reader.read_raw(AMPLE_S) == (7,)
        await reader.close()


async def test_a_user_without_a_digest_is_not_trusted_from_elsewhere() -> None:
    """noAuthNoPriv proves nothing of its sender."""
    usm = UsmAgent({"ops": UserKeys("", "")}, {OID: v2c.Integer32(7)})
    async with AnswersElsewhere(usm.answer) as agent:
        reader = reader_of(agent.port, User("ops", "", "", "", ""))
        for _ in range(4):
            await failure(reader)
        await reader.close()


async def test_an_agent_at_its_own_address_again_is_read_by_a_connected_socket() -> None:
    """One silence must not leave a device open to every source, or off the shared socket."""
    async with plain_agent() as agent:
        reader = reader_of(agent.port, PUBLIC)
        await failure(reader)
        agent.is_elsewhere = False
        assert await reader.read_raw(AMPLE_S) == (7,)
        assert await reader.read_raw(AMPLE_S) == (7,)
        assert reader.single_get is not None
        agent.is_elsewhere = True
        assert "answers_from" not in await failure(reader)
        assert f"it came from {OTHER}" in await failure(reader), "the next silence is a new one"
        await reader.close()
