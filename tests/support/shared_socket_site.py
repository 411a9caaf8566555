"""A shared socket with agents on the loopback that send what a test gives them, in any order."""

from __future__ import annotations

import select
import socket
from typing import Any

from pyasn1.codec.ber import decoder as ber_decoder
from pysnmp.proto.api import v2c

from monitord.core.model import SECOND
from monitord.decoding.model import Decoding
from monitord.devices.datagrams import Peer
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.wire import Wire
from tests.support.answers import answer, asked_oids
from tests.support.wire import LOCALHOST

DEADLINE = 800_000
OIDS = asked_oids(3)
SECURITY = Community(V2C, "public")
NOW = 1_000_000 * SECOND
PATIENCE_S = 5.0


class Agent:
    """A socket of the loopback that takes requests and sends what a test says."""

    def __init__(self, host: str = LOCALHOST, family: int = socket.AF_INET) -> None:
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.sock.settimeout(PATIENCE_S)
        self.client: Peer = ()

    @property
    def peer(self) -> Peer:
        """Where it is reached."""
        address: Peer = self.sock.getsockname()
        return address

    def asked(self) -> int:
        """Wait for a request; return its id."""
        datagram, self.client = self.sock.recvfrom(4096)
        message, _ = ber_decoder.decode(datagram, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(message)
        assert [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)] == list(OIDS)
        return int(v2c.apiPDU.get_request_id(pdu))

    def say(self, datagram: bytes) -> None:
        """Send to whoever asked last."""
        self.sock.sendto(datagram, self.client)

    def answer(self, *values: int, **options: Any) -> bytes:
        """Wait for a request and answer it; return the answer."""
        datagram = said(self.asked(), *values, **options)
        self.say(datagram)
        return datagram


class Known:
    """What a member's reader has learned: these objects, in this order of points."""

    def __init__(
        self,
        peer: Peer,
        *,
        family: socket.AddressFamily = socket.AF_INET,
        places: tuple[int, ...] = (0, 1, 2),
        keys: tuple[tuple[int, str], ...] = (),
        wire: Wire | None = None,
    ) -> None:
        wire = wire or CommunityWire(SECURITY)
        template = build_get(OIDS)
        self.single_get: SingleGet | None = SingleGet(family, peer, wire, template, places, keys)


def said(request_id: int, *values: int, **options: Any) -> bytes:
    """Return an answer with these integers."""
    return answer(OIDS[: len(values)], [v2c.Integer32(v) for v in values], request_id, **options)


def device(name: str, peer: Peer, deadline: int = DEADLINE) -> DeviceSettings:
    points = tuple(
        SnmpPoint(f"p{place}", oid, Decoding("number")) for place, oid in enumerate(OIDS)
    )
    source = SnmpSource(str(peer[0]), int(peer[1]), SECURITY, points)
    return DeviceSettings(name, name, SECOND, deadline, source)


class Site:
    """A shared socket, its agents and its time."""

    def __init__(self, *agents: Agent, **options: Any) -> None:
        self.agents = agents
        self.now = NOW
        devices = [device(f"fm{number}", agent.peer) for number, agent in enumerate(agents)]
        known = [Known(agent.peer, family=agent.sock.family) for agent in agents]
        self.shared_socket = SnmpSharedSocket(devices, known, **options)
        assert all(self.shared_socket.learn(number) for number in range(len(agents)))

    def ask(self, *members: int) -> None:
        """Send to these members, all when none is named."""
        self.shared_socket.send(members or range(len(self.agents)), self.now)

    def came(self, count: int) -> list[PollResult]:
        """Drain until so many polls have ended."""
        ended = self.shared_socket.drain(self.now)
        while len(ended) < count:
            self.wait()
            ended += self.shared_socket.drain(self.now)
        assert len(ended) == count
        return ended

    def wait(self) -> None:
        """Return when something has come; fail when nothing does."""
        socks = [port.shared.sock for port in self.shared_socket._ports.values()]
        assert select.select(socks, [], [], PATIENCE_S)[0]

    def took(self, count: int) -> None:
        """Drain until so many datagrams besides answers were counted; no poll ends by them."""
        counts = self.shared_socket.counts
        while counts.unknown_source + counts.late + counts.duplicate + counts.mismatched < count:
            self.wait()
            assert self.shared_socket.drain(self.now) == []

    def silent(self) -> list[PollResult]:
        """Let the deadline pass; return what is given up."""
        self.now += DEADLINE
        assert self.shared_socket.drain(self.now) == []
        return self.shared_socket.sweep(self.now)


def reason(came: PollResult) -> ReadError:
    """Return why a poll gave nothing."""
    assert isinstance(came.raws, ReadError)
    assert came.changed is None
    return came.raws
