"""Answers the requests of commands to the running daemon: current status, acknowledgement.

An acknowledgement goes through inbox and core into the record like every input; the reply is sent
after the commit. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from monitord.clock import Clock
from monitord.control.model import ControlCommand, Json, refusal
from monitord.control.status import Labels, describe
from monitord.core.commands import ACKNOWLEDGE
from monitord.core.durable import Incident
from monitord.core.model import Command, Input
from monitord.core.situation import Situation


class Ticks(Protocol):
    """The part of the engine used here."""

    situation: Situation
    finished_at: int

    @property
    def pending(self) -> Sized: ...

    async def after_tick(self) -> None: ...


class CommandInbox(Protocol):
    """The part of the inbox used here."""

    def put(self, item: Input) -> None: ...


class ControlCommands:
    """The commands that ``Control`` serves."""

    def __init__(self, engine: Ticks, inbox: CommandInbox, clock: Clock, labels: Labels) -> None:
        self._engine = engine
        self._inbox = inbox
        self._clock = clock
        self._labels = labels

    @property
    def by_name(self) -> dict[str, ControlCommand]:
        """Return each command by its name in a request."""
        return {"status": self.status, "ack": self.ack}

    async def status(self, request: Json) -> Json:
        """Return the current status."""
        del request
        engine = self._engine
        found = describe(
            engine.situation, self._labels, at=self._clock.now(), alive_at=engine.finished_at
        )
        return {"ok": True, "status": found | {"recorded": not len(engine.pending)}}

    async def ack(self, request: Json) -> Json:
        """Acknowledge ``incident`` for ``person``; return who acknowledged it first, and when.

        An unknown incident or person is a refusal with the list of known ids.
        """
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
        # The tick under way may have begun before the command. If the incident closes first, no
        # acknowledgement follows.
        still_open = self._engine.situation.durable.incidents
        while incident.acknowledged_by is None and incident.id in still_open:
            await self._engine.after_tick()
