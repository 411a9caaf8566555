"""Answers the requests of commands to the running daemon: current status, people's decisions.

The reply to a decision is sent after its commit (``deciding.py``). Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import structlog

from monitord.clock import Clock
from monitord.control.deciding import Deciding, DecisionInbox, Ticks
from monitord.control.incident_status import acknowledged
from monitord.control.labels import Labels
from monitord.control.model import ControlCommand, Json, refusal
from monitord.control.status import describe, trust_since, with_decided
from monitord.core.decision_bodies import (
    Acknowledge,
    AdoptClock,
    ClearSiteState,
    FalseAlarm,
    SetSiteState,
    Settle,
)
from monitord.core.durable import DecisionNow
from monitord.core.incident_state import Incident
from monitord.journal import RecordError
from monitord.journal.decision_rows import Decided, UnsettledSpan

log = structlog.get_logger(__name__)

UnsettledReader: TypeAlias = Callable[[int, str, Sequence[str]], list[UnsettledSpan]]
"""Reads at most so many unsettled spans of a programme ("": all) with these ids (none: all)."""

SETTLED_MAX: Final = 1_000
"""Spans that one settlement covers; the next one takes the rest."""


class ControlCommands:
    """The commands that ``Control`` serves."""

    def __init__(
        self,
        engine: Ticks,
        inbox: DecisionInbox,
        clock: Clock,
        labels: Labels,
        unsettled: UnsettledReader,
        *,
        decided: Callable[[], Decided],
        iso_wall: Callable[[int], str],
        refused: Callable[[], tuple[Json, Json]] = lambda: ({}, {}),
    ) -> None:
        """``decided``: reads what people decided. ``iso_wall``: wall time as text. ``refused``:
        returns why the present configuration files, and why the hours in them, do not count, each
        by language.
        """
        self._refused_now = refused
        self._engine = engine
        self._deciding = Deciding(engine, inbox, clock)
        self._clock = clock
        self._labels = labels
        self._iso_wall = iso_wall
        self._unsettled = unsettled
        self._read_decided = decided
        self._settling = asyncio.Lock()

    @property
    def by_name(self) -> dict[str, ControlCommand]:
        """Return each command by its name in a request."""
        return {
            "status": self.status,
            "ack": self.ack,
            "settle": self.settle,
            "false_alarm": self.false_alarm,
            "clock": self.clock,
            "clock_adopt": self.adopt_clock,
            "site_state_set": self.set_site_state,
            "site_state_clear": self.clear_site_state,
        }

    async def status(self, request: Json) -> Json:
        """Return the current status."""
        del request
        engine = self._engine
        at = self._clock.now()
        found = describe(engine.situation, self._labels, at=at, alive_at=engine.finished_at)
        found = with_decided(found, await self._decided(), engine.situation, self._labels, at)
        config_refused, hours_refused = self._refused_now()
        more = {
            "recorded": not engine.unrecorded,
            "config_refused": config_refused,
            "hours_refused": hours_refused,
        }
        return {"ok": True, "status": found | more}

    async def _decided(self) -> Decided | None:
        """Return what people decided, by the record; None where it cannot be read."""
        try:
            return await asyncio.to_thread(self._read_decided)
        except RecordError as error:
            log.warning("decisions_not_read", detail=str(error))
            return None

    async def settle(self, request: Json) -> Json:
        """Settle spans as ``verdict`` for ``person``: ``ids``, or all of ``programme`` or the site.

        Returns how many, their hours, and how many are left unsettled.
        """
        ids, programme = tuple(map(str, request.get("ids", ()))), str(request.get("programme", ""))
        verdict, note = str(request.get("verdict")), str(request.get("note", ""))
        async with self._settling:
            # The rows are those on disk: events that wait for it may settle the same spans.
            if not await self._deciding.is_recorded():
                return refusal("unrecorded")
            rows = await asyncio.to_thread(self._unsettled, SETTLED_MAX, programme, ids)
            spans = tuple((row.id, row.programme, row.time) for row in rows)
            body = Settle(verdict, ids, programme, note, spans)
            answered = await self._deciding.decide(request, body)
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why is not None:
            return self._refused(answered.why, request)
        left = self._engine.situation.durable.unsettled.values()
        return {
            "ok": True,
            "verdict": verdict,
            "settled": len(spans),
            "settled_s": sum(time for _, _, time in spans) / 1e6,
            "left": sum(one.count for one in left),
            "recorded": not self._engine.unrecorded,
        }

    async def clock(self, request: Json) -> Json:
        """Return how far wall time is trusted, and what time it is held to be."""
        del request
        return {"ok": True, "clock": self._described_clock()}

    def _described_clock(self) -> Json:
        durable, now = self._engine.situation.durable, self._clock.now()
        clock = durable.clock
        era = clock.eras[-1]
        return {
            "trust": clock.trust.value,
            "alarm": clock.alarm or None,
            "since": self._labels.iso(trust_since(clock.eras)),
            "held": self._labels.iso(now),
            "shown": self._iso_wall(self._clock.wall()),
            "bound_s": era.bound_at(now) / 1e6,
            "rivals": [self._iso_wall(now + rival) for rival in era.rivals],
            "since_boot_s": None if clock.booted_at is None else (now - clock.booted_at) / 1e6,
        }

    async def adopt_clock(self, request: Json) -> Json:
        """Take ``wall`` (microseconds since 1970 UTC; absent: what the clock shows) as right.

        ``person`` says so. Return what is held then.
        """
        given = request.get("wall")
        wall = given if isinstance(given, int) else self._clock.wall()
        answered = await self._deciding.decide(request, AdoptClock(wall))
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why is not None:
            return self._refused(answered.why, request)
        recorded = not self._engine.unrecorded
        return {"ok": True, "clock": self._described_clock(), "recorded": recorded}

    async def ack(self, request: Json) -> Json:
        """Acknowledge ``incident``, an id or a short number, for ``person``.

        Return who acknowledged it first and when, and everybody who did. An unknown incident or
        person is a refusal with the list of known numbers or ids.
        """
        asked = str(request.get("incident"))
        incident = self._open_incident(asked)
        already = incident is not None and incident.acknowledged_by is not None
        name = asked if incident is None else incident.id
        answered = await self._deciding.decide(request, Acknowledge(name))
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why not in (None, "already_acknowledged") or incident is None:
            return self._refused(answered.why, request, incident=asked)
        return self._acknowledged(incident, already=already)

    def _acknowledged(self, incident: Incident, *, already: bool) -> Json:
        first = incident.acknowledged_by
        return {
            "ok": True,
            "incident": incident.id,
            "number": incident.number,
            "person": first,
            "name": self._labels.name(f"person/{first}"),
            "at": self._labels.moment(incident.acknowledged_at),
            "already": already,
            "acknowledged": acknowledged(incident, self._labels),
            "recorded": not self._engine.unrecorded,
        }

    async def false_alarm(self, request: Json) -> Json:
        """Mark ``incident``, an id or a short number, as a false alarm for ``person``.

        ``saw``: what the person saw instead. Only the closing is sent after it.
        """
        asked, saw = str(request.get("incident")), str(request.get("saw", ""))
        incident = self._open_incident(asked)
        body = FalseAlarm(incident.id if incident else asked, saw)
        answered = await self._deciding.decide(request, body)
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why is not None or incident is None:
            return self._refused(answered.why, request, incident=asked)
        person = str(request.get("person"))
        return {
            "ok": True,
            "incident": incident.id,
            "number": incident.number,
            "person": person,
            "name": self._labels.name(f"person/{person}"),
            "at": self._labels.iso(answered.at),
            "recorded": not self._engine.unrecorded,
        }

    async def set_site_state(self, request: Json) -> Json:
        """Say for ``person`` that ``who`` is at work ``where``; return the number of that."""
        given = (str(request.get(key, "")) for key in ("where", "device", "who", "ticket"))
        answered = await self._deciding.decide(request, SetSiteState(*given))
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why is not None:
            return self._refused(answered.why, request)
        return self._at_work(self._engine.situation.durable.last_site_state)

    async def clear_site_state(self, request: Json) -> Json:
        """Say for ``person`` that nobody is at work there; ``number``: as ``status`` has it."""
        asked = request.get("number")
        number = asked if isinstance(asked, int) else 0
        answered = await self._deciding.decide(request, ClearSiteState(number))
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why is not None:
            return self._refused(answered.why, request)
        return self._at_work(number)

    def _at_work(self, number: int) -> Json:
        left = len(self._engine.situation.durable.site_states)
        recorded = not self._engine.unrecorded
        return {"ok": True, "number": number, "left": left, "recorded": recorded}

    def _open_incident(self, asked: str) -> Incident | None:
        incidents = self._engine.situation.durable.incidents
        numbered = (each for each in incidents.values() if str(each.number) == asked)
        return incidents.get(asked) or next(numbered, None)

    def _refused(self, why: str | None, request: Json, **details: object) -> Json:
        situation = self._engine.situation
        if why == "unknown_person":
            person = str(request.get("person"))
            return refusal("unknown_person", person=person, known=list(situation.people))
        if why == "unknown_incident":
            known = [str(each.number) for each in situation.durable.incidents.values()]
            return refusal(why, **details, known=known)
        return refusal(why or "unknown_incident", **details)
