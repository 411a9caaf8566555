"""SNMPv3 messages as octets: we decode the same header as pysnmp."""

from __future__ import annotations

import pytest

from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.messages import HeaderReader, read_header
from tests.support.usm_agent import UNKNOWN_USER, UsmAgent
from tests.support.usm_headers import SAMPLES, by_pysnmp, same


@pytest.mark.parametrize(("level", "size"), [(0, 0), (1, 12), (3, 12)])
def test_a_message_of_pysnmp_is_read_alike(level: int, size: int) -> None:
    """At each level, with the place of the digest."""
    datagram = SAMPLES[level]
    ours, theirs = read_header(datagram), by_pysnmp(datagram)
    assert ours.places.digest[1] - ours.places.digest[0] == size
    assert same(ours, theirs, datagram)


@pytest.mark.parametrize("sign", [0x7F, 0x80, 0xFF])
def test_a_number_of_five_octets_is_bounded_by_memory_as_well(sign: int) -> None:
    """Some agents write a leading zero; 2^31 is no time for all that."""
    agent = UsmAgent({}, time=2**31 - 1)
    plain = agent.report(UNKNOWN_USER, 77, "", 0)
    long = plain.replace(b"\x02\x04\x7f\xff\xff\xff", b"\x02\x05\x00\x7f\xff\xff\xff", 1)
    for at in (1, long.index(b"\x04", 20) + 1, long.index(b"\x04", 20) + 3):
        long = long[:at] + bytes((long[at] + 1,)) + long[at + 1 :]
    reader = HeaderReader()
    assert reader.read(long).time == 2**31 - 1
    changed = long.replace(b"\x05\x00\x7f", bytes((5, 0, sign)), 1)
    if sign < 0x80:
        assert reader.read(changed) == read_header(changed)
    else:
        with pytest.raises(BerError, match="out of range"):
            reader.read(changed)


def test_lengths_longer_than_they_need_be_are_understood() -> None:
    """net-snmp and others write two octets of length where one would do."""
    plain = SAMPLES[0]
    assert plain[1] < 0x80
    assert read_header(b"\x30\x82\x00" + plain[1:])[:7] == read_header(plain)[:7]


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x85\x00\x00\x00\x00\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x00",
        b"\x04" + SAMPLES[0][1:],
        SAMPLES[0].replace(b"\x02\x01\x03", b"\x02\x01\x01", 1),
        SAMPLES[3].replace(b"\x04\x01\x03", b"\x04\x01\x02", 1),
        SAMPLES[3].replace(b"\x04\x01\x03", b"\x04\x00\x03", 1),
    ],
)
def test_what_is_no_v3_message_is_refused_as_faulty(datagram: bytes) -> None:
    """Empty, endless, of another version, encrypted without a digest, without flags."""
    with pytest.raises(BerError):
        read_header(datagram)
