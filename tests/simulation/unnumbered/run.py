"""One device on a line without numbers, polled for minutes of virtual time, and what came of it.

Configuration, poller, reader, bus, decoding and core are real; the line is in memory. Owns that
wiring and the comparison with the truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from monitord.config import load
from monitord.config.explain import explain
from monitord.config.settings import Settings
from monitord.core.expression import Kind
from monitord.core.model import Answer, Silence
from monitord.core.view import suspects
from monitord.devices.bus.bus import Bus
from monitord.devices.frames import FrameReader
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from monitord.polling.poller import Poller
from simulators.agents.faulty import ModbusDevice, StreamDevice
from simulators.agents.frames import ExampleTransmitter, TransmitterFigures
from simulators.plant.signals import Signal, pulses
from tests.properties.test_timelines import closed_parts, keep_all
from tests.simulation.facts import MS, SECOND, Span
from tests.simulation.unnumbered.line import Habit, UnnumberedLine
from tests.support.daemon import programme, site, write_site
from tests.support.quiet import quiet
from tests.support.seam import T0, Driver
from tests.support.virtual_time import VirtualLoop

UNIT = 7
ON, OFF = 1000, 0
SPARE = 15
WARM_UP = 5 * SECOND
TOLD_WITHIN = 60 * SECOND
CONDITION = "tx.radiating"


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device. ``spare``: registers behind its block; ``blocks``: of one register each.

    ``refresh``: the ``agent_refresh_max`` of its points, empty for none.
    """

    framing: str
    spare: int = 0
    blocks: int = 1
    keys: tuple[tuple[str, Any], ...] = ()
    refresh: str = ""

    @property
    def is_varied(self) -> bool:
        """Return whether the lengths of its answers change by turns."""
        return self.spare > 0

    def answers(self, power: int) -> StreamDevice:
        """Return a device that reports this power."""
        if self.framing == "frame":
            figures = TransmitterFigures(power, is_on=power > 0)
            return ExampleTransmitter(UNIT, lambda: figures)
        cells = {(3, place): 0 for place in range(1, 200)} | {(3, 0): power}
        return ModbusDevice(self.framing, UNIT, lambda: cells)

    def section(self) -> dict[str, Any]:
        """Return its section of the configuration."""
        where: dict[str, Any] = {"address": "127.0.0.1", "port": 4001, **dict(self.keys)}
        own: dict[str, Any] = {"name": "tx", "poll_every": "1s", "deadline": "800ms", "burst": True}
        if self.framing == "frame":
            own |= {"profile": "example-frame-transmitter", "nominal": {"forward_power_w": ON}}
            return own | {"frame": where | {"station": UNIT}}
        register = {"table": "holding_register", "type": "uint16", "unit": "W"}
        register |= {"agent_refresh_max": self.refresh} if self.refresh else {}
        points = {f"p{n}": register | {"wire_address": 100 * n} for n in range(self.blocks)}
        radiating = {"layer": "emission", "reason": "no_carrier", "true_when": "p0 >= 100"}
        where |= {"unit_id": UNIT, "framing": self.framing}
        if self.spare:
            where["spare_registers"] = self.spare
        return own | {"modbus": where, "points": points, "conditions": {"radiating": radiating}}


class _Switched:
    """A device that is on or off the air, and its opposite."""

    def __init__(
        self, device: Device, signal: Signal[bool], clock: _Clock, *, is_true: bool
    ) -> None:
        self._on, self._off = device.answers(ON), device.answers(OFF)
        self._signal, self._clock, self._is_true = signal, clock, is_true

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        is_on = self._signal.at(self._clock.now()) is self._is_true
        return (self._on if is_on else self._off).answer_to(received)


class _Clock:
    """The loop's time as site time."""

    def now(self) -> int:
        return T0 + round(asyncio.get_running_loop().time() * SECOND)

    def wall(self) -> int:
        return self.now()

    async def sleep_until(self, at: int) -> None:
        await asyncio.sleep(max(0, at - self.now()) / SECOND)


@dataclass(slots=True)
class Result:
    """What came of one run. Spans are of site time; counts are of this run.

    ``turns``: evidence of each turn to off the air, and when it was known. ``inconsistent_after``:
    from the first lie, None where it was not said.
    """

    lies: int = 0
    polls: int = 0
    requests: int = 0
    late: int = 0
    blind_percent: float = 0.0
    false: list[Span] = field(default_factory=list)
    wrong: list[Span] = field(default_factory=list)
    missed: list[Span] = field(default_factory=list)
    hidden: list[Span] = field(default_factory=list)
    slow: list[Span] = field(default_factory=list)
    inconsistent_after: int | None = None


def watch(
    device: Device, habit: Habit, outages: Sequence[Span], until: int, folder: Path
) -> Result:
    """Poll a device with such a habit until a moment; judge what is known by then."""
    path = write_site(folder, site({"tx": device.section()}, {"p": programme(CONDITION)}))
    settings = load(path)
    run = _Run(device, habit, outages, settings)
    with quiet(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run.live(until))
    return run.judged(until)


def drawn_outages(random: Random, until: int, longest_s: int = 90) -> list[Span]:
    """Return outages of half a second to ``longest_s``, with 20 to 60 s between them."""
    outages: list[Span] = []
    at = T0 + 10 * SECOND
    while True:
        begin = at + random.randrange(20_000, 60_000) * MS
        at = begin + random.randrange(500, longest_s * 1000) * MS
        if at > until - 30 * SECOND:
            return outages
        outages.append((begin, at))


class _Run:
    """The wiring of one run; the inbox of its poller."""

    def __init__(
        self,
        device: Device,
        habit: Habit,
        outages: Sequence[Span],
        settings: Settings,
    ) -> None:
        self.outages, self.habit, self.settings = outages, habit, settings
        self.clock, random = _Clock(), Random(1)
        off = pulses(outages)
        on = off.map(lambda is_off: not is_off)
        source = settings.devices[0].source
        assert isinstance(source, ModbusSource | FrameSource)
        truth, false = (_Switched(device, on, self.clock, is_true=one) for one in (True, False))
        self.line = UnnumberedLine(
            source.line, truth, false, habit, random, is_forgetful=hasattr(habit, "injector")
        )
        self.bus = Bus(self.line, self.clock)
        kind = FrameReader if isinstance(source, FrameSource) else ModbusReader
        self.reader = kind(source, self.bus)  # type: ignore[arg-type]
        self.driver = Driver(settings.plan, look=keep_all)
        self.polls = 0
        self.first_lie: int | None = None
        self.inconsistent: int | None = None
        self.told: list[Span] = []
        self.poller = Poller(
            settings.devices,
            {"tx": self.reader},
            self.clock,
            self,
            suspects=lambda: suspects(self.driver.situation),
        )

    def has_room(self, device: str) -> bool:
        del device
        return True

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        self.polls += len(items)
        self._tick(items)
        asyncio.get_running_loop().call_soon(self.poller.answers_evaluated)

    def _tick(self, items: Sequence[Answer | Silence]) -> None:
        now = self.clock.now()
        events = self.driver.tick(items, now)
        if self.habit.lies and self.first_lie is None:
            self.first_lie = now
        memory = self.driver.situation.devices["tx"]
        if memory.inconsistent_until is not None and self.inconsistent is None:
            self.inconsistent = now
        self.told += [(now, now) for event in events if event.kind == "incident_opened"]

    async def live(self, until: int) -> None:
        """Poll until that moment."""
        self.driver.start(self.clock.now())
        async with asyncio.TaskGroup() as tasks:
            polling = tasks.create_task(self.poller.run())
            while self.clock.now() < until:
                await asyncio.sleep(0.5)
                self._tick(())
            polling.cancel()
        self.driver.tick([], self.clock.now())

    def judged(self, until: int) -> Result:
        """Compare what was known with the truth."""
        (seen,) = explain(self.settings).programmes
        least = seen.surely_seen
        line = self.driver.situation.timelines[CONDITION]
        parts = [*closed_parts(line), (line.start, until, line.kind)]
        bad = [(a, b) for a, b, kind in parts if kind is Kind.FALSE]
        good = [(a, b) for a, b, kind in parts if kind is Kind.TRUE]
        blind = [(max(a, T0 + WARM_UP), b) for a, b, kind in parts if kind is Kind.BLIND]
        long = [one for one in self.outages if one[1] - one[0] >= least]
        on_air = _between(self.outages, until)
        result = Result(self.habit.lies, self.polls, self.line.requests)
        result.late = self.bus.counts.late_answers
        dark = sum(b - a for a, b in blind if b > a)
        result.blind_percent = 100 * dark / (until - T0 - WARM_UP)
        result.false = [one for one in bad if not _meets(one, self.outages)]
        result.wrong = [one for one in bad if _meets(one, on_air) and one not in result.false]
        result.wrong += [one for one in good if _meets(one, long)]
        unseen = [one for one in long if not _meets(one, bad)]
        result.hidden = [one for one in unseen if _meets(one, blind)]
        result.missed = [one for one in unseen if not _meets(one, blind)]
        result.slow = [one for one in self.outages if self._is_slow(one, bad)]
        if self.inconsistent is not None and self.first_lie is not None:
            result.inconsistent_after = self.inconsistent - self.first_lie
        return result

    def _is_slow(self, outage: Span, bad: Sequence[Span]) -> bool:
        """Return whether an outage that lasts longer was not proven within ``TOLD_WITHIN``."""
        begin, end = outage
        if end - begin <= TOLD_WITHIN:
            return False
        return not any(a < begin + TOLD_WITHIN and begin < b for a, b in bad)


def _between(outages: Sequence[Span], until: int) -> list[Span]:
    begins = [T0, *(end for _, end in outages)]
    return list(zip(begins, [*(begin for begin, _ in outages), until], strict=True))


def _meets(one: Span, others: Sequence[Span]) -> bool:
    return any(one[0] < b and a < one[1] for a, b in others)
