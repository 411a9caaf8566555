"""Every fault that the simulators inject into answers, in every protocol, with a running daemon.

A faulty transport never changes a verdict: good equipment has no outage, bad equipment has one; at
most the daemon is blind for longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.history import History
from simulators.agents.fault_injection import ANSWER_FAULTS
from tests.support.daemon import Daemon, Metrics, site, until, write_site
from tests.support.faulty_devices import (
    OFF,
    ON,
    PROTOCOLS,
    FaultyTransmitter,
    faulty_transmitter,
    started,
)

PATIENCE_S = 60.0
FAULTS_EACH = 2
SOMETIMES = 25
WITH_TRUE_ANSWER = frozenset({"twice", "repeated", "noise"})
# Two answers of one shape have no number on these lines, so one that comes when another is due is
# accepted: docs/frames.md, docs/modbus.md.
INDISTINCT = {("rtu", "repeated"), ("frame", "repeated"), ("frame", "behind")}
# The true answer behind these is found. Modbus TCP ends the connection instead, and SNMP accepts an
# answer of another object as an error: both are blind then.
BEHIND = {
    "snmp": [
        fault
        for fault in ANSWER_FAULTS
        if fault not in {"stale_register", "late", "dripping", "endless"}
    ],
    "rtu": ["wrong_id", "stale_register", "echo", "hanging"],
    "frame": ["wrong_id", "stale_register", "echo", "hanging"],
}


def all_faults(**how: int) -> list[FaultyTransmitter]:
    """Return a transmitter for each fault in each protocol; two that swap answers."""
    kinds = [(protocol, fault) for protocol in PROTOCOLS for fault in (*ANSWER_FAULTS, "swapped")]
    distinct = [kind for kind in kinds if kind not in INDISTINCT]
    return [faulty_transmitter(*kind, number, **how) for number, kind in enumerate(distinct, 1)]


def with_the_true_answer_behind() -> list[FaultyTransmitter]:
    """Return transmitters whose every answer is faulty, with the true one behind it."""
    kinds = [(protocol, fault) for protocol, faults in BEHIND.items() for fault in faults]
    return [faulty_transmitter(*kind, 100 + n, truth_behind=True) for n, kind in enumerate(kinds)]


def configured(folder: Path, transmitters: list[FaultyTransmitter]) -> Path:
    """Write the configuration of all of them."""
    devices = {one.id: one.device() for one in transmitters}
    programmes = {f"over_{one.id}": one.programme() for one in transmitters}
    return write_site(folder, site(devices, programmes))


def states(seen: Metrics, transmitters: list[FaultyTransmitter]) -> dict[str, list[str]]:
    """Return the states of every transmitter's programme."""
    return {one.id: seen.states(f"over_{one.id}") for one in transmitters}


async def injected(transmitters: list[FaultyTransmitter], each: int) -> None:
    """Wait until each has injected more faults than these."""

    def short() -> list[str]:
        return [
            f"{one.id}: {one.injector.injected}"
            for one in transmitters
            if one.injector.injected <= each
        ]

    try:
        await until(lambda: not short(), f"more than {each} faults of each", PATIENCE_S)
    finally:
        assert short() == []


def outages(record: Path) -> set[str]:
    """Return the programmes with an outage in the record."""
    with History(record) as history:
        assert history.verify() == []
        return {one.programme for one in history.incidents(10_000) if one.fault == "off_air"}


def with_power(transmitters: list[FaultyTransmitter], power: int) -> list[FaultyTransmitter]:
    """Set the true power of all of them."""
    for one in transmitters:
        one.power = power
    return transmitters


@pytest.mark.parametrize("protocols", [PROTOCOLS[:2], PROTOCOLS[2:]], ids=str)
async def test_faulty_answers_of_good_equipment_never_make_an_outage(
    protocols: tuple[str, ...], tmp_path: Path
) -> None:
    """A quarter of the answers are faulty with 0 W, some with the true one behind: no outage."""
    every = with_power([*all_faults(share=SOMETIMES), *with_the_true_answer_behind()], ON)
    transmitters = [one for one in every if one.protocol in protocols]
    async with started(transmitters), Daemon(configured(tmp_path, transmitters)) as daemon:
        await injected(transmitters, FAULTS_EACH)
        seen = states(await daemon.metrics(), transmitters)
        assert {id_: found for id_, found in seen.items() if found == ["off_air"]} == {}
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == set()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_outage_is_found_behind_faulty_answers_of_full_power(
    protocol: str, tmp_path: Path
) -> None:
    """A quarter of the answers are faulty with 1000 W; each outage is found, nothing is on air."""
    every = with_power([*all_faults(share=SOMETIMES), *with_the_true_answer_behind()], OFF)
    transmitters = [one for one in every if one.protocol == protocol]
    seen_off: set[str] = set()
    seen_on: set[str] = set()
    async with started(transmitters), Daemon(configured(tmp_path, transmitters)) as daemon:

        async def all_off() -> bool:
            seen = states(await daemon.metrics(), transmitters)
            seen_off.update(id_ for id_, found in seen.items() if found == ["off_air"])
            seen_on.update(id_ for id_, found in seen.items() if found == ["on_air"])
            return len(seen_off) == len(transmitters)

        try:
            await until(all_off, "every outage is found", PATIENCE_S)
        finally:
            assert {one.id for one in transmitters} - seen_off == set()
        await injected(transmitters, FAULTS_EACH)
        await all_off()
        assert seen_on == set()
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == {f"over_{one.id}" for one in transmitters}


@pytest.mark.parametrize("power", [ON, OFF])
async def test_where_nothing_true_comes_the_daemon_is_blind(tmp_path: Path, power: int) -> None:
    """Only faulty answers, of good equipment and of bad equipment."""
    transmitters = [one for one in all_faults() if one.injector.fault not in WITH_TRUE_ANSWER]
    with_power(transmitters, power)
    async with started(transmitters), Daemon(configured(tmp_path, transmitters)) as daemon:
        await injected(transmitters, FAULTS_EACH)

        async def all_blind() -> bool:
            found = states(await daemon.metrics(), transmitters)
            return all(shown == ["blind"] for shown in found.values())

        await until(all_blind, "every programme is blind", PATIENCE_S)
        shown = {
            state
            for seen in daemon.scrapes
            for found in states(seen, transmitters).values()
            for state in found
        }
        assert shown.isdisjoint({"on_air", "off_air"})
        assert await daemon.stop() == 0
    assert outages(tmp_path / "record") == set()
