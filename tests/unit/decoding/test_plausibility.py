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


class Device:
    """One point, read every second."""

    def __init__(self, decoding: Decoding) -> None:
        self._decoder = Decoder(points(decoding), "normal")
        self._at = 0

    def say(self, raw: Raw, after: int = SECOND) -> tuple[Value, Value]:
        """Return (value, suspected value) of the next answer, ``after`` the one before."""
        self._at += after
        reading = self._decoder.decode([raw], self._at)
        return reading.values[0], dict(reading.suspected).get(0)


def test_a_step_is_suspected_once_and_then_the_new_level() -> None:
    """A probe that is wrong for one answer is not used; a true change costs one answer."""
    device = Device(Decoding("number", "degC", change_max=2))
    said = [device.say(raw) for raw in (20, 21, 60, 22, 60, 60, 61)]
    slipped, stepped = (None, 60), (None, 60)
    assert said == [(20, None), (21, None), slipped, (22, None), stepped, (60, None), (61, None)]


def test_a_trip_is_suspected_with_its_zero() -> None:
    """1000 W to nothing in a second: the zero is suspected first, and used when it stays."""
    device = Device(Decoding("number", "W", change_max=50))
    assert [device.say(raw) for raw in (1000, 0, 0)] == [(1000, None), (None, 0), (0, None)]


def test_the_time_between_answers_gives_room_for_change() -> None:
    """After a minute of silence a room may be three degrees warmer."""
    device = Device(Decoding("number", "degC", change_max=3 / 60))
    assert device.say(20)[0] == 20
    assert device.say(23, after=MINUTE) == (23, None)
    assert device.say(26, after=10 * SECOND) == (None, 26)


def test_unchanged_answers_count_as_time_that_was_seen() -> None:
    """Ten minutes at 20 degrees give no room for thirty more within a second."""
    decoder = Decoder(points(Decoding("number", "degC", change_max=1)))
    decoder.decode([20], 0)
    for second in range(1, 600):
        decoder.decode([20], second * SECOND, ())
    assert decoder.decode([50], 600 * SECOND, (0,)).suspected == ((0, 50),)


def test_a_burst_makes_nothing_suspect() -> None:
    """Answers 50 ms apart have a second's worth of change between them."""
    device = Device(Decoding("number", "degC", change_max=1))
    device.say(20)
    assert device.say(20.9, after=50_000) == (20.9, None)


def test_a_step_is_confirmed_by_an_answer_that_changes_nothing() -> None:
    """The shared socket reports no change: that confirms the step."""
    decoder = Decoder(points(Decoding("number", "W", change_max=1)))
    decoder.decode([0], 0)
    assert decoder.decode([50], SECOND, (0,)) == Reading((None,), ((0, 50),))
    assert decoder.decode([50], 2 * SECOND, ()) == Reading((50,))


def test_what_is_out_of_range_is_no_new_level() -> None:
    """Twice the same impossible number confirms nothing."""
    device = Device(Decoding("number", "W", maximum=100, change_max=50))
    said = [device.say(raw) for raw in (10, 900, 900, 12)]
    assert said == [(10, None), (None, 900), (None, 900), (12, None)]


def test_a_frozen_number_is_suspected_until_it_changes() -> None:
    """A level meter that shows the same to the last digit for ten minutes has died."""
    device = Device(Decoding("number", "dB", frozen_after=10 * MINUTE))
    said = [device.say(-21, after=MINUTE)[0] for _ in range(12)]
    assert said == [-21] * 10 + [None] * 2
    assert device.say(-21, after=MINUTE) == (None, -21)
    assert device.say(-22, after=MINUTE) == (-22, None)


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


def test_silence_makes_nothing_frozen() -> None:
    """Between two answers an hour apart anything may have happened."""
    device = Device(Decoding("number", "dB", frozen_after=10 * MINUTE))
    device.say(-21)
    assert device.say(-21, after=60 * MINUTE) == (-21, None)
    assert device.say(-21, after=9 * MINUTE) == (-21, None)
    assert device.say(-21, after=MINUTE) == (None, -21)


FIVE = points(WATTS, WATTS, WATTS, Decoding("enum", labels=((0, "fine"), (1, "fault"))))


def test_zeros_alone_are_suspected_once_as_a_whole() -> None:
    """A gateway that slips for one answer clears no alarm and starts no outage for good."""
    decoder = Decoder(FIVE)
    assert decoder.decode([5, 6, 7, 1], 0).values == (5, 6, 7, "fault")
    zeros = decoder.decode([0, 0, 0, 0], SECOND)
    assert zeros == Reading((None,) * 4, ((0, 0), (1, 0), (2, 0), (3, "fine")))
    assert decoder.decode([5, 6, 7, 1], 2 * SECOND) == Reading((5, 6, 7, "fault"))


def test_all_zeros_twice_are_accepted() -> None:
    """A transmitter that is switched off is off."""
    decoder = Decoder(FIVE)
    decoder.decode([5, 6, 7, 1], 0)
    decoder.decode([0, 0, 0, 0], SECOND)
    assert decoder.decode([0, 0, 0, 0], 2 * SECOND, ()) == Reading((0, 0, 0, "fine"))
    assert decoder.decode([0, 0, 0, 0], 3 * SECOND, ()).suspected == ()


def test_a_device_that_begins_with_zeros_is_accepted() -> None:
    """Nothing says that it ever was otherwise."""
    assert Decoder(FIVE).decode([0, 0, 0, 0], 0) == Reading((0, 0, 0, "fine"))


def test_where_zeros_alone_are_never_true_they_stay_suspected() -> None:
    """A meter has its frequency, whatever it measures."""
    decoder = Decoder(FIVE, "never")
    for second in range(5):
        assert len(decoder.decode([0, 0, 0, 0], second * SECOND).suspected) == 4
    assert decoder.decode([0, 50, 0, 0], 5 * SECOND) == Reading((0, 50, 0, "fine"))


def test_where_zeros_alone_are_normal_they_are_an_answer() -> None:
    """The profile knows better."""
    decoder = Decoder(FIVE, "normal")
    decoder.decode([5, 6, 7, 1], 0)
    assert decoder.decode([0, 0, 0, 0], SECOND) == Reading((0, 0, 0, "fine"))


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


def test_a_number_in_a_wrong_unit_is_suspected_as_it_came() -> None:
    """Degrees are no watts; thousands of watts are."""
    device = Device(Decoding("number", "W"))
    assert [device.say(raw) for raw in ("2 kW", "43 C", "12 W")] == [
        (2000.0, None),
        (None, 43.0),
        (12, None),
    ]
