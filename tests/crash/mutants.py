"""The code broken on purpose, one place at a time: each break must be caught by kills.

A mutant is a text replacement in a copy of the package, which a process of its own judges. It is
caught by the verdict FAILED alone: a mutant that crashes proves nothing.
``python -m tests.crash.mutants [WORD]`` tries all, or those with the word in their name.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.broken import break_file, copy_package, found_wrong

IN_COMMIT = ("commit_begun", "events_inserted", "projections_kept")
SENDING = ("attempt_sending", "attempt_sent")


@dataclass(frozen=True)
class Mutant:
    """``file`` has ``was`` exactly once, it becomes ``now``; ``at``: where kills show it.

    ``suffer``: what the surroundings go through meanwhile.
    """

    name: str
    file: str
    was: str
    now: str
    at: tuple[str, ...] = ()
    suffer: str = ""


_COMMIT_TO_PUBLISH = """\
        recorded = await self.recording.commit(events, now)
        if recorded:
            self._recorded_until = now
        self._step("committed" if recorded else "commit_failed")
        if adoption is not None:
            adoption.swap()
            if not adoption.done.done():  # at the end of the daemon nobody waits any more
                adoption.done.set_result(None)
            self._step("swapped")
        await self._write_alive(now, instant)
        self._step("alive_written")
        self._publish(events, recorded=recorded)
"""

MUTANTS = (
    Mutant(
        "people are told before the commit",
        "engine.py",
        _COMMIT_TO_PUBLISH,
        """\
        self._publish(events, recorded=True)
        recorded = await self.recording.commit(events, now)
        self._step("committed" if recorded else "commit_failed")
        if adoption is not None:
            adoption.swap()
            if not adoption.done.done():  # at the end of the daemon nobody waits any more
                adoption.done.set_result(None)
            self._step("swapped")
        self._recorded_until = now
        await self._write_alive(now, instant)
        self._step("alive_written")
""",
        ("commit_begun", "projections_kept"),
    ),
    Mutant(
        "the commit is begun and not waited for",
        "recording.py",
        "await self._journal.commit(waiting, snapshot)",
        "self.late = asyncio.create_task(self._journal.commit(waiting, snapshot))",
        ("committed", "alive_written"),
    ),
    Mutant(
        "a batch with an attempt's beginning waits for the next commit",
        "recording.py",
        "        self._since_snapshot += len(events)\n",
        "        self._since_snapshot += len(events)\n"
        "        if any(event.kind == 'attempt_began' for event in events):\n"
        "            return True\n",
        SENDING,
    ),
    Mutant(
        "alive is written before the commit",
        "engine.py",
        '        self._step("advanced")\n',
        '        self._step("advanced")\n        await self._write_alive(now, instant)\n',
        IN_COMMIT,
    ),
    Mutant(
        "alive pairs the site time of one moment with the clocks of another",
        "engine.py",
        "        await self._write_alive(now, instant)\n",
        "        await self._write_alive(now, self._clock.instant())\n",
        ("alive_written",),
    ),
    Mutant(
        "site time stands still while nobody watches",
        "clock.py",
        "return anchor.site + max(0, present.boottime - anchor.instant.boottime)",
        "return anchor.site",
        ("alive_written",),
    ),
    Mutant(
        "events and their projections are two transactions",
        "journal/writing.py",
        '        step("events_inserted")\n',
        '        connection.execute("COMMIT")\n'
        '        connection.execute("BEGIN")\n'
        '        step("events_inserted")\n',
        ("events_inserted", "projections_kept"),
    ),
    Mutant(
        "a kill between commit and alive begins a new epoch",
        "journal/epochs.py",
        "if lived < ends or (lived == ends and alive.head == loaded.head):",
        "if lived == ends and alive.head == loaded.head:",
        ("committed", "transaction_ended"),
    ),
    Mutant(
        "an attempt under way at a kill is taken for told",
        "core/attempts.py",
        "outcome = Attempted(at, person, sending.incident, sending.attempt, delivered=False)",
        "outcome = Attempted(at, person, sending.incident, sending.attempt, delivered=True)",
        ("attempt_sending",),
    ),
    Mutant(
        "an attempt under way at a kill is waited for, for ever",
        "core/adoption.py",
        "    yield from fail_interrupted_attempts(situation, started.at)\n",
        "",
        SENDING,
    ),
    Mutant(
        "a refused message is taken for told",
        "dispatcher.py",
        "            return _Outcome(False, error.permanent, error.detail)\n",
        "            return _Outcome(True)\n",
    ),
    Mutant(
        "a start forgets what people are owed",
        "core/attempts.py",
        "        if person not in situation.people:\n            yield Draft(person",
        "        if True:\n            yield Draft(person",
        SENDING,
    ),
    Mutant(
        "what stood before a kill is held until the start",
        "core/adoption.py",
        "begin = min(started.alive_at or durable.last_mark_at, started.at) - lost",
        "begin = started.at",
    ),
    Mutant(
        "the counters show what a kill can take back",
        "core/view.py",
        "    safe = alive_at - margin(situation, situation.programmes[programme].plan)\n",
        "    safe = alive_at\n",
    ),
)


OF_A_DISK = (
    Mutant(
        "what a full disk took counts as monitored",
        "record_opening.py",
        "    known = alive.recorded_until\n",
        "    known = alive.site\n",
        suffer="disk_full",
    ),
    Mutant(
        "the counters grow while events wait for the disk",
        "metrics/exposition.py",
        "recorded=not len(engine.pending)",
        "recorded=True",
        suffer="disk_full",
    ),
    Mutant(
        "a message that is not on disk carries its number",
        "messages/compose.py",
        '"alert_id": None if unrecorded else alert["alert_id"],',
        '"alert_id": alert["alert_id"],',
        suffer="disk_full",
    ),
)
"""Those that show where the disk takes nothing."""


SURE = (
    "alive is written before the commit",
    "events and their projections are two transactions",
    "a kill between commit and alive begins a new epoch",
)
"""Those that any kill at their steps shows."""


UNBROKEN = Mutant("the code is as it is", "engine.py", "", "")
"""The control: what judges the mutants must pass the same copy without a break."""


def report(
    mutant: Mutant, folder: Path, *, seeds: Sequence[int] = (7, 8, 9), kills: int = 8
) -> str:
    """Return what the judge finds wrong with the broken code, "" where nothing: it is blind."""
    copy = copy_package(folder)
    if mutant.was:
        break_file(copy / mutant.file, mutant.was, mutant.now)
    wrong = (_judged(mutant, folder, seed, kills) for seed in seeds)
    return next(filter(None, wrong), "")


def _judged(mutant: Mutant, folder: Path, seed: int, kills: int) -> str:
    at = ("--at", *mutant.at) if mutant.at else ()
    suffer = ("--suffer", mutant.suffer) if mutant.suffer else ()
    options = ("--seed", str(seed), "--kills", str(kills), *at, *suffer)
    return found_wrong(folder, "tests.crash", options)


def main() -> int:
    """Try the mutants; print of each the first thing that was found wrong."""
    word = " ".join(sys.argv[1:])
    survivors = 0
    for mutant in (*MUTANTS, *OF_A_DISK):
        if word not in mutant.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            lines = report(mutant, Path(folder)).splitlines()
        survivors += not lines
        shown = f"caught ({len(lines)} lines): {lines[0]}" if lines else "SURVIVED"
        sys.stdout.write(f"{mutant.name}: {shown}\n")
        sys.stdout.flush()
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
