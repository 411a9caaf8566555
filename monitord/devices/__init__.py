"""The edge in: one reader for each kind of source. Judges nothing, keeps no schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitord.devices.modbus import ModbusReader
from monitord.devices.model import DeviceSettings, ModbusSource, Reader, SnmpSource, Source
from monitord.devices.snmp import SnmpReader

READERS: Mapping[type[Source], Callable[[Any], Reader]] = {
    SnmpSource: SnmpReader,
    ModbusSource: ModbusReader,
}
"""A new protocol is one package and one line here."""


def open_reader(settings: DeviceSettings) -> Reader:
    """Return the device's reader; nothing is sent before its first read."""
    return READERS[type(settings.source)](settings.source)
