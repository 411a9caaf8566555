"""Polls many SNMP agents at once through few sockets. Has no task and no timer; judges nothing.

Reads no clock: time is handed in. A response is matched by source address, port and request id, and
decoded by its difference from the one before. What the fast decoder rejects is read value by value.
An agent that needs more than one GET stays with its reader.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Sequence
from typing import Final

import structlog

from monitord.devices.datagrams import DatagramSocket
from monitord.devices.model import DeviceSettings
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.deadlines import Deadlines
from monitord.devices.snmp.difference import Layouts
from monitord.devices.snmp.link import PACKET_SIZE_MAX
from monitord.devices.snmp.member_sockets import MemberSocket, MemberSockets, OpenSocket
from monitord.devices.snmp.members import (
    Batch,
    Member,
    MemberReader,
    RequestTemplate,
    request_template,
)
from monitord.devices.snmp.messages import request_id_from
from monitord.devices.snmp.poll_outcomes import PollOutcomes
from monitord.devices.snmp.rejected_datagrams import RejectedDatagrams
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts

_log = structlog.get_logger(__name__)

DRAIN_MAX: Final = 2048
"""Datagrams in one drain: four slots of 50 ms at 10,000 answers a second, after a pause of ours."""
_RECEIVE_SIZE: Final = PACKET_SIZE_MAX + 1  # one octet more shows that a datagram is too long


class SnmpSharedSocket:
    """A ``SharedSocket`` of SNMP agents. Members have the numbers of ``devices`` and ``readers``.

    ``counts``: how polls ended, and datagrams that were no response. ``drain_max``: datagrams that
    one drain reads. ``open_socket``: opens a UDP socket of an address family.
    """

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        readers: Sequence[MemberReader],
        *,
        drain_max: int = DRAIN_MAX,
        open_socket: OpenSocket = DatagramSocket,
    ) -> None:
        pairs = enumerate(zip(devices, readers, strict=True))
        self._members = [Member(number, device, reader) for number, (device, reader) in pairs]
        self._drain_max = drain_max
        self._layouts = Layouts()
        self._templates: dict[RequestTemplate, RequestTemplate] = {}
        self._counter = secrets.randbits(30)
        self._sockets = MemberSockets(open_socket)
        self._deadlines = Deadlines()
        self.counts = SharedSocketCounts()
        self._outcomes = PollOutcomes(self.counts, self._sockets.remove)
        self._rejected = RejectedDatagrams(self._outcomes)
        self._unsent: list[Member] = []
        self._is_drained = True

    def fileno(self) -> int:
        """Return a file descriptor for ``select``: readable while a datagram waits."""
        return self._sockets.fileno()

    def learn(self, member: int) -> bool:
        """Copy what the member's reader learned from a read that succeeded.

        Return whether the shared socket polls the member from now on: a poll is one GET.
        """
        one = self._members[member]
        assert one.request_id is None
        self._sockets.remove(one)
        single = one.reader.single_get
        if single is None:
            return False
        template = request_template(single, one.security)
        if len(self._templates) > len(self._members):
            self._templates.clear()
        one.learn(single, self._templates.setdefault(template, template), self._layouts)
        try:
            self._sockets.add(one, single.family)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, type(error).__name__)
            _log.warning("lane_socket_failed", device=one.name, detail=name)
            return False
        return True

    def send(self, members: Sequence[int], now: int) -> None:
        """Poll these members; ``now`` is site time in microseconds and becomes ``sent_at``."""
        batches: dict[int, Batch] = {}
        counter = self._counter
        for number in members:
            member = self._members[number]
            sendto = member.sendto
            assert member.request_id is None
            assert sendto is not None
            batch = batches.get(member.deadline)
            if batch is None:
                batch = batches[member.deadline] = Batch(now + member.deadline)
            batch.members.append(member)
            member.batch = batch
            member.sent_at = now
            counter += 1
            request_id = member.request_id = request_id_from(counter).to_bytes(4, "big")
            try:
                if member.wire is None:
                    template = member.template
                    sendto(template.before + request_id + template.after, member.peer)
                else:
                    sendto(member.datagram(request_id, now), member.peer)
            except OSError:
                # The error may belong to an earlier request, to another member.
                self._read_errors(self._sockets.of(member))
                self._send_again(member)
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self._outcomes.fail_unexpectedly(member, error)
        self._counter = counter
        self.counts.sent += len(members)
        self._deadlines.add(batches)

    def drain(self, now: int) -> list[PollResult]:
        """Return polls that ended, a bounded number; the next wake-up returns the rest."""
        unsent, self._unsent = self._unsent, []
        for member in unsent:
            self._send_again(member)
        room = self._drain_max
        for fd, _ in self._sockets.poll(0):
            room = self._receive(self._sockets.by_fd[fd], now, room)
        self._is_drained = room > 0
        if self._rejected.queue:
            self._rejected.decode_some(now)
        return self._outcomes.collect()

    def sweep(self, now: int) -> list[PollResult]:
        """Return the polls whose deadline has passed. Call ``drain`` first."""
        for member in self._deadlines.overdue(now, is_drained=self._is_drained):
            self._outcomes.fail(member, member.timeout_error())
        return self._outcomes.collect()

    def keeps(self, member: int) -> bool:
        """Return whether a member that gave no answer is polled here again."""
        return not self._members[member].is_named

    def take_remarked(self) -> list[int]:
        """Return the members whose readers have remarks since the last call."""
        remarked, self._outcomes.remarked = self._outcomes.remarked, []
        return remarked

    def close(self) -> None:
        """Release the sockets; safe to call twice."""
        self._sockets.close()

    def _receive(self, one: MemberSocket, now: int, room: int) -> int:
        """Read datagrams until there is none or ``room`` is used up; return the room left."""
        receive, find = one.datagrams.sock.recvfrom, one.members.get
        ended, new = self._outcomes.ended, tuple.__new__
        answers = 0
        while room > 0:
            try:
                datagram, peer = receive(_RECEIVE_SIZE)
            except BlockingIOError:
                break
            except OSError:
                room -= 1
                self._read_errors(one)
                continue
            room -= 1
            member = find(peer)
            if member is None:
                self.counts.unknown_source += 1
                continue
            if member.next_at_peer is not None:
                member = one.member_of(datagram, peer)
            request_id, decoder = member.request_id, member.decoder
            if request_id is None or member.is_undecided:
                self._rejected.hold_back(member, datagram)
                continue
            assert decoder is not None
            try:
                if member.wire is not None:
                    datagram = member.wire.unwrap(datagram, now)
                changed = decoder.decode(datagram, request_id)
                if decoder.is_odd:
                    self._outcomes.note_odd(member)
                raws = decoder.values
                if member.template.points_of is not None:
                    changed, raws = member.in_point_order(raws, changed), member.raws
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self._rejected.reject(member, datagram, error)
                continue
            if member.needs_reset:
                changed = member.end_answered(changed)
            member.answered_id, member.request_id = request_id, None
            # As PollResult(...), without the cost of a named tuple's own constructor.
            ended.append(new(PollResult, (member.number, member.sent_at, raws, changed)))
            answers += 1
        self.counts.answers += answers
        return room

    def _send_again(self, member: Member) -> None:
        """Send a request that did not leave, or end its poll where there is no route."""
        if member.request_id is None or member.sendto is None:
            return
        try:
            member.sendto(member.datagram(member.request_id, member.sent_at), member.peer)
        except OSError as error:
            if isinstance(error, BlockingIOError) or error.errno == errno.ENOBUFS:
                # Our own send queue is full; the device has no part in it.
                self._unsent.append(member)
            else:
                self._outcomes.fail(member, member.network_error(error))

    def _read_errors(self, one: MemberSocket) -> None:
        """Empty the socket's error queue; end the polls whose port is closed."""
        for member, error in one.errors():
            if member.request_id is None or member.is_undecided:
                continue
            failure = member.error_from_network(error)
            if failure is not None:
                self._outcomes.fail(member, failure)
