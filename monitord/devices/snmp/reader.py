"""Reads one SNMP agent: all its points with as few requests as it takes, within a deadline.

Agents of small boxes drop large requests, reject a request for one OID they do not have, or leave
the last ``.0`` of an OID out. What a read learns of this is used by the next.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass
from functools import cache

from monitord.clock import Clock, SystemClock
from monitord.decoding.rules import Raw
from monitord.devices.model import Remark
from monitord.devices.snmp.agent_socket import OpenAgentSocket, open_agent_socket
from monitord.devices.snmp.learned import Learned
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.messages import build_get
from monitord.devices.snmp.model import V1, SnmpSource, User
from monitord.devices.snmp.read_operation import ReadOperation
from monitord.devices.snmp.request_plan import ReadProgress, RejectedOids, RequestPlan, Wanted
from monitord.devices.snmp.request_size import OBJECTS_MAX, RequestSize
from monitord.devices.snmp.rows import RowSearch
from monitord.devices.snmp.security import open_wire
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.up_time import UP_TIME, UpTime
from monitord.devices.snmp.wire import Wire
from monitord.devices.sockets import read_error
from monitord.names import NAMES, Names


@dataclass(frozen=True, slots=True)
class Noticed:
    """Observations of an agent besides its values. Times in microseconds.

    ``slowest_us``: the slowest response of the last read; ``usual_us``: smoothed over many reads.
    ``restarts``: how often sysUpTime started from zero. ``objects_per_request``: the maximum it
    answers, None where that is ours. ``refused``: ids of points whose OID it rejects. ``rows``: why
    rows that are chosen by a key are not found.
    """

    slowest_us: int = 0
    usual_us: int = 0
    restarts: int = 0
    objects_per_request: int | None = None
    refused: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@cache
def _no_rows(version: int) -> RowSearch:
    """Return the search of all agents without rows: it learns nothing."""
    return RowSearch((), version)


@cache
def _system_clock() -> Clock:
    return SystemClock(None)


class SnmpReader:
    """One agent, one read at a time, one request at a time. A failed read closes the socket.

    The raw value of a point is None for noSuchObject, noSuchInstance, a rejected OID and a row
    whose key is not found.
    """

    proven_from = took = None

    __slots__ = ("_is_complete", "_learned", "_link", "_slowest", "_source", "_up_time", "_usual")

    def __init__(
        self,
        source: SnmpSource,
        *,
        wire: Wire | None = None,
        clock: Clock | None = None,
        names: Names = NAMES,
        open_socket: OpenAgentSocket = open_agent_socket,
    ) -> None:
        self._source = source
        wire = wire or open_wire(source.security)
        security = source.security
        self._link = Link(
            source.address,
            source.port,
            wire,
            clock or _system_clock(),
            names,
            sources=source.answers_from,
            is_authentic=isinstance(security, User) and bool(security.auth),
            open_socket=open_socket,
        )
        keys = [point.row for point in source.points if point.row is not None]
        rows = RowSearch(keys, wire.version) if keys else _no_rows(wire.version)
        size = RequestSize(source.objects_per_request or OBJECTS_MAX)
        self._learned = Learned(size, RequestPlan(source.points, rows), RejectedOids(), rows)
        self._up_time = UpTime()
        self._is_complete = False
        self._slowest = self._usual = 0

    def __repr__(self) -> str:
        return f"SnmpReader({self._source!r})"

    @property
    def link(self) -> Link:
        """The socket to the agent, for tools that walk it between reads."""
        return self._link

    @property
    def remarks(self) -> MutableSequence[Remark]:
        """Remarks about the agent's engine; the caller that reads them clears them."""
        return self._link.wire.remarks

    def take_remarks(self) -> tuple[Remark, ...]:
        """Return the remarks and clear them."""
        found = tuple(self.remarks)
        self.remarks.clear()
        return found

    @property
    def noticed(self) -> Noticed:
        """Observations until now."""
        learned = self._learned
        return Noticed(
            slowest_us=self._slowest,
            usual_us=self._usual,
            restarts=self._up_time.restarts,
            objects_per_request=learned.size.learned,
            refused=learned.plan.points_of(learned.rejected.until),
            rows=tuple(learned.rows.missing.values()),
        )

    @property
    def single_get(self) -> SingleGet | None:
        """The whole poll as one GET; None where it needs more, or a row is not found."""
        target, learned = self._link.target, self._learned
        if target is None or not self._is_complete or learned.rejected.until:
            return None
        wanted = learned.plan.wanted()
        oids = learned.plan.next_oids(wanted, learned.size.room)
        places = learned.plan.places(oids)
        rows = {one.cell: one.key.value for one in wanted if one.cell and one.key}
        if places is None or not places or not rows.keys() <= set(oids):
            return None
        keys = tuple((oids.index(cell), text) for cell, text in rows.items())
        return SingleGet(*target, self._link.wire, build_get(oids), places, keys)

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw value of each point, in their order, within ``deadline_s`` seconds.

        Raises ReadError: timeout, refused, unreachable, bad_answer, error_status.
        """
        self._link.begin()
        self._learned.begin_read()
        progress = ReadProgress(self._first_oids())
        operation = ReadOperation(
            self._link, self._learned, progress, where=self._source.where, deadline_s=deadline_s
        )
        self._is_complete = False
        try:
            await operation.run()
            self._is_complete = True
        except OSError as error:
            raise read_error(error, self._source.address, self._source.port) from error
        finally:
            # A new port after a failure: a late response to the old port is dropped.
            if not self._is_complete:
                await self.close()
        return self._end(progress)

    async def close(self) -> None:
        """Release the socket; the next read opens another."""
        self._link.close()
        self._up_time.is_due = True

    def _first_oids(self) -> list[Wanted]:
        """Return what a read requests; sysUpTime too where it needs no further request."""
        due, room = self._learned.due(), self._learned.size.room
        has_room = self._link.wire.version != V1 and room > 1 and len(due) % room > 0
        # Without any OID to request, sysUpTime shows whether the agent answers.
        if not due or (self._up_time.is_due and has_room):
            return list(dict.fromkeys([*due, Wanted(UP_TIME)]))
        return due

    def _end(self, progress: ReadProgress) -> tuple[Raw, ...]:
        learned = self._learned
        progress.drop_lost(learned.plan.wanted())
        for key in progress.lost:
            learned.rows.note_lost(key)
        learned.plan.note_sizes(progress.values)
        self._slowest = slowest = progress.slowest
        self._usual += (slowest - self._usual) // 16 if self._usual else slowest
        raws = learned.plan.raws(progress.values)
        if self._up_time.note(progress.values.get(UP_TIME), self._link.now):
            learned.forget()
        return raws
