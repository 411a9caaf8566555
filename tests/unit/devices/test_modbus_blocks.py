"""Which cells are read together, and what is made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.decoding.model import Decoding
from monitord.devices.modbus.blocks import (
    COUNT_MAX,
    halves,
    plan_blocks,
    probe_of,
    raw_of,
    width,
    without_holes,
)
from monitord.devices.modbus.model import ModbusPoint, RequestLimits

NUMBER = Decoding("number")


def point(
    address: int, kind: str = "uint16", table: str = "holding_register", order: str = "big"
) -> ModbusPoint:
    return ModbusPoint(f"{table}{address}", table, address, kind, order, NUMBER)


H = "holding_register"
HOLES = [point(0), point(4), point(9)]
REGISTERS = [point(n) for n in range(10)]
PAIRS = [point(address, "uint32") for address in range(0, 250, 2)]


def bits(count: int) -> list[ModbusPoint]:
    return [point(address, "bit", "coil") for address in range(count)]


# Points, limits of the unit, and the blocks that are read: table, first cell, count.
PLANNED: dict[str, tuple[list[ModbusPoint], RequestLimits, list[tuple[str, int, int]]]] = {
    "neighbours are read together, a hole may not exist": (
        [point(0), point(1, "float32"), point(3), point(5), point(6)],
        RequestLimits(),
        [(H, 0, 4), (H, 5, 2)],
    ),
    "equal addresses of two tables are two cells": (
        [point(1), point(0, table="input_register"), point(0)],
        RequestLimits(),
        [(H, 0, 2), ("input_register", 0, 1)],
    ),
    "two readings of one register, or of half a pair, are one read": (
        [point(0, "uint32"), point(1), point(0)], RequestLimits(), [(H, 0, 2)],
    ),
    "125 registers, and no pair is cut in two": (
        PAIRS, RequestLimits(), [(H, 0, 124), (H, 124, 124), (H, 248, 2)],
    ),
    "2000 bits": (bits(2001), RequestLimits(), [("coil", 0, 2000), ("coil", 2000, 1)]),
    "holes of up to 2 cells": (
        HOLES, RequestLimits(holes_max=2), [(H, 0, 1), (H, 4, 1), (H, 9, 1)],
    ),
    "holes of up to 3 cells": (HOLES, RequestLimits(holes_max=3), [(H, 0, 5), (H, 9, 1)]),
    "holes of up to 4 cells": (HOLES, RequestLimits(holes_max=4), [(H, 0, 10)]),
    "4 registers a request": (
        REGISTERS, RequestLimits(registers_max=4), [(H, 0, 4), (H, 4, 4), (H, 8, 2)],
    ),
    "3 bits a request": (bits(5), RequestLimits(bits_max=3), [("coil", 0, 3), ("coil", 3, 2)]),
    "one point a request": (
        REGISTERS[:3],
        RequestLimits(one_point_per_request=True),
        [(H, 0, 1), (H, 1, 1), (H, 2, 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANNED)
def test_points_are_read_in_few_requests_within_the_limits(name: str) -> None:
    """Neighbours together; holes and long requests only as far as the unit allows."""
    points, limits, expected = PLANNED[name]
    planned = plan_blocks(points, limits)
    assert [(block.table, block.start, block.count) for block in planned] == expected


@settings(deadline=None)
@given(addresses=st.lists(st.integers(0, 400), max_size=80), kinds=st.data())
def test_blocks_read_every_point_once_and_no_cell_beside_them(
    addresses: list[int], kinds: st.DataObject
) -> None:
    """What is asked for is exactly what was named, however it is grouped or halved."""
    drawn = kinds.draw(st.lists(st.sampled_from(["uint16", "float32"]), min_size=len(addresses)))
    points = [point(address, kind) for address, kind in zip(addresses, drawn, strict=False)]
    blocks = plan_blocks(points)
    halved = [part for block in blocks if len(block.points) > 1 for part in halves(block)]
    whole = [block for block in blocks if len(block.points) == 1]
    named = {one.wire_address + i for one in points for i in range(width(one))}
    for grouping in (blocks, halved + whole):
        read = {cell for block in grouping for cell in range(block.start, block.end)}
        assert read == named
        places = sorted(place for block in grouping for place, _ in block.points)
        assert places == list(range(len(points)))
        assert all(block.count <= COUNT_MAX[block.table] for block in grouping)


def test_fields_of_one_register_are_read_once_and_separated() -> None:
    """Four alarms of four bits each, the first in the highest."""
    fields = [replace(point(9), id=f"f{at}", bits=(at, 4)) for at in (12, 8, 4, 0)]
    (block,) = plan_blocks(fields)
    assert (block.start, block.count) == (9, 1)
    assert [raw_of(one, block, (0x1F3A,)) for _, one in block.points] == [1, 15, 3, 10]


def test_bits_are_truths() -> None:
    """A coil is on or off."""
    (block,) = plan_blocks([point(3, "bit", "coil"), point(4, "bit", "coil")])
    assert [raw_of(one, block, (1, 0)) for _, one in block.points] == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        point(0, "bit"),
        point(0, "uint16", "coil"),
        point(0, "uint16", "drawer"),
        point(65535, "uint32"),
        point(-1),
    ],
)
def test_a_point_that_cannot_be_read_is_refused(wrong: ModbusPoint) -> None:
    """The configuration's checks let none through; a mistake of ours must not read elsewhere."""
    with pytest.raises(ValueError, match="point"):
        plan_blocks([wrong])


def test_a_block_is_split_at_its_holes_and_keeps_its_points() -> None:
    """What is refused for a hole is asked for around it."""
    points = [point(0), point(1, "uint32"), point(2), point(4), point(9)]
    (block,) = plan_blocks(points, RequestLimits(holes_max=10))
    parts = without_holes(block)
    assert [(part.start, part.count) for part in parts] == [(0, 3), (4, 1), (9, 1)]
    assert [place for part in parts for place, _ in part.points] == [0, 1, 2, 3, 4]
    assert len(without_holes(parts[0])) == 1


def test_a_block_that_is_only_given_whole_is_asked_for_exactly_so() -> None:
    """The rest of it is read and thrown away; blocks without points are not read."""
    points = [point(12, "uint32"), point(3), point(30, table="input_register")]
    limits = RequestLimits(
        blocks=(
            ("holding_register", 10, 20),
            ("holding_register", 0, 10),
            ("holding_register", 50, 5),
        )
    )
    planned = plan_blocks(points, limits)
    assert [(one.table, one.start, one.count, one.is_fixed) for one in planned] == [
        ("holding_register", 10, 20, True),
        ("holding_register", 0, 10, True),
        ("input_register", 30, 1, False),
    ]


def test_a_probe_has_the_shape_of_no_block() -> None:
    """So its answer is never taken for a block's, nor a block's late answer for its own."""
    table = "holding_register"
    blocks = plan_blocks([point(0), point(1), point(2), point(10), point(11)])
    assert [block.count for block in blocks] == [3, 2]
    probe = probe_of(blocks)
    assert probe is not None
    assert (probe.table, probe.start, probe.count) == (table, 0, 1)


def test_where_every_shape_is_taken_a_probe_is_of_another_table() -> None:
    """The unit may refuse it; the refusal names the function that was asked."""
    assert str(probe_of(plan_blocks([point(7), point(9)]))) == "input_register 7..7"
    whole = RequestLimits(blocks=(("holding_register", 0, 4),))
    assert str(probe_of(plan_blocks([point(0)], whole))) == "input_register 0..0"
    tables = [point(0), point(0, table="input_register")]
    bits = [point(0, "bit", "coil"), point(0, "bit", "discrete_input")]
    assert probe_of(plan_blocks([*tables, *bits])) is None
    assert probe_of(()) is None


def test_bits_are_probed_by_fewer_octets() -> None:
    """Eight coils and five have the same shape; nine and eight have not."""
    (block,) = plan_blocks([point(n, "bit", "coil") for n in range(9)])
    probe = probe_of([block])
    assert probe is not None
    assert probe.count == 8
