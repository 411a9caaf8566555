"""``monitord record`` and ``profile new`` on live devices, and recordings served again."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pysnmp.proto.api import v2c

from monitord.__main__ import main
from monitord.devices.recordings import read_recording
from simulators.replay import open_replay
from tests.support.agents import ModbusPlant, Oid, SnmpAgent
from tests.support.wire import LOCALHOST, DatagramServer, free_port
from tests.unit.config.samples import SITE, write

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
VENDOR = (1, 3, 6, 1, 4, 1, 99999)
SECRET = "s3cret-word"
VALUES: dict[Oid, Any] = {
    (*SYSTEM, 1, 0): f"Box at 10.20.30.40, community {SECRET}",
    (*SYSTEM, 2, 0): v2c.ObjectIdentifier((*VENDOR, 1)),
    (*SYSTEM, 3, 0): v2c.TimeTicks(360_000),
    (*SYSTEM, 5, 0): "hill-router",
    (1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 20, 30, 40): v2c.IpAddress("10.20.30.40"),
    (*VENDOR, 1, 0): 1234,
    (*VENDOR, 2, 0): "温度".encode("gbk"),
    (*VENDOR, 3, 0): v2c.Counter64(2**40),
    (*VENDOR, 4, 0): v2c.Opaque(bytes.fromhex("9f780442280000")),
}


async def said(*arguments: object) -> tuple[int, str, str]:
    """Run a command; none may show a secret or a traceback."""
    out, err = io.StringIO(), io.StringIO()
    written = [*map(str, arguments), "--language", "en"]
    code = await asyncio.to_thread(main, written, out, err)
    assert SECRET not in out.getvalue() + err.getvalue()
    assert "Traceback" not in err.getvalue()
    return code, out.getvalue(), err.getvalue()


def station(folder: Path, **device: Any) -> Path:
    """Write a site with one device more, called ``it``."""
    site = yaml.safe_load(SITE)
    site["devices"]["it"] = {"name": "It", "poll_every": "5s"} | device
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "it").write_text(f"{SECRET}\n", encoding="utf-8")
    return write(folder, yaml.safe_dump(site, allow_unicode=True, sort_keys=False))


def snmp_station(folder: Path, port: int, version: str = "2c") -> Path:
    snmp = {"address": LOCALHOST, "port": port, "version": version}
    snmp["community_file"] = "secrets/it"
    points = {"a": {"oid": "1.3.6.1.4.1.99999.1.0", "unit": "count"}}
    return station(folder, snmp=snmp, points=points)


@asynccontextmanager
async def replayed(file: Path) -> AsyncIterator[int]:
    """Serve a recording; give its port."""
    _, device = open_replay(file, SECRET, 1)
    await device.start()
    try:
        yield device.port
    finally:
        await device.stop()


def content(path: Path) -> str:
    """Return a recording without its remarks, which hold the time."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_an_agent_is_recorded_blanked_and_replayed(tmp_path: Path, version: str) -> None:
    """What a simulator serves of it is recorded as the same once more."""
    first, second = tmp_path / "first.snmprec", tmp_path / "second.snmprec"
    async with SnmpAgent(VALUES, community=SECRET) as agent:
        config = snmp_station(tmp_path, agent.port, version)
        code, out, err = await said("record", "it", "--output", first, config)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{first}: 8 objects of it recorded"
    kept = first.read_text("utf-8")
    assert not [word for word in (SECRET, "10.20.30.40", "hill-router") if word in kept]
    objects = read_recording(first).objects()
    assert objects[*VENDOR, 2, 0] == "温度".encode("gbk")
    assert objects[*VENDOR, 4, 0] == 42.0
    async with replayed(first) as port:
        config = snmp_station(tmp_path, port, version)
        code, _, err = await said("record", "it", "--output", second, config)
        assert (code, err) == (0, "")
        assert content(second) == content(first)
        code, polled, _ = await said("poll", "it", "--json", config)
        assert json.loads(polled)["points"][0]["value"] == 1234


async def test_a_recording_overwrites_nothing(tmp_path: Path) -> None:
    """It is refused before the device is asked."""
    file = tmp_path / "there.snmprec"
    file.write_text("mine", encoding="utf-8")
    async with SnmpAgent(VALUES, community=SECRET) as agent:
        config = snmp_station(tmp_path, agent.port)
        code, out, err = await said("record", "it", "--output", file, config)
        assert not agent.requests
    assert (code, out, file.read_text("utf-8")) == (1, "", "mine")
    assert "already exists" in err


async def test_a_walk_in_circles_is_recorded_as_far_as_it_goes(tmp_path: Path) -> None:
    """And says so: in the file, to the person, by the exit code."""
    agent = SnmpAgent(VALUES, community=SECRET)
    onward = agent.following
    agent.following = lambda after: onward(SYSTEM if after == (*VENDOR, 2, 0) else after)  # type: ignore[method-assign]
    async with agent:
        config = snmp_station(tmp_path, agent.port)
        code, out, _ = await said("record", "it", "--json", config)
    found = json.loads(out)
    assert code == 1
    assert found["ended_early"].startswith("agent led from 1.3.6.1.4.1.99999.2.0 back to 1.3.6.1.2")
    assert any(line.startswith("# ended early: agent led") for line in found["lines"])


ODD = (*VENDOR, 1, 5)
"""In the middle of the walk; nothing else has its value."""


def with_an_odd_value(octets: bytes) -> DatagramServer:
    """Return an agent that has a value of these three octets, tag and length included."""
    agent = SnmpAgent(dict(sorted((VALUES | {ODD: 101}).items())), community=SECRET)
    return DatagramServer(
        lambda asked: [found.replace(b"\x02\x01\x65", octets) for found in agent.answer(asked)]
    )


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"\x06\x01\x80", id="a-name-that-names-nothing"),
        pytest.param(b"\x40\x01\x65", id="an-address-of-one-octet"),
        pytest.param(b"\x45\x01\x65", id="a-type-that-is-none"),
    ],
)
async def test_a_walk_goes_on_past_a_value_that_cannot_be_read(
    tmp_path: Path, octets: bytes
) -> None:
    """sharpsnmplib#188: a recording and a draft have what is behind it, and the place is named."""
    community, file = tmp_path / "community", tmp_path / "box.yaml"
    community.write_text(f"{SECRET}\n", encoding="utf-8")
    async with with_an_odd_value(octets) as agent:
        config = snmp_station(tmp_path, agent.port)
        code, out, _ = await said("record", "it", "--json", config)
        address = ("--address", LOCALHOST, "--port", agent.port, "--community-file", community)
        drafted, _, err = await said("profile", "new", "box", *address, "--output", file)
    found = json.loads(out)
    assert (code, found["ended_early"]) == (0, None)
    names = [line.split("|")[0] for line in found["lines"] if not line.startswith("#")]
    behind = [".".join(map(str, oid)) for oid in VALUES if oid > ODD]
    assert behind
    assert [name for name in names if name in behind] == behind
    odd = ".".join(map(str, ODD))
    assert odd not in names
    assert [line for line in found["lines"] if line.startswith("#") and odd in line]
    assert (drafted, err) == (0, "")
    assert "1.3.6.1.4.1.99999.3.0" in file.read_text("utf-8")


async def test_a_device_that_says_nothing_is_not_recorded(tmp_path: Path) -> None:
    """No file is left behind."""
    async with DatagramServer(lambda _: []) as mute:
        config = snmp_station(tmp_path, mute.port)
        file = tmp_path / "x.snmprec"
        code, out, err = await said("record", "it", "--deadline", "0.1", "--output", file, config)
    assert (code, out, file.exists()) == (3, "", False)
    assert err.startswith(f"it (It) at {LOCALHOST}:")
    code, _, err = await said("record", "nobody", config)
    assert (code, "no device 'nobody'; use one of: fm1" in err) == (1, True)


async def test_registers_are_recorded_and_replayed(tmp_path: Path) -> None:
    """Those of the points and of ranges; what the unit does not have is kept as absent."""
    plant = ModbusPlant({})
    plant.set_registers("holding_register", 100, 2301, 7)
    plant.set_registers("input_register", 5, 1, 2, 3)
    points = {
        "volts": {"table": "holding_register", "wire_address": 100, "unit": "V", "scale": 0.1},
        "energy": {
            "table": "holding_register",
            "wire_address": 101,
            "unit": "Wh",
            "type": "uint32",
        },
    }
    first, second = tmp_path / "first.registers", tmp_path / "second.registers"
    ranges = ("--registers", "input_register:5-8")
    async with plant:
        config = station(tmp_path, modbus={"address": LOCALHOST, "port": plant.port}, points=points)
        code, out, err = await said("record", "it", "--output", first, *ranges, config)
    assert (code, err) == (0, ""), out
    assert read_recording(first).registers == {
        ("input_register", 5): 1,
        ("input_register", 6): 2,
        ("input_register", 7): 3,
        ("input_register", 8): None,
        ("holding_register", 100): 2301,
        ("holding_register", 101): 7,
        ("holding_register", 102): None,
    }
    async with replayed(first) as port:
        config = station(tmp_path, modbus={"address": LOCALHOST, "port": port}, points=points)
        code, _, err = await said("record", "it", "--output", second, *ranges, config)
        assert (code, err) == (0, "")
    assert content(second) == content(first)


async def test_a_false_condition_without_a_reason_says_no_more(tmp_path: Path) -> None:
    """That a fault is not there means nothing; that a carrier is not there does."""
    plant = ModbusPlant({})
    plant.set_registers("holding_register", 100, 0)
    points = {"watts": {"table": "holding_register", "wire_address": 100, "unit": "W"}}
    conditions = {
        "hot": {"layer": "equipment", "true_when": "watts > 5"},
        "radiating": {"layer": "emission", "true_when": "watts > 5"},
    }
    async with plant:
        modbus = {"address": LOCALHOST, "port": plant.port}
        config = station(tmp_path, modbus=modbus, points=points, conditions=conditions)
        code, out, _ = await said("poll", "it", config)
    assert code == 0
    assert out.splitlines()[-2:] == [
        "  it.hot: false (watts > 5)",
        "  it.radiating: false (watts > 5), which can mean: no carrier",
    ]


async def test_what_a_reader_logs_stays_out_of_the_result(tmp_path: Path) -> None:
    """A script reads one JSON document, whatever the unit lacks."""
    plant = ModbusPlant({})
    plant.set_registers("holding_register", 100, 2301)
    points = {
        name: {"table": "holding_register", "wire_address": address, "unit": "V"}
        for name, address in (("there", 100), ("missing", 200))
    }
    async with plant:
        config = station(tmp_path, modbus={"address": LOCALHOST, "port": plant.port}, points=points)
        command = (sys.executable, "-m", "monitord", "poll", "it", "--json", str(config))
        child = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        out, err = await asyncio.wait_for(child.communicate(), 60)
    shown = {point["id"]: point["quality"] for point in json.loads(out)["points"]}
    assert (child.returncode, err, shown) == (0, b"", {"there": "present", "missing": "absent"})


async def test_a_unit_where_nobody_listens_is_not_recorded(tmp_path: Path) -> None:
    """With the reason."""
    port = free_port(1)  # type: ignore[arg-type]
    points = {"a": {"table": "coil", "wire_address": 1}}
    config = station(tmp_path, modbus={"address": LOCALHOST, "port": port}, points=points)
    code, out, err = await said("record", "it", config)
    assert (code, out) == (3, "")
    assert "cannot be recorded" in err


async def test_a_profile_is_drafted_from_a_live_agent(tmp_path: Path) -> None:
    """Its community stays in its file."""
    community, file = tmp_path / "community", tmp_path / "box.yaml"
    community.write_text(f"{SECRET}\n", encoding="utf-8")
    async with SnmpAgent(VALUES, community=SECRET) as agent:
        address = ("--address", LOCALHOST, "--port", agent.port, "--community-file", community)
        code, out, err = await said("profile", "new", "box", *address, "--output", file)
    assert (code, err) == (0, ""), err
    assert "no profile for 1.3.6.1.4.1.99999.1; drafting one" in out
    assert SECRET not in file.read_text("utf-8")
    assert (await said("profile", "check", file))[0] == 0
    drafted = yaml.safe_load(file.read_text("utf-8"))
    assert drafted["points"]["object_99999_1"]["oid"] == "1.3.6.1.4.1.99999.1.0"


async def test_an_agent_that_cannot_be_asked_drafts_nothing(tmp_path: Path) -> None:
    """A missing secret and a port where nobody listens are reported."""
    community = tmp_path / "community"
    address = ("--address", LOCALHOST, "--community-file", community, "--output", tmp_path / "x")
    code, out, err = await said("profile", "new", "box", *address)
    assert (code, out) == (1, "")
    assert "no such file or folder" in err
    community.write_text(f"{SECRET}\n", encoding="utf-8")
    port = ("--port", free_port(2))  # type: ignore[arg-type]
    code, out, err = await said("profile", "new", "box", *address, *port)
    assert (code, out) == (3, "")
    assert "nobody listens there" in err


async def test_a_recording_is_served_from_the_command_line(tmp_path: Path) -> None:
    """It says where, and ends on a signal."""
    file = tmp_path / "it.snmprec"
    file.write_text("1.3.6.1.4.1.99999.1.0|2|77\n", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", "replay", str(file), "--community", SECRET, stdout=PIPE
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    try:
        assert line.startswith("it.snmprec: SNMP 127.0.0.1:")
        config = snmp_station(tmp_path, int(line.rpartition(":")[2]))
        code, polled, _ = await said("poll", "it", "--json", config)
        assert (code, json.loads(polled)["points"][0]["value"]) == (0, 77)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.mark.parametrize("content", ["", "hello", "1.3|x|1"])
async def test_what_is_no_recording_is_not_served(tmp_path: Path, content: str) -> None:
    """In one line."""
    file = tmp_path / "it.snmprec"
    file.write_text(content, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", "replay", str(file), stderr=PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().startswith(f"{file}: ")
    assert err.count(b"\n") == 1
