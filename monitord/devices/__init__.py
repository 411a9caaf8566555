"""The edge in: one reader for each kind of source. Judges nothing, keeps no schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from monitord.clock import Clock
from monitord.core.model import SECOND
from monitord.devices.bus.bus import Bus, Buses
from monitord.devices.bus.settings import OnALine
from monitord.devices.frames import FrameReader
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings, Reader, Source
from monitord.devices.no_secret import NoSecretReader, is_without_secret
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.snmp.shared_socket import SnmpSharedSocket

READERS: Mapping[type[Any], Callable[..., Reader]] = {
    SnmpSource: SnmpReader,
    ModbusSource: ModbusReader,
    FrameSource: FrameReader,
}
"""A new protocol is one package and one line here."""


def open_readers(
    devices: Sequence[DeviceSettings], clock: Clock | None = None, beside: Iterable[object] = ()
) -> dict[str, Reader]:
    """Return every device's reader by id; those of one line share its bus. Nothing is sent yet.

    ``beside``: readers that stay; a new one on a line of theirs shares the bus with them.
    """
    buses = Buses(clock, buses_of(beside).values())
    return {device.id: _open(device.source, buses) for device in devices}


def open_reader(settings: DeviceSettings) -> Reader:
    """Return one device's reader, alone on its line; nothing is sent before its first read."""
    return _open(settings.source, Buses())


def _open(source: Source, buses: Buses) -> Reader:
    if is_without_secret(source):
        return NoSecretReader()
    reader = READERS[type(source)]
    return reader(source, buses.at(source.line)) if isinstance(source, OnALine) else reader(source)


def buses_of(readers: Iterable[object]) -> dict[str, Bus]:
    """Return every bus that readers share, by its line in words."""
    buses = (reader.bus for reader in readers if isinstance(reader, ModbusReader | FrameReader))
    return {bus.where: bus for bus in buses}


SHARED_SOCKET_FROM = 20
"""SNMP polls a second from which a shared socket costs less. Below it, readers answer sooner."""


def open_shared_sockets(
    devices: Sequence[DeviceSettings], readers: Mapping[str, Any]
) -> list[tuple[SnmpSharedSocket, tuple[str, ...]]]:
    """Return shared sockets with their members' ids; none below ``SHARED_SOCKET_FROM``.

    ``readers``: as ``open_readers`` returns them.
    """
    agents = [device for device in devices if isinstance(readers[device.id], SnmpReader)]
    if sum(SECOND / device.poll_every for device in agents) < SHARED_SOCKET_FROM:
        return []
    shared_socket = SnmpSharedSocket(agents, [readers[device.id] for device in agents])
    return [(shared_socket, tuple(device.id for device in agents))]
