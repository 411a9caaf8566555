"""The code broken on purpose, one place at a time: each break must be caught by the simulation.

A mutant is a text replacement in a copy of the package, which a process of its own judges. It is
caught by the verdict FAILED alone: a mutant that crashes proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.broken import break_file, copy_package, found_wrong

SEEDS = (7, 8)
CHANGEOVER_SEEDS = (1001,)
HALL_SEEDS = (12, 17, 53)
"""Histories in which a witness and a restart meet."""


@dataclass(frozen=True)
class Mutant:
    """``file`` has ``was`` exactly once, it becomes ``now``; ``hours`` of site time are run.

    ``wide``: the histories have hours of programmes too; ``shared``: causes that devices share;
    ``hall``: a witness, lower power and a shared reserve; ``weather``: stops of the loop, traps,
    values that cannot be and slow points; ``changeover``: a main and a backup of which two things
    fail at once.
    ``seeds``: of the histories; others where what it breaks is rare. ``room``: where the file is.
    """

    name: str
    file: str
    was: str
    now: str
    hours: int = 10
    wide: bool = False
    shared: bool = False
    hall: bool = False
    weather: bool = False
    changeover: bool = False
    seeds: tuple[int, ...] = SEEDS
    room: str = "core"


MUTANTS = (
    Mutant(
        "held reaches to the end of the last evidence instead of its beginning",
        "timeline.py",
        "return max(self._before, self._proof.sent_at - self.lags[self.kind])",
        "return self._proof.at",
    ),
    Mutant(
        "an answer that says something else is taken for the same once more",
        "fast_path.py",
        "    unchanged = truths == memory.truths",
        "    unchanged = truths is not None",
    ),
    Mutant(
        "the lag of the source is forgotten",
        "plan.py",
        "        return self.false_lag, self.true_lag",
        "        return 0, 0",
        hours=20,  # ten hours of these seeds do not show it
    ),
    Mutant(
        "the lags of true and false are exchanged",
        "plan.py",
        "        return self.false_lag, self.true_lag",
        "        return self.true_lag, self.false_lag",
        hours=20,
    ),
    Mutant(
        "silence longer than the bound proves nothing but goes on holding",
        "timeline.py",
        "return None if self.kind is _BLIND else self.last_after + self.bound + 1",
        "return None if self.kind is _BLIND else self.last_after + 50 * self.bound + 1",
    ),
    Mutant(
        "a redundant stage is judged by the last answers alone",
        "timeline.py",
        'return (self.kind, self.cause) if covered else (_BETWEEN, "")',
        "return self.kind, self.cause",
        seeds=(12,),  # what it breaks is rare: seen in 12, 13 and not in 1 to 9, 11
    ),
    Mutant(
        "absence is bridged: what stood before a crash is held until the start",
        "adoption.py",
        "begin = min(started.alive_at or durable.last_mark_at, started.at) - lost",
        "begin = started.at",
    ),
    Mutant(
        "absence reaches back only to the last sign of life",
        "adoption.py",
        "begin = min(started.alive_at or durable.last_mark_at, started.at) - lost",
        "begin = min(started.alive_at or durable.last_mark_at, started.at)",
        hours=20,
    ),
    Mutant(
        "a between piece is taken for good",
        "verdict.py",
        "        return Verdict((*good, *may_be_bad), None, quality)",
        "        return Verdict(good, None, quality)",
    ),
    Mutant(
        "a blind layer is passed over",
        "verdict.py",
        "            if kind is Kind.BLIND and heard",
        "            if kind is Kind.BLIND and len(found) > 9 and heard",
    ),
    Mutant(
        "an attempt under way at a crash is taken for told",
        "attempts.py",
        "outcome = Attempted(at, person, sending.incident, sending.attempt, delivered=False)",
        "outcome = Attempted(at, person, sending.incident, sending.attempt, delivered=True)",
    ),
    Mutant(
        "a failed attempt is taken for told",
        "message_folds.py",
        "        if body.delivered:\n            _arrived",
        "        if True:\n            _arrived",
    ),
    Mutant(
        "last in, first out: the least urgent message goes first",
        "attempts.py",
        "    for entry in queue.ready:\n",
        "    for entry in reversed(queue.ready):\n",
        hours=20,
    ),
    Mutant(
        "a confirmed message is sent again",
        "person_state.py",
        "        received=Received.YES,",
        "        received=Received.NO,",
        hours=10,  # it never stops sending; six hours of these seeds do not show it
    ),
    Mutant(
        "the closing of an incident is not told",
        "attempts.py",
        "ClosingDue(_must_get_closing(situation, draft.subject))",
        "ClosingDue(())",
    ),
    Mutant(
        "blindness is taken for the outage to be over",
        "faults.py",
        "        seen = Seen.BLIND if is_presumed(now) else Seen.BAD",
        "        seen = Seen.GOOD if is_presumed(now) else Seen.BAD",
    ),
    Mutant(
        "an outage proven inside a between piece opens nothing",
        "programme.py",
        "                    yield from _open(situation, plan, proven, look)\n",
        "                    yield from ()\n",
        hours=20,  # an outage that no settled second shows is rare: one of about 130
    ),
    Mutant(
        "a time comes from outside the record: the fold differs",
        "folds.py",
        "    durable.last_mark_at = event.at\n    if durable.clock.eras",
        "    durable.last_mark_at = event.at + id(event) % 97\n    if durable.clock.eras",
    ),
    Mutant(
        "hours end no outage",
        "outages.py",
        "    if close is not None and close <= settled:",
        "    if close is not None and close <= settled - 10**12:",
        wide=True,
    ),
    Mutant(
        "an outage out of hours rings",
        "faults.py",
        "    if fault.sort not in IN_HOURS or finding.seen is Seen.GOOD:",
        "    if fault.sort not in IN_HOURS or finding.seen is not Seen.BETWEEN:",
        wide=True,
    ),
    Mutant(
        "what only an uncertain clock puts into hours does not ring",
        "calendar.py",
        "_AS_ON: Final = (Expected.ON, Expected.UNSURE)",
        "_AS_ON: Final = (Expected.ON,)",
        wide=True,
    ),
    Mutant(
        "what did not carry before is a part of the cause",
        "places.py",
        "of_few_devices(_fallen(situation, stage, kept.all_failing(stage), began)) or failed",
        "failed",
        shared=True,
    ),
    Mutant(
        "what fails with a link or the mains has causes of its own",
        "causes.py",
        "            if _present(situation, condition) is not Kind.FALSE and not lasts:",
        "            if _present(situation, condition) is not Kind.BETWEEN and not lasts:",
        shared=True,
    ),
    Mutant(
        "nobody suspects an outage while the mains are off",
        "faults.py",
        "    if is_asked and power_lost(situation, plan, since,",
        "    if since < 0 and power_lost(situation, plan, since,",
        hours=20,
        shared=True,
        seeds=(38,),
    ),
    Mutant(
        "an answer that comes in behind a younger one moves the proof back",
        "timeline.py",
        "        self._before = max(self._before, not_before)",
        "        self._before = not_before",
        shared=True,
    ),
    Mutant(
        "a witness that contradicts the chain is not heard",
        "verdict.py",
        "    return held & {Kind.TRUE, Kind.FALSE}",
        "    return held & {Kind.TRUE}",
        hours=6,
        hall=True,
    ),
    Mutant(
        "a witness that is known to be ill counts too",
        "verdict.py",
        "for needs, healthy in found if healthy is Kind.TRUE}",
        "for needs, healthy in found if healthy is not Kind.BLIND}",
        hours=6,
        hall=True,
    ),
    Mutant(
        "what a witness suspects is over as soon as it falls silent",
        "faults.py",
        "    SuspicionSort.WITNESS,\n",
        "",
        hours=6,
        hall=True,
        seeds=HALL_SEEDS,
    ),
    Mutant(
        "a chain that was not asked yet is suspected by its witness",
        "verdict.py",
        "if heard == {Kind.FALSE} and cause not in NOT_WATCHED:",
        "if heard == {Kind.FALSE}:",
        hours=10,
        hall=True,
    ),
    Mutant(
        "what is degraded is taken for good",
        "verdict.py",
        "                return (observed,), None",
        '                return ("good",), None',
        hours=6,
        hall=True,
    ),
    Mutant(
        "a reserve that serves another is free",
        "member_kinds.py",
        "    return at_least(1 + len(member.elsewhere), (ready, *free))",
        "    return at_least(1, (ready, *free))",
        hours=6,
        hall=True,
    ),
    Mutant(
        "a reserve that serves another is called lost",
        "faults.py",
        'Sort.RESERVE_USED if counts["used"] else Sort.RESERVE_LOST)',
        'Sort.RESERVE_USED if counts["unseen"] else Sort.RESERVE_LOST)',
        hours=6,
        hall=True,
    ),
    Mutant(
        "a cause that healed is never let go",
        "healing.py",
        "        return claim.healed + fault.clear_after <= situation.clock",
        "        return claim.healed < 0",
        hours=4,
        changeover=True,
        seeds=CHANGEOVER_SEEDS,
    ),
    Mutant(
        "a place that holds an outage still fails whatever its devices do",
        "places.py",
        "        fail = [device in lacks for device in devices]",
        "        fail = [True for device in devices]",
        hours=4,
        changeover=True,
        seeds=CHANGEOVER_SEEDS,
    ),
    Mutant(
        "what was not read while monitord did not run is the silence of its device",
        "lateness.py",
        "return late is not None and late.at <= at <= late.until + plan.slot + plan.deadline",
        "return late is not None and late.until < at < late.at",
        hours=2,
        weather=True,
    ),
    Mutant(
        "a trap that an answer confirms dates nothing",
        "conditions.py",
        "    return Evidence(condition.id, evidence.value, not_before, report.at)",
        "    return None",
        hours=2,
        weather=True,
    ),
    Mutant(
        "a trap counts however long ago it came",
        "conditions.py",
        "if not max(timeline.last_after, evidence.not_after - condition.bound) < report.at:",
        "if report.at < condition.bound:",
        hours=2,
        weather=True,
    ),
    Mutant(
        "one value that cannot be counts by itself",
        "truths.py",
        "weights[number] = Weight.UNSURE if means_bad else Weight.WEAK",
        "weights[number] = Weight.SURE if means_bad else Weight.WEAK",
        hours=2,
        weather=True,
    ),
    Mutant(
        "a meter that sticks shows that its transmitter is on",
        "truths.py",
        "weights[number] = Weight.UNSURE if means_bad else Weight.WEAK",
        "weights[number] = Weight.UNSURE",
        hours=2,
        weather=True,
    ),
    Mutant(
        "a value that is too old goes on as it was",
        "truths.py",
        "        truths[number] = truth(memory.plan.conditions[number].true_when, values)",
        "        found = truth(memory.plan.conditions[number].true_when, values)\n"
        "        truths[number] = truths[number] if found is None else found",
        hours=2,
        weather=True,
    ),
    Mutant(
        "a reserve that waits is a part of the cause that people read",
        "causes.py",
        'WORKS = ("standby", "in_use", "on_air", "unswitched")',
        'WORKS = ("in_use", "on_air", "unswitched")',
        hours=2,
        changeover=True,
        seeds=CHANGEOVER_SEEDS,
        room="messages",
    ),
    Mutant(
        "a transmitter under power is said to wait",
        "alerts.py",
        '        does = "unswitched" if carries is Kind.FALSE else "unknown"',
        '        does = "standby"',
        hours=2,
        changeover=True,
        seeds=CHANGEOVER_SEEDS,
    ),
    Mutant(
        "a link that answers is said to give no answer",
        "causes.py",
        """    if what == SILENT:
        return _fault(""",
        """    if what in (SILENT, "locked"):
        return _fault(""",
        hours=4,
        shared=True,
        seeds=(7,),
        room="messages",
    ),
    Mutant(
        "a stage without a name is printed by its id",
        "causes.py",
        "    names = {style.labels.given_name(key, short=style.is_short) for key in keys}",
        "    names = {style.labels.name(key, short=style.is_short) for key in keys}",
        hours=2,
        room="messages",
    ),
    Mutant(
        "the last of several programmes is left out of the first sentence",
        "cores.py",
        "        names = [subject(member, style) for member in named]",
        "        names = [subject(member, style) for member in named[:-1]]",
        hours=2,
        room="messages",
    ),
    Mutant(
        "event numbers leave a gap",
        "pipeline.py",
        "        durable.number + 1,",
        '        durable.number + (2 if encoded.kind == "marked" else 1),',
    ),
)


UNBROKEN = Mutant(
    "the code is as it is",
    "pipeline.py",
    "",
    "",
    max(m.hours for m in MUTANTS),
    seeds=(*SEEDS, 12),
)
"""The control: the longest of the judging histories must pass the same copy without a break."""
UNBROKEN_SHARED = replace(
    UNBROKEN, hours=max(m.hours for m in MUTANTS if m.shared), shared=True, seeds=(*SEEDS, 38)
)
UNBROKEN_HALL = replace(
    UNBROKEN, hours=max(m.hours for m in MUTANTS if m.hall), hall=True, seeds=(*SEEDS, *HALL_SEEDS)
)
UNBROKEN_WEATHER = replace(
    UNBROKEN, seeds=SEEDS, hours=max(m.hours for m in MUTANTS if m.weather), weather=True
)
UNBROKEN_WIDE = replace(
    UNBROKEN, seeds=SEEDS, hours=max(m.hours for m in MUTANTS if m.wide), wide=True
)
UNBROKEN_CHANGEOVER = replace(
    UNBROKEN,
    hours=max(m.hours for m in MUTANTS if m.changeover),
    changeover=True,
    seeds=CHANGEOVER_SEEDS,
)


def found(mutant: Mutant, folder: Path) -> str:
    """Return what the simulation finds wrong with the broken code, "" where nothing."""
    copy = copy_package(folder)
    if mutant.was:
        break_file(copy / mutant.room / mutant.file, mutant.was, mutant.now)
    special = ("wide", "shared", "hall", "weather", "changeover")
    own = tuple(f"--{name}" for name in special if getattr(mutant, name))
    kinds = (own,) if own else ((), ("--short",))
    runs = ((seed, kind) for kind in kinds for seed in mutant.seeds)
    wrong = (_judged(folder, mutant.hours, seed, kind) for seed, kind in runs)
    return next(filter(None, wrong), "")


def _judged(folder: Path, hours: int, seed: int, kind: tuple[str, ...]) -> str:
    options = ("--seed", str(seed), "--hours", str(hours), *kind)
    return found_wrong(folder, "tests.simulation", options)
