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
    keys: dict[str, Any] = {"address": "127.0.0.2", "framing": framing}
    kind = made(tmp_path, points, "modbus", modbus=keys)
    (settings,) = (one for one in kind.settings.devices if one.id == "it")
    (plan,) = (one for one in kind.settings.plan.devices if one.id == "it")
    assert numbering_of(settings) is plan.numbering is numbering
