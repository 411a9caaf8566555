"""The quality of the wall clock is read from the kernel and the battery clock, and only read."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest

from monitord.clock_quality import QualityReader, is_battery_time, read_max_error
from monitord.core.clock_quality import ClockQuality, Kernel
from monitord.core.model import HOUR, MINUTE, SECOND

WALL = 1_760_000_000 * SECOND
NEVER = 16 * SECOND
READ_EVERY = 10 * SECOND
AMPLE_S = 20.0


class FakeKernel:
    """A kernel whose ``maxerror`` grows 500 ppm until it is updated, and its two clocks."""

    def __init__(self, max_error: int | None = NEVER) -> None:
        self.max_error = max_error
        self.at = 0
        self.stretched = 0

    def pass_time(self, duration: int) -> None:
        self.at += duration
        if self.max_error is not None:
            self.max_error = min(NEVER, self.max_error + duration // 2_000)

    def stretch(self) -> tuple[int, int]:
        return self.at + self.stretched, self.at

    def reader(self, trust: str = "network", folder: Path = Path("/nowhere")) -> QualityReader:
        return QualityReader(
            trust, self.stretch, max_error=lambda: self.max_error, rtc_folder=folder
        )


def battery_clock(folder: Path, seconds: int, hctosys: str = "1") -> Path:
    """Write the files of a battery clock as the kernel shows them."""
    clock = folder / "rtc0"
    clock.mkdir()
    (clock / "hctosys").write_text(f"{hctosys}\n")
    (clock / "since_epoch").write_text(f"{seconds}\n")
    return folder


@pytest.mark.parametrize(
    ("max_error", "kernel"),
    [
        pytest.param(30_000, Kernel.SYNCHRONISED, id="fresh"),
        pytest.param(1_500_000, Kernel.SYNCHRONISED, id="updated-50-minutes-ago"),
        pytest.param(1_500_001, Kernel.HOLDOVER, id="updated-longer-ago"),
        pytest.param(NEVER - 1, Kernel.HOLDOVER, id="updated-nine-hours-ago"),
        pytest.param(NEVER, Kernel.NONE, id="never-or-too-long-ago"),
        pytest.param(None, Kernel.UNREADABLE, id="not-permitted"),
    ],
)
def test_at_the_start_the_error_says_how_old_the_last_update_is(
    max_error: int | None, kernel: Kernel
) -> None:
    """The kernel lets it grow 500 ppm from each update on."""
    assert FakeKernel(max_error).reader().at_start(0, WALL).kernel is kernel


def kernels(kernel: FakeKernel, reader: QualityReader, hours: int) -> list[tuple[int, Kernel]]:
    """Return each change of quality with the minute in which it was read."""
    found: list[tuple[int, Kernel]] = []
    for _ in range(hours * HOUR // READ_EVERY):
        kernel.pass_time(READ_EVERY)
        read = reader.read(kernel.at).kernel
        if not found or found[-1][1] is not read:
            found.append((kernel.at // MINUTE, read))
    return found


def test_an_hour_without_an_update_is_holdover() -> None:
    """The source is gone, and the clock drifts from now on."""
    kernel = FakeKernel(20_000)
    reader = kernel.reader()
    reader.at_start(0, WALL)
    assert kernels(kernel, reader, hours=12) == [
        (0, Kernel.SYNCHRONISED),
        (59, Kernel.HOLDOVER),
        (532, Kernel.NONE),
    ]


def test_an_update_after_holdover_is_seen_by_an_error_that_does_not_grow() -> None:
    """Every daemon that disciplines the kernel writes it again."""
    kernel = FakeKernel(2 * SECOND)
    reader = kernel.reader()
    assert reader.at_start(0, WALL).kernel is Kernel.HOLDOVER
    kernel.pass_time(READ_EVERY)
    kernel.max_error = 40_000
    assert reader.read(kernel.at).kernel is Kernel.SYNCHRONISED


def test_a_first_synchronisation_counts_at_once() -> None:
    """Also with an error of some seconds, as right after the first answer of a far source."""
    kernel = FakeKernel()
    reader = kernel.reader()
    assert reader.at_start(0, WALL).kernel is Kernel.NONE
    kernel.pass_time(READ_EVERY)
    kernel.max_error = 3 * SECOND
    assert reader.read(kernel.at).kernel is Kernel.SYNCHRONISED


@pytest.mark.parametrize("stretched", [400_000, -400_000])
def test_a_fast_slew_is_reported_beyond_usual_drift(stretched: int) -> None:
    """Site time was stretched with it; the bound has to cover that."""
    kernel = FakeKernel(20_000)
    reader = kernel.reader()
    assert reader.at_start(0, WALL).slewed == 0
    kernel.pass_time(READ_EVERY)
    assert reader.read(kernel.at).slewed == 0
    kernel.pass_time(READ_EVERY)
    kernel.stretched += stretched
    assert reader.read(kernel.at).slewed == 398_000


@pytest.mark.parametrize(
    ("seconds_off", "hctosys", "battery"),
    [
        pytest.param(1, "1", True, id="the-wall-clock-was-set-from-it"),
        pytest.param(3, "1", False, id="a-file-gave-another-time"),
        pytest.param(0, "0", False, id="the-kernel-did-not-take-it"),
    ],
)
def test_a_battery_clock_counts_only_where_the_kernel_took_it(
    tmp_path: Path, seconds_off: int, hctosys: str, battery: bool
) -> None:
    """A time that a program restored from a file looks plausible and is not."""
    folder = battery_clock(tmp_path, WALL // SECOND + seconds_off, hctosys)
    assert FakeKernel().reader(folder=folder).at_start(0, WALL).battery is battery


def test_a_battery_clock_that_does_not_answer_holds_up_no_start(tmp_path: Path) -> None:
    """Its chip hangs on the bus: its time is as good as not read."""
    clock = battery_clock(tmp_path, WALL // SECOND) / "rtc0" / "since_epoch"
    clock.unlink()
    os.mkfifo(clock)
    found: list[bool | None] = []

    def start() -> None:
        found.append(FakeKernel().reader(folder=tmp_path).at_start(0, WALL).battery)

    starting = Thread(target=start, daemon=True)
    starting.start()
    starting.join(AMPLE_S)
    assert found == [False]


def test_a_battery_clock_proves_nothing_once_the_kernel_is_synchronised(tmp_path: Path) -> None:
    """The kernel writes its own time to it."""
    folder = battery_clock(tmp_path, WALL // SECOND)
    assert FakeKernel(20_000).reader(folder=folder).at_start(0, WALL).battery is False


@pytest.mark.parametrize("content", ["", "soon", "９"])
def test_a_battery_clock_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    """A driver may answer with an error or with nothing."""
    battery_clock(tmp_path, 0)
    (tmp_path / "rtc0" / "since_epoch").write_text(content, encoding="utf-8")
    assert is_battery_time(WALL, tmp_path) is False
    assert is_battery_time(WALL, tmp_path / "missing") is False


def test_a_clock_that_the_owner_vouches_for_is_synchronised_within_a_second() -> None:
    """A virtual machine's host, or a busybox client, keeps it right unseen by the kernel."""
    reader = FakeKernel(None).reader("host")
    wanted = ClockQuality(Kernel.SYNCHRONISED, SECOND, "host")
    assert reader.at_start(0, WALL) == reader.read(SECOND) == wanted


def test_the_kernel_of_this_machine_answers() -> None:
    """The structure is the kernel's own: a wrong layout gives a figure outside of its range."""
    found = read_max_error()
    assert found is not None
    assert 0 <= found <= NEVER
