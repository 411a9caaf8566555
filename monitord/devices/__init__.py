"""The edge in: one reader for each kind of source. Judges nothing, keeps no schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from monitord.devices.decode import Raw
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpSource


class RawReader(Reader, Protocol):
    """A reader that also shows what came over the wire, for whoever sets a device up."""

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the values before decoding, in the order of the source's points."""


READERS: Mapping[type[Any], Callable[[Any], RawReader]] = {
    SnmpSource: SnmpReader,
    ModbusSource: ModbusReader,
}
"""A new protocol is one package and one line here."""


def open_reader(settings: DeviceSettings) -> RawReader:
    """Return the device's reader; nothing is sent before its first read."""
    return READERS[type(settings.source)](settings.source)


def open_readers(
    devices: Sequence[DeviceSettings],
) -> tuple[dict[str, RawReader], dict[str, RawReader]]:
    """Return every device's reader, and those of the slow points where a device has any.

    Where it has, the first reads the fast points only. Both go to the same agent or bus.
    """
    readers, slow_readers = {}, {}
    for device in devices:
        fast = [place for place in range(len(device.source.points)) if place not in device.slow]
        readers[device.id] = open_reader(_with_points(device, fast) if device.slow else device)
        if device.slow:
            slow_readers[device.id] = open_reader(_with_points(device, device.slow))
    return readers, slow_readers


def _with_points(settings: DeviceSettings, places: Sequence[int]) -> DeviceSettings:
    """Return the device with these of its points alone."""
    source: Any = settings.source
    points = tuple(source.points[place] for place in places)
    return replace(settings, source=replace(source, points=points), slow=())
