"""What the lane knows of each agent, and which agents stand behind which socket. Sends nothing."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitord.decoding.rules import Raw
from monitord.devices.datagrams import DatagramSocket, Peer
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.snmp.ber import Question, message_question, pdu_question
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from monitord.devices.snmp.model import Community, SnmpSource, User
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.wire import ResponseMismatchError, Wire
from monitord.devices.sockets import read_error

_NOT_THERE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})


class Learned(Protocol):
    """What the lane asks of a member's reader."""

    @property
    def single_get(self) -> SingleGet | None:
        """The whole poll where it is one GET, else None."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a member is asked, one copy for all that are asked alike.

    ``before`` and ``after``: what stands around the request id, in the datagram or, where the
    datagram is another each time (``is_secured``), in the PDU; they hold the community and are
    never shown. ``points_of``: by place in the question, the points that are read there; None
    where the places are the points.
    """

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    is_secured: bool
    question: Question
    points_of: tuple[tuple[int, ...], ...] | None


def asking_of(single: SingleGet, security: Community | User) -> Asking:
    """Work out how a poll is asked and what its answer is held against."""
    oids, around = single.template.oids, single.around()
    points_of: list[list[int]] = [[] for _ in oids]
    for point, place in enumerate(single.places):
        points_of[place].append(point)
    is_as_asked = single.places == tuple(range(len(oids))) and not single.keys
    tuples = None if is_as_asked else tuple(map(tuple, points_of))
    if around is None:
        template = single.template
        return Asking(template.before, template.after, True, pdu_question(oids), tuples)
    assert isinstance(security, Community)
    question = message_question(single.wire.version, security.community.encode(), oids)
    return Asking(*around, False, question, tuples)


class RowMovedError(Exception):
    """A row that is chosen by a key is not where it was: the reader has to look for it."""


_NOTHING = Asking(b"", b"", False, pdu_question(()), None)


class Batch:
    """What was asked in one go: at ``due`` those that are still under way in it are overdue."""

    __slots__ = ("due", "members")

    def __init__(self, due: int) -> None:
        self.due = due
        self.members: list[Member] = []


class Member:
    """One agent.

    ``asked``: the octets of the request id that is under way, None when none is; ``answered``: of
    the last that was answered. ``is_waiting``: its answer came and is still to be read by pysnmp;
    ``behind``: what came after it, for the case that it is none.
    ``is_marked``: something of an earlier poll is to be cleared by the next answer. ``single`` and
    ``asking``: what is asked and how; ``wire``: what seals each datagram of its own, None where
    all are alike but for the request id. ``raws``: by point, where they do not stand as asked.
    """

    __slots__ = (
        "_source",
        "answered",
        "asked",
        "asking",
        "batch",
        "behind",
        "deadline",
        "decoder",
        "has_failed",
        "is_known_slow",
        "is_marked",
        "is_waiting",
        "name",
        "number",
        "peer",
        "port",
        "raws",
        "reader",
        "sent_at",
        "single",
        "twin",
        "unbelieved",
        "unreachable",
        "wire",
    )

    def __init__(self, number: int, device: DeviceSettings, reader: Learned) -> None:
        assert isinstance(device.source, SnmpSource)
        self._source = device.source
        self.number = number
        self.name = device.id
        self.deadline = device.deadline
        self.reader = reader
        self.single: SingleGet | None = None
        self.asking = _NOTHING
        self.wire: Wire | None = None
        self.raws: list[Raw] = []
        self.decoder: DifferenceDecoder | None = None
        self.peer: Peer = ()
        self.port: Port | None = None
        self.twin: Member | None = None
        self.asked: bytes | None = None
        self.answered = b""
        self.sent_at = 0
        self.batch: Batch | None = None
        self.behind: list[bytes] = []
        self.has_failed = self.is_marked = True
        self.is_waiting = False
        self.is_known_slow = False
        self.unbelieved: ResponseMismatchError | None = None
        self.unreachable: OSError | None = None

    def learn(self, single: SingleGet, asking: Asking, layouts: Layouts) -> None:
        """Be asked so from now on; nothing that was decoded before is compared with."""
        self.peer = single.address
        self.wire = single.wire if asking.is_secured else None
        if self.decoder is None or single != self.single:
            self.single, self.asking = single, asking
            self.decoder = DifferenceDecoder(asking.question, layouts)
        self.fail()

    @property
    def security(self) -> Community | User:
        """What protects its messages; never shown."""
        return self._source.security

    def datagram(self, asked: bytes, now: int) -> bytes:
        """Return the request with this id."""
        inner = self.asking.before + asked + self.asking.after
        if self.wire is None:
            return inner
        number = int.from_bytes(asked, "big")
        # Where the engine is long silent, the poll is a discovery; what comes of it is a report.
        return self.wire.opening(number) or self.wire.wrap(inner, number, now)

    def arranged(
        self, values: Sequence[Raw], changed: tuple[int, ...] | None
    ) -> tuple[int, ...] | None:
        """Bring values from the order asked into that of the points; return the points changed.

        Raises RowMovedError.
        """
        points_of, single = self.asking.points_of, self.single
        assert points_of is not None
        assert single is not None
        assert self.decoder is not None
        if not single.has_rows(values):
            # The next answer must not be held against this one, which never reached the points.
            self.decoder.forget()
            raise RowMovedError
        if changed is None or len(self.raws) != len(single.places):
            self.raws[:] = [values[place] for place in single.places]
            return None
        points = sorted(point for place in changed for point in points_of[place])
        for point in points:
            self.raws[point] = values[single.places[point]]
        return tuple(points)

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

    def note(self, unbelieved: ResponseMismatchError) -> None:
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
            hint = f"; {self.wire.silence}" if self.wire is not None and self.wire.silence else ""
            return ReadError("timeout", f"{where} gave no answer within {seconds:g} s{hint}")
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

    def __init__(self, shared: DatagramSocket) -> None:
        self.shared = shared
        self.sendto = shared.sock.sendto
        self.members: dict[Peer, Member] = {}
        self.count = 0

    def takes(self, member: Member) -> bool:
        """Whether one more may answer with all the others and no answer is lost.

        Members behind one source are told apart by their request ids, which a sealed datagram
        does not show.
        """
        if self.count >= self.shared.room:
            return False
        twin = self.members.get(member.peer)
        return twin is None or (twin.wire is None and member.wire is None)

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
