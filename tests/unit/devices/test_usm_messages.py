"""Messages of SNMPv3 as octets: what we read, pysnmp reads alike, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type.error import ValueConstraintError
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from monitord.devices.snmp.usm_messages import (
    Envelope,
    Header,
    HeaderReader,
    integer,
    octets,
    read_header,
)
from monitord.devices.snmp.wire import UnbelievedError
from tests.support.packets import recorded_packets
from tests.support.usm_agent import UNKNOWN_USER, UserKeys, UsmAgent
from tests.support.usm_headers import by_pysnmp, same, without_data

RECORDED = Path("../shared/devices/wire/snmp/hex")
MESSAGE_IDS = st.integers(2**30, 2**31 - 1)
NUMBERS = st.integers(0, 2**31 - 1)


def sample(level: int = 3, auth: str = "sha1", priv: str = "aes128") -> bytes:
    """Return a report of pysnmp's, at a level."""
    agent = UsmAgent({"ops": UserKeys(auth, priv)})
    return agent.report(UNKNOWN_USER, 77, "ops", level)


@given(
    message_id=MESSAGE_IDS,
    flags=st.sampled_from((0, 1, 3, 4, 5, 7)),
    engine_id=st.binary(max_size=32),
    clock=st.tuples(NUMBERS, NUMBERS),
    user=st.binary(max_size=32),
    digest_size=st.sampled_from((0, 12, 16, 24, 32, 48)),
    salt=st.sampled_from((b"", b"saltsalt")),
    context=st.binary(max_size=32),
    content=st.binary(max_size=400).map(octets),
)
@settings(deadline=None)
def test_pysnmp_reads_what_we_write(  # noqa: PLR0917 - a header has so many fields
    message_id: int,
    flags: int,
    engine_id: bytes,
    clock: tuple[int, int],
    user: bytes,
    digest_size: int,
    salt: bytes,
    context: bytes,
    content: bytes,
) -> None:
    """Every field of the header, at every length, comes out of pysnmp as it went in."""
    envelope = Envelope(engine_id, user, context, flags=flags, digest_size=digest_size)
    scoped = envelope.scoped(content)
    data = octets(scoped) if flags & 2 else scoped
    datagram, digest_at = envelope.message(message_id, clock, salt, data)
    header = by_pysnmp(without_data(datagram, read_header(datagram)))
    assert header == (message_id, flags, engine_id, *clock, user, salt, header.places)
    ours = read_header(datagram)
    assert ours[:-1] == header[:-1]
    assert ours.places.digest == (digest_at, digest_at + digest_size)
    whole, _ = decoder.decode(datagram[slice(*ours.places.data)])
    assert (bytes(whole[0]), bytes(whole[1])) == (engine_id, context)
    assert datagram.endswith(content)


@given(number=NUMBERS)
def test_an_integer_is_as_short_as_pysnmps(number: int) -> None:
    """X.690 §8.3: no leading octet that says nothing."""
    whole = SNMPv3Message().getComponentByName("msgVersion").clone(number)
    assert integer(number) == encoder.encode(whole)


@given(
    which=st.sampled_from((0, 1, 3)),
    cuts=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 2), st.binary(max_size=2)),
        min_size=1,
        max_size=3,
    ),
)
@settings(max_examples=1500, deadline=None)
def test_what_we_read_of_a_mutated_message_pysnmp_reads_alike(
    which: int, cuts: list[tuple[int, int, bytes]]
) -> None:
    """We may refuse more than pysnmp; what we take, it takes, and finds the same in it."""
    mutated = bytearray(SAMPLES[which])
    for place, size, put in cuts:
        at = place % len(mutated)
        mutated[at : at + size] = put
    datagram = bytes(mutated)
    try:
        ours = read_header(datagram)
    except UnbelievedError:
        return
    header_only = without_data(datagram, ours)
    try:
        theirs = by_pysnmp(header_only)
    except ValueConstraintError:
        return  # msgMaxSize below 484, which is the agent's own affair
    assert same(read_header(header_only), theirs, header_only)


SAMPLES = {level: sample(level) for level in (0, 1, 3)}


@pytest.mark.parametrize(("level", "size"), [(0, 0), (1, 12), (3, 12)])
def test_a_message_of_pysnmp_is_read_alike(level: int, size: int) -> None:
    """At each level, the digest where it stands."""
    datagram = SAMPLES[level]
    ours, theirs = read_header(datagram), by_pysnmp(datagram)
    assert ours.places.digest[1] - ours.places.digest[0] == size
    assert same(ours, theirs, datagram)


@given(
    level=st.sampled_from((0, 1, 3)),
    time=st.sampled_from((0, 1, 1000, 2**31 - 1)),
    cuts=st.lists(st.tuples(st.integers(0, 160), st.integers(0, 255)), max_size=2),
)
@settings(max_examples=1500, deadline=None)
def test_a_reader_with_a_memory_reads_what_one_without_reads(
    level: int, time: int, cuts: list[tuple[int, int]]
) -> None:
    """Octets of a header changed one by one: the same header, or the same refusal."""
    first = UsmAgent({"ops": UserKeys("sha1", "aes128")}, time=time)
    known = first.report(UNKNOWN_USER, 77 if time else 2**31 - 1, "ops", level)
    reader = HeaderReader()
    assert reader.read(known) == read_header(known)
    changed = bytearray(known)
    for place, octet in cuts:
        changed[place % len(changed)] = octet
    datagram = bytes(changed)
    assert outcome(reader.read, datagram) == outcome(read_header, datagram)


def outcome(read: Callable[[bytes], Header], datagram: bytes) -> Header | str:
    """Return what was read, or the reason why not."""
    try:
        return read(datagram)
    except UnbelievedError as refused:
        return str(refused)


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
        with pytest.raises(UnbelievedError, match="out of range"):
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
    with pytest.raises(UnbelievedError) as caught:
        read_header(datagram)
    assert caught.value.faulty


@pytest.mark.needs_shared
def test_recorded_messages_are_read_as_pysnmp_reads_them() -> None:
    """Other people's v3 equipment and hostile packets; nothing raises anything else."""
    if not RECORDED.is_dir():
        pytest.skip("../shared is absent")
    understood = 0
    for file in sorted(RECORDED.glob("*.tsv")):
        for packet in recorded_packets(file):
            try:
                ours = read_header(packet)
            except UnbelievedError:
                continue
            theirs = by_pysnmp(packet)
            assert same(ours, theirs, packet), file.name
            understood += 1
    assert understood >= 20
