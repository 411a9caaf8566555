"""The column table: every pair that must be there, and no other."""

from __future__ import annotations

import pytest

from monitord.core.columns import COLUMNS, Quality, column_of, is_bad, is_clear, reason_of
from monitord.core.model import Column, Expected

EXPECTED_COLUMNS = {
    Quality.GOOD: (Column.ON_AIR, Column.ON_AIR, Column.CLOSED),
    Quality.DEGRADED: (Column.DEGRADED, Column.DEGRADED, Column.CLOSED),
    Quality.BAD: (Column.OFF_AIR, Column.PLANNED_OFF, Column.CLOSED),
    Quality.UNKNOWN: (Column.BLIND, Column.BLIND, Column.CLOSED),
}
"""In the order on, window, closed."""


@pytest.mark.parametrize("quality", Quality)
def test_the_column_table_is_that_of_the_architecture(quality: Quality) -> None:
    """It has every quality and every expectation."""
    expected = (Expected.ON, Expected.WINDOW, Expected.CLOSED)
    assert tuple(COLUMNS[quality][e] for e in expected) == EXPECTED_COLUMNS[quality]
    assert set(COLUMNS[quality]) == set(Expected)


def test_several_possibilities_without_one_column_are_between() -> None:
    """Good or bad is between; in closed hours both are closed."""
    assert column_of(["good", "bad:x"], Expected.ON) is Column.BETWEEN
    assert column_of(["good", "bad:x"], Expected.CLOSED) is Column.CLOSED


def test_bad_needs_every_possibility_and_clear_needs_none_of_them() -> None:
    """A piece that may be bad is neither bad nor clear."""
    assert (is_bad(["bad:x", "bad:y"]), is_clear(["bad:x"])) == (True, False)
    assert (is_bad(["good", "bad:x"]), is_clear(["good", "bad:x"])) == (False, False)
    assert (is_bad(["unknown:x"]), is_clear(["unknown:x"])) == (False, False)
    assert (is_bad(["degraded:x"]), is_clear(["good", "degraded:x"])) == (False, True)
    assert reason_of("bad:no_carrier") == "no_carrier"
