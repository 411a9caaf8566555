"""What the lane knows of each agent, and which agents stand behind which socket. Sends nothing."""

from __future__ import annotations

import errno
import socket
from typing import Protocol

from monitord.devices.datagrams import Peer, SharedSocket
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.snmp.difference import DifferenceDecoder
from monitord.devices.snmp.messages import GetTemplate, UnbelievedError
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.sockets import read_error

_NOT_THERE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})


class Learned(Protocol):
    """What the lane asks of a member's reader: both are None while they are not known."""

    @property
    def single_get(self) -> GetTemplate | None:
        """The one GET that is the whole poll."""

    @property
    def target(self) -> tuple[socket.AddressFamily, Peer] | None:
        """Where it goes, resolved."""


class Batch:
    """What was asked in one go: at ``due`` those that are still under way in it are overdue."""

    __slots__ = ("due", "members")

    def __init__(self, due: int) -> None:
        self.due = due
        self.members: list[Member] = []


class Member:
    """One agent.

    ``asked``: the octets of the request id that is under way, None when none is; ``answered``: of
    the last that was answered. ``is_waiting``: its answer came and is still to be read by pysnmp.
    ``is_marked``: something of an earlier poll is to be cleared by the next answer. ``before`` and
    ``after``: what stands around the request id; they hold the community and are never shown.
    """

    __slots__ = (
        "_source",
        "after",
        "answered",
        "asked",
        "batch",
        "before",
        "deadline",
        "decoder",
        "get",
        "has_failed",
        "is_known_slow",
        "is_marked",
        "is_waiting",
        "name",
        "number",
        "peer",
        "port",
        "reader",
        "sent_at",
        "twin",
        "unbelieved",
        "unreachable",
    )

    def __init__(self, number: int, device: DeviceSettings, reader: Learned) -> None:
        assert isinstance(device.source, SnmpSource)
        self._source = device.source
        self.number = number
        self.name = device.id
        self.deadline = device.deadline
        self.reader = reader
        self.get: GetTemplate | None = None
        self.before = self.after = b""
        self.decoder: DifferenceDecoder | None = None
        self.peer: Peer = ()
        self.port: Port | None = None
        self.twin: Member | None = None
        self.asked: bytes | None = None
        self.answered = b""
        self.sent_at = 0
        self.batch: Batch | None = None
        self.has_failed = self.is_marked = True
        self.is_waiting = False
        self.is_known_slow = False
        self.unbelieved: UnbelievedError | None = None
        self.unreachable: OSError | None = None

    def cleared(self, changed: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """End a poll that was answered; return what is known to have changed since the last."""
        known = None if self.has_failed else changed
        self.has_failed = self.is_marked = False
        self.unbelieved = self.unreachable = None
        return known

    def fail(self) -> None:
        """End a poll that was not answered."""
        self.has_failed = self.is_marked = True
        self.unbelieved = self.unreachable = None

    def note(self, unbelieved: UnbelievedError) -> None:
        """Keep the graver remark: a late answer is no fault of the agent's words."""
        self.is_marked = True
        if self.unbelieved is None or unbelieved.faulty:
            self.unbelieved = unbelieved

    def failure(self, error: OSError) -> ReadError:
        """Name what the network said, for the person who owns the device."""
        return read_error(error, self._source.address, self._source.port)

    def silence(self) -> ReadError:
        """Name a deadline that passed: nothing came, or nothing that could be believed."""
        if self.unreachable is not None:
            return self.failure(self.unreachable)
        where, seconds = self._source.where, self.deadline / 1e6
        if self.unbelieved is None:
            return ReadError("timeout", f"{where} gave no answer within {seconds:g} s")
        kind = "bad_answer" if self.unbelieved.faulty else "timeout"
        return ReadError(kind, f"{where} gave none to believe in {seconds:g} s: {self.unbelieved}")

    def hear(self, error: OSError) -> ReadError | None:
        """Take what the network said of a request; return what ends the poll, None when it goes on.

        A closed port is certain. That there is no way may be said of an earlier request.
        """
        if error.errno in _NOT_THERE:
            self.is_marked, self.unreachable = True, error
        return self.failure(error) if isinstance(error, ConnectionRefusedError) else None


class Port:
    """One socket and the members behind it, by source; ``twin`` chains those that share one."""

    def __init__(self, shared: SharedSocket) -> None:
        self.shared = shared
        self.members: dict[Peer, Member] = {}
        self.count = 0

    @property
    def has_room(self) -> bool:
        """Whether one more may answer with all the others and no answer is lost."""
        return self.count < self.shared.room

    def add(self, member: Member) -> None:
        """Take in a member whose ``peer`` is set."""
        member.port, member.twin = self, self.members.get(member.peer)
        self.members[member.peer] = member
        self.count += 1

    def remove(self, member: Member) -> None:
        """Let a member go."""
        others = [one for one in self.behind(member.peer) if one is not member]
        self.count -= len(others) + 1
        del self.members[member.peer]
        for one in reversed(others):
            self.add(one)
        member.port = member.twin = None

    def behind(self, peer: Peer) -> list[Member]:
        """Return the members with this source."""
        found, chain = self.members.get(peer), []
        while found is not None:
            chain.append(found)
            found = found.twin
        return chain
