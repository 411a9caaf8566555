"""The edge in: one reader for each kind of source. Judges nothing, keeps no schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from monitord.clock import Clock
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
    devices: Sequence[DeviceSettings], clock: Clock | None = None
) -> dict[str, RawReader]:
    """Return every device's reader by id. Nothing is sent yet."""
    del clock
    return {device.id: open_reader(device) for device in devices}
