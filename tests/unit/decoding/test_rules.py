"""Raw values become values: the rules of ``decode``, one by one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint
from tests.support.decoding import decoded, value_of

NUMBER = Decoding("number")
ENUM = Decoding("enum", labels=((1, "on"), (2, "off")))
KINDS = ("number", "boolean", "enum", "text")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (5, 5),
        (2**63 + 1, 2**63 + 1),  # not through a float
        (2**64 - 1, 2**64 - 1),
        (True, 1),
        (1.5, 1.5),
        ("50.0", 50.0),
        (b"50", 50),
        ("43.0 C", 43.0),
        ("43.0 °C", 43.0),
        (b"43.0 \xb0C", 43.0),
        ("3.53V", 3.53),
        (" -12.5 dBm\0", -12.5),
        ("+7", 7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("98 %", 98),
    ],
)
def test_numbers_are_read_from_integers_floats_and_text(raw: Raw, value: Value) -> None:
    """A number in a string counts, with its unit behind it; whole numbers stay whole."""
    found = value_of(raw, NUMBER)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "N/A",
        "null",
        "192.168.0.1",
        "1,234",
        "12:30",
        "2024-05-01",
        "0x1F",
        "5 of 10",
        "9" * 5000,
        "1e999",
        "٣",
        math.nan,
        math.inf,
        -math.inf,
        "nan",
        "inf",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_single_finite_number_is_absent(raw: Raw) -> None:
    """Absent, not zero and not a guess."""
    assert value_of(raw, NUMBER) is None


@pytest.mark.parametrize(
    ("raw", "scale", "offset", "value"),
    [(3, 0.1, 0, 0.3), (1234, 0.001, 0, 1.234), (-20480, 1 / 256, 0, -80.0), (300, 0.1, -40, -10)],
)
def test_scaling_is_decimal(raw: int, scale: float, offset: float, value: float) -> None:
    """0.1 times 3 is 0.3, so that a value on a limit is on the limit."""
    assert value_of(raw, Decoding("number", scale=scale, offset=offset)) == value


@settings(deadline=None)
@given(raw=st.integers(-(2**31), 2**31 - 1), digits=st.integers(1, 4))
def test_scaling_by_a_power_of_ten_gives_the_float_people_write(raw: int, digits: int) -> None:
    """Moving the point is all that happens."""
    scale = float(f"1e-{digits}")
    assert value_of(raw, Decoding("number", scale=scale)) == float(f"{raw}e-{digits}")


TENTHS = Decoding("number", scale=0.1, absent=(-32768, 65535))
RANGES = Decoding("number", absent_ranges=((0xFFF8, 0xFFFF), (-3, -2)))
TRUTHS = Decoding("boolean", truth=(1, 3), absent=(255,))
ALARM = Decoding("boolean", truth=(1,), labels=((1, "alarm"), (2, "fine")))


@pytest.mark.parametrize(
    ("decoding", "values"),
    [
        # A sentinel is what the device sends, before scaling.
        (TENTHS, [(-32768, None), ("65535", None), (655350, 65535.0)]),
        # The highest eight of 16 bits say why there is no value; the ninth is one.
        (RANGES, [(0xFFF7, 0xFFF7), (0xFFF8, None), (0xFFFB, None), (0xFFFF, None)]),
        (RANGES, [(0x10000, 0x10000), (-1, -1), (-2, None), (-3, None), (-4, -4)]),
        # Limits are in the unit and count as inside.
        (
            Decoding("number", scale=0.1, minimum=0, maximum=100),
            [(-1, None), (0, 0.0), (1000, 100.0), (1001, None)],
        ),
        # 0, "undefined" in many MIBs, has no label.
        (ENUM, [(1, "on"), (2, "off"), (0, None), (3, None), (b"2", "off"), (1.0, "on")]),
        (ENUM, [(1.5, None), ("on", None), (None, None)]),
        # Without labels every other number is false; with labels undefined is not fine.
        (TRUTHS, [(1, True), (3, True), (2, False), (0, False), (True, True), (False, False)]),
        (TRUTHS, [("1", True), (255, None), (None, None), ("on", None)]),
        (ALARM, [(1, True), (2, False), (0, None)]),
    ],
)
def test_a_raw_value_without_a_meaning_is_absent(
    decoding: Decoding, values: list[tuple[Raw, Value]]
) -> None:
    """Sentinels, limits, labels and truth values."""
    assert [value_of(raw, decoding) for raw, _ in values] == [value for _, value in values]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"abc\0\0", "abc"),
        ("机房".encode(), "机房"),
        (b"43 \xb0C", "43 °C"),
        ("abc\0", "abc"),
        (b"", ""),
        (17, "17"),
        (None, None),
        (math.nan, None),
    ],
)
def test_text_is_decoded_whatever_its_encoding(raw: Raw, text: str | None) -> None:
    """UTF-8 where it is that, latin-1 otherwise; trailing NULs are padding."""
    assert value_of(raw, Decoding("text")) == text


@pytest.mark.parametrize(
    ("raw", "exponent", "value"),
    [(42_562, -3, 42.562), (5, 3, 5000.0), (7, 0, 7.0), (1, 31, None), (1, 0.5, None)],
)
def test_an_exponent_comes_from_another_point(
    raw: int, exponent: float, value: float | None
) -> None:
    """Exact in decimal; an exponent that is no whole number, or absurd, makes no value."""
    points = [
        SnmpPoint("it", (1, 3), Decoding("number", times_ten_to=((1, "e"),))),
        SnmpPoint("e", (1, 3), Decoding("number")),
    ]
    assert decoded([raw, exponent], points) == (value, exponent)


def test_the_scale_is_taken_before_the_exponent_and_the_limits_after_both() -> None:
    """Limits are in the unit."""
    decoding = Decoding("number", scale=3, offset=1, maximum=301, times_ten_to=((-1, "e"),))
    points = [SnmpPoint("p", (1, 3), decoding), SnmpPoint("e", (1, 3), NUMBER)]
    assert [decoded([raw, -2], points)[0] for raw in (1, 2)] == [301.0, None]


def test_a_value_that_leans_on_others_is_none_without_them() -> None:
    """A number with the wrong scale is worse than none."""
    scaled = Decoding("number", times_ten_to=((1, "e"),))
    points = [SnmpPoint("p", (1, 3), scaled), SnmpPoint("e", (1, 3), NUMBER)]
    assert decoded([5, None], points) == (None, None)
    guarded = Decoding("number", only_if=(("mode", "on"),))
    points = [SnmpPoint("p", (1, 3), guarded), SnmpPoint("mode", (1, 3), ENUM)]
    assert [decoded([5, mode], points)[0] for mode in (None, 2, 1)] == [None, None, 5]


def test_an_unknown_kind_is_our_own_mistake() -> None:
    """The configuration's checks let no such kind through."""
    with pytest.raises(ValueError, match="allowed are boolean, enum, number, text"):
        value_of(1, Decoding("colour"))


@settings(deadline=None)
@given(
    raw=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=80)
    ),
    kind=st.sampled_from(KINDS),
    scale=st.sampled_from([1, 0.1, 1 / 256, 1e300]),
)
def test_no_raw_value_breaks_the_decoder(raw: Raw, kind: str, scale: float) -> None:
    """Whatever a device sends is a value of the right type, or none."""
    value = value_of(raw, Decoding(kind, scale=scale, labels=ENUM.labels))
    types = {"number": (int, float), "boolean": (bool,), "enum": (str,), "text": (str,)}[kind]
    assert value is None or isinstance(value, types)
    assert not isinstance(value, float) or math.isfinite(value)
