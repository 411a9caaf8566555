"""The transport stream monitor: errors count by the minute, through wraps and restarts."""

from __future__ import annotations

from monitord.core.model import SECOND, Value
from monitord.decoding.decoder import Decoder
from tests.unit.profiles.devices import Kind, device

FULL = 2**32
# ETSI TR 101 290: the number of each test in the MIB's index
TESTS = {
    "sync_losses": 1010,
    "sync_byte_errors": 1020,
    "pat_errors": 1031,
    "continuity_errors": 1040,
    "pmt_errors": 1051,
    "pid_errors": 1060,
    "transport_errors": 2010,
    "crc_errors": 2020,
}
# TestState of the MIB is 3 when a test passes
STATES = {
    "sync_state": 1010,
    "pat_state": 1031,
    "continuity_state": 1040,
    "pmt_state": 1051,
    "pid_state": 1060,
    "transport_state": 2010,
    "pcr_repetition_state": 2031,
    "pcr_discontinuity_state": 2032,
    "pcr_accuracy_state": 2040,
    "pts_state": 2050,
    "cat_state": 2060,
    "sdt_state": 3051,
}
BY_COUNTERS = ("stream_present", "stream_clean", "tables_present")


class Monitor:
    """A monitor that is read every second; counters change only when a test counts."""

    def __init__(self) -> None:
        self.kind: Kind = device("tr-101-290", rows={"input": 3})
        self._decoder = Decoder(self.kind.points)
        self.counters = dict.fromkeys(TESTS, FULL - 2)
        self.ticks = 50_000
        self._at = 0

    def run(self, seconds: int) -> dict[str, bool | None]:
        """Return the conditions that rest on counters, after so many answers."""
        values: tuple[Value, ...] = ()
        for _ in range(seconds):
            self._at += SECOND
            self.ticks = (self.ticks + 100) % FULL
            raws = {"uptime_s": self.ticks} | self.counters
            reading = self._decoder.decode(
                [raws.get(p.id) for p in self.kind.read_points], self._at
            )
            values = reading.values
        found = self.kind.judge(values).conditions
        return {name: found[name] for name in BY_COUNTERS}

    def count(self, name: str, errors: int) -> None:
        self.counters[name] = (self.counters[name] + errors) % FULL


def test_every_test_is_read_at_its_number_and_the_chosen_input() -> None:
    """Column 5 is a test's counter and 3 its state; then the test, then the input."""
    oids = {p.id: p.oid for p in Monitor().kind.read_points}  # type: ignore[attr-defined]
    for name, number in TESTS.items():
        assert oids[name] == (1, 3, 6, 1, 4, 1, 2696, 3, 2, 1, 5, 2, 2, 1, 5, number, 3)
    for name, number in STATES.items():
        assert oids[name] == (1, 3, 6, 1, 4, 1, 2696, 3, 2, 1, 5, 2, 2, 1, 3, number, 3)
    assert oids["continuity_active_s"][-3:] == (9, 1040, 3)
    assert set(oids) == {"uptime_s", "continuity_active_s", *TESTS, *STATES}


def test_a_stream_without_new_errors_is_present_and_clean() -> None:
    """However many there ever were. Until a minute was seen nobody knows."""
    monitor = Monitor()
    assert set(monitor.run(10).values()) == {None}
    assert monitor.run(51) == {
        "stream_present": True,
        "stream_clean": True,
        "tables_present": True,
    }


def test_errors_count_by_the_minute_and_over_a_full_counter() -> None:
    """The counters were two short of full; ten in a minute pass, eleven do not."""
    monitor = Monitor()
    monitor.run(61)
    monitor.count("continuity_errors", 10)
    assert monitor.run(1)["stream_clean"] is True
    monitor.count("continuity_errors", 1)
    assert monitor.run(1)["stream_clean"] is False
    assert monitor.run(62)["stream_clean"] is True


def test_a_sync_loss_is_seen_at_once_and_its_end_after_ten_seconds() -> None:
    """It is what a programme rests on."""
    monitor = Monitor()
    monitor.run(61)
    monitor.count("sync_losses", 1)
    assert monitor.run(1)["stream_present"] is False
    assert monitor.run(11)["stream_present"] is True


def test_missing_tables_are_seen() -> None:
    """PAT, PMT and PID errors are one condition."""
    for name in ("pat_errors", "pmt_errors", "pid_errors"):
        monitor = Monitor()
        monitor.run(61)
        monitor.count(name, 1)
        assert monitor.run(1)["tables_present"] is False


def test_a_monitor_that_restarted_reports_no_errors_of_its_own() -> None:
    """Its counters begin at zero: that is no wrap of four thousand million errors."""
    monitor = Monitor()
    monitor.run(61)
    monitor.ticks, monitor.counters = 0, dict.fromkeys(TESTS, 0)
    assert set(monitor.run(1).values()) == {None}
    assert monitor.run(61)["stream_clean"] is True


def test_a_test_that_is_disabled_or_unknown_proves_nothing() -> None:
    """1 and 2: neither that the stream is there nor that it is gone."""
    kind = device("tr-101-290")
    for state in (1, 2):
        assert kind.see({"sync_state": state}).conditions["in_sync"] is None
