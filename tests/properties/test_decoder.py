"""Readings of any answers: equal to the plain rules, and no implausible value is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import CounterRule, Decoding, DerivedPoint, Floor, Formula, SourcePoint
from monitord.decoding.plausibility import ALL_ZERO
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint
from tests.properties.scripts import examples
from tests.support.plain_rules import plain_values

NUMBER = Decoding("number", "W")
MINUTE = 60 * SECOND


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


@examples(300)
@given(device=answers(), tell=st.booleans())
def test_without_memory_a_decoder_equals_the_plain_rules(
    device: tuple[tuple[SourcePoint, ...], list[list[Raw]]], tell: bool
) -> None:
    """With known changes or without: the values are those of ``plain_values``."""
    shown, rows = device
    decoder = Decoder(shown, all_zero="normal")
    before: list[Raw] | None = None
    for number, raws in enumerate(rows):
        changed = differing(before, raws) if tell and before is not None else None
        reading = decoder.decode(raws, number * SECOND, changed)
        expected = plain_values(raws, shown)
        assert reading.values == expected
        assert list(map(type, reading.values)) == list(map(type, expected))
        before = raws


JUDGED = st.builds(
    Decoding,
    kind=st.just("number"),
    unit=st.just("W"),
    scale=st.sampled_from([1, 0.1]),
    minimum=st.sampled_from([None, 0]),
    maximum=st.sampled_from([None, 100]),
    change_max=st.sampled_from([None, 1, 50]),
    frozen_after=st.sampled_from([0, 3 * SECOND]),
    absent=st.sampled_from([(), (255,)]),
)
SAID: st.SearchStrategy[Raw] = st.one_of(
    st.sampled_from([0, 0, 0, 1, 1000, -1, 255, None, "5 kW", "9 C", float("nan")]),
    st.integers(-200, 2000),
)


@st.composite
def lives(
    draw: st.DrawFn,
) -> tuple[tuple[SourcePoint, ...], str, list[tuple[int, list[Raw]]]]:
    """A device with any plausibility checks, and its answers at any times."""
    read = (NUMBER, *draw(st.lists(JUDGED, min_size=3, max_size=4)))
    vswr = Decoding("number", only_above=(Floor("p1", 5),), derived=Formula("vswr", ("p1", "p2")))
    shown = points(*read, vswr=vswr)
    rows = st.tuples(
        st.sampled_from([0, 50_000, SECOND, MINUTE]),
        st.lists(SAID, min_size=len(read), max_size=len(read)),
    )
    return shown, draw(st.sampled_from(ALL_ZERO)), draw(st.lists(rows, min_size=1, max_size=12))


def ungated(shown: Sequence[SourcePoint]) -> tuple[SourcePoint, ...]:
    """Return the points with no limits at all."""
    read = [point.decoding for point in shown if point.decoding.derived is None]
    bare = [
        Decoding("number", "W", scale=decoding.scale, absent=decoding.absent) for decoding in read
    ]
    return points(*bare, **{p.id: p.decoding for p in shown if p.decoding.derived is not None})


@examples(200)
@given(lives(), st.sampled_from([0, 2 * SECOND]))
def test_known_changes_give_the_same_readings(
    life: tuple[tuple[SourcePoint, ...], str, list[tuple[int, list[Raw]]]], over: int
) -> None:
    """A shared socket reports what changed, a reader does not; readings and counters are equal."""
    shown, mode, rows = life
    counter = Decoding("number", "B/s", counter=CounterRule(16, over=over))
    more = (*(p for p in shown if p.decoding.derived is None), SnmpPoint("c", (1, 9), counter))
    shown = (*more, *(p for p in shown if p.decoding.derived is not None))
    told, untold = Decoder(shown, mode), Decoder(shown, mode)
    before: list[Raw] | None = None
    at = 0
    for after, said in rows:
        raws, at = [*said, said[0]], at + after
        changed = None
        if before is not None:
            changed = tuple(n for n, raw in enumerate(raws) if raw is not before[n])
        assert told.decode(raws, at, changed) == untold.decode(raws, at)
        before = raws


@examples(300)
@given(lives(), st.booleans())
def test_an_implausible_value_is_never_lost(
    life: tuple[tuple[SourcePoint, ...], str, list[tuple[int, list[Raw]]]], tell: bool
) -> None:
    """Whatever came is either a value or suspected, with the very number that came.

    So nothing that points to bad can be absent from both, whatever conditions there are.
    """
    shown, mode, rows = life
    decoder, at = Decoder(shown, mode), 0
    before: list[Raw] | None = None
    for after, raws in rows:
        at += after
        known = tell and before is not None
        changed = tuple(n for n, raw in enumerate(raws) if before is None or raw is not before[n])
        reading = decoder.decode(raws, at, changed if known else None)
        suspected = dict(reading.suspected)
        for place, came in enumerate(plain_values(raws, ungated(shown))):
            if came is not None:
                taken = reading.values[place]
                assert came == (suspected.get(place) if taken is None else taken)
        assert all(reading.values[place] is None for place in suspected)
        before = raws
