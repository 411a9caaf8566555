"""Generated and mutated SNMPv3 messages: what we write and read, pysnmp reads alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from monitord.devices.snmp.usm.messages import (
    Envelope,
    integer,
    octet_string,
    read_header,
)
from tests.properties.scripts import examples
from tests.support.usm_headers import by_pysnmp, without_data

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
    content=st.binary(max_size=400).map(octet_string),
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
    data = octet_string(scoped) if flags & 2 else scoped
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
