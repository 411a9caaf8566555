"""The record's folder is removed while monitord runs: nothing is lost, no number comes twice."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitord.history import History
from monitord.journal.database import NAME
from simulators.agents.sink import WebhookSink
from tests.integration.test_reload import command
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
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

ON, OFF = 100, 0
CANNOT_START = 3


class Plant:
    """The transmitter, the desk, and the configuration."""

    def __init__(self, folder: Path, sink: WebhookSink, fm1: SnmpAgent) -> None:
        self.sink, self.fm1 = sink, fm1
        self.record = folder / "record"
        self.path = write_site(
            folder,
            site(
                {"fm1": transmitter(fm1.port)},
                {"county_fm": programme("fm1.radiating")},
                channels={"desk": hook(sink.port)},
                people={
                    "duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]},
                    "engineer": {"name": "张三", "language": "zh", "tell": ["desk"]},
                },
            ),
        )

    def of_programme(self) -> list[dict[str, Any]]:
        """Return the messages of the programme."""
        return [
            one for one in self.sink.messages if one["programme"] and one["person"] == "duty_desk"
        ]

    def of_record(self) -> list[dict[str, Any]]:
        """Return the messages of what happened to the record."""
        return [one for one in self.sink.messages if one["reason"].startswith("record_")]

    async def turn(self, value: int, event: str) -> str:
        """Turn the carrier, and return the incident of the message."""
        count = len(self.of_programme())
        self.fm1.values[POWER] = value
        await until(lambda: len(self.of_programme()) > count, event)
        message = self.of_programme()[-1]
        assert message["event"] == event
        assert message["unrecorded"] is False
        return str(message["incident_id"])


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    """Run what is watched, and the desk."""
    async with webhook_sink() as sink, SnmpAgent({POWER: ON}, community=COMMUNITY) as fm1:
        yield Plant(tmp_path, sink, fm1)


def remove(folder: Path) -> None:
    """Remove a folder that the daemon writes into: it may put a file there meanwhile."""
    away = folder.rename(folder.with_name("removed"))
    shutil.rmtree(away)


def incidents(record: Path) -> list[str]:
    """Return the incidents of a record that was found sound, the oldest first."""
    with History(record) as history:
        assert history.verify() == []
        return [one.id for one in history.incidents()][::-1]


async def test_a_removed_folder_is_made_again_with_all_it_had(plant: Plant) -> None:
    """Outages before and after are in the record; a second daemon is refused all the time."""
    async with Daemon(plant.path) as daemon:
        await daemon.state("county_fm", "on_air")
        first = await plant.turn(OFF, "opened")
        remove(plant.record)
        code, second = await run_to_end(plant.path)
        assert (code, "in use" in second.err[-1]) == (CANNOT_START, True)
        assert await plant.turn(ON, "recovered") == first
        await daemon.logged("level=error", "record_replaced", "removed")
        later = await plant.turn(OFF, "opened")
        assert await plant.turn(ON, "recovered") == later
        await daemon.shows("record_replaced_total", 1)
        await until((plant.record / "control.sock").exists, "commands reach it")
        await until(lambda: len(plant.of_record()) == 2, "both people have the message")
        assert await daemon.stop() == 0
    removed = plant.of_record()[0]["incident_id"]
    assert incidents(plant.record) == [first, removed, later]
    async with Daemon(plant.path) as again:
        await again.state("county_fm", "on_air")
        assert await plant.turn(OFF, "opened") not in {first, later}
        assert await again.stop() == 0
    message, _ = sorted(plant.of_record(), key=lambda one: str(one["person"]))
    assert (message["event"], message["unrecorded"]) == ("opened", False)
    assert "copied back" in message["title"]
    assert "monitord verify" in message["action"]


def damage(record: Path) -> None:
    """Overwrite every page of the record's file in its place, as a bad disk does.

    The writer's log is written back first, so that the daemon reads these pages again.
    """
    path = record / NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"\xaa" * size)
        os.fsync(file.fileno())


async def test_a_record_that_is_damaged_is_reported_once_in_the_language_of_each(
    plant: Plant,
) -> None:
    """What happened, what was kept, what to do; two starts later nobody has it again."""
    async with Daemon(plant.path) as daemon:
        await daemon.state("county_fm", "on_air")
        damage(plant.record)
        await plant.turn(OFF, "opened")
        await daemon.logged("level=error", "record_begins_new_epoch")
        await until(lambda: len(plant.of_record()) == 2, "both people have the message")
        status = (await command(plant.path, "status")).stdout
        assert "damaged, kept, a new one goes on" in status
        await plant.turn(ON, "recovered")
        assert await daemon.stop() == 0
    assert len(list(plant.record.glob("record.damaged-*.sqlite"))) == 1
    for _ in range(2):
        async with Daemon(plant.path) as again:
            await again.state("county_fm", "on_air")
            await again.shows("incidents_open", 1, severity="major")
            assert await again.stop() == 0
    assert [message["event"] for message in plant.of_record()] == ["opened", "opened"]
    texts = {message["title"] for message in plant.of_record()}
    assert any("RECORD FILE DAMAGED" in text for text in texts)
    assert any("记录文件损坏" in text for text in texts)


async def test_no_number_is_repeated_by_the_record_after_a_lost_one(plant: Plant) -> None:
    """The folder is removed between two runs: what desks have on paper stays unique."""
    told = []
    for _ in range(2):
        async with Daemon(plant.path) as daemon:
            await daemon.state("county_fm", "on_air")
            told.append(await plant.turn(OFF, "opened"))
            await plant.turn(ON, "recovered")
            assert await daemon.stop() == 0
        shutil.rmtree(plant.record)
    assert len(set(told)) == len(told)
