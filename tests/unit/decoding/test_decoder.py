"""Answers become readings: the same as by the plain rules, and the same object when the same."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from monitord.decoding.decoder import Decoder, Reading
from monitord.decoding.model import Decoding, DerivedPoint, SourcePoint
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint

NUMBER = Decoding("number", "W")


def points(*decodings: Decoding, **derived: Decoding) -> tuple[SourcePoint, ...]:
    """Return points called p0, p1, ..., and derived ones by their names."""
    read = [SnmpPoint(f"p{n}", (1, 3, n), decoding) for n, decoding in enumerate(decodings)]
    return (*read, *(DerivedPoint(id_, decoding) for id_, decoding in derived.items()))


def test_an_answer_that_changes_nothing_is_the_same_object() -> None:
    """Ten thousand devices a second say mostly what they said before."""
    decoder = Decoder(points(NUMBER, Decoding("text")))
    first = decoder.decode([5, b"x"], 0)
    assert first == Reading((5, "x"))
    assert decoder.decode([5, b"x"], SECOND, ()) is first
    assert decoder.decode([5, b"x"], 2 * SECOND) is first
    assert decoder.decode([5, b"x\0y"], 3 * SECOND, (1,)) is first
    assert decoder.decode([6, b"x"], 4 * SECOND, (0,)) == Reading((6, "x"))


def test_the_answer_may_be_overwritten_afterwards() -> None:
    """A shared socket keeps one list for each member."""
    decoder = Decoder(points(NUMBER, NUMBER))
    raws: list[Raw] = [1, 2]
    decoder.decode(raws, 0)
    raws[0] = 9
    assert decoder.decode(raws, SECOND).values == (9, 2)


def test_what_leans_on_a_changed_point_changes_with_it() -> None:
    """Only the exponent changed, and the value is another."""
    decoder = Decoder(points(Decoding("number", times_ten_to=((1, "p1"),)), NUMBER))
    assert decoder.decode([5, 0], 0).values == (5, 0)
    assert decoder.decode([5, 2], SECOND, (1,)).values == (500, 2)


def test_an_answer_of_another_length_is_our_own_mistake() -> None:
    """Values in the wrong place are the worst fault there is."""
    with pytest.raises(ValueError, match="1 raw values for 2 points"):
        Decoder(points(NUMBER, NUMBER)).decode([1], 0)
    decoder = Decoder(points(NUMBER, NUMBER))
    decoder.decode([1, 2], 0)
    with pytest.raises(ValueError, match="1 raw values for 2 points"):
        decoder.decode([1], SECOND)


def test_an_answer_that_could_not_be_decoded_leaves_nothing_of_the_one_before() -> None:
    """Who asks on gets a mistake of ours again, or the truth; never what was before it."""
    decoder = Decoder(points(Decoding("number", "W", change_max=5), NUMBER))
    decoder.decode([1.5, 1], 0)
    for changed in (0, 1), (), None:
        with pytest.raises(OverflowError):
            decoder.decode([10**400, 2], SECOND, changed)
    assert decoder.decode([2.5, 3], 2 * SECOND, ()) == Reading((2.5, 3))


def test_a_number_outside_its_range_is_suspected_with_what_came() -> None:
    """Not silently nothing: it may be the one sign of a fault. A sentinel stays nothing."""
    decoder = Decoder(points(Decoding("number", "W", minimum=0, maximum=100, absent=(255,))))
    assert decoder.decode([101], 0) == Reading((None,), ((0, 101),))
    assert decoder.decode([101], SECOND, ()).suspected == ((0, 101),)
    assert decoder.decode([255], SECOND) == Reading((None,))
    assert decoder.decode([100], 2 * SECOND) == Reading((100,))


def test_a_number_that_changes_only_its_type_is_a_changed_value() -> None:
    """A raw False is 0, a raw 0.0 is 0.0: the second answer must not keep the first one's value."""
    decoder = Decoder(points(NUMBER))
    assert decoder.decode([False], 0).values == (0,)
    assert [type(value) for value in decoder.decode([0.0], SECOND).values] == [float]
    bounded = Decoder(points(Decoding("number", minimum=1)))
    assert bounded.decode([False], 0).suspected == ((0, 0),)
    assert [type(value) for _, value in bounded.decode([0.0], SECOND).suspected] == [float]
