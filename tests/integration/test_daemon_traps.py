"""The daemon receives traps: the device that sent one is polled at once, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitord.devices.snmp.model import User
from simulators.agents.traps import TrapSender
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    Daemon,
    profiled,
    programme,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.traps import LINK_DOWN, as_user, net_snmp
from tests.support.wire import LOCALHOST, free_port

IRT = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 1, 1)
RF_PRESENT_TRAP, RF_PRESENT = (*IRT, 0, 4), (*IRT, 1, 4, 0)
RS_TX = (1, 3, 6, 1, 4, 1, 2566, 127, 1, 2, 167, 4, 1, 2)
COLD_START = (1, 3, 6, 1, 6, 3, 1, 1, 5, 1)
TRAP_COMMUNITY = "tr4p-community"
SELDOM = "10m"
"""Whatever is seen of a device within a test is seen because it was asked at once."""


def television(port: int) -> dict[str, Any]:
    """Return a device of the shipped profile whose traps have a community of their own."""
    return profiled(port, "rs-sx800", poll_every=SELDOM, name="地面数字电视主发射机") | {
        "nominal": {"forward_power_w": 1000},
        "traps": {"community_file": "secrets/dtmb1_traps"},
    }


def with_traps(devices: dict[str, Any], programmes: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Return a site that receives traps, and its port."""
    port = free_port(socket.SOCK_DGRAM)
    return site(devices, programmes) | {"traps": {"address": LOCALHOST, "port": port}}, port


@asynccontextmanager
async def watched(
    folder: Path, devices: dict[str, Any], programmes: dict[str, Any]
) -> AsyncIterator[tuple[Daemon, tuple[str, int]]]:
    configuration, port = with_traps(devices, programmes)
    path = write_site(folder, configuration, {"dtmb1_traps": TRAP_COMMUNITY})
    secrets = (COMMUNITY, TRAP_COMMUNITY)
    async with Daemon(path, secrets=secrets) as daemon:
        await daemon.logged("event=traps_listening")
        yield daemon, (LOCALHOST, port)


async def counted(daemon: Daemon, name: str, at_least: float, **labels: str) -> float:
    """Wait until a counter is there."""

    async def look() -> float:
        value = (await daemon.metrics()).value(name, **labels) or 0
        return value if value >= at_least else 0

    return await until(look, f"{name}{labels} >= {at_least}")


async def answers(daemon: Daemon, device: str) -> float:
    return (await daemon.metrics()).value("polls_total", device=device, result="answer") or 0


async def on_air(daemon: Daemon, trap: TrapSender, name: str, device: str) -> None:
    """Wait until a device that is asked once in ten minutes has shown the same twice.

    One answer holds nothing; the trap brings the second.
    """
    await counted(daemon, "polls_total", 1, device=device, result="answer")
    trap.send(COLD_START, ticks=77)
    await daemon.state(name, "on_air")


async def test_a_trap_has_its_device_polled_at_once(tmp_path: Path) -> None:
    """The outage is known in the time of one answer, not ten minutes later."""
    async with SnmpAgent({POWER: 500}, community=COMMUNITY) as agent:
        device = transmitter(agent.port, poll_every=SELDOM)
        shown = {"county_fm": programme("fm1.radiating")}
        async with watched(tmp_path, {"fm1": device}, shown) as (daemon, to):
            with TrapSender(COMMUNITY, to) as trap:
                await on_air(daemon, trap, "county_fm", "fm1")
                agent.values[POWER] = 0
                trap.send(COLD_START)
                await daemon.state("county_fm", "off_air")
            await counted(daemon, "traps_total", 2, device="fm1", result="taken")
            assert await daemon.stop() == 0


def good_television() -> dict[tuple[int, ...], Any]:
    return {(*RS_TX, 5, 0): "1000.0", RF_PRESENT: 1, (*IRT, 1, 14, 0): 2, (*IRT, 1, 6, 0): 2}


async def test_a_false_trap_opens_nothing(tmp_path: Path) -> None:
    """It says that the carrier is gone, rightly signed; the device, asked, says that it is not."""
    async with SnmpAgent(good_television(), community=COMMUNITY) as agent:
        shown = {"channel_1": programme("dtmb1.carrier")}
        async with watched(tmp_path, {"dtmb1": television(agent.port)}, shown) as (daemon, to):
            with TrapSender(TRAP_COMMUNITY, to) as trap:
                await on_air(daemon, trap, "channel_1", "dtmb1")
                before = await answers(daemon, "dtmb1")
                trap.send(RF_PRESENT_TRAP, (RF_PRESENT, ("integer", 2)))
            await counted(daemon, "traps_total", 2, device="dtmb1", result="taken")
            await counted(daemon, "polls_total", before + 1, device="dtmb1", result="answer")
            seen = await daemon.state("channel_1", "on_air")
            assert seen.value("incidents_open", severity="critical") == 0
            off_air = "programme_off_air_seconds_total"
            for figure in ("least", "most_seen"):
                assert seen.value(off_air, programme="channel_1", figure=figure) == 0
            assert await daemon.stop() == 0


async def test_who_does_not_know_or_is_not_there_wakes_nobody(tmp_path: Path) -> None:
    """Another community, another address: counted, and the device is left in peace."""
    async with SnmpAgent(good_television(), community=COMMUNITY) as agent:
        shown = {"channel_1": programme("dtmb1.carrier")}
        async with watched(tmp_path, {"dtmb1": television(agent.port)}, shown) as (daemon, to):
            await counted(daemon, "polls_total", 1, device="dtmb1", result="answer")
            before = await answers(daemon, "dtmb1")
            with (
                TrapSender(COMMUNITY, to) as polls,
                TrapSender(TRAP_COMMUNITY, to, "127.0.0.2") as far,
            ):
                polls.send(COLD_START)  # the community of polls is not that of its traps
                far.send(COLD_START)
            await counted(daemon, "traps_total", 1, device="dtmb1", result="wrong_community")
            await counted(daemon, "traps_unknown_source_total", 1)
            assert await answers(daemon, "dtmb1") == before
            assert await daemon.stop() == 0


def storm(to: tuple[str, int], sizes: Iterable[int]) -> int:
    """Send thousands of traps of one device, and octets that are none."""
    with TrapSender(TRAP_COMMUNITY, to) as noisy:
        for size in sizes:
            noisy.send(COLD_START, ticks=size)
            noisy.send_raw(bytes(size % 300))
        return noisy.sent


async def test_polls_go_on_in_a_storm_of_traps(tmp_path: Path) -> None:
    """Thousands of datagrams cost a bounded part of the time; the rest is counted as dropped."""
    async with SnmpAgent({POWER: 500, **good_television()}, community=COMMUNITY) as agent:
        devices = {"dtmb1": television(agent.port), "fm1": transmitter(agent.port)}
        devices["fm1"]["traps"] = False
        shown = {"county_fm": programme("fm1.radiating")}
        async with watched(tmp_path, devices, shown) as (daemon, to):
            await daemon.state("county_fm", "on_air")
            for _ in range(5):
                before = await answers(daemon, "fm1")
                storm(to, range(1000))
                await counted(daemon, "polls_total", before + 3, device="fm1", result="answer")
            dropped = await counted(daemon, "traps_total", 1000, device="dtmb1", result="storm")
            seen = await daemon.metrics()
            taken = seen.value("traps_total", device="dtmb1", result="taken") or 0
            assert 1 <= taken < dropped / 5
            assert seen.states("county_fm") == ["on_air"]
            assert seen.value("traps_listening") == 1
            assert await daemon.stop() == 0


async def test_a_port_that_is_taken_leaves_the_watch_without_traps(tmp_path: Path) -> None:
    """The log names address and reason; programmes are evaluated as before."""
    async with SnmpAgent({POWER: 500}, community=COMMUNITY) as agent:
        device = transmitter(agent.port)
        configuration, port = with_traps({"fm1": device}, {"fm": programme("fm1.radiating")})
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((LOCALHOST, port))
            async with Daemon(write_site(tmp_path, configuration)) as daemon:
                told = await daemon.logged("event=traps_cannot_be_received", str(port))
                assert "Address already in use" in told
                await daemon.state("fm", "on_air")
                assert (await daemon.metrics()).value("traps_listening") == 0
                assert await daemon.stop() == 0


@pytest.mark.needs_snmp
async def test_a_user_s_informs_are_answered_and_we_stay_who_we_are(tmp_path: Path) -> None:
    """Over a restart the engine id is the same and has started once more."""
    of = User("watcher", "sha256", "aes128", "auth-k3y-of-it", "priv-k3y-of-it")
    device = transmitter(free_port(socket.SOCK_DGRAM), poll_every=SELDOM)
    del device["snmp"]["community_file"]
    device["snmp"] |= {
        "version": "3",
        "user": of.name,
        "auth": of.auth,
        "auth_file": "secrets/auth",
        "priv": of.priv,
        "priv_file": "secrets/priv",
    }
    keys = {"auth": of.auth_passphrase, "priv": of.priv_passphrase}
    configuration, port = with_traps({"fm1": device}, {"fm": programme("fm1.radiating")})
    path = write_site(tmp_path, configuration, keys)
    options = as_user("watcher", "authPriv", "SHA-256", keys["auth"], "AES", keys["priv"])
    engines = []
    for _ in range(2):
        async with Daemon(path, secrets=tuple(keys.values())) as daemon:
            await daemon.logged("event=traps_listening")
            code, said = await net_snmp(
                "snmpinform", *options, "-r", "0", "-t", "20", f"{LOCALHOST}:{port}", "", LINK_DOWN
            )
            assert code == 0, said
            await counted(daemon, "traps_total", 1, device="fm1", result="taken")
            assert await daemon.stop() == 0
        engines.append((tmp_path / "record" / "snmp_engine").read_text().split())
    (first, one), (second, two) = engines
    assert (first, one, two) == (second, "1", "2")
