"""Ids and units of drafted points, from the names and UNITS of a MIB."""

from __future__ import annotations

import re
from typing import Any, Final

from monitord.config.fields.field_types import RESERVED

ID_MAX: Final = 63
_UNITS = {
    "%": "percent",
    "percent": "percent",
    "percentage": "percent",
    "volt": "V",
    "volts": "V",
    "v": "V",
    "mv": "mV",
    "a": "A",
    "amp": "A",
    "amps": "A",
    "ampere": "A",
    "amperes": "A",
    "w": "W",
    "watt": "W",
    "watts": "W",
    "mw": "mW",
    "kw": "kW",
    "hz": "Hz",
    "hertz": "Hz",
    "khz": "kHz",
    "mhz": "MHz",
    "c": "degC",
    "celsius": "degC",
    "degrees celsius": "degC",
    "degrees centigrade": "degC",
    "degree": "degC",
    "degrees": "degC",
    "s": "s",
    "seconds": "s",
    "minutes": "min",
    "rpm": "rpm",
    "db": "dB",
    "dbm": "dBm",
    "dbuv": "dBuV",
}
_UNIT = re.compile(r"\s*(?:(?:x|in|units of)\s+)?([0-9]*\.?[0-9]+)?\s*\*?\s*(.*?)\s*")


def slug(text: str) -> str:
    """Return a name as ids are written: forwardPower becomes forward_power."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    words = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not words or not words[0].isalpha() or words in RESERVED:
        words = f"object_{words}".rstrip("_")
    return words[:ID_MAX].rstrip("_")


def unit_keys(units: str) -> dict[str, Any]:
    """Return unit and scale of a MIB's UNITS, such as ``0.1 Volt DC``."""
    match = _UNIT.fullmatch(units)
    number, word = (match[1], match[2]) if match else (None, units)
    first = word.split()[0] if word else ""
    unit = _UNITS.get(word.lower()) or _UNITS.get(first.lower())
    if unit is None:
        unit = word[:20] if word and word.isprintable() else "count"
    found: dict[str, Any] = {"unit": unit}
    scale = float(number) if number else 1.0
    if scale not in (0.0, 1.0):
        found["scale"] = scale
    return found
