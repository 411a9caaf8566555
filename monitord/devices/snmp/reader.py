"""Reads all points of one agent within a deadline, in as few requests as the agent stands.

Judges nothing, and asks nothing twice within a read but what the agent itself asks to be divided.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from monitord.clock import Clock, SystemClock
from monitord.core.model import SECOND, Value
from monitord.decoding.rules import Raw, decode_all
from monitord.devices.model import ReadError
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.messages import (
    NO_SUCH_NAME,
    TOO_BIG,
    Oid,
    Response,
    build_get,
    match,
    refusal,
)
from monitord.devices.snmp.model import V1, SnmpSource
from monitord.devices.snmp.request_plan import Objects, Refusals, Round, Wanted
from monitord.devices.snmp.request_size import OBJECTS_MAX, Portions
from monitord.devices.snmp.rows import Rows
from monitord.devices.snmp.security import open_wire
from monitord.devices.snmp.single_get import SingleGet
from monitord.devices.snmp.wire import Remark, Wire
from monitord.devices.sockets import read_error

UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
"""sysUpTime of SNMPv2-MIB (RFC 3418), in hundredths of a second; wraps after 497 days."""
_TICK = 10_000
_WRAP = 2**32 * _TICK
# sysUpTime and our clock run apart, and an answer takes its time.
_RESTART_LEAST = 10 * SECOND
# How much longer than the last answer one waits for what the agent need not give.
_PATIENCE_TIMES, _PATIENCE_LEAST_S = 10, 0.25


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was noticed of an agent beside its values. Times in microseconds.

    ``slowest_us``: the slowest answer of the last read; ``usual_us``: smoothed over many.
    ``restarts``: how often sysUpTime was found to have begun anew. ``objects_per_request``: where
    it takes fewer than we would ask. ``refused``: points it refuses to speak of. ``rows``: what is
    wrong with rows that are chosen by a key.
    """

    slowest_us: int = 0
    usual_us: int = 0
    restarts: int = 0
    objects_per_request: int | None = None
    refused: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@cache
def _system_clock() -> Clock:
    return SystemClock(None)


class SnmpReader:
    """One agent. At most one request is outstanding; a failed read drops the socket.

    Points that the agent does not have are None: noSuchObject, noSuchInstance, an object for which
    it refuses a request, a row whose key is not found. One read at a time: the poller sees to that.
    """

    def __init__(
        self, source: SnmpSource, *, wire: Wire | None = None, clock: Clock | None = None
    ) -> None:
        self._source = source
        wire = wire or open_wire(source.security)
        self._link = Link(source.address, source.port, wire, clock or _system_clock())
        self._portions = Portions(source.objects_per_request or OBJECTS_MAX)
        rows = (point.row for point in source.points if point.row is not None)
        self._rows = Rows(rows, wire.version)
        self._objects = Objects(source.points, self._rows)
        self._refusals = Refusals()
        self._booted_at: int | None = None
        self._wants_up_time = True
        self._is_settled = False
        self._slowest = self._usual = self._restarts = 0

    def __repr__(self) -> str:
        return f"SnmpReader({self._source!r})"

    @property
    def link(self) -> Link:
        """The way to the agent, for tools that ask more of it than its points, between reads."""
        return self._link

    @property
    def remarks(self) -> deque[Remark]:
        """What is to be told, (kind, detail) each; whoever reads them clears them."""
        return self._link.wire.remarks

    def take_remarks(self) -> tuple[Remark, ...]:
        """Return what is to be told, (kind, detail) each, and forget it."""
        told = tuple(self.remarks)
        self.remarks.clear()
        return told

    @property
    def noticed(self) -> Noticed:
        """What was noticed until now."""
        return Noticed(
            slowest_us=self._slowest,
            usual_us=self._usual,
            restarts=self._restarts,
            objects_per_request=self._portions.learned,
            refused=self._objects.points_of(self._refusals.refused),
            rows=tuple(self._rows.missing.values()),
        )

    @property
    def single_get(self) -> SingleGet | None:
        """The whole poll where it is one GET and nothing is being searched for, else None."""
        target = self._link.target
        if target is None or not self._is_settled or self._refusals.refused:
            return None
        wanted = self._objects.wanted()
        oids = self._objects.portion(wanted, self._portions.room)
        places = self._objects.places(oids)
        rows = {one.cell: one.key.value for one in wanted if one.cell and one.key}
        if places is None or not places or not rows.keys() <= set(oids):
            return None
        keys = tuple((oids.index(cell), text) for cell, text in rows.items())
        return SingleGet(*target, self._link.wire, build_get(oids), places, keys)

    async def read(self, deadline_s: float) -> tuple[Value, ...]:
        """Return the decoded values in the order of the points, within ``deadline_s`` seconds.

        Raises ReadError: timeout, refused, unreachable, bad_answer, error_status.
        """
        return decode_all(await self.read_raw(deadline_s), self._source.points)

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return what the agent sent, undecoded; else as ``read``."""
        round_ = self._begin()
        self._is_settled = False
        try:
            await self._read_until(deadline_s, round_)
            self._is_settled = True
        except OSError as error:
            raise read_error(error, self._source.address, self._source.port) from error
        finally:
            # A fresh port after a failure: what still comes to the old one reaches nobody.
            if not self._is_settled:
                await self.close()
        return self._end(round_)

    async def close(self) -> None:
        """Release the socket; the next read opens another."""
        self._link.close()
        self._wants_up_time = True

    def _begin(self) -> Round:
        self._link.begin()
        for part in (self._portions, self._refusals, self._rows):
            part.begin()
        self._refusals.keep({one.oid for one in self._objects.wanted()})
        todo = self._due()
        room = self._portions.room
        # It comes for nothing where a request has room for it.
        is_cheap = self._link.wire.version != V1 and room > 1 and len(todo) % room > 0
        if not todo or (self._wants_up_time and is_cheap):
            # Without any object there would be no word of whether the agent is there at all.
            todo = list(dict.fromkeys([*todo, Wanted(UP_TIME)]))
        return Round(todo)

    def _due(self) -> list[Wanted]:
        """Return what the agent is asked for in any read."""
        wanted = self._objects.wanted()
        return [one for one in wanted if one.oid not in self._refusals.refused]

    def _end(self, round_: Round) -> tuple[Raw, ...]:
        round_.drop_lost(self._objects.wanted())
        for key in round_.lost:
            self._rows.lost(key)
        self._objects.learn(round_.values)
        self._slowest = round_.slowest
        self._usual += (round_.slowest - self._usual) // 16 if self._usual else round_.slowest
        raws = self._objects.raws(round_.values)
        self._see_up_time(round_.values.get(UP_TIME))
        return raws

    def _see_up_time(self, ticks: Raw) -> None:
        """Notice a restart; whatever was learned of the agent may be over with it."""
        self._wants_up_time = False
        if not isinstance(ticks, int):
            return
        booted_at = self._link.now - ticks * _TICK
        if self._booted_at is not None:
            later = (booted_at - self._booted_at) % _WRAP
            if _RESTART_LEAST < later < _WRAP - _RESTART_LEAST:
                self._restarts += 1
                for part in (self._portions, self._refusals, self._objects):
                    part.forget()
        self._booted_at = booted_at

    async def _read_until(self, deadline_s: float, round_: Round) -> None:
        """Read; at the deadline look once more at what has come but was not yet seen."""
        ends_at = self._link.now + round(deadline_s * SECOND)
        try:
            async with asyncio.timeout(deadline_s):
                await self._read_all(round_, ends_at)
                await self._read_more(round_, ends_at)
        except TimeoutError:
            # Our own loop may have been late: then the answer lies in the socket, and the device
            # must not be called silent for it.
            if not round_.is_whole and (response := self._link.take()) is not None:
                self._settle(round_, response)
            if not round_.is_whole and round_.todo:
                if self._link.waiting_for > deadline_s * SECOND / 2:
                    self._portions.silent(len(round_.asked))
                raise self._no_answer(deadline_s) from None
        self._check_answered(round_)

    async def _read_all(self, round_: Round, ends_at: int) -> None:
        """Ask for what is known to be there, one portion after another."""
        while round_.todo:
            await self._ask_portion(round_, ends_at)
        self._check_answered(round_)
        round_.is_whole = True

    def _check_answered(self, round_: Round) -> None:
        if round_.refusal is not None and not round_.has_answer:
            raise round_.refusal

    async def _ask_portion(self, round_: Round, ends_at: int) -> None:
        room = min(self._portions.room, round_.cap or OBJECTS_MAX)
        round_.asked = self._objects.portion(round_.todo, room)
        question = build_get(round_.asked)
        if not self._portions.is_bold(len(round_.asked)):
            self._settle(round_, await self._link.ask(question))
            return
        response = await self._link.ask_within(question, self._patience_s(ends_at))
        if response is None:
            self._portions.silent_to_bold()
        else:
            self._settle(round_, response)

    def _patience_s(self, ends_at: int) -> float:
        """Return how long to wait for what the agent may not stand, in what is left of the time."""
        return min(self._left_s(ends_at) / 2, self._usual_patience_s)

    @property
    def _usual_patience_s(self) -> float:
        return max(_PATIENCE_LEAST_S, self._link.took * _PATIENCE_TIMES / SECOND)

    def _left_s(self, ends_at: int) -> float:
        return max(0, ends_at - self._link.now) / SECOND

    def _settle(self, round_: Round, response: Response) -> None:
        """Take an answer to what was asked last."""
        asked = round_.asked
        round_.slowest = max(round_.slowest, self._link.took)
        if response.error_status:
            self._refused(round_, response)
            return
        found = match(response, asked)
        if len(found) < len(asked):
            self._portions.too_much(len(found))
        else:
            self._portions.answered(len(asked))
        round_.take(found)

    def _refused(self, round_: Round, response: Response) -> None:
        """Divide the request, or go on without the object that spoils it."""
        asked, index = round_.asked, response.error_index
        if response.error_status == TOO_BIG and len(asked) > 1:
            self._portions.too_much(len(asked) // 2)
            return
        is_named = 1 <= index <= len(asked)
        if not is_named and len(asked) > 1:
            round_.cap = len(asked) // 2
            return
        guilty = asked[index - 1] if is_named else asked[0]
        round_.cap = round_.cap if is_named else None
        round_.has_answer |= is_named and response.error_status == NO_SUCH_NAME
        round_.refusal = round_.refusal or refusal(response)
        round_.refuse(guilty)
        self._refusals.note(guilty)

    async def _read_more(self, round_: Round, ends_at: int) -> None:
        """Use what is left of the time for what was not known before; nothing fails any more."""
        if await self._find_rows(round_, ends_at):
            round_.todo = [one for one in self._due() if one.oid not in round_.values]
            while round_.todo:
                await self._ask_portion(round_, ends_at)
        if (oid := self._refusals.due()) is not None:
            found = await self._try((oid,), ends_at)
            self._refusals.note(oid)
            if found is not None:
                self._refusals.lift(oid)
                round_.values |= found
        if untried := self._objects.untried(round_.values):
            # An agent of v1 would refuse all of them for one that it does not have.
            room = 1 if self._link.wire.version == V1 else self._portions.room
            names = tuple(untried[:room])
            found = await self._try(names, ends_at) or {}
            self._objects.tried(names, found)
            round_.values |= found

    async def _find_rows(self, round_: Round, ends_at: int) -> bool:
        """Go on with walks for rows; return whether one was found."""
        is_found = False
        until = self._link.now + (ends_at - self._link.now) // 2
        while self._link.now < until and (walk := self._rows.walk()) is not None:
            question = walk.question()
            if question is None:
                is_found |= self._rows.settle()
                continue
            wait_s = min(self._left_s(until), self._usual_patience_s)
            response = await self._link.ask_within(question, wait_s)
            if response is None:
                walk.unanswered(is_sure=wait_s >= self._usual_patience_s)
            else:
                walk.take(response)
                round_.slowest = max(round_.slowest, self._link.took)
        return is_found

    async def _try(self, oids: tuple[Oid, ...], ends_at: int) -> Mapping[Oid, Raw] | None:
        """Return what comes of a request that may be refused or not answered."""
        response = await self._link.ask_within(build_get(oids), self._patience_s(ends_at))
        if response is None or response.error_status:
            return None
        try:
            return match(response, oids)
        except ReadError:
            return None

    def _no_answer(self, deadline_s: float) -> ReadError:
        """Name a deadline that passed: nothing came, or nothing that could be believed."""
        where, unbelieved = self._source.where, self._link.unbelieved
        if unbelieved is None:
            hint = f"; {self._link.wire.silence}" if self._link.wire.silence else ""
            return ReadError("timeout", f"{where} gave no answer within {deadline_s:g} s{hint}")
        kind = "bad_answer" if unbelieved.faulty else "timeout"
        return ReadError(kind, f"{where} gave none to believe in {deadline_s:g} s: {unbelieved}")
