"""Opens what polling needs: readers, shared sockets, the poller above them. Sends nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from monitord.clock import Clock
from monitord.devices import buses_of, open_readers, open_shared_sockets
from monitord.devices.bus.counts import LineCounts
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.inbox import Inbox
from monitord.polling.building import SocketAssignment, build_states, split_by_rate
from monitord.polling.outcomes import DownTowards, nothing_down
from monitord.polling.poller import Poller
from monitord.polling.state import DeviceState

OpenReaders: TypeAlias = Callable[
    [Sequence[DeviceSettings], Clock, Iterable[object]], dict[str, Reader]
]
"""Returns the reader of each device by id, beside readers that stay; see ``open_readers``."""
OpenSharedSockets: TypeAlias = Callable[
    [Sequence[DeviceSettings], Mapping[str, Reader]], list[tuple[SnmpSharedSocket, tuple[str, ...]]]
]
"""Returns shared sockets with their members' ids; see ``open_shared_sockets``."""


@dataclass(slots=True)
class OpenedPolling:
    """The poller, and what its shared sockets count; ``replace`` may add to them.

    ``readers``, ``sockets``: open the readers and the shared sockets of devices that a reload
    brings.
    """

    poller: Poller
    shared_sockets: list[SharedSocketCounts]
    readers: OpenReaders
    sockets: OpenSharedSockets

    def replace(self, prepared: PreparedPolling) -> None:
        """Poll by other settings from now on."""
        self.poller.replace(prepared.added, prepared.order, prepared.assignments)
        found = (one.socket for one in prepared.assignments)
        self.shared_sockets += [s.counts for s in found if isinstance(s, SnmpSharedSocket)]


@dataclass(frozen=True, slots=True)
class PreparedPolling:
    """What is opened for other settings, beside what polls: nothing is sent yet.

    ``added``: states of new and changed devices; ``order``: every device's id.
    """

    added: Mapping[str, DeviceState]
    order: Sequence[str]
    assignments: Sequence[SocketAssignment]

    def close(self) -> None:
        """Close the sockets again. Readers that have read nothing hold none."""
        for one in self.assignments:
            one.socket.close()


def prepare_polling(
    polling: OpenedPolling, devices: Sequence[DeviceSettings], added: Collection[str], clock: Clock
) -> PreparedPolling:
    """Open what ``Poller.replace`` needs. ``added``: ids of new and changed devices."""
    poller = polling.poller
    new = [device for device in devices if device.id in added]
    fast, slow = split_by_rate(new)
    staying = {id_ for id_ in poller.states if id_ not in added} & {d.id for d in devices}
    kept = [poller.states[id_] for id_ in sorted(staying)]
    readers = polling.readers(
        [*fast, *slow.values()], clock, [r for s in kept for r in (s.reader, s.slow_reader)]
    )
    shared_sockets = polling.sockets(fast, readers)
    slow_readers = {id_: readers[device.id] for id_, device in slow.items()}
    return PreparedPolling(
        build_states(new, readers, slow_readers),
        [device.id for device in devices],
        [SocketAssignment(*found) for found in shared_sockets],
    )


def line_counts(poller: Poller) -> dict[str, LineCounts]:
    """Return what each bus counts, by its address or path."""
    readers = (r for one in poller.states.values() for r in (one.reader, one.slow_reader))
    return {where: bus.counts for where, bus in buses_of(readers).items()}


def open_polling(
    devices: Sequence[DeviceSettings],
    clock: Clock,
    inbox: Inbox,
    *,
    suspects: Callable[[], frozenset[str]],
    readers: OpenReaders = open_readers,
    sockets: OpenSharedSockets = open_shared_sockets,
    down_towards: DownTowards = nothing_down,
) -> OpenedPolling:
    """Return a poller of ``devices``. See ``Poller`` for what it asks."""
    fast, slow = split_by_rate(devices)
    opened = readers([*fast, *slow.values()], clock, ())
    shared_sockets = sockets(fast, opened)
    poller = Poller(
        devices,
        opened,
        clock,
        inbox,
        assignments=[SocketAssignment(*found) for found in shared_sockets],
        slow_readers={id_: opened[device.id] for id_, device in slow.items()},
        suspects=suspects,
        down_towards=down_towards,
    )
    return OpenedPolling(poller, [socket.counts for socket, _ in shared_sockets], readers, sockets)
