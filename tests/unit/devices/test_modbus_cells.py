"""Registers decoded: types, both orders, and one struct call for a whole block."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.decoding.model import Decoding
from monitord.decoding.rules import Raw
from monitord.devices.modbus.blocks import BlockLayout, cells_of, plan_blocks, raw_of, width
from monitord.devices.modbus.cells import TYPES, decode_registers
from monitord.devices.modbus.model import ModbusPoint

NUMBER = Decoding("number")
REGISTERS = "holding_register"


def point(type_: str, words: str = "big", octets: str = "big", **keys: object) -> ModbusPoint:
    made = ModbusPoint("p", REGISTERS, 0, type_, words, NUMBER, byte_order=octets)
    return replace(made, **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "octets", "registers"),
    [
        ("big", "big", (0x47F1, 0x2000)),
        ("little", "big", (0x2000, 0x47F1)),
        ("big", "little", (0xF147, 0x0020)),
        ("little", "little", (0x0020, 0xF147)),
    ],
    ids=["ABCD", "CDAB", "BADC", "DCBA"],
)
def test_a_float_is_read_in_all_four_orders(
    words: str, octets: str, registers: tuple[int, int]
) -> None:
    """123456.0 is 47F12000; a manual may show it in any of four ways."""
    assert decode_registers(point("float32", words, octets), registers) == 123456.0
    assert decode_registers(point("uint64", "little"), (1, 2, 3, 4)) == 0x0004_0003_0002_0001


@pytest.mark.parametrize(
    ("type_", "registers", "raw"),
    [
        ("uint16", (0xFFFE,), 65534),
        ("int16", (0xFFFE,), -2),
        ("uint8_high", (0xF102,), 0xF1),
        ("uint8_low", (0xF1FE,), 0xFE),
        ("int8_high", (0xF102,), -15),
        ("int8_low", (0x02FE,), -2),
        ("uint32", (0x0001, 0x0002), 65538),
        ("int32", (0xFFFF, 0xFFFE), -2),
        ("uint64", (1, 2, 3, 4), 0x0001_0002_0003_0004),
        ("int64", (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE), -2),
        ("float64", (0x4009, 0x21FB, 0x5444, 0x2D18), math.pi),
        ("float16", (0x3E00,), 1.5),
        ("bcd16", (0x1234,), 1234),
        ("bcd32", (0x0012, 0x3456), 123456),
        ("bcd16", (0x12A4,), None),
        ("bcd32", (0x0012, 0x345F), None),
    ],
)
def test_each_type_is_worth_what_its_registers_say(
    type_: str, registers: tuple[int, ...], raw: Raw
) -> None:
    """Worked out by hand; decimal digits that are none are no value, never a number."""
    assert decode_registers(point(type_), registers) == raw


def test_the_octet_of_a_register_follows_its_byte_order() -> None:
    """High and low are of the register as it is meant, not as it came."""
    assert decode_registers(point("uint8_high", octets="little"), (0x02F1,)) == 0xF1
    assert decode_registers(point("bcd16", octets="little"), (0x3412,)) == 1234


def test_a_text_is_octets_in_the_order_of_its_registers() -> None:
    """What they mean is the charset's business; some units swap each pair."""
    registers = struct.unpack(">3H", "发A1".encode("gbk") + b"\0\0")
    text = point("text", registers=3)
    assert decode_registers(text, registers) == "发A1".encode("gbk") + b"\0\0"
    swapped = struct.unpack("<3H", "发A1".encode("gbk") + b"\0\0")
    assert (
        decode_registers(replace(text, byte_order="little"), swapped)
        == "发A1".encode("gbk") + b"\0\0"
    )


def test_nibbles_and_bits_are_taken_after_the_orders() -> None:
    """Bit 0 is the lowest of the number, however its registers came."""
    assert decode_registers(point("uint16", octets="little", bits=(12, 4)), (0x3A1F,)) == 1
    assert decode_registers(point("uint32", words="little", bits=(31, 1)), (0x0000, 0x8000)) == 1
    over_both_words = point("uint32", bits=(15, 2))
    assert decode_registers(over_both_words, (0x0001, 0x8000)) == 3
    assert decode_registers(over_both_words, (0xFFFE, 0x7FFF)) == 0


@settings(deadline=None)
@given(data=st.data())
def test_a_block_is_worth_the_same_in_one_call_as_cell_by_cell(data: st.DataObject) -> None:
    """However points lie, overlap and are ordered, the quick way gives what the plain one gives."""
    drawn = st.tuples(
        st.integers(0, 40),
        st.sampled_from(TYPES),
        st.sampled_from(["big", "little"]),
        st.sampled_from(["big", "little"]),
        st.booleans(),
    )
    rows = data.draw(st.lists(drawn, min_size=1, max_size=30))
    points = [
        ModbusPoint(
            str(n),
            REGISTERS,
            address,
            type_,
            words,
            NUMBER,
            byte_order=octets,
            bits=(3, 5) if of_bits and type_ == "uint16" else None,
            registers=2 if type_ == "text" else 0,
        )
        for n, (address, type_, words, octets, of_bits) in enumerate(rows)
    ]
    raws: list[Raw] = [None] * len(points)
    expected: list[Raw] = [None] * len(points)
    for block in plan_blocks(points):
        octets = data.draw(st.binary(min_size=2 * block.count, max_size=2 * block.count))
        BlockLayout(block).fill(octets, raws)
        for place, one in block.points:
            expected[place] = raw_of(one, block, cells_of(block, octets))
    assert repr(raws) == repr(expected)  # NaN is equal to nothing, but written alike


@settings(deadline=None)
@given(octets=st.binary(min_size=8, max_size=8), at=st.integers(0, 3))
def test_numbers_are_those_of_struct(octets: bytes, at: int) -> None:
    """An independent reading of the same octets, in the four orders of two registers."""
    registers = struct.unpack(">4H", octets)[at : at + 2]
    if len(registers) < 2:
        return
    a, b, c, d = struct.pack(">2H", *registers)
    orders = {
        ("big", "big"): (a, b, c, d),
        ("little", "big"): (c, d, a, b),
        ("big", "little"): (b, a, d, c),
        ("little", "little"): (d, c, b, a),
    }
    for (words, bytes_), ordered in orders.items():
        expected = int.from_bytes(bytes(ordered), "big")
        assert decode_registers(point("uint32", words, bytes_), registers) == expected


def test_bits_of_a_block_come_lowest_first() -> None:
    """Modbus packs eight to an octet, the first in the lowest."""
    bits = [ModbusPoint(str(n), "coil", n, "bit", "big", NUMBER) for n in range(11)]
    (block,) = plan_blocks(bits)
    raws: list[Raw] = [None] * 11
    BlockLayout(block).fill(b"\x05\x04", raws)
    assert [n for n, raw in enumerate(raws) if raw is True] == [0, 2, 10]
    assert raws.count(False) == 8


def test_every_type_has_a_width() -> None:
    """A type that reads nothing would read its neighbour."""
    assert all(width(point(type_, registers=4)) >= 1 for type_ in TYPES)
    with pytest.raises(ValueError, match="point p"):
        width(point("text"))
