"""The state tables: every pair that must be there, and no other."""

from __future__ import annotations

import pytest

from monitord.core.columns import COLUMNS, Quality, column_of, is_bad, is_clear, reason_of
from monitord.core.delivery_states import ON_INPUT, RowInput, RowState
from monitord.core.fault_states import ON_DELAY, ON_SEEN, FaultState, Seen
from monitord.core.model import Column, Expected
from monitord.core.plan import FaultPlan

EXPECTED_COLUMNS = {
    Quality.GOOD: (Column.ON_AIR, Column.ON_AIR, Column.CLOSED),
    Quality.DEGRADED: (Column.DEGRADED, Column.DEGRADED, Column.CLOSED),
    Quality.BAD: (Column.OFF_AIR, Column.PLANNED_OFF, Column.CLOSED),
    Quality.UNKNOWN: (Column.BLIND, Column.PLANNED_OFF, Column.CLOSED),
}
"""In the order on, window, closed."""


def test_every_state_has_an_entry_for_everything_seen() -> None:
    """A missing pair is a bug, not a default."""
    assert set(ON_SEEN) == set(FaultState)
    assert all(set(row) == set(Seen) for row in ON_SEEN.values())


def test_only_bad_begins_a_fault_and_only_good_lets_it_clear() -> None:
    """Silence is neither outage nor health."""
    begins = [s for s in Seen if ON_SEEN[FaultState.CLEAR][s] is not FaultState.CLEAR]
    clears = [s for s in Seen if ON_SEEN[FaultState.OPEN][s] is not FaultState.OPEN]
    assert begins == [Seen.BAD]
    assert clears == [Seen.GOOD]


@pytest.mark.parametrize("seen", [Seen.BLIND, Seen.BETWEEN, Seen.OUT_OF_HOURS])
def test_everything_but_good_stops_the_clear_delay(seen: Seen) -> None:
    """The delay needs unbroken good."""
    assert ON_SEEN[FaultState.CLEARING][seen] is FaultState.STALLED
    assert FaultState.STALLED not in ON_DELAY


def test_no_finding_alone_closes_an_open_incident() -> None:
    """Only the end of the clear delay closes an incident."""
    held = (FaultState.OPEN, FaultState.CLEARING, FaultState.STALLED)
    assert not any(FaultState.CLEAR in ON_SEEN[state].values() for state in held)


def test_the_delays_are_those_of_the_plan() -> None:
    """Every delay of the table is a field of the plan."""
    assert {delay for delay, _ in ON_DELAY.values()} <= set(FaultPlan.__slots__)
    assert set(ON_DELAY) == {FaultState.QUALIFYING, FaultState.CLEARING}


def test_a_message_row_has_exactly_these_steps() -> None:
    """Any other step is a programming error and stops the fold."""
    steps = {
        (state, given): after for state, row in ON_INPUT.items() for given, after in row.items()
    }
    assert steps == {
        (RowState.WAITING, RowInput.OWE): RowState.OWED,
        (RowState.OWED, RowInput.OWE): RowState.OWED,
        (RowState.OWED, RowInput.BEGIN): RowState.TELLING,
        (RowState.TELLING, RowInput.OWE): RowState.TELLING,
        (RowState.TELLING, RowInput.DELIVERED): RowState.TOLD,
        (RowState.TELLING, RowInput.DELIVERED_MORE): RowState.OWED,
        (RowState.TELLING, RowInput.DELIVERED_LAST): RowState.DONE,
        (RowState.TELLING, RowInput.FAILED): RowState.OWED,
        (RowState.TOLD, RowInput.OWE): RowState.OWED,
    }


def test_every_row_state_is_reached_and_only_done_ends() -> None:
    """The last message delivered is the only end."""
    reached = {after for row in ON_INPUT.values() for after in row.values()}
    assert reached | {RowState.WAITING} == set(RowState)
    assert set(RowState) - set(ON_INPUT) == {RowState.DONE}


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
