"""The record's disk fills up while monitord runs: it goes on, says so, and catches up."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any, Protocol

import pytest

from monitord.core.model import Event
from monitord.history import History
from monitord.journal.alive import read_alive
from simulators.agents.sink import WebhookSink
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    Daemon,
    Metrics,
    hook,
    programme,
    site,
    transmitter,
    until,
    webhook_sink,
    write_site,
)

ON, OFF = 100, 0
DISK = "2m"
FILLER = 65_536
LONG_AFTER = 5_000_000
"""Longer than what the last reading before an end may lack, in microseconds."""
SIZE_MAX = 1024
"""What the alive file has."""


class Disk(Protocol):
    """Where the record is. ``fill``: from now on nothing more fits.

    ``full``: the same for a daemon yet to be started, as the program that runs it.
    """

    folder: Path

    def fill(self, daemon: Daemon) -> None: ...

    def free(self, daemon: Daemon) -> None: ...

    def full(self) -> Sequence[str]: ...


@dataclass(slots=True)
class SmallDisk:
    """A file system of its own, filled to the last byte."""

    folder: Path

    def fill(self, daemon: Daemon) -> None:
        """Write until the disk takes no more."""
        self.full()

    def full(self) -> Sequence[str]:
        """Write until the disk takes no more; nothing is needed to run a daemon on it."""
        with (self.folder / "filler").open("wb", buffering=0) as file:
            for size in (FILLER, 4096, 1):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue
        return ()

    def free(self, daemon: Daemon) -> None:
        """Give the room back."""
        (self.folder / "filler").unlink()


@dataclass(slots=True)
class SizeLimit:
    """No file of the daemon may grow beyond ``SIZE_MAX``: for who may not mount."""

    folder: Path

    def fill(self, daemon: Daemon) -> None:
        """Let no file grow."""
        self._limit(daemon, SIZE_MAX)

    def full(self) -> Sequence[str]:
        """Let no file grow from the start."""
        return ("prlimit", f"--fsize={SIZE_MAX}:")

    def free(self, daemon: Daemon) -> None:
        """Let files grow again."""
        self._limit(daemon, resource.RLIM_INFINITY)

    def _limit(self, daemon: Daemon, size: int) -> None:
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount a small file system; where that is not permitted, limit the daemon's files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)),
            capture_output=True,
            check=False,
        ).returncode
    )
    yield SmallDisk(folder) if mounted else SizeLimit(folder)
    if mounted:
        subprocess.run(("umount", "--lazy", str(folder)), check=True)


@dataclass(slots=True)
class Plant:
    """The transmitter, the desk, and the configuration of a daemon on the disk."""

    fm1: SnmpAgent
    sink: WebhookSink
    disk: Disk
    path: Path

    @property
    def record(self) -> Path:
        """The record's folder."""
        return self.disk.folder / "record"

    async def told(self, count: int) -> dict[str, Any]:
        """Wait for this many messages in all; return the last."""
        await until(lambda: len(self.sink.messages) >= count, f"{count} messages")
        return self.sink.messages[count - 1]


@pytest.fixture
async def plant(tmp_path: Path, disk: Disk) -> AsyncIterator[Plant]:
    """Run what is watched, and the desk."""
    async with webhook_sink() as sink, SnmpAgent({POWER: ON}, community=COMMUNITY) as fm1:
        path = write_site(
            tmp_path,
            site(
                {"fm1": transmitter(fm1.port)},
                {"county_fm": programme("fm1.radiating")},
                channels={"desk": hook(sink.port)},
                people={"duty_desk": {"name": "值机台", "language": "en", "tell": ["desk"]}},
                record=str(disk.folder / "record"),
            ),
        )
        yield Plant(fm1, sink, disk, path)


def read(record: Path) -> list[Event]:
    """Return every event on disk, after the record was found sound and without a gap."""
    with History(record) as history:
        assert history.verify() == []
        events = list(history.all_events())
    assert [b.number - a.number for a, b in pairwise(events)] == [1] * (len(events) - 1)
    assert [b for a, b in pairwise(events) if b.at < a.at] == []
    return events


def ids(message: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return what a message says of the record."""
    return message["unrecorded"], message["alert_id"], message["incident_id"]


async def pending(daemon: Daemon) -> float:
    """Return how many events wait for the disk."""
    found = (await daemon.metrics()).value("events_pending")
    assert found is not None
    return found


async def nothing_pending(daemon: Daemon) -> bool:
    return await pending(daemon) == 0


async def told_while_full(daemon: Daemon, plant: Plant) -> dict[str, Any]:
    """Fill the disk, take the carrier away, and return what the desk gets."""
    await daemon.state("county_fm", "on_air")
    plant.disk.fill(daemon)
    plant.fm1.values[POWER] = OFF
    return await plant.told(1)


async def test_an_outage_while_the_disk_is_full_is_sent_and_recorded_later(plant: Plant) -> None:
    """Sent without numbers and marked; once there is room, all of it is on disk, in order."""
    async with Daemon(plant.path) as daemon:
        opened = await told_while_full(daemon, plant)
        assert ids(opened) == (True, None, None)
        assert (opened["event"], opened["reason"]) == ("opened", "no_carrier")
        assert "could not be recorded" in opened["title"]
        seen = await daemon.state("county_fm", "off_air")
        assert seen.value("incidents_open", severity="critical") == 1
        assert await pending(daemon) > 0
        status, said = await daemon.get("/-/healthy")
        assert (status, "wait for the disk" in said) == (200, True)
        await daemon.logged("level=error", "commit_failed", str(plant.record), "pending=")

        plant.disk.free(daemon)
        await daemon.logged("commit_works_again")
        await until(lambda: nothing_pending(daemon), "everything is on disk")
        plant.fm1.values[POWER] = ON
        recovered = await plant.told(2)
        assert recovered["event"] == "recovered"
        assert recovered["unrecorded"] is False
        assert recovered["alert_id"].startswith(f"{recovered['incident_id']}-duty_desk-")
        await daemon.state("county_fm", "on_air")
        assert await daemon.stop() == 0
    assert [line for line in daemon.err if "commit_failed" in line][1:] == []
    kinds = [event.kind for event in read(plant.record)]
    assert kinds.count("incident_opened") == kinds.count("incident_closed") == 1
    assert kinds[-1] == "stopped"
    with History(plant.record) as history:
        deliveries = history.deliveries(recovered["incident_id"])
    assert [(d.told, d.delivered) for d in deliveries] == [("opened", True), ("recovered", True)]


async def test_a_stop_while_the_disk_is_full_is_a_clean_end_that_names_the_loss(
    plant: Plant,
) -> None:
    """Exit code 0, the record sound up to where it got, and the next start goes on from there."""
    async with Daemon(plant.path) as daemon:
        await told_while_full(daemon, plant)
        assert await daemon.stop() == 0
        await daemon.logged("level=error", "events_not_recorded", "count=")
    before = read(plant.record)
    assert "incident_opened" not in [event.kind for event in before]
    plant.disk.free(daemon)
    async with Daemon(plant.path) as again:
        told = await plant.told(2)
        assert (told["event"], told["unrecorded"]) == ("opened", False)
        assert await again.stop() == 0
    after = read(plant.record)
    assert after[: len(before)] == before
    assert [event.kind for event in after].count("incident_opened") == 1


def on_air_s(seen: Metrics) -> float:
    """Return the seconds that the counter of the programme shows."""
    found = seen.value("programme_state_seconds_total", programme="county_fm", state="on_air")
    assert found is not None
    return found


def lived_until(record: Path) -> int:
    """Return the site time of the last finished tick, in microseconds."""
    alive = read_alive(record)
    assert alive is not None
    return alive.site


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "stopped"])
async def test_what_a_full_disk_took_to_its_end_is_never_called_good(
    plant: Plant, killed: bool
) -> None:
    """The outage began and ended while nothing was recorded: nobody can say that all was well."""
    async with Daemon(plant.path) as daemon:
        await told_while_full(daemon, plant)
        off_at = lived_until(plant.record)
        plant.fm1.values[POWER] = ON
        assert (await plant.told(2))["event"] == "recovered"
        over = lived_until(plant.record) + LONG_AFTER
        await until(lambda: lived_until(plant.record) > over, "it watches on")
        before = on_air_s(await daemon.metrics())
        assert await daemon.end(SIGKILL if killed else SIGTERM) == (-SIGKILL if killed else 0)
    plant.disk.free(daemon)
    async with Daemon(plant.path) as again:
        seen = await again.state("county_fm", "on_air")
        assert on_air_s(seen) >= before, "a counter fell"
        assert await again.stop() == 0
    read(plant.record)
    with History(plant.record) as history:
        (piece,) = history.pieces("county_fm", off_at, off_at + 1)
    assert piece.blind
    assert piece.possible != ("good",)


async def test_a_first_start_on_a_full_disk_watches_and_names_the_file(plant: Plant) -> None:
    """A site without a record is watched all the same (rule 6.2); it is recorded later."""
    async with Daemon(plant.path, prefix=plant.disk.full()) as daemon:
        await daemon.logged("level=error", "record_not_opened", str(plant.record), "disk")
        await daemon.state("county_fm", "on_air")
        plant.fm1.values[POWER] = OFF
        assert ids(await plant.told(1)) == (True, None, None)
        plant.disk.free(daemon)
        await until(lambda: nothing_pending(daemon), "everything is on disk")
        plant.fm1.values[POWER] = ON
        assert (await plant.told(2))["unrecorded"] is False
        assert await daemon.stop() == 0
    assert [event.kind for event in read(plant.record)].count("incident_opened") == 1


async def test_a_restart_on_a_full_disk_goes_on_watching(plant: Plant) -> None:
    """Something else filled the disk: the room kept aside lets the record open again."""
    if not isinstance(plant.disk, SmallDisk):
        pytest.skip("needs a file system of its own; mounting is not permitted here")
    async with Daemon(plant.path) as daemon:
        await daemon.state("county_fm", "on_air")
        assert await daemon.stop() == 0
    plant.disk.full()
    async with Daemon(plant.path) as again:
        await again.state("county_fm", "on_air")
        plant.fm1.values[POWER] = OFF
        told = await plant.told(1)
        assert (told["event"], told["reason"]) == ("opened", "no_carrier")
        plant.disk.free(again)
        await until(lambda: nothing_pending(again), "everything is on disk")
        plant.fm1.values[POWER] = ON
        assert (await plant.told(2))["event"] == "recovered"
        assert await again.stop() == 0
    assert [event.kind for event in read(plant.record)].count("incident_opened") == 1
