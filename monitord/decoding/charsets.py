"""Texts that agents print, and the numbers in them: charsets and printed units. Scales nothing.

Agents print numbers with their unit: "43.0 C", "3.53V", "50 %". The unit counts: "2 kW" is 2000
where W are expected, and "43 C" is no value there.
"""

from __future__ import annotations

import codecs
import math
import re
from fractions import Fraction
from typing import Final, NamedTuple

from monitord.units import BASES, Base

CHARSETS: Final = (
    "utf-8",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
    "latin-1",
    "ascii",
    "windows-1252",
    "utf-16-be",
    "utf-16-le",
)

_OTHERS: Final = ("utf-8-sig", "idna")
"""Of files that people write, and of host names."""


def load_charsets() -> None:
    """Load every charset that may be needed later: Python reads each from a file at its first use.

    A running program without a free descriptor could not, and its first message would end it.
    """
    for name in (*CHARSETS, *_OTHERS):
        codecs.lookup(name)


# No digit may follow the number: "192.168.0.1", "1,234" and "12:30" are not numbers. A wrong
# guess would be worse than no value.
_EXPONENT = r"(?:[eE][-+]?[0-9]+)?"
_BEHIND = r"(?:\s*([^\d\s.,:;/+-]\D*))?\s*"
_WITH_POINT = re.compile(rf"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}){_BEHIND}")
_WITH_COMMA = re.compile(rf"\s*([-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+){_EXPONENT}){_BEHIND}")
_LENGTH_MAX = 64

# Words that recorded agents print instead of a symbol, in lower case.
_WORDS: Final = {
    "V": ("v", "volt", "volts", "vac", "vdc"),
    "A": ("a", "amp", "amps", "ampere", "amperes"),
    "W": ("w", "watt", "watts"),
    "kW": ("kw",),
    "VA": ("va",),
    "kVA": ("kva",),
    "kWh": ("kwh",),
    "Hz": ("hz", "hertz"),
    "kHz": ("khz",),
    "MHz": ("mhz",),
    "degC": ("c", "deg c", "degree c", "degrees c", "celsius"),
    "percent": ("percent", "%rh", "% rh"),
    "s": ("sec", "secs", "second", "seconds"),
    "min": ("mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
    "d": ("day", "days"),
    "dB": ("db",),
    "dBm": ("dbm",),
    "rpm": ("rpm",),
    "kPa": ("kpa",),
    "L": ("l", "liters", "litres"),
}
_BY_WORD: Final = {word: BASES[unit] for unit, words in _WORDS.items() for word in words}
_FAHRENHEIT: Final = frozenset({"f", "°f", "℉", "deg f", "degree f", "degrees f", "fahrenheit"})
_CELSIUS: Final = BASES["degC"].name


class WrongUnit(float):
    """A number printed with a unit of another quantity than its point's: implausible."""


class Printed(NamedTuple):
    """A number in a text, and the unit behind it."""

    number: int | float
    unit: str


def text_of(raw: float | str | bytes | None, charset: str = "") -> str | None:
    """Return printable text up to its first NUL; None for NaN, infinity and None.

    ``charset``: one of ``CHARSETS``; empty: UTF-8 where the octets are valid, else latin-1. Octets
    that the charset does not have become U+FFFD, which people see.
    """
    if raw is None or (isinstance(raw, float) and not math.isfinite(raw)):
        return None
    if not isinstance(raw, bytes):
        return str(raw).partition("\0")[0]
    if charset:
        return raw.decode(charset, "replace").partition("\0")[0]
    content = raw.partition(b"\0")[0]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Every octet is a latin-1 character. Old agents write the degree sign in latin-1.
        return content.decode("latin-1")


def number_in(text: str, decimal_comma: bool = False) -> Printed | None:
    """Return the number at the beginning of a text, an int if it is written as one; else None."""
    pattern = _WITH_COMMA if decimal_comma else _WITH_POINT
    if len(text) > _LENGTH_MAX or not (found := pattern.fullmatch(text)):
        return None
    written, unit = found.group(1), found.group(2) or ""
    try:
        return Printed(int(written), unit.strip())
    except ValueError:
        number = float(written.replace(",", "."))
    return Printed(number, unit.strip()) if math.isfinite(number) else None


def in_unit(printed: Printed, unit: str, scale: float | Fraction = 1) -> int | float:
    """Return the number to be scaled, in the point's ``unit`` where the text names a known one.

    Where the profile's ``scale`` is the conversion, the number remains as printed. A unit of
    another quantity makes it ``WrongUnit``. A unit that is not in the table is not checked.
    """
    number, printed_unit = printed
    wanted = BASES.get(unit)
    if not printed_unit or printed_unit == unit or wanted is None:
        return number
    if printed_unit.casefold() in _FAHRENHEIT:
        if wanted.name == _CELSIUS and scale == 1:
            return float((exact(number) - 32) * Fraction(5, 9))
        return WrongUnit(number)
    found = BASES.get(printed_unit) or _BY_WORD.get(printed_unit.casefold())
    if found is None:
        return number
    if found.name != wanted.name:
        return WrongUnit(number)
    factor = _factor(found, wanted)
    if factor == 1 or factor == exact(scale):
        return number
    return float(exact(number) * factor) if scale == 1 else WrongUnit(number)


def _factor(found: Base, wanted: Base) -> Fraction:
    return Fraction(found.times * wanted.over, found.over * wanted.times)


def exact(number: float | Fraction) -> Fraction:
    """Return the number as people write it: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int | Fraction) else Fraction(repr(number))
