"""The difference decode: exactly what the checked parse takes, and which places changed."""

from __future__ import annotations

from typing import Any

import pytest
from pysnmp.proto.api import v2c

from monitord.devices.snmp.ber import VERSION_2C, FastDecodeError, message_parser
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from tests.support.answers import answer, asked_oids

FIRST = b"\x41\x00\x00\x01"
SECOND = b"\x7e\xff\xff\xff"


def follower(count: int) -> DifferenceDecoder:
    """Return a decoder for answers with so many values."""
    parser = message_parser(VERSION_2C, b"public", asked_oids(count))
    return DifferenceDecoder(parser, Layouts())


def said(request_id: bytes, *values: Any) -> bytes:
    """Return an answer with these values."""
    return answer(asked_oids(len(values)), list(values), int.from_bytes(request_id, "big"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (v2c.Integer32(100), v2c.Integer32(-100)),
        (v2c.Integer32(1 - 2**31), v2c.Integer32(2**31 - 1)),
        (v2c.Counter32(2**31), v2c.Counter32(2**32 - 1)),
        (v2c.Gauge32(0x7F), v2c.Gauge32(0)),
        (v2c.TimeTicks(8_640_000), v2c.TimeTicks(8_640_100)),
        (v2c.Counter64(2**63), v2c.Counter64(2**64 - 1)),
        (v2c.OctetString(b"on air "), v2c.OctetString(b"silence")),
        (v2c.ObjectIdentifier((1, 3, 6, 1)), v2c.ObjectIdentifier((1, 3, 6, 2))),
        (v2c.IpAddress("192.0.2.1"), v2c.IpAddress("192.0.2.255")),
        (v2c.Opaque(b"\x9f\x78\x04\x42\x2e\x00\x00"), v2c.Opaque(b"\x9f\x78\x04\xc2\x2e\x00\x00")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_changed_value_is_decoded_and_its_place_returned(before: Any, after: Any) -> None:
    """A value of the same length that differs is decoded; ``changed`` has its place alone."""
    still = v2c.OctetString(b"still")
    decoder = follower(3)
    decoder.decode(said(FIRST, still, before, still), FIRST)
    second = said(SECOND, still, after, still)
    assert decoder.decode(second, SECOND) == (1,)
    parser = message_parser(VERSION_2C, b"public", asked_oids(3))
    assert decoder.values == parser.parse(second, SECOND).values


@pytest.mark.parametrize(
    ("value", "octets", "spoilt"),
    [
        (v2c.Integer32(0x1234), b"\x02\x02\x12\x34", b"\x1f\x02\x12\x34"),
        (v2c.Counter32(2**31), b"\x41\x05\x00\x80", b"\x41\x05\x01\x80"),
        (v2c.Counter64(2**63), b"\x46\x09\x00\x80", b"\x46\x09\x80\x80"),
        (v2c.ObjectIdentifier((1, 3, 6, 1)), b"\x06\x03\x2b\x06\x01", b"\x06\x03\x2b\x80\x01"),
        (v2c.NoSuchInstance(), b"\x81\x00", b"\x83\x00"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_value_that_turns_unreadable_is_none(value: Any, octets: bytes, spoilt: bytes) -> None:
    """Rule: no number grows too long and no OID overlong unseen, because only its octets differ."""
    decoder = follower(2)
    decoder.decode(said(FIRST, v2c.Integer32(1), value), FIRST)
    second = said(SECOND, v2c.Integer32(2), value)
    assert second.count(octets) == 1
    for request_id in (SECOND, FIRST):
        again = second.replace(octets, spoilt).replace(SECOND, request_id)
        decoder.decode(again, request_id)
        assert decoder.values == [2, None]
        assert list(decoder.problems) == [1]
        assert decoder.is_odd
    third = said(FIRST, v2c.Integer32(2), value)
    decoder.decode(third, FIRST)
    parser = message_parser(VERSION_2C, b"public", asked_oids(2))
    assert decoder.values == parser.parse(third, FIRST).values
    assert not decoder.is_odd


def test_numbers_are_read_unsigned_while_only_their_octets_differ() -> None:
    """Rule: a counter that passes half of its range without a leading zero is what it says."""
    decoder = follower(2)
    first = said(FIRST, v2c.Integer32(1), v2c.Counter32(0x7399_61ED))
    decoder.decode(first, FIRST)
    second = first.replace(b"\x73\x99\x61\xed", b"\xb3\x99\x61\xed").replace(FIRST, SECOND)
    assert decoder.decode(second, SECOND) == (1,)
    assert decoder.values == [1, 3_013_173_741]


def test_all_may_have_changed_after_a_value_that_turned_unreadable() -> None:
    """Rule: of an answer that cannot be compared in the middle, no place is called unchanged."""
    decoder = follower(2)
    value = v2c.ObjectIdentifier((1, 3, 6, 1))
    decoder.decode(said(FIRST, v2c.Integer32(1), value), FIRST)
    spoilt = said(SECOND, v2c.Integer32(2), value)
    spoilt = spoilt.replace(b"\x06\x03\x2b\x06\x01", b"\x06\x03\x2b\x80\x01")
    assert decoder.decode(spoilt, SECOND) is None
    assert decoder.values == [2, None]


def test_answer_to_another_request_is_refused() -> None:
    """Rule: an answer that resembles the one before in all but its request id is not ours."""
    decoder = follower(1)
    first = said(FIRST, v2c.Integer32(1))
    decoder.decode(first, FIRST)
    with pytest.raises(FastDecodeError, match="request id"):
        decoder.decode(first, SECOND)


def test_answer_decoded_elsewhere_is_compared_with() -> None:
    """Rule: what pysnmp read is the answer before of the next."""
    decoder = follower(2)
    assert decoder.replace((1, b"on")) is None
    assert decoder.replace((1, b"off")) == (1,)
    assert decoder.decode(said(FIRST, v2c.Integer32(2), v2c.OctetString(b"off")), FIRST) == (0,)


def test_float_that_turns_into_an_equal_integer_has_changed() -> None:
    """Rule: a value of another type is another value."""
    decoder = follower(1)
    decoder.replace((1.0,))
    assert decoder.replace((1,)) == (0,)


def test_long_answer_is_parsed_whole_each_time() -> None:
    """Rule: an answer too long for the difference is taken all the same, and compared."""
    decoder = follower(3)
    text = b"x" * 3000
    for turn, request_id in enumerate((FIRST, SECOND, FIRST)):
        values = (v2c.Integer32(turn), v2c.OctetString(text), v2c.Integer32(7))
        changed = decoder.decode(said(request_id, *values), request_id)
        assert changed == (None if turn == 0 else (0,))
        assert decoder.values == [turn, text, 7]


def test_agents_with_equal_responses_share_a_layout() -> None:
    """Equal lengths and types give the same object; other lengths another."""
    layouts = Layouts()
    parser = message_parser(VERSION_2C, b"public", asked_oids(1))

    def layout(value: int) -> object:
        datagram = said(FIRST, v2c.Integer32(value))
        parsed = parser.parse(datagram, FIRST)
        return layouts.layout(parsed, len(datagram) - parsed.body_at)

    assert layout(1) is layout(2)
    assert layout(1) is not layout(1000)
