"""Somebody or a bad disk takes the record away under the running monitord: who gets which word."""

from __future__ import annotations

from monitord.core.model import SECOND
from monitord.core.record_events import Harm
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import DUTY, station

DEVICES = "tx: {kind: transmitter}"
PROGRAMME = "p1: {name: 一套, chain: [{stage: power, owner: own, needs: tx.radiating}]}"


def log_of_a_station() -> DutyLog:
    """Return a night at a station where all is well."""
    return DutyLog(station(DEVICES, PROGRAMME, DUTY), begins="02:00:00", answers=SECOND)


def test_a_damaged_record_is_reported_once_and_ends_after_an_hour_without_another() -> None:
    """A start in between rings nobody again; a second damage lets the hour begin again."""
    log = log_of_a_station()
    log.until("02:01:40").replaced_record(Harm.DAMAGED, 3).until("02:05:00").power_cut("02:05:05")
    log.until("02:31:40").replaced_record(Harm.DAMAGED)
    log.expect(
        "03:35:00",
        """
        02:02:00 duty opened site/record_damaged /record_replaced/damaged 20
        03:31:40 duty recovered site/record_damaged /record_replaced/damaged 5400 good
        """,
    )


def test_a_removed_record_and_an_incomplete_one_are_two_messages() -> None:
    """What was copied back hides nothing of what was lost later."""
    log = log_of_a_station()
    log.until("02:01:40").replaced_record(Harm.MOVED)
    log.until("02:03:20").replaced_record(Harm.INCOMPLETE, 7)
    log.expect(
        "02:10:00",
        """
        02:02:00 duty opened site/record_moved /record_replaced/moved 20
        02:03:40 duty opened site/record_incomplete /record_replaced/incomplete 20
        """,
    )
