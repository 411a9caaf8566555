"""Opens what polling needs: readers, shared sockets, the poller above them. Sends nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from monitord.clock import Clock
from monitord.devices import buses_of, open_readers, open_shared_sockets
from monitord.devices.bus.counts import LineCounts
from monitord.devices.model import DeviceSettings
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.inbox import Inbox
from monitord.polling.building import SocketAssignment, split_by_rate
from monitord.polling.poller import Poller


@dataclass(frozen=True, slots=True)
class OpenedPolling:
    """The poller, and what its lines count: all shared sockets, each bus by address or path."""

    poller: Poller
    shared_sockets: Sequence[SharedSocketCounts]
    buses: Mapping[str, LineCounts]


def open_polling(
    devices: Sequence[DeviceSettings],
    clock: Clock,
    inbox: Inbox,
    *,
    suspects: Callable[[], frozenset[str]],
) -> OpenedPolling:
    """Return a poller of ``devices``. ``suspects``: devices to poll outside their slots."""
    fast, slow = split_by_rate(devices)
    readers = open_readers([*fast, *slow.values()], clock)
    shared_sockets = open_shared_sockets(fast, readers)
    poller = Poller(
        devices,
        readers,
        clock,
        inbox,
        assignments=[SocketAssignment(*found) for found in shared_sockets],
        slow_readers={id_: readers[device.id] for id_, device in slow.items()},
        suspects=suspects,
    )
    buses = {where: bus.counts for where, bus in buses_of(readers.values()).items()}
    return OpenedPolling(poller, [socket.counts for socket, _ in shared_sockets], buses)
