"""The state of each agent that the shared socket polls. Sends nothing."""

from __future__ import annotations

import errno
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitord.decoding.rules import Raw
from monitord.devices.datagrams import Peer
from monitord.devices.model import DeviceSettings, ReadError, Remark
from monitord.devices.snmp.ber import ResponseParser, message_parser, pdu_parser
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from monitord.devices.snmp.messages import value_remarks
from monitord.devices.snmp.model import Community, SnmpSource, User
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.values import Oid
from monitord.devices.snmp.wire import ResponseMismatchError, Wire, no_answer, surplus_remark
from monitord.devices.sockets import read_error
from monitord.names import literal

_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})


class MemberReader(Protocol):
    """What the shared socket needs of a member's reader."""

    @property
    def single_get(self) -> SingleGet | None:
        """The whole poll where it is one GET, else None."""

    @property
    def remarks(self) -> MutableSequence[Remark]:
        """Remarks that wait for the poller; the latest only."""


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """How a member is polled; members with equal requests share one template.

    ``before`` and ``after``: the octets around the request id, in the datagram or, for v3
    (``is_v3``), in the PDU. They hold the community and are never shown. ``points_of``: for each
    varbind, the places of the points that it gives; None where varbind and point places are equal.
    """

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    is_v3: bool
    parser: ResponseParser
    points_of: tuple[tuple[int, ...], ...] | None


def request_template(single: SingleGet, security: Community | User) -> RequestTemplate:
    """Return how a poll is requested and how its response is checked."""
    oids, around = single.template.oids, single.octets_around_id()
    points_of: list[list[int]] = [[] for _ in oids]
    for point, place in enumerate(single.places):
        points_of[place].append(point)
    is_in_order = single.places == tuple(range(len(oids))) and not single.keys
    tuples = None if is_in_order else tuple(map(tuple, points_of))
    if around is None:
        pdu = single.template
        return RequestTemplate(pdu.before, pdu.after, True, pdu_parser(oids), tuples)
    assert isinstance(security, Community)
    parser = message_parser(single.wire.version, security.community.encode(), oids)
    return RequestTemplate(*around, False, parser, tuples)


class RowMovedError(Exception):
    """A row that is chosen by a key has another index now: the reader has to search for it."""


_NO_REQUEST = RequestTemplate(b"", b"", False, pdu_parser(()), None)


class Batch:
    """Requests that were sent together; those still under way at ``due`` time out."""

    __slots__ = ("due", "members")

    def __init__(self, due: int) -> None:
        self.due = due
        self.members: list[Member] = []


class Member:
    """One agent.

    ``request_id``: the four octets of the id under way, None where no request is;
    ``answered_id``: of the last request that was answered. ``is_undecided``: a datagram that may be
    its response waits for pysnmp; ``held_back``: datagrams that arrived after that one.
    ``needs_reset``: the next answer has to clear traces of an earlier poll. ``single`` and
    ``template``: what is requested and how; ``wire``: the security that wraps every datagram, None
    where datagrams differ only in the request id. ``raws``: by point, where points are not in the
    order of the varbinds. ``sendto``: of its socket, None while it has none. ``next_at_peer``:
    another member with the same address and port. ``is_named``: configured by a host name.
    """

    __slots__ = (
        "_source",
        "answered_id",
        "batch",
        "deadline",
        "decoder",
        "has_failed",
        "held_back",
        "is_named",
        "is_slow_logged",
        "is_undecided",
        "mismatch",
        "name",
        "needs_reset",
        "next_at_peer",
        "number",
        "peer",
        "raws",
        "reader",
        "request_id",
        "sendto",
        "sent_at",
        "single",
        "template",
        "unreachable",
        "wire",
    )

    def __init__(self, number: int, device: DeviceSettings, reader: MemberReader) -> None:
        assert isinstance(device.source, SnmpSource)
        self._source = device.source
        self.is_named = not literal(device.source.address)
        self.number = number
        self.name = device.id
        self.deadline = device.deadline
        self.reader = reader
        self.single: SingleGet | None = None
        self.template = _NO_REQUEST
        self.wire: Wire | None = None
        self.raws: list[Raw] = []
        self.decoder: DifferenceDecoder | None = None
        self.peer: Peer = ()
        self.sendto: Callable[[bytes, Peer], int] | None = None
        self.next_at_peer: Member | None = None
        self.request_id: bytes | None = None
        self.answered_id = b""
        self.sent_at = 0
        self.batch: Batch | None = None
        self.held_back: list[bytes] = []
        self.has_failed = self.needs_reset = True
        self.is_undecided = False
        self.is_slow_logged = False
        self.mismatch: ResponseMismatchError | None = None
        self.unreachable: OSError | None = None

    def learn(self, single: SingleGet, template: RequestTemplate, layouts: Layouts) -> None:
        """Use this request from now on; the next answer is compared with no earlier one."""
        self.peer = single.address
        self.wire = single.wire if template.is_v3 else None
        if self.decoder is None or single != self.single:
            self.single, self.template = single, template
            self.decoder = DifferenceDecoder(template.parser, layouts)
        self.end_failed()

    @property
    def security(self) -> Community | User:
        """The security of its messages; never shown."""
        return self._source.security

    def datagram(self, request_id: bytes, now: int) -> bytes:
        """Return the request with this id."""
        inner = self.template.before + request_id + self.template.after
        if self.wire is None:
            return inner
        number = int.from_bytes(request_id, "big")
        # After several silent polls the poll is a discovery; its report goes to the reader.
        return self.wire.opening(number) or self.wire.wrap(inner, number, now)

    def note_odd(self, decoder: DifferenceDecoder) -> None:
        """Remark what is odd in the response that was decoded last."""
        self.reader.remarks.extend(value_remarks(self._oids, decoder.problems))
        if decoder.surplus:
            self.reader.remarks.append(surplus_remark(decoder.surplus))

    @property
    def _oids(self) -> tuple[Oid, ...]:
        assert self.single is not None
        return self.single.template.oids

    def in_point_order(
        self, values: Sequence[Raw], changed: tuple[int, ...] | None
    ) -> tuple[int, ...] | None:
        """Copy values from varbind order into ``raws``; return the places of the changed points.

        Raises RowMovedError.
        """
        points_of, single = self.template.points_of, self.single
        assert points_of is not None
        assert single is not None
        assert self.decoder is not None
        if not single.has_rows(values):
            # These values never reached the points: the next answer is not compared with them.
            self.decoder.reset()
            raise RowMovedError
        if changed is None or len(self.raws) != len(single.places):
            self.raws[:] = [values[place] for place in single.places]
            return None
        points = sorted(point for place in changed for point in points_of[place])
        for point in points:
            self.raws[point] = values[single.places[point]]
        return tuple(points)

    def end_answered(self, changed: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """End a poll with an answer; return the places that changed, None where unknown."""
        known = None if self.has_failed else changed
        self.has_failed = self.needs_reset = False
        self.mismatch = self.unreachable = None
        return known

    def end_failed(self) -> None:
        """End a poll without an answer."""
        self.has_failed = self.needs_reset = True
        self.mismatch = self.unreachable = None

    def note_mismatch(self, mismatch: ResponseMismatchError) -> None:
        """Keep the reason for the error at the deadline; a faulty datagram outweighs a late one."""
        self.needs_reset = True
        if self.mismatch is None or mismatch.faulty:
            self.mismatch = mismatch

    def network_error(self, error: OSError) -> ReadError:
        """Return the error for the person who owns the device."""
        return read_error(error, self._source.address, self._source.port)

    def timeout_error(self) -> ReadError:
        """Return why the poll has no answer at its deadline."""
        if self.unreachable is not None:
            return self.network_error(self.unreachable)
        hint = "" if self.wire is None else self.wire.silence
        return no_answer(self._source.where, self.deadline / 1e6, self.mismatch, hint)

    def error_from_network(self, error: OSError) -> ReadError | None:
        """Return the error that ends the poll, None where the poll goes on.

        A closed port is certain. "No route" can belong to an earlier request.
        """
        if error.errno in _NO_ROUTE:
            self.needs_reset, self.unreachable = True, error
        return self.network_error(error) if isinstance(error, ConnectionRefusedError) else None
