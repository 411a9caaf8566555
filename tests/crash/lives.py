"""Lives of the daemon, one after another, and how each ended. Owns processes; judges nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from monitord.journal.alive import Alive, read_alive
from tests.crash.equipment import boottime
from tests.crash.server import Order
from tests.crash.sufferings import Suffering, Surroundings

HUNG_AFTER_S = 600.0
"""When what never ends is ended. No verdict on the daemon follows from a shorter time."""
LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """How a life ends: at a ``step``'s ``visit``, at the latest ``lasts_s`` after ``ticks`` ticks.

    A length is a number of ticks, not a time: a slow machine does the same work in more time.
    ``in_order``: it is asked to end (SIGTERM) after ``ticks``, and is killed while it does so.
    ``pause_s``: how long no daemon runs afterwards. ``suffers``: what its surroundings go through
    from ``from_tick`` on, for ``for_ticks`` or to its end.
    """

    step: str = ""
    visit: int = 1
    ticks: int = 0
    lasts_s: float = 0.0
    in_order: bool = False
    pause_s: float = 0.0
    suffers: Suffering = Suffering.NONE
    from_tick: int = 0
    for_ticks: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A step passed by: when (boottime), which, and the last event decided by then."""

    at: int
    step: str
    number: int


@dataclass(frozen=True, slots=True)
class Life:
    """One life and what it left behind.

    ``code``: its exit code, negative for a signal. ``disk_number``: the last event on disk after
    it; ``alive``: the alive file after it.
    """

    plan: Plan
    begin: int
    end: int
    code: int
    visits: list[Visit]
    disk_number: int
    alive: Alive | None

    @property
    def reached(self) -> bool:
        """Whether the step it was to end at was reached."""
        return bool(self.plan.step and self.visits and self.visits[-1].step == self.plan.step)


@dataclass
class Lives:
    """The fork server and the lives it gave. ``folder`` holds everything of one run."""

    folder: Path
    configuration: Path
    record: Path
    around: Surroundings | None = None
    lived: list[Life] = field(default_factory=list)
    _server: Process | None = None

    @property
    def log(self) -> Path:
        return self.folder / "daemon.log"

    @property
    def durable(self) -> Path:
        return self.folder / "durable.json"

    @property
    def trace(self) -> Path:
        """File of the steps of the present life, or of the next one."""
        return self.folder / f"trace-{len(self.lived)}"

    async def __aenter__(self) -> Self:
        command = (sys.executable, "-m", "tests.crash.server", str(self.configuration))
        self._server = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        # The kernel ends a life that is left when its server goes.
        assert self._server is not None
        assert self._server.stdin is not None
        self._server.stdin.close()
        try:
            await asyncio.wait_for(self._server.wait(), 1.0)
        except TimeoutError:
            self._server.kill()
            await self._server.wait()

    async def live(self, plan: Plan, *, until: asyncio.Task[Any] | None = None) -> Life:
        """Live one life to its planned end; ``until``: ask it to end in order when this is done."""
        trace = self.trace
        order = self._order(plan)
        assert self._server is not None
        assert self._server.stdin is not None
        begin = boottime()
        self._server.stdin.write(order.line())
        process = os.pidfd_open((await self._said())["pid"])
        ending = asyncio.create_task(self._said())
        suffering = asyncio.create_task(self._suffer(plan, trace, ending))
        try:
            await _end(process, plan, trace, ending, until)
            code = (await asyncio.wait_for(ending, HUNG_AFTER_S))["ended"]
        finally:
            _send(process, signal.SIGKILL)
            os.close(process)
            suffering.cancel()
            await asyncio.wait((suffering,))
        life = Life(
            plan, begin, boottime(), code, _visits(trace), self._disk_number(), self._alive()
        )
        self.lived.append(life)
        return life

    def _order(self, plan: Plan) -> Order:
        order = Order(plan.step, plan.visit, str(self.trace), str(self.log), str(self.durable))
        if self.around is None:
            return order
        terminal = self.around.terminal.name
        return replace(
            order,
            terminal=terminal,
            log=terminal if plan.suffers is Suffering.LOG else order.log,
            commit_s=self.around.commit_s(plan.suffers),
            name_port=self.around.name_port,
        )

    async def _suffer(self, plan: Plan, trace: Path, ending: asyncio.Task[Any]) -> None:
        """Let the surroundings suffer as planned; what began is over when this ends."""
        if self.around is None or not plan.suffers or plan.suffers is Suffering.DAMAGED:
            return
        await _wait_for_ticks(trace, plan.from_tick, ending)
        # In a thread: the agents answer meanwhile.
        begun = asyncio.create_task(asyncio.to_thread(self.around.begin, plan.suffers))
        try:
            await asyncio.shield(begun)
            await _wait_for_ticks(trace, plan.from_tick + plan.for_ticks, ending)
        finally:
            # A thread goes on when its task is cancelled, and a disk would be full for good.
            await begun
            self.around.end(plan.suffers)

    async def _said(self) -> dict[str, int]:
        assert self._server is not None
        assert self._server.stdout is not None
        line = await self._server.stdout.readline()
        found: dict[str, int] = json.loads(line)
        return found

    def _alive(self) -> Alive | None:
        return read_alive(self.record)

    def _disk_number(self) -> int:
        path = self.record / "record.sqlite"
        if not path.exists():
            return 0
        damage = (sqlite3.Error, UnicodeDecodeError) if self.around is not None else ()
        with (
            suppress(*damage),
            closing(
                sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=HUNG_AFTER_S)
            ) as connection,
        ):
            # A kill while the record is made leaves a file without tables.
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return 0
            # Not all of them: a damaged page of an older one says nothing of the end.
            query = "SELECT number FROM event ORDER BY epoch DESC, number DESC LIMIT 1"
            return int((connection.execute(query).fetchone() or (0,))[0])
        return 0


async def _end(
    process: int,
    plan: Plan,
    trace: Path,
    ending: asyncio.Task[Any],
    until: asyncio.Task[Any] | None,
) -> None:
    """Bring the end that is planned: an order, a signal, or the step by itself."""
    if until is not None:
        await asyncio.wait((ending, until), return_when=asyncio.FIRST_COMPLETED)
    else:
        await _wait_for_ticks(trace, plan.ticks, ending)
    if until is not None or plan.in_order:
        _send(process, signal.SIGTERM)
    await asyncio.wait((ending,), timeout=plan.lasts_s)
    _send(process, signal.SIGKILL)


async def _wait_for_ticks(trace: Path, ticks: int, ending: asyncio.Task[Any]) -> None:
    """Wait until the trace has so many ticks, or the life ends, or hangs."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HUNG_AFTER_S):
            while not ending.done() and count_ticks(trace) < ticks:
                await asyncio.wait((ending,), timeout=LOOK_EVERY_S)


def count_ticks(trace: Path) -> int:
    """Return how many ticks a life has finished."""
    return trace.read_bytes().count(b" alive_written ") if trace.exists() else 0


def _send(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, number)


def _visits(trace: Path) -> list[Visit]:
    if not trace.exists():
        return []
    lines = [line.split() for line in trace.read_text(encoding="ascii").splitlines()]
    return [Visit(int(at), step, int(number)) for at, step, number in lines]
