"""A record that was restored from a backup: what is lost is not numbered again."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

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


async def live_shortly(configuration: Path) -> None:
    """Run the whole daemon for a few ticks and end it in order."""
    ticks = 0

    def count(step: str) -> None:
        nonlocal ticks
        ticks += step == "committed"
        if ticks == 5:
            app.stop()

    app = App(load(configuration), count)
    await app.run()


def epochs(folder: Path) -> list[int]:
    """Return the epoch of every event, in order, once the record was found whole."""
    with History(folder) as history:
        assert history.verify() == []
        return [event.epoch for event in history.all_events()]


async def test_a_restored_record_begins_a_new_epoch_and_keeps_to_it(tmp_path: Path) -> None:
    """The alive file knows of a later event than the record: a new epoch cites the old head."""
    configuration = tmp_path / "monitord.yaml"
    text = CONFIGURATION.format(
        dead=free_port(socket.SOCK_STREAM), port=free_port(socket.SOCK_STREAM)
    )
    configuration.write_text(text, encoding="utf-8")
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
