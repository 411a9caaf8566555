"""Gives core the decisions of people and waits for the answer. Decides nothing.

A decision goes through inbox and core into the record like every input; the answer is given after
the commit, or once the disk does not take it.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol
from uuid import uuid4

from monitord.clock import Clock
from monitord.control.basis import basis_of
from monitord.control.model import Json, refusal
from monitord.core.decision_bodies import DecisionBody
from monitord.core.decisions import ID_MAX, digest_of, is_id
from monitord.core.durable import DecisionNow
from monitord.core.model import Decision, Input
from monitord.core.situation import Situation


class Ticks(Protocol):
    """The part of the engine used here."""

    situation: Situation
    finished_at: int

    @property
    def pending(self) -> Sized: ...

    @property
    def unrecorded(self) -> int: ...

    async def after_tick(self) -> None: ...


class DecisionInbox(Protocol):
    """The part of the inbox used here."""

    def put(self, item: Input) -> None: ...


class Deciding:
    """See the module."""

    def __init__(self, engine: Ticks, inbox: DecisionInbox, clock: Clock) -> None:
        self._engine = engine
        self._inbox = inbox
        self._clock = clock

    async def decide(self, request: Json, body: DecisionBody) -> DecisionNow | Json:
        """Let core decide; return its answer, or a refusal where the id cannot be used.

        ``request``: ``person``, and ``id`` where the caller may ask again for the same decision;
        what it rests on as in ``Basis``, each key where there is something to say.
        """
        basis = basis_of(request)
        person, key = str(request.get("person")), request.get("id", uuid4().hex)
        if not isinstance(key, str) or not is_id(key):
            return refusal("bad_id", allowed=ID_MAX)
        if basis is None:
            return refusal("bad_basis")
        durable = self._engine.situation.durable
        if key not in durable.decisions:
            decision = Decision(self._clock.now(), key, person, "command", body, basis)
            self._inbox.put(decision)
        # The tick under way may have begun before the decision.
        while key not in durable.decisions:
            await self._engine.after_tick()
        await self.is_recorded()
        answered = durable.decisions[key]
        same = answered.digest == digest_of(person, body, basis)
        return answered if same else refusal("id_used", id=key)

    async def is_recorded(self) -> bool:
        """Wait for a commit under way; return whether nothing waits for the disk after that."""
        while len(self._engine.pending) and not self._engine.unrecorded:
            await self._engine.after_tick()
        return not self._engine.unrecorded
