"""Devices that are absent, refuse, or lie: the daemon names who can fix it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pyasn1.codec.ber import decoder, encoder
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
from tests.support.wire import DatagramServer, StreamServer, free_port

ON, OFF = 100, 0
BLIND_SOON = {"open_after": "1s", "clear_after": "1s", "severity": "major"}
POLLS = 10
"""So many false answers of each kind are sent before a verdict counts as unmoved."""


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
            "fm1": transmitter(fm1.port, name="first"),
            "fm2": transmitter(fm2_port, name="second"),
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
        await until(lambda: "fm2 cannot be seen" in "".join(daemon.out), "blindness is told")
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
        await until(lambda: "fm2 cannot be seen" in "".join(daemon.out), "blindness is told")
        await fm2.start()
        await daemon.logged("device_answered_again", "device=fm2")
        await until(lambda: "fm2 is seen again" in "".join(daemon.out), "its end is told")
        seen = await daemon.state("over_fm2", "on_air")
        assert seen.value("device_up", device="fm2") == 1
        assert seen.value("incidents_open", severity="major") == 0
        assert len([line for line in daemon.err if "device_read_failed" in line]) == 1
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


# Agents that answer falsely. One accepted packet of theirs would change the verdict.


def with_other_id(answer: bytes) -> bytes:
    """Return the answer as one to another request."""
    message, _ = decoder.decode(answer, asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)
    v2c.apiPDU.set_request_id(pdu, int(v2c.apiPDU.get_request_id(pdu)) + 1)
    return bytes(encoder.encode(message))


def from_other_community(answer: bytes) -> bytes:
    """Return the answer under a community that was not asked."""
    message, _ = decoder.decode(answer, asn1Spec=v2c.Message())
    v2c.apiMessage.set_community(message, "an0ther-community")
    return bytes(encoder.encode(message))


LIES: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda _: b"\xde\xad\xbe\xef" * 10,
    "half": lambda answer: answer[: len(answer) // 2],
    "oversized": lambda answer: answer + b"\0" * 60_000,
    "wrong_id": with_other_id,
    "wrong_community": from_other_community,
    "empty": lambda _: b"",
}


class Liar(DatagramServer):
    """Answers with a lie about the power, and, where ``truth`` is set, with the truth behind it."""

    def __init__(self, lie: Callable[[bytes], bytes], lied: int, truth: int | None) -> None:
        super().__init__(self.answer)
        self._lie = lie
        self._lied = agent(lied)
        self._truth = None if truth is None else agent(truth)

    def answer(self, request: bytes) -> list[bytes]:
        """Return the datagrams for one request."""
        lies = [self._lie(answer) for answer in self._lied.answer(request)]
        return lies + (self._truth.answer(request) if self._truth else [])


async def lied_to(daemon: Daemon, liars: dict[str, Liar]) -> None:
    """Wait until every liar has lied often, and the daemon has asked on."""
    await until(
        lambda: all(len(liar.requests) > POLLS for liar in liars.values()), f"{POLLS} lies of each"
    )


async def run_with(folder: Path, liars: dict[str, Liar]) -> Path:
    """Write the configuration of a transmitter for each liar."""
    devices = {id_: transmitter(liar.port, name=id_) for id_, liar in liars.items()}
    return write_site(folder, site(devices, one_stage(*liars)))


async def test_lies_about_a_silent_device_never_make_a_verdict(tmp_path: Path) -> None:
    """Garbage, half, oversized and unrelated packets with 0 W leave the programme blind."""
    async with AsyncExitStack() as stack:
        liars = {
            name: await stack.enter_async_context(Liar(lie, OFF, None))
            for name, lie in LIES.items()
        }
        path = await run_with(tmp_path, liars)
        daemon = await stack.enter_async_context(Daemon(path))
        await lied_to(daemon, liars)
        seen = await daemon.metrics()
        states = {name: seen.states(f"over_{name}") for name in LIES}
        assert states == {name: ["blind"] for name in LIES}
        for name in LIES:
            await daemon.logged("device_read_failed", f"device={name}")
        await daemon.logged("device=garbage", "kind=bad_answer")
        await daemon.logged("device=wrong_id", "kind=timeout")
        assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


async def test_lies_before_the_truth_do_not_hide_it(tmp_path: Path) -> None:
    """A device that answers correctly behind false packets stays on the air."""
    async with AsyncExitStack() as stack:
        liars = {
            name: await stack.enter_async_context(Liar(lie, OFF, ON)) for name, lie in LIES.items()
        }
        path = await run_with(tmp_path, liars)
        daemon = await stack.enter_async_context(Daemon(path))
        for name in LIES:
            await daemon.state(f"over_{name}", "on_air")
        await lied_to(daemon, liars)
        seen = await daemon.metrics()
        states = {name: seen.states(f"over_{name}") for name in LIES}
        assert states == {name: ["on_air"] for name in LIES}
        assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


def check_no_outage(record: Path) -> None:
    """Nothing was ever held to be off the air."""
    with History(record) as history:
        assert [i for i in history.incidents() if i.fault == "off_air"] == []
        assert history.verify() == []


async def garbage_over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every Modbus request with the frame of another transaction that says silent."""
    while request := await reader.read(260):
        transaction = (int.from_bytes(request[:2], "big") + 1) % 2**16
        writer.write(transaction.to_bytes(2, "big") + b"\0\0\0\4\1\2\1\1" + b"\xff" * 7)
        await writer.drain()


async def test_a_modbus_server_that_answers_somebody_else_never_makes_a_verdict(
    tmp_path: Path,
) -> None:
    """Another transaction's frame, and what follows it, is no answer to ours."""
    async with StreamServer(garbage_over_tcp) as server, agent(ON) as fm1:
        devices = {"fm1": transmitter(fm1.port), "room_io": silence_detector(server.port)}
        programmes = one_stage("fm1") | {
            "sound": programme("room_io.sound_present", name="sound", blind=BLIND_SOON)
        }
        path = write_site(tmp_path, site(devices, programmes))
        async with Daemon(path) as daemon:
            await daemon.logged("device_read_failed", "device=room_io")
            await daemon.state("over_fm1", "on_air")
            await until(lambda: "sound cannot be seen" in "".join(daemon.out), "blindness is told")
            assert (await daemon.metrics()).states("sound") == ["blind"]
            assert await daemon.stop() == 0
    check_no_outage(tmp_path / "record")


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
