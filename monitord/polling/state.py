"""What the poller keeps of each device and of each lane. Owns shapes; asks nobody."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitord.core.model import Answer, Silence
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.shared_socket import SharedSocket
from monitord.polling.overload import ResponseTime, Uptime
from monitord.polling.values import Values


@dataclass(slots=True)
class PollStatus:
    """What metrics may know of one device.

    ``took``: microseconds of the last poll, ``took_total`` of all. ``results``: polls by how they
    ended, ``answer`` or the kind of the failed read. ``proven_at``: when the last answer was asked
    for; ``age_worst``: how old that may become as planned. ``slots_left_out``: slots in which a
    silent or overburdened device was left alone. ``bursts``: polls outside the slots.
    """

    last: Answer | Silence | None = None
    took: int = 0
    took_total: int = 0
    answers: int = 0
    silences: int = 0
    results: Counter[str] = field(default_factory=Counter)
    slots_skipped: int = 0
    slots_left_out: int = 0
    silent_in_a_row: int = 0
    proven_at: int | None = None
    age_worst: int = 0
    bursts: int = 0
    slow_failures: int = 0
    slow_failing: bool = False
    remarks: DeviceRemarks = field(default_factory=lambda: DeviceRemarks(""))


class AnswerSink(Protocol):
    """Where outcomes are handed over. What it has no room for must not be asked for."""

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        """Take one batch."""

    def has_room(self, device: str) -> bool:
        """Return whether one more outcome of the device may come."""


@dataclass(eq=False, slots=True)
class LineGroup:
    """Devices that are read one after the other. ``burst_at``: the last read out of turn."""

    members: list[DeviceState] = field(default_factory=list)
    burst_at: int | None = None


@dataclass(eq=False, slots=True)
class SocketGroup:
    """A lane with its devices by member number. ``queue``: due, and not sent yet.

    ``waiting``: how many members' requests are under way.
    """

    lane: SharedSocket
    members: list[DeviceState]
    queue: deque[DeviceState] = field(default_factory=deque)
    waiting: int = 0


@dataclass(eq=False, slots=True)
class DeviceState:
    """One device.

    ``first``: due time of slot 0; ``slot``: the number of the next slot; ``asked_slot``: in which
    it was asked last, at ``asked_at``; ``next_asked``: the first in which it may be asked again;
    ``stretch``: every how many slots it is asked while it answers.
    ``reading``: its read outside a lane, ``in_burst`` if that is one, the last of them begun at
    ``burst_at``; ``owed``: its slot came while a burst was under way.
    ``on_shared_socket``: its lane asks it from now on; ``in_socket_queue``: it is
    in its queue, or its request left; ``met_elsewhere``: its reader has read since the last answer
    on the shared socket;
    ``in_line``: it waits until its reader may read.
    ``ratio``: fast slots to a slow one; ``slow_slot``: the next in which slow points are due.
    """

    id: str
    settings: DeviceSettings
    reader: Reader
    slow_reader: Reader | None
    values: Values
    state: PollStatus
    order: int
    response_time: ResponseTime
    uptime: Uptime
    line_group: LineGroup | None = None
    socket_group: SocketGroup | None = None
    member: int = 0
    on_shared_socket: bool = False
    first: int = 0
    slot: int = 0
    asked_slot: int = -1
    next_asked: int = 0
    asked_at: int | None = None
    silent_since: int = 0
    reading: asyncio.Task[None] | None = None
    in_burst: bool = False
    burst_at: int = 0
    in_socket_queue: bool = False
    in_line: bool = False
    owed: bool = False
    met_elsewhere: bool = False
    slow_reading: asyncio.Task[None] | None = None
    ratio: int = 1
    slow_slot: int = 0
    stretch: int = 1

    @property
    def is_under_way(self) -> bool:
        """Return whether an answer of its fast points is still to come."""
        return self.in_socket_queue or self.in_line or self.reading is not None

    def due(self, slot: int) -> int:
        """Return when a slot is due: a fact, whatever was before it."""
        return self.first + slot * self.settings.poll_every

    def next_due(self) -> int:
        """Return when it is to be asked in its slots again."""
        return self.due(max(self.slot, self.next_asked))

    def mates(self) -> list[DeviceState]:
        """Return the others on its bus."""
        return (
            []
            if self.line_group is None
            else [mate for mate in self.line_group.members if mate is not self]
        )

    def is_spared(self, now: int) -> bool:
        """Return whether it answers slowly, or has restarted lately."""
        return self.response_time.is_slow or self.uptime.is_spared(now)
