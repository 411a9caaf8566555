"""What is asked of one agent for its points, and what one read got. No I/O, no time.

Owns the names objects have on the wire (an agent may want them without their last ``.0``), which of
them the agent refuses to speak of, and that a row's points count only beside the row's own key.
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
from monitord.devices.snmp.rows import Rows, says

_HEAD_OCTETS = 120  # of a message: lengths, a community or v3's parameters, the PDU's numbers
_VALUE_OCTETS = 6  # of a value nothing is known of yet
_VARBIND_OCTETS = 5  # tags and lengths around a name and its value
_ASK_AGAIN_FIRST, _ASK_AGAIN_LAST = 32, 2_048  # reads


class Wanted(NamedTuple):
    """An object to ask for. ``key``: whose row it is in, and ``cell``: what must still say so."""

    oid: Oid
    key: RowKey | None = None
    cell: Oid | None = None


class Objects:
    """The objects of the points, by the names that the agent answers to."""

    def __init__(self, points: Sequence[SnmpPoint], rows: Rows) -> None:
        self._points = points
        self._rows = rows
        self._short: set[Oid] = set()
        self._tried: set[Oid] = set()
        self._octets: dict[Oid, int] = {}

    def wanted(self) -> list[Wanted]:
        """Return each object once, in the order of the points; rows not found are left out."""
        found = (self._want(point) for point in self._points)
        return list(dict.fromkeys(one for one in found if one is not None))

    def raws(self, values: Mapping[Oid, Raw]) -> tuple[Raw, ...]:
        """Return what came for each point, None where nothing did."""
        wanted = map(self._want, self._points)
        return tuple(None if one is None else values.get(one.oid) for one in wanted)

    def places(self, oids: Sequence[Oid]) -> tuple[int, ...] | None:
        """Return where each point's object stands in a request, None where not all do."""
        place_of = {oid: place for place, oid in enumerate(oids)}
        wanted = [self._want(point) for point in self._points]
        found = tuple(place_of[one.oid] for one in wanted if one and one.oid in place_of)
        return found if len(found) == len(wanted) else None

    def points_of(self, oids: Mapping[Oid, object]) -> tuple[str, ...]:
        """Return the ids of the points that are read from these."""
        pairs = ((point.id, self._want(point)) for point in self._points)
        return tuple(id_ for id_, one in pairs if one is not None and one.oid in oids)

    def portion(self, todo: Sequence[Wanted], room: int) -> tuple[Oid, ...]:
        """Return what the next request asks for: at most ``room`` objects, and at least one.

        The cell that names a row stands in every request with its points, where there is room for
        two.
        """
        chosen: dict[Oid, None] = {}
        octets = _HEAD_OCTETS
        for one in todo:
            names = (one.cell, one.oid) if one.cell is not None and room > 1 else (one.oid,)
            more = [name for name in dict.fromkeys(names) if name not in chosen]
            octets += sum(map(self._size, more))
            if chosen and (len(chosen) + len(more) > room or octets > OCTETS_MAX):
                break
            chosen |= dict.fromkeys(more)
        return tuple(chosen)

    def learn(self, values: Mapping[Oid, Raw]) -> None:
        """Remember how long the texts are that came."""
        for oid, raw in values.items():
            if isinstance(raw, bytes | str) and len(raw) > _VALUE_OCTETS:
                self._octets[oid] = max(len(raw), self._octets.get(oid, 0))

    def untried(self, values: Mapping[Oid, Raw]) -> list[Oid]:
        """Return the short names of absent objects that were not asked for by them yet."""
        absent = (one.oid for one in self.wanted() if values.get(one.oid) is None)
        short = (oid[:-1] for oid in absent if oid[-1] == 0)
        return [oid for oid in short if oid not in self._tried]

    def tried(self, oids: Sequence[Oid], values: Mapping[Oid, Raw]) -> None:
        """Remember which objects the agent knows by their short names."""
        self._tried.update(oids)
        self._short.update(oid for oid in oids if values.get(oid) is not None)

    def forget(self) -> None:
        """Ask by the whole names again: the agent restarted, perhaps with another firmware."""
        self._short.clear()
        self._tried.clear()

    def _want(self, point: SnmpPoint) -> Wanted | None:
        if point.row is None:
            short = point.oid[:-1]
            return Wanted(short if short in self._short else point.oid)
        index = self._rows.place(point.row)
        if index is None:
            return None
        return Wanted((*point.oid, *index, *point.after), point.row, (*point.row.column, *index))

    def _size(self, oid: Oid) -> int:
        """Return about how many octets an object takes in an answer."""
        arcs = sum(1 if arc < 128 else 2 if arc < 16_384 else 5 for arc in oid)
        return _VARBIND_OCTETS + arcs + self._octets.get(oid, _VALUE_OCTETS)


class Refusals:
    """Objects that an agent refuses to speak of: left out of its requests, asked for now and then.

    An agent of v1 refuses a whole request for one object that it does not have.
    """

    def __init__(self) -> None:
        self.refused: dict[Oid, int] = {}
        self._wait: dict[Oid, int] = {}
        self._reads = 0

    def begin(self) -> None:
        """Count a read."""
        self._reads += 1

    def note(self, oid: Oid) -> None:
        """Leave an object out, each time for longer."""
        wait = self._wait.get(oid, _ASK_AGAIN_FIRST)
        self._wait[oid] = min(_ASK_AGAIN_LAST, 2 * wait)
        self.refused[oid] = self._reads + wait

    def due(self) -> Oid | None:
        """Return an object that is worth asking for again."""
        return next((oid for oid, at in self.refused.items() if self._reads >= at), None)

    def lift(self, oid: Oid) -> None:
        """Ask for an object again as for all others."""
        self.refused.pop(oid, None)
        self._wait.pop(oid, None)

    def keep(self, oids: Collection[Oid]) -> None:
        """Let go of those that are not wanted any more: the row they were in has moved."""
        for oid in [oid for oid in self.refused if oid not in oids]:
            self.lift(oid)

    def forget(self) -> None:
        """Ask for all of them again: the agent restarted."""
        self.refused.clear()
        self._wait.clear()


@dataclass(slots=True)
class Round:
    """What one read still wants and has got.

    ``is_whole``: all that the agent was known to have was answered; the read cannot fail any more.
    ``has_answer``: the agent said something of an object. ``refusal``: how it first refused one.
    ``cap``: at most so many objects in a request, while one that spoils it is searched for.
    ``asked``: the objects of the request that is under way. ``slowest``: of its answers, in
    microseconds. ``lost``: rows that were not where they had been.
    """

    todo: list[Wanted]
    values: dict[Oid, Raw] = field(default_factory=dict)
    is_whole: bool = False
    has_answer: bool = False
    refusal: ReadError | None = None
    cap: int | None = None
    asked: tuple[Oid, ...] = ()
    slowest: int = 0
    lost: set[RowKey] = field(default_factory=set)
    _unproven: dict[RowKey, Oid] = field(default_factory=dict)

    def take(self, found: Mapping[Oid, Raw]) -> None:
        """Take values in; those of a row count only if its key was there, now or after them."""
        self.has_answer = True
        self.values.update(found)
        self._check_rows(found)
        self._drop(found)

    def refuse(self, oid: Oid) -> None:
        """Go on without an object; without its key, a row is not proven."""
        self.lost.update(o.key for o in self.todo if o.cell == oid and o.key is not None)
        self.values[oid] = None
        self.todo = [one for one in self.todo if one.cell != oid]
        self._drop({oid: None})

    def _drop(self, done: Mapping[Oid, Raw]) -> None:
        """Go on to the next; at the end ask for the keys that were not among what came."""
        for one in self.todo:
            if one.oid in done and one.key and one.cell and one.cell not in done:
                self._unproven[one.key] = one.cell
        self.todo = [one for one in self.todo if one.oid not in done]
        if not self.todo:
            self.todo = [Wanted(cell, key, cell) for key, cell in self._unproven.items()]
            self._unproven = {}

    def drop_lost(self, wanted: Sequence[Wanted]) -> None:
        """Let go of what was answered for rows that are lost: it may be another row's."""
        for one in wanted:
            if one.key in self.lost:
                self.values[one.oid] = None

    def _check_rows(self, found: Mapping[Oid, Raw]) -> None:
        for one in self.todo:
            if one.key is None or one.cell is None or one.cell not in found:
                continue
            if not says(found[one.cell], one.key.value):
                self.lost.add(one.key)
