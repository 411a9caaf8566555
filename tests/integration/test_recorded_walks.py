"""Every recorded device is served again and walked to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.cli.profile_draft import STANDARD, draft
from monitord.cli.profile_trial import find_rows, try_profile
from monitord.clock import SystemClock
from monitord.config.loader.errors import Scope
from monitord.config.profiles.files import read_profile_file
from monitord.config.profiles.profiles import Profiles
from monitord.devices.recordings import Cell, cell_of, parse_recording, read_recording
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.model import V1, V2C, Community
from monitord.devices.snmp.walk import COMPLETE, LOOPED, TOO_LONG, Walk, walk
from simulators.agents.responder import SnmpResponder
from simulators.recordings import Walk as Recorded
from simulators.recordings import read_recording as read_for_replay
from tests.support.agents import SnmpAgent
from tests.support.wire import LOCALHOST

EVERYTHING = ()
BASE = (1, 3, 6, 1, 4, 1, 99999)
OUT_OF_ORDER = {"enexus_sp2touch", "aviat-wtm", "moxa-etherdevice_edsp510a8poe"}
SMALL = 400  # cells: a walk by GETNEXT asks for each of them


def walks(shared: Path) -> list[Path]:
    return sorted(shared.rglob("*.snmprec"))


def link_to(port: int, version: int = V2C) -> Link:
    wire = CommunityWire(Community(version, "public"))
    return Link(LOCALHOST, port, wire, SystemClock(None))


async def walked(path: Path, version: int) -> Walk:
    """Serve a recording, and walk it."""
    found = read_for_replay(path)
    assert isinstance(found, Recorded)
    agent = SnmpResponder(lambda: found, "public")
    await agent.start()
    link = link_to(agent.port, version)
    try:
        return await walk(link, EVERYTHING, timeout_s=20)
    finally:
        link.close()
        await agent.stop()


def first_of_each(cells: list[Cell]) -> list[Cell]:
    """Return what an agent can show: an OID that is listed twice is one."""
    return list({cell.oid: cell for cell in reversed(cells)}.values())[::-1]


@pytest.mark.needs_shared
@pytest.mark.parametrize("part", range(8))
async def test_every_recording_is_walked_to_its_end(shared: Path, part: int) -> None:
    """What comes back is what was recorded, in the recorded order, to the octet."""
    paths = walks(shared)
    assert len(paths) == 140
    for path in paths[part::8]:
        got = await walked(path, V2C)
        assert got.ended == COMPLETE, f"{path.name}: {got.detail}"
        due = {cell.oid: cell for cell in reversed(read_recording(path).cells)}
        assert {one.oid: cell_of(one) for one in got.cells} == due, path.name


@pytest.mark.needs_shared
async def test_small_recordings_are_walked_by_a_v1_agent_too(shared: Path) -> None:
    """GETNEXT for each object; the end is noSuchName."""
    small = [path for path in walks(shared) if path.read_bytes().count(b"\n") < SMALL / 4]
    assert len(small) > 10
    for path in small:
        got = await walked(path, V1)
        assert got.ended == COMPLETE, f"{path.name}: {got.detail}"
        assert len(got.cells) == len(first_of_each(read_recording(path).cells))


@pytest.mark.needs_shared
def test_walks_out_of_order_are_served_out_of_order(shared: Path) -> None:
    """Or the test above would prove nothing of them."""
    orders = {path.stem: list(read_for_replay(path)) for path in walks(shared)}  # type: ignore[arg-type]
    assert {name for name, oids in orders.items() if oids != sorted(oids)} >= OUT_OF_ORDER


@pytest.mark.needs_shared
def test_every_recorded_cell_is_written_as_it_was_read(shared: Path) -> None:
    """60,000 of them, with texts of any charset."""
    count = 0
    for path in walks(shared):
        for cell in read_recording(path).cells:
            assert parse_recording(cell.line().encode("latin-1")).cells == [cell]
            count += 1
    assert count > 60_000


async def test_a_walk_in_circles_ends() -> None:
    """At what it has seen, with what it got until then."""
    agent = SnmpAgent({(*BASE, n, 0): n for n in range(1, 10)})
    onward = agent.following
    agent.following = lambda after: onward(BASE if after == (*BASE, 7, 0) else after)  # type: ignore[method-assign]
    async with agent:
        link = link_to(agent.port)
        got = await walk(link, EVERYTHING, timeout_s=20)
        link.close()
    assert (got.ended, len(got.cells)) == (LOOPED, 7)
    assert "agent led from 1.3.6.1.4.1.99999.7.0 back to 1.3.6.1.4.1.99999.1.0" in str(got.detail)


async def test_a_walk_without_end_ends() -> None:
    """An agent that always has another object is asked for a bounded number."""
    agent = SnmpAgent({})
    agent.following = lambda after: ((*after[:-1], after[-1] + 1), agent.value_of(after))  # type: ignore[method-assign]
    async with agent:
        link = link_to(agent.port)
        got = await walk(link, (*BASE, 1), timeout_s=20, cells_max=100)
        link.close()
    assert got.ended in (TOO_LONG, COMPLETE)
    assert len(got.cells) <= 100


@pytest.mark.parametrize("limit", ["varbinds_max", "hangs_above", "answers_at_most"])
async def test_a_narrow_agent_is_walked_with_less_at_once(limit: str) -> None:
    """tooBig, silence and short answers are all borne."""
    agent = SnmpAgent({(*BASE, n, 0): n for n in range(1, 30)})
    setattr(agent, limit, 5)
    if limit == "hangs_above":
        # A GETBULK names one object and asks for many.
        ordinary = agent.answer
        agent.reply = lambda ask: [a for a in ordinary(ask) if len(a) < 200]
    async with agent:
        link = link_to(agent.port)
        got = await walk(link, BASE, timeout_s=2 if limit == "hangs_above" else 20)
        link.close()
    assert (got.ended, len(got.cells)) == (COMPLETE, 29)


@pytest.mark.needs_shared
@pytest.mark.parametrize("part", range(4))
def test_every_recording_makes_a_draft_that_passes_its_check(
    shared: Path, tmp_path: Path, part: int
) -> None:
    """Or nothing is recognised; a profile decodes its own recording without an error."""
    profiles, made = Profiles(), 0
    found = {name: profiles.find(name, Scope(""))[0] for name in STANDARD}
    standard = {name: profile for name, profile in found.items() if profile is not None}
    for number, path in enumerate(walks(shared)[part::4]):
        name, recording = f"draft-{number}", read_recording(path)
        drafted = draft(name, recording, standard, ())
        if drafted.points:
            made += 1
            file = tmp_path / f"{name}.yaml"
            file.write_text("\n".join(drafted.lines()), encoding="utf-8")
            read = read_profile_file(file)
            assert read.errors == (), path.name
            assert read.profile is not None
            rows = find_rows(read.profile, recording)
            trial = try_profile(read_profile_file(file, rows), recording)
            assert any(seen.raw is not None for seen in trial.points), path.name
    assert made > 25
