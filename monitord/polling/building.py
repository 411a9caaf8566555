"""Builds the poller's state of each device, line and shared socket. Reads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitord.decoding.device_decoder import DeviceDecoder
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.numbering import answers_behind_max_of, numbering_of
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.shared_socket import SharedSocket
from monitord.polling.ages import shared_lines, worst_ages
from monitord.polling.overload import ResponseTime, RestartDetector
from monitord.polling.state import DeviceState, LineGroup, PollStatus, SocketGroup


@dataclass(frozen=True, slots=True)
class SocketAssignment:
    """A shared socket and the ids of its devices, in the order of their member numbers."""

    socket: SharedSocket
    devices: tuple[str, ...]


def split_by_rate(
    devices: Sequence[DeviceSettings],
) -> tuple[list[DeviceSettings], dict[str, DeviceSettings]]:
    """Return the settings to open readers for: devices with fast points, and with slow points.

    The second is by device id; the settings in it have an id of their own.
    """
    fast = [_with_points(device, slow=False) for device in devices]
    slow = {
        device.id: replace(_with_points(device, slow=True), id=f"{device.id} slow")
        for device in devices
        if device.slow
    }
    return fast, slow


def _with_points(settings: DeviceSettings, *, slow: bool) -> DeviceSettings:
    """Return the device with only its slow points, or only the others."""
    if not settings.slow:
        return settings
    source: Any = settings.source
    places = set(settings.slow)
    kept = tuple(p for place, p in enumerate(source.points) if (place in places) is slow)
    return replace(settings, source=replace(source, points=kept), derived=(), slow=())


def build_states(
    devices: Sequence[DeviceSettings],
    readers: Mapping[str, Reader],
    slow_readers: Mapping[str, Reader],
) -> dict[str, DeviceState]:
    """Return the state of each device by id, with the groups of those that share a line."""
    states = {
        settings.id: DeviceState(
            id=settings.id,
            settings=settings,
            reader=readers[settings.id],
            slow_reader=slow_readers.get(settings.id),
            decoder=_decoder_of(settings),
            status=PollStatus(remarks=DeviceRemarks(settings.id)),
            order=order,
            response_time=ResponseTime(),
            restarts=RestartDetector(settings.uptime),
            slow_ratio=max(1, settings.slow_every // settings.poll_every),
            numbering=numbering_of(settings),
            answers_behind_max=answers_behind_max_of(settings),
        )
        for order, settings in enumerate(devices)
    }
    join_lines(states)
    return states


def join_lines(states: Mapping[str, DeviceState]) -> None:
    """Group the devices that share a line, and plan the greatest age of each one's values."""
    settings = [device.settings for device in states.values()]
    for order, device in enumerate(states.values()):
        device.order = order
        device.line_group = None
    for sharing in shared_lines(settings).values():
        group = LineGroup([states[one.id] for one in sharing])
        for device in group.members:
            device.line_group = group
    for id_, age in worst_ages(settings).items():
        states[id_].status.age_worst = age


def _decoder_of(settings: DeviceSettings) -> DeviceDecoder:
    valid_for = settings.slow_every + settings.deadline
    return DeviceDecoder(settings.points, settings.all_zero, settings.slow, valid_for)


def build_socket_group(
    assignment: SocketAssignment, states: Mapping[str, DeviceState]
) -> SocketGroup:
    """Return the shared socket with the states of its devices, and number these."""
    group = SocketGroup(assignment.socket, [states[id_] for id_ in assignment.devices])
    for member, device in enumerate(group.members):
        device.socket_group, device.member = group, member
    return group
