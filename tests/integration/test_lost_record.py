"""The record's folder is removed while monitord runs: nothing is lost, no number comes twice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitord.history import History
from simulators.agents.sink import WebhookSink
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
                people={"duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]}},
            ),
        )

    async def turn(self, value: int, event: str) -> str:
        """Turn the carrier, and return the incident of the message."""
        count = len(self.sink.messages)
        self.fm1.values[POWER] = value
        await until(lambda: len(self.sink.messages) > count, event)
        assert self.sink.messages[-1]["event"] == event
        assert self.sink.messages[-1]["unrecorded"] is False
        return str(self.sink.messages[-1]["incident_id"])


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    """Run what is watched, and the desk."""
    async with webhook_sink() as sink, SnmpAgent({POWER: ON}, community=COMMUNITY) as fm1:
        yield Plant(tmp_path, sink, fm1)


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
        shutil.rmtree(plant.record)
        code, second = await run_to_end(plant.path)
        assert (code, "in use" in second.err[-1]) == (CANNOT_START, True)
        assert await plant.turn(ON, "recovered") == first
        await daemon.logged("level=error", "record_replaced", "removed")
        later = await plant.turn(OFF, "opened")
        assert await plant.turn(ON, "recovered") == later
        await daemon.shows("record_replaced_total", 1)
        await until((plant.record / "control.sock").exists, "commands reach it")
        assert await daemon.stop() == 0
    assert incidents(plant.record) == [first, later]
    async with Daemon(plant.path) as again:
        await again.state("county_fm", "on_air")
        assert await plant.turn(OFF, "opened") not in {first, later}
        assert await again.stop() == 0


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
