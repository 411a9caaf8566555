"""The station on real sockets: what agents answer, what commands do, what files are refused."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pysnmp.proto.api import v2c

from simulators.agents import ber
from simulators.agents.responder import SnmpResponder
from simulators.clock import PlantClock
from simulators.commands import Commands
from simulators.plant.faults import SECOND
from simulators.premises import Premises
from simulators.site_file import COUNTY_SITE, FileError, read_site
from simulators.story_file import STORIES, missing_reports, read_story

SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
SMALL = """
devices:
  mux: {kind: multiplexer}
  enc: {kind: encoder, channel: one}
  server: {kind: playout_server, channel: one}
  dtmb1: {kind: dtmb_transmitter, supply: bus}
  genset: {kind: generator}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[tuple[Premises, PlantClock]]:
    clock = PlantClock("Asia/Shanghai")
    premises = Premises(read_site(path), clock, "secret")
    await premises.start()
    try:
        yield premises, clock
    finally:
        await premises.stop()


def request(pdu: object, oids: list[tuple[int, ...]], community: str = "secret") -> bytes:
    is_bulk = isinstance(pdu, v2c.GetBulkRequestPDU)
    (v2c.apiBulkPDU if is_bulk else v2c.apiPDU).set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.null) for oid in oids])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def pdu_of(packet: bytes) -> Any:
    """Return the PDU of a message, decoded by pysnmp."""
    return v2c.apiMessage.get_pdu(decoder.decode(packet, asn1Spec=v2c.Message())[0])


async def answer_to(port: int, *packets: bytes) -> bytes:
    """Send packets to an agent and return its first answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", port))
        for packet in packets:
            sock.send(packet)
        async with asyncio.timeout(2):
            return await asyncio.get_running_loop().sock_recv(sock, 65_535)


async def ask(port: int, packet: bytes) -> list[tuple[tuple[int, ...], object]]:
    """Return the varbinds of the answer to a request."""
    pdu = pdu_of(await answer_to(port, packet))
    assert v2c.apiPDU.get_request_id(pdu) == v2c.apiPDU.get_request_id(pdu_of(packet))
    return [(tuple(name), value) for name, value in v2c.apiPDU.get_varbinds(pdu)]


async def test_get_is_answered_in_the_types_that_were_meant(small: Path) -> None:
    """What pysnmp reads is what was shown, and what is not there says so."""
    async with running(small) as (premises, _):
        port = premises.ports()["dtmb1"]
        power = (1, 3, 6, 1, 4, 1, 2566, 127, 1, 2, 167, 4, 1, 2, 5, 0)
        oids = [SYS_NAME, power, (1, 3, 6, 1, 9, 0), (*power[:-1], 7)]
        found = await ask(port, request(v2c.GetRequestPDU(), oids))
    assert [oid for oid, _ in found] == oids
    assert [str(value) for _, value in found[:2]] == ["dtmb1", "1000.0"]
    assert [type(value).__name__ for _, value in found[2:]] == ["NoSuchObject", "NoSuchInstance"]


async def test_a_walk_goes_through_everything_and_ends(small: Path) -> None:
    """GETNEXT one by one and GETBULK at once give the same objects in order."""
    async with running(small) as (premises, clock):
        port = premises.ports()["mux"]
        by_bulk = await ask(port, request(v2c.GetBulkRequestPDU(), [(1, 3)]))
        at: tuple[int, ...] = (1, 3)
        walked = []
        while True:
            ((at, value),) = await ask(port, request(v2c.GetNextRequestPDU(), [at]))
            if type(value).__name__ == "EndOfMibView":
                break
            walked.append(at)
        assert clock.now() == 0
    assert walked == sorted(walked)
    assert len(walked) == 7
    assert [oid for oid, _ in by_bulk][: len(walked)] == walked


async def test_what_is_no_request_of_ours_is_not_answered() -> None:
    """Garbage, half packets and another community leave the agent well and silent."""
    agent = SnmpResponder(lambda: {SYS_NAME: ("octets", "x")}, "secret")
    await agent.start()
    good = request(v2c.GetRequestPDU(), [SYS_NAME])
    bad = [b"", b"\x30", b"\x30\x84", good[:-3], request(v2c.GetRequestPDU(), [SYS_NAME], "other")]
    answer = pdu_of(await answer_to(agent.port, *bad, good))
    await agent.stop()
    assert v2c.apiPDU.get_request_id(answer) == v2c.apiPDU.get_request_id(pdu_of(good))
    assert agent.requests == 1


async def test_nothing_is_ever_written(small: Path) -> None:
    """A SET is refused as not writable."""
    async with running(small) as (premises, _):
        packet = request(v2c.SetRequestPDU(), [SYS_NAME])
        answer = pdu_of(await answer_to(premises.ports()["mux"], packet))
    assert v2c.apiPDU.get_error_status(answer) == 17


@pytest.mark.parametrize("value", [0, 127, 128, 255, 256, -1, -128, -129, 2**31 - 1, -(2**31)])
def test_numbers_are_encoded_as_pyasn1_does(value: int) -> None:
    """Both encoders give the same octets."""
    assert ber.integer(value) == encoder.encode(v2c.Integer(value))


async def test_registers_have_holes_and_a_hole_is_refused(small: Path) -> None:
    """A reader that reads across a hole gets exception 2, as from a real controller."""
    async with running(small) as (premises, _):
        client = AsyncModbusTcpClient("127.0.0.1", port=premises.ports()["genset"], retries=0)
        assert await client.connect()
        engine = await client.read_holding_registers(1408, count=1)
        across = await client.read_holding_registers(1408, count=100)
        written = await client.write_register(1408, 1)
        client.close()
    assert engine.registers == [0]
    assert across.isError()
    assert across.exception_code == 2
    assert written.isError()


async def test_a_command_begins_and_ends_a_fault_of_the_running_station(small: Path) -> None:
    """From now on until it ends; nothing before that changes."""
    async with running(small) as (premises, clock):
        commands = Commands(premises, clock)
        clock.begin()
        assert commands.carry_out("trip dtmb1") == "跳闸 / trip dtmb1"
        assert premises.station.dtmb.power_w["dtmb1"].at(clock.now()) == 0
        assert commands.carry_out("status").startswith("trip dtmb1, for ")
        assert commands.carry_out("end trip dtmb1") == "ended: trip dtmb1"
        assert premises.station.dtmb.power_w["dtmb1"].at(clock.now() + SECOND) == 1000
        assert commands.carry_out("status") == "all is well"
        assert commands.carry_out("times 5s modules_lost dtmb1 2").endswith("modules_lost dtmb1 2")
        (fault,) = [m for m in premises.station.faults if m.what == "modules_lost"]
        assert (fault.until - fault.at, fault.amount) == (5 * SECOND, 2)


async def test_a_command_makes_answers_faulty_and_true_again(small: Path) -> None:
    """Over SNMP and over Modbus; the status lists it."""
    async with running(small) as (premises, clock):
        commands, ports = Commands(premises, clock), premises.ports()
        assert commands.carry_out("lie dtmb1 half") == "dtmb1: the answer breaks off"
        packet = request(v2c.GetRequestPDU(), [SYS_NAME])
        with pytest.raises(PyAsn1Error):
            await ask(ports["dtmb1"], packet)
        commands.carry_out("lie genset garbage")
        assert "genset lies: noise instead of the answer" in commands.carry_out("status")
        client = AsyncModbusTcpClient("127.0.0.1", port=ports["genset"], timeout=0.2, retries=0)
        assert await client.connect()
        with pytest.raises(ModbusException):
            await client.read_holding_registers(1408, count=1)
        client.close()
        assert commands.carry_out("lie dtmb1 truth") == "dtmb1: its answers are true"
        ((_, value),) = await ask(ports["dtmb1"], packet)
        assert str(value) == "dtmb1"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tripp dtmb1", "no word 'tripp'"),
        ("trip", "no device 'site' here"),
        ("trip mux", "mux is a multiplexer"),
        ("modules_lost dtmb1 many", "perhaps a whole number"),
        ("times soon mains_off", "got 'soon', must be a duration"),
        ("end trip", "no present fault is 'trip'"),
        ("words", "dtmb_transmitter, fm_transmitter: trips"),
        ("words", "lie DEVICE half"),
        ("lie dtmb1 often", "'often' is no lie, must be one of: late, twice"),
        ("lie dtmb9 half", "'dtmb9' is no device of this station"),
        ("help", "end all"),
        ("", ""),
    ],
)
async def test_a_line_that_cannot_be_is_answered_and_changes_nothing(
    small: Path, line: str, says: str
) -> None:
    """The answer explains what was wrong."""
    async with running(small) as (premises, clock):
        assert says in Commands(premises, clock).carry_out(line)
        assert premises.station.faults == ()


def test_the_county_site_has_fifty_two_devices_each_on_its_port_or_line() -> None:
    """Nothing listens where another does, but for what hangs on the same line."""
    devices = read_site(COUNTY_SITE).devices.values()
    assert len(devices) == 52
    places = {(device.port, device.line) for device in devices}
    assert len(places) == len({port for port, _ in places}) == 51
    assert {device.id for device in devices if device.line} == {"utility_meter", "link_ups"}


def test_a_thousand_of_a_kind_are_one_line(tmp_path: Path) -> None:
    """For load tests."""
    path = tmp_path / "load.yaml"
    path.write_text("devices: {fm: {kind: fm_transmitter, port: 30000, count: 1000}}\n", "utf-8")
    devices = read_site(path).devices
    assert (len(devices), devices["fm_1000"].port) == (1000, 30999)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "got NoneType, must be keys with values"),
        ("devices: {a: {kind: toaster}}", "devices.a.kind: got 'toaster', must be one of"),
        ("devices: {a: {kind: mux, colour: red}}", "devices.a: unknown key 'colour'"),
        ("devices: {a: {kind: ups, port: 70000}}", "devices.a.port: got 70000, must be 0"),
        ("devices: {a: {kind: ups, boot: 3}}", "devices.a.boot: got 3, must be a duration"),
        ("devices: {a: {kind: ats, supply: ups9}}", "a: no supply 'ups9'"),
        ("devices: [", "while parsing"),
        ("devices: {}", "must be at least one device"),
        ("lasts: 9", "lasts: got 9, must be a duration"),
        ("{lasts: 9s, faults: [{at: 1s, fault: nap}]}", "faults[0]: no word 'nap'"),
        (
            "{lasts: 9s, faults: [{at: 1s, fault: trip, device: dtmb1, amount: x}]}",
            "amount: got 'x'",
        ),
        ("{lasts: 9s, faults: [{fault: mains_off}]}", "faults[0].at: got None"),
        ("{lasts: 9s, told: [{programme: a}]}", "told[0]: must have programme, reason, event, by"),
    ],
)
def test_a_wrong_site_or_story_names_the_place(tmp_path: Path, text: str, says: str) -> None:
    """File, key, found and allowed."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=f"^{path}") as raised:
        read_story(path, read_site(COUNTY_SITE)) if "lasts" in text else read_site(path)
    assert says in str(raised.value)


@pytest.mark.parametrize("path", sorted(STORIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_story_is_possible_at_the_county_station(path: Path) -> None:
    """Its words fit the devices, and every report is due before its end."""
    story = read_story(path, read_site(COUNTY_SITE))
    assert story.faults
    assert all(expected.by <= story.lasts for expected in story.due)


def test_two_outages_of_one_kind_must_both_be_reported() -> None:
    """One message is not counted twice, and what is not due yet is not missed."""
    story = read_story(STORIES / "three-minutes.yaml", read_site(COUNTY_SITE))
    first = [
        {"programme": p, "reason": "no_carrier", "event": e}
        for p in ("channel_1", "channel_2", "central")
        for e in ("opened", "recovered")
    ]
    assert missing_reports(story, first, 85 * SECOND) == []
    assert missing_reports(story, first, 105 * SECOND) == [
        "channel_1: no_carrier was not reported as opened by 1 min 40 s"
    ]
    assert missing_reports(story, [], SECOND) == ["nothing is due yet: the first is due after 30 s"]


def test_a_report_names_each_programme_of_its_incident() -> None:
    """A message is about the first in the order of restoration; the others are its members."""
    story = read_story(STORIES / "three-minutes.yaml", read_site(COUNTY_SITE))
    members = [{"programme": p, "reason": "no_carrier"} for p in ("central", "channel_1")]
    reports = [
        {"programme": "central", "reason": "no_carrier", "event": event, "members": members}
        for event in ("opened", "recovered")
    ]
    assert missing_reports(story, reports, 85 * SECOND) == []
    for report in reports:
        report["members"] = members[:1]
    assert len(missing_reports(story, reports, 85 * SECOND)) == 2
