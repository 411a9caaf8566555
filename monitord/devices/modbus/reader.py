"""Reads all points of one Modbus unit within a deadline.

The client of pymodbus is not used: it reconnects and retries on its own clock, accepts transaction
id 0, and does not report whether an answer had come at the deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from monitord.core.model import SECOND
from monitord.decoding.rules import Raw
from monitord.devices.bus.bus import Bus, Buses
from monitord.devices.bus.exchange import FindAnswer, GatewayTimeoutError, Probe
from monitord.devices.bus.settings import Manners, SerialLine
from monitord.devices.modbus.bad_blocks import BadBlocks
from monitord.devices.modbus.blocks import (
    Block,
    BlockLayout,
    halves,
    octets_of,
    plan_blocks,
    probe_of,
    without_holes,
)
from monitord.devices.modbus.frames import QUERIES, ExceptionResponse, ModbusAnswer, Query
from monitord.devices.modbus.lengths import Lengths, lengths_of, living
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.modbus.varied import VariedUnit
from monitord.devices.model import ReadError, Remark
from monitord.devices.sockets import NoHostError
from monitord.texts.phrases import phrase

_log = structlog.get_logger(__name__)

_ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 2, 3
_ACKNOWLEDGE, _BUSY = 5, 6
_BUSY_PAUSE = SECOND // 20
_NAMED_MAX = 3
_PROBES_MAX = 3
_REMARKS_MAX = 16


@dataclass(slots=True)
class _Asked:
    """A block with its query, its answer finder and its layout.

    ``lengths``: by turns, None where it is always asked in the same.
    """

    block: Block
    query: Query
    find_answer: FindAnswer[ModbusAnswer]
    layout: BlockLayout
    lengths: Lengths | None = None


class ModbusReader:
    """One unit on a bus. Points whose registers the unit does not have are None.

    ``bus``: shared with the other units of its line; None: a bus of its own. The poller starts one
    read at a time.
    """

    def __init__(self, source: ModbusSource, bus: Bus | None = None) -> None:
        self._source = source
        self.bus = Buses().at(source.line) if bus is None else bus
        self._member = self.bus.join(f"unit {source.unit_id}", manners_of(source))
        self._remarks: deque[Remark] = deque(maxlen=_REMARKS_MAX)
        self.proven_from: int | None = None
        """The earliest moment that the last answer may be of, where all lengths vary."""
        self.took = 0
        """Microseconds that the unit took for the answers of that read, without lost ones; of
        lines without numbers."""
        self._varied = VariedUnit(
            self._member, source.framing, source.unit_id, self._remarks.append
        )
        self._planned = [self._asked(block) for block in plan_blocks(source.points, source.limits)]
        self._blocks = list(self._planned)
        self._missing: set[str] = set()
        self._probes = 0
        self._is_probe_answered = False
        self._bad = BadBlocks()

    def __repr__(self) -> str:
        return f"ModbusReader({self._source!r})"

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw values in the order of the points, within ``deadline_s`` seconds.

        A point without a register is None. Raises ReadError: timeout, refused, unreachable,
        bad_answer, exception.
        """
        return await self._member.read_within(deadline_s, self._read_until)

    async def close(self) -> None:
        """Leave the line; the next read comes back to it."""
        self._member.close()

    def _asked(self, block: Block) -> _Asked:
        framing, unit = self._source.framing, self._source.unit_id
        query = QUERIES[framing](block, unit)
        counts = lengths_of(block, self._source.limits, framing)
        lengths = Lengths(block, counts, framing, unit) if len(counts) > 1 else None
        return _Asked(block, query, living(query), BlockLayout(block), lengths)

    def take_remarks(self) -> tuple[Remark, ...]:
        """Return the remarks on the unit and clear them."""
        found = tuple(self._remarks)
        self._remarks.clear()
        return found

    async def _read_until(self, deadline: int) -> tuple[Raw, ...]:
        raws: list[Raw] = [None] * len(self._source.points)
        is_whole = False
        try:
            await self._read_all(raws, deadline)
            is_whole = True
        finally:
            if not is_whole:
                # A unit that failed may have changed: try all blocks again.
                self._blocks = list(self._planned)
                for asked in self._planned:
                    if asked.lengths is not None:
                        asked.lengths.open_all()
        return tuple(raws)

    async def _read_all(self, raws: list[Raw], deadline: int) -> None:
        """Read one block after another; one that fails does not hide the others."""
        self._bad.begin_read()
        self.proven_from, self.took = None, 0
        todo = deque(self._bad.in_order((asked.block, asked) for asked in self._blocks))
        answered, failure = 0, None
        while todo:
            asked = todo.popleft()
            try:
                answer = await self._ask(asked, deadline, len(todo) + 1)
            except ReadError as error:
                failure = failure or error
                if not self._is_bad_alone(asked.block, error, answered):
                    raise
                continue
            self._bad.note_answered(asked.block)
            if isinstance(answer, ExceptionResponse):
                if parts := self._parts(asked, answer):
                    number = self._blocks.index(asked)
                    self._blocks[number : number + 1] = parts
                    todo.extendleft(reversed(parts))
                else:
                    self._note_missing(asked.block)
                continue
            asked.layout.fill(answer, raws)
            answered += 1
            if self._missing:
                self._missing.difference_update(point.id for _, point in asked.block.points)
        if self._blocks and not answered:
            self._bad.forget()
            raise failure or self._no_register()

    def _is_bad_alone(self, block: Block, error: ReadError, answered: int) -> bool:
        """Return whether a block that fails is left out of this read; the others count.

        An exception names its block at once. Silence or a wrong answer may be chance: only where
        others were answered and it comes again is this block at fault.
        """
        is_of_the_line = isinstance(error, GatewayTimeoutError | NoHostError)
        if is_of_the_line or error.kind in ("refused", "unreachable"):
            return False
        if error.kind != "exception" and not (
            # Without numbers the order of the requests shows which answer is late.
            self._source.framing == "tcp"
            and self._bad.note_failed(block, others_answered=answered > 0)
        ):
            return False
        self._remarks.append(Remark("unreadable", f"{block}: {error.detail}"))
        return True

    def _no_register(self) -> ReadError:
        unit, registers = self._source.unit_id, _named(self._source.points)
        return ReadError("exception", phrase("modbus.no_register", unit=unit, registers=registers))

    async def _ask(self, asked: _Asked, deadline: int, blocks: int) -> ModbusAnswer:
        """Return the answer; a unit that is busy or not ready is asked again, later each time.

        Codes 5 and 6 say that the request is right and its time is not (Modbus Application Protocol
        V1.1b3, 7). ``blocks``: that share the time left.
        """
        begun = self.bus.now()
        until = begun + (deadline - begun) // blocks
        answer, pause = await self._exchange(asked, deadline), _BUSY_PAUSE
        while isinstance(answer, ExceptionResponse) and answer.code in (_ACKNOWLEDGE, _BUSY):
            again = self.bus.now() + pause
            if again + self._member.share.took >= until:
                break
            await self.bus.clock.sleep_until(again)
            answer, pause = await self._exchange(asked, deadline), 2 * pause
        if isinstance(answer, ExceptionResponse) and not _is_of_registers(answer):
            text = phrase("modbus.refused", block=asked.block, exception=answer)
            raise ReadError("exception", text)
        return answer

    async def _exchange(self, asked: _Asked, deadline: int) -> ModbusAnswer:
        if asked.lengths is not None:
            answer, since = await self._varied.ask(asked.lengths, deadline)
            self.proven_from = since if self.proven_from is None else min(self.proven_from, since)
            self.took += self._member.share.took
            return answer
        if self._source.framing != "tcp":
            return await self._exchange_again(asked, deadline)
        # The bus numbers requests: no two of a connection have the same number.
        request = asked.query.request(self.bus.next_number())
        try:
            answer = await self._member.exchange(request, asked.find_answer, deadline)
        except ReadError as error:
            if error.kind == "timeout" and asked.query.oddity is not None:
                text = phrase("modbus.short", error=error.phrase, oddity=asked.query.oddity)
                raise ReadError("timeout", text) from error
            raise
        if asked.query.oddity is not None:
            self._remarks.append(Remark("odd_frame", str(asked.query.oddity)))
        return answer

    async def _exchange_again(self, asked: _Asked, deadline: int) -> ModbusAnswer:
        """Return the answer to a request that has no number; a lost one is asked for again."""
        member = self._member
        while True:
            probe = self._probe() if member.share.owes else None
            try:
                answer = await member.exchange(
                    asked.query.request(0), asked.find_answer, deadline, probe, is_brief=True
                )
            except ReadError as error:
                if not member.may_ask_again(error, deadline):
                    raise
                continue
            if self._is_probe_answered:
                self._probes, self._is_probe_answered = 0, False
            self.took += member.share.took
            return answer

    def _probe(self) -> Probe | None:
        """Return the probe while a late answer may come, in the framings without numbers.

        Some units do not answer for a table that they do not have, and one that is always late does
        not answer any: after three in vain the request itself is sent twice instead. Where two
        blocks have one form, octets count as an answer: a late one may be of the other block.
        """
        found = probe_of([asked.block for asked in self._blocks])
        if self._source.framing == "tcp" or found is None:
            return None
        self._probes += 1
        if self._probes > _PROBES_MAX:
            return None
        query = QUERIES[self._source.framing](found, self._source.unit_id)

        def take(received: bytes) -> tuple[ModbusAnswer, int] | None:
            answer = query.find_answer(received)
            if received and self._has_twins():
                self._probes = 0
            self._is_probe_answered = self._is_probe_answered or answer is not None
            return answer

        return query.request(0), take

    def _has_twins(self) -> bool:
        """Return whether the answers to two blocks have one form."""
        blocks = [asked.block for asked in self._blocks]
        return len({(one.table, octets_of(one.table, one.count)) for one in blocks}) < len(blocks)

    def _parts(self, asked: _Asked, refusal: ExceptionResponse) -> list[_Asked]:
        """Return the parts of a refused block, or nothing where a split does not help.

        A hole is the likeliest cause; a unit that refuses it once does not get it again.
        """
        block = asked.block
        if block.is_fixed or len(block.points) < 2:
            return []
        at_holes = without_holes(block)
        if len(at_holes) == 1:
            return [self._asked(half) for half in halves(block)]
        parts = [self._asked(part) for part in at_holes]
        if asked in self._planned:
            place = self._planned.index(asked)
            self._planned[place : place + 1] = parts
        _log.info(
            "modbus_hole_refused",
            device=f"{self._source.where} unit {self._source.unit_id}",
            block=str(block),
            answer=str(refusal),
        )
        return parts

    def _note_missing(self, block: Block) -> None:
        """Log once which points have no register, while other points have one."""
        missing = [point for _, point in block.points if point.id not in self._missing]
        self._missing.update(point.id for point in missing)
        if missing:
            _log.warning(
                "modbus_points_missing",
                device=f"{self._source.where} unit {self._source.unit_id}",
                points=[point.id for point in missing[:_NAMED_MAX]],
                where=_named(missing),
            )


def manners_of(source: ModbusSource) -> Manners:
    """Return the manners of a unit: its settings and the needs of its framing.

    RTU on a serial port keeps 3.5 characters of silence between frames, above 19200 baud a fixed
    1.75 ms (Modbus over Serial Line V1.02, 2.5.1.1). A port is quiet when nothing came for twenty.
    """
    manners = replace(source.manners, numbered=source.framing == "tcp")
    if not isinstance(source.line, SerialLine):
        return manners
    character = source.line.character
    silence = max(7 * character // 2, 1750) if source.framing == "rtu" else 0
    return replace(
        manners,
        pause_between_requests=max(manners.pause_between_requests, silence),
        quiet=max(manners.quiet, 20 * character),
    )


def _is_of_registers(refusal: ExceptionResponse) -> bool:
    return refusal.code in (_ILLEGAL_ADDRESS, _ILLEGAL_VALUE)


def _named(points: Sequence[ModbusPoint]) -> str:
    """Return table and address of the first points, as they are configured."""
    named = [f"{point.table} {point.wire_address}" for point in points[:_NAMED_MAX]]
    return ", ".join([*named, *(["..."] if len(points) > _NAMED_MAX else [])])
