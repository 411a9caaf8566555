"""Devices that never end: the daemon keeps its slots for the others, and does not grow."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from simulators.agents.fault_injection import BLOCKING
from tests.support.daemon import Daemon, site, until, write_site
from tests.support.faulty_devices import PROTOCOLS, FaultyTransmitter, faulty_transmitter, started

SLOT_S = 0.5
POLLS = 10
SHARE_OF_SLOTS = 0.75
"""A busy machine costs everybody a slot now and then."""
GROWTH_MAX = 32 * 2**20
PATIENCE_S = 40.0


def resident(pid: int) -> int:
    """Return the octets of memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def answers(daemon: Daemon, healthy: list[FaultyTransmitter]) -> dict[str, float]:
    """Return how many polls of each were answered."""
    seen = await daemon.metrics()
    found = {one.id: seen.value("polls_total", device=one.id, result="answer") for one in healthy}
    return {id_: count or 0 for id_, count in found.items()}


async def test_who_never_ends_costs_the_others_no_slot(tmp_path: Path) -> None:
    """One never answers, one says an octet a second, one talks without end, in each protocol."""
    kinds = [(protocol, lie) for protocol in PROTOCOLS for lie in BLOCKING]
    hung = [faulty_transmitter(*kind, number) for number, kind in enumerate(kinds, 1)]
    healthy = [
        faulty_transmitter(protocol, "half", 50 + n, share=0)
        for n, protocol in enumerate(PROTOCOLS)
    ]
    async with started([*hung, *healthy]) as devices:
        programmes = {f"over_{one.id}": one.programme() for one in devices}
        path = write_site(tmp_path, site({one.id: one.device() for one in devices}, programmes))
        async with Daemon(path) as daemon:
            for one in healthy:
                await daemon.state(f"over_{one.id}", "on_air")
            await until(lambda: all(one.injector.injected for one in hung), "all hang", PATIENCE_S)
            loop = asyncio.get_running_loop()
            before, began = await answers(daemon, healthy), loop.time()
            memory = resident(daemon.pid)

            async def polled() -> dict[str, float]:
                found = await answers(daemon, healthy)
                more = {id_: found[id_] - before[id_] for id_ in found}
                return more if max(more.values()) >= POLLS else {}

            more = await until(polled, f"{POLLS} polls", PATIENCE_S)
            slots = (loop.time() - began) / SLOT_S
            due = SHARE_OF_SLOTS * slots - 1
            assert {id_: count for id_, count in more.items() if count < due} == {}
            assert resident(daemon.pid) - memory < GROWTH_MAX
            seen = await daemon.metrics()
            assert {one.id: seen.states(f"over_{one.id}") for one in hung} == {
                one.id: ["blind"] for one in hung
            }
            for one in healthy:
                assert seen.states(f"over_{one.id}") == ["on_air"]
            assert await daemon.stop() == 0
