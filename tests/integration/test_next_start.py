"""The next start: on a restored record, and after a daemon that a mistake of ours ended."""

from __future__ import annotations

import gc
import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from monitord.app import App
from monitord.config import load
from monitord.control.status import folded
from monitord.history import History
from tests.fixtures.generation1 import HISTORIES, history_of, state_after, write_record
from tests.support.wire import free_port

CONFIGURATION = """\
site: {{id: hill, name: 山, time_zone: Asia/Shanghai, clock: host}}
devices:
  io:
    name: 开关量
    modbus: {{address: 127.0.0.1, port: {dead}, unit_id: 1}}
    poll_every: 200ms
    points: {{silent: {{table: discrete_input, wire_address: 0}}}}
    conditions: {{sound: {{layer: content, true_when: not silent}}}}
programmes:
  fm:
    name: 广播
    chain: [{{stage: studio, owner: own, needs: io.sound}}]
people: {{desk: {{name: 值机台, language: zh, tell: [console]}}}}
channels: {{console: {{kind: console}}}}
record: {{folder: record}}
listen: {{address: 127.0.0.1, port: {port}}}
"""


class OursError(Exception):
    """What nobody foresaw."""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Return a configuration of one device that nobody answers for."""
    ports = {"dead": free_port(socket.SOCK_STREAM), "port": free_port(socket.SOCK_STREAM)}
    path = tmp_path / "monitord.yaml"
    path.write_text(CONFIGURATION.format(**ports), encoding="utf-8")
    return path


async def live_shortly(
    configuration: Path, end: Callable[[App], None] = App.stop, after: str = "committed"
) -> None:
    """Run the whole daemon for a few ticks and end it, in order or not."""
    ticks = 0

    def count(step: str) -> None:
        nonlocal ticks
        ticks += step == after
        if ticks == 5:
            end(app)

    app = App(load(configuration), count)
    await app.run()


def fail(_: App) -> None:
    """Make a mistake within a tick."""
    raise OursError


def epochs(folder: Path) -> list[int]:
    """Return the epoch of every event, in order, once the record was found whole."""
    with History(folder) as history:
        assert history.verify() == []
        return [event.epoch for event in history.all_events()]


async def test_a_restored_record_begins_a_new_epoch_and_keeps_to_it(
    tmp_path: Path, configuration: Path
) -> None:
    """The alive file knows of a later event than the record: a new epoch cites the old head."""
    record, backup = tmp_path / "record", tmp_path / "backup"
    await live_shortly(configuration)
    shutil.copytree(record, backup)
    await live_shortly(configuration)
    (first,) = set(epochs(record))
    for file in backup.glob("record.sqlite*"):
        shutil.copy(file, record / file.name)
    for _ in range(2):
        await live_shortly(configuration)
    found = epochs(record)
    assert set(found) == {first, first + 1}
    assert found == sorted(found)
    with History(record) as history:
        bases = [event for event in history.all_events() if event.kind == "base_adopted"]
    assert [(base.epoch, base.number) for base in bases] == [(first + 1, 1)]
    assert json.loads(bases[0].body)["lost"] > 0


async def test_no_collection_of_garbage_looks_at_what_a_start_made(configuration: Path) -> None:
    """With 10,000 devices each would hold up the loop for a fifth of a second."""
    looked_at: list[bool] = []

    def end(app: App) -> None:
        looked_at.append(any(found is app.situation for found in gc.get_objects()))
        app.stop()

    await live_shortly(configuration, end)
    assert set(looked_at) == {False}


async def test_a_mistake_in_a_tick_ends_the_daemon_and_the_next_start_goes_on(
    tmp_path: Path, configuration: Path
) -> None:
    """Nothing hangs, the record's lock is free again, and its chain goes on whole."""
    with pytest.raises(OursError):
        await live_shortly(configuration, fail, "advanced")
    await live_shortly(configuration)
    assert len(set(epochs(tmp_path / "record"))) == 1


OLD = history_of(HISTORIES[9])
"""A life of programme ``fm`` that an earlier program recorded."""

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from monitord.app import App
from monitord.config import load

def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(App(load(Path(sys.argv[1])), step).run())
"""
"""Starts the daemon, which is killed at the first step of a name."""


async def test_a_record_of_an_earlier_program_goes_on_in_a_new_epoch(
    tmp_path: Path, configuration: Path
) -> None:
    """It begins with the whole state, once; reports still list what the old epoch has."""
    record = tmp_path / "record"
    write_record(record, OLD, len(OLD.events))
    before = state_after(OLD, len(OLD.events))
    for _ in range(2):
        await live_shortly(configuration)
    found = epochs(record)
    assert found[: len(OLD.events)] == [1] * len(OLD.events)
    assert set(found[len(OLD.events) :]) == {2}
    with History(record) as history:
        events = [*history.all_events()]
        bases = [event for event in events if event.kind == "base_adopted"]
        assert [(base.epoch, base.number) for base in bases] == [(2, 1)]
        body = json.loads(bases[0].body)
        cited = history.epochs()[1]
        head = (cited.cites_epoch, cited.cites_number, cited.cites_head)
        assert head == (body["cites_epoch"], body["cites_number"], body["cites_head"])
        assert (body["generation"], body["lost"]) == (1, 0)
        opened = [event.subject for event in OLD.events if event.kind == "incident_opened"]
        assert [incident.id for incident in history.incidents()][::-1][: len(opened)] == opened
        now = folded(history).programmes["fm"]
        assert now.seconds["on_air"] >= before.programmes["fm"].seconds["on_air"] > 0
        pieces = history.pieces("fm", 0, 2**62)
        assert all(a.finish == b.start for a, b in pairwise(pieces))


@pytest.mark.parametrize("step", ["opened", "events_inserted", "projections_kept"])
async def test_a_kill_before_the_new_epoch_is_on_disk_leaves_the_old_record(
    tmp_path: Path, configuration: Path, step: str
) -> None:
    """Seal and state are one transaction: all of it or nothing, and the next start does it."""
    record = tmp_path / "record"
    write_record(record, OLD, len(OLD.events))
    run = [sys.executable, "-c", KILLED, str(configuration), step]
    killed = subprocess.run(run, check=False, capture_output=True)  # noqa: ASYNC221 - ours
    assert killed.returncode == -signal.SIGKILL
    assert epochs(record) == [1] * len(OLD.events)
    with History(record) as history:
        assert len(history.epochs()) == 1
    await live_shortly(configuration)
    assert set(epochs(record)) == {1, 2}
    with History(record) as history:
        assert sum(event.kind == "base_adopted" for event in history.all_events()) == 1
