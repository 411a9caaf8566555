"""The daemon reads its configuration again while it watches: real agents, real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.journal import Journal
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    TOKEN,
    Daemon,
    hook,
    programme,
    run_to_end,
    site,
    transmitter,
    until,
    webhook_sink,
    write_site,
)

ON, OFF = 1000, 0
SHAPE = shape_hash(Durable)


class TimedAgent(SnmpAgent):
    """An agent that notes when each request came."""

    def __init__(self) -> None:
        super().__init__({POWER: ON}, community=COMMUNITY)
        self.at: list[float] = []

    def answer(self, request: bytes) -> list[bytes]:
        self.at.append(time.monotonic())
        return super().answer(request)


@asynccontextmanager
async def agents(count: int) -> AsyncIterator[list[TimedAgent]]:
    """Run transmitters that are on air."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(TimedAgent()) for _ in range(count)]


def whole(found: Sequence[TimedAgent]) -> dict[str, Any]:
    """Return a site with a transmitter and a programme for each agent."""
    devices = {f"fm{n}": transmitter(agent.port) for n, agent in enumerate(found, start=1)}
    return site(devices, {f"p{n}": programme(f"fm{n}.radiating") for n in range(1, len(found) + 1)})


def rewrite(path: Path, configuration: dict[str, Any]) -> None:
    kept = yaml.safe_load(path.read_text("utf-8"))["listen"]
    write_site(path.parent, configuration | {"listen": kept})


async def command(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "monitord", "--language", "en", *words, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


async def reloaded(daemon: Daemon, times: int) -> None:
    """Reload by a signal, which costs no process; wait until so many have been done."""
    os.kill(daemon.pid, signal.SIGHUP)

    def look() -> bool:
        return sum("config_reloaded" in line for line in daemon.err) == times

    await until(look, f"reload {times}")


def events(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of one kind of event on disk."""
    with closing(sqlite3.connect(path.parent / "record" / "record.sqlite")) as record:
        rows = record.execute(
            "SELECT body FROM event WHERE kind = ? ORDER BY epoch, number", (kind,)
        )
        return [json.loads(body) for (body,) in rows]


async def test_devices_that_stay_are_asked_in_every_slot_through_many_reloads(
    tmp_path: Path,
) -> None:
    """By the moments at which a real agent gets its requests: no slot of a second has none."""
    async with agents(3) as found:
        configuration = whole(found[:2])
        configuration["devices"]["fm1"]["poll_every"] = "1s"
        configuration["devices"]["fm1"]["continuity_bound"] = "5s"
        path = write_site(tmp_path, configuration)
        async with Daemon(path) as daemon:
            await daemon.state("p1", "on_air")
            since = len(found[0].at)
            for turn in range(6):
                other = whole([found[0], *found[1 + turn % 2 : 3]])
                other["devices"]["fm1"] = configuration["devices"]["fm1"]
                rewrite(path, other)
                await reloaded(daemon, turn + 1)
            begun = len(found[0].at)
            await until(lambda: len(found[0].at) >= begun + 2, "it polls on")
            shown = await daemon.metrics()
            assert shown.value("device_slots_skipped_total", device="fm1") in (0, None)
            assert shown.states("p1") == ["on_air"]
    at = found[0].at[since:]
    slots = [round(moment - at[0]) for moment in at]
    assert slots == list(range(len(at))), at
    assert len(events(path, "config_adopted")) == 6
    assert [body for body in events(path, "piece_settled") if body.get("column") == "blind"] == []


async def test_a_reload_adds_and_changes_devices_and_says_which(tmp_path: Path) -> None:
    """What the command prints is what the event in the record says."""
    async with agents(3) as found:
        path = write_site(tmp_path, whole(found[:2]))
        async with Daemon(path) as daemon:
            await daemon.state("p1", "on_air")
            rewrite(path, whole([found[0], found[2], found[1]]))
            done = await command(path, "reload")
            assert (done.returncode, done.stderr) == (0, "")
            assert "added devices: fm3" in done.stdout
            assert "changed devices: fm2" in done.stdout
            await daemon.state("p3", "on_air")
    (adopted,) = events(path, "config_adopted")
    assert adopted["added"] == {"device": ["fm3"], "programme": ["p3"], "stage": ["p3/stage_1"]}
    assert adopted["changed"] == {"device": ["fm2"]}


async def test_many_reloads_leave_no_socket_and_no_thread_behind(tmp_path: Path) -> None:
    """Two devices and a channel change each time; the kernel counts what is open."""
    async with agents(3) as found, webhook_sink() as sink:
        path = write_site(tmp_path, whole(found[:2]))
        async with Daemon(path) as daemon:
            await daemon.state("p1", "on_air")
            counts = []
            for turn in range(16):
                other = whole([found[0], found[1 + turn % 2]])
                other["channels"]["desk"] = hook(sink.port, f"{2 + turn % 3}s")
                rewrite(path, other)
                await reloaded(daemon, turn + 1)
                await until(lambda n=found[1 + turn % 2]: n.at, "the new one is asked")
                counts.append(opened(daemon.pid))
            await until(lambda: opened(daemon.pid) <= max(counts[:6]), f"as at first: {counts}")
            await daemon.state("p2", "on_air")


def opened(pid: int) -> tuple[int, int]:
    """Return how many files and sockets, and how many threads a process has."""
    process = Path(f"/proc/{pid}")
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


async def test_a_wrong_file_is_refused_and_the_old_one_goes_on(tmp_path: Path) -> None:
    """SIGHUP and the command say why; the metric shows it until a good reload."""
    async with agents(1) as found:
        path = write_site(tmp_path, whole(found))
        async with Daemon(path) as daemon:
            await daemon.state("p1", "on_air")
            good = path.read_text("utf-8")
            path.write_text(good.replace("200ms", "soon"), "utf-8")
            os.kill(daemon.pid, signal.SIGHUP)
            os.kill(daemon.pid, signal.SIGHUP)
            await daemon.logged("config_reload_refused", "poll_every")
            await daemon.shows("config_reload_ok", 0)
            assert (await daemon.metrics()).states("p1") == ["on_air"]
            assert "config_refused" in (await command(path, "incidents", "--open", "--json")).stdout
            path.write_text(good, "utf-8")
            os.kill(daemon.pid, signal.SIGHUP)
            await daemon.logged("config_reloaded")
            await daemon.shows("config_reload_ok", 1)
            assert (
                "config_refused"
                not in (await command(path, "incidents", "--open", "--json")).stdout
            )
            rewrite(path, whole(found) | {"record": {"folder": "elsewhere"}})
            done = await command(path, "reload")
            assert done.returncode == 3  # no daemon keeps that record


async def _is_gone(daemon: Daemon, programme: str) -> bool:
    return (await daemon.metrics()).states(programme) == []


async def test_a_dry_run_changes_nothing_and_a_reload_of_nothing_left_goes_on(
    tmp_path: Path,
) -> None:
    """Every programme is withdrawn; the daemon answers, and takes the next configuration."""
    async with agents(2) as found:
        path = write_site(tmp_path, whole(found))
        async with Daemon(path) as daemon:
            await daemon.state("p2", "on_air")
            found[1].values[POWER] = OFF
            await daemon.state("p2", "off_air")
            rewrite(path, whole(found[:1]))
            done = await command(path, "reload", "--dry-run")
            assert (done.returncode, done.stderr) == (0, "")
            assert "removed programmes: p2" in done.stdout
            assert events(path, "config_adopted") == []
            assert (await command(path, "reload")).returncode == 0
            await until(lambda: _is_gone(daemon, "p2"), "p2 is withdrawn")
            assert len(events(path, "programme_withdrawn")) == 1
            assert (await daemon.metrics()).states("p1") == ["on_air"]


async def test_a_start_with_a_mistake_runs_the_last_good_configuration(tmp_path: Path) -> None:
    """FAULTS G: a typo in the YAML no longer leaves the site unwatched; it is said loudly."""
    async with agents(1) as found, webhook_sink() as sink:
        configuration = whole(found)
        configuration["channels"]["desk"] = hook(sink.port)
        path = write_site(tmp_path, configuration)
        async with Daemon(path) as daemon:
            await daemon.state("p1", "on_air")
            await daemon.stop()
        path.write_text(path.read_text("utf-8").replace("poll_every: 200ms", "poll_every: [200ms"))
        again = Daemon(path)
        await again.start()
        try:
            await again.logged("config_refused_last_good_runs")
            await again.logged("monitord_started")
            done = await until(lambda: _status(path), "status answers")
            assert "ATTENTION" in done
            os.kill(again.pid, signal.SIGHUP)
            await again.logged("config_reload_refused")
            assert await again.stop() == 0
        finally:
            await again.kill()
    stored = (tmp_path / "record" / "record.sqlite").read_bytes()
    assert COMMUNITY.encode() not in stored
    assert len(events(path, "started")) == 2
    hashes = {body["config_content"] for body in events(path, "started")}
    assert len(hashes) == 1
    assert TOKEN not in stored_text(path)


def stored_text(path: Path) -> str:
    """Return everything that the record keeps of the configuration's files."""
    with closing(sqlite3.connect(path.parent / "record" / "record.sqlite")) as record:
        rows = record.execute("SELECT body FROM content").fetchall()
    return "\n".join(zlib.decompress(body).decode() for (body,) in rows)


def _status(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "monitord", "--language", "en", "status", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else ""


async def test_a_first_start_with_a_mistake_refuses(tmp_path: Path) -> None:
    """There is nothing to go on with: every mistake is named, exit code 2."""
    path = write_site(tmp_path, whole([]) | {"devices": {"fm1": {"name": 5}}})
    code, daemon = await run_to_end(path)
    assert code == 2
    assert any("devices.fm1" in line for line in daemon.err)


@pytest.mark.parametrize(
    ("step", "adopted"),
    [
        ("config_prepared", False),
        ("config_stored", False),
        ("advanced", False),
        ("committed", True),
        ("swapped", True),
    ],
)
async def test_a_kill_at_any_step_of_a_reload_leaves_the_old_one_or_the_new_one(
    tmp_path: Path, step: str, adopted: bool
) -> None:
    """Never half of one: the next start reads the files, and the record verifies."""
    async with agents(2) as found:
        path = write_site(tmp_path, whole(found[:1]))
        stepped = (sys.executable, "-m", "tests.support.stepped_daemon", str(path), step)
        daemon = Daemon(path, command=stepped)
        await daemon.start()
        try:
            await daemon.ready()
            await daemon.state("p1", "on_air")
            rewrite(path, whole(found))
            os.kill(daemon.pid, signal.SIGHUP)
            assert await daemon.end(None) == -signal.SIGKILL
        finally:
            await daemon.kill()
        daemon.shows_no_secret()
        assert len(events(path, "config_adopted")) == int(adopted)
        broken = path.read_text("utf-8")
        path.write_text(broken.replace("devices:", "devices: ["), "utf-8")
        before = Daemon(path)
        await before.start()
        try:
            await before.logged("config_refused_last_good_runs")
            path.write_text(broken, "utf-8")
            await before.ready()
            seen = await before.state("p1", "on_air")
            assert bool(seen.states("p2")) is adopted
            assert await before.stop() == 0
        finally:
            await before.kill()
        async with Daemon(path) as after:
            await after.state("p2", "on_air")
            await after.shows("config_reload_ok", 1)
    with closing(Journal.open(tmp_path / "record", site="dabie_hill", shape=SHAPE)) as journal:
        assert journal.verify() == []


async def test_a_secret_that_cannot_be_read_costs_its_device_alone(tmp_path: Path) -> None:
    """At a start: the others are polled, the one is not asked, and it is said which."""
    async with agents(2) as found:
        configuration = whole(found)
        configuration["devices"]["fm2"]["snmp"]["community_file"] = "secrets/fm2"
        path = write_site(tmp_path, configuration, {"fm2": COMMUNITY})
        async with Daemon(path) as daemon:
            await daemon.state("p2", "on_air")
            (tmp_path / "secrets" / "fm2").unlink()
            refused = await command(path, "reload")
            assert refused.returncode == 2
            assert "devices.fm2.snmp.community_file" in refused.stderr
            await daemon.shows("config_reload_ok", 0)
            assert (await daemon.metrics()).states("p2") == ["on_air"]
            await daemon.stop()
        polled, asked = len(found[0].at), len(found[1].at)
        again = Daemon(path)
        await again.start()
        try:
            await again.logged("config_refused_last_good_runs", "device fm2", "not asked")
            await again.logged("monitord_started")
            await until(lambda: len(found[0].at) > polled, "the other one is polled")
            await again.state("p1", "on_air")
            assert (await again.metrics()).states("p2") == ["blind"]
            assert len(found[1].at) == asked
            (tmp_path / "secrets" / "fm2").write_text(f"{COMMUNITY}\n", "utf-8")
            assert (await command(path, "reload")).returncode == 0
            await again.state("p2", "on_air")
        finally:
            await again.kill()
        again.shows_no_secret()
