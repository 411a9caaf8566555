"""How answers differ: by number, by shape, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.core.values import Numbering
from monitord.devices.numbering import numbering_of
from tests.unit.profiles.test_hostile_profiles import made

ONE = "points:\n  a: {table: holding_register, wire_address: 0, unit: W}\n"
BESIDE = "  b: {table: holding_register, wire_address: 1, unit: W}\n"
APART = "  b: {table: holding_register, wire_address: 9, unit: W}\n"
LONGER = "  b: {table: holding_register, wire_address: 9, type: float32, unit: W}\n"
COIL = "  c: {table: coil, wire_address: 0}\n"
ELSEWHERE = "  b: {table: input_register, wire_address: 0, unit: W}\n"


@pytest.mark.parametrize(
    ("points", "framing", "numbering"),
    [
        (ONE, "tcp", Numbering.NUMBERED),
        (ONE + LONGER, "tcp", Numbering.NUMBERED),
        (ONE, "rtu", Numbering.ONE_SHAPE),
        (ONE, "ascii", Numbering.ONE_SHAPE),
        (ONE + BESIDE, "rtu", Numbering.ONE_SHAPE),
        (ONE + APART, "rtu", Numbering.ONE_SHAPE),
        (ONE + LONGER, "rtu", Numbering.SHAPED),
        (ONE + ELSEWHERE, "rtu", Numbering.SHAPED),
    ],
)
def test_requests_of_equal_table_and_count_do_not_differ(
    tmp_path: Path, points: str, framing: str, numbering: Numbering
) -> None:
    """Two reads of one register each are one shape; another table or count is another shape."""
    assert_numbering(tmp_path, points, numbering, framing=framing)


@pytest.mark.parametrize(
    ("points", "keys", "numbering"),
    [
        (ONE, {"spare_registers": 7}, Numbering.VARIED),
        (ONE + APART, {"spare_registers": 15}, Numbering.VARIED),
        (ONE, {"spare_registers": 7, "registers_max": 4}, Numbering.ONE_SHAPE),
        (ONE + COIL, {"spare_registers": 7}, Numbering.SHAPED),
        (ONE, {"spare_registers": 7, "framing": "tcp"}, Numbering.NUMBERED),
    ],
)
def test_a_unit_varies_where_every_block_has_eight_lengths(
    tmp_path: Path, points: str, keys: dict[str, Any], numbering: Numbering
) -> None:
    """One block without spare registers makes its answers like those of any other unit."""
    assert_numbering(tmp_path, points, numbering, **keys)


def assert_numbering(tmp_path: Path, points: str, numbering: Numbering, **own: Any) -> None:
    """Load a unit; compare how its answers differ."""
    keys: dict[str, Any] = {"address": "127.0.0.2", "framing": "rtu", **own}
    kind = made(tmp_path, points, "modbus", modbus=keys)
    (settings,) = (one for one in kind.settings.devices if one.id == "it")
    (plan,) = (one for one in kind.settings.plan.devices if one.id == "it")
    assert numbering_of(settings) is plan.numbering is numbering
