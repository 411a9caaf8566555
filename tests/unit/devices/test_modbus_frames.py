"""RTU and ASCII: the answer is found among noise, and nothing else is taken for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import SerialLine
from monitord.devices.modbus.blocks import Block, plan_blocks
from monitord.devices.modbus.frames import AsciiQuery, ExceptionResponse, RtuQuery, TcpQuery
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.modbus.reader import manners_of
from monitord.devices.model import ReadError
from tests.support.modbus import ascii_frame, crc, rtu_frame
from tests.support.packets import recorded_packets

UNIT = 17
VALUES = (0x1234, 0x0311, 0xFFFF)
CELLS = struct.pack(">3H", *VALUES)
PDU = b"\x03\x06" + CELLS
NUMBER = Decoding("number")


def block(count: int = 3, table: str = "holding_register", start: int = 0) -> Block:
    kind = "bit" if table == "coil" else "uint16"
    points = [ModbusPoint(str(n), table, start + n, kind, "big", NUMBER) for n in range(count)]
    return plan_blocks(points)[0]


RTU, ASCII = RtuQuery(block(), UNIT), AsciiQuery(block(), UNIT)


class Side(NamedTuple):
    """A framing: a query for three registers, its answer, and how a frame is put together."""

    query: RtuQuery | AsciiQuery
    answer: bytes
    frame: Callable[[int, bytes], bytes]


both = pytest.mark.parametrize(
    "side",
    [
        pytest.param(Side(RTU, rtu_frame(UNIT, PDU), rtu_frame), id="rtu"),
        pytest.param(Side(ASCII, ascii_frame(UNIT, PDU), ascii_frame), id="ascii"),
    ],
)


def test_the_check_sums_of_this_test_are_those_of_the_specification() -> None:
    """Known frames of Modbus over Serial Line V1.02 and its readers, not of the code under test."""
    assert crc(bytes.fromhex("02 07")) == bytes.fromhex("41 12")
    assert rtu_frame(1, bytes.fromhex("03 00 00 00 0A")).hex() == "01030000000ac5cd"
    assert ascii_frame(1, bytes.fromhex("03 00 00 00 0A")) == b":01030000000AF2\r\n"


@both
def test_requests_are_those_of_the_specification(side: Side) -> None:
    """Unit, function, address, count and check sum, put together a second time by hand."""
    query, _answer, frame = side
    assert query.request(7) == frame(UNIT, struct.pack(">BHH", 3, 0, 3))


@both
def test_an_answer_is_taken_when_it_is_whole_and_not_before(side: Side) -> None:
    """Octet by octet, only the whole answer is accepted."""
    query, answer, _frame = side
    for end in range(len(answer)):
        assert query.find_answer(answer[:end]) is None
    assert query.find_answer(answer) == (CELLS, len(answer))


@both
def test_an_answer_is_found_behind_noise_of_every_length(side: Side) -> None:
    """The answer is found behind a broken frame, half an answer, or another answer."""
    query, answer, frame = side
    noises = [answer[:end] for end in range(1, len(answer))]
    noises += [b"\x00", b"\xff" * 9, b":", b"::\r\n", bytes((UNIT,)) * 5, b"\r\n"]
    noises += [frame(UNIT + 1, PDU), frame(UNIT, b"\x04" + PDU[1:]), frame(UNIT, b"\x83")]
    for noise in noises:
        assert query.find_answer(noise + answer) == (CELLS, len(noise) + len(answer)), noise


@both
def test_what_follows_an_answer_is_not_part_of_it(side: Side) -> None:
    """The end of the answer is returned; octets behind it are not part of it."""
    query, answer, frame = side
    for noise in (b"\0", answer, frame(UNIT + 1, PDU)):
        assert query.find_answer(answer + noise) == (CELLS, len(answer))


@both
def test_of_two_whole_answers_that_differ_none_is_taken(side: Side) -> None:
    """One is late, or answers another master; without numbers it is not known which."""
    query, answer, frame = side
    for other in (frame(UNIT, PDU[:-1] + b"\0"), frame(UNIT, b"\x83\x02")):
        for received in (answer + other, other + answer, answer + b"\0" + answer + other):
            with pytest.raises(ReadError, match="two whole answers came, and they differ"):
                query.find_answer(received)
    assert query.find_answer(answer * 3) == (CELLS, len(answer))
    assert query.find_answer(answer + query.request(0)) == (CELLS, len(answer))


@both
def test_noise_at_every_place_of_an_answer_never_makes_a_value(side: Side) -> None:
    """Each octet changed to every other, dropped, doubled, or with one put before it."""
    query, answer, _frame = side
    for at in range(len(answer)):
        broken = [answer[:at] + bytes((octet,)) + answer[at + 1 :] for octet in range(256)]
        broken += [answer[:at] + bytes((octet,)) + answer[at:] for octet in range(256)]
        broken += [answer[:at] + answer[at + 1 :], answer[:at] + answer[at:][:1] + answer[at:]]
        for one in broken:
            taken = query.find_answer(one)
            assert taken is None or taken[0] == CELLS, (at, one.hex())


@both
@settings(deadline=None, max_examples=300)
@given(before=st.binary(max_size=40), cut=st.integers(0, 30), inside=st.binary(max_size=12))
def test_random_noise_never_makes_a_value(
    side: Side, before: bytes, cut: int, inside: bytes
) -> None:
    """Wherever noise falls, what is taken is the answer or nothing."""
    query, answer, _frame = side
    received = before + answer[:cut] + inside + answer[cut:]
    with suppress(ReadError):  # Noise may look like another master's request.
        taken = query.find_answer(received)
        assert taken is None or taken[0] == CELLS


@both
def test_an_answer_to_another_question_is_waited_past(side: Side) -> None:
    """Another unit, function or count; a count that lies; a refusal of another read."""
    query, answer, frame = side
    foreign = [
        frame(UNIT + 1, PDU),
        frame(0, PDU),
        frame(UNIT, b"\x04" + PDU[1:]),
        frame(UNIT, b"\x03\x04" + CELLS[:4]),
        frame(UNIT, b"\x03\x08" + CELLS + b"\0\0"),
        frame(UNIT, b"\x03\x06" + CELLS[:5]),
        frame(UNIT, b"\x03\x06" + CELLS + b"\0"),
        frame(UNIT, b"\x84\x02"),
        frame(UNIT + 1, b"\x83\x02"),
        frame(UNIT, b"\x06\x00\x01\x00\x03"),
    ]
    for one in foreign:
        assert query.find_answer(one) is None, one
        assert query.find_answer(one + answer) == (CELLS, len(one) + len(answer)), one


@both
def test_a_refusal_is_taken_with_its_code(side: Side) -> None:
    """Exception 2 of this very function."""
    query, _answer, frame = side
    refusal = frame(UNIT, b"\x83\x02")
    assert query.find_answer(refusal) == (ExceptionResponse(2), len(refusal))
    assert query.find_answer(refusal[:-1]) is None


@both
def test_an_echo_of_the_request_is_no_answer(side: Side) -> None:
    """Two-wire adapters echo."""
    query, answer, _frame = side
    echo = query.request(0)
    assert query.find_answer(echo) is None
    assert query.find_answer(echo + answer) == (CELLS, len(echo) + len(answer))


@pytest.mark.parametrize("kind", [RtuQuery, AsciiQuery])
def test_an_echo_in_the_very_shape_of_an_answer_is_none(
    kind: type[RtuQuery | AsciiQuery],
) -> None:
    """A read of 24 coils from 0x0312 looks like an answer of three octets to itself."""
    query = kind(block(24, "coil", 0x0312), UNIT)
    echo = query.request(0)
    assert query.find_answer(echo) is None
    frame = rtu_frame if kind is RtuQuery else ascii_frame
    answer = frame(UNIT, b"\x01\x03\x01\x02\x03")
    assert query.find_answer(echo + answer) == (b"\x01\x02\x03", len(echo) + len(answer))


def test_an_answer_behind_another_masters_request_is_rejected() -> None:
    """It could be the answer to that request, and there are no numbers."""
    foreign = rtu_frame(UNIT, struct.pack(">BHH", 3, 100, 3))
    with pytest.raises(ReadError, match="bad_answer: another master asks on this line"):
        RTU.find_answer(foreign + rtu_frame(UNIT, PDU))


@pytest.mark.parametrize("noise", [b"\0", b"\0\0\xff"])
def test_another_units_answer_before_a_zero_octet_is_no_second_master(noise: bytes) -> None:
    """The check sum of a frame with its own check sum is 0: with a zero it looks like a request."""
    other = rtu_frame(UNIT + 1, b"\x03\x02\x00\x07")
    answer = rtu_frame(UNIT, PDU)
    assert RTU.find_answer(other + noise + answer) == (CELLS, len(other + noise + answer))


@pytest.mark.parametrize("count", [0, 2001, 0xFFFF])
def test_noise_that_asks_for_more_than_a_read_may_is_no_second_master(count: int) -> None:
    """A read has 1 to 2000 cells (Modbus Application Protocol V1.1b3, 6.1), and a unit."""
    answer = rtu_frame(UNIT, PDU)
    noises = (rtu_frame(9, struct.pack(">BHH", 3, 100, count)), rtu_frame(0, b"\3\0\1\0\1"))
    for noise in noises:
        assert RTU.find_answer(noise + answer) == (CELLS, len(noise + answer))


def test_an_answer_that_came_before_is_not_searched_for_requests() -> None:
    """Any eight octets of its cells may have a right check sum."""
    inside = rtu_frame(9, struct.pack(">BHH", 3, 100, 1))
    query = RtuQuery(block(5), UNIT)
    answer = rtu_frame(UNIT, b"\x03\x0a" + inside + b"\0\0")
    assert query.find_answer(answer * 2) == (inside + b"\0\0", len(answer))


@pytest.mark.needs_shared
def test_no_recorded_octets_are_taken_for_an_answer(shared: Path) -> None:
    """Frames and broken frames of others: no crash, and no value that was not asked for."""
    packets = [
        packet
        for file in sorted((shared / "wire/modbus/hex").glob("*.tsv"))
        for packet in recorded_packets(file)
    ]
    assert len(packets) > 500
    for query in (RtuQuery(block(), 99), AsciiQuery(block(), 99)):
        for packet in packets:
            with suppress(ReadError):
                assert query.find_answer(packet) is None


@pytest.mark.needs_shared
def test_recorded_serial_answers_are_accepted_for_their_own_request_only(shared: Path) -> None:
    """The library's examples: two registers of units 0, 17 and 255 in both serial framings."""
    octets = bytes.fromhex("008d008e")
    literals = recorded_packets(shared / "wire/modbus/hex/pymodbus_literals.tsv")
    for kind, frame in ((RtuQuery, rtu_frame), (AsciiQuery, ascii_frame)):
        for unit in (17, 255):
            found = [kind(block(2), unit).find_answer(literal) for literal in literals]
            expected = (octets, len(frame(unit, b"\x03\x04" + octets)))
            assert expected in found
            assert {one for one in found if one is not None and one[0] != octets} <= {
                (ExceptionResponse(2), len(frame(unit, b"\x83\x02")))
            }


def test_the_quick_way_and_the_careful_way_of_tcp_agree() -> None:
    """The answer that matches at one look is the one that every check lets pass."""
    query = TcpQuery(block(), UNIT)
    number = query.request(513)[:2]
    answer = number + b"\0\0\0\x09" + bytes((UNIT,)) + PDU
    assert query.find_answer(answer) == (CELLS, len(answer))
    assert query.find_answer(answer + answer) == (CELLS, len(answer))
    assert query.find_answer(answer[:-1]) is None
    query.request(514)
    with pytest.raises(ReadError, match="transaction id of the answer is 513, must be 514"):
        query.find_answer(answer)


def test_octets_in_the_middle_of_an_answer_over_tcp_are_noticed_by_what_is_left_over() -> None:
    """There is no check sum; but inserted octets leave octets behind that are no frame."""
    query = TcpQuery(block(), UNIT)
    answer = query.request(513)[:2] + b"\0\0\0\x09" + bytes((UNIT,)) + PDU
    for at in range(len(answer)):
        for noise in (b"\0", b"\xff\xff", b"\x55" * 9):
            with suppress(ReadError):
                taken = query.find_answer(answer[:at] + noise + answer[at:])
                assert taken is None or taken[0] == CELLS, (at, noise)


def test_registers_pushed_out_of_an_answer_over_tcp_are_no_second_answer() -> None:
    """A longer answer is rejected, also if its last registers look like a frame."""
    looks_like_a_frame = bytes.fromhex("0200 0000 0005 11 03 02 0007")
    body = looks_like_a_frame[-10:]
    query = TcpQuery(block(5), UNIT)
    head = query.request(0x0102)[:2] + b"\0\0\0\x0d" + bytes((UNIT,)) + b"\x03\x0a"
    assert query.find_answer(head + body) == (body, len(head + body))
    for slipped in (b"\x02" + looks_like_a_frame[:-1], looks_like_a_frame, b"\xff" * 11):
        grown = head + slipped[:10] + slipped[10:] + body
        with pytest.raises(ReadError, match="bad_answer"):
            query.find_answer(grown)
    for behind in (looks_like_a_frame, head + b"\xff" * 10, head + b"\xff" * 10 + head + body):
        with pytest.raises(ReadError, match="behind the answer, and not it once more"):
            query.find_answer(head + body + behind)
    assert query.find_answer((head + body) * 3) == (body, len(head + body))


def test_a_second_copy_over_tcp_that_comes_in_pieces_is_waited_for() -> None:
    """Until it is whole, nobody knows whether inserted octets pushed out the last ones."""
    query = TcpQuery(block(), UNIT)
    query.request(0x0507)
    frame = struct.pack(">HHHB", 0x0507, 0, 3 + len(CELLS), UNIT) + PDU
    for size in range(len(frame) + 1, 2 * len(frame)):
        assert query.find_answer((frame * 2)[:size]) is None
    assert query.find_answer(frame * 2) == (CELLS, len(frame))
    with pytest.raises(ReadError, match="3 octets behind the answer, and not it once more"):
        query.find_answer(frame + b"\5\7\1")


@pytest.mark.parametrize(
    ("baud_rate", "pause", "quiet"),
    [(300, 116_669, 666_680), (9600, 3647, 50_000), (115_200, 1750, 50_000)],
)
def test_rtu_on_a_serial_port_keeps_the_silence_of_the_specification(
    baud_rate: int, pause: int, quiet: int
) -> None:
    """3.5 characters, above 19200 baud 1.75 ms; a slow line takes longer to be quiet."""
    line = SerialLine("/dev/ttyS0", baud_rate)
    manners = manners_of(ModbusSource("", 0, UNIT, (), "rtu", line))
    assert (manners.pause_between_requests, manners.quiet, manners.numbered) == (
        pause,
        quiet,
        False,
    )
    assert manners_of(ModbusSource("", 0, UNIT, (), "ascii", line)).pause_between_requests == 0
    assert manners_of(ModbusSource("127.0.0.1", 502, UNIT, ())).numbered
