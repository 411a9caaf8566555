"""Starts that cannot succeed: one clear text for who can fix it, and nothing left behind."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from monitord.history import History
from tests.support.daemon import Daemon, programme, run_to_end, site, transmitter, write_site
from tests.support.wire import LOCALHOST, free_port

BAD_CONFIGURATION = 2
CANNOT_START = 3


def configuration(record: str = "record") -> dict[str, Any]:
    """Return a sound configuration of one device that nobody answers for."""
    devices = {"fm1": transmitter(free_port(socket.SOCK_DGRAM))}
    return site(devices, {"county_fm": programme("fm1.radiating")}, record=record)


def events(record: Path) -> list[str]:
    """Return the kinds of all events on disk."""
    with History(record) as history:
        assert history.verify() == []
        return [event.kind for event in history.all_events()]


def only_line(daemon: Daemon) -> str:
    """Return the one line that was written; more would bury it."""
    assert daemon.out == []
    (line,) = daemon.err
    return line


# The port.


async def test_a_port_in_use_is_named_with_what_to_change(tmp_path: Path) -> None:
    """Address and port are in one line, with both ways out; the record has no event of it."""
    found = configuration()
    path = write_site(tmp_path, found)
    with socket.create_server((LOCALHOST, found["listen"]["port"])):
        code, daemon = await run_to_end(path)
    assert code == CANNOT_START
    assert only_line(daemon) == (
        f"monitord: cannot listen on {LOCALHOST}:{found['listen']['port']}: the port is in use; "
        "stop the program that has it (another monitord?) or set listen.port to a free one"
    )
    assert events(tmp_path / "record") == []


async def test_a_start_refused_for_the_port_leaves_an_earlier_record_as_it_was(
    tmp_path: Path,
) -> None:
    """What was recorded stays, to the event; the next start goes on from there."""
    found = configuration()
    path = write_site(tmp_path, found)
    async with Daemon(path) as daemon:
        assert await daemon.stop() == 0
    before = events(tmp_path / "record")
    with socket.create_server((LOCALHOST, found["listen"]["port"])):
        assert (await run_to_end(path))[0] == CANNOT_START
    assert events(tmp_path / "record") == before
    async with Daemon(path) as daemon:
        assert await daemon.stop() == 0
    assert events(tmp_path / "record")[: len(before)] == before


async def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    """A typing mistake in listen.address is not called a port in use."""
    found = configuration()
    found["listen"]["address"] = "192.0.2.1"  # for documentation only: no machine has it
    code, daemon = await run_to_end(write_site(tmp_path, found))
    assert code == CANNOT_START
    assert "this machine has no such address; set listen.address" in only_line(daemon)


# The record's folder.


async def test_a_second_daemon_on_the_same_record_is_kept_out(tmp_path: Path) -> None:
    """The text names the process to end; the first goes on undisturbed."""
    first_folder, second_folder = tmp_path / "one", tmp_path / "two"
    first_folder.mkdir()
    second_folder.mkdir()
    record = tmp_path / "record"
    first_path = write_site(first_folder, configuration(str(record)))
    second_path = write_site(second_folder, configuration(str(record)))
    async with Daemon(first_path) as first:
        code, second = await run_to_end(second_path)
        assert code == CANNOT_START
        assert only_line(second) == (
            f"monitord: {record}: the record is in use by process {first.pid}; end that first"
        )
        assert (await first.get("/-/healthy"))[0] == 200
        assert await first.stop() == 0
    assert events(record).count("started") == 1


async def test_a_record_of_another_site_is_refused(tmp_path: Path) -> None:
    """Two stations never mix in one record."""
    found = configuration()
    path = write_site(tmp_path, found)
    async with Daemon(path) as daemon:
        assert await daemon.stop() == 0
    before = events(tmp_path / "record")
    found["site"]["id"] = "other_hill"
    code, daemon = await run_to_end(write_site(tmp_path, found))
    assert code == CANNOT_START
    assert "'dabie_hill', not of 'other_hill'" in only_line(daemon)
    assert events(tmp_path / "record") == before


# The configuration.


async def test_every_mistake_of_a_configuration_is_named_at_once(tmp_path: Path) -> None:
    """Unknown key, bad duration, missing secret, unknown name: four lines, exit code 2."""
    found = configuration()
    found["devices"]["fm1"]["pol_every"] = found["devices"]["fm1"].pop("poll_every")
    found["devices"]["fm1"]["snmp"]["community_file"] = "secrets/none"
    found["programmes"]["county_fm"]["off_air"]["clear_after"] = 30
    found["people"]["duty_desk"]["tell"] = ["consol"]
    path = write_site(tmp_path, found)
    code, daemon = await run_to_end(path)
    assert code == BAD_CONFIGURATION
    assert daemon.out == []
    assert all(line.startswith(f"{path}: ") for line in daemon.err), daemon.err
    for words in (
        ("devices.fm1", "pol_every", "poll_every"),
        ("devices.fm1.snmp.community_file", "secrets/none"),
        ("programmes.county_fm.off_air.clear_after", "is 30", "no unit"),
        ("people.duty_desk.tell", "consol", "console"),
    ):
        assert [line for line in daemon.err if all(word in line for word in words)], (
            words,
            daemon.err,
        )
    assert not (tmp_path / "record").exists()


async def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The first mistake of a new station: the path."""
    code, daemon = await run_to_end(tmp_path / "none.yaml")
    assert code == BAD_CONFIGURATION
    assert str(tmp_path / "none.yaml") in only_line(daemon)
