"""Polling on real sockets: agents on a shared socket, one of them dead; fast and slow points."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from monitord.devices import SHARED_SOCKET_FROM
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    BRANCH,
    COMMUNITY,
    POWER,
    Daemon,
    dotted,
    programme,
    site,
    transmitter,
    until,
    write_site,
)

COUNT = 6
BLIND_SOON = {"open_after": "1s", "clear_after": "1s", "severity": "major"}
TEMPERATURE = (*BRANCH, 77, 0)


async def agents(stack: AsyncExitStack, count: int = COUNT) -> dict[str, SnmpAgent]:
    """Start so many transmitters that are on the air."""
    found = {}
    for number in range(count):
        values: dict[tuple[int, ...], Any] = {POWER: 100, TEMPERATURE: 41}
        agent = SnmpAgent(values, community=COMMUNITY)
        found[f"fm{number}"] = await stack.enter_async_context(agent)
    return found


def programmes(*ids: str) -> dict[str, Any]:
    return {f"over_{id_}": programme(f"{id_}.radiating", name=id_, blind=BLIND_SOON) for id_ in ids}


async def test_agents_on_a_shared_socket_are_evaluated_separately(tmp_path: Path) -> None:
    """One dies and comes back, one goes off the air; the four others never waver."""
    async with AsyncExitStack() as stack:
        sites = await agents(stack)
        devices = {id_: transmitter(agent.port, name=id_) for id_, agent in sites.items()}
        assert COUNT * 5 >= SHARED_SOCKET_FROM
        path = write_site(tmp_path, site(devices, programmes(*sites)))
        daemon = await stack.enter_async_context(Daemon(path))
        for id_ in sites:
            await daemon.state(f"over_{id_}", "on_air")
        sites["fm1"].stop()
        sites["fm2"].values[POWER] = 0
        await daemon.state("over_fm2", "off_air")
        seen = await daemon.state("over_fm1", "blind")
        assert seen.value("device_up", device="fm1") == 0
        await until(lambda: "fm1 MONITORING LOST" in "".join(daemon.out), "blindness is told")
        await sites["fm1"].start()
        sites["fm2"].values[POWER] = 100
        seen = await daemon.state("over_fm1", "on_air")
        await daemon.state("over_fm2", "on_air")
        for id_ in ("fm0", "fm3", "fm4", "fm5"):
            assert seen.value("polls_total", device=id_, result="timeout") == 0
            assert seen.states(f"over_{id_}") == ["on_air"]
        # 200 ms, its deadline of 160 ms, and a slot of the grid.
        assert seen.value("device_age_worst_seconds", device="fm0") == 0.41
        assert await daemon.stop() == 0


async def test_slow_points_come_beside_fast_ones(tmp_path: Path) -> None:
    """They are asked for seldom, by a request of their own, and shown all the time."""
    async with AsyncExitStack() as stack:
        sites = await agents(stack, 1)
        agent = sites["fm0"]
        slow = {"oid": dotted(TEMPERATURE), "unit": "degC", "pace": "slow"}
        device = transmitter(agent.port, name="fm0")
        device["slow_every"] = "10s"
        device["points"] = device.get("points", {}) | {"exhaust_temperature_degc": slow}
        path = write_site(tmp_path, site({"fm0": device}, programmes("fm0")))
        daemon = await stack.enter_async_context(Daemon(path))
        await daemon.state("over_fm0", "on_air")

        async def shown() -> bool:
            seen = await daemon.metrics()
            labels = {"device": "fm0", "point": "exhaust_temperature_degc"}
            return seen.value("point_celsius", **labels) == 41

        await until(shown, "the temperature is shown")
        await until(lambda: len(agent.requests) > 20, "it is polled on")
        assert await shown()
        asked = [bytes(TEMPERATURE[-2:]) + b"\x05" in request for request in agent.requests]
        assert 1 <= sum(asked) <= 3
        assert await daemon.stop() == 0
