"""The units that a profile may use, with the base unit of each for metrics.

The core evaluates in the profile's own units; nothing is converted for it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Base(NamedTuple):
    """A base unit: a value in the profile's unit, times ``times`` / ``over``, is in ``name``.

    Two whole numbers, so that 57 % becomes exactly the number 0.57.
    """

    name: str
    times: int = 1
    over: int = 1

    def convert(self, value: float) -> float:
        """Return ``value`` in the base unit."""
        return value * self.times / self.over


BASES: Final[dict[str, Base]] = {
    "W": Base("watts"),
    "mW": Base("watts", over=1_000),
    "kW": Base("watts", 1_000),
    "MW": Base("watts", 1_000_000),
    "VA": Base("voltamperes"),
    "kVA": Base("voltamperes", 1_000),
    "var": Base("vars"),
    "kvar": Base("vars", 1_000),
    "J": Base("joules"),
    "Wh": Base("joules", 3_600),
    "kWh": Base("joules", 3_600_000),
    "V": Base("volts"),
    "mV": Base("volts", over=1_000),
    "kV": Base("volts", 1_000),
    "A": Base("amperes"),
    "mA": Base("amperes", over=1_000),
    "Ah": Base("coulombs", 3_600),
    "ohm": Base("ohms"),
    "degC": Base("celsius"),
    "°C": Base("celsius"),
    "℃": Base("celsius"),
    "C": Base("celsius"),
    "Hz": Base("hertz"),
    "kHz": Base("hertz", 1_000),
    "MHz": Base("hertz", 1_000_000),
    "rpm": Base("hertz", over=60),
    "ratio": Base("ratio"),
    "%": Base("ratio", over=100),
    "percent": Base("ratio", over=100),
    "ppm": Base("ratio", over=1_000_000),
    "s": Base("seconds"),
    "ms": Base("seconds", over=1_000),
    "us": Base("seconds", over=1_000_000),
    "ns": Base("seconds", over=1_000_000_000),
    "min": Base("seconds", 60),
    "h": Base("seconds", 3_600),
    "d": Base("seconds", 86_400),
    "dB": Base("decibels"),
    "dBm": Base("dbm"),
    "dBuV": Base("dbuv"),
    "dBµV": Base("dbuv"),
    "Pa": Base("pascals"),
    "kPa": Base("pascals", 1_000),
    "bar": Base("pascals", 100_000),
    "L": Base("cubic_meters", over=1_000),
    "bit/s": Base("bytes_per_second", over=8),
    "kbit/s": Base("bytes_per_second", 125),
    "Mbit/s": Base("bytes_per_second", 125_000),
    "B/s": Base("bytes_per_second"),
    "kB/s": Base("bytes_per_second", 1_000),
    "B": Base("bytes"),
    "kB": Base("bytes", 1_000),
    "KiB": Base("bytes", 1_024),
    "deg": Base("degrees"),
    "count": Base("items"),
}

OTHER: Final = "other"
"""The family name of units that are not in the table; its samples have the unit as a label."""
