"""Kills the daemon over and over on real sockets, then holds its record against what happened.

The surroundings (equipment, desk) live in this process and survive every kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from monitord.history import History
from simulators.agents.modbus import ModbusAgent, Tables
from simulators.agents.sink import Behaviour, WebhookSink
from tests.support.wire import free_port

ROOT = Path(__file__).resolve().parents[2]
STEPS = (
    "starting",
    "inbox_drained",
    "advanced",
    "commit_begun",
    "committed",
    "alive_written",
    "started",
    "attempt_sending",
    "attempt_sent",
    "stopping",
    "stopped",
)
LATEST_VISIT = {
    "starting": 1,
    "started": 1,
    "stopping": 1,
    "stopped": 1,
    "attempt_sending": 3,
    "attempt_sent": 3,
}
LIFE_S_MAX = 8.0

CONFIGURATION = """\
site: {{id: hill, name: 山, time_zone: Asia/Shanghai}}
devices:
  tx:
    name: 发射机
    modbus: {{address: 127.0.0.1, port: {modbus}, unit_id: 1}}
    poll_every: 200ms
    points: {{carrier: {{table: discrete_input, wire_address: 0}}}}
    conditions: {{radiating: {{layer: emission, true_when: carrier}}}}
  io:
    name: 静音检测
    modbus: {{address: 127.0.0.1, port: {modbus}, unit_id: 1}}
    poll_every: 200ms
    points: {{silent: {{table: discrete_input, wire_address: 1}}}}
    conditions: {{sound: {{layer: content, true_when: not silent, reason: silence}}}}
programmes:
  fm:
    name: 广播
    chain:
      - {{stage: studio, owner: own, needs: io.sound}}
      - {{stage: transmitter, owner: own, needs: tx.radiating}}
    off_air: {{open_after: 0s, clear_after: 1s}}
people:
  desk: {{name: 值机台, language: zh, tell: [hook]}}
  leader: {{name: 带班领导, language: en, tell: [hook, console]}}
channels: {{hook: {{kind: webhook, url: "{url}", deadline: 2s}}, console: {{kind: console}}}}
record: {{folder: record}}
listen: {{address: 127.0.0.1, port: {port}}}
"""


@dataclass
class Outage:
    """What truly happened, in microseconds since boot."""

    start: int
    finish: int


@dataclass
class Notes:
    """Everything the observer needs."""

    folder: Path
    outages: list[Outage] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    lives: list[tuple[int, int]] = field(default_factory=list)
    killed_at: dict[str, int] = field(default_factory=dict)
    counters: list[dict[str, float]] = field(default_factory=list)
    in_flight: int = 0
    exit_code: int | None = None


def boottime() -> int:
    """Return microseconds since boot: the axis that survives every kill."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Lives:
    """The fork server, as the harness speaks with it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._orders, self._answers = process.stdin, process.stdout

    @classmethod
    async def begin(cls) -> Lives:
        command = (sys.executable, "-m", "tests.crash.lives")
        return cls(
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
        )

    async def fork(self, folder: Path, step: str | None, visit: int) -> int:
        """Begin a life; return its pid."""
        config, log = str(folder / "monitord.yaml"), str(folder / "log")
        order = {"config": config, "log": log, "step": step, "visit": visit}
        self._orders.write((json.dumps(order) + "\n").encode())
        return int((await self._answer())["pid"])

    async def ended(self) -> int:
        """Wait for the end of the life; return its exit code, negative after a signal."""
        return int((await self._answer())["ended"])

    async def _answer(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self._answers.readline())
        return found

    async def close(self) -> None:
        self._orders.close()
        await self._process.wait()


class Harness:
    """One seed: so many kills, then a quiet life, then nothing but the record."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.notes = Notes(folder)
        self.port = free_port(socket.SOCK_STREAM)
        self._bits = [True, False]
        self._agent = ModbusAgent(Tables(discrete_inputs=lambda: [*self._bits, *[False] * 14]))
        self._sink = WebhookSink(self.notes.received.append)

    async def run(self, kills: int) -> Notes:
        """Live through the kills; return what was noted."""
        await self._agent.start()
        await self._sink.start()
        text = CONFIGURATION.format(modbus=self._agent.port, url=self._sink.url, port=self.port)
        (self.notes.folder / "monitord.yaml").write_text(text, encoding="utf-8")
        lives = await Lives.begin()
        script = asyncio.create_task(self._play())
        moods = asyncio.create_task(self._change_mood())
        try:
            for number in range(kills):
                await self._one_life(lives, number)
            await _end(moods)
            self._sink.behaviour = Behaviour.ANSWER
            await _end(script)
            self._bits[:] = [True, False]
            await self._last_life(lives)
        finally:
            await _end(script)
            await _end(moods)
            await lives.close()
            await self._sink.stop()
            await self._agent.stop()
        return self.notes

    async def _play(self) -> None:
        """Let the carrier or the sound fail and come back, for ever."""
        while True:
            await asyncio.sleep(self.random.uniform(0.8, 2.0))
            index = self.random.randrange(2)
            outage = Outage(boottime(), 1 << 62)
            self.notes.outages.append(outage)
            self._bits[index] = not self._bits[index]
            try:
                await asyncio.sleep(self.random.uniform(1.0, 4.0))
            finally:
                self._bits[index] = not self._bits[index]
                outage.finish = boottime()

    async def _change_mood(self) -> None:
        """Let the desk answer mostly, and hang, reset or fail now and then."""
        moods = (Behaviour.ANSWER, Behaviour.ANSWER, *Behaviour)
        while True:
            self._sink.behaviour = self.random.choice(moods)
            await asyncio.sleep(self.random.uniform(0.5, 2.0))

    async def _one_life(self, lives: Lives, number: int) -> None:
        step = STEPS[number // 2 % len(STEPS)] if number % 2 else None
        visit = self.random.randint(1, LATEST_VISIT.get(step or "", 40))
        begin = boottime()
        pid = await lives.fork(self.notes.folder, step, visit)
        ended = asyncio.create_task(lives.ended())
        if step in ("stopping", "stopped"):
            await _wait(ended, self.random.uniform(0.5, 3.0))
            _signal(pid, signal.SIGTERM)
            await _wait(ended, LIFE_S_MAX)
        elif step is None:
            await _wait(ended, self.random.uniform(0.05, 4.0))
            await self._scrape()
            await _wait(ended, self.random.uniform(0.0, 0.2))
        else:
            await _wait(ended, LIFE_S_MAX)
        name = step if ended.done() else "at random"
        if not ended.done():
            _signal(pid, signal.SIGKILL)
        code = await ended
        assert code == -signal.SIGKILL, f"a life ended by itself with {code}: see the log"
        self.notes.lives.append((begin, boottime()))
        self.notes.killed_at[str(name)] = self.notes.killed_at.get(str(name), 0) + 1
        self.notes.in_flight += _in_flight(self.notes.folder)

    async def _last_life(self, lives: Lives) -> None:
        begin = boottime()
        pid = await lives.fork(self.notes.folder, None, 0)
        ended = asyncio.create_task(lives.ended())
        for _ in range(600):
            await _wait(ended, 0.2)
            found = await self._scrape()
            if found and boottime() - begin > 4_000_000 and _is_quiet(found):
                break
        _signal(pid, signal.SIGTERM)
        self.notes.exit_code = await ended
        self.notes.lives.append((begin, boottime()))

    async def _scrape(self) -> dict[str, float]:
        """Note the counters; an unreachable page notes nothing."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as page:
                text = await page.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return {}
        found = {
            f"{sample.name}{sorted(sample.labels.items())}": sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        self.notes.counters.append(found)
        return found


def _is_quiet(found: dict[str, float]) -> bool:
    wanted = ("monitord_deliveries_owed", "monitord_incidents_open")
    return not any(value for name, value in found.items() if name.startswith(wanted))


def _in_flight(folder: Path) -> int:
    """Return how many attempts the record knows as begun and not ended, at a kill."""
    if not (folder / "record" / "record.sqlite").exists():
        return 0
    under_way: set[tuple[str, str]] = set()
    with History(folder / "record") as history:
        for event in history.all_events():
            if event.kind in ("attempt_began", "attempt_ended"):
                key = event.subject, json.loads(event.body)["incident"]
                (under_way.add if event.kind == "attempt_began" else under_way.discard)(key)
    return len(under_way)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


async def _wait(task: asyncio.Task[int], seconds: float) -> None:
    await asyncio.wait({task}, timeout=seconds)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
