"""Polls many SNMP agents at once through few sockets. Owns requests under way; no task, no timer.

Knows no clock (times are handed in) and judges nothing. An answer is matched by source, port and
request id, decoded by what differs from the one before, and read by pysnmp where the fast decoder
does not understand it. The sessions of single agents stay with their readers.
"""

from __future__ import annotations

import errno
import secrets
import select
import socket
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog

from monitord.decoding.rules import Raw
from monitord.devices.datagrams import DatagramSocket
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.shared_socket import PollResult
from monitord.devices.snmp.ber import NotUnderstoodError
from monitord.devices.snmp.difference import Layouts
from monitord.devices.snmp.link import PACKET_SIZE_MAX
from monitord.devices.snmp.members import (
    Asking,
    Batch,
    Learned,
    Member,
    Port,
    RowMovedError,
    asking_of,
)
from monitord.devices.snmp.messages import request_id_from
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError
from monitord.logs import error_place

_log = structlog.get_logger(__name__)

# Four slots of 50 ms at 10,000 answers a second: what a pause of our own left is caught up with.
DRAIN_MAX: Final = 2048
# Answers that take pysnmp a millisecond each, in one drain; the others wait for the next.
SLOW_MAX: Final = 16
# Datagrams of one agent that are kept while another of its is to be read by pysnmp.
BEHIND_MAX: Final = 4
# One octet over the longest that is read: a longer datagram shows.
DATAGRAM_SIZE_MAX: Final = PACKET_SIZE_MAX + 1
_ERRORS_MAX: Final = 1024


class SnmpSharedSocket:
    """A ``SharedSocket`` of SNMP agents. Members are numbered as ``devices`` and ``readers`` stand.

    ``counts``: how polls ended and what came besides. ``drain_max``: datagrams one drain takes.
    """

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        readers: Sequence[Learned],
        *,
        drain_max: int = DRAIN_MAX,
    ) -> None:
        self.counts = SharedSocketCounts()
        pairs = enumerate(zip(devices, readers, strict=True))
        self._members = [Member(number, device, reader) for number, (device, reader) in pairs]
        self._drain_max = drain_max
        self._layouts = Layouts()
        self._askings: dict[Asking, Asking] = {}
        self._ports: dict[int, Port] = {}
        self._readable = select.epoll()
        self._counter = secrets.randbits(30)
        # By deadline, and so in the order in which they are due.
        self._batches: dict[int, deque[Batch]] = {}
        self._unsent: list[Member] = []
        self._slow: deque[tuple[Member, bytes, str]] = deque()
        self._ended: list[PollResult] = []
        self._is_drained = True

    def learn(self, member: int) -> bool:
        """Take over what the member's reader has learned of it by a read that succeeded.

        Return whether the lane takes the member from now on: its whole poll is one GET.
        """
        one = self._members[member]
        assert one.asked is None
        if one.port is not None:
            one.port.remove(one)
        single = one.reader.single_get
        if single is None:
            return False
        asking = asking_of(single, one.security)
        if len(self._askings) > len(self._members):
            self._askings.clear()
        one.learn(single, self._askings.setdefault(asking, asking), self._layouts)
        try:
            self._port_for(one, single.family).add(one)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, type(error).__name__)
            _log.warning("lane_socket_failed", device=one.name, detail=name)
            return False
        return True

    def send(self, members: Sequence[int], now: int) -> None:
        """Ask each of these; ``now`` is site time in microseconds and becomes their ``sent_at``."""
        batches: dict[int, Batch] = {}
        counter = self._counter
        for number in members:
            member = self._members[number]
            assert member.asked is None
            assert member.port is not None
            batch = batches.get(member.deadline)
            if batch is None:
                batch = batches[member.deadline] = Batch(now + member.deadline)
            batch.members.append(member)
            member.batch = batch
            member.sent_at = now
            counter += 1
            asked = member.asked = request_id_from(counter).to_bytes(4, "big")
            try:
                if member.wire is None:
                    asking = member.asking
                    member.port.sendto(asking.before + asked + asking.after, member.peer)
                else:
                    member.port.sendto(member.datagram(asked, now), member.peer)
            except OSError:
                # Not always its own: the socket also tells so of an earlier request to another.
                self._hear(member.port, self._ended)
                self._send_again(member)
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self._break(member, error, self._ended)
        self._counter = counter
        self.counts.sent += len(members)
        for deadline, batch in batches.items():
            self._batches.setdefault(deadline, deque()).append(batch)

    def drain(self, now: int) -> list[PollResult]:
        """Return what has come, at most a bounded number; the rest is there at the next wake-up."""
        ended, self._ended = self._ended, []
        unsent, self._unsent = self._unsent, []
        for member in unsent:
            self._send_again(member)
        room = self._drain_max
        for number, _ in self._readable.poll(0):
            room = self._receive(self._ports[number], now, room, ended)
        self._is_drained = room > 0
        for _ in range(min(SLOW_MAX, len(self._slow))):
            self._read_slowly(now, ended)
        return ended

    def sweep(self, now: int) -> list[PollResult]:
        """Return the polls whose deadline has passed. Call ``drain`` first."""
        ended: list[PollResult] = []
        for deadline, batches in self._batches.items():
            # What still lies in a socket may be the answer; but no flood silences a silence.
            grace = 0 if self._is_drained else deadline
            while batches and batches[0].due + grace <= now:
                batch = batches.popleft()
                for member in batch.members:
                    if member.batch is batch and member.asked and not member.is_waiting:
                        self._fail(member, member.silence(), ended)
        return ended

    def close(self) -> None:
        """Release the sockets; safe to call twice."""
        for port in self._ports.values():
            port.shared.close()
        self._readable.close()

    def _port_for(self, member: Member, family: socket.AddressFamily) -> Port:
        for port in self._ports.values():
            if port.shared.family == family and port.takes(member):
                return port
        port = Port(DatagramSocket(family))
        number = port.shared.sock.fileno()
        self._ports[number] = port
        self._readable.register(number, select.EPOLLIN)
        return port

    def _receive(self, port: Port, now: int, room: int, ended: list[PollResult]) -> int:
        """Take datagrams until there is none or no room; return the room that is left."""
        receive, find = port.shared.sock.recvfrom, port.members.get
        new = tuple.__new__
        answers = 0
        while room > 0:
            try:
                datagram, peer = receive(DATAGRAM_SIZE_MAX)
            except BlockingIOError:
                break
            except OSError:
                room -= 1
                self._hear(port, ended)
                continue
            room -= 1
            member = find(peer)
            if member is None:
                self.counts.unknown_source += 1
                continue
            if member.twin is not None:
                member = _asked_in(datagram, port.behind(peer))
            asked, decoder = member.asked, member.decoder
            if asked is None or member.is_waiting:
                self._keep_behind(member, datagram)
                continue
            assert decoder is not None
            try:
                if member.wire is not None:
                    datagram = member.wire.unwrap(datagram, now)
                changed = decoder.take(datagram, asked)
                raws = decoder.values
                if member.asking.points_of is not None:
                    changed, raws = member.arranged(raws, changed), member.raws
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self._refuse(member, datagram, error, ended)
                continue
            if member.is_marked:
                changed = member.cleared(changed)
            member.answered, member.asked = asked, None
            # As PollResult(...), without the frame that a named tuple's own constructor costs.
            ended.append(new(PollResult, (member.number, member.sent_at, raws, changed)))
            answers += 1
        self.counts.answers += answers
        return room

    def _keep_behind(self, member: Member, datagram: bytes) -> None:
        """Keep what came behind an answer that may prove to be none: a lie must not hide it."""
        if member.is_waiting and len(member.behind) < BEHIND_MAX:
            member.behind.append(datagram)
        else:
            self._count_unasked(member, datagram)

    def _go_on(self, member: Member, now: int, ended: list[PollResult]) -> None:
        """Look at what came behind an answer that was none, as far as the next that may be one."""
        behind, member.behind = member.behind, []
        for place, datagram in enumerate(behind):
            if member.asked is None or member.decoder is None:
                self._count_unasked(member, datagram)
                continue
            if member.is_waiting:
                member.behind = behind[place:]
                return
            try:
                pdu = datagram if member.wire is None else member.wire.unwrap(datagram, now)
                changed = member.decoder.take(pdu, member.asked)
                raws: Sequence[Raw] = member.decoder.values
                if member.asking.points_of is not None:
                    member.arranged(raws, changed)
                    raws = member.raws
            except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
                self._refuse(member, datagram, error, ended)
                continue
            self.counts.answers += 1
            member.cleared(changed)
            self._end(member, raws, ended)

    def _count_unasked(self, member: Member, datagram: bytes) -> None:
        """Count what answers no request that is under way."""
        last = member.asked if member.is_waiting and member.asked else member.answered
        if last and last in datagram:
            self.counts.duplicate += 1
        else:
            self.counts.late += 1

    def _refuse(
        self, member: Member, datagram: bytes, error: Exception, ended: list[PollResult]
    ) -> None:
        """Do what is due with what the fast way does not take."""
        match error:
            case NotUnderstoodError():
                self._put_off(member, datagram, error.reason)
            case ResponseMismatchError():
                self._disbelieve(member, error)
            case AskAgainError() | RowMovedError():
                self._hand_back(member, ended)
            case ReadError():
                self._fail(member, error, ended)
            case _:
                self._break(member, error, ended)

    def _disbelieve(self, member: Member, error: ResponseMismatchError) -> None:
        """Wait on: the true answer may still come."""
        if error.faulty:
            self.counts.mismatched += 1
        else:
            self.counts.late += 1
        member.note(error)

    def _put_off(self, member: Member, datagram: bytes, reason: str) -> None:
        """Keep for pysnmp what may be the answer and is not understood."""
        if member.asked is None or member.asked not in datagram:
            self._count_unasked(member, datagram)
            member.note(ResponseMismatchError("request id is not ours", faulty=False))
            return
        member.is_waiting = True
        self._slow.append((member, datagram, reason))

    def _read_slowly(self, now: int, ended: list[PollResult]) -> None:
        """Let pysnmp read one answer; what it does not believe is as if it had not come."""
        member, datagram, reason = self._slow.popleft()
        member.is_waiting = False
        assert member.batch is not None
        self.counts.slow += 1
        try:
            self._settle(member, datagram, now, ended)
        except Exception as error:  # noqa: BLE001 - one member's poll fails, the others go on
            self._refuse(member, datagram, error, ended)
        if member.asked is None and not member.is_known_slow:
            member.is_known_slow = True
            _log.warning("snmp_answer_read_slowly", device=member.name, reason=reason)
        self._go_on(member, now, ended)
        if member.asked is not None and not member.is_waiting and member.batch.due <= now:
            self._fail(member, member.silence(), ended)

    def _settle(self, member: Member, datagram: bytes, now: int, ended: list[PollResult]) -> None:
        """End the poll with what pysnmp reads. Raises ResponseMismatchError and ReadError."""
        assert member.single is not None
        assert member.asked is not None
        assert member.decoder is not None
        if len(datagram) >= DATAGRAM_SIZE_MAX:
            raise ResponseMismatchError(
                f"datagram is longer than {DATAGRAM_SIZE_MAX - 1}", faulty=True
            )
        # What was sealed is open by now.
        pdu = datagram if member.wire is not None else member.single.wire.unwrap(datagram, now)
        raws = member.single.read(pdu, int.from_bytes(member.asked, "big"))
        member.decoder.forget()
        if raws is None:
            self._hand_back(member, ended)
            return
        member.cleared(None)
        self.counts.answers += 1
        self._end(member, raws, ended)

    def _hand_back(self, member: Member, ended: list[PollResult]) -> None:
        """Give a poll to the member's reader; the member is asked no more until it is learned."""
        assert member.port is not None
        member.port.remove(member)
        member.fail()
        self.counts.handed_back += 1
        self._end(member, None, ended)

    def _break(self, member: Member, error: Exception, ended: list[PollResult]) -> None:
        """End a poll that our own decoding failed at. Its text stays out: it might hold content."""
        self.counts.broken += 1
        if member.decoder is not None:
            member.decoder.forget()
        self._fail(member, ReadError("bad_answer", error_place(error)), ended)

    def _fail(self, member: Member, error: ReadError, ended: list[PollResult]) -> None:
        member.fail()
        self.counts.failures += 1
        self._end(member, error, ended)

    def _end(
        self, member: Member, raws: Sequence[Raw] | ReadError | None, ended: list[PollResult]
    ) -> None:
        """End the poll under way; all may have changed."""
        if member.asked is not None and not isinstance(raws, ReadError):
            member.answered = member.asked
        member.asked = None
        ended.append(PollResult(member.number, member.sent_at, raws, None))

    def _send_again(self, member: Member) -> None:
        """Send what was not, or end the poll where there is no way."""
        if member.asked is None or member.port is None:
            return
        try:
            packet = member.datagram(member.asked, member.sent_at)
            member.port.sendto(packet, member.peer)
        except OSError as error:
            if isinstance(error, BlockingIOError) or error.errno == errno.ENOBUFS:
                # Our own queue is full, which says nothing of the device.
                self._unsent.append(member)
            else:
                self._fail(member, member.failure(error), self._ended)

    def _hear(self, port: Port, ended: list[PollResult]) -> None:
        """Empty the socket's queue of errors."""
        for _ in range(_ERRORS_MAX):
            told = port.shared.error()
            if told is None:
                return
            for member in port.behind(told.peer):
                if member.asked is None or member.is_waiting:
                    continue
                failure = member.hear(told.error)
                if failure is not None:
                    self._fail(member, failure, ended)


def _asked_in(datagram: bytes, members: list[Member]) -> Member:
    """Return the one whose request id a datagram holds, of several behind one address and port."""
    for member in members:
        if member.asked is not None and member.asked in datagram:
            return member
    return members[0]
