"""The station's equipment that reports by itself: looks at what its agents show, and sends traps.

Owns the sending and the count of each device. Must not know what a trap means.
"""

from __future__ import annotations

import asyncio

from simulators.agents.responder import Objects, Typed
from simulators.agents.traps import TrapSender
from simulators.clock import PlantClock
from simulators.mibs.kinds import SNMP_KINDS
from simulators.mibs.system import SYSTEM, Oid
from simulators.mibs.traps import (
    COLD_START,
    COUNTED,
    EVENT_COUNTER,
    EVENT_PRIORITY,
    REPORTS,
    Trap,
)
from simulators.premises import Premises

LOOKS_EVERY_S = 0.05


class Reporting:
    """Every device that reports. ``communities``: of its traps, by device id."""

    def __init__(self, premises: Premises, clock: PlantClock) -> None:
        self._premises = premises
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        devices = premises.station.layout.devices
        self._kinds = {id_: one.kind for id_, one in devices.items() if one.kind in REPORTS}
        self.communities = {id_: f"traps-of-{id_}" for id_ in self._kinds}

    def start(self, to: tuple[str, int]) -> None:
        """Report from now on to ``to``, host and port."""
        self._task = asyncio.create_task(self._run(to))

    async def stop(self) -> None:
        """Report no more; safe to call twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self, to: tuple[str, int]) -> None:
        reporters = [
            _Reporter(kind, TrapSender(self.communities[id_], to), id_)
            for id_, kind in self._kinds.items()
        ]
        try:
            while True:
                for reporter in reporters:
                    reporter.look(self._shown(reporter))
                await self._clock.pause(LOOKS_EVERY_S)
        finally:
            for reporter in reporters:
                reporter.close()

    def _shown(self, reporter: _Reporter) -> Objects | None:
        now = self._clock.now()
        station = self._premises.station
        if not station.answers(reporter.id, now):
            return None
        return SNMP_KINDS[reporter.kind].objects(station, reporter.id, now)


class _Reporter:
    """One device. What it showed last is None while its agent is down."""

    def __init__(self, kind: str, sender: TrapSender, id_: str) -> None:
        self.kind = kind
        self.id = id_
        self._sender = sender
        self._last: Objects | None = None
        self._has_started = False
        self._counter = 0

    def look(self, shown: Objects | None) -> None:
        """Report what is new."""
        last, self._last = self._last, shown
        if shown is None:
            return
        if last is None:
            if self._has_started:
                self._counter = 0
                self._send(shown, (COLD_START, []))
            self._has_started = True
            return
        for trap in REPORTS[self.kind](last, shown):
            self._send(shown, trap)

    def close(self) -> None:
        self._sender.close()

    def _send(self, shown: Objects, trap: Trap) -> None:
        oid, varbinds = trap
        counted: list[tuple[Oid, Typed]] = []
        if self.kind in COUNTED and oid != COLD_START:
            self._counter += 1
            counted = [
                ((*EVENT_PRIORITY, 0), ("integer", 1)),
                ((*EVENT_COUNTER, 0), ("counter32", self._counter)),
            ]
        ticks = shown[*SYSTEM, 3, 0][1]
        assert isinstance(ticks, int)
        # The MIB's order: the system's texts, priority and counter, then the object.
        self._sender.send(oid, *varbinds[:-1], *counted, *varbinds[-1:], ticks=ticks)
