"""Remarks on a device besides its values: bounded, logged once, counted."""

from __future__ import annotations

from dataclasses import dataclass

from structlog.testing import capture_logs

from monitord.devices.bus.bus import Buses
from monitord.devices.bus.settings import TcpLine
from monitord.devices.remarks import DETAIL_MAX, KINDS, REMARKS_PER_READ_MAX, DeviceRemarks


class Teller:
    """A reader with the given remarks."""

    def __init__(self, *noticed: tuple[str, str]) -> None:
        self.noticed = noticed

    def take_remarks(self) -> tuple[tuple[str, str], ...]:
        noticed, self.noticed = self.noticed, ()
        return noticed


@dataclass
class Noticed:
    restarts: int = 0
    refused: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


class Counter:
    """A reader that shows what it noticed until now."""

    def __init__(self) -> None:
        self.noticed = Noticed()


def test_the_first_of_a_kind_is_a_warning_and_the_others_are_not() -> None:
    """The log is for people; the count is for alerts."""
    remarks = DeviceRemarks("fm1")
    with capture_logs() as logs:
        for _ in range(3):
            remarks.add("slows", "400 ms", 5)
    assert [line["log_level"] for line in logs] == ["warning", "debug", "debug"]
    assert remarks.count("slows") == 3
    assert remarks.count("restarts") == 0


def test_a_restart_of_an_engine_is_a_restart() -> None:
    """Whether or not it counted its boots; only that spares the device."""
    remarks = DeviceRemarks("fm1")
    assert remarks.collect(Teller(("restarts", "boots 4")), 1)
    assert remarks.collect(Teller(("restarts", "boots 1"), ("forgets_boots", "boots 1")), 2)
    assert not remarks.collect(Teller(("engine_changed", "80001f88")), 3)
    told = [remarks.count(kind) for kind in ("restarts", "forgets_boots", "engine_changed")]
    assert told == [2, 1, 1]


def test_a_count_of_a_reader_is_one_remark_for_each_step() -> None:
    """And its troubles once for each that is new."""
    reader, remarks = Counter(), DeviceRemarks("fm1")
    assert not remarks.collect(reader, 1)
    reader.noticed = Noticed(1, ("mode",), ())
    assert remarks.collect(reader, 2)
    assert not remarks.collect(reader, 3)
    reader.noticed = Noticed(1, ("mode",), ("no row 'Main'",))
    assert not remarks.collect(reader, 4)
    assert (remarks.count("restarts"), remarks.count("other")) == (1, 2)


def test_what_one_reader_of_a_device_says_again_is_no_news_because_another_says_nothing() -> None:
    """Slow points have their own reader; remarks of both are collected in turn."""
    fast, slow, remarks = Counter(), Counter(), DeviceRemarks("fm1")
    fast.noticed = Noticed(0, ("mode",), ())
    for at in range(5):
        remarks.collect(fast, at)
        remarks.collect(slow, at)
    assert remarks.count("other") == 1


class OnABus:
    """A reader whose bus has counted so much."""

    def __init__(self) -> None:
        self.bus = Buses().at(TcpLine("127.0.0.1", 502))


def test_octets_that_nobody_asked_for_are_a_second_master() -> None:
    """Unless an answer is missing: they may be that one, too late."""
    reader, remarks = OnABus(), DeviceRemarks("meter")
    remarks.collect(reader, 1)
    reader.bus.counts.unasked_octets = 8
    remarks.collect(reader, 2)
    remarks.collect(reader, 3)
    assert remarks.count("second_master") == 1
    reader.bus.counts.unasked_octets, reader.bus.counts.timeouts = 16, 1
    remarks.collect(reader, 4)
    assert remarks.count("second_master") == 1
    reader.bus.counts.unasked_octets = 24
    remarks.collect(reader, 5)
    assert remarks.count("second_master") == 2


def test_a_reader_that_notices_nothing_is_no_mistake() -> None:
    """Most do not."""
    assert not DeviceRemarks("fm1").collect(object(), 1)
    assert not DeviceRemarks("fm1").collect(None, 1)


def test_what_is_kept_is_bounded_whatever_a_device_does() -> None:
    """One entry a kind, of a bounded text, so many at a time."""
    remarks = DeviceRemarks("fm1")
    remarks.collect(Teller(*((f"kind{number}", "x" * 5000) for number in range(500))), 1)
    assert set(remarks.found) <= set(KINDS)
    assert remarks.count("other") == REMARKS_PER_READ_MAX
    assert len(remarks.found["other"].detail) == DETAIL_MAX
