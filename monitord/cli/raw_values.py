"""Shows raw values of devices to people and in JSON."""

from __future__ import annotations

from monitord.core.model import Value
from monitord.decoding.rules import Raw


def shown_raw(raw: Raw) -> Value:
    """Return a raw value for JSON: octets as text if they are printable, else in hexadecimal.

    JSON has neither NaN nor infinity: they become ``"nan"``, ``"inf"``, ``"-inf"``.
    """
    if isinstance(raw, float):
        return raw if raw - raw == 0 else repr(raw)
    if not isinstance(raw, bytes):
        return raw
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
    return text if text.isprintable() else f"0x{raw.hex()}"


def shown_value(value: Value, unit: str) -> str:
    """Return a decoded value with its unit, truth values as ``true`` and ``false``."""
    return str(value).lower() if isinstance(value, bool) else f"{value} {unit}".rstrip()
