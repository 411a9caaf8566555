"""What is implausible is suspected, and what is suspected is never lost."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND, Value
from monitord.decoding.decoder import Decoder, Reading
from monitord.decoding.model import Decoding, DerivedPoint, Formula, SourcePoint
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint

WATTS = Decoding("number", "W")
MINUTE = 60 * SECOND


def points(*decodings: Decoding, **derived: Decoding) -> tuple[SourcePoint, ...]:
    read = [SnmpPoint(f"p{n}", (1, 3, n), decoding) for n, decoding in enumerate(decodings)]
    return (*read, *(DerivedPoint(id_, decoding) for id_, decoding in derived.items()))


STILL = Decoding("number", "dB", frozen_after=10 * MINUTE)
# A point, then each answer: raw value, time since the one before, value, suspected value.
SAID: dict[str, tuple[Decoding, list[tuple[Raw, int, Value, Value]]]] = {
    "a slip is used never, a true step after one answer": (
        Decoding("number", "degC", change_max=2),
        [(20, SECOND, 20, None), (21, SECOND, 21, None), (60, SECOND, None, 60),
         (22, SECOND, 22, None), (60, SECOND, None, 60), (60, SECOND, 60, None),
         (61, SECOND, 61, None)],
    ),
    "the zero of a trip is suspected once": (
        Decoding("number", "W", change_max=50),
        [(1000, SECOND, 1000, None), (0, SECOND, None, 0), (0, SECOND, 0, None)],
    ),
    "after a minute of silence a room may be three degrees warmer": (
        Decoding("number", "degC", change_max=3 / 60),
        [(20, SECOND, 20, None), (23, MINUTE, 23, None), (26, 10 * SECOND, None, 26)],
    ),
    "answers 50 ms apart have the change of a second between them": (
        Decoding("number", "degC", change_max=1),
        [(20, SECOND, 20, None), (20.9, 50_000, 20.9, None)],
    ),
    "a number out of range twice is no new level": (
        Decoding("number", "W", maximum=100, change_max=50),
        [(10, SECOND, 10, None), (900, SECOND, None, 900), (900, SECOND, None, 900),
         (12, SECOND, 12, None)],
    ),
    "a number that is the same for ten minutes is frozen until it changes": (
        STILL,
        [*[(-21, MINUTE, -21, None)] * 10, *[(-21, MINUTE, None, -21)] * 3,
         (-22, MINUTE, -22, None)],
    ),
    "a silence of an hour makes nothing frozen": (
        STILL,
        [(-21, SECOND, -21, None), (-21, 60 * MINUTE, -21, None), (-21, 9 * MINUTE, -21, None),
         (-21, MINUTE, None, -21)],
    ),
    "minimum and maximum themselves are inside": (
        Decoding("number", minimum=-5, maximum=100),
        [(100, SECOND, 100, None), (100.5, SECOND, None, 100.5), (100, SECOND, 100, None),
         (-5, SECOND, -5, None), (-5.5, SECOND, None, -5.5), (-5, SECOND, -5, None)],
    ),
    "minimum and maximum themselves are inside beside a rate limit": (
        Decoding("number", minimum=-5, maximum=100, change_max=1e6),
        [(100, SECOND, 100, None), (100.5, SECOND, None, 100.5), (100, SECOND, 100, None),
         (-5, SECOND, -5, None), (-5.5, SECOND, None, -5.5), (-5, SECOND, -5, None)],
    ),
    "a step is confirmed by a number within the limit of it": (
        Decoding("number", "degC", change_max=2),
        [(20, SECOND, 20, None), (60, SECOND, None, 60), (62, SECOND, 62, None)],
    ),
    "a step is not confirmed by a number beyond the limit of it": (
        Decoding("number", "degC", change_max=2),
        [(20, SECOND, 20, None), (60, SECOND, None, 60), (62.5, SECOND, None, 62.5)],
    ),
    "thousands of watts are watts, degrees are not": (
        WATTS,
        [("2 kW", SECOND, 2000.0, None), ("43 C", SECOND, None, 43.0), ("12 W", SECOND, 12, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_an_implausible_number_is_suspected_with_its_value(name: str) -> None:
    """One point: steps, ranges, frozen numbers and wrong units."""
    decoding, answers = SAID[name]
    decoder, at, found = Decoder(points(decoding), "normal"), 0, []
    for raw, after, _, _ in answers:
        at += after
        reading = decoder.decode([raw], at)
        found.append((raw, after, reading.values[0], dict(reading.suspected).get(0)))
    assert found == answers


def test_unchanged_answers_count_as_time_that_was_seen() -> None:
    """Ten minutes at 20 degrees give no room for thirty more within a second."""
    decoder = Decoder(points(Decoding("number", "degC", change_max=1)))
    decoder.decode([20], 0)
    for second in range(1, 600):
        decoder.decode([20], second * SECOND, ())
    assert decoder.decode([50], 600 * SECOND, (0,)).suspected == ((0, 50),)


def test_a_step_is_confirmed_by_an_answer_that_changes_nothing() -> None:
    """The shared socket reports no change: that confirms the step."""
    decoder = Decoder(points(Decoding("number", "W", change_max=1)))
    decoder.decode([0], 0)
    assert decoder.decode([50], SECOND, (0,)) == Reading((None,), ((0, 50),))
    assert decoder.decode([50], 2 * SECOND, ()) == Reading((50,))


def test_a_frozen_number_is_found_though_nothing_changes() -> None:
    """The shared socket only reports no change."""
    decoder = Decoder(points(Decoding("number", "dB", frozen_after=MINUTE)))
    first = decoder.decode([-21], 0)
    assert decoder.decode([-21], MINUTE - 1, ()) is first
    assert decoder.decode([-21], MINUTE, ()) == Reading((None,), ((0, -21),))
    assert decoder.decode([-21], 2 * MINUTE, ()).suspected == ((0, -21),)


def test_a_number_that_moved_to_a_held_zero_is_not_frozen_when_that_is_confirmed() -> None:
    """It moved a moment ago."""
    still = Decoding("number", "dB", frozen_after=10 * MINUTE)
    decoder = Decoder(points(still, still, still))
    for minute in range(10):
        decoder.decode([5, 6, 7], minute * MINUTE)
    decoder.decode([0, 0, 0], 10 * MINUTE)
    assert decoder.decode([0, 0, 0], 11 * MINUTE) == Reading((0, 0, 0))


def test_a_number_in_a_wrong_unit_is_suspected_also_with_guards() -> None:
    """What only counts beside a label is marked like any other."""
    guarded = Decoding("number", "W", only_if=(("p1", "on"),))
    decoder = Decoder(points(guarded, Decoding("enum", labels=((1, "on"), (2, "off")))))
    assert decoder.decode(["43 C", 1], 0) == Reading((None, "on"), ((0, 43.0),))
    assert decoder.decode(["43 C", 2], SECOND) == Reading((None, "off"))


FIVE = points(WATTS, WATTS, WATTS, Decoding("enum", labels=((0, "fine"), (1, "fault"))))


ON, ZERO = [5, 6, 7, 1], [0, 0, 0, 0]
IS_ON, IS_ZERO = Reading((5, 6, 7, "fault")), Reading((0, 0, 0, "fine"))
ALL_SUSPECTED = Reading((None,) * 4, ((0, 0), (1, 0), (2, 0), (3, "fine")))


@pytest.mark.parametrize(
    ("zeros", "answers", "readings"),
    [
        pytest.param(
            "confirm", [ON, ZERO, ON], [IS_ON, ALL_SUSPECTED, IS_ON], id="a-slip-of-a-gateway"
        ),
        pytest.param(
            "confirm",
            [ON, ZERO, ZERO, ZERO],
            [IS_ON, ALL_SUSPECTED, IS_ZERO, IS_ZERO],
            id="switched-off",
        ),
        pytest.param("confirm", [ZERO], [IS_ZERO], id="off-from-the-start"),
        pytest.param(
            "never",
            [*[ZERO] * 5, [0, 50, 0, 0]],
            [*[ALL_SUSPECTED] * 5, Reading((0, 50, 0, "fine"))],
            id="a-meter-always-has-its-frequency",
        ),
        pytest.param("normal", [ON, ZERO], [IS_ON, IS_ZERO], id="normal-by-the-profile"),
    ],
)
def test_zeros_alone_are_suspected_as_the_profile_says(
    zeros: str, answers: list[list[Raw]], readings: list[Reading]
) -> None:
    """Once as a whole, always, or not at all."""
    decoder = Decoder(FIVE, zeros)
    found = [decoder.decode(raws, place * SECOND) for place, raws in enumerate(answers)]
    assert found == readings


def test_zeros_are_confirmed_by_an_answer_that_changes_nothing() -> None:
    """The shared socket reports no change: the transmitter is off."""
    decoder = Decoder(FIVE)
    decoder.decode(ON, 0)
    decoder.decode(ZERO, SECOND)
    assert decoder.decode(ZERO, 2 * SECOND, ()) == IS_ZERO
    assert decoder.decode(ZERO, 3 * SECOND, ()).suspected == ()


def test_an_agents_own_uptime_is_no_sign_of_life_of_what_is_behind_it() -> None:
    """The agent lives and counts its seconds; its subagent is gone and says zero."""
    uptime = Decoding("number", "s", scale=0.01, wraps=32)
    decoder = Decoder(points(uptime, WATTS, WATTS, WATTS))
    decoder.decode([100, 5, 6, 7], 0)
    zeros = decoder.decode([200, 0, 0, 0], SECOND, (0, 1, 2, 3))
    assert zeros == Reading((2.0, None, None, None), ((1, 0), (2, 0), (3, 0)))
    assert decoder.decode([300, 0, 0, 0], 2 * SECOND, (0,)) == Reading((3.0, 0, 0, 0))
    assert decoder.decode([400, 5, 0, 0], 3 * SECOND, (0, 1)) == Reading((4.0, 5, 0, 0))


@pytest.mark.parametrize(
    "raws",
    [
        [0, 0, None, None],  # two numbers are zero together every day
        [0, 0, 0, 1],
        [0, 0, 0, "on"],  # somebody is there
        [False, False, False, False],  # a panel of inputs that are all off
    ],
)
def test_other_answers_are_no_zeros_alone(raws: list[Raw]) -> None:
    """Only numbers that are all zero, three at least."""
    decoder = Decoder(FIVE)
    decoder.decode([5, 6, 7, 1], 0)
    assert decoder.decode(raws, SECOND).suspected == ()


def test_a_slip_to_zeros_is_no_change_of_level() -> None:
    """The number before the slip is still what the next is held against."""
    quick = Decoding("number", "W", change_max=1)
    decoder = Decoder(points(quick, quick, quick))
    decoder.decode([50, 60, 70], 0)
    assert len(decoder.decode([0, 0, 0], SECOND).suspected) == 3
    assert decoder.decode([50, 60, 70], 2 * SECOND) == Reading((50, 60, 70))
    decoder.decode([0, 0, 0], 3 * SECOND)
    assert decoder.decode([0, 0, 0], 4 * SECOND) == Reading((0, 0, 0))


def test_an_unknown_word_for_zeros_is_our_own_mistake() -> None:
    """The configuration lets none through."""
    with pytest.raises(ValueError, match="allowed are confirm, never, normal"):
        Decoder(FIVE, "maybe")


def test_what_leans_on_a_suspected_number_is_suspected_with_it() -> None:
    """A share of an impossible power is no proof of anything good."""
    share = Decoding("number", derived=Formula("percent_of_nominal", ("p0",), 1000))
    decoder = Decoder(points(Decoding("number", "W", maximum=2000), percent=share))
    assert decoder.decode([900], 0) == Reading((900, 90.0))
    assert decoder.decode([9000], SECOND) == Reading((None, None), ((0, 9000), (1, 900.0)))
    assert decoder.decode([800], 2 * SECOND) == Reading((800, 80.0))


def test_the_maximum_is_inside_also_beside_an_implausible_value() -> None:
    """A neighbour that is implausible changes nothing for a point that does not depend on it."""
    bounded = Decoding("number", maximum=100)
    decoder = Decoder(points(bounded, bounded), "normal")
    assert decoder.decode([101, 100], 0) == Reading((None, 100), ((0, 101),))


@pytest.mark.parametrize(
    ("after", "allowed", "too_far"),
    [(200_000, 22, 22.5), (SECOND, 22, 22.5), (3 * SECOND, 26, 26.5), (MINUTE, 140, 140.5)],
)
def test_a_rate_limit_is_exact(after: int, allowed: float, too_far: float) -> None:
    """2 degC/s from 20 degC: the limit itself is plausible; less than a second counts as one."""
    decoding = Decoding("number", "degC", change_max=2)
    for raw, expected in ((allowed, (allowed,)), (too_far, (None,))):
        decoder = Decoder(points(decoding), "normal")
        decoder.decode([20], 0)
        assert decoder.decode([raw], after).values == expected
