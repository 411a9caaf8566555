"""Devices that are absent or refuse: the daemon names who can fix it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pysnmp.proto.api import v2c

from monitord.history import History
from tests.support.agents import ModbusPlant, SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    Daemon,
    programme,
    silence_detector,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.usm_agent import UserKeys, UsmAgent
from tests.support.wire import LOCALHOST, DatagramServer, free_port

ON, OFF = 100, 0
BLIND_SOON = {"open_after": "1s", "clear_after": "1s", "severity": "major"}
SELDOM = {"poll_every": "1s", "continuity_bound": "4s"}
"""An agent on a busy machine that answers after 160 ms has not failed: it has 800 ms."""


def agent(power: int, port: int = 0) -> SnmpAgent:
    """Return a transmitter with the right community."""
    return SnmpAgent({POWER: power}, community=COMMUNITY, port=port)


def one_stage(*ids: str) -> dict[str, Any]:
    """Return a programme for each transmitter: fm1 carries over_fm1."""
    return {f"over_{id_}": programme(f"{id_}.radiating", name=id_, blind=BLIND_SOON) for id_ in ids}


@asynccontextmanager
async def two_transmitters(folder: Path, fm2_port: int) -> AsyncIterator[Path]:
    """Give the configuration of fm1, which is well and on the air, and fm2 at this port."""
    async with agent(ON) as fm1:
        devices = {
            "fm1": transmitter(fm1.port, name="first", **SELDOM),
            "fm2": transmitter(fm2_port, name="second", **SELDOM),
        }
        yield write_site(folder, site(devices, one_stage("fm1", "fm2")))


async def test_a_device_unreachable_from_the_start_blinds_only_its_own_programme(
    tmp_path: Path,
) -> None:
    """Silence is reported as blindness after ``open_after``, never as an outage."""
    nobody = free_port(socket.SOCK_DGRAM)
    async with two_transmitters(tmp_path, nobody) as path, Daemon(path) as daemon:
        await daemon.logged("device_read_failed", "device=fm2", "kind=refused", str(nobody))
        await daemon.state("over_fm1", "on_air")
        await until(lambda: "fm2 MONITORING LOST" in "".join(daemon.out), "blindness is told")
        seen = await daemon.metrics()
        assert seen.states("over_fm2") == ["blind"]
        assert seen.states("over_fm1") == ["on_air"]
        ups = [seen.value("device_up", device=id_) for id_ in ("fm1", "fm2")]
        assert ups == [1, 0]
        assert seen.value("incidents_open", severity="major") == 1
        assert seen.value("incidents_open", severity="critical") == 0
        assert await daemon.stop() == 0
    with History(tmp_path / "record") as history:
        assert [i.fault for i in history.incidents()] == ["blind"]
        assert history.verify() == []


async def test_a_device_lost_while_running_is_blind_and_comes_back_by_itself(
    tmp_path: Path,
) -> None:
    """The log names loss and return once each; the other programme is on the air throughout."""
    async with (
        agent(ON) as fm2,
        two_transmitters(tmp_path, fm2.port) as path,
        Daemon(path) as daemon,
    ):
        await daemon.state("over_fm2", "on_air")
        fm2.stop()
        await daemon.logged("device_read_failed", "device=fm2")
        seen = await daemon.state("over_fm2", "blind")
        assert seen.states("over_fm1") == ["on_air"]
        await until(lambda: "fm2 MONITORING LOST" in "".join(daemon.out), "blindness is told")
        await fm2.start()
        await daemon.logged("device_answered_again", "device=fm2")
        await until(lambda: "fm2 seen again" in "".join(daemon.out), "its end is told")
        seen = await daemon.state("over_fm2", "on_air")
        assert seen.value("device_up", device="fm2") == 1
        assert seen.value("incidents_open", severity="major") == 0
        lost = [line for line in daemon.err if "device_read_failed" in line and "=fm2" in line]
        assert len(lost) == 1
        assert await daemon.stop() == 0


async def test_a_wrong_community_is_a_device_that_does_not_answer(tmp_path: Path) -> None:
    """v2c agents drop what they do not know; the log says timeout and shows neither community."""
    async with (
        SnmpAgent({POWER: OFF}, community="an0ther-community") as fm2,
        two_transmitters(tmp_path, fm2.port) as path,
        Daemon(path) as daemon,
    ):
        await daemon.logged("device_read_failed", "device=fm2", "kind=timeout")
        seen = await daemon.state("over_fm2", "blind")
        assert seen.value("device_up", device="fm2") == 0
        await daemon.state("over_fm1", "on_air")
        assert len(fm2.requests) > 0
        assert await daemon.stop() == 0


async def test_a_wrong_key_is_logged_with_the_setting_to_check(tmp_path: Path) -> None:
    """The log names the device, the user and the configuration's key, and no passphrase."""
    keys = UserKeys("sha1", "aes128", "another-passphrase", "another-passphrase")
    sealed = UsmAgent({"ops": keys}, {POWER: v2c.Integer32(OFF)})
    async with DatagramServer(sealed.answer) as server:
        snmp = {"address": LOCALHOST, "port": server.port, "version": 3, "user": "ops"}
        for kind, protocol in (("auth", "sha1"), ("priv", "aes128")):
            snmp |= {kind: protocol, f"{kind}_file": "secrets/fm1"}
        # An agent in pure Python answers late on a busy machine: it is polled once a second.
        devices = {"fm1": transmitter(server.port, snmp=snmp, poll_every="1s")}
        async with Daemon(write_site(tmp_path, site(devices, one_stage("fm1")))) as daemon:
            line = await daemon.logged("device_read_failed", "device=fm1", "kind=error_status")
            assert "check auth_file" in line
            await daemon.state("over_fm1", "blind")
            assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


def check_no_outage(record: Path) -> None:
    """Nothing was ever held to be off the air."""
    with History(record) as history:
        assert [i for i in history.incidents() if i.fault == "off_air"] == []
        assert history.verify() == []


async def test_a_register_the_device_does_not_have_is_named_with_its_address(
    tmp_path: Path,
) -> None:
    """Exception 2 names table and address for the author of the configuration; others go on."""
    wrong = 17
    async with ModbusPlant({("discrete_input", 0): 0}) as unit, agent(ON) as fm1:
        devices = {
            "fm1": transmitter(fm1.port),
            "room_io": silence_detector(unit.port, wire_address=wrong),
        }
        programmes = one_stage("fm1") | {"sound": programme("room_io.sound_present")}
        path = write_site(tmp_path, site(devices, programmes))
        async with Daemon(path) as daemon:
            line = await daemon.logged("device_read_failed", "device=room_io", "kind=exception")
            assert f"unit 1 has none of the registers: discrete_input {wrong}" in line
            await daemon.state("over_fm1", "on_air")
            assert (await daemon.metrics()).states("sound") == ["blind"]
            assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")
