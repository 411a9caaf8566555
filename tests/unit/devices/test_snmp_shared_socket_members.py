"""Members of the SNMP shared socket: addresses, sockets, points, rows, and v1 and v3 agents."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from monitord.devices.datagrams import DatagramSocket, Peer
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.difference import Layouts
from monitord.devices.snmp.members import Member, request_template
from monitord.devices.snmp.model import V1, V3, Community, SnmpSource
from monitord.devices.snmp.reader import SnmpReader
from monitord.devices.snmp.usm.client import REDISCOVER_EVERY
from tests.support.agents import SnmpAgent
from tests.support.shared_socket_site import (
    NOW,
    OIDS,
    SECURITY,
    WITHIN_S,
    Agent,
    KnownGet,
    NewSite,
    Site,
    V3Agent,
    device,
    error_of,
    response,
)
from tests.support.usm_agent import UNKNOWN_USER
from tests.support.wire import LOCALHOST

Agents = Callable[[int], list[Agent]]


def test_the_request_id_distinguishes_members_with_one_address(
    agent: Agent, new_site: NewSite
) -> None:
    """Each gets its own values, also after one of them has learned again."""
    site = new_site(agent, agent, agent)
    assert site.shared_socket.learn(1)
    site.send(0, 1, 2)
    requests = [agent.request() for _ in range(3)]
    for number in (1, 2, 0):
        agent.send(response(requests[number], number, 2, 3))
    assert [(one.member, one.raws) for one in site.results(3)] == [
        (number, [number, 2, 3]) for number in (1, 2, 0)
    ]


def test_ipv6_and_ipv4_members_are_polled_side_by_side(agent: Agent, new_site: NewSite) -> None:
    """A closed IPv6 port is reported as refused, as an IPv4 port is."""
    site = new_site(Agent("::1", socket.AF_INET6), agent)
    site.send()
    site.agents[0].answer(1, 2, 3)
    agent.answer(4, 5, 6)
    ended = sorted(site.results(2), key=lambda result: result.member)
    assert [one.raws for one in ended] == [[1, 2, 3], [4, 5, 6]]
    site.agents[0].sock.close()
    site.send(0)
    assert error_of(site.results(1)[0]).kind == "refused"


def test_a_member_that_needs_several_requests_stays_with_its_reader(
    agent: Agent, new_site: NewSite
) -> None:
    """``learn`` returns False where a poll is not one GET."""
    reader = KnownGet(agent.peer)
    reader.single_get = None
    assert new_site(agent, readers=[reader]).learned == [False]


async def test_the_shared_socket_sends_the_get_that_the_reader_learned() -> None:
    """``learn`` is False before the first read; then the name is resolved and the OIDs known."""
    async with SnmpAgent({oid: place for place, oid in enumerate(OIDS)}) as agent:
        settings = device("fm1", ("localhost", agent.port))
        assert isinstance(settings.source, SnmpSource)
        reader = SnmpReader(settings.source)
        assert reader.single_get is None
        assert list(await reader.read_raw(WITHIN_S)) == [0, 1, 2]
        assert reader.single_get is not None
        assert reader.single_get.address[0] == LOCALHOST
        assert reader.single_get.template.oids == OIDS
        await reader.close()


def test_a_request_without_a_route_ends_its_poll_as_unreachable(
    agents: Agents, new_site: NewSite
) -> None:
    """The kernel rejects a broadcast address; the neighbour goes on."""
    first, second = agents(2)
    readers = [KnownGet(("255.255.255.255", 161)), KnownGet(second.peer)]
    site = new_site(first, second, readers=readers)
    site.send()
    second.answer(4, 5, 6)
    unreachable, answered = sorted(site.results(2), key=lambda result: result.member)
    assert error_of(unreachable).kind == "unreachable"
    assert answered.raws == [4, 5, 6]


class BrokenWire(CommunityWire):
    """A wire with a mistake in it; v3, so that every datagram goes through it."""

    @property
    def version(self) -> int:
        return V3

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        raise ZeroDivisionError("secret")


def test_a_mistake_of_our_own_ends_that_poll_alone(agents: Agents, new_site: NewSite) -> None:
    """The error names the exception's type and not its text."""
    first, second = agents(2)
    readers = [KnownGet(first.peer, wire=BrokenWire(SECURITY)), KnownGet(second.peer)]
    site = new_site(first, second, readers=readers)
    site.send()
    first.answer(1, 2, 3)
    second.answer(4, 5, 6)
    broken, answered = sorted(site.results(2), key=lambda result: result.member)
    assert error_of(broken).kind == "bad_answer"
    assert "ZeroDivisionError" in str(broken.raws)
    assert "secret" not in str(broken.raws)
    assert answered.raws == [4, 5, 6]
    assert site.shared_socket.counts.broken == 1


def test_an_oid_of_two_points_gives_both_their_value(agent: Agent, new_site: NewSite) -> None:
    """Raw values are in the order of the points, ``changed`` names points."""
    site = new_site(agent, readers=[KnownGet(agent.peer, places=(2, 0, 1, 2))])
    assert site.poll(1, 2, 3) == ((3, 1, 2, 3), None)
    assert site.poll(1, 2, 3) == ((3, 1, 2, 3), ())
    assert site.poll(9, 2, 8) == ((8, 9, 2, 8), (0, 1, 3))


def test_a_row_that_moved_goes_to_the_reader(agent: Agent, new_site: NewSite) -> None:
    """Values beside another row's key reach nobody, and the next answer is not compared with."""
    site = new_site(agent, readers=[KnownGet(agent.peer, places=(1, 2), keys=((0, "7"),))])
    assert site.poll(7, 2, 3) == ((2, 3), None)
    assert site.poll(7, 5, 3) == ((5, 3), (0,))
    assert site.poll(8, 6, 3) == (None, None)
    assert site.shared_socket.learn(0)
    assert site.poll(7, 6, 3) == ((6, 3), None)


class RoomForOne(DatagramSocket):
    """A socket whose receive buffer holds one answer."""

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family)
        self.room = 1


@pytest.mark.parametrize(("open_socket", "ports"), [(DatagramSocket, 1), (RoomForOne, 3)])
def test_members_are_spread_over_sockets_with_room(
    agents: Agents, new_site: NewSite, open_socket: type[DatagramSocket], ports: int
) -> None:
    """No socket has more members than its receive buffer holds answers."""
    site = new_site(*agents(3), open_socket=open_socket)
    site.send()
    for one in site.agents:
        one.answer(1, 2, 3)
    assert len({one.client for one in site.agents}) == ports
    assert len(site.results(3)) == 3


def test_a_socket_has_room_for_one_datagram_in_4096_octets_of_its_buffer() -> None:
    """The kernel bills 2 to 4 KiB for a datagram of up to one frame."""
    one = DatagramSocket(socket.AF_INET)
    assert one.room == one.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 4096
    one.close()


def test_a_socket_without_privilege_uses_the_buffer_it_is_granted() -> None:
    """Without CAP_NET_ADMIN the shared socket opens more sockets and loses no answer."""
    code = (
        "import os, socket\n"
        "from monitord.devices.datagrams import DatagramSocket\n"
        "os.getuid() or os.setuid(65534)\n"
        "print(DatagramSocket(socket.AF_INET).room)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) >= 1


class FullQueue(socket.socket):
    """A socket whose send queue is full for the first two datagrams."""

    full = 2

    def sendto(self, datagram: bytes, peer: Peer) -> int:  # type: ignore[override]
        if self.full:
            self.full -= 1
            raise BlockingIOError
        return super().sendto(datagram, peer)


def full_queue(family: socket.AddressFamily) -> DatagramSocket:
    """Open a ``DatagramSocket`` with a ``FullQueue``."""
    one = DatagramSocket(family)
    one.sock = FullQueue(family, socket.SOCK_DGRAM, fileno=one.sock.detach())
    one.sock.setblocking(False)
    return one


def test_a_full_send_queue_delays_the_request_to_the_next_wake_up(
    agent: Agent, new_site: NewSite
) -> None:
    """Our own queue is no fault of the device: the poll does not fail."""
    site = new_site(agent, open_socket=full_queue)
    site.send()
    assert site.shared_socket.drain(site.now) == []
    agent.answer(1, 2, 3)
    assert site.results(1)[0].raws == [1, 2, 3]


def test_no_repr_shows_the_community(site: Site, agent: Agent) -> None:
    """A repr may end in a log."""
    single = KnownGet(agent.peer).single_get
    assert single is not None
    template = request_template(single, SECURITY)
    member = Member(0, device("fm1", agent.peer), KnownGet(agent.peer))
    member.learn(single, template, Layouts())
    for shown in (site.shared_socket, member, template, member.decoder, single):
        assert "public" not in repr(shown)


def test_a_v1_agent_is_polled_and_a_v2c_response_rejected(agent: Agent, new_site: NewSite) -> None:
    """v1 differs by the version in the message."""
    wire = CommunityWire(Community(V1, "public"))
    site = new_site(agent, readers=[KnownGet(agent.peer, wire=wire)])
    site.send()
    request_id = agent.request()
    agent.send(response(request_id, 7, 8, 9))
    site.rejected(1)
    agent.send(response(request_id, 1, 2, 3, version=0))
    assert site.results(1) == [PollResult(0, NOW, [1, 2, 3], None)]


@pytest.fixture
def v3(new_site: NewSite) -> tuple[Site, V3Agent]:
    """Return a site of one v3 agent."""
    agent = V3Agent()
    return new_site(agent, readers=[KnownGet(agent.peer, wire=agent.wire())]), agent


def test_v3_responses_are_decoded_by_what_differs(v3: tuple[Site, V3Agent]) -> None:
    """A decrypted PDU is compared with the one before, as a v2c message is."""
    site, agent = v3
    ended = []
    for values in ((1, 2, 3), (1, 2, 3), (1, 9, 3)):
        agent.set(*values)
        site.send()
        agent.respond()
        (one,) = site.results(1)
        ended.append((tuple(one.raws or ()), one.changed))  # type: ignore[arg-type]
    assert ended == [((1, 2, 3), None), ((1, 2, 3), ()), ((1, 9, 3), (1,))]


def test_a_forged_v3_response_is_rejected_and_the_true_one_accepted(
    v3: tuple[Site, V3Agent],
) -> None:
    """One flipped bit makes the digest wrong."""
    site, agent = v3
    site.send()
    (true,) = agent.responses()
    agent.send(true[:-1] + bytes([true[-1] ^ 1]))
    site.rejected(1)
    assert site.shared_socket.counts.mismatched == 1
    agent.send(true)
    assert site.results(1)[0].raws == [1, 2, 3]


def test_a_v3_response_to_an_earlier_request_is_late(v3: tuple[Site, V3Agent]) -> None:
    """The message id shows which request it answers."""
    site, agent = v3
    site.send()
    late = agent.responses()
    assert error_of(site.timeout()[0]).kind == "timeout"
    site.send()
    agent.send(*late)
    site.rejected(1)
    assert site.shared_socket.counts.late == 1
    agent.respond()
    assert site.results(1)[0].raws == [1, 2, 3]


def test_a_restarted_engine_goes_to_its_reader(v3: tuple[Site, V3Agent]) -> None:
    """A report of another time window is no timeout: the reader requests again at once."""
    site, agent = v3
    agent.usm.boots, agent.usm.time = agent.usm.boots + 1, 1
    site.send()
    agent.respond()
    assert site.results(1) == [PollResult(0, NOW, None, None)]


def test_an_unknown_user_is_reported_at_the_deadline(v3: tuple[Site, V3Agent]) -> None:
    """A report without a digest may be forged: it counts if no response comes."""
    site, agent = v3
    agent.usm.users = {}
    site.send()
    agent.respond()
    site.rejected(1)
    error = error_of(site.timeout()[0])
    assert error.kind == "bad_answer"
    assert "does not know user" in error.detail
    assert agent.usm.reports[-1] == UNKNOWN_USER


def test_a_silent_engine_is_discovered_again(v3: tuple[Site, V3Agent]) -> None:
    """After several timeouts the poll is a discovery; its report goes to the reader."""
    site, agent = v3
    for _ in range(REDISCOVER_EVERY):
        site.send()
        agent.responses()
        assert error_of(site.timeout()[0]).kind == "timeout"
    site.send()
    agent.respond()
    assert site.results(1) == [PollResult(0, site.now, None, None)]


def test_a_v3_response_in_an_odd_and_clear_form_is_read(v3: tuple[Site, V3Agent]) -> None:
    """pysnmp's own agents send -2^31 in five octets."""
    site, agent = v3
    agent.set(1, -(2**31), 3)
    site.send()
    agent.respond()
    assert site.results(1) == [PollResult(0, NOW, [1, -(2**31), 3], None)]
    assert site.shared_socket.counts.slow == 0


def test_v3_members_with_one_address_have_a_socket_each(new_site: NewSite) -> None:
    """A v3 datagram does not show the request id, so the port shows the member."""
    agent = V3Agent()
    readers = [KnownGet(agent.peer, wire=agent.wire()) for _ in range(2)]
    site = new_site(agent, agent, readers=readers)
    site.send()
    pending: list[tuple[Peer, bytes]] = []
    for values in ((1, 2, 3), (4, 5, 6)):
        agent.set(*values)
        (one,) = agent.responses()
        pending.append((agent.client, one))
    assert pending[0][0] != pending[1][0]
    for peer, datagram in reversed(pending):
        agent.sock.sendto(datagram, peer)
    assert sorted(site.results(2), key=lambda result: result.member) == [
        PollResult(0, NOW, [1, 2, 3], None),
        PollResult(1, NOW, [4, 5, 6], None),
    ]
