"""Commits what the core decided, and goes on where the disk does not. Decides nothing of the site.

Events wait in order while the disk takes none (``Pending``); who has waited for a commit for
``LATE_AFTER_S`` waits no longer, and the commit goes on. A file that is gone from its path or
damaged is put aside and another one is begun. If that one lacks events, a new epoch begins with the
whole state (rule 6.2); the same after more events than may wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from monitord.core.apply import GENERATION
from monitord.core.codec import canonical, to_plain
from monitord.core.model import SECOND, Base, Event, Input, RecordReplaced
from monitord.core.rebase import begin_epoch
from monitord.core.record_events import Harm
from monitord.core.situation import Situation
from monitord.journal import CommitFailed, Head, Journal, RecordError
from monitord.journal.errors import RecordLost
from monitord.journal.pending import LIMIT, Pending

LATE_AFTER_S: Final = 3.0
"""Longest time that a tick waits for the disk; a healthy one needs milliseconds."""
CHECK_EVERY: Final = 60 * SECOND
"""The file is compared with its path before each commit, and so often without one."""
REPLACE_EVERY: Final = 60 * SECOND
"""Shortest time between two replaced files: a bad disk damages each new one at once."""
SNAPSHOT_EVERY: Final = 5_000
"""Events between two snapshots, or the number of conditions if that is larger: the most that a
start folds. A snapshot writes all conditions, and must not cost more than these events.
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """``is_whole``: the new file has every event up to ``head``, where the old one ended."""

    why: str
    sort: str
    is_whole: bool
    head: Head


def _harm_of(replaced: _Replaced) -> Harm:
    if replaced.sort == "damaged":
        return Harm.DAMAGED
    return Harm.MOVED if replaced.is_whole else Harm.INCOMPLETE


class Recording:
    """See the module. ``replaced``: how often a file was; ``lost``: events that are in no record.

    ``new_file``: called after a file was replaced. ``put``: gives the core an input: people get a
    message of it.
    """

    def __init__(
        self,
        situation: Situation,
        journal: Journal,
        step: Callable[[str], None],
        *,
        new_file: Callable[[], None] = lambda: None,
        put: Callable[[Input], None],
        pending_max: int = LIMIT,
        late_after_s: float = LATE_AFTER_S,
    ) -> None:
        self.pending = Pending(pending_max)
        self.replaced = 0
        self.lost = 0
        self.failing = False
        self._situation = situation
        self._journal = journal
        self._step = step
        self._new_file = new_file
        self._put = put
        self._pending_max = pending_max
        self._late_after_s = late_after_s
        self._late = False
        self._under_way: asyncio.Task[_Replaced | None] | None = None
        self._waiting: Sequence[Event] = ()
        self._since_snapshot = 0
        self._has_snapshot = False
        self._checked_at = self._replaced_at = -REPLACE_EVERY

    @property
    def head(self) -> Head:
        """The last event on disk."""
        return self._journal.head

    async def commit(self, events: Sequence[Event], now: int) -> bool:
        """Commit the pending events and these; return whether all are on disk."""
        self.pending.add(events)
        self._since_snapshot += len(events)
        while self._under_way is not None or self._is_due(now):
            if self._under_way is None:
                self._begin(now)
            if not await self._finish(now):
                return False
        return True

    def snapshot_next(self) -> None:
        """Write a snapshot with the next commit, for a quick next start."""
        self._since_snapshot = self._snapshot_every

    def _is_due(self, now: int) -> bool:
        return bool(len(self.pending)) or now >= self._checked_at + CHECK_EVERY

    def _begin(self, now: int) -> None:
        self._checked_at = now
        self._waiting = self.pending.waiting()
        may_replace = now >= self._replaced_at + REPLACE_EVERY
        if self._waiting:
            self._step("commit_begun")
        snapshot = self._snapshot()
        self._has_snapshot = snapshot is not None
        self._under_way = asyncio.create_task(
            self._write(self._waiting, snapshot, may_replace=may_replace)
        )

    async def _write(
        self,
        waiting: Sequence[Event],
        snapshot: tuple[int, int, bytes] | None,
        *,
        may_replace: bool,
    ) -> _Replaced | None:
        head = self._journal.head
        try:
            if waiting or snapshot is not None:
                await self._journal.commit(waiting, snapshot)
            else:
                await self._journal.check_place()
        except RecordLost as error:
            if not may_replace:
                raise
            try:
                is_whole = await self._journal.replace(error.sort)
            except RecordError as failed:
                raise CommitFailed(f"{error}; {failed}") from failed
            return _Replaced(str(error), error.sort, is_whole, head)
        return None

    async def _finish(self, now: int) -> bool:
        """Wait for what is under way, but not too long; return whether it succeeded."""
        assert self._under_way is not None, "something was begun"
        late_after_s = 0 if self._late else self._late_after_s
        done, _ = await asyncio.wait([self._under_way], timeout=late_after_s)
        if not done:
            self._late = True
            self._fail(f"the disk has not finished a write for {self._late_after_s:g} s")
            return False
        task, self._under_way, self._late = self._under_way, None, False
        try:
            replaced = task.result()
        except CommitFailed as error:
            self._fail(str(error))
            return False
        if replaced is None:
            self._committed(now)
        else:
            self._go_on(replaced, now)
        return True

    def _fail(self, detail: str) -> None:
        log_failure = log.debug if self.failing else log.error
        log_failure("commit_failed", detail=detail, pending=len(self.pending))
        self.failing = True

    def _committed(self, now: int) -> None:
        if self._waiting:
            self.pending.committed(self._waiting[-1].number)
        if self.failing:
            log.info("commit_works_again", events=len(self._waiting))
        self.failing = False
        if self._has_snapshot:
            self._since_snapshot = 0
        if self.pending.overflowed:
            count = self.pending.overflowed
            why = f"{count} events could not wait for the disk"
            self._begin_epoch(why, self._journal.head, count, now)
            self._put(RecordReplaced(now, Harm.INCOMPLETE, count))

    def _go_on(self, replaced: _Replaced, now: int) -> None:
        if replaced.sort == "closed" and replaced.is_whole:
            log.info("record_opened")
            return
        self.replaced += 1
        self._replaced_at = now
        log.error("record_replaced", why=replaced.why, is_whole=replaced.is_whole)
        lost = 0
        if not replaced.is_whole:
            lost = len(self.pending) + self.pending.overflowed
            self._begin_epoch(replaced.why, replaced.head, lost, now)
        self._new_file()
        self._put(RecordReplaced(now, _harm_of(replaced), lost))

    def _begin_epoch(self, why: str, head: Head, lost: int, now: int) -> None:
        durable = self._situation.durable
        epoch = self._journal.next_epoch(why, durable.epoch + 1)
        base = Base(GENERATION, head.epoch, head.number, head.chain, lost)
        self.lost += lost
        self.pending = Pending(self._pending_max)
        self.pending.add([begin_epoch(durable, epoch, base, now)])
        log.error("record_begins_new_epoch", epoch=epoch, why=why, lost=lost)

    @property
    def _snapshot_every(self) -> int:
        return max(SNAPSHOT_EVERY, len(self._situation.conditions))

    def _snapshot(self) -> tuple[int, int, bytes] | None:
        if self._since_snapshot < self._snapshot_every or self.pending.overflowed:
            return None
        durable = self._situation.durable
        return durable.epoch, durable.number, canonical(to_plain(durable))
