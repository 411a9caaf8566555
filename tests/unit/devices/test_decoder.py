"""Answers become readings: the same as by the plain rules, and the same object when the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.model import SECOND
from monitord.devices.decode import Raw, decode_all
from monitord.devices.decoder import Decoder, Reading
from monitord.devices.model import Decoding, DerivedPoint, Floor, Formula, SourcePoint
from monitord.devices.snmp.model import SnmpPoint

NUMBER = Decoding("number", "W")


def points(*decodings: Decoding, **derived: Decoding) -> tuple[SourcePoint, ...]:
    """Return points called p0, p1, ..., and derived ones by their names."""
    read = [SnmpPoint(f"p{n}", (1, 3, n), decoding) for n, decoding in enumerate(decodings)]
    return (*read, *(DerivedPoint(id_, decoding) for id_, decoding in derived.items()))


RAWS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(["", "3.5 kW", "50 %", "12 V", "N/A", "1,5", b"43.0 \xb0C", "\xb5", "7\0x"]),
    st.text(max_size=8),
    st.binary(max_size=8),
)
SCALES = st.sampled_from([1, 0.1, 0.001, 1 / 256, 3, 1e300])
LABELS = ((0, "off"), (1, "on"), (2, "fault"), (1, "again"))
DECODINGS = st.one_of(
    st.builds(
        Decoding,
        kind=st.just("number"),
        unit=st.sampled_from(["", "W", "degC", "percent"]),
        scale=SCALES,
        offset=st.sampled_from([0, -40, 0.5]),
        absent=st.sampled_from([(), (0,), (65535, -1)]),
        absent_ranges=st.sampled_from([(), ((2, 3),)]),
        minimum=st.sampled_from([None, 0]),
        maximum=st.sampled_from([None, 100]),
        decimal_comma=st.booleans(),
        charset=st.sampled_from(["", "gbk", "utf-16-be"]),
    ),
    st.builds(
        Decoding,
        kind=st.sampled_from(["enum", "boolean"]),
        labels=st.just(LABELS),
        truth=st.sampled_from([(1,), (0, 2)]),
        absent=st.sampled_from([(), (0,)]),
    ),
    st.builds(Decoding, kind=st.just("boolean"), absent=st.sampled_from([(), (255,)])),
    st.builds(Decoding, kind=st.just("text"), charset=st.sampled_from(["", "gbk", "ascii"])),
)
LEANING = (
    Decoding("number", times_ten_to=((1, "p0"), (-1, "p1"))),
    Decoding("number", scale=0.1, offset=2, times=("p0", "p1")),
    Decoding("number", times=("p0",), divided_by=("p1",), maximum=50),
    Decoding("enum", labels=LABELS, only_if=(("p2", "on"),)),
    Decoding("number", only_above=(Floor("p0", 0.5, "p1"),)),
)
FORMULAS = {
    "vswr": Decoding("number", only_above=(Floor("p0", 1),), derived=Formula("vswr", ("p0", "p1"))),
    "share": Decoding("number", derived=Formula("percent_of_nominal", ("p0",), 1000)),
    "loss": Decoding("number", minimum=0, derived=Formula("return_loss", ("p0", "p3"))),
}
BESIDES = points(NUMBER, NUMBER, Decoding("enum", labels=LABELS), *LEANING, **FORMULAS)


@st.composite
def answers(draw: st.DrawFn) -> tuple[tuple[SourcePoint, ...], list[list[Raw]]]:
    """A device of any points, and some answers of it."""
    more = draw(st.lists(DECODINGS, max_size=6))
    read = [point for point in BESIDES if point.decoding.derived is None]
    shown = points(*(point.decoding for point in read), *more, **FORMULAS)
    width = len(read) + len(more)
    row = st.lists(RAWS, min_size=width, max_size=width)
    return shown, draw(st.lists(row, min_size=1, max_size=4))


def differing(old: Sequence[Raw], new: Sequence[Raw]) -> tuple[int, ...]:
    return tuple(n for n, (a, b) in enumerate(zip(old, new, strict=True)) if repr(a) != repr(b))


@settings(deadline=None, max_examples=300)
@given(device=answers(), tell=st.booleans())
def test_without_memory_a_decoder_equals_the_plain_rules(
    device: tuple[tuple[SourcePoint, ...], list[list[Raw]]], tell: bool
) -> None:
    """Compiled, cached, and told what changed or not: the values are those of ``decode_all``."""
    shown, rows = device
    decoder = Decoder(shown, all_zero="normal")
    before: list[Raw] | None = None
    for number, raws in enumerate(rows):
        changed = differing(before, raws) if tell and before is not None else None
        reading = decoder.take(raws, number * SECOND, changed)
        expected = decode_all(raws, shown)
        assert reading.values == expected
        assert [type(v) for v in reading.values] == [type(v) for v in expected]
        before = raws


def test_an_answer_that_changes_nothing_is_the_same_object() -> None:
    """Ten thousand devices a second say mostly what they said before."""
    decoder = Decoder(points(NUMBER, Decoding("text")))
    first = decoder.take([5, b"x"], 0)
    assert first == Reading((5, "x"))
    assert decoder.take([5, b"x"], SECOND, ()) is first
    assert decoder.take([5, b"x"], 2 * SECOND) is first
    assert decoder.take([5, b"x\0y"], 3 * SECOND, (1,)) is first
    assert decoder.take([6, b"x"], 4 * SECOND, (0,)) == Reading((6, "x"))


def test_the_answer_may_be_overwritten_afterwards() -> None:
    """A lane keeps one list for each member."""
    decoder = Decoder(points(NUMBER, NUMBER))
    raws: list[Raw] = [1, 2]
    decoder.take(raws, 0)
    raws[0] = 9
    assert decoder.take(raws, SECOND).values == (9, 2)


def test_what_leans_on_a_changed_point_changes_with_it() -> None:
    """Only the exponent changed, and the value is another."""
    decoder = Decoder(points(Decoding("number", times_ten_to=((1, "p1"),)), NUMBER))
    assert decoder.take([5, 0], 0).values == (5, 0)
    assert decoder.take([5, 2], SECOND, (1,)).values == (500, 2)


def test_an_answer_of_another_length_is_our_own_mistake() -> None:
    """Values in the wrong place are the worst fault there is."""
    with pytest.raises(ValueError, match="1 raw values for 2 points"):
        Decoder(points(NUMBER, NUMBER)).take([1], 0)
    decoder = Decoder(points(NUMBER, NUMBER))
    decoder.take([1, 2], 0)
    with pytest.raises(ValueError, match="1 raw values for 2 points"):
        decoder.take([1], SECOND)


def test_a_number_outside_its_range_is_suspected_with_what_came() -> None:
    """Not silently nothing: it may be the one sign of a fault. A sentinel stays nothing."""
    decoder = Decoder(points(Decoding("number", "W", minimum=0, maximum=100, absent=(255,))))
    assert decoder.take([101], 0) == Reading((None,), ((0, 101),))
    assert decoder.take([101], SECOND, ()).suspected == ((0, 101),)
    assert decoder.take([255], SECOND) == Reading((None,))
    assert decoder.take([100], 2 * SECOND) == Reading((100,))
