"""What the commands say of a real daemon: before it ever ran, while it runs, when it has ended."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any, NamedTuple

from monitord.__main__ import main
from monitord.control.socket_file import NAME
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    SECRETS,
    Daemon,
    programme,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.wire import LOCALHOST, DatagramServer

GOOD, BAD = 1000, 0


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


async def monitord(*arguments: object, language: str = "en") -> Said:
    """Run a command to its end; none may show a secret or a traceback.

    Within this process, which saves most of a second each time; ``as_process`` is the real thing.
    """
    out, err = io.StringIO(), io.StringIO()
    written = [*map(str, arguments), "--language", language]
    code = await asyncio.to_thread(main, written, out, err)
    return checked(code, out.getvalue(), err.getvalue())


def checked(code: int, out: str, err: str) -> Said:
    assert "Traceback" not in err
    assert not [secret for secret in SECRETS if secret in out + err]
    return Said(code, out, err)


async def as_process(*arguments: object, language: str = "C.UTF-8") -> Said:
    """Run a command as a shell would; ``language``: what the shell asks for."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitord", *map(str, arguments),
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
        env=os.environ | {"LC_ALL": language, "PYTHONUTF8": "1"},
    )  # fmt: skip
    out, err = (part.decode() for part in await process.communicate())
    assert process.returncode is not None
    return checked(process.returncode, out, err)


def station(folder: Path, port: int) -> Path:
    (folder / "record").mkdir(exist_ok=True)
    devices = {"fm1": transmitter(port)}
    return write_site(folder, site(devices, {"county_fm": programme("fm1.radiating")}))


def first(found: dict[str, Any], key: str) -> dict[str, Any]:
    (only,) = found[key]
    assert isinstance(only, dict)
    return only


async def test_the_life_of_an_incident_as_the_commands_report_it(tmp_path: Path) -> None:
    """Nothing recorded, on air, off air, acknowledged, back, and reported from the record alone."""
    async with SnmpAgent({POWER: GOOD}, community=COMMUNITY) as agent:
        path = station(tmp_path, agent.port)
        before = await monitord("status", path)
        assert (before.code, before.out) == (3, "")
        assert "there is no record yet" in before.err
        async with Daemon(path) as daemon:
            await daemon.state("county_fm", "on_air")
            await stands_well(path)
            agent.values[POWER] = BAD
            await daemon.state("county_fm", "off_air")
            incident = await is_acknowledged(path)
            agent.values[POWER] = GOOD
            await daemon.logged("incident_closed")
            told = "delivery_confirmed"
            await until(lambda: sum(told in line for line in daemon.err) == 2, "all is told")
            assert (await monitord("status", path, "--strict")).code == 0
            assert await daemon.stop() == 0
        await is_told_from_the_record(path, incident)


async def stands_well(path: Path) -> None:
    said = await monitord("status", path, "--strict", "--json")
    assert said.code == 0
    assert (said.json["source"], said.json["incidents"], said.json["owed"]) == ("daemon", [], [])
    fm = first(said.json, "programmes")
    assert (fm["id"], fm["column"], fm["observed"]) == ("county_fm", "on_air", "good")
    assert first(said.json, "devices")["up"] is True


async def is_acknowledged(path: Path) -> str:
    """Acknowledge what is open, once some of it is proven; return its id."""

    async def proven() -> bool:
        found = (await monitord("status", path, "--json")).json
        return bool(first(found, "incidents")["least_s"] > 0)

    await until(proven, "time proven off the air")
    strict = await monitord("status", path, "--strict", "--json")
    assert strict.code == 1
    assert (await monitord("status", path)).code == 0
    incident = str(first(strict.json, "incidents")["id"])
    number = str(first(strict.json, "incidents")["number"])
    assert first(strict.json, "incidents")["acknowledged_by"] is None
    done = await monitord("ack", number, "--person", "duty_desk", path)
    assert (done.code, f"{number} acknowledged by 值机台 at " in done.out) == (0, True)
    again = await monitord("ack", incident, path, "--person", "duty_desk", "--json")
    assert (again.code, again.json["already"], again.json["recorded"]) == (0, True, True)
    stranger = await monitord("ack", incident, path, "--person", "nobody")
    assert (stranger.code, "duty_desk" in stranger.err) == (1, True)
    unknown = await monitord("ack", "9-9", path, "--person", "duty_desk", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "unknown_incident")
    assert unknown.json["error"]["known"] == [number]
    seen = (await monitord("status", path, "--json")).json
    assert first(seen, "incidents")["acknowledged_by"] == "duty_desk"
    return incident


async def is_told_from_the_record(path: Path, incident: str) -> None:
    said = await as_process("status", path, language="zh_CN.UTF-8")
    assert said.code == 0
    assert said.out.startswith("monitord未运行")
    assert (await monitord("status", path, "--strict")).code == 1
    recorded = (await monitord("status", path, "--json")).json
    assert recorded["source"] == "record"
    assert first(recorded, "programmes")["least_s"] > 0
    assert first(recorded, "devices")["up"] is None
    past = first((await monitord("incidents", path, "--json")).json, "incidents")
    assert (past["id"], past["acknowledged_by"]) == (incident, "duty_desk")
    assert 0 < past["least_s"] <= past["most_seen_s"] <= past["most_s"]
    assert [each["column"] for each in past["impacts"]] == ["off_air"]
    assert [each["told"] for each in past["deliveries"]] == ["opened", "recovered"]
    assert all(each["delivered"] for each in past["deliveries"])
    assert (await monitord("incidents", path, "--open", "--json")).json["incidents"] == []
    late = await monitord("ack", incident, path, "--person", "duty_desk")
    assert (late.code, "is not running" in late.err) == (3, True)


async def test_a_second_daemon_leaves_the_first_ones_socket_alone(tmp_path: Path) -> None:
    """It may not start on the same record, and status still finds the one that runs."""
    async with SnmpAgent({POWER: GOOD}, community=COMMUNITY) as agent:
        path = station(tmp_path, agent.port)
        async with Daemon(path) as daemon:
            second = await as_process("run", path)
            assert second.code == 3
            assert "in use by process" in second.err
            assert (await monitord("status", path, "--json")).json["source"] == "daemon"
            await daemon.kill()
        assert (tmp_path / "record" / NAME).exists()
        after = await monitord("status", path, "--json")
        assert (after.code, after.json["source"]) == (0, "record")
        async with Daemon(path) as daemon:
            assert (await monitord("status", path, "--json")).json["source"] == "daemon"
            assert await daemon.stop() == 0
        assert not (tmp_path / "record" / NAME).exists()


async def test_poll_shows_all_that_a_device_says(tmp_path: Path) -> None:
    """Points with unit, quality and raw value, and the conditions that follow."""
    async with SnmpAgent({POWER: BAD}, community=COMMUNITY) as agent:
        path = station(tmp_path, agent.port)
        said = await monitord("poll", "fm1", path, "--json")
        assert said.code == 0
        point, condition = first(said.json, "points"), first(said.json, "conditions")
        assert (point["value"], point["raw"], point["unit"]) == (BAD, BAD, "W")
        assert (point["quality"], condition["truth"]) == ("present", False)
        agent.values.clear()
        absent = await monitord("poll", "fm1", path)
        assert absent.code == 0
        assert "forward_power_w: absent" in absent.out
        assert "fm1.radiating: unknown" in absent.out
        nobody = await monitord("poll", "fm2", path)
        assert nobody == (1, "", f"{path}: no device 'fm2'; use one of: fm1\n")


async def test_poll_of_a_dead_device_says_why_and_shows_that_it_waits(tmp_path: Path) -> None:
    """A person who waits for an answer that never comes sees that the command still tries."""
    async with DatagramServer(lambda _request: []) as deaf:
        path = station(tmp_path, deaf.port)
        said = await monitord("poll", "fm1", path, "--deadline", "1.5")
    assert (said.code, said.out) == (3, "")
    waiting, *_, failed = said.err.splitlines()
    assert waiting.startswith("still reading fm1, ")
    assert failed.startswith(f"fm1 (发射机) at {LOCALHOST}:{deaf.port} cannot be read")
    assert "does not answer" in failed
    gone = await monitord("poll", "fm1", path, "--json")
    assert (gone.code, gone.json["error"]["kind"]) == (3, "refused")


async def test_a_mistake_in_the_configuration_is_reported_by_every_command(tmp_path: Path) -> None:
    """With exit code 2, in words or for a script."""
    path = write_site(tmp_path, "site: {}\n")
    for command in (["status"], ["incidents"], ["poll", "fm1"], ["ack", "1-1", "--person", "a"]):
        said = await monitord(*command, path, "--json")
        assert (said.code, said.json["error"]["code"]) == (2, "configuration")
        assert said.json["error"]["mistakes"][0]["file"] == str(path)
    plain = await monitord("status", path)
    assert (plain.code, plain.out) == (2, "")
    assert plain.err.splitlines()[-1].startswith(f"{path}: ")
    check = await monitord("check", path, "--json")
    assert (check.code, check.json["ok"]) == (2, False)
