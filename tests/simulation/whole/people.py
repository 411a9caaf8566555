"""The people behind the channels of the whole gear: who received what, and when.

Between outbox and dispatcher, to know the alert of each message. A service sometimes fails; the
message may have arrived all the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from monitord.channels import DeliveryError, Message
from monitord.core.codec import canonical, to_plain
from monitord.core.message_events import AttemptBegan
from monitord.dispatcher import Attempt as Sent
from monitord.dispatcher import Dispatcher
from monitord.outbox import Outbox
from simulators.plant.signals import Signal
from tests.simulation.facts import MS, SECOND
from tests.simulation.people import Attempt, Received
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.virtual_clock import WholeClock

DELIVERED, ARRIVED = 0.80, 0.85
"""Between both a message arrives and its confirmation is lost."""
REFUSED = 0.97
"""Above it the service refuses for good."""


class WholePeople:
    """Passes attempts from the engine to the outbox, and from there to the dispatcher.

    ``dead``: when each channel fails every attempt.
    """

    def __init__(
        self,
        history: WholeHistory,
        clock: WholeClock,
        random: Random,
        dead: Mapping[str, Signal[bool]],
    ) -> None:
        self._history = history
        self._clock = clock
        self._random = random
        self._dead = dead
        self._beginning: tuple[dict[str, Any], int] = ({}, 0)
        self._begun: dict[int, tuple[Sent, dict[str, Any], int]] = {}
        self.dispatcher: Dispatcher
        self.outbox: Outbox

    def begin(self, person: str, began: AttemptBegan, *, recorded: bool) -> None:
        """Pass an attempt on to the outbox, as the engine gives it."""
        alert = json.loads(canonical(to_plain(began)))["alert"]
        self._beginning = alert, self._clock.now()
        self.outbox.begin(person, began, recorded=recorded)

    def start(self, attempt: Sent) -> None:
        """Pass a composed attempt on to the dispatcher, as the outbox gives it."""
        self._begun[id(attempt.message)] = (attempt, *self._beginning)
        self.dispatcher.start(attempt)

    async def receive(self, message: Message) -> None:
        """Let a message arrive, or not. Raises ``DeliveryError``."""
        attempt, alert, composed = self._begun.pop(id(message))
        began, luck = self._clock.now(), self._random.random()
        takes = self._random.choice((10 * MS, 100 * MS, 2 * SECOND, 5 * SECOND))
        if self._dead[attempt.channel].at(began):
            luck, takes = (ARRIVED + REFUSED) / 2, 5 * SECOND
        try:
            await self._clock.sleep_until(began + takes // 2)
            if luck < ARRIVED:
                seen = Received(self._clock.now(), attempt.person, alert, composed)
                self._history.received.append(seen)
            await self._clock.sleep_until(began + takes)
        except asyncio.CancelledError:
            self._history.cut_off += 1
            raise
        delivered, ended = luck < DELIVERED, self._clock.now()
        self._history.attempts.append(Attempt(began, ended, attempt.person, delivered, alert))
        if not delivered:
            self._history.unconfirmed += luck < ARRIVED
            raise DeliveryError("500", permanent=luck > REFUSED)


class WholeChannel:
    """One channel: the message goes to the person."""

    def __init__(self, people: WholePeople) -> None:
        self._people = people

    async def send(self, message: Message) -> None:
        await self._people.receive(message)

    async def close(self) -> None:
        pass
