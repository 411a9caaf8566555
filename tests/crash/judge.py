"""Holds what a run left behind against what truly happened and what was truly received.

Knows the equipment's truth and the desks' mail; of the daemon only its record, its alive file and
the steps it passed. A claim about time needs no waiting: it rests on the order of requests.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL, SIGTERM

from monitord.core.codec import canonical, shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.history import History, PastImpact, PastPiece
from monitord.journal import Journal
from monitord.journal.errors import RecordError
from tests.crash.configuration import PROGRAMMES, SECOND, TRANSMITTERS
from tests.crash.equipment import Asked, Outage, boottime
from tests.crash.evidence import EVER, Evidence, Verdict, gather, offsets
from tests.crash.harness import HARMED, UNREAD, Run, fold
from tests.crash.lives import Life
from tests.crash.mail import check_alerts, check_mail
from tests.crash.sufferings import OF_THE_RECORD, Suffering

FALLEN_AXIS_MAX = SECOND // 100
"""How far site time may come off the boot clock over a whole run."""
FUZZ = SECOND // 50
"""How far apart a true time and a recorded one may lie because of that."""
SILENCES = ("site_silent", "blind")
"""Faults of which nothing is off air: devices give no answer, all of them or a programme's."""
OF_THE_DISK = (
    *("commit_failed", "events_not_recorded", "alive_not_written", "record_not_opened"),
    *("record_replaced", "record_begins_new_epoch", "record_put_aside", "config_not_stored"),
    "control_not_available",
)
"""Errors that the log may have where the disk or the record suffers."""
TABLES = ("piece", "incident", "impact", "outage", "delivery", "acknowledgement")
TABLES += ("decision", "unsettled", "calendar", "clock")


def judge(run: Run) -> Verdict:
    """Check everything that must be true after kills."""
    verdict = Verdict()
    _check_ends(run, verdict)
    try:
        evidence = gather(run)
    except RecordError as error:
        _note_damage(run, verdict, [str(error)])
        return verdict
    _check_record(evidence, verdict)
    if not verdict.counts["damage_left"]:
        _check_projections(run, verdict)
    _check_steps(evidence, verdict)
    _check_axis(run, verdict)
    _check_pieces(evidence, verdict)
    _check_lost(evidence, verdict)
    _check_false(evidence, verdict)
    check_mail(evidence, verdict)
    check_alerts(evidence, verdict)
    if not evidence.may_lose:
        verdict.failures += run.scrapes.backwards[:5]
    _count(evidence, verdict)
    return verdict


def _note_damage(run: Run, verdict: Verdict, found: list[str]) -> None:
    """Count what is damaged where pages were overwritten: a start reads not all (docs/limits.md).

    Otherwise it is a failure.
    """
    around = run.lives.around
    if around is not None and around.met[Suffering.DAMAGED]:
        verdict.counts["damage_left"] += bool(found)
    else:
        verdict.failures += found


def _check_ends(run: Run, verdict: Verdict) -> None:
    *killed, last = run.lives.lived
    for number, life in enumerate(killed):
        text = f"life {number} ended by itself with {life.code} after {_last_step(life)}"
        in_order = (0, -SIGTERM) if life.plan.in_order else ()
        verdict.must(life.code in (-SIGKILL, *in_order), text)
    verdict.must(last.code == 0, f"the quiet life ended with {last.code}")
    owed = [f"after the quiet life: {text}" for text in run.owed]
    if run.owed == [UNREAD]:
        _note_damage(run, verdict, owed)
    else:
        verdict.failures += owed
    log = run.lives.log.read_text(encoding="utf-8").splitlines()
    wrong = [line for line in log if "Traceback" in line or '"level": "error"' in line]
    if run.lives.around is not None:
        wrong = [line for line in wrong if json.loads(line)["event"] not in OF_THE_DISK]
    verdict.must(not wrong, f"the log tells of {len(wrong)} errors: {wrong[:2]}")


def _last_step(life: Life) -> str:
    return life.visits[-1].step if life.visits else "nothing"


def _check_record(evidence: Evidence, verdict: Verdict) -> None:
    """The chain, the numbers, the one epoch, and the fold from zero and from the snapshot."""
    run = evidence.run
    with History(run.lives.record) as history:
        _note_damage(run, verdict, history.verify())
        epochs = [citation.epoch for citation in history.epochs()]
    # The first of a record is empty: a new record begins with a random one.
    used = {event.epoch for event in evidence.events}
    is_one = len(used) <= 1 and len(epochs) <= 2
    verdict.must(is_one or evidence.may_lose, f"crashes alone began epochs: {epochs}")
    verdict.counts["epochs"] += len(used)
    last = {}
    for event in evidence.events:
        text = f"event {event.epoch}/{event.number} does not follow"
        verdict.must(event.number == last.get(event.epoch, 0) + 1, text)
        last[event.epoch] = event.number
    backwards = [b.number for a, b in pairwise(evidence.events) if b.at < a.at]
    verdict.must(not backwards, f"time goes backwards at events {backwards[:3]}")
    folded = canonical(to_plain(fold(run.lives.record)))
    left = run.lives.durable.read_bytes() if run.lives.durable.exists() else b""
    verdict.must(folded == left, "the record folds to another state than the last life had")
    with closing(_connect(run.lives.record)) as connection:
        snapshots = connection.execute("SELECT number, body FROM snapshot ORDER BY number DESC")
        number, body = snapshots.fetchone() or (0, b"")
    verdict.must(number == evidence.events[-1].number, "an end in order left no snapshot")
    verdict.must(body == folded, "the last snapshot is not what the record folds to")


def _connect(record: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{record / 'record.sqlite'}?mode=ro", uri=True)


def _check_projections(run: Run, verdict: Verdict) -> None:
    """The tables of the present are what refolding a copy of the record gives."""
    copy = run.lives.folder / "copy"
    shutil.copytree(run.lives.record, copy, ignore=shutil.ignore_patterns("control*", "*.sock"))
    kept = _tables(copy)
    journal = Journal.open(copy, site="crash_site", shape=shape_hash(Durable))
    journal.rebuild()
    journal.close()
    refolded = _tables(copy)
    for name in TABLES:
        verdict.must(kept[name] == refolded[name], f"the table {name} is not what refolding gives")


def _tables(record: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(_connect(record)) as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in TABLES
        }


def _check_steps(evidence: Evidence, verdict: Verdict) -> None:
    """What passed ``committed`` is on disk, and the alive file never runs ahead of that."""
    for place, life in enumerate(evidence.run.lives.lived):
        if life.plan.suffers in OF_THE_RECORD:
            continue
        committed = [visit for visit in life.visits if visit.step == "committed"]
        tried = [visit for visit in life.visits if visit.step in ("committed", "commit_failed")]
        if committed:
            text = f"life {place}: event {committed[-1].number} was committed and is gone"
            verdict.must(committed[-1].number <= life.disk_number, text)
        written = [visit.at for visit in life.visits if visit.step == "alive_written"]
        alive = life.alive
        if alive is None:
            verdict.must(not written, f"life {place}: alive was written and is gone")
            continue
        if alive.boottime > life.begin:
            claimed = max((visit.at for visit in tried), default=life.begin)
            text = f"life {place}: alive claims {alive.boottime - claimed} us that no commit covers"
            verdict.must(alive.boottime <= claimed, text)
        if len(written) > 1:
            verdict.must(alive.boottime > written[-2], f"life {place}: alive is too old")
        if alive.boottime > life.begin or not _was_harmed(evidence.run, place):
            text = f"life {place}: alive names what is gone"
            verdict.must(alive.number <= life.disk_number, text)


def _was_harmed(run: Run, place: int) -> bool:
    """Return whether something was done to the record in a life before this one."""
    return any(life.plan.suffers in OF_THE_RECORD for life in run.lives.lived[:place])


def _check_axis(run: Run, verdict: Verdict) -> None:
    """Site time runs with the boot clock through every life and every absence."""
    found = offsets(run)
    drift = max(found) - min(found)
    verdict.counts["axis_drift_us"] = drift
    text = f"site time came {drift} us off the boot clock"
    verdict.must(drift <= FALLEN_AXIS_MAX, text)


def _check_pieces(evidence: Evidence, verdict: Verdict) -> None:
    """Pieces tile; what is called bad was bad, what is called good was good."""
    for programme, pieces in evidence.pieces.items():
        for piece, following in pairwise(pieces):
            tiles = piece.finish == following.start and piece.start <= following.start
            verdict.must(tiles, f"{programme}: pieces do not tile at {piece.finish}")
        outages = list(_true_outages(evidence, programme))
        for piece in pieces:
            _check_piece(programme, piece, outages, verdict)


def _check_piece(
    programme: str, piece: PastPiece, outages: list[tuple[int, int]], verdict: Verdict
) -> None:
    if piece.finish is None:
        return
    length = piece.finish - piece.start
    off = sum(_overlap(outage, (piece.start, piece.finish)) for outage in outages)
    bad = [value.startswith(("bad", "unknown")) for value in piece.possible]
    if all(value.startswith("bad") for value in piece.possible):
        verdict.counts["least_ms"] += length // 1000
        text = f"{programme}: {length - off} us called off air at {piece.start} were on air"
        verdict.must(length - off <= FUZZ, text)
    if not any(bad):
        text = f"{programme}: {off} us off air at {piece.start} were called good"
        verdict.must(off <= FUZZ, text)
    verdict.counts["blind_ms"] += length // 1000 if piece.blind else 0


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _true_outages(evidence: Evidence, programme: str) -> Iterator[tuple[int, int]]:
    """Yield the programme's true outages on the axis of the record."""
    for outage in evidence.run.equipment.scripts[programme].outages:
        yield outage.begin + evidence.offset, outage.end + evidence.offset


def _check_lost(evidence: Evidence, verdict: Verdict) -> None:
    """Every outage that a committed tick must have judged has an incident."""
    run = evidence.run
    seen = _surely_seen(run)
    verdict.counts["surely_seen"] = len(seen)
    impacts = list(_off_air_impacts(evidence))
    for outage in seen:
        span = outage.begin + evidence.offset, outage.end + evidence.offset
        found = evidence.may_lose and _is_not_known(evidence, outage.programme, span)
        verdict.counts["in_lost_events"] += found
        found = found or any(
            impact.programme == outage.programme and _touches(_span(impact), span)
            for impact in impacts
        )
        what = "carrier" if outage.carrier else "sound"
        text = f"{outage.programme}: no {what} at {span[0]}..{span[1]} was judged and is lost"
        verdict.must(found, text)


def _surely_seen(run: Run) -> list[Outage]:
    """Return the outages of which a bad answer was judged by a tick that is on disk.

    A reader asks again after its answer lies in the inbox, or after a failed read, which the
    daemon logs: the answer may have come too late. So a later request over the same socket, with
    no failed read meanwhile, proves that the answer before was there, and a finished tick that
    began after that request (the alive file names it) has judged it.
    """
    failed = _failed_reads(run)
    lives = iter(run.lives.lived)
    life = next(lives)
    last: dict[tuple[str, int], Asked] = {}
    seen: dict[Outage, None] = {}
    for asked in run.equipment.asked:
        while asked.at > life.end and life is not run.lives.lived[-1]:
            life = next(lives)
            last.clear()
        before = last.get((asked.device, asked.peer))
        last[asked.device, asked.peer] = asked
        if before is None or asked.at >= _judged_to(life):
            continue
        if not any(_touches((before.at, asked.at), span) for span in failed[asked.device]):
            found = (_outage_at(run, programme, before.at) for programme in before.bad)
            seen.update((outage, None) for outage in found if outage is not None)
    return list(seen)


def _judged_to(life: Life) -> int:
    """Return up to when a life's ticks are on disk, in boot time; 0: not known."""
    if life.alive is None or life.plan.suffers is Suffering.LOG:
        return 0  # without a log nobody knows which reads failed
    return life.alive.boottime - (life.alive.site - life.alive.recorded_until)


def _is_not_known(evidence: Evidence, programme: str, span: tuple[int, int]) -> bool:
    """Return whether nothing is known of a part of a span: the record says so, or begins later."""
    if evidence.events[0].at >= span[1]:
        return True
    return any(
        piece.blind and _touches((piece.start, piece.finish or EVER), span)
        for piece in evidence.pieces[programme]
    )


def _failed_reads(run: Run) -> dict[str, list[tuple[int, int]]]:
    """Return by device when its reads failed, in boot time: from the first failure to an answer."""
    wall_offset = time.time_ns() // 1000 - boottime()
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    begun: dict[str, int] = {}
    for line in run.lives.log.read_text(encoding="utf-8").splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        at = round(datetime.fromisoformat(entry["timestamp"]).timestamp() * SECOND) - wall_offset
        match entry["event"]:
            case "device_read_failed":
                begun[entry["device"]] = at - FUZZ
            case "device_answered_again":
                spans[entry["device"]].append((begun.pop(entry["device"], at), at + FUZZ))
            case "monitord_started":
                for device, begin in begun.items():
                    spans[device].append((begin, at))
                begun.clear()
    for device, begin in begun.items():
        spans[device].append((begin, EVER))
    return spans


def _outage_at(run: Run, programme: str, at: int) -> Outage | None:
    outages = run.equipment.scripts[programme].outages
    return next((outage for outage in outages if outage.begin <= at < outage.end), None)


def _off_air_impacts(evidence: Evidence) -> Iterator[PastImpact]:
    for impacts in evidence.impacts.values():
        yield from (impact for impact in impacts if impact.fault == "off_air")


def _span(impact: PastImpact) -> tuple[int, int]:
    end = impact.ended_not_after
    return impact.began_not_before - FUZZ, (EVER if end is None else end) + FUZZ


def _touches(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _check_false(evidence: Evidence, verdict: Verdict) -> None:
    """Every incident is off air, has an impact, and every impact lies on a true outage.

    Where the surroundings suffer, the site may be silent, or a programme out of sight again and
    again: then its devices could not be read.
    """
    for incident in evidence.incidents:
        impacts = evidence.impacts[incident.id]
        silent = evidence.suffers and incident.fault in SILENCES
        verdict.counts["silent"] += silent
        # A fault's name has its kind of harm behind it.
        harmed = evidence.may_lose and incident.fault.startswith(HARMED)
        verdict.counts["harms_reported"] += harmed
        is_known = silent or harmed or incident.fault == "off_air"
        verdict.must(is_known, f"{incident.id} is about {incident.fault}")
        verdict.must(bool(impacts), f"{incident.id} has no impact")
        closed = incident.closed_at is not None or incident.id in evidence.kept_open
        verdict.must(closed, f"{incident.id} never closed")
        over = all(impact.ended_not_after is not None for impact in impacts)
        over = over or (harmed and incident.id in evidence.kept_open)
        verdict.must(over, f"{incident.id} has an impact without an end")
        if harmed:
            verdict.must(_is_true_harm(evidence, impacts), f"{incident.id} is before any harm")
            continue
        for impact in impacts:
            is_true = _is_true_impact(evidence, impact, incident.fault)
            text = f"{incident.id}: {impact.programme} {impact.fault} is false at {_span(impact)}"
            verdict.must(is_true, text)


def _is_true_harm(evidence: Evidence, impacts: Sequence[PastImpact]) -> bool:
    """Return whether something was done to the record before this was said of it."""
    lives = evidence.run.lives.lived
    begun = min(life.begin for life in lives if life.plan.suffers in OF_THE_RECORD)
    return all(_span(impact)[1] > begun + evidence.offset for impact in impacts)


def _is_true_impact(evidence: Evidence, impact: PastImpact, fault: str) -> bool:
    """Return whether it was so; ``fault``: of the incident."""
    if evidence.suffers and fault in SILENCES and impact.fault != "off_air":
        return _is_true_silence(evidence, impact, fault)
    if impact.programme not in PROGRAMMES:
        return False
    outages = _true_outages(evidence, impact.programme)
    return any(_touches(_span(impact), outage) for outage in outages)


def _is_true_silence(evidence: Evidence, impact: PastImpact, fault: str) -> bool:
    """Return whether reads failed then, or no log of that life is left.

    Of every device where the whole site is silent, of one of its own where a programme is blind.
    """
    begin, end = (at - evidence.offset for at in _span(impact))
    failed = _failed_reads(evidence.run)
    without_log = any(
        life.plan.suffers is Suffering.LOG and life.begin <= begin <= life.end
        for life in evidence.run.lives.lived
    )
    is_blind = fault == "blind" and impact.programme in PROGRAMMES
    own = TRANSMITTERS[PROGRAMMES.index(impact.programme)] if is_blind else ""
    devices = (own, "room_io") if is_blind else (*TRANSMITTERS, "room_io")
    silent = [any(_touches((begin, end), span) for span in failed[device]) for device in devices]
    return without_log or (any(silent) if is_blind else all(silent))


def _count(evidence: Evidence, verdict: Verdict) -> None:
    run, counts = evidence.run, verdict.counts
    *killed, _ = run.lives.lived
    counts["kills"] += sum(life.code == -SIGKILL for life in killed)
    counts["steps"] += len({life.plan.step for life in killed if life.reached})
    counts["starts"] += sum(event.kind == "started" for event in evidence.events)
    counts["true_outages"] += sum(1 for _ in run.equipment.outages())
    counts["incidents"] += len(evidence.incidents)
    counts["messages"] += len(run.desks.received)
    counts["refusals"] += sum(run.desks.met[way] for way in ("error", "gone", "reset", "hang"))
    counts["events"] += len(evidence.events)
    counts["failed_reads"] += sum(map(len, _failed_reads(run).values()))
    if run.lives.around is not None:
        counts.update({f"met_{one}": met for one, met in run.lives.around.met.items() if met})
    counts["scrapes"] += run.scrapes.count
    counts["on_shared_sockets"] += run.scrapes.on_shared_sockets
