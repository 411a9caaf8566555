"""One run: a site under watch whose daemon is killed again and again, then left in peace.

Owns the plan of kills and the surroundings that outlive them. Judges nothing.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from random import Random

from monitord.core.apply import apply
from monitord.core.durable import Durable
from monitord.history import History
from monitord.journal.errors import RecordError
from tests.crash.configuration import (
    APART,
    HOST,
    SHARED,
    Ports,
    free_listen_port,
    write_configuration,
)
from tests.crash.desks import Desks
from tests.crash.equipment import Equipment
from tests.crash.lives import HUNG_AFTER_S, Lives, Plan, count_ticks
from tests.crash.sufferings import Suffering, Surroundings

STEPS = {
    "opened": 1,
    "starting": 1,
    "started": 1,
    "inbox_drained": 60,
    "advanced": 60,
    "commit_begun": 16,
    "events_inserted": 16,
    "projections_kept": 16,
    "transaction_ended": 16,
    "committed": 60,
    "alive_written": 60,
    "attempt_sending": 6,
    "attempt_sent": 6,
    "stopping": 1,
    "stopped": 1,
}
"""Every named step, and up to which visit of it a life may go on."""
HARMED = "record_replaced/"
"""What incidents of a harm to the record are about, with the kind of harm behind it."""
AT_THE_END = ("stopping", "stopped")
TICKS_MAX = (0, 6, 20, 40)
"""Up to how many ticks a life may have that is killed at random; 0 for one killed as it starts."""
STEP_TICKS, QUIET_TICKS = 200, 600
"""Within so many ticks a life reaches its step, and the last life has nothing open or pending."""
LIFE_TICKS = (20, 60), (60, 150)
"""How many ticks a life that suffers has; with a full disk an outage may begin and end in it."""
FIRST_TICKS = 5
"""After so many every name is known."""
LOOK_EVERY_S = 0.3
UNREAD = "the record cannot be read"
SENT = rb"^monitord_lane_requests_total [1-9]"
"""Requests on a shared socket, in this life."""
COUNTERS = (
    b"monitord_programme_state_seconds_total{",
    b"monitord_programme_off_air_seconds_total{",
)


@dataclass
class Scrapes:
    """What ``/metrics`` said across lives. ``backwards``: counters that were seen to fall.

    ``on_shared_sockets``: pages that had requests on a shared socket.
    """

    count: int = 0
    on_shared_sockets: int = 0
    seen: dict[str, float] = field(default_factory=dict)
    backwards: list[str] = field(default_factory=list)

    def take(self, page: bytes) -> None:
        """Hold the counters against the last ones seen, in whichever life that was."""
        self.count += 1
        self.on_shared_sockets += re.search(SENT, page, re.MULTILINE) is not None
        for line in page.splitlines():
            if line.startswith(COUNTERS):
                name, _, value = line.decode().rpartition(" ")
                now, before = float(value), self.seen.get(name, 0.0)
                if now < before:
                    self.backwards.append(f"{name} fell from {before} to {now}")
                self.seen[name] = now


@dataclass
class Run:
    """Everything the judge may look at."""

    lives: Lives
    equipment: Equipment
    desks: Desks
    scrapes: Scrapes
    owed: list[str] = field(default_factory=list)


def draw_plans(random: Random, kills: int, steps: Sequence[str]) -> list[Plan]:
    """Return ``kills`` ends: each of ``steps`` in turn as far as they go, the others at random."""
    named = [_at_step(random, step) for step in steps][:kills]
    plans = [*named, *(_at_random(random) for _ in range(kills - len(named)))]
    random.shuffle(plans)
    return plans


def _at_step(random: Random, step: str) -> Plan:
    in_order = step in AT_THE_END or random.random() < 0.1
    return Plan(
        step=step,
        visit=random.randint(1, STEPS[step]),
        ticks=random.randint(3, 25) if in_order else STEP_TICKS,
        lasts_s=HUNG_AFTER_S if in_order else 0.0,
        in_order=in_order,
        pause_s=_pause(random),
    )


def _at_random(random: Random) -> Plan:
    in_order = random.random() < 0.1
    return Plan(
        ticks=random.randint(0, random.choice(TICKS_MAX)),
        lasts_s=random.uniform(0, 0.1 if in_order else 0.3),
        in_order=in_order,
        pause_s=_pause(random),
    )


def let_suffer(random: Random, plans: Sequence[Plan], kinds: Sequence[Suffering]) -> list[Plan]:
    """Return the plans, each with one of ``kinds`` in turn, and lives long enough to meet it."""
    return [_suffering(random, *pair) for pair in zip(plans, cycle(kinds), strict=False)]


def _suffering(random: Random, plan: Plan, kind: Suffering) -> Plan:
    from_tick, for_ticks = random.randint(0, 15), random.choice((10, 25, STEP_TICKS))
    if plan.step:
        # It comes once a tick at the most: half of its visits are left to suffer through.
        from_tick = min(from_tick, (plan.visit - 1) // 2)
    if kind is Suffering.RESOLVER and from_tick < FIRST_TICKS:
        for_ticks = 1  # nothing is polled without an address, and a tick comes every 5 s
    return replace(
        plan,
        suffers=kind,
        ticks=max(plan.ticks, random.randint(*LIFE_TICKS[kind is Suffering.DISK_FULL])),
        from_tick=from_tick,
        for_ticks=for_ticks,
    )


def _pause(random: Random) -> float:
    return random.choice((0.0, 0.0, 0.0, random.uniform(0, 2.0)))


async def run(
    seed: int, plans: Sequence[Plan], folder: Path, kinds: Sequence[Suffering] = ()
) -> Run:
    """Live through ``plans`` and a last quiet life; return what is left to be judged.

    ``kinds``: what the surroundings go through, in turn.
    """
    random = Random(seed)
    async with AsyncExitStack() as stack:
        around = None
        if kinds:
            around = await stack.enter_async_context(Surroundings(folder, Random(seed)))
            # Where nothing can be mounted no disk is full; ``met_disk_full`` is missing then.
            possible = around.kinds(kinds) or [Suffering.NONE]
            plans = let_suffer(Random(seed), plans, possible)
        record = folder / "record" if around is None else around.record
        equipment = await stack.enter_async_context(Equipment(Random(random.getrandbits(64))))
        desks = Desks(Random(random.getrandbits(64)), record / "record.sqlite")
        await stack.enter_async_context(desks.server)
        listen = free_listen_port()
        ports = Ports(
            tuple(agent.port for agent in equipment.transmitters),
            equipment.room_io.port,
            desks.server.port,
            listen,
        )
        pace = SHARED if seed % 2 == 0 else APART
        configuration = write_configuration(folder, ports, pace, suffers=around is not None)
        lives = await stack.enter_async_context(Lives(folder, configuration, record, around))
        result = Run(lives, equipment, desks, Scrapes())
        scraping = asyncio.create_task(_scrape_on(listen, result.scrapes))
        try:
            await _live_through(result, plans)
            await _live_in_peace(result)
        finally:
            scraping.cancel()
            with suppress(asyncio.CancelledError):
                await scraping
        if around is not None:
            # What is judged outlives the disk.
            ignored = shutil.ignore_patterns("control*", "*.sock")
            lives.record = shutil.copytree(record, folder / "record", ignore=ignored)
    return result


async def _live_through(result: Run, plans: Sequence[Plan]) -> None:
    for plan in plans:
        life = await result.lives.live(plan)
        _between_lives(result.lives.around, plan)
        await asyncio.sleep(plan.pause_s)
        if plan.in_order and plan.step and not life.reached:
            # It ended in order before it came to the step.
            await result.lives.live(replace(plan, ticks=STEP_TICKS, lasts_s=0.0, in_order=False))
            await asyncio.sleep(plan.pause_s)


def _between_lives(around: Surroundings | None, plan: Plan) -> None:
    if around is not None:
        around.remember()
        if plan.suffers is Suffering.DAMAGED:
            around.damage()


async def _live_in_peace(result: Run) -> None:
    """Clear every outage and run until no message is pending; then end in order."""
    result.equipment.stop_outages()
    result.desks.all_is_well = True
    starts = count_starts(result.lives.record)
    peace = asyncio.create_task(_wait_for_peace(result, starts))
    await result.lives.live(Plan(lasts_s=HUNG_AFTER_S), until=peace)
    if not peace.done():
        peace.cancel()
        result.owed = ["the last life ended by itself"]
    else:
        result.owed = peace.result()


async def _wait_for_peace(result: Run, starts_before: int) -> list[str]:
    """Return once no incident is open and no message pending; or what is after QUIET_TICKS."""
    owed = [UNREAD]
    with suppress(TimeoutError):
        async with asyncio.timeout(HUNG_AFTER_S):
            while owed and count_ticks(result.lives.trace) < QUIET_TICKS:
                await asyncio.sleep(LOOK_EVERY_S)
                # In a thread: the agents answer meanwhile.
                owed = await asyncio.to_thread(_owed_after, result.lives.record, starts_before)
    return owed


def _owed_after(record: Path, starts_before: int) -> list[str]:
    return list(_owed(record)) if count_starts(record) > starts_before else [UNREAD]


def count_starts(record: Path) -> int:
    """Return how many lives have a start on disk."""
    with suppress(RecordError), History(record) as history:
        return sum(event.kind == "started" for event in history.all_events())
    return 0


def _owed(record: Path) -> Iterator[str]:
    durable = fold(record)
    held = kept_open(durable)
    yield from (f"incident {id_} is open" for id_ in durable.incidents if id_ not in held)
    for id_, incident in durable.closed_incidents.items():
        due = (person for person, known in incident.people.items() if known.closing)
        yield from (f"{person} is due the closing of {id_}" for person in due)
    for person, state in durable.people.items():
        yield from (f"{person} is being sent {one.told} of {one.incident}" for one in state.sending)


def kept_open(durable: Durable) -> frozenset[str]:
    """Return the incidents that last longer than the quiet life, and rightly so.

    Those whose faults are over, that fell three times in ten minutes, close ten minutes later; that
    of a harm to the record an hour after the last one.
    """
    return frozenset(
        name
        for name, incident in durable.incidents.items()
        if any(HARMED in member for member in incident.members)
        or (
            all(member.over is not None for member in incident.members.values())
            and any(member.flaps for member in incident.members.values())
        )
    )


def fold(record: Path) -> Durable:
    """Fold the whole record from zero."""
    durable = Durable()
    with History(record) as history:
        for event in history.all_events():
            apply(durable, event)
    return durable


async def _scrape_on(port: int, scrapes: Scrapes) -> None:
    while True:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(2):
                page = await _scrape(port)
                if page.startswith(b"HTTP/1.1 200") and page.endswith(b"\n"):
                    scrapes.take(page)
        await asyncio.sleep(LOOK_EVERY_S)


async def _scrape(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return await reader.read(-1)
    finally:
        writer.transport.abort()
