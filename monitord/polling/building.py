"""Puts together what the poller keeps of each device, its bus and its lane. Asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.shared_socket import SharedSocket
from monitord.polling.ages import shared_lines, worst_ages
from monitord.polling.overload import ResponseTime, Uptime
from monitord.polling.state import DeviceState, LineGroup, PollStatus, SocketGroup
from monitord.polling.values import Values


@dataclass(frozen=True, slots=True)
class SocketAssignment:
    """A lane and whom it asks: the ids of its members, in the order of their numbers."""

    lane: SharedSocket
    devices: tuple[str, ...]


def split_by_rate(
    devices: Sequence[DeviceSettings],
) -> tuple[list[DeviceSettings], dict[str, DeviceSettings]]:
    """Return what readers are to be opened for: devices with their fast points, and the slow.

    The slow ones stand by the device's id, and have an id of their own.
    """
    fast = [_with_points(device, set(device.slow), slow=False) for device in devices]
    slow = {
        device.id: replace(
            _with_points(device, set(device.slow), slow=True), id=f"{device.id} slow"
        )
        for device in devices
        if device.slow
    }
    return fast, slow


def _with_points(settings: DeviceSettings, places: set[int], *, slow: bool) -> DeviceSettings:
    """Return the device with those of its points alone that are read, and at this pace."""
    if not settings.slow:
        return settings
    source: Any = settings.source
    kept = tuple(p for place, p in enumerate(source.points) if (place in places) is slow)
    return replace(settings, source=replace(source, points=kept), derived=(), slow=())


def device_states(
    devices: Sequence[DeviceSettings],
    readers: Mapping[str, Reader],
    slow_readers: Mapping[str, Reader],
) -> dict[str, DeviceState]:
    """Return what is kept of each device, by id, with the shared_lines they share."""
    ages = worst_ages(devices)
    found = {}
    for order, settings in enumerate(devices):
        state = PollStatus(age_worst=ages[settings.id], remarks=DeviceRemarks(settings.id))
        found[settings.id] = DeviceState(
            id=settings.id,
            settings=settings,
            reader=readers[settings.id],
            slow_reader=slow_readers.get(settings.id),
            values=Values(settings),
            state=state,
            order=order,
            response_time=ResponseTime(),
            uptime=Uptime(settings.uptime),
            ratio=max(1, settings.slow_every // settings.poll_every),
        )
    for group in shared_lines(devices).values():
        bus = LineGroup([found[settings.id] for settings in group])
        for device in bus.members:
            device.line_group = bus
    return found


def socket_group_of(lane_for: SocketAssignment, device: Mapping[str, DeviceState]) -> SocketGroup:
    """Return the lane with its members."""
    socket_group = SocketGroup(lane_for.lane, [device[id_] for id_ in lane_for.devices])
    for member, one in enumerate(socket_group.members):
        one.socket_group, one.member = socket_group, member
    return socket_group
