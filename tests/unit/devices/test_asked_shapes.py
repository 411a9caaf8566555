"""Which request an answer without a number may belong to."""

from __future__ import annotations

from monitord.core.model import SECOND
from monitord.devices.bus.asked import LATE_MAX, AskedShapes

NOW = 100 * SECOND


def test_an_answer_of_a_shape_never_asked_is_of_its_own_request() -> None:
    """Nothing else can have it."""
    assert AskedShapes().begin("a", NOW) == NOW


def test_an_answer_may_be_of_the_request_of_its_shape_within_the_longest_delay() -> None:
    """It is counted from the end of the wait for that one, and begins with it."""
    asked = AskedShapes()
    asked.begin("a", NOW)
    asked.end("a", NOW + SECOND)
    asked.begin("b", NOW + SECOND)
    assert asked.begin("a", NOW + SECOND + LATE_MAX) == NOW


def test_after_the_longest_delay_it_is_of_its_own() -> None:
    """No answer comes later than that, if another shape was asked meanwhile."""
    asked = AskedShapes()
    asked.begin("a", NOW)
    asked.end("a", NOW + SECOND)
    asked.begin("b", NOW + 2 * SECOND)
    later = NOW + SECOND + LATE_MAX + 1
    assert asked.begin("a", later) == later


def test_the_request_before_always_counts_where_it_has_the_shape() -> None:
    """However long ago: a device may be one answer behind."""
    asked = AskedShapes()
    asked.begin("a", NOW)
    asked.end("a", NOW)
    assert asked.begin("a", NOW + 60 * SECOND) == NOW


def test_the_shape_asked_longest_ago_is_next() -> None:
    """One that never was goes first, in the order given."""
    asked = AskedShapes()
    found = []
    for at in range(7):
        found.append(asked.longest_ago("abc"))
        asked.begin(found[-1], NOW + at)
    assert "".join(found) == "abcabca"


def test_the_memory_of_shapes_is_bounded() -> None:
    """The oldest is forgotten; it is like one that never was asked."""
    asked = AskedShapes()
    for number in range(1000):
        asked.begin(number, NOW + number)
    assert asked.begin(1, NOW + 1000) == NOW + 1000
    assert asked.begin(990, NOW + 1001) == NOW + 990
