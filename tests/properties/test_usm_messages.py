"""Generated and mutated SNMPv3 messages: what we write and read, pysnmp reads alike."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type.error import ValueConstraintError
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from monitord.devices.snmp.usm.messages import (
    Envelope,
    Header,
    HeaderReader,
    integer,
    octets,
    read_header,
)
from monitord.devices.snmp.wire import ResponseMismatchError
from tests.properties.scripts import examples
from tests.support.usm_agent import UNKNOWN_USER, UserKeys, UsmAgent
from tests.support.usm_headers import SAMPLES, by_pysnmp, same, without_data

MESSAGE_IDS = st.integers(2**30, 2**31 - 1)
NUMBERS = st.integers(0, 2**31 - 1)


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
@examples(100)
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
@examples(100)
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
@examples(1500)
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
    except ResponseMismatchError:
        return
    header_only = without_data(datagram, ours)
    try:
        theirs = by_pysnmp(header_only)
    except ValueConstraintError:
        return  # msgMaxSize below 484, which is the agent's own affair
    assert same(read_header(header_only), theirs, header_only)


@given(
    level=st.sampled_from((0, 1, 3)),
    time=st.sampled_from((0, 1, 1000, 2**31 - 1)),
    cuts=st.lists(st.tuples(st.integers(0, 160), st.integers(0, 255)), max_size=2),
)
@examples(1500)
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
    except ResponseMismatchError as refused:
        return str(refused)
