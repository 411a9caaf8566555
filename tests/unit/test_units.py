"""Units of profiles are converted to the base units of metrics."""

from __future__ import annotations

import pytest

from monitord.units import BASES

# Written by hand from SI: value and unit as in a profile, value and base unit as in a metric.
CONVERSIONS = """
    605 W = 605 watts           | 250 mW = 0.25 watts        | 10 kW = 10000 watts
    2 MW = 2000000 watts        | 7 VA = 7 voltamperes       | 3 kVA = 3000 voltamperes
    9 var = 9 vars              | 4 kvar = 4000 vars         | 8 J = 8 joules
    2 Wh = 7200 joules          | 1 kWh = 3600000 joules     | 230 V = 230 volts
    48 mV = 0.048 volts         | 2 kV = 2000 volts          | 6 A = 6 amperes
    20 mA = 0.02 amperes        | 2 Ah = 7200 coulombs       | 50 ohm = 50 ohms
    21 degC = 21 celsius        | 22 °C = 22 celsius         | 23 ℃ = 23 celsius
    24 C = 24 celsius           | 50 Hz = 50 hertz           | 8 kHz = 8000 hertz
    98.6 MHz = 98600000 hertz   | 3000 rpm = 50 hertz        | 2 ratio = 2 ratio
    57 % = 0.57 ratio           | 58 percent = 0.58 ratio    | 5 ppm = 0.000005 ratio
    3 s = 3 seconds             | 40 ms = 0.04 seconds       | 5 us = 0.000005 seconds
    6 ns = 0.000000006 seconds  | 15 min = 900 seconds       | 2 h = 7200 seconds
    3 d = 259200 seconds        | 12 dB = 12 decibels        | -60 dBm = -60 dbm
    54 dBuV = 54 dbuv           | 55 dBµV = 55 dbuv          | 101 Pa = 101 pascals
    3 kPa = 3000 pascals        | 2 bar = 200000 pascals     | 500 L = 0.5 cubic_meters
    64 bit/s = 8 bytes_per_second        | 8 kbit/s = 1000 bytes_per_second
    16 Mbit/s = 2000000 bytes_per_second | 7 B/s = 7 bytes_per_second
    2 kB/s = 2000 bytes_per_second       | 9 B = 9 bytes
    2 kB = 2000 bytes           | 2 KiB = 2048 bytes         | 90 deg = 90 degrees
    4 count = 4 items
"""
ROWS = [row.split() for line in CONVERSIONS.splitlines() for row in line.split("|") if row.strip()]


@pytest.mark.parametrize(("value", "unit", "_equals", "expected", "base"), ROWS)
def test_a_value_is_converted_to_its_base_unit(
    value: str, unit: str, _equals: str, expected: str, base: str
) -> None:
    """Milliwatts are not kilowatts, and hours are not minutes."""
    assert BASES[unit].name == base
    assert BASES[unit].convert(float(value)) == float(expected)


def test_every_unit_has_a_value_written_by_hand() -> None:
    """A new unit needs its row above."""
    assert sorted(BASES) == sorted(row[1] for row in ROWS)
