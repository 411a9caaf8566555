"""A configuration begins to count: at a start, or while monitord runs. Owns what follows from it.

Both do the same: what is no longer configured is withdrawn, a new person waits for what is open,
and what is not known to have stayed the same is blind. After a start that is everything.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core import outages, withdrawal
from monitord.core.attempts import drop_unknown_people, fail_interrupted_attempts
from monitord.core.base_event import base_body
from monitord.core.clock_steps import start_clock
from monitord.core.config_events import ConfigurationAdopted
from monitord.core.differences import NO_DIFFERENCES
from monitord.core.events import Draft, PieceOpened, RunStarted
from monitord.core.inconsistent import doubt_again
from monitord.core.model import ConfigAdopted, Started
from monitord.core.plan import Plan, ProgrammePlan
from monitord.core.present import stays_presumed
from monitord.core.record_events import RecordHarmed
from monitord.core.running import margin, settled_end, widest_margin
from monitord.core.situation import Situation


def start(situation: Situation, started: Started) -> Iterator[Draft]:
    """Begin a run: every programme is blind from the last moment that the last run proves."""
    durable = situation.durable
    # A new epoch counts from 1 again; only an empty record has no last time.
    first_ever = durable.last_at == 0
    clean = not durable.running
    if started.base is not None:
        yield Draft("", base_body(started.base, durable))
    yield Draft(
        "",
        RunStarted(
            started.wall,
            started.boot_id,
            started.config_hash,
            started.alive_at,
            started.config_content,
        ),
    )
    if started.base is not None and started.base.harm is not None:
        yield Draft("", RecordHarmed(started.base.harm, started.base.lost))
    if started.differences:
        yield _adopted(started)
    situation.begin(started.at, "not_yet" if first_ever else "absent")
    situation.absent_from = min(started.alive_at or started.at, started.at)
    yield from start_clock(situation, started)
    situation.config_refused = started.config_refused
    doubt_again(situation, started.at)
    for name in _removed(situation, situation.plan):
        begin = _last_known(situation, name, started, widest_margin(situation), clean=clean)
        yield from _leave_blind(situation, name, begin, "absent")
    yield from withdrawal.end_removed(situation, situation.plan)
    yield from drop_unknown_people(situation)
    yield from fail_interrupted_attempts(situation, started.at)
    for memory in situation.programmes.values():
        begin = _last_proven(situation, memory.plan, started, clean=clean)
        yield from _go_blind(situation, memory.plan, begin, "absent")


def adopt(situation: Situation, adopted: ConfigAdopted) -> Iterator[Draft]:
    """Go on with another configuration: what did not change is judged as if nothing had happened.

    A programme with another chain is blind from the last moment that is settled by the old one.
    Where only devices changed, the verdict itself shows whether the programme is blind.
    """
    at = situation.clock
    ends = {name: settled_end(situation, name, at) for name in situation.programmes}
    yield _adopted(adopted)
    for name in _removed(situation, adopted.plan):
        yield from _leave_blind(situation, name, ends.get(name, at), "not_yet")
    yield from withdrawal.end_removed(situation, adopted.plan)
    changed = frozenset(adopted.differences.changed.get("device", ()))
    before = {name: memory.plan.witnesses for name, memory in situation.programmes.items()}
    judged_anew = situation.adopt(adopted.plan, at, changed, ends)
    yield from drop_unknown_people(situation)
    heard = [one.id for one in adopted.plan.programmes if before.get(one.id) != one.witnesses]
    situation.reconfigured = dict.fromkeys(heard, False) | dict.fromkeys(judged_anew, True)
    situation.config_refused = False
    doubt_again(situation, at)
    situation.queues.clear()
    for name in judged_anew:
        yield from _go_blind(situation, situation.programmes[name].plan, ends.get(name, at))


def _adopted(source: Started | ConfigAdopted) -> Draft:
    differences = source.differences or NO_DIFFERENCES
    body = ConfigurationAdopted(
        config_hash=source.config_hash,
        content=source.config_content,
        added=differences.added,
        removed=differences.removed,
        changed=differences.changed,
    )
    return Draft("", body)


def _last_proven(
    situation: Situation, plan: ProgrammePlan, started: Started, *, clean: bool
) -> int:
    """Return the last moment that the last run proves of a programme; the start for a new one."""
    if plan.id not in situation.durable.programmes:
        return started.at
    return _last_known(situation, plan.id, started, margin(situation, plan), clean=clean)


def _last_known(
    situation: Situation, programme: str, started: Started, lost: int, *, clean: bool
) -> int:
    """Return up to when the last run knew of a programme. ``lost``: what its last tick may lack."""
    durable = situation.durable
    begin = min(started.alive_at or durable.last_mark_at, started.at) - lost
    if clean:
        begin = durable.stopped_ends.get(programme, begin)
    return min(begin, started.at)


def _removed(situation: Situation, plan: Plan) -> list[str]:
    """Return the programmes of the record that a configuration does not have any more."""
    return sorted(set(situation.durable.programmes) - {one.id for one in plan.programmes})


def _leave_blind(situation: Situation, programme: str, begin: int, cause: str) -> Iterator[Draft]:
    """Let a programme that goes away be blind from the last moment that is known of it."""
    now = situation.durable.programmes[programme]
    if now.piece.blind is None:
        begin = max(begin, now.piece.start)
        presumed = stays_presumed(now)
        yield Draft(programme, PieceOpened(begin, (f"unknown:{cause}",), cause, presumed))


def _go_blind(
    situation: Situation, plan: ProgrammePlan, begin: int, cause: str = "not_yet"
) -> Iterator[Draft]:
    """Open a blind piece at ``begin``. A programme without a piece was not watched before."""
    now = situation.durable.programmes.get(plan.id)
    if now is None:
        cause = "not_yet"
    else:
        begin = max(begin, now.piece.start)
    presumed = now is not None and stays_presumed(now)
    yield Draft(plan.id, PieceOpened(begin, (f"unknown:{cause}",), cause, presumed))
    # Clear delays stop where blindness begins, not where the run begins.
    yield from outages.step(situation, plan, begin)
