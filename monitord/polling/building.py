"""Puts together what the poller keeps of each device, its bus and its lane. Asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitord.devices.model import DeviceSettings
from monitord.devices.remarks import Remarks
from monitord.devices.shared_socket import SharedSocket
from monitord.polling.ages import buses, worst_ages
from monitord.polling.contact import Pulse, Uptime
from monitord.polling.state import Berth, Bus, Polled, PollState, RawReader
from monitord.polling.values import Values


@dataclass(frozen=True, slots=True)
class LaneFor:
    """A lane and whom it asks: the ids of its members, in the order of their numbers."""

    lane: SharedSocket
    devices: tuple[str, ...]


def by_pace(
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


def polled_by_id(
    devices: Sequence[DeviceSettings],
    readers: Mapping[str, RawReader],
    slow_readers: Mapping[str, RawReader],
) -> dict[str, Polled]:
    """Return what is kept of each device, by id, with the buses they share."""
    ages = worst_ages(devices)
    found = {}
    for order, settings in enumerate(devices):
        state = PollState(age_worst=ages[settings.id], remarks=Remarks(settings.id))
        found[settings.id] = Polled(
            id=settings.id,
            settings=settings,
            reader=readers[settings.id],
            slow_reader=slow_readers.get(settings.id),
            values=Values(settings),
            state=state,
            order=order,
            pulse=Pulse(),
            uptime=Uptime(settings.uptime),
            ratio=max(1, settings.slow_every // settings.poll_every),
        )
    for group in buses(devices).values():
        bus = Bus([found[settings.id] for settings in group])
        for polled in bus.members:
            polled.bus = bus
    return found


def berth_of(lane_for: LaneFor, polled: Mapping[str, Polled]) -> Berth:
    """Return the lane with its members."""
    berth = Berth(lane_for.lane, [polled[id_] for id_ in lane_for.devices])
    for member, one in enumerate(berth.members):
        one.berth, one.member = berth, member
    return berth
