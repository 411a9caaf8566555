"""The shared socket with agents of v1 and v3: sealed datagrams, engines that restart, forgeries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pysnmp.proto.api import v2c

from monitord.devices.datagrams import Peer
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import V1, Community, User
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.devices.snmp.usm.client import REDISCOVER_EVERY, UsmWire
from monitord.devices.snmp.wire import AskAgainError
from tests.support.shared_socket_site import (
    DEADLINE,
    NOW,
    OIDS,
    Agent,
    Known,
    Site,
    device,
    reason,
    said,
)
from tests.support.usm_agent import UNKNOWN_USER, UserKeys, UsmAgent

USER = User("duty", "sha1", "aes128", "authpass123", "privpass123")


class Sealed:
    """A v3 agent behind a socket, and the wire of a reader that has read it once."""

    def __init__(self, agent: Agent) -> None:
        self.socket = agent
        self.usm = UsmAgent({"duty": UserKeys("sha1", "aes128")})
        self.wire = UsmWire(USER)
        self.set(1, 2, 3)
        opening = self.wire.opening(1)
        assert opening is not None
        with pytest.raises(AskAgainError):
            self.wire.unwrap(self.usm.answer(opening)[0], NOW)
        request = self.wire.wrap(build_get(OIDS).pdu(0x4000_0001), 0x4000_0001, NOW)
        self.wire.unwrap(self.usm.answer(request)[0], NOW)

    def set(self, *values: int) -> None:
        """Let the objects have these values."""
        self.usm.values = {oid: v2c.Integer32(v) for oid, v in zip(OIDS, values, strict=True)}

    def asked(self) -> list[bytes]:
        """Wait for a request; return its answers."""
        datagram, self.socket.client = self.socket.sock.recvfrom(4096)
        return self.usm.answer(datagram)

    def answer(self) -> None:
        """Wait for a request and answer it."""
        for datagram in self.asked():
            self.socket.say(datagram)


class SealedSite(Site):
    """A site of one v3 agent, by as many members as are wanted."""

    def __init__(self, agent: Agent, members: int = 1) -> None:
        self.sealed = [Sealed(agent) for _ in range(members)]
        self.agents = (agent,) * members
        self.now = NOW
        devices = [device(f"fm{number}", agent.peer) for number in range(members)]
        known = [Known(agent.peer, wire=sealed.wire) for sealed in self.sealed]
        self.shared_socket = SnmpSharedSocket(devices, known)
        assert all(self.shared_socket.learn(number) for number in range(members))


@pytest.fixture
def sealed_site(agent: Agent) -> Iterator[SealedSite]:
    """Return a site of one v3 agent."""
    one = SealedSite(agent)
    yield one
    one.shared_socket.close()


def test_sealed_answers_are_decoded_by_what_differs(sealed_site: SealedSite) -> None:
    """Rule: once it is open, a v3 answer is compared with the one before like any other."""
    ended = []
    for values in ((1, 2, 3), (1, 2, 3), (1, 9, 3)):
        sealed_site.sealed[0].set(*values)
        sealed_site.ask()
        sealed_site.sealed[0].answer()
        (came,) = sealed_site.came(1)
        ended.append((tuple(came.raws or ()), came.changed))  # type: ignore[arg-type]
    assert ended == [((1, 2, 3), None), ((1, 2, 3), ()), ((1, 9, 3), (1,))]


def test_forged_answer_is_not_believed_and_the_true_one_is(sealed_site: SealedSite) -> None:
    """Rule: a flipped bit spoils the digest; the poll goes on."""
    sealed_site.ask()
    (true,) = sealed_site.sealed[0].asked()
    sealed_site.agents[0].say(true[:-1] + bytes([true[-1] ^ 1]))
    sealed_site.took(1)
    assert sealed_site.shared_socket.counts.mismatched == 1
    sealed_site.agents[0].say(true)
    assert sealed_site.came(1)[0].raws == [1, 2, 3]


def test_sealed_answer_to_an_earlier_request_is_late(sealed_site: SealedSite) -> None:
    """Rule: the message id tells an answer to what is no longer asked."""
    sealed_site.ask()
    (late,) = sealed_site.sealed[0].asked()
    assert reason(sealed_site.silent()[0]).kind == "timeout"
    sealed_site.ask()
    sealed_site.agents[0].say(late)
    sealed_site.took(1)
    assert sealed_site.shared_socket.counts.late == 1
    sealed_site.sealed[0].answer()
    assert sealed_site.came(1)[0].raws == [1, 2, 3]


def test_engine_that_restarted_goes_to_its_reader(sealed_site: SealedSite) -> None:
    """Rule: a report that the clock is another's is no silence; the reader asks again at once."""
    sealed_site.sealed[0].usm.boots += 1
    sealed_site.sealed[0].usm.time = 1
    sealed_site.ask()
    sealed_site.sealed[0].answer()
    assert sealed_site.came(1) == [PollResult(0, NOW, None, None)]


def test_user_that_the_agent_knows_no_more_is_told_at_the_deadline(
    sealed_site: SealedSite,
) -> None:
    """Rule: a report without a digest may be forged; what it says is told if nothing else comes."""
    sealed_site.sealed[0].usm.users = {}
    sealed_site.ask()
    sealed_site.sealed[0].answer()
    sealed_site.took(1)
    ended = reason(sealed_site.silent()[0])
    assert ended.kind == "bad_answer"
    assert "does not know user" in ended.detail
    assert sealed_site.sealed[0].usm.reports[-1] == UNKNOWN_USER


def test_long_silent_engine_is_looked_for_anew(sealed_site: SealedSite) -> None:
    """Rule: after some silences the poll is a discovery; its report goes to the reader."""
    sealed = sealed_site.sealed[0]
    for _ in range(REDISCOVER_EVERY):
        sealed_site.ask()
        sealed.asked()
        assert reason(sealed_site.silent()[0]).kind == "timeout"
    sealed_site.ask()
    sealed.answer()
    assert sealed_site.came(1) == [PollResult(0, sealed_site.now, None, None)]


def test_sealed_answer_in_an_unusual_form_is_read_by_pysnmp(sealed_site: SealedSite) -> None:
    """Rule: pysnmp's own agents send -2^31 in five octets, which the fast decoder refuses."""
    sealed_site.sealed[0].set(1, -(2**31), 3)
    sealed_site.ask()
    sealed_site.sealed[0].answer()
    assert sealed_site.came(1) == [PollResult(0, NOW, (1, -(2**31), 3), None)]
    assert sealed_site.shared_socket.counts.slow == 1


def test_sealed_members_behind_one_address_have_each_their_socket(agent: Agent) -> None:
    """Rule: a sealed answer does not show whose it is, so the port must."""
    site = SealedSite(agent, members=2)
    site.sealed[1].set(4, 5, 6)
    site.ask()
    asked: list[tuple[Peer, list[bytes]]] = []
    for sealed in site.sealed:
        answers = sealed.asked()
        asked.append((agent.client, answers))
    assert asked[0][0] != asked[1][0]
    for peer, answers in reversed(asked):
        agent.sock.sendto(answers[0], peer)
    assert sorted(site.came(2)) == [
        PollResult(0, NOW, [1, 2, 3], None),
        PollResult(1, NOW, [4, 5, 6], None),
    ]
    site.shared_socket.close()


def test_agent_of_version_1_is_polled_too(agent: Agent) -> None:
    """Rule: v1 differs by its version; an answer with another is not believed."""
    wire = CommunityWire(Community(V1, "public"))
    shared_socket = SnmpSharedSocket([device("fm1", agent.peer)], [Known(agent.peer, wire=wire)])
    assert shared_socket.learn(0)
    site = Site()
    site.shared_socket, site.agents = shared_socket, (agent,)
    site.ask()
    request_id = agent.asked()
    agent.say(said(request_id, 7, 8, 9))
    site.took(1)
    agent.say(said(request_id, 1, 2, 3, version=0))
    assert site.came(1) == [PollResult(0, NOW, [1, 2, 3], None)]
    assert shared_socket.sweep(NOW + DEADLINE) == []
    shared_socket.close()
