"""Odd but common encodings are read as what their octets say: a slice of the long proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from monitord.core.model import Value
from monitord.decoding.counters import RunningTime
from monitord.decoding.rules import Raw
from tests.properties.encodings import long_job, modbus, running_time, snmp, usm
from tests.support.proof import Proof
from tests.support.second_modbus import Said

ANSWERS = 6_000
SEED = 1


@pytest.mark.parametrize("part", [*long_job.PARTS])
def test_every_odd_answer_is_read_as_what_its_octets_say(part: str) -> None:
    """Rule: a value is what its octets say or none, and no other value is lost for it."""
    proof = long_job.prove(SEED, ANSWERS, part)
    assert proof.failures == []
    assert proof.counts["mutants"] == ANSWERS * long_job.PARTS[part][1] // 100


def test_the_slice_has_odd_and_usual_answers_of_every_kind() -> None:
    """Else it would prove little: both ways of the SNMP reader, refusals, and restarts."""
    counts = long_job.run_seed(SEED).counts
    floors = {"snmp: quick": 500, "snmp: careful": 500, "snmp: unsaid": 500, "traps: values": 500}
    floors |= {"modbus: unsaid": 200, "running_time: restarts": 20}
    floors |= {"usm: values": 300, "usm: discovered": 50}
    assert {name for name, least in floors.items() if counts[name] < least} == set()


class SignedReaders(snmp.Readers):
    """Readers that take an unsigned number with its high bit set as a negative one."""

    def carefully(self, octets: bytes, request_id: int) -> dict[snmp.Oid, Raw]:
        found = super().carefully(octets, request_id)
        return {oid: _signed(raw) for oid, raw in found.items()}


def _signed(raw: Raw) -> Raw:
    is_high = isinstance(raw, int) and 2**31 <= raw < 2**32
    return raw - 2**32 if is_high and isinstance(raw, int) else raw


class ForgetfulTime(RunningTime):
    """A running time that knows no wrap."""

    def decode(self, raw: Raw, values: Sequence[Value], at: int) -> Value:
        found = super().decode(raw, values, at)
        return found % (2**32 / 100) if isinstance(found, int | float) else found


def _by_the_header(unit: modbus.Unit) -> tuple[Said | None, str]:
    """Take nothing whose header does not have the length of its PDU."""
    is_right = unit.framing != "tcp" or int.from_bytes(unit.octets[4:6]) == len(unit.octets) - 6
    return modbus.taken(unit) if is_right else (None, "another length")


class ShortSightedHeaders(usm.Readers):
    """Readers that take a clock of two octets at most."""

    def read(self, datagram: bytes) -> list[usm.Fields]:
        return [said._replace(time=said.time % 2**16) for said in super().read(datagram)]


BREAKS: dict[str, Callable[[Proof], None]] = {
    "snmp": lambda proof: snmp.prove(proof, 400, SignedReaders),
    "usm": lambda proof: usm.prove(proof, 100, ShortSightedHeaders),
    "modbus": lambda proof: modbus.prove(proof, 400, _by_the_header),
    "running_time": lambda proof: running_time.prove(proof, 4_000, ForgetfulTime),
}


@pytest.mark.parametrize("part", [*BREAKS])
def test_a_reader_with_a_fault_is_found(part: str) -> None:
    """Else the proof could not fail."""
    proof = Proof(SEED)
    BREAKS[part](proof)
    assert proof.failures
