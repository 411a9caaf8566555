"""The order of one person's messages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.message_queue import MessageQueue, Ready
from monitord.core.model import Told


def ready(incident: str, *, over: bool = False, severity: int = 0, rank: int = 4) -> Ready:
    number = int(incident)
    return Ready(over, severity, rank, number, number, incident, Told.OPENED)


def test_open_goes_before_over_then_severity_then_rank_then_age() -> None:
    """Rule 5.5: a critical outage never waits behind news of what is over."""
    queue = MessageQueue()
    queue.put("1", ready("1", over=True), None)
    queue.put("2", ready("2", severity=2), None)
    queue.put("3", ready("3"), None)
    queue.put("4", ready("4", rank=1), None)
    queue.put("5", ready("5"), None)
    assert [entry.incident for entry in queue.ready] == ["4", "3", "5", "2", "1"]


def test_a_changed_incident_has_one_place_in_the_queue() -> None:
    """The new place replaces the old one, and a message no longer due leaves."""
    queue = MessageQueue()
    queue.put("1", ready("1", severity=2), None)
    queue.put("1", ready("1"), None)
    assert queue.ready == [ready("1")]
    queue.put("1", None, 70)
    assert (queue.ready, queue.next_due) == ([], 70)


def test_what_falls_due_is_looked_at_again_once() -> None:
    """At its due time, not before it, and together with what changed."""
    queue = MessageQueue()
    queue.put("1", None, 70)
    queue.put("2", None, 90)
    queue.look_again("3", None)
    queue.look_again("3", "one/off_air")
    queue.look_again("4", "one/off_air")
    queue.look_again("4", "two/off_air")
    members = {"one/off_air", "two/off_air"}
    assert queue.take_changed(69) == [("3", None), ("4", members)]
    assert queue.take_changed(70) == [("1", set())]
    assert queue.later == {"2": 90}
    assert queue.take_changed(71) == []
    assert queue.next_due == 90


PUTS = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), st.none() | st.integers(1, 50)), max_size=40
)


@given(PUTS)
def test_the_queue_equals_the_latest_word_of_each_incident(
    puts: list[tuple[int, bool, int | None]],
) -> None:
    """However often entries and due times are replaced."""
    queue = MessageQueue()
    latest: dict[str, tuple[bool, int | None]] = {}
    for number, is_ready, due in puts:
        queue.put(str(number), ready(str(number)) if is_ready else None, due)
        latest[str(number)] = is_ready, due
    assert sorted(entry.incident for entry in queue.ready) == sorted(
        name for name, (is_ready, _) in latest.items() if is_ready
    )
    dues = [due for _, due in latest.values() if due is not None]
    assert queue.next_due == min(dues, default=None)
    assert queue.later == {name: due for name, (_, due) in latest.items() if due is not None}
