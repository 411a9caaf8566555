"""Texts and the numbers in them, as agents print them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.decoding.charsets import CHARSETS, WrongUnit, in_unit, number_in, text_of
from monitord.decoding.model import Decoding
from monitord.decoding.rules import Raw
from tests.support.decoding import value_of


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("机房".encode("gbk"), "gbk", "机房"),
        ("发射机一".encode("gb18030"), "gb18030", "发射机一"),
        ("機房".encode("big5"), "big5", "機房"),
        ("机房".encode("utf-16-be") + b"\0\0\x12", "utf-16-be", "机房"),
        (b"43 \xb0C", "latin-1", "43 °C"),
        (b"43 \xb0C", "", "43 °C"),
        ("机房".encode(), "", "机房"),
        ("机房".encode("gbk") + b"\0\xff\xff", "gbk", "机房"),
        (b"SN-1\0\0rubbish\xff", "", "SN-1"),
        (b"\0", "", ""),
        ("abc\0d", "gbk", "abc"),
        (17, "gbk", "17"),
    ],
)
def test_a_text_is_read_in_its_charset_up_to_its_first_nul(
    raw: int | str | bytes, charset: str, text: str
) -> None:
    """Chinese equipment writes GBK; octets behind the NUL are the rest of a buffer."""
    assert text_of(raw, charset) == text


def test_what_a_charset_cannot_say_shows() -> None:
    """Half a character is not dropped: somebody chose the wrong charset, or it was cut off."""
    assert text_of("机房".encode("gbk")[:3], "gbk") == "机�"
    assert text_of("机".encode(), "ascii") == "���"


@given(st.binary(max_size=40), st.sampled_from(["", *CHARSETS]))
def test_no_octets_break_a_charset(raw: bytes, charset: str) -> None:
    """Whatever a device sends is some text."""
    text = text_of(raw, charset)
    assert text is not None
    assert "\0" not in text


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        ("2 kW", "W", 2000.0),
        ("1500 W", "kW", 1.5),
        ("3.53V", "V", 3.53),
        ("3.53 Volts", "V", 3.53),
        ("20 Amps", "mA", 20_000.0),
        ("43.0 C", "degC", 43.0),
        ("43.0 degree C", "degC", 43.0),
        (b"43.0 \xb0C", "degC", 43.0),
        ("86 F", "degC", 30.0),
        ("50 %", "ratio", 0.5),
        ("48 %", "percent", 48),
        ("5 Hrs", "min", 300.0),
        ("98.6 MHz", "Hz", 98_600_000.0),
        ("7 starts", "count", 7),  # not in the table: nobody's to check
        ("43 C", "sone", 43),
        ("43 C", "W", None),
        ("12 V", "A", None),
        ("86 F", "V", None),
        ("3 dB", "dBm", None),
    ],
)
def test_the_unit_in_a_text_is_checked_and_converted(raw: Raw, unit: str, value: object) -> None:
    """A kilowatt is a thousand watts, and a degree is no watt."""
    assert value_of(raw, Decoding("number", unit)) == value


@pytest.mark.parametrize(
    ("scale", "value"), [(1, 3.53), (0.001, 3.53), (Fraction(1, 1000), 3.53), (0.1, None)]
)
def test_a_scale_that_converts_is_not_done_twice(scale: float, value: float | None) -> None:
    """Millivolts to volts is either the text's own unit or the profile's scale, never both."""
    assert value_of("3530 mV", Decoding("number", "V", scale=scale)) == value


def test_a_number_in_a_wrong_unit_remains_marked() -> None:
    """People see the number that came."""
    printed = number_in("43 C")
    assert printed is not None
    assert isinstance(in_unit(printed, "W"), WrongUnit)


@pytest.mark.parametrize(
    ("raw", "comma", "value"),
    [
        ("1,5", True, 1.5),
        ("1,5 kW", True, 1500.0),
        ("-,5", True, -0.5),
        ("1.5", True, 1.5),
        ("7", True, 7),
        ("1.234,5", True, None),
        ("1,234,567", True, None),
        ("1,5", False, None),
    ],
)
def test_a_decimal_comma_counts_where_the_profile_says_so(
    raw: str, comma: bool, value: float | None
) -> None:
    """Thousands are never guessed."""
    assert value_of(raw, Decoding("number", "W", decimal_comma=comma)) == value


@pytest.mark.parametrize("raw", ["N/A", "null", "Unknown", "", "  ", "-", "--", "n/a 5", "OK"])
def test_words_for_no_value_are_no_value(raw: str) -> None:
    """Not zero."""
    assert value_of(raw, Decoding("number", "W")) is None
