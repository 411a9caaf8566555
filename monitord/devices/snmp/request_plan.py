"""Which OIDs to request from one agent for its points, and what one read received. No I/O.

An agent may know an OID without its last ``.0`` only, or reject an OID. The points of a row count
only in a read that also has the row's key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.messages import Oid
from monitord.devices.snmp.model import RowKey, SnmpPoint
from monitord.devices.snmp.request_size import OCTETS_MAX
from monitord.devices.snmp.rows import RowSearch, is_row

_HEAD_OCTETS = 120  # of a message: lengths, community or v3 parameters, the PDU's integers
_VALUE_OCTETS = 6  # of a value that was not received yet
_VARBIND_OCTETS = 5  # tags and lengths of a varbind, its OID and its value
_ASK_AGAIN_FIRST, _ASK_AGAIN_LAST = 32, 2_048  # reads


class Wanted(NamedTuple):
    """An OID to request. ``key``: of its row, if any; ``cell``: the OID that must have the key."""

    oid: Oid
    key: RowKey | None = None
    cell: Oid | None = None


class RequestPlan:
    """The OIDs of the points, as the agent answers them."""

    __slots__ = (
        "_octets",
        "_points",
        "_rows",
        "_short",
        "_tried",
    )

    def __init__(self, points: Sequence[SnmpPoint], rows: RowSearch) -> None:
        self._points = points
        self._rows = rows
        # Frozen: all empty ones are one object, and an empty set takes 0.2 kB.
        self._short: frozenset[Oid] = frozenset()
        self._tried: frozenset[Oid] = frozenset()
        self._octets: dict[Oid, int] = {}

    def wanted(self) -> list[Wanted]:
        """Return each OID once, in the order of the points, without rows that are not found."""
        found = (self._want(point) for point in self._points)
        return list(dict.fromkeys(one for one in found if one is not None))

    def raws(self, values: Mapping[Oid, Raw]) -> tuple[Raw, ...]:
        """Return the raw value of each point, None where there is none."""
        wanted = map(self._want, self._points)
        return tuple(None if one is None else values.get(one.oid) for one in wanted)

    def places(self, oids: Sequence[Oid]) -> tuple[int, ...] | None:
        """Return each point's place in a request, None where one has none."""
        place_of = {oid: place for place, oid in enumerate(oids)}
        wanted = [self._want(point) for point in self._points]
        found = tuple(place_of[one.oid] for one in wanted if one and one.oid in place_of)
        return found if len(found) == len(wanted) else None

    def points_of(self, oids: Mapping[Oid, object]) -> tuple[str, ...]:
        """Return the ids of the points that these OIDs give."""
        pairs = ((point.id, self._want(point)) for point in self._points)
        return tuple(id_ for id_, one in pairs if one is not None and one.oid in oids)

    def next_oids(self, todo: Sequence[Wanted], room: int) -> tuple[Oid, ...]:
        """Return the OIDs of the next request: at most ``room``, and at least one.

        A row's key is in each request with its points, where there is room for two.
        """
        chosen: dict[Oid, None] = {}
        octets = _HEAD_OCTETS
        for one in todo:
            oids = (one.cell, one.oid) if one.cell is not None and room > 1 else (one.oid,)
            more = [oid for oid in dict.fromkeys(oids) if oid not in chosen]
            octets += sum(map(self._size, more))
            if chosen and (len(chosen) + len(more) > room or octets > OCTETS_MAX):
                break
            chosen |= dict.fromkeys(more)
        return tuple(chosen)

    def note_sizes(self, values: Mapping[Oid, Raw]) -> None:
        """Note how long the texts are."""
        for oid, raw in values.items():
            if isinstance(raw, bytes | str) and len(raw) > _VALUE_OCTETS:
                self._octets[oid] = max(len(raw), self._octets.get(oid, 0))

    def untried(self, values: Mapping[Oid, Raw]) -> list[Oid]:
        """Return the OIDs without ``.0`` of absent objects that were not tried yet."""
        absent = (one.oid for one in self.wanted() if values.get(one.oid) is None)
        short = (oid[:-1] for oid in absent if oid[-1] == 0)
        return [oid for oid in short if oid not in self._tried]

    def note_tried(self, oids: Sequence[Oid], values: Mapping[Oid, Raw]) -> None:
        """Note which objects the agent answers without ``.0``."""
        self._tried = self._tried.union(oids)
        self._short = self._short.union(oid for oid in oids if values.get(oid) is not None)

    def forget(self) -> None:
        """Request whole OIDs again: the agent restarted, perhaps with other firmware."""
        self._short = self._tried = frozenset()

    def _want(self, point: SnmpPoint) -> Wanted | None:
        if point.row is None:
            short = point.oid[:-1]
            return Wanted(short if short in self._short else point.oid)
        index = self._rows.place(point.row)
        if index is None:
            return None
        return Wanted((*point.oid, *index, *point.after), point.row, (*point.row.column, *index))

    def _size(self, oid: Oid) -> int:
        """Return about how many octets a varbind has in the response."""
        arcs = sum(1 if arc < 128 else 2 if arc < 16_384 else 5 for arc in oid)
        return _VARBIND_OCTETS + arcs + self._octets.get(oid, _VALUE_OCTETS)


class RejectedOids:
    """OIDs that an agent rejects: left out of its requests, and tried again from time to time.

    A v1 agent rejects a whole request for one OID that it does not have (RFC 1157 §4.1.2).
    ``until``: by OID, the number of the read that tries it again.
    """

    __slots__ = (
        "_reads",
        "_wait",
        "until",
    )

    def __init__(self) -> None:
        self.until: dict[Oid, int] = {}
        self._wait: dict[Oid, int] = {}
        self._reads = 0

    def begin_read(self) -> None:
        """Count a read."""
        self._reads += 1

    def note(self, oid: Oid) -> None:
        """Leave an OID out, longer each time."""
        wait = self._wait.get(oid, _ASK_AGAIN_FIRST)
        self._wait[oid] = min(_ASK_AGAIN_LAST, 2 * wait)
        self.until[oid] = self._reads + wait

    def due(self) -> Oid | None:
        """Return an OID to try again, None where none is due."""
        return next((oid for oid, at in self.until.items() if self._reads >= at), None)

    def remove(self, oid: Oid) -> None:
        """Request an OID again in every read."""
        self.until.pop(oid, None)
        self._wait.pop(oid, None)

    def keep(self, oids: Collection[Oid]) -> None:
        """Remove all others: the row they were in has moved."""
        for oid in [oid for oid in self.until if oid not in oids]:
            self.remove(oid)

    def forget(self) -> None:
        """Request all of them again: the agent restarted."""
        self.until.clear()
        self._wait.clear()


@dataclass(slots=True)
class ReadProgress:
    """What one read still has to request, and what it received.

    ``is_whole``: all OIDs that the agent is known to have are answered; the read cannot fail any
    more. ``has_answer``: the agent answered an OID. ``rejection``: the first error status.
    ``cap``: maximum of OIDs in a request while the rejected one is searched for. ``requested``: the
    OIDs of the request under way. ``slowest``: response time in microseconds. ``lost``: rows whose
    index changed.
    """

    todo: list[Wanted]
    values: dict[Oid, Raw] = field(default_factory=dict)
    is_whole: bool = False
    has_answer: bool = False
    rejection: ReadError | None = None
    cap: int | None = None
    requested: tuple[Oid, ...] = ()
    slowest: int = 0
    lost: set[RowKey] = field(default_factory=set)
    _unproven: dict[RowKey, Oid] = field(default_factory=dict)

    def add(self, found: Mapping[Oid, Raw]) -> None:
        """Add values; those of a row count only with its key, in this response or a later one."""
        self.has_answer = True
        self.values.update(found)
        self._check_rows(found)
        self._drop(found)

    def leave_out(self, oid: Oid) -> None:
        """Continue without an OID; without its key, a row is lost."""
        self.lost.update(o.key for o in self.todo if o.cell == oid and o.key is not None)
        self.values[oid] = None
        self.todo = [one for one in self.todo if one.cell != oid]
        self._drop({oid: None})

    def _drop(self, done: Mapping[Oid, Raw]) -> None:
        """Remove what is done; at the end request the keys that no response had."""
        for one in self.todo:
            if one.oid in done and one.key and one.cell and one.cell not in done:
                self._unproven[one.key] = one.cell
        self.todo = [one for one in self.todo if one.oid not in done]
        if not self.todo:
            self.todo = [Wanted(cell, key, cell) for key, cell in self._unproven.items()]
            self._unproven = {}

    def drop_lost(self, wanted: Sequence[Wanted]) -> None:
        """Clear the values of lost rows: they may be another row's."""
        for one in wanted:
            if one.key in self.lost:
                self.values[one.oid] = None

    def _check_rows(self, found: Mapping[Oid, Raw]) -> None:
        for one in self.todo:
            if one.key is None or one.cell is None or one.cell not in found:
                continue
            if not is_row(found[one.cell], one.key.value):
                self.lost.add(one.key)
