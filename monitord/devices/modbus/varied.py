"""Asks the blocks of one unit in lengths by turns, and again where another answer came.

Only the answer to the request that is due is accepted: its length shows it. A lost answer costs no
more than a short wait, because the block is asked again within the read, in another length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitord.core.model import SECOND
from monitord.devices.bus.bus import BusMember
from monitord.devices.modbus.frames import ExceptionResponse, ModbusAnswer, answer_shapes
from monitord.devices.modbus.lengths import Length, Lengths
from monitord.devices.model import ReadError, Remark

ASKED_MAX: Final = 8
"""Requests of a block in one read."""
LEARNT_AFTER: Final = 20
"""So many answers in a row, all equally late, make known how late the unit always is."""
DEPTH_MAX: Final = 3
"""A unit that is later than this is not followed."""
_AFTER_MIN: Final = 3 * SECOND // 50
_NO_REGISTERS: Final = (2, 3)  # illegal address, illegal value


@dataclass(frozen=True, slots=True)
class _Sent:
    """One request, sent ``at`` or later.

    ``proven_from``: the earliest moment that an answer of its shape may be of.
    """

    length: Length
    at: int
    proven_from: int


class VariedUnit:
    """The blocks of one unit that are asked in lengths by turns.

    ``depth``: the unit is always so many answers late, each of them a true one; it was learnt.
    """

    def __init__(
        self, member: BusMember, framing: str, unit_id: int, remark: Callable[[Remark], None]
    ) -> None:
        self.depth = 0
        self._member = member
        self._asked = member.share.asked
        self._framing, self._unit_id = framing, unit_id
        self._remark = remark
        self._sent: deque[_Sent] = deque(maxlen=2 * ASKED_MAX)
        self._began = 0
        self._seen_depth: int | None = 0
        self._same_depth = 0

    async def ask(self, lengths: Lengths, deadline: int) -> tuple[ModbusAnswer, int]:
        """Ask for a block up to ``ASKED_MAX`` times.

        Return its answer, and the earliest moment that this may be of. Raises ReadError.
        """
        self._began = self._member.bus.now()
        for asked in range(1, ASKED_MAX + 1):
            try:
                answer = await self._ask_once(lengths.next(self._asked), deadline)
            except ReadError as error:
                if asked == ASKED_MAX or not self._member.may_ask_again(error, deadline):
                    raise
                continue
            sent = self._due()
            if sent.length.block != lengths.block and asked < ASKED_MAX:
                continue  # The unit is always late: that one was of the block before.
            refused = answer if isinstance(answer, ExceptionResponse) else None
            if refused is None or refused.code not in _NO_REGISTERS:
                break
            if not lengths.refuse(sent.length):
                break
            self._remark(Remark("unreadable", f"{sent.length.block} and more: {refused}"))
        return answer, sent.proven_from

    async def _ask_once(self, length: Length, deadline: int) -> ModbusAnswer:
        bus = self._member.bus
        now = bus.now()
        self._sent.append(_Sent(length, now, self._asked.begin(length.shape, now)))
        try:
            request = length.query.request(0)
            return await self._member.exchange(
                request, self.find_answer, deadline, others=self, is_known=True, is_brief=True
            )
        finally:
            self._asked.end(length.shape, bus.now())

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        """Return the answer that is due and where it ends; raises ReadError."""
        return self._due().length.find_answer(received)

    def _due(self) -> _Sent:
        """Return the request whose answer comes next."""
        return self._sent[max(-1 - self.depth, -len(self._sent))]

    # What follows are ``exchange.Others``.

    def after(self) -> int:
        """Return how long the right answer may come after another one."""
        return max(_AFTER_MIN, 2 * self._member.share.took)

    def are_in(self, received: bytes) -> bool:
        """Return whether a whole answer of the unit came that is not the one that is due."""
        due = self._due().length.shape
        return any(shape != due for shape in self._shapes_in(received))

    def note(self, received: bytes) -> None:
        """Note how late each answer is; count those to earlier requests."""
        for shape in self._shapes_in(received):
            shapes = [sent.length.shape for sent in reversed(self._sent)]
            depth = shapes.index(shape) if shape in shapes else None
            if depth is not None and depth > self.depth:
                self._note_late(self._sent[-1 - depth])
            self._learn(depth)

    def _note_late(self, sent: _Sent) -> None:
        """Count a late answer; a unit that is slower than usual gets more time from now on."""
        bus = self._member.bus
        bus.counts.late_answers += 1
        table, octets = sent.length.shape
        self._remark(Remark("late_answer", f"{octets} octets of {table}"))
        if sent.at >= self._began:
            self._member.share.note_usual(self.find_answer, bus.now() - sent.at)

    def _shapes_in(self, received: bytes) -> list[tuple[str, int]]:
        return answer_shapes(self._framing, self._unit_id, received)

    def _learn(self, depth: int | None) -> None:
        """Follow a unit that is always equally late, and one that is so no more."""
        self._same_depth = self._same_depth + 1 if depth == self._seen_depth else 1
        self._seen_depth = depth
        if depth is None or depth == self.depth or depth > DEPTH_MAX:
            return
        if depth == 0 or self._same_depth >= LEARNT_AFTER:
            self.depth = depth
            self._remark(Remark("answers_behind", f"always {depth} late"))
