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
from monitord.traps.decode import decode
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


@pytest.mark.parametrize(
    ("whole", "ends"),
    [
        (TRAP_V2, {"malformed", "odd"}),
        (INFORM_V2, {"malformed", "odd"}),
        # The digest covers the whole message.
        (TRAP_V3, {"malformed"}),
    ],
    ids=["trap", "inform", "v3"],
)
def test_half_a_trap_polls_its_device_where_it_shows_its_sender(
    whole: bytes, ends: set[str]
) -> None:
    """Cut at every octet; octets behind it are left."""
    site = Site()
    found = [site.result(whole[:size]) for size in range(len(whole))]
    assert set(found) == ends
    # From the community on it is the device's, whatever it says.
    assert "malformed" not in found[found.index("odd") :] if "odd" in ends else True
    assert site.result(whole + b"\0") == "taken"


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


ODD = {
    "many varbinds": trap_with(ber.integer(1), 200),
    "a long string": trap_with(ber.tlv(ber.OCTETS, bytes(5000))),
    "a long number": trap_with(ber.tlv(ber.INTEGER, bytes(10))),
    "a number of no octets": trap_with(ber.tlv(ber.INTEGER, b"")),
    "an OID without end": trap_with(ber.tlv(ber.OBJECT_ID, b"\x2b\x86")),
    "an OID with an arc too long": trap_with(ber.tlv(ber.OBJECT_ID, b"\x2b" + b"\xff" * 6 + b"\1")),
    "an OID of 200 arcs": trap_with(ber.tlv(ber.OBJECT_ID, b"\1" * 200)),
    "a type of nobody": trap_with(b"\x1f\x81\x01\x00"),
    "no varbind": ber.joined([ber.integer(1), ber.tlv(ber.OCTETS, b"public"), b"\xa7\x00"]),
    "no PDU": ber.joined([ber.integer(1), ber.tlv(ber.OCTETS, b"public")]),
    "a v1 trap without a varbind list": ber.joined(
        [
            ber.integer(0),
            ber.tlv(ber.OCTETS, b"public"),
            b"\xa4"
            + ber.joined(
                [
                    ber.object_id(TRAP),
                    ber.tlv(0x40, bytes(4)),
                    ber.integer(6),
                    ber.integer(3),
                    ber.integer(700, 0x43),
                ]
            )[1:],
        ]
    ),
}


@pytest.mark.parametrize("datagram", ODD.values(), ids=ODD)
def test_a_trap_of_a_trusted_sender_polls_its_device_whatever_it_holds(datagram: bytes) -> None:
    """Only what it says needs decoding; that it came is known without."""
    site = Site()
    outcome = site.trap_filter.handle(datagram, HERE, SECOND)
    assert outcome.poll == ("it",)
    assert site.trap_filter.counts == {("it", "odd"): 1}
    # The same octets again are the same trap.
    assert site.trap_filter.handle(datagram, HERE, 2 * SECOND).poll == ()


def test_what_an_odd_trap_says_is_read_as_far_as_it_goes() -> None:
    """The name of a v1 trap comes before its varbinds; a bad varbind costs itself alone."""
    found = decode(outline(ODD["a v1 trap without a varbind list"]).pdu)
    assert found.trap_oid == (*TRAP, 0, 3)
    assert found.uptime == 700
    assert "varbind list" in found.problems[0]
    odd = TRAP_V2.replace(b"\x46\x09\x00\x80", b"\x46\x09\x01\x80")
    found = decode(outline(odd).pdu)
    assert found.trap_oid == TRAP
    assert [oid for oid, _ in found.varbinds] == [BINDINGS[0][0], BINDINGS[2][0]]
    assert found.problems == ("varbind 4: a Counter64 over 64 bits",)


BEYOND = {
    "an endless length": b"\x30\x80" + TRAP_V2[2:] + b"\0\0",
    "a length of five octets": b"\x30\x85\0\0\0\0\x10" + bytes(16),
    "a tag of two octets": b"\x3f\x81\x01\x00",
    "a length behind the end": b"\x30\x84\x7f\xff\xff\xff" + TRAP_V2,
    "nothing": b"",
    "a message of nothing": b"\x30\x00",
    "version 7": b"\x30\x07\x02\x01\x07\x04\x00\xa7\x00",
}


@pytest.mark.parametrize("datagram", BEYOND.values(), ids=BEYOND)
def test_what_shows_no_sender_is_malformed(datagram: bytes) -> None:
    """Whose it is comes before what it says."""
    with pytest.raises(BerError):
        outline(datagram)
    assert Site().result(datagram) == "malformed"


def test_another_pdu_of_a_trusted_sender_is_no_trap() -> None:
    """A request or a response at the trap port polls nothing."""
    inner = ber.joined([ber.integer(1), ber.tlv(ber.OCTETS, b"public"), nested(20)])
    assert Site().result(inner) == "not_a_trap"
    assert Site().result(TRAP_V2.replace(b"\xa7", b"\xa0", 1)) == "not_a_trap"


def test_a_trap_that_says_that_it_is_longer_than_what_came_is_odd() -> None:
    """Its device is polled; that something is missing is remarked."""
    at = 2 if TRAP_V2[1] & 0x80 else 1
    assert Site().result(TRAP_V2[:at] + bytes((TRAP_V2[at] + 1,)) + TRAP_V2[at + 1 :]) == "odd"


def test_a_trap_longer_than_any_is_taken_as_far_as_it_came() -> None:
    """Octets behind the message are left."""
    assert Site().result(TRAP_V2 + bytes(8192)) == "taken"


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
    assert ends.count("not_a_trap") == 6  # their PDU has a tag of several octets


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
    assert site.result(named["trap1"]) == "taken"
    site.now += 60 * SECOND
    assert site.result(named["trap1"][:131]) == "taken"
    assert site.result(named["snmpV3AuthPrivTrap"]) == "wrong_user"
