"""A line that takes back what it said: what its alarm does to conditions that are blind already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from monitord.core.model import SECOND, Answer, Late, Layer, Silence
from monitord.core.plan import Plan
from monitord.core.values import Numbering
from monitord.core.view import suspects
from tests.support.seam import BOUND, PEOPLE, T0, Driver, bodies, needs, programme, transmitter

Plain = tuple[bool | None, ...]
GOOD, OFF, HALF, HALF_OFF = (
    (True, False, False),
    (False, False, False),
    (True, None, False),
    (False, None, False),
)
LATENCY = 10_000


class Line:
    """The transmitter ``fm1`` behind a serial server; times in seconds since ``T0``."""

    def __init__(self) -> None:
        line = replace(transmitter("fm1"), numbering=Numbering.ONE_SHAPE)
        on_air = programme("fm", needs("tx", Layer.EMISSION, "fm1.radiating"))
        sane = programme("am", needs("tx", Layer.EMISSION, "fm1.sane"))
        self.driver = Driver(Plan("hill", (line,), (on_air, sane), PEOPLE))
        self.driver.start(T0)

    def answer(self, seconds: float, values: Plain) -> Line:
        at = T0 + round(seconds * SECOND)
        self.driver.tick([Answer("fm1", at - LATENCY, at, values)], at)
        return self

    def poll(self, begin: int, end: int, values: Plain) -> Line:
        for second in range(begin, end):
            self.answer(second, values)
        return self

    def silence(self, seconds: float) -> Line:
        at = T0 + round(seconds * SECOND)
        self.driver.tick([Silence("fm1", "timeout", at - LATENCY, at)], at)
        return self

    def stall(self, begin: float, end: float) -> Line:
        at, until = (T0 + round(seconds * SECOND) for seconds in (begin, end))
        self.driver.tick([Late(at, until)], until)
        return self

    def until(self, seconds: float) -> Line:
        self.driver.tick([], T0 + round(seconds * SECOND))
        return self

    def lost(self) -> list[tuple[object, object, object]]:
        """Return condition, cause and moment of every loss, in order."""
        found = bodies(self.driver.events, "condition_lost")
        return [(body["subject"], body["cause"], body["at"]) for body in found]

    def is_inconsistent(self) -> bool:
        return "/inconsistent/fm1" in self.driver.situation.durable.outages

    def causes(self, programme: str) -> list[object]:
        """Return why a programme was blind, piece by piece."""
        pieces = bodies(self.driver.events, "piece_opened")
        return [piece["blind"] for piece in pieces if piece["subject"] == programme]


def test_a_condition_that_was_not_seen_anyway_is_lost_once() -> None:
    """Its value is missing since before: the alarm of the line says nothing new of it."""
    line = Line().poll(1, 11, GOOD).poll(11, 21, HALF)
    assert [lost[:2] for lost in line.lost()] == [("fm1.sane", "no_value")]
    line.answer(20.7, HALF_OFF).poll(21, 31, HALF).answer(30.7, HALF_OFF).answer(31, HALF)
    assert line.is_inconsistent()
    assert [lost[:2] for lost in line.lost()[1:]] == [
        ("fm1.radiating", "inconsistent"),
        ("fm1.low", "inconsistent"),
    ]
    assert line.driver.situation.timelines["fm1.sane"].cause == "no_value"


def test_what_did_not_come_back_after_our_own_lateness_is_lost_with_the_line() -> None:
    """Its answers came, and count for nothing: neither is a value missing, nor is it silent."""
    line = Line().poll(1, 11, GOOD).answer(10.7, OFF).answer(11, GOOD)
    line.stall(11.001, 21).answer(21.1, OFF).answer(21.9, GOOD)
    at = T0 + round(21.9 * SECOND)
    names = ("fm1.sane", "fm1.low", "fm1.radiating")
    assert line.lost() == [(name, "inconsistent", at) for name in names]
    assert line.until(51.8).is_inconsistent()
    assert not line.until(51.9).is_inconsistent()
    assert len(line.lost()) == 3, "the end of the lateness loses nothing again"
    assert line.driver.situation.timelines["fm1.radiating"].cause == "inconsistent"


def test_a_reading_that_waits_keeps_the_cause_of_the_blindness_before_it() -> None:
    """The next one may count it: then the time from the first reading on was seen."""
    due = 21 + BOUND / SECOND
    line = Line().poll(1, 12, GOOD).stall(11.001, 21).answer(due - 0.2, OFF).until(due + 0.1)
    assert len(line.lost()) == 3
    line.answer(due + 0.5, OFF)
    pieces = bodies(line.driver.events, "piece_opened")
    began, known = [piece for piece in pieces if piece["subject"] == "fm"][-2:]
    assert (began["blind"], known["blind"]) == ("late", None)
    assert known["start"] == T0 + round((due - 0.2) * SECOND)


def test_all_programmes_of_an_inconsistent_line_are_blind_at_once() -> None:
    """Also the one whose condition was never taken back; the alarm names the line."""
    line = Line().poll(1, 11, GOOD).answer(10.7, OFF).poll(11, 21, GOOD).answer(20.7, OFF)
    line.answer(21, GOOD)
    assert line.causes("am")[-1] == "inconsistent"
    assert line.poll(22, 60, GOOD).causes("fm")[-2:] == ["inconsistent", None]
    claims = bodies(line.driver.events, "cause_claimed")
    (place,) = [c["place"] for c in claims if c["subject"] == "/inconsistent/fm1"]
    found: Any = place
    assert (found["id"], found["kind"], found["reason"]) == (
        "fm1/inconsistent",
        "device",
        "inconsistent",
    )


@pytest.mark.parametrize("repeats", [1, 3])
def test_an_inconsistent_line_that_answers_is_asked_no_more_than_others(repeats: int) -> None:
    """What it says counts for nothing; that it says something ends its silence."""
    line = Line().poll(1, 11, GOOD).answer(10.7, OFF).poll(11, 21, GOOD).answer(20.7, OFF)
    line.answer(21, GOOD)
    assert suspects(line.silence(23).driver.situation) == {"fm1"}
    at = T0 + 24 * SECOND
    run = Answer("fm1", at - LATENCY, at, GOOD, repeats, SECOND if repeats > 1 else 0)
    line.driver.tick([run], at + 5 * SECOND)
    assert line.is_inconsistent()
    assert suspects(line.driver.situation) == frozenset()


def test_what_does_not_come_back_after_our_lateness_is_blind_for_its_own_cause() -> None:
    """From the moment at which its bound is over; until then the cause is ours."""
    line = Line().poll(1, 12, GOOD).stall(11.001, 21).until(21.001 + BOUND / SECOND)
    line.silence(25)
    assert line.causes("fm")[-2:] == ["late", "timeout"]


def test_a_first_reading_that_no_second_one_follows_leaves_no_value() -> None:
    """The line has answered: it is not one that nobody has asked yet."""
    line = Line().answer(1, OFF)
    assert line.causes("fm") == ["not_yet"]
    line.until(1.001 + BOUND / SECOND).silence(5)
    assert line.causes("fm") == ["not_yet", "no_value"]
