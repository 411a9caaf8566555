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
    LOST_MAX,
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


def judged(*traps: Notification) -> list[Novelty]:
    """Return what one memory knows of traps a minute and more apart."""
    recent = RecentTraps()
    return [recent.note(one, place * 100 * SECOND) for place, one in enumerate(traps)]


# Storms.


def test_a_bucket_passes_a_burst_and_then_its_rate() -> None:
    """Forty at once, ten a second after that, to the microsecond."""
    bucket = TokenBucket(per_second=10, burst=40)
    assert [bucket.take(0) for _ in range(41)] == [True] * 40 + [False]
    assert not bucket.take(99_999)
    assert bucket.take(100_000)
    assert not bucket.take(100_001)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    """A quiet year is no permission for a flood."""
    bucket = TokenBucket(per_second=10, burst=3)
    assert bucket.take(0)
    year = 365 * 86_400 * SECOND
    assert [bucket.take(year) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_does_not_mind_a_time_before_the_last() -> None:
    """It gives nothing for it, and takes nothing back."""
    bucket = TokenBucket(per_second=1, burst=1)
    assert bucket.take(10 * SECOND)
    assert not bucket.take(5 * SECOND)


# The same again.


def test_the_same_trap_at_once_is_the_same() -> None:
    """Two ways through a network bring it twice."""
    recent = RecentTraps()
    assert recent.note(trap(), 0) == Novelty()
    assert recent.note(trap(), TRAP_AGAIN_WITHIN) == Novelty(is_repeat=True)


def test_the_same_trap_later_is_a_new_one() -> None:
    """Simple agents send every trap with the same number and time."""
    recent = RecentTraps()
    recent.note(trap(), 0)
    assert recent.note(trap(), TRAP_AGAIN_WITHIN + 1) == Novelty()


@pytest.mark.parametrize("other", [trap(value=2), trap(oid=OTHER), trap(number=2), trap(uptime=1)])
def test_what_differs_in_anything_is_another(other: Notification) -> None:
    """Value, kind, number or time."""
    recent = RecentTraps()
    recent.note(trap(), 0)
    assert recent.note(other, 1) == Novelty()


def test_an_inform_is_the_same_whatever_its_time() -> None:
    """Its sender repeats it with the time of the repetition."""
    recent = RecentTraps()
    recent.note(trap(is_inform=True), 0)
    again = trap(is_inform=True, uptime=900)
    assert recent.note(again, INFORM_AGAIN_WITHIN) == Novelty(is_repeat=True)
    assert recent.note(again, INFORM_AGAIN_WITHIN + 1) == Novelty()


def test_the_latest_64_traps_are_kept() -> None:
    """Memory is bounded: the 65th trap makes the first unknown, and no other."""
    recent = RecentTraps()
    for value in range(65):
        recent.note(trap(value=value), 0)
    assert recent.note(trap(value=1), 1) == Novelty(is_repeat=True)
    assert recent.note(trap(value=0), 1) == Novelty()


# The device's own count.


def test_the_first_number_is_no_gap() -> None:
    """Nobody knows what came before the start."""
    assert judged(trap(4711)) == [Novelty()]


def test_each_number_left_out_is_a_lost_trap() -> None:
    """7, 8, 12: three are missing."""
    assert judged(trap(7), trap(8), trap(12)) == [Novelty(), Novelty(), Novelty(lost=3)]


def test_the_count_goes_on_over_its_end() -> None:
    """Counter32: 2^32 - 1 is followed by 0."""
    assert judged(trap(WRAP - 1), trap(1)) == [Novelty(), Novelty(lost=1)]


def test_the_same_number_is_the_same_trap() -> None:
    """Sent again within a minute, with a later time."""
    recent = RecentTraps()
    assert recent.note(trap(7), 0) == Novelty()
    again = trap(7, uptime=900, number=2)
    assert recent.note(again, INFORM_AGAIN_WITHIN) == Novelty(is_repeat=True)
    assert recent.note(trap(7, uptime=9), INFORM_AGAIN_WITHIN + 1) == Novelty()


def test_the_same_number_after_a_restart_is_another_trap() -> None:
    """A device that starts twice in a minute sends its first number twice."""
    recent = RecentTraps()
    assert recent.note(trap(1, uptime=3000), 0) == Novelty()
    assert recent.note(trap(1, uptime=20), SECOND) == Novelty()


def test_one_event_counter_may_be_in_two_traps() -> None:
    """Two traps of one event are two traps and no gap."""
    assert judged(trap(7), trap(7, oid=OTHER), trap(8)) == [Novelty()] * 3


def test_a_trap_that_was_overtaken_is_taken() -> None:
    """It was counted as lost a moment ago; the newest number stays the newest."""
    late = 10 - LATE_MAX + 1
    assert judged(trap(10), trap(12), trap(11), trap(13)) == [
        Novelty(), Novelty(lost=1), Novelty(), Novelty(),
    ]  # fmt: skip
    assert judged(trap(10), trap(late), trap(11)) == [Novelty()] * 3


@pytest.mark.parametrize("first", [5000, WRAP - 5])
def test_an_event_counter_that_restarts_is_no_gap(first: int) -> None:
    """The device has started again: its first numbers are other traps than those of before."""
    assert judged(trap(0), trap(first), trap(0, uptime=5), trap(1)) == [
        Novelty(), Novelty(lost=first - 1 if first <= LOST_MAX else 0), Novelty(), Novelty(),
    ]  # fmt: skip


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
