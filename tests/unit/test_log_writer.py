"""A reader of the logs that stalls costs lines, which are counted, and never a caller's time."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from monitord.log_writer import SECOND, LogWriter

PIPE = 65_536


class Pipe:
    """A pipe whose reader reads when the test says so."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.text = ""

    def fill(self) -> None:
        """Let the next write wait."""
        os.set_blocking(self.writing, False)
        try:
            while os.write(self.writing, b"." * PIPE):
                pass
        except BlockingIOError:
            os.set_blocking(self.writing, True)

    def read_until(self, words: str) -> list[str]:
        """Read until the words have come; return all lines so far without the filling."""
        while words not in self.text:
            self.text += os.read(self.reading, PIPE).decode()
        return self.text.lstrip(".").splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Return a pipe that is closed at the end: a writer that waits for it then goes on."""
    pipe = Pipe()
    yield pipe
    os.close(pipe.reading)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at


def notice(count: int, why: str) -> str:
    return f"lost {count} {why}\n"


def test_lines_come_in_order(pipe: Pipe) -> None:
    """A reader that keeps up gets all of them."""
    writer = LogWriter(pipe.writing, notice)
    for number in range(100):
        writer.write(f"line {number}\n")
    assert pipe.read_until("line 99\n") == [f"line {number}" for number in range(100)]
    assert writer.drain()
    assert writer.lost == 0


def test_a_full_pipe_keeps_nobody_waiting_and_the_loss_is_counted(pipe: Pipe) -> None:
    """The first lines are kept, the others counted; the count comes behind what was kept."""
    pipe.fill()
    writer = LogWriter(pipe.writing, notice, now=Clock(), octets_max=1_000)
    for number in range(500):
        writer.write(f"line {number}\n")
    assert 0 < writer.lost < 500
    found = pipe.read_until(" stalled\n")
    kept = 500 - writer.lost
    assert found == [*(f"line {number}" for number in range(kept)), f"lost {writer.lost} stalled"]


def test_more_lines_than_the_rate_allows_are_counted(pipe: Pipe) -> None:
    """A burst is written; beyond it the rate holds, whatever happens in the network."""
    clock = Clock()
    writer = LogWriter(pipe.writing, notice, now=clock, burst=10, per_s=2)
    for number in range(25):
        writer.write(f"line {number}\n")
    assert pipe.read_until(" rate\n")[:10] == [f"line {number}" for number in range(10)]
    assert writer.lost == 15
    clock.at += 3 * SECOND
    for number in range(25):
        writer.write(f"later {number}\n")
    assert [line for line in pipe.read_until("later 5\n") if "later" in line] == [
        f"later {number}" for number in range(6)
    ]
    assert writer.lost == 15 + 19


def test_a_reader_that_is_gone_costs_lines_and_nothing_else() -> None:
    """A closed terminal ends no daemon."""
    reading, writing = os.pipe()
    os.close(reading)
    writer = LogWriter(writing, notice, now=Clock())
    writer.write("line\n")
    assert writer.drain()
    assert writer.lost == 1
    os.close(writing)


def test_the_end_of_the_program_waits_for_a_bounded_time(pipe: Pipe) -> None:
    """What nobody reads is not waited for."""
    pipe.fill()
    writer = LogWriter(pipe.writing, notice)
    writer.write("line\n")
    assert not writer.drain(within_s=0.01)
