"""A shared socket with agents on the loopback that send what a test gives them, in any order."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pyasn1.codec.ber import decoder as ber_decoder
from pysnmp.proto.api import v2c

from monitord.core.model import SECOND
from monitord.decoding.model import Decoding
from monitord.devices.datagrams import Peer
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource, User
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.wire import AskAgainError, Wire
from tests.support.answers import answer, asked_oids
from tests.support.usm_agent import UserKeys, UsmAgent
from tests.support.wire import LOCALHOST

DEADLINE = 800_000
OIDS = asked_oids(3)
SECURITY = Community(V2C, "public")
USER = User("duty", "sha1", "aes128", "authpass123", "privpass123")
NOW = 1_000_000 * SECOND
WITHIN_S = 60.0
"""Outer limit of a wait on the loopback; only a broken test reaches it."""


class Agent:
    """A socket of the loopback. ``client``: where the last request came from."""

    def __init__(self, host: str = LOCALHOST, family: int = socket.AF_INET) -> None:
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.sock.settimeout(WITHIN_S)
        self.client: Peer = ()

    @property
    def peer(self) -> Peer:
        """Its address and port."""
        address: Peer = self.sock.getsockname()
        return address

    def request(self) -> int:
        """Wait for a request; return its id."""
        datagram, self.client = self.sock.recvfrom(4096)
        message, _ = ber_decoder.decode(datagram, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(message)
        assert [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)] == list(OIDS)
        return int(v2c.apiPDU.get_request_id(pdu))

    def send(self, *datagrams: bytes) -> None:
        """Send to the client of the last request."""
        for datagram in datagrams:
            self.sock.sendto(datagram, self.client)

    def answer(self, *values: int, **options: Any) -> bytes:
        """Wait for a request and answer it; return the response."""
        datagram = response(self.request(), *values, **options)
        self.send(datagram)
        return datagram


class V3Agent(Agent):
    """An agent of one v3 user. ``usm``: its engine."""

    def __init__(self) -> None:
        super().__init__()
        self.usm = UsmAgent({USER.name: UserKeys("sha1", "aes128")})
        self.set(1, 2, 3)

    def set(self, *values: int) -> None:
        """Set the values of the OIDs."""
        self.usm.values = {oid: v2c.Integer32(v) for oid, v in zip(OIDS, values, strict=True)}

    def wire(self) -> UsmWire:
        """Return the wire of a reader that has read this agent once."""
        wire = UsmWire(USER)
        opening = wire.opening(1)
        assert opening is not None
        with pytest.raises(AskAgainError):
            wire.unwrap(self.usm.answer(opening)[0], NOW)
        request = wire.wrap(build_get(OIDS).pdu(0x4000_0001), 0x4000_0001, NOW)
        wire.unwrap(self.usm.answer(request)[0], NOW)
        return wire

    def responses(self) -> list[bytes]:
        """Wait for a request; return its responses without sending them."""
        datagram, self.client = self.sock.recvfrom(4096)
        return self.usm.answer(datagram)

    def respond(self) -> None:
        """Wait for a request and answer it."""
        self.send(*self.responses())


class KnownGet:
    """A member's reader that has learned how to poll an agent."""

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
        self.remarks = wire.remarks
        self.single_get: SingleGet | None = SingleGet(family, peer, wire, template, places, keys)


def response(request_id: int, *values: int, **options: Any) -> bytes:
    """Return a response with these integers."""
    return answer(OIDS[: len(values)], [v2c.Integer32(v) for v in values], request_id, **options)


def device(name: str, peer: Peer, deadline: int = DEADLINE) -> DeviceSettings:
    points = tuple(
        SnmpPoint(f"p{place}", oid, Decoding("number")) for place, oid in enumerate(OIDS)
    )
    source = SnmpSource(str(peer[0]), int(peer[1]), SECURITY, points)
    return DeviceSettings(name, name, SECOND, deadline, source)


class Site:
    """A shared socket, its agents and its time. ``deadlines``: of the members, if not DEADLINE."""

    def __init__(
        self,
        *agents: Agent,
        readers: Sequence[KnownGet] = (),
        deadlines: Sequence[int] = (),
        **options: Any,
    ) -> None:
        self.agents = agents
        self.now = NOW
        pairs = zip(agents, deadlines or [DEADLINE] * len(agents), strict=True)
        devices = [device(f"fm{n}", one.peer, deadline) for n, (one, deadline) in enumerate(pairs)]
        known = readers or [KnownGet(one.peer, family=one.sock.family) for one in agents]
        self.shared_socket = SnmpSharedSocket(devices, known, **options)
        self.learned = [self.shared_socket.learn(number) for number in range(len(agents))]

    def send(self, *members: int) -> None:
        """Poll these members, all when none is named."""
        self.shared_socket.send(members or range(len(self.agents)), self.now)

    def poll(self, *values: int) -> tuple[Any, tuple[int, ...] | None]:
        """Poll the first member, which answers these values; return raws and places changed."""
        self.send(0)
        self.agents[0].answer(*values)
        (result,) = self.results(1)
        raws = result.raws
        return (tuple(raws) if isinstance(raws, Sequence) else raws), result.changed

    def results(self, count: int) -> list[PollResult]:
        """Drain until so many polls have ended."""
        ended = self.shared_socket.drain(self.now)
        while len(ended) < count:
            self.wait()
            ended += self.shared_socket.drain(self.now)
        assert len(ended) == count
        return ended

    def wait(self) -> None:
        """Return when a datagram has arrived; fail when none does."""
        assert select.select([self.shared_socket], [], [], WITHIN_S)[0]

    def rejected(self, count: int) -> None:
        """Drain until so many datagrams were counted that are no response; no poll ends."""
        counts = self.shared_socket.counts
        while counts.unknown_source + counts.late + counts.duplicate + counts.mismatched < count:
            self.wait()
            assert self.shared_socket.drain(self.now) == []

    def timeout(self) -> list[PollResult]:
        """Let the deadline pass; return the polls that timed out."""
        self.now += DEADLINE
        assert self.shared_socket.drain(self.now) == []
        return self.shared_socket.sweep(self.now)


def error_of(result: PollResult) -> ReadError:
    """Return why a poll has no values."""
    assert isinstance(result.raws, ReadError)
    assert result.changed is None
    return result.raws


NewSite = Callable[..., Site]
