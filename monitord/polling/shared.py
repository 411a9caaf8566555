"""Polls through shared sockets: queue, send, collect. Decides neither when nor what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import structlog

from monitord.clock import Clock
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import PollResult
from monitord.logs import error_place
from monitord.polling.reads import PollEnds
from monitord.polling.state import DeviceState, SocketGroup

_log = structlog.get_logger(__name__)


class SharedSockets:
    """The shared sockets and the requests under way on them.

    ``read_alone``: starts a read of a device with its own reader. A shared socket that raises is
    closed for good: its devices are read by their readers from then on.
    """

    def __init__(
        self,
        groups: Sequence[SocketGroup],
        clock: Clock,
        ends: PollEnds,
        read_alone: Callable[[DeviceState], None],
    ) -> None:
        self._groups = list(groups)
        self._clock = clock
        self._ends = ends
        self._read_alone = read_alone

    @property
    def is_busy(self) -> bool:
        """Return whether a request is queued or under way."""
        return any(group.waiting or group.queue for group in self._groups)

    def send(self, room: int) -> None:
        """Send what is queued, at most ``room`` on each socket."""
        for group in tuple(self._groups):
            if not group.queue:
                continue
            batch = [group.queue.popleft() for _ in range(min(room, len(group.queue)))]
            group.waiting += len(batch)
            try:
                group.socket.send([device.member for device in batch], self._clock.now())
            except Exception as error:  # noqa: BLE001 - the readers can do without the socket
                self._abandon(group, error)

    def collect(self) -> None:
        """Report what has come, then the polls past their deadline."""
        for group in tuple(self._groups):
            if not group.waiting:
                continue
            try:
                self._report(group, group.socket.drain(self._clock.now()))
                self._report(group, group.socket.sweep(self._clock.now()))
                for member in group.socket.take_remarked():
                    self._ends.remarked(group.members[member])
            except Exception as error:  # noqa: BLE001 - the readers can do without the socket
                self._abandon(group, error)

    def adopt(self, device: DeviceState) -> None:
        """Poll a device here from now on, if one read by its own reader has taught how."""
        group = device.socket_group
        if group is None or device.on_shared_socket:
            return
        try:
            device.on_shared_socket = group.socket.learn(device.member)
        except Exception as error:  # noqa: BLE001 - the readers can do without the socket
            self._abandon(group, error)

    @property
    def is_used(self) -> bool:
        """Return whether there is a shared socket."""
        return bool(self._groups)

    def replace(self, gone: Collection[DeviceState], groups: Iterable[SocketGroup]) -> None:
        """Poll the devices of ``groups`` too, and no more those that are gone.

        A socket keeps the numbers of its members; one without a member left is closed.
        """
        for device in gone:
            group = device.socket_group
            if group is not None and device.in_socket_queue:
                device.in_socket_queue = False
                if device in group.queue:
                    group.queue.remove(device)
                else:
                    group.waiting -= 1
        for group in self._groups:
            group.left.update(device.member for device in gone if device.socket_group is group)
        unused = [group for group in self._groups if len(group.left) == len(group.members)]
        for group in unused:
            _close(group)
        self._groups = [*(group for group in self._groups if group not in unused), *groups]

    def close(self) -> None:
        """Close all sockets; log an error of one."""
        for group in self._groups:
            _close(group)

    def _report(self, group: SocketGroup, results: Sequence[PollResult]) -> None:
        # The clock is read after the socket: no answer came later than this.
        at = self._clock.now()
        for result in results:
            device = group.members[result.member]
            if not device.in_socket_queue:
                continue
            group.waiting -= 1
            device.in_socket_queue = False
            if result.raws is None:
                device.on_shared_socket = False
                self._read_alone(device)
            elif isinstance(result.raws, ReadError):
                error = result.raws
                device.on_shared_socket = group.socket.keeps(result.member)
                self._ends.failed(device, error.kind, error.detail, result.sent_at, at)
            else:
                changed = None if device.read_elsewhere else result.changed
                device.read_elsewhere = False
                self._ends.answered(device, result.raws, result.sent_at, at, changed)

    def _abandon(self, group: SocketGroup, error: Exception) -> None:
        """Close a shared socket with a defect of ours, and go on with the readers."""
        _log.error("lane_failed", detail=error_place(error))
        now = self._clock.now()
        group.queue.clear()
        group.waiting = 0
        group.socket.close()
        for device in group.members:
            device.socket_group, device.on_shared_socket = None, False
            if device.in_socket_queue:
                device.in_socket_queue = False
                detail = "the shared socket that polled it failed"
                self._ends.failed(device, "bad_answer", detail, device.polled_at or now, now)
        self._groups = [other for other in self._groups if other is not group]


def _close(group: SocketGroup) -> None:
    try:
        group.socket.close()
    except Exception as error:  # noqa: BLE001 - the others are still to be closed
        _log.warning("lane_close_failed", detail=error_place(error))
