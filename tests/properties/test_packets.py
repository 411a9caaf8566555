"""No octets from the network break, hang or fool a decoder: a slice of the long proof."""

from __future__ import annotations

import pytest

from tests.properties.packets import long_job, recorded
from tests.support.proof import HungError, Proof, Watch

MUTANTS = 6_000
SEED = 1


@pytest.mark.parametrize("part", [part for part in long_job.PARTS if part != "recorded"])
def test_no_mutant_breaks_or_fools_a_decoder(part: str) -> None:
    """Rule: declared refusals alone, and what is taken is what the libraries read."""
    proof = long_job.prove(SEED, MUTANTS, part)
    assert proof.failures == []
    assert proof.counts["mutants"] == MUTANTS * long_job.PARTS[part][1] // 100
    assert min(proof.counts["refused"], proof.counts["taken"], proof.counts["compared"]) > 20


@pytest.mark.needs_shared
def test_no_recorded_packet_breaks_or_fools_a_decoder() -> None:
    """Rule: other people's packets and their mutants too, each through every decoder there is."""
    proof = long_job.prove(SEED, MUTANTS, "recorded")
    assert proof.failures == []
    assert proof.counts["decoded"] == 12 * proof.counts["refused"] + 12 * proof.counts["taken"]
    assert proof.counts["compared"] > 5
    taken = {name for name in proof.counts if name.startswith("taken by ") and proof.counts[name]}
    assert {"taken by v3 header", "taken by tcp", "taken by trap"} <= taken


@pytest.mark.needs_shared
def test_the_seeds_have_every_recorded_packet_between_them() -> None:
    """Rule: each packet as it is belongs to one seed of the long proof."""
    whole = recorded.packets("snmp") + recorded.packets("modbus")
    shares = [whole[seed % recorded.SEEDS :: recorded.SEEDS] for seed in range(1, 201)]
    assert len(whole) > 1000
    assert sorted(packet for share in shares for packet in share) == sorted(whole)


def test_a_decoder_that_hangs_is_found_with_its_packet() -> None:
    """Else the watch would prove nothing."""
    proof = Proof(1)

    def hang(_octets: bytes) -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001 - as decoders do that refuse whatever is raised
                continue

    proof.look(b"the packet")
    with pytest.raises(HungError), Watch(proof, hung_after_s=0.05):
        hang(proof.packet)


def test_an_exception_that_is_not_declared_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the proof would end with the first, or hide it."""

    def broken(proof: Proof, _mutants: int) -> None:
        proof.look(b"\x30\x00")
        raise ValueError("nobody declared it")

    monkeypatch.setitem(long_job.PARTS, "snmp", (broken, 100))
    assert long_job.prove(1, 10, "snmp").failures == [
        "raised ValueError('nobody declared it'): 3000"
    ]
