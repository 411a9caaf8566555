"""The next start: on a restored record, and after a daemon that a mistake of ours ended."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from monitord.app import App
from monitord.config import load
from monitord.history import History
from tests.support.wire import free_port

CONFIGURATION = """\
site: {{id: hill, name: 山, time_zone: Asia/Shanghai}}
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
    assert set(epochs(record)) == {1}
    for file in backup.glob("record.sqlite*"):
        shutil.copy(file, record / file.name)
    for _ in range(2):
        await live_shortly(configuration)
    found = epochs(record)
    assert set(found) == {1, 2}
    assert found == sorted(found)


async def test_a_mistake_in_a_tick_ends_the_daemon_and_the_next_start_goes_on(
    tmp_path: Path, configuration: Path
) -> None:
    """Nothing hangs, the record's lock is free again, and its chain goes on whole."""
    with pytest.raises(OursError):
        await live_shortly(configuration, fail, "advanced")
    await live_shortly(configuration)
    assert set(epochs(tmp_path / "record")) == {1}
