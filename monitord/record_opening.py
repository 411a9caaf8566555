"""Opens the record at a start and folds it, whatever state its file is in. Writes no event.

A start refuses only another owner, another site's record, a newer monitord's, and a folder that
cannot be one (rule 6.2). A damaged file is put aside, and what can be read of it is continued in a
new epoch. One that cannot be written is read, and opened again by later commits.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from monitord.core.apply import GENERATION
from monitord.core.base import fold
from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.core.model import Base, Event
from monitord.core.record_events import Harm
from monitord.journal import Journal, Loaded, RecordError
from monitord.journal.alive import Alive
from monitord.journal.alive_writer import AliveWriter
from monitord.journal.epochs import epoch_for, events_lost

FIRST_EPOCH_MIN, FIRST_EPOCH_MAX = 100_000, 1_000_000
"""A new record begins with a random epoch between them, which all its ids carry."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Continued:
    """``durable``: the state that the start continues, in its epoch. ``base``: of a new one."""

    journal: Journal
    alive: AliveWriter
    durable: Durable
    base: Base | None


def open_and_fold(folder: Path, *, site: str, step: Callable[[str], None]) -> Continued:
    """Return the record of ``site`` with its state. Raises ``RecordError`` where it is refused.

    ``step`` is called with ``opened`` as soon as the record is locked.
    """
    journal = Journal.open_or_wait(folder, site=site, shape=shape_hash(Durable), step=step)
    try:
        step("opened")
        alive = AliveWriter(folder)
        durable, base = continue_record(journal, alive.found)
    except RecordError:
        journal.close()
        raise
    return Continued(journal, alive, durable, base)


def alive_at(alive: Alive | None, durable: Durable, base: Base | None) -> int | None:
    """Return until when the last run is known to have watched; None where that is not known.

    Nobody knows what lost events said: from the last one that was found on, nothing is known. Nor
    what was decided while the disk took no event.
    """
    if alive is None:
        return None
    known = alive.recorded_until
    return known if base is None or base.lost == 0 else min(known, durable.last_at)


def continue_record(journal: Journal, alive: Alive | None) -> tuple[Durable, Base | None]:
    """Return the durable state that a start continues, in its epoch. Raises ``RecordError``.

    ``Base``: its epoch is new, and begins with this state.
    """
    problem = journal.waits_for
    if problem is not None:
        log.error("record_not_opened", detail=str(problem), is_damaged=problem.is_damage)
    if problem is None or not problem.is_damage:
        try:
            loaded = journal.load()
            durable, problem = _fold_sound(loaded)
        except RecordError as error:
            if not error.is_damage:
                raise
            problem = error
        else:
            if problem is None:
                left = _left_aside(journal, loaded, alive)
                return left or (durable, _choose_epoch(journal, loaded, alive, durable))
            return durable, _replace(journal, loaded, durable, alive, str(problem))
    loaded = journal.salvage()
    durable, _ = _fold_sound(loaded)
    return durable, _replace(journal, loaded, durable, alive, str(problem))


def _left_aside(
    journal: Journal, loaded: Loaded, alive: Alive | None
) -> tuple[Durable, Base] | None:
    """Return what a run was to continue that was killed before its first commit; None without.

    It had put the last run's record aside, and begun an empty one.
    """
    if alive is None or loaded.number or loaded.epoch != 1:
        return None
    for kept in journal.salvage_put_aside():
        durable, _ = _fold_sound(kept)
        if durable.epoch == alive.epoch and durable.number:
            why = "the last record was put aside, and nothing was recorded since"
            return durable, _begin_anew(journal, kept, durable, alive, why)
    return None


def _fold_sound(loaded: Loaded) -> tuple[Durable, RecordError | None]:
    """Fold up to the first damage; return the state there, and the damage."""
    problems: list[RecordError] = []

    def sound() -> Iterator[Event]:
        try:
            yield from loaded.events
        except RecordError as error:
            if not error.is_damage:
                raise
            problems.append(error)

    durable = fold(loaded.generation, loaded.snapshot_plain(), sound())
    return durable, problems[0] if problems else None


def _replace(
    journal: Journal, loaded: Loaded, durable: Durable, alive: Alive | None, why: str
) -> Base:
    """Put the damaged file aside, and begin a new epoch with what was found in it."""
    try:
        journal.replace_sync("damaged")
    except RecordError as error:
        log.error("record_not_replaced", detail=str(error))  # noqa: TRY400 - for the operator
    return _begin_anew(journal, loaded, durable, alive, why)


def _begin_anew(
    journal: Journal, loaded: Loaded, durable: Durable, alive: Alive | None, why: str
) -> Base:
    """Begin a new epoch with what was found in a damaged file."""
    lived = alive is not None and alive.epoch == durable.epoch
    known = alive.number if alive is not None and lived else None
    base = Base(
        generation=loaded.generation,
        epoch=durable.epoch,
        number=durable.number,
        head="",
        lost=None if known is None or known < durable.number else known - durable.number,
        harm=Harm.DAMAGED,
    )
    is_known = durable.number > 0 or alive is not None
    newest = max(durable.epoch, 0 if alive is None else alive.epoch)
    durable.epoch = journal.next_epoch(why, newest + 1 if is_known else _first_epoch())
    durable.number = 0
    log.error("record_begins_new_epoch", epoch=durable.epoch, why=why, lost=base.lost)
    return base


def _choose_epoch(
    journal: Journal, loaded: Loaded, alive: Alive | None, durable: Durable
) -> Base | None:
    epoch, lost = epoch_for(loaded, alive)
    if lost is not None:
        log.error("record_begins_new_epoch", epoch=epoch, why=lost)
        durable.epoch = journal.next_epoch(lost, epoch)
    elif loaded.generation < GENERATION:
        durable.epoch = journal.next_epoch(f"events of generation {GENERATION} begin")
        log.info("record_begins_new_generation", epoch=durable.epoch, before=loaded.generation)
    elif loaded.number == 0 and loaded.epoch == 1:
        # Numbers that an earlier record of this site gave away may still be on paper.
        durable.epoch = journal.next_epoch("the first start", _first_epoch())
        return None
    else:
        durable.epoch = epoch
        return None
    durable.number = 0
    return Base(
        generation=loaded.generation,
        epoch=loaded.epoch,
        number=loaded.number,
        head=loaded.head,
        lost=0 if lost is None else events_lost(loaded, alive),
        harm=None if lost is None else Harm.INCOMPLETE,
    )


def _first_epoch() -> int:
    return FIRST_EPOCH_MIN + secrets.randbelow(FIRST_EPOCH_MAX - FIRST_EPOCH_MIN)
