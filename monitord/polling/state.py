"""What the poller keeps of each device, line and shared socket. Data only; reads nothing."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitord.core.model import Answer, Silence
from monitord.core.values import Numbering
from monitord.decoding.device_decoder import DeviceDecoder
from monitord.devices.bus.asked import LATE_MAX
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.remarks import DeviceRemarks
from monitord.devices.shared_socket import SharedSocket
from monitord.polling.overload import ResponseTime, RestartDetector


@dataclass(slots=True)
class PollStatus:
    """What metrics may read of one device. Times in microseconds; moments are site time.

    ``took``: duration of the last poll; ``took_total``: of all polls. ``results``: count of polls
    by result, ``answer`` or the kind of the ``ReadError``. ``proven_at``: when the request of the
    last answer left; ``age_worst``: the planned maximum of its age. ``slots_skipped``: slots missed
    because a read was under way. ``slots_left_out``: slots not polled because the device is silent
    or overloaded. ``bursts``: polls outside the slots.
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
    """Receives answers and silences: the inbox."""

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        """Accept one batch."""

    def has_room(self, device: str) -> bool:
        """Return whether one more answer of the device is accepted. If not, do not poll it."""


@dataclass(eq=False, slots=True)
class LineGroup:
    """Devices on one line, read one after the other. ``burst_at``: the last poll outside a slot."""

    members: list[DeviceState] = field(default_factory=list)
    burst_at: int | None = None


@dataclass(eq=False, slots=True)
class SocketGroup:
    """A shared socket and its devices by member number.

    ``queue``: devices due and not sent yet. ``waiting``: count of requests under way. ``left``:
    numbers of devices that are not configured any more.
    """

    socket: SharedSocket
    members: list[DeviceState]
    queue: deque[DeviceState] = field(default_factory=deque)
    waiting: int = 0
    left: set[int] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class DeviceState:
    """One device as the poller sees it. Times in microseconds; moments are site time.

    Slots: ``first_due``: due time of slot 0; ``slot``: the next slot. ``polled_slot``: the slot of
    the last poll, at ``polled_at``; ``next_polled_slot``: the first slot that may be polled again.
    ``slot_step``: an answering device is polled in every such slot, 1 or more.
    ``slot_pending``: a slot came during a burst poll and is polled after it.

    Reads: ``reading``: the task of a read with ``reader``; ``in_burst``: that read is a burst
    poll. ``burst_at``: start of the last one. ``in_read_queue``: waits for its turn to be read.
    ``asked``: starts of the last reads of any kind, the newest first, and ``answers_behind_max``
    before it: so many requests earlier the one may be that an answer without a number is of.

    Shared socket: ``on_shared_socket``: polled through ``socket_group`` as number ``member``.
    ``in_socket_queue``: queued there, or its request is under way. ``read_elsewhere``: ``reader``
    has read it since the last answer on the shared socket.

    Slow points: ``slow_ratio``: slots to one slow read; ``slow_slot``: the slot of the next one.
    """

    id: str
    settings: DeviceSettings
    reader: Reader
    slow_reader: Reader | None
    decoder: DeviceDecoder
    status: PollStatus
    order: int
    response_time: ResponseTime
    restarts: RestartDetector
    numbering: Numbering = Numbering.NUMBERED
    line_group: LineGroup | None = None
    socket_group: SocketGroup | None = None
    member: int = 0
    on_shared_socket: bool = False
    first_due: int = 0
    slot: int = 0
    polled_slot: int = -1
    next_polled_slot: int = 0
    polled_at: int | None = None
    silent_since: int = 0
    reading: asyncio.Task[None] | None = None
    in_burst: bool = False
    burst_at: int = 0
    answers_behind_max: int = 1
    asked: tuple[int, ...] = ()
    in_socket_queue: bool = False
    in_read_queue: bool = False
    slot_pending: bool = False
    read_elsewhere: bool = False
    slow_reading: asyncio.Task[None] | None = None
    slow_ratio: int = 1
    slow_slot: int = 0
    slot_step: int = 1

    @property
    def is_under_way(self) -> bool:
        """Return whether a poll of its fast points has not ended."""
        return self.in_socket_queue or self.in_read_queue or self.reading is not None

    def due(self, slot: int) -> int:
        """Return the due time of a slot."""
        return self.first_due + slot * self.settings.poll_every

    def next_due(self) -> int:
        """Return the due time of the next slot in which it may be polled."""
        return self.due(max(self.slot, self.next_polled_slot))

    def proven_from(self, sent_at: int) -> int:
        """Return the earliest moment that an answer to the read begun at ``sent_at`` may be of.

        Without numbers it may answer the read before, if the two do not differ, or one
        ``answers_behind_max`` reads earlier. A reader that varies the length of its requests knows
        it of each.
        """
        if self.numbering is Numbering.VARIED:
            since = self.reader.proven_from
            return sent_at if since is None else min(since, sent_at)
        if self.numbering is Numbering.NUMBERED or len(self.asked) < 2:
            return sent_at
        before = self.asked[-1]
        is_shaped = self.numbering is Numbering.SHAPED and self.answers_behind_max == 1
        is_told_apart = is_shaped and before < sent_at - LATE_MAX
        return sent_at if is_told_apart else min(before, sent_at)

    def note_asked(self, sent_at: int) -> None:
        """Note that a read begins."""
        self.asked = (sent_at, *self.asked[: self.answers_behind_max])

    def response_took(self, sent_at: int, at: int) -> int:
        """Return how long the device took for its answer, in microseconds.

        A reader that asks again within a read knows it; lost answers are not slow ones.
        """
        took = self.reader.took
        return at - sent_at if took is None else took

    def neighbours(self) -> list[DeviceState]:
        """Return the other devices on its line."""
        group = self.line_group
        return [] if group is None else [other for other in group.members if other is not self]

    def is_spared(self, now: int) -> bool:
        """Return whether it is polled more rarely: it responds slowly or restarted recently."""
        return self.response_time.is_slow or self.restarts.is_spared(now)
