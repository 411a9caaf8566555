"""How many traps are taken, and which are known: on a clock that the test moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitord.decoding.rules import Raw
from monitord.traps.decode import EVENT_COUNTER, Notification
from monitord.traps.engine import FILE, load_engine
from monitord.traps.rate import (
    INFORM_AGAIN_WITHIN,
    LATE_MAX,
    SECOND,
    TRAP_AGAIN_WITHIN,
    Novelty,
    RecentTraps,
    TokenBucket,
)

TRAP = (1, 3, 6, 1, 4, 1, 99999, 0, 1)
OTHER = (1, 3, 6, 1, 4, 1, 99999, 0, 2)
VALUE = (1, 3, 6, 1, 4, 1, 99999, 1, 0)
COUNTER = (*EVENT_COUNTER, 0)
WRAP = 2**32


def trap(
    counter: int | None = None,
    *,
    oid: tuple[int, ...] = TRAP,
    value: Raw = 1,
    uptime: int = 0,
    number: int = 1,
    is_inform: bool = False,
) -> Notification:
    counted: tuple[tuple[tuple[int, ...], Raw], ...] = ()
    if counter is not None:
        counted = ((COUNTER, counter),)
    return Notification(is_inform, number, oid, uptime, (*counted, (VALUE, value)))


# Storms.


YEAR = 365 * 86_400 * SECOND


@pytest.mark.parametrize(
    ("per_second", "burst", "passes"),
    [
        # Forty at once, ten a second after that, to the microsecond.
        (
            10,
            40,
            [*[(0, True)] * 40, (0, False), (99_999, False), (100_000, True), (100_001, False)],
        ),
        # A quiet year is no permission for a flood.
        (10, 3, [(0, True), *[(YEAR, True)] * 3, (YEAR, False)]),
        # A time before the last gives nothing, and takes nothing back.
        (1, 1, [(10 * SECOND, True), (5 * SECOND, False)]),
    ],
)
def test_a_bucket_passes_a_burst_and_then_its_rate(
    per_second: int, burst: int, passes: list[tuple[int, bool]]
) -> None:
    """It never holds more than its burst."""
    bucket = TokenBucket(per_second=per_second, burst=burst)
    assert [(at, bucket.take(at)) for at, _ in passes] == passes


# The same again.


# Traps with the time at which each is received, and whether it repeats one before it.
INFORM_LATER = trap(is_inform=True, uptime=900)
REPEATS: dict[str, list[tuple[Notification, int, bool]]] = {
    "two ways through a network bring a trap twice": [
        (trap(), 0, False), (trap(), TRAP_AGAIN_WITHIN, True),
    ],
    "simple agents send every trap with the same number and time": [
        (trap(), 0, False), (trap(), TRAP_AGAIN_WITHIN + 1, False),
    ],
    "another value": [(trap(), 0, False), (trap(value=2), 1, False)],
    "another kind": [(trap(), 0, False), (trap(oid=OTHER), 1, False)],
    "another number": [(trap(), 0, False), (trap(number=2), 1, False)],
    "another time": [(trap(), 0, False), (trap(uptime=1), 1, False)],
    "an inform is sent again with the time of the repetition": [
        (trap(is_inform=True), 0, False),
        (INFORM_LATER, INFORM_AGAIN_WITHIN, True),
        (INFORM_LATER, INFORM_AGAIN_WITHIN + 1, False),
    ],
    "the same event counter within a minute, with a later time": [
        (trap(7), 0, False),
        (trap(7, uptime=900, number=2), INFORM_AGAIN_WITHIN, True),
        (trap(7, uptime=9), INFORM_AGAIN_WITHIN + 1, False),
    ],
    "a device that starts twice in a minute sends its first number twice": [
        (trap(1, uptime=3000), 0, False), (trap(1, uptime=20), SECOND, False),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATS)
def test_a_repeated_trap_is_known_and_another_is_new(name: str) -> None:
    """By value, kind, number, time, and the device's own counter."""
    recent = RecentTraps()
    for one, at, is_repeat in REPEATS[name]:
        assert recent.note(one, at) == Novelty(is_repeat=is_repeat), (one, at)


def test_the_latest_64_traps_are_kept() -> None:
    """Memory is bounded: the 65th trap makes the first unknown, and no other."""
    recent = RecentTraps()
    for value in range(65):
        recent.note(trap(value=value), 0)
    assert recent.note(trap(value=1), 1) == Novelty(is_repeat=True)
    assert recent.note(trap(value=0), 1) == Novelty()


# The device's own count.


# Traps a minute and more apart, and how many are lost before each.
LOST: dict[str, tuple[list[Notification], list[int]]] = {
    "what came before the start is unknown": ([trap(4711)], [0]),
    "7, 8, 12: three are missing": ([trap(7), trap(8), trap(12)], [0, 0, 3]),
    "2^32 - 1 is followed by 0": ([trap(WRAP - 1), trap(1)], [0, 1]),
    "two traps of one event are no gap": ([trap(7), trap(7, oid=OTHER), trap(8)], [0, 0, 0]),
    "an overtaken trap leaves the newest number": (
        [trap(10), trap(12), trap(11), trap(13)], [0, 1, 0, 0],
    ),
    "a trap that is overtaken by many": (
        [trap(10), trap(10 - LATE_MAX + 1), trap(11)], [0, 0, 0],
    ),
    "a restart after a gap": (
        [trap(0), trap(5000), trap(0, uptime=5), trap(1)],
        [0, 4999, 0, 0],
    ),
    "a restart near the end of the count": (
        [trap(0), trap(WRAP - 5), trap(0, uptime=5), trap(1)], [0, 0, 0, 0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_each_number_left_out_is_a_lost_trap(name: str) -> None:
    """The device's own counter shows gaps; restarts and late traps are none."""
    traps, lost = LOST[name]
    recent = RecentTraps()
    found = [recent.note(one, place * 100 * SECOND) for place, one in enumerate(traps)]
    assert found == [Novelty(lost=count) for count in lost]


def test_what_is_no_counter_is_not_counted() -> None:
    """A text, or a number out of range."""
    odd = [trap(), Notification(False, 1, TRAP, 0, ((COUNTER, b"7"),))]
    odd.append(Notification(False, 1, TRAP, 0, ((COUNTER, -1),)))
    assert [one.event_counter for one in odd] == [None] * 3


# Who we are.


def test_our_engine_is_the_same_at_the_next_start_and_has_started_once_more(
    tmp_path: Path,
) -> None:
    """Else every sender would take us for somebody else, or for our own past."""
    first, second = load_engine(tmp_path, 0), load_engine(tmp_path, 7 * SECOND)
    assert first.id == second.id
    assert (first.boots, second.boots) == (1, 2)
    assert 5 <= len(first.id) <= 32
    assert first.id[0] & 0x80
    assert (second.time(7 * SECOND), second.time(70 * SECOND + 1)) == (0, 63)


@pytest.mark.parametrize(
    "text",
    ["", "80000000\n", "zz 1\n", "8000000005aabbccdd -1\n", "8000000005aabbccdd 2147483646\n"],
)
def test_a_lost_count_makes_a_new_engine(tmp_path: Path, text: str) -> None:
    """RFC 3414 §2.2.3: senders reject an engine id whose boots went back."""
    (tmp_path / FILE).write_text(text, encoding="ascii")
    engine = load_engine(tmp_path, 0)
    assert engine.boots == 1
    assert engine.id != bytes.fromhex("8000000005aabbccdd")
    assert load_engine(tmp_path, 0) == type(engine)(engine.id, 2, 0)


def test_a_folder_that_cannot_be_written_is_logged(tmp_path: Path) -> None:
    """The start goes on; who we are serves for this run."""
    with capture_logs() as logs:
        engine = load_engine(tmp_path / "not there", 0)
    assert engine.boots == 1
    assert [log["event"] for log in logs] == ["snmp_engine_not_kept"]
