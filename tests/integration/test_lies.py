"""Every lie of the simulators in every protocol, told to the running daemon.

Lies of the transport never change a verdict: while the equipment is good no outage is told, while
it is bad the outage is told all the same; at most the daemon is blind for longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.history import History
from simulators.agents.fault_injection import LIES
from tests.support.daemon import Daemon, Metrics, site, until, write_site
from tests.support.liars import OFF, ON, PROTOCOLS, Lying, lying, started

PATIENCE_S = 60.0
LIES_EACH = 2
SOMETIMES = 25
WITH_THE_TRUTH = frozenset({"twice", "repeated", "noise"})
# Two answers of one shape have no number on these lines that would tell them apart, and one that
# comes when another is due is the device's word: docs/frames.md, docs/modbus.md.
UNTOLD = {("rtu", "repeated"), ("frame", "repeated"), ("frame", "behind")}
# The truth behind these is found. Modbus TCP ends the connection instead, and SNMP believes the
# agent that it answers of another object: both are blind then.
BEHIND = {
    "snmp": [lie for lie in LIES if lie not in {"stale_register", "late", "dripping", "endless"}],
    "rtu": ["wrong_id", "stale_register", "echo", "hanging"],
    "frame": ["wrong_id", "stale_register", "echo", "hanging"],
}


def all_lies(**how: int) -> list[Lying]:
    """Return a transmitter for each lie in each protocol; two that swap answers."""
    kinds = [(protocol, lie) for protocol in PROTOCOLS for lie in (*LIES, "swapped")]
    told = [kind for kind in kinds if kind not in UNTOLD]
    return [lying(*kind, number, **how) for number, kind in enumerate(told, 1)]


def with_the_truth_behind() -> list[Lying]:
    """Return transmitters that lie each time, and say the truth too."""
    kinds = [(protocol, lie) for protocol, lies in BEHIND.items() for lie in lies]
    return [lying(*kind, 100 + n, truth_behind=True) for n, kind in enumerate(kinds)]


def configured(folder: Path, liars: list[Lying]) -> Path:
    """Write the configuration of all of them."""
    devices = {one.id: one.device() for one in liars}
    programmes = {f"over_{one.id}": one.programme() for one in liars}
    return write_site(folder, site(devices, programmes))


def states(seen: Metrics, liars: list[Lying]) -> dict[str, list[str]]:
    """Return the states of every transmitter's programme."""
    return {one.id: seen.states(f"over_{one.id}") for one in liars}


async def lied(liars: list[Lying], each: int) -> None:
    """Wait until each has lied more often than that."""

    def short() -> list[str]:
        return [f"{one.id}: {one.liar.told}" for one in liars if one.liar.told <= each]

    try:
        await until(lambda: not short(), f"more than {each} lies of each", PATIENCE_S)
    finally:
        assert short() == []


def outages(record: Path) -> set[str]:
    """Return the programmes of which an outage was told."""
    with History(record) as history:
        assert history.verify() == []
        return {one.programme for one in history.incidents(10_000) if one.fault == "off_air"}


def telling(liars: list[Lying], power: int) -> list[Lying]:
    """Let the truth be this for all of them."""
    for one in liars:
        one.power = power
    return liars


@pytest.mark.parametrize("protocols", [PROTOCOLS[:2], PROTOCOLS[2:]], ids=str)
async def test_lies_about_good_equipment_never_make_an_outage(
    protocols: tuple[str, ...], tmp_path: Path
) -> None:
    """A quarter of the answers are lies that say 0 W, some with the truth behind: no outage."""
    every = telling([*all_lies(share=SOMETIMES), *with_the_truth_behind()], ON)
    liars = [one for one in every if one.protocol in protocols]
    async with started(liars), Daemon(configured(tmp_path, liars)) as daemon:
        await lied(liars, LIES_EACH)
        seen = states(await daemon.metrics(), liars)
        assert {id_: found for id_, found in seen.items() if found == ["off_air"]} == {}
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == set()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_outage_is_told_through_lies_that_say_all_is_well(
    protocol: str, tmp_path: Path
) -> None:
    """A quarter of the answers are lies that say 1000 W; each outage is told, nothing is well."""
    every = telling([*all_lies(share=SOMETIMES), *with_the_truth_behind()], OFF)
    # Who drips an answer for twenty seconds says nothing true in them: see test_hangs.
    liars = [one for one in every if one.protocol == protocol and one.liar.lie != "dripping"]
    seen_off: set[str] = set()
    seen_on: set[str] = set()
    async with started(liars), Daemon(configured(tmp_path, liars)) as daemon:

        async def all_told() -> bool:
            seen = states(await daemon.metrics(), liars)
            seen_off.update(id_ for id_, found in seen.items() if found == ["off_air"])
            seen_on.update(id_ for id_, found in seen.items() if found == ["on_air"])
            return len(seen_off) == len(liars)

        try:
            await until(all_told, "every outage is told", PATIENCE_S)
        finally:
            assert {one.id for one in liars} - seen_off == set()
        await lied(liars, LIES_EACH)
        await all_told()
        assert seen_on == set()
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == {f"over_{one.id}" for one in liars}


@pytest.mark.parametrize("power", [ON, OFF])
async def test_where_nothing_true_comes_the_daemon_is_blind(tmp_path: Path, power: int) -> None:
    """Nothing but lies, of equipment that is well and of equipment that is not."""
    liars = [one for one in all_lies() if one.liar.lie not in WITH_THE_TRUTH]
    telling(liars, power)
    async with started(liars), Daemon(configured(tmp_path, liars)) as daemon:
        await lied(liars, LIES_EACH)

        async def all_blind() -> bool:
            found = states(await daemon.metrics(), liars)
            return all(shown == ["blind"] for shown in found.values())

        await until(all_blind, "every programme is blind", PATIENCE_S)
        shown = {
            state
            for seen in daemon.scrapes
            for found in states(seen, liars).values()
            for state in found
        }
        assert shown.isdisjoint({"on_air", "off_air"})
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == set()
