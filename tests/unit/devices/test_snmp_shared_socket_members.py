"""Which members the shared socket takes, and how their points stand in what is asked."""

from __future__ import annotations

import select
import socket
import subprocess
import sys

from monitord.devices.datagrams import Peer
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.snmp.reader import SnmpReader
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from tests.support.agents import SnmpAgent
from tests.support.shared_socket_site import (
    NOW,
    OIDS,
    PATIENCE_S,
    Agent,
    Known,
    Site,
    device,
    reason,
    said,
)
from tests.support.wire import LOCALHOST


def test_two_members_behind_one_address_get_their_own_answers(agent: Agent) -> None:
    """Rule: members that share an address and port are told apart by the request id."""
    devices = [device("one", agent.peer), device("two", agent.peer), device("three", agent.peer)]
    shared_socket = SnmpSharedSocket(devices, [Known(agent.peer)] * 3)
    assert [shared_socket.learn(number) for number in (0, 1, 2, 1)] == [True] * 4
    shared_socket.send([0, 1, 2], NOW)
    asked = [agent.asked() for _ in range(3)]
    for number in (1, 2, 0):
        agent.say(said(asked[number], number, 2, 3))
    ended: list[PollResult] = []
    while len(ended) < 3:
        select.select(
            [port.shared.sock for port in shared_socket._ports.values()], [], [], PATIENCE_S
        )
        ended += shared_socket.drain(NOW)
    assert [(came.member, came.raws) for came in ended] == [
        (number, [number, 2, 3]) for number in (1, 2, 0)
    ]
    shared_socket.close()


def test_member_over_ipv6_is_answered_and_refused() -> None:
    """Rule: both families are taken, each by its own socket."""
    six, four = Agent("::1", socket.AF_INET6), Agent()
    site = Site(six, four)
    site.ask()
    six.answer(1, 2, 3)
    four.answer(4, 5, 6)
    assert [came.raws for came in sorted(site.came(2))] == [[1, 2, 3], [4, 5, 6]]
    six.sock.close()
    site.ask(0)
    assert reason(site.came(1)[0]).kind == "refused"
    site.shared_socket.close()
    four.sock.close()


def test_member_whose_poll_takes_several_requests_is_left_to_its_reader(agent: Agent) -> None:
    """Rule: the shared socket takes a member only when its whole poll is one GET."""
    known = Known(agent.peer)
    known.single_get = None
    shared_socket = SnmpSharedSocket([device("fm1", agent.peer)], [known])
    assert not shared_socket.learn(0)
    shared_socket.close()


def test_network_without_a_way_is_told_and_the_shared_socket_goes_on(pair: Site) -> None:
    """Rule: what the kernel will not send ends that poll as unreachable."""
    pair.shared_socket._members[0].peer = ("255.255.255.255", 161)  # broadcast is not allowed us
    pair.ask()
    pair.agents[1].answer(4, 5, 6)
    unreachable, answered = sorted(pair.came(2))
    assert reason(unreachable).kind == "unreachable"
    assert answered.raws == [4, 5, 6]


def test_overlong_datagram_is_no_answer(site: Site) -> None:
    """Rule: what is longer than any answer is not read, whatever it begins with."""
    site.ask()
    site.agents[0].say(said(site.agents[0].asked(), 1, 2, 3) + bytes(20_000))
    site.took(1)
    assert reason(site.silent()[0]).kind == "bad_answer"


def test_object_of_two_points_is_given_to_both(agent: Agent) -> None:
    """Rule: raws stand in the order of the points, however the objects stand in the request."""
    shared_socket = SnmpSharedSocket(
        [device("fm1", agent.peer)], [Known(agent.peer, places=(2, 0, 1, 2))]
    )
    assert shared_socket.learn(0)
    ended = []
    for turn, values in enumerate(((1, 2, 3), (1, 2, 3), (9, 2, 8))):
        shared_socket.send([0], NOW + turn)
        agent.answer(*values)
        select.select([shared_socket._readable], [], [], PATIENCE_S)
        (came,) = shared_socket.drain(NOW)
        ended.append((tuple(came.raws), came.changed))  # type: ignore[arg-type]
    assert ended == [((3, 1, 2, 3), None), ((3, 1, 2, 3), ()), ((8, 9, 2, 8), (0, 1, 3))]
    shared_socket.close()


def test_row_that_moved_is_read_by_its_reader(agent: Agent) -> None:
    """Rule: where the key of a row says something else, its values are another row's."""
    known = Known(agent.peer, places=(1, 2), keys=((0, "7"),))
    shared_socket = SnmpSharedSocket([device("fm1", agent.peer)], [known])
    assert shared_socket.learn(0)
    ended = []
    for turn, values in enumerate(((7, 2, 3), (7, 5, 3), (8, 2, 3))):
        shared_socket.send([0], NOW + turn)
        agent.answer(*values)
        select.select([shared_socket._readable], [], [], PATIENCE_S)
        (came,) = shared_socket.drain(NOW)
        ended.append((came.raws and tuple(came.raws), came.changed))  # type: ignore[arg-type]
    assert ended == [((2, 3), None), ((5, 3), (0,)), (None, None)]
    shared_socket.close()


def test_row_that_was_another_for_one_answer_has_its_present_values_again(agent: Agent) -> None:
    """Rule: what was answered beside another row's key is compared with by nobody."""
    known = Known(agent.peer, places=(1, 2), keys=((0, "7"),))
    shared_socket = SnmpSharedSocket([device("fm1", agent.peer)], [known])
    ended = []
    for turn, values in enumerate(((7, 2, 3), (8, 5, 3), (7, 5, 3))):
        assert shared_socket.learn(0)
        shared_socket.send([0], NOW + turn)
        agent.answer(*values)
        select.select([shared_socket._readable], [], [], PATIENCE_S)
        (came,) = shared_socket.drain(NOW)
        ended.append((came.raws and tuple(came.raws), came.changed))  # type: ignore[arg-type]
    assert ended == [((2, 3), None), (None, None), ((5, 3), None)]
    shared_socket.close()


async def test_shared_socket_takes_over_what_the_reader_has_learned() -> None:
    """Rule: after a read the shared socket asks for the same objects at the same address."""
    values = {oid: place for place, oid in enumerate(OIDS)}
    async with SnmpAgent(values) as agent:
        settings = device("fm1", ("localhost", agent.port))
        assert isinstance(settings.source, SnmpSource)
        reader = SnmpReader(settings.source)
        shared_socket = SnmpSharedSocket([settings], [reader])
        assert not shared_socket.learn(0)
        raws = await reader.read_raw(PATIENCE_S)
        assert shared_socket.learn(0)
        assert shared_socket._members[0].peer[0] == LOCALHOST
        assert list(raws) == [0, 1, 2]
        await reader.close()
        shared_socket.close()


def test_socket_is_told_how_many_may_answer_at_once(site: Site) -> None:
    """Rule: members are spread over sockets so that no answer is lost in a full buffer."""
    (port,) = site.shared_socket._ports.values()
    granted = port.shared.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert port.shared.room == granted // 4096
    port.shared.room = 1
    assert not port.takes(site.shared_socket._members[0])
    assert site.shared_socket._port_for(site.shared_socket._members[0], socket.AF_INET) is not port


def test_socket_without_privilege_takes_what_buffer_it_is_given() -> None:
    """Rule: without CAP_NET_ADMIN the shared socket has more sockets, not fewer answers."""
    code = (
        "import os, socket\n"
        "from monitord.devices.datagrams import DatagramSocket\n"
        "os.getuid() or os.setuid(65534)\n"
        "print(DatagramSocket(socket.AF_INET).room)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) >= 1


def test_full_send_queue_is_tried_again_and_not_told_of_the_device(site: Site) -> None:
    """Rule: our own queue says nothing of the device; the request leaves at the next wake-up."""
    (port,) = site.shared_socket._ports.values()
    sendto, refused = port.sendto, []

    def full(datagram: bytes, peer: Peer) -> int:
        if len(refused) < 2:
            refused.append(peer)
            raise BlockingIOError
        return sendto(datagram, peer)

    port.sendto = full
    site.ask()
    assert len(refused) == 2
    assert site.shared_socket.drain(site.now) == []
    site.agents[0].answer(1, 2, 3)
    assert site.came(1)[0].raws == [1, 2, 3]


def test_repr_of_nothing_shows_the_community(site: Site) -> None:
    """Rule: no secret in a text that may end in a log."""
    member = site.shared_socket._members[0]
    for shown in (site.shared_socket, member, member.asking, member.decoder, member.single):
        assert "public" not in repr(shown)
