"""An outage is recorded with the first answer that shows it, however slow a detector is.

The answers of two or three transmitters overlap in any way: our own stops, slow lines, one trip of
all of them. A slow detector keeps the ledger from settling meanwhile.
"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND, Answer
from tests.support.seam import T0, TRANSMITTER_ANSWERS, Driver, polls
from tests.support.slow_sites import slow_site

NAMES = ("a", "b", "c")
BEGIN = T0 + 30 * SECOND

Read = tuple[int, int, bool]
"""When it was asked and answered, in microseconds, and whether it radiates."""


@st.composite
def reads(draw: st.DrawFn) -> list[Read]:
    """Draw the answers of one transmitter, one after the other, each within 1.4 s of the last."""
    at, found = BEGIN, []
    for _ in range(draw(st.integers(2, 6))):
        asked = at + draw(st.integers(1, 70)) * 10_000
        at = asked + draw(st.integers(1, 70)) * 10_000
        found.append((asked, at, draw(st.booleans())))
    return found


def shown_bad(lines: list[list[Read]], now: int) -> bool:
    """Return whether the answers up to now show a moment at which no transmitter radiated."""
    spans = [
        [
            (at, asked)
            for (_, at, on), (asked, by, also) in pairwise(line)
            if not (on or also)
            if by <= now and at < asked
        ]
        for line in lines
    ]
    begins = [begin for line in spans for begin, _ in line]
    return any(all(any(b <= at < e for b, e in line) for line in spans) for at in begins)


@given(st.lists(reads(), min_size=2, max_size=3))
def test_a_moment_off_air_is_proven_by_the_answers_that_show_it(lines: list[list[Read]]) -> None:
    """At once, whatever the spans of the turns are, and whichever answered first."""
    here = slow_site(*NAMES[: len(lines)])
    driver = Driver(here.plan)
    driver.start(T0)
    for inputs in polls(here, {}, T0, BEGIN):
        driver.tick(inputs, inputs[-1].at)
    answers = [
        Answer(name, asked, at, TRANSMITTER_ANSWERS["good" if on else "bad"])
        for name, line in zip(NAMES, lines, strict=False)
        for asked, at, on in line
    ]
    for now in sorted({answer.at for answer in answers}):
        driver.tick([answer for answer in answers if answer.at == now], now)
        proven = any(event.kind == "bad_proven" for event in driver.events)
        assert proven or not shown_bad(lines, now)
