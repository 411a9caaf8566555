"""Read-only queries over the record, for reports, incident lists and pages. Writes nothing.

Works with or without a running daemon. Times are microseconds of site time; those of the calendar
are microseconds of wall time since 1970 UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from monitord.core.clock_state import Era
from monitord.core.codec import from_plain
from monitord.core.columns import quality_of
from monitord.core.hours import HoursSince
from monitord.core.model import Event, Stream
from monitord.journal import calendar_rows, clock_rows, events
from monitord.journal.calendar_rows import PastInterval
from monitord.journal.chain import Citation, event_of
from monitord.journal.clock_rows import PastCorrection
from monitord.journal.database import NAME, open_for_reading, site_of
from monitord.journal.decision_rows import (
    Decided,
    PastAcknowledgement,
    PastDecisions,
    UnsettledSpan,
)
from monitord.journal.errors import SQL_FAILED, RecordError, database_error, unknown_event
from monitord.journal.loading import FoldBegin, begin_of_fold


@dataclass(frozen=True, slots=True)
class PastPiece:
    """What was possible from ``start`` to ``finish`` (None: still open)."""

    programme: str
    start: int
    finish: int | None
    possible: tuple[str, ...]
    blind: str | None
    presumed: bool


@dataclass(frozen=True, slots=True)
class PastIncident:
    """One incident; ``closed_at`` None: still open.

    ``number``: the short one, None in a record of an earlier monitord; ``place``: where it broke.
    ``severity``: the worst of its faults. ``close_cause``: recovered, hours, reconfigured,
    withdrawn or continued; ``continued_in``: the incident that goes on, and its number.
    """

    id: str
    number: int | None
    programme: str
    fault: str
    severity: str
    reason: str
    stage: str
    place: str | None
    opened_at: int
    closed_at: int | None
    close_cause: str | None
    continued_in: str | None
    continued_number: int | None


@dataclass(frozen=True, slots=True)
class PastImpact:
    """One fall of a fault in an incident; end and figures (microseconds) None while it lasts.

    ``over``: since when it is over there; ``how``: why: good, hours, reconfigured, withdrawn, or
    continued with another cause, then it ends later. ``column`` is None where it is not known.
    """

    incident: str
    programme: str
    fault: str
    number: int
    reason: str
    column: str | None
    began_not_before: int
    began_not_after: int
    ended_not_before: int | None
    ended_not_after: int | None
    least: int | None
    most_seen: int | None
    most: int | None
    over: int | None
    how: str | None


@dataclass(frozen=True, slots=True)
class PastOutage:
    """An outage, or a spell of an alarm (``programme`` empty), that has ended.

    ``devices``, ``owner``: of its last cause. ``owners``: (from, to, place, owner), whose spans are
    the outage. ``how``: good, hours, reconfigured, withdrawn, or None in an older record.
    ``incident``: the one that owns it, None where it was too short for one.
    """

    id: str
    programme: str
    fault: str
    reason: str
    layer: str
    stage: str
    owner: str
    devices: tuple[str, ...]
    began_not_before: int
    began_not_after: int
    ended_not_before: int
    ended_not_after: int
    least: int
    most_seen: int
    most: int
    how: str | None
    owners: tuple[tuple[int, int, str, str], ...]
    incident: str | None
    suspected: bool


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """One attempt to deliver a message; ``ended_at`` None: under way, or its end is not known."""

    person: str
    incident: str
    attempt: int
    channel: str
    told: str
    began_at: int
    ended_at: int | None
    delivered: bool | None
    lost: bool | None
    detail: str | None


class History:
    """The record opened for reading. Every query raises ``RecordError`` if it is damaged."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._connection = open_for_reading(folder)
        self._lock = Lock()
        self.decisions = PastDecisions(self._rows)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except SQL_FAILED as error:
                raise database_error(self._path, error) from error

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Raise ``RecordError`` where a text has not the form in which it was written."""
        try:
            yield
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise RecordError("damaged_row", self._path) from error

    def _rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        with self._reading() as connection:
            return connection.execute(query, given).fetchall()

    def site(self) -> str:
        """Return the id of the record's site."""
        with self._reading() as connection:
            return site_of(connection)

    def pieces(self, programme: str, from_at: int, to_at: int) -> list[PastPiece]:
        """Return the pieces that overlap [from_at, to_at), in order and not cut to it."""
        found = self._rows(
            "SELECT programme, start, finish, possible, blind, presumed FROM span"
            " WHERE programme = ? AND start < ? AND ifnull(finish > max(start, ?), 1)"
            " ORDER BY epoch, number",
            programme,
            to_at,
            from_at,
        )
        with self._as_written():
            return [
                PastPiece(name, start, finish, _observed(possible), blind, bool(presumed))
                for name, start, finish, possible, blind, presumed in found
            ]

    def incidents(self, limit: int = 100, *, open_only: bool = False) -> list[PastIncident]:
        """Return the incidents opened last, newest first; ``open_only``: of those still open."""
        found = self._rows(
            "SELECT id, number, programme, fault, severity, reason, stage, place, opened_at,"
            " closed_at, close_cause, continued_in,"
            " (SELECT number FROM incident AS next WHERE next.id = incident.continued_in)"
            " FROM incident WHERE closed_at IS NULL OR NOT ?"
            " ORDER BY opened_at DESC, id DESC LIMIT ?",
            open_only,
            limit,
        )
        return [PastIncident(*row) for row in found]

    def impacts(self, incident: str) -> list[PastImpact]:
        """Return every fall of an incident, fault by fault, in order."""
        found = self._rows(
            'SELECT incident, programme, fault, number, reason, "column", began_not_before,'
            " began_not_after, ended_not_before, ended_not_after, least, most_seen, most, over, how"
            " FROM impact WHERE incident = ? ORDER BY programme, fault, number",
            incident,
        )
        return [PastImpact(*row) for row in found]

    def outages(self, from_at: int, to_at: int) -> list[PastOutage]:
        """Return the ended outages and alarms that overlap [from_at, to_at), by their end."""
        found = self._rows(
            "SELECT id, programme, fault, reason, layer, iif(how IS NULL,"
            " ifnull((SELECT stage FROM incident WHERE id = outage.incident), ''), stage),"
            " owner, devices, began_not_before,"
            " began_not_after, ended_not_before, ended_not_after, least, most_seen, most, how,"
            " owners, incident, suspected FROM outage"
            " WHERE ended_not_after > ? AND began_not_before < ?"
            " ORDER BY ended_not_after, programme, fault, id",
            from_at,
            to_at,
        )
        with self._as_written():
            return [_outage(*row) for row in found]

    def deliveries(self, incident: str) -> list[PastDelivery]:
        """Return every attempt to deliver a message of an incident, in the order they began."""
        found = self._rows(
            "SELECT person, incident, attempt, channel, told, began_at, ended_at, delivered, lost,"
            " detail FROM delivery WHERE incident = ? ORDER BY began_at, person, attempt",
            incident,
        )
        return [_delivery(*row) for row in found]

    def acknowledgements(self, incident: str) -> list[PastAcknowledgement]:
        """Return who acknowledged an incident, the first one first."""
        found = self._rows(
            "SELECT person, at, members FROM acknowledgement WHERE incident = ?"
            " ORDER BY at, person",
            incident,
        )
        with self._as_written():
            return [
                PastAcknowledgement(person, at, members and tuple(json.loads(members)))
                for person, at, members in found
            ]

    def unsettled(
        self, limit: int, *, programme: str = "", ids: Sequence[str] = ()
    ) -> list[UnsettledSpan]:
        """Return the oldest spans that a person must settle, of all programmes or of one.

        ``ids``: only these.
        """
        found = self._rows(
            "SELECT id, programme, sort, start, finish, time FROM unsettled"
            " WHERE open AND (? IN ('', programme))"
            " AND (? = 0 OR id IN (SELECT value FROM json_each(?))) ORDER BY start, id LIMIT ?",
            programme,
            len(ids),
            json.dumps(ids),
            limit,
        )
        return [UnsettledSpan(*row) for row in found]

    def calendar(self, programme: str, from_wall: int, to_wall: int) -> list[PastInterval]:
        """Return the intervals that overlap [from_wall, to_wall), in order and not cut to it."""
        rows = self._rows(
            "SELECT programme, start, finish, hours FROM calendar"
            " WHERE programme = ? AND start < ? AND finish > ? ORDER BY start",
            programme,
            to_wall,
            from_wall,
        )
        with self._as_written():
            return list(calendar_rows.intervals(rows, from_wall, to_wall))

    def programmes(self) -> list[str]:
        """Return every programme that the record has pieces of."""
        return [name for (name,) in self._rows("SELECT DISTINCT programme FROM piece")]

    def hours(self, programme: str) -> list[tuple[int, HoursSince]]:
        """Return (end, hours) of a programme in order, each from its own ``since`` to that end."""
        rows = self._rows(
            "SELECT finish, hours FROM calendar WHERE programme = ? ORDER BY start", programme
        )
        with self._as_written():
            return [(finish, from_plain(HoursSince, json.loads(stored))) for finish, stored in rows]

    def eras(self) -> list[Era]:
        """Return the eras of site time as they are placed now, in order; one where none is."""
        with self._as_written():
            return clock_rows.eras(self._rows(clock_rows.ERAS))

    def clock_offsets(self) -> list[tuple[int, int]]:
        """Return (site time, wall minus site time from then on), in order."""
        return clock_rows.offsets(self._rows(clock_rows.OFFSETS))

    def corrections(self) -> list[PastCorrection]:
        """Return every correction of the wall clock by a second or more within a boot, in order."""
        with self._as_written():
            return clock_rows.corrections(self._rows(clock_rows.TURNS))

    def epochs(self) -> list[Citation]:
        """Return every epoch with the head it follows and why it began."""
        with self._reading() as connection:
            return list(events.read_epochs(connection).values())

    def all_events(self) -> Iterator[Event]:
        """Return every event in order, those committed meanwhile included."""
        yield from self._events_after(0, 0)

    def present(self, shape: str) -> tuple[int, Any, Iterator[Event]]:
        """Return a generation, a snapshot or None, and the site's events after it.

        ``shape``: of this program's snapshots. ``base.fold`` makes the present state of them.
        Raises ``RecordError``, also while iterating: for an event of a newer monitord.
        """
        with self._reading() as connection:
            begin = begin_of_fold(connection, shape)
        with self._as_written():
            plain = None if begin.snapshot is None else json.loads(begin.snapshot.body)
        return begin.generation, plain, self._to_fold(begin)

    def _to_fold(self, begin: FoldBegin) -> Iterator[Event]:
        for event in self._events_after(*begin.after):
            if event.stream is not Stream.SITE:
                continue
            if event.v > begin.versions.get(event.kind, 0):
                raise unknown_event(self._path, event)
            yield event

    def _events_after(self, epoch: int, number: int) -> Iterator[Event]:
        while True:
            with self._reading() as connection:
                rows = events.read_after(connection, epoch, number)
            if not rows:
                return
            yield from map(event_of, rows)
            epoch, number = rows[-1].epoch, rows[-1].number

    def verify(self) -> list[str]:
        """Return everything that is wrong with the record, each with its place; else []."""
        with self._reading() as connection:
            return events.verify(connection)


def decided(history: History, limit: int) -> Decided:
    """Return what people decided, with at most so many unsettled spans."""
    past = history.decisions
    return Decided(history.unsettled(limit), past.settled_on_air(), past.false_alarms())


def read_decided(folder: Path, limit: int) -> Decided:
    """Open the record, return what people decided, close it. Raises ``RecordError``."""
    with History(folder) as history:
        return decided(history, limit)


def read_unsettled(
    folder: Path, limit: int, programme: str, ids: Sequence[str]
) -> list[UnsettledSpan]:
    """Open the record, return its oldest unsettled spans, close it. Raises ``RecordError``."""
    with History(folder) as history:
        return history.unsettled(limit, programme=programme, ids=ids)


def _texts(stored: str) -> tuple[str, ...]:
    """Return a stored list of texts. Raises ``TypeError`` or ``ValueError`` where it is none."""
    found = json.loads(stored)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(stored)
    return tuple(found)


def _observed(stored: str) -> tuple[str, ...]:
    """Return observed values, each of a known quality. Raises ``KeyError`` for another."""
    found = _texts(stored)
    for one in found:
        quality_of(one)
    return found


def _owner(begin: int, end: int, place: str, owner: str) -> tuple[int, int, str, str]:
    """Return a span of an owner. Raises ``TypeError`` where it is none."""
    return int(begin), int(end), str(place), str(owner)


def _outage(*row: Any) -> PastOutage:
    found: dict[str, Any] = dict(
        zip([field.name for field in fields(PastOutage)], row, strict=True)
    )
    found["devices"] = _texts(found["devices"])
    found["owners"] = tuple(_owner(*owner) for owner in json.loads(found["owners"]))
    found["suspected"] = bool(found["suspected"])
    return PastOutage(**found)


def _delivery(*row: Any) -> PastDelivery:
    *begun, delivered, lost, detail = row
    person, incident, attempt, channel, told, began_at, ended_at = begun
    return PastDelivery(
        person=person,
        incident=incident,
        attempt=attempt,
        channel=channel,
        told=told,
        began_at=began_at,
        ended_at=ended_at,
        delivered=_truth(delivered),
        lost=_truth(lost),
        detail=detail,
    )


def _truth(stored: int | None) -> bool | None:
    return None if stored is None else bool(stored)
