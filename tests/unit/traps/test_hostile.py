"""Each datagram at the trap port is counted; none breaks, blocks or fills the filter."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitord.devices.snmp.model import User
from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.messages import read_header
from monitord.traps.filter import RESULTS, TrapFilter
from monitord.traps.message import outline
from monitord.traps.model import TrapDevice
from monitord.traps.usm import OwnEngine
from simulators.agents import ber
from simulators.agents.traps import INFORM, Varbinds, packet
from tests.support.mutants import mutant
from tests.support.packets import recorded_packets
from tests.support.traps import v3_trap

SECOND = 1_000_000
HERE = "192.0.2.7"
TRAP = (1, 3, 6, 1, 4, 1, 99999, 0, 1)
BINDINGS: Varbinds = [
    ((1, 3, 6, 1, 4, 1, 99999, 1, 0), ("octets", "power is gone")),
    ((1, 3, 6, 1, 4, 1, 99999, 2, 0), ("counter64", 2**63)),
    ((1, 3, 6, 1, 4, 1, 99999, 3, 0), ("oid", TRAP)),
]
TRAP_V2 = packet("public", TRAP, BINDINGS, ticks=700, number=5)
INFORM_V2 = packet("public", TRAP, BINDINGS, ticks=700, number=6, kind=INFORM)
USER = User("watcher", "sha1", "aes128", "auth-key-of-it", "priv-key-of-it")
ENGINE = bytes.fromhex("80001f8880a1b2c3d4e5")
OURS = bytes.fromhex("8000000005aabbccdd")
TRAP_V3 = v3_trap(USER, ENGINE, (3, 500), TRAP_V2)


class Site:
    """A judge with one device that has every credential, and more time than any storm."""

    def __init__(self, community: str | None = "public") -> None:
        self.trap_filter = TrapFilter(OwnEngine(OURS, 1, 0))
        self.trap_filter.accept_from({HERE: [TrapDevice("it", HERE, community, USER)]})
        self.now = 0

    def result(self, datagram: bytes) -> str:
        """Return how a datagram ends; each comes a second after the one before."""
        before = self.trap_filter.counts.copy()
        self.now += SECOND
        self.trap_filter.handle(datagram, HERE, self.now)
        ((_, result),) = self.trap_filter.counts - before
        return result


@pytest.mark.parametrize("whole", [TRAP_V2, INFORM_V2, TRAP_V3], ids=["trap", "inform", "v3"])
def test_half_a_trap_is_none(whole: bytes) -> None:
    """Cut at every octet, or with octets behind it."""
    site = Site()
    ends = {site.result(whole[:size]) for size in range(len(whole))}
    assert ends == {"malformed"}
    assert site.result(whole + b"\0") == "malformed"


def test_no_octet_of_a_v3_trap_can_be_changed() -> None:
    """The digest covers the whole message: a changed one is never accepted."""
    site, dice = Site(), random.Random(12)
    changed = [one for _ in range(1500) if (one := mutant(dice, TRAP_V3, 4)) != TRAP_V3]
    ends = {site.result(one) for one in changed}
    assert ends <= set(RESULTS) - {"failed", "storm", "taken", "not_in_window"}
    assert {"wrong_digest", "malformed"} <= ends
    assert site.result(TRAP_V3) == "taken"


def test_a_recorded_v3_trap_is_no_news_the_second_time() -> None:
    """Its time is behind what the device has said since."""
    site = Site()
    site.result(TRAP_V3)
    newer = v3_trap(USER, ENGINE, (3, 4000), INFORM_V2.replace(b"\xa6", b"\xa7"))
    assert site.result(newer) == "taken"
    site.now += 60 * SECOND
    assert site.result(TRAP_V3) == "not_in_window"


def test_eight_engines_of_a_device_are_kept() -> None:
    """A sender with the keys may name any number of engines; the oldest are dropped.

    A replay shows it: the clock of a kept engine rejects it, a dropped engine's is learned again.
    """
    site = Site()

    def trap_of(number: int, time: int) -> bytes:
        trap = packet("public", TRAP, BINDINGS, ticks=time, number=number)
        return v3_trap(USER, ENGINE + bytes((number,)), (1, time), trap)

    assert {site.result(trap_of(number, 4000)) for number in range(30)} == {"taken"}
    replays = [trap_of(number, 9) for number in (22, 21)]
    assert [site.result(one) for one in replays] == ["not_in_window", "taken"]


def test_replies_to_informs_never_use_a_salt_twice() -> None:
    """RFC 3826 §3.1.2.1: one salt with one key and clock gives the plaintexts away."""
    site = Site()
    replies = []
    for number in range(3):
        inform = packet("public", TRAP, BINDINGS, ticks=700, number=number, kind=INFORM)
        site.now += SECOND
        outcome = site.trap_filter.handle(v3_trap(USER, OURS, (1, 1), inform), HERE, site.now)
        assert outcome.reply is not None
        replies.append(read_header(outcome.reply).salt)
    assert len(set(replies)) == 3


def nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = ber.tlv(ber.SEQUENCE, content)
    return content


def trap_with(value: bytes, count: int = 1) -> bytes:
    """Return a trap whose varbinds have this encoded value."""
    binding = ber.joined([ber.object_id(TRAP), value])
    pdu = ber.joined(
        [ber.integer(1), ber.integer(0), ber.integer(0), ber.joined([binding] * count)]
    )
    body = [ber.integer(1), ber.tlv(ber.OCTETS, b"public"), b"\xa7" + pdu[1:]]
    return ber.joined(body)


BEYOND = {
    "longer than 8192": TRAP_V2 + bytes(8192),
    "nested twenty deep": ber.joined([ber.integer(1), ber.tlv(ber.OCTETS, b"public"), nested(20)]),
    "many varbinds": trap_with(ber.integer(1), 200),
    "a long string": trap_with(ber.tlv(ber.OCTETS, bytes(5000))),
    "a long number": trap_with(ber.tlv(ber.INTEGER, bytes(10))),
    "an OID without end": trap_with(ber.tlv(ber.OBJECT_ID, b"\x2b\x86")),
    "an OID with an arc too long": trap_with(ber.tlv(ber.OBJECT_ID, b"\x2b" + b"\xff" * 6 + b"\1")),
    "an OID of 200 arcs": trap_with(ber.tlv(ber.OBJECT_ID, b"\1" * 200)),
    "an endless length": b"\x30\x80" + TRAP_V2[2:] + b"\0\0",
    "a length of five octets": b"\x30\x85\0\0\0\0\x10" + bytes(16),
    "a tag of two octets": b"\x3f\x81\x01\x00",
    "a length behind the end": b"\x30\x84\x7f\xff\xff\xff" + TRAP_V2,
    "nothing": b"",
    "a message of nothing": b"\x30\x00",
    "version 7": b"\x30\x07\x02\x01\x07\x04\x00\xa7\x00",
}


@pytest.mark.parametrize("datagram", BEYOND.values(), ids=BEYOND)
def test_what_is_beyond_the_limits_never_reaches_the_decoder(datagram: bytes) -> None:
    """The limits are looked at before anything is decoded."""
    with pytest.raises(BerError):
        outline(datagram)
    assert Site().result(datagram) == "malformed"


def test_a_trap_that_names_nothing_is_none() -> None:
    """Without snmpTrapOID nobody knows what it is."""
    assert Site().result(trap_with(ber.integer(1))) == "malformed"


def test_the_first_of_each_result_is_logged_and_no_other() -> None:
    """A device that sends 500 different traps fills no log."""
    site = Site()
    with capture_logs() as logs:
        for number in range(500):
            site.result(packet("public", TRAP, [], ticks=number, number=number))
    levels = Counter(log["log_level"] for log in logs if log["event"] == "trap_came")
    assert levels == {"info": 1, "debug": 499}


@pytest.mark.needs_shared
def test_the_protos_traps_are_taken_where_they_are_traps(shared: Path) -> None:
    """Twelve v1 traps that were made to break receivers: those in good form are accepted."""
    site = Site()
    file = next((shared / "wire" / "snmp" / "hex").glob("oisf_public*c06-snmpv1-trap*.tsv"))
    ends = [site.result(datagram) for datagram in recorded_packets(file)]
    assert len(ends) == 12
    assert ends.count("taken") == 6  # the six generic ones
    assert ends.count("malformed") == 6  # their PDU has a tag of several octets


@pytest.mark.needs_shared
def test_what_once_broke_a_decoder_is_refused(shared: Path) -> None:
    """The nine named panic of gosnmp are no messages, and its traps are."""
    lines = (shared / "wire" / "snmp" / "hex" / "gosnmp_packets.tsv").read_text("ascii")
    rows = [line.split("\t") for line in lines.splitlines() if not line.startswith("#")]
    named = {name: bytes.fromhex(octets) for _, name, octets in rows}
    panics = [datagram for name, datagram in named.items() if name.startswith("panic")]
    assert len(panics) == 9
    site = Site()
    assert {site.result(datagram) for datagram in panics} <= {"malformed", "wrong_community"}
    # The test data goes on behind the message with octets of the capture.
    assert site.result(named["trap1"]) == "malformed"
    assert site.result(named["trap1"][:131]) == "taken"
    assert site.result(named["snmpV3AuthPrivTrap"]) == "wrong_user"
