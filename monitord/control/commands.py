"""Answers what people ask the running daemon: how things stand, and that they have seen it.

A decision of theirs goes the way of every input, through inbox and core into the record; only when
it is there do they hear so. Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from monitord.clock import Clock
from monitord.control.model import Command as Answering
from monitord.control.model import Json, refusal
from monitord.control.status import Labels, describe
from monitord.core.commands import ACKNOWLEDGE
from monitord.core.durable import Incident
from monitord.core.model import Command, Input
from monitord.core.situation import Situation


class Ticking(Protocol):
    """What is asked of the engine."""

    situation: Situation
    finished_at: int

    @property
    def pending(self) -> Sized: ...

    async def after_tick(self) -> None: ...


class Taking(Protocol):
    """What is asked of the inbox."""

    def put(self, item: Input) -> None: ...


class Desk:
    """``commands`` are what ``Control`` answers."""

    def __init__(self, engine: Ticking, inbox: Taking, clock: Clock, labels: Labels) -> None:
        self._engine = engine
        self._inbox = inbox
        self._clock = clock
        self._labels = labels

    @property
    def commands(self) -> dict[str, Answering]:
        """What can be asked, by its name."""
        return {"status": self.status, "ack": self.ack}

    async def status(self, request: Json) -> Json:
        """Return where everything stands now."""
        del request
        engine = self._engine
        found = describe(
            engine.situation, self._labels, at=self._clock.now(), alive_at=engine.finished_at
        )
        return {"ok": True, "status": found | {"recorded": not len(engine.pending)}}

    async def ack(self, request: Json) -> Json:
        """Note that ``person`` has seen ``incident``; answer who saw it first, and when."""
        situation = self._engine.situation
        person, asked = str(request.get("person")), str(request.get("incident"))
        if person not in situation.people:
            return refusal("unknown_person", person=person, known=list(situation.people))
        incident = situation.durable.incidents.get(asked)
        already = incident is not None and incident.acknowledged_by is not None
        if incident is not None and not already:
            await self._acknowledge(incident, person)
        if incident is None or incident.acknowledged_at is None:
            known = list(situation.durable.incidents)
            return refusal("unknown_incident", incident=asked, known=known)
        return {
            "ok": True,
            "incident": incident.id,
            "person": incident.acknowledged_by,
            "at": self._labels.iso(incident.acknowledged_at),
            "already": already,
            "recorded": not len(self._engine.pending),
        }

    async def _acknowledge(self, incident: Incident, person: str) -> None:
        body = (("incident", incident.id),)
        self._inbox.put(Command(self._clock.now(), person, ACKNOWLEDGE, body))
        await self._engine.after_tick()
        # The tick under way had begun without it. One that closes the incident first ends the wait.
        still_open = self._engine.situation.durable.incidents
        while incident.acknowledged_by is None and incident.id in still_open:
            await self._engine.after_tick()
