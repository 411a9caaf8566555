"""Answers the requests of commands to the running daemon: current status, people's decisions.

A decision goes through inbox and core into the record like every input; the reply is sent after the
commit. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Final, Protocol
from uuid import uuid4

from monitord.clock import Clock
from monitord.control.model import ControlCommand, Json, refusal
from monitord.control.status import Labels, describe
from monitord.core.decision_bodies import Acknowledge, DecisionBody
from monitord.core.decisions import digest_of
from monitord.core.durable import DecisionNow, Incident
from monitord.core.model import Decision, Input
from monitord.core.situation import Situation

ID_MAX: Final = 64
"""Letters of a decision's id that a caller chooses."""


class Ticks(Protocol):
    """The part of the engine used here."""

    situation: Situation
    finished_at: int

    @property
    def pending(self) -> Sized: ...

    async def after_tick(self) -> None: ...


class DecisionInbox(Protocol):
    """The part of the inbox used here."""

    def put(self, item: Input) -> None: ...


class ControlCommands:
    """The commands that ``Control`` serves."""

    def __init__(self, engine: Ticks, inbox: DecisionInbox, clock: Clock, labels: Labels) -> None:
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
        incidents = self._engine.situation.durable.incidents
        asked = str(request.get("incident"))
        incident = incidents.get(asked)
        already = incident is not None and incident.acknowledged_by is not None
        answered = await self._decide(request, Acknowledge(asked))
        if not isinstance(answered, DecisionNow):
            return answered
        if answered.why not in (None, "already_acknowledged") or incident is None:
            return self._refused(answered.why, request, incident=asked)
        return self._acknowledged(incident, already=already)

    def _acknowledged(self, incident: Incident, *, already: bool) -> Json:
        return {
            "ok": True,
            "incident": incident.id,
            "person": incident.acknowledged_by,
            "at": self._labels.iso(incident.acknowledged_at or 0),
            "already": already,
            "recorded": not len(self._engine.pending),
        }

    async def _decide(self, request: Json, body: DecisionBody) -> DecisionNow | Json:
        """Let core decide; return its answer, or a refusal where the id cannot be used.

        ``request``: ``person``, and ``id`` where the caller may ask again for the same decision.
        """
        person, key = str(request.get("person")), request.get("id", uuid4().hex)
        if not isinstance(key, str) or not 0 < len(key) <= ID_MAX:
            return refusal("bad_id", allowed=ID_MAX)
        durable = self._engine.situation.durable
        if key not in durable.decisions:
            self._inbox.put(Decision(self._clock.now(), key, person, "command", body))
        # The tick under way may have begun before the decision.
        while key not in durable.decisions:
            await self._engine.after_tick()
        answered = durable.decisions[key]
        same = answered.digest == digest_of(person, body)
        return answered if same else refusal("id_used", id=key)

    def _refused(self, why: str | None, request: Json, **details: object) -> Json:
        situation = self._engine.situation
        if why == "unknown_person":
            person = str(request.get("person"))
            return refusal("unknown_person", person=person, known=list(situation.people))
        if why == "unknown_incident":
            return refusal(why, **details, known=list(situation.durable.incidents))
        return refusal(why or "unknown_incident", **details)
