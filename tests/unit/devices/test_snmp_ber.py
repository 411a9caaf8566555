"""The checked decoder: what it takes comes out as from pysnmp, and each refusal has its reason."""

from __future__ import annotations

import math
import struct
from typing import Any, NamedTuple

import pytest
from pyasn1.codec.ber import encoder
from pyasn1.type import univ
from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw
from monitord.devices.snmp.ber import (
    VERSION_1,
    VERSION_2C,
    FastDecodeError,
    encoded_oid,
    message_parser,
    pdu_parser,
)
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.messages import match, parse_response
from monitord.devices.snmp.model import Community
from tests.support.answers import answer, asked_oids, bare, read_by_pysnmp, tlv

ID = 0x4A5B6C7D
ID_OCTETS = ID.to_bytes(4, "big")
VALUES: list[Any] = [
    v2c.Integer32(-129),
    v2c.Integer32(2**31 - 1),
    v2c.OctetString(b"on air"),
    v2c.OctetString(b"\xb9\xe3\xb2\xa5" * 60),
    v2c.Null(""),
    v2c.ObjectIdentifier((1, 3, 6, 1, 4, 1, 53864, 2**32 - 1)),
    v2c.IpAddress("192.0.2.7"),
    v2c.Counter32(2**32 - 1),
    v2c.Gauge32(0),
    v2c.TimeTicks(8_640_000),
    v2c.Opaque(b"\x9f\x78\x04" + struct.pack(">f", 43.5)),
    v2c.Opaque(b"\x9f\x79\x08" + struct.pack(">d", -0.1)),
    v2c.Opaque(b"\x04\x02\x01\x00"),
    v2c.Counter64(2**64 - 1),
    v2c.NoSuchObject(),
    v2c.NoSuchInstance(),
    v2c.EndOfMibView(),
]
OIDS = asked_oids(len(VALUES))
ONE = asked_oids(1)


def one_value(content: bytes, name: bytes | None = None) -> bytes:
    """Return an answer to ``ONE`` whose value is given as octets, tag and length included."""
    return whole(tlv(0x30, (encoded_oid(ONE[0]) if name is None else name) + content))


def whole(varbinds: bytes, status: bytes = b"\x02\x01\x00\x02\x01\x00") -> bytes:
    """Return an answer with these varbinds."""
    body = tlv(0x02, ID_OCTETS) + status + tlv(0x30, varbinds)
    return message(tlv(0xA2, body))


def message(pdu: bytes, version: bytes = b"\x02\x01\x01", community: bytes = b"public") -> bytes:
    return tlv(0x30, version + tlv(0x04, community) + pdu)


def refusal(datagram: bytes, version: int = VERSION_2C) -> str:
    """Return why an answer to ``ONE`` is refused."""
    with pytest.raises(FastDecodeError) as refused:
        message_parser(version, b"public", ONE).parse(datagram, ID_OCTETS)
    return refused.value.reason


def test_every_type_comes_out_as_from_pysnmp() -> None:
    """Rule: values are exactly those of pysnmp: int, bytes, text of OIDs and addresses, None."""
    datagram = answer(OIDS, VALUES, ID)
    read = read_by_pysnmp(datagram)
    assert read is not None
    parsed = message_parser(VERSION_2C, b"public", OIDS).parse(datagram, ID_OCTETS)
    assert parsed.values == list(read.raws)
    assert [type(value) for value in parsed.values] == [type(value) for value in read.raws]


def test_bare_pdu_is_decoded_as_in_its_message() -> None:
    """Rule: the PDU alone, as v3 has it after decryption, gives the same values."""
    parsed = pdu_parser(OIDS).parse(bare(answer(OIDS, VALUES, ID)), ID_OCTETS)
    expected = message_parser(VERSION_2C, b"public", OIDS).parse(
        answer(OIDS, VALUES, ID), ID_OCTETS
    )
    assert parsed.values == expected.values


def test_bare_pdu_with_trailing_octets_is_refused() -> None:
    """Rule: decrypted octets behind the PDU (padding) are not for this decoder to judge."""
    with pytest.raises(FastDecodeError, match="does not end"):
        pdu_parser(OIDS).parse(bare(answer(OIDS, VALUES, ID)) + b"\0", ID_OCTETS)


def test_places_of_values_are_those_of_their_octets() -> None:
    """``starts``, ``stops`` and ``tags`` give the place and type of each value."""
    datagram = answer(ONE, [v2c.Gauge32(77_777)], ID)
    parsed = message_parser(VERSION_2C, b"public", ONE).parse(datagram, ID_OCTETS)
    assert datagram[parsed.starts[0] : parsed.stops[0]] == (77_777).to_bytes(3, "big")
    assert parsed.tags == b"\x42"
    assert datagram[parsed.body_at - 4 : parsed.body_at] == ID_OCTETS


@pytest.mark.parametrize(
    "length", [b"\x81\x02", b"\x82\x00\x02", b"\x83\0\0\x02", b"\x84\0\0\0\x02"]
)
def test_long_form_of_a_length_is_taken(length: bytes) -> None:
    """Rule: lengths of one to four further octets are definite and accepted, short or not."""
    datagram = one_value(b"\x02" + length + b"\x01\x00")
    parsed = message_parser(VERSION_2C, b"public", ONE).parse(datagram, ID_OCTETS)
    assert parsed.values == [256]
    read = read_by_pysnmp(datagram)
    assert read is not None
    assert read.raws == (256,)


@pytest.mark.parametrize(
    "community", [b"", b"x" * 200, "发射".encode()], ids=["none", "long", "text"]
)
def test_any_community_is_compared(community: bytes) -> None:
    """Rule: the community is held against ours octet by octet, whatever its length."""
    parser = message_parser(VERSION_2C, community, ONE)
    datagram = answer(ONE, [v2c.Integer32(5)], ID, community=community)
    assert parser.parse(datagram, ID_OCTETS).values == [5]
    with pytest.raises(FastDecodeError, match="community"):
        parser.parse(answer(ONE, [v2c.Integer32(5)], ID, community=b"other"), ID_OCTETS)


OVER_32_BITS = b"\x2b\xff\xff\xff\xff\x7f"
TWO_TO_32 = b"\x2b\x90\x80\x80\x80\x00"
REFUSED = [
    ("it is no message", b"\x31" + answer(ONE, [v2c.Integer32(5)], ID)[1:]),
    ("the message ends behind the datagram", answer(ONE, [v2c.Integer32(5)], ID)[:-1]),
    ("SNMP version is not ours", answer(ONE, [v2c.Integer32(5)], ID, version=0)),
    ("community is not ours", answer(ONE, [v2c.Integer32(5)], ID, community=b"Public")),
    ("request id is not ours", answer(ONE, [v2c.Integer32(5)], ID + 1)),
    ("it is no response", answer(ONE, [v2c.Integer32(5)], ID).replace(b"\xa2", b"\xa0", 1)),
    ("error status or index is not 0", whole(b"", b"\x02\x01\x05\x02\x01\x00")),
    ("error status or index is not 0", whole(b"", b"\x02\x01\x00\x02\x01\x01")),
    ("it is cut short", whole(b"")),
    ("a varbind is no sequence", whole(b"\x31\x00\x00\x00")),
    ("a varbind has another OID than requested", one_value(b"\x05\x00", encoded_oid((1, 3, 6, 1)))),
    ("a varbind has another OID than requested", one_value(b"\x05\x00", encoded_oid((*ONE[0], 0)))),
    ("a value does not fill its varbind", one_value(b"\x02\x01\x05\x00")),
    ("a value does not fill its varbind", one_value(b"\x02\x03\x05\x00")),
    ("the varbinds do not end with the message", whole(
        tlv(0x30, encoded_oid(ONE[0]) + b"\x05\x00") * 2
    )),
    ("a value does not fill its varbind", whole(
        b"\x30\x7f" + encoded_oid(ONE[0]) + b"\x04" + bytes([0x7F - 15]) + b"short"
    )),
    ("the varbind list does not end with the message", message(
        tlv(0xA2, tlv(2, ID_OCTETS) + b"\x02\x01\x00\x02\x01\x00\x30\x00" + b"\x05\x00")
    )),
    ("the response does not end with the message", message(
        tlv(0xA2, tlv(2, ID_OCTETS)) + b"\x05\x00"
    )),
    ("a length is indefinite or too long", one_value(b"\x02\x80\x05\x00\x00")),
    ("a length is indefinite or too long", one_value(b"\x02\x85\x00\x00\x00\x00\x01\x05")),
]  # fmt: skip
UNREADABLE = [
    ("type 0x45 is not decoded", b"\x45\x01\x05"),
    ("type 0x24 is not decoded", b"\x24\x03\x04\x01\x41"),
    ("type 0x01 is not decoded", b"\x01\x01\x05"),
    ("an INTEGER of no octets", b"\x02\x00"),
    ("an INTEGER over 32 bits", b"\x02\x05\x00\xb3\x99\x61\xed"),
    ("an INTEGER over 32 bits", tlv(2, bytes(17))),
    ("an unsigned number of no octets", b"\x41\x00"),
    ("an unsigned number of no octets", b"\x42\x00"),
    ("an unsigned number of no octets", b"\x43\x00"),
    ("an unsigned number of no octets", b"\x47\x00"),
    ("an unsigned number over 32 bits", b"\x42\x05\x01\0\0\0\0"),
    ("an unsigned number over 32 bits", b"\x41\x05\xff\xff\xff\xff\xff"),
    ("an unsigned number over 32 bits", tlv(0x43, bytes(17))),
    ("a Counter64 of no octets", b"\x46\x00"),
    ("a Counter64 over 64 bits", b"\x46\x09\x01" + bytes(8)),
    ("an absent value with content", b"\x81\x01\x00"),
    ("an absent value with content", b"\x05\x01\x00"),
    ("an IpAddress that is not of four octets", b"\x40\x03\x0a\x00\x00"),
    ("an IpAddress that is not of four octets", b"\x40\x00"),
    ("an OBJECT IDENTIFIER that is empty or cut short", b"\x06\x00"),
    ("an OBJECT IDENTIFIER that is empty or cut short", b"\x06\x02\x2b\x86"),
    ("an OBJECT IDENTIFIER with an overlong number", b"\x06\x03\x2b\x80\x01"),
    ("an OBJECT IDENTIFIER with a number over 32 bits", tlv(6, OVER_32_BITS)),
    ("an OBJECT IDENTIFIER with a number over 32 bits", tlv(6, TWO_TO_32)),
    ("an OBJECT IDENTIFIER with too many numbers", tlv(6, b"\x2b" * 128)),
    ("an Opaque float of another size", tlv(0x44, b"\x9f\x78\x00")),
    ("an Opaque float of another size", tlv(0x44, b"\x9f\x79\x04\0\0\0\0")),
]
CLEAR = [
    (3_013_173_741, b"\x41\x04\xb3\x99\x61\xed"),
    (200, b"\x42\x01\xc8"),
    (0xFFFF, b"\x43\x02\xff\xff"),
    (5, b"\x47\x01\x05"),
    (2**63, b"\x46\x08\x80" + bytes(7)),
    (0, tlv(0x43, bytes(6))),
    (5, b"\x46\x0a" + bytes(9) + b"\x05"),
    (5, b"\x02\x05\x00\x00\x00\x00\x05"),
    (-(2**31), b"\x02\x05\xff\x80\x00\x00\x00"),
]


@pytest.mark.parametrize("form", ["usual", "odd"])
@pytest.mark.parametrize(("reason", "value"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_value_that_cannot_be_read_costs_itself_alone(
    reason: str, value: bytes, form: str
) -> None:
    """Rule: it is absent with its reason, by the fast way and by the way of odd forms."""
    found = read_two(value, form)
    assert found.values == [None, 7]
    assert found.reasons == [reason]


@pytest.mark.parametrize("form", ["usual", "odd"])
@pytest.mark.parametrize(("number", "value"), CLEAR, ids=range(len(CLEAR)))
def test_a_number_in_an_odd_and_clear_form_is_what_its_octets_say(
    number: int, value: bytes, form: str
) -> None:
    """Rule: an unsigned type is read unsigned, whatever its first bit; zeros before it are none."""
    found = read_two(value, form)
    assert found.values == [number, 7]
    assert found.reasons == []


class Found(NamedTuple):
    """What a reader finds in two values."""

    values: list[Raw]
    reasons: list[str]


def read_two(value: bytes, form: str) -> Found:
    """Return what becomes of a value and of the 7 behind it; ``form``: of the error status."""
    oids = asked_oids(2)
    binds = [tlv(0x30, encoded_oid(oids[0]) + value), tlv(0x30, encoded_oid(oids[1]) + b"\2\1\7")]
    status = b"\x02\x01\x00\x02\x01\x00" if form == "usual" else b"\x02\x02\x00\x00\x02\x01\x00"
    datagram = whole(b"".join(binds), status)
    if form == "usual":
        parsed = message_parser(VERSION_2C, b"public", oids).parse(datagram, ID_OCTETS)
        return Found(parsed.values, list(parsed.problems.values()))
    pdu = CommunityWire(Community(VERSION_2C, "public")).unwrap(datagram, 0)
    values, remarks = match(parse_response(pdu, ID), oids)
    return Found([values[oid] for oid in oids], [one.detail.split(": ")[1] for one in remarks])


def test_octets_that_follow_a_message_are_left() -> None:
    """Rule: the outer length says where the message ends (NULs of a transmitter)."""
    datagram = answer(ONE, [v2c.Integer32(5)], ID) + bytes(15)
    parsed = message_parser(VERSION_2C, b"public", ONE).parse(datagram, ID_OCTETS)
    assert (parsed.values, parsed.surplus) == ([5], 15)
    wire = CommunityWire(Community(VERSION_2C, "public"))
    assert wire.unwrap(datagram, 0) == wire.unwrap(datagram[:-15], 0)
    assert list(wire.remarks) == [("odd_frame", "15 octets follow the message")]


@pytest.mark.parametrize(("reason", "datagram"), REFUSED, ids=range(len(REFUSED)))
def test_refusal_says_its_reason(reason: str, datagram: bytes) -> None:
    """Rule: what is not fully understood is refused with a reason, never guessed."""
    assert refusal(datagram) == reason


def test_every_beginning_of_an_answer_is_refused() -> None:
    """Rule: an answer that is cut off anywhere is refused, and nothing else is raised."""
    datagram = answer(OIDS, VALUES, ID)
    parser = message_parser(VERSION_2C, b"public", OIDS)
    for size in range(len(datagram)):
        with pytest.raises(FastDecodeError):
            parser.parse(datagram[:size], ID_OCTETS)


@pytest.mark.parametrize(("value", "raw"), [(b"\x46\x01\x05", 5), (b"\x81\x00", None)])
def test_types_of_version_2_are_read_of_a_version_1_agent_too(value: bytes, raw: Raw) -> None:
    """v1 has neither Counter64 nor the exceptions (RFC 2576 4.1.1); the octets are clear."""
    datagram = one_value(value).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)
    parsed = message_parser(VERSION_1, b"public", ONE).parse(datagram, ID_OCTETS)
    assert (parsed.values, parsed.problems) == ([raw], {})


@pytest.mark.parametrize(
    "oid",
    [
        (0, 0),
        (1, 3, 6),
        (1, 39, 127, 128, 16_383, 16_384),
        (2, 999, 2**32 - 1),
        (2, 40),
        (1, 3, *([2**32 - 1] * 60)),  # its length is of the long form
    ],
)
def test_name_is_encoded_as_by_pyasn1(oid: tuple[int, ...]) -> None:
    """Rule: names are compared as octets, in the one shortest encoding."""
    assert encoded_oid(oid) == encoder.encode(univ.ObjectIdentifier(oid))


@pytest.mark.parametrize("content", [b"\x7f", b"\x78", b"\x28", b"\x00", b"\x88\x37\x03"])
def test_first_numbers_of_an_oid_come_out_as_from_pysnmp(content: bytes) -> None:
    """Rule: the first octets of an OID hold two numbers, 40 times the first and the second."""
    datagram = one_value(tlv(0x06, content))
    read = read_by_pysnmp(datagram)
    assert read is not None
    parsed = message_parser(VERSION_2C, b"public", ONE).parse(datagram, ID_OCTETS)
    assert parsed.values == list(read.raws)


def test_opaque_that_is_no_number_comes_out_as_not_a_number() -> None:
    """Rule: the float of an Opaque is taken as it is; whether it means anything is judged later."""
    datagram = answer(ONE, [v2c.Opaque(b"\x9f\x78\x04\x7f\xc0\x00\x00")], ID)
    parsed = message_parser(VERSION_2C, b"public", ONE).parse(datagram, ID_OCTETS)
    assert isinstance(parsed.values[0], float)
    assert math.isnan(parsed.values[0])


def test_a_rejection_does_not_show_the_community() -> None:
    """Rule: no community in a text that may end in a log."""
    parser = message_parser(VERSION_2C, b"s3cret", ONE)
    assert "s3cret" not in repr(parser)
    with pytest.raises(FastDecodeError) as refused:
        parser.parse(answer(ONE, [v2c.Integer32(5)], ID, community=b"th3irs"), ID_OCTETS)
    assert "s3" not in str(refused.value)
    assert "th3irs" not in str(refused.value)
