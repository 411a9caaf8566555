"""``python -m monitord.backup_trial RECORD TARGET SITE``: a copy of the record, and its trial.

A process of its own: to prove a copy reads the whole record. The copy is restored into a folder
beside it and folded there; only then it is kept. Prints one line of JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import structlog

from monitord.journal import RecordError
from monitord.journal.backup import Proven, back_up, restore
from monitord.record_opening import open_and_fold

TRIAL_FOLDER: Final = "restore-trial"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``problem``: what is wrong, in English for the log; "" where the copy was folded.

    ``epoch``, ``number``: of the last event in the copy.
    """

    problem: str = ""
    epoch: int = 0
    number: int = 0


def make(record: Path, target: Path, site: str) -> Outcome:
    """Copy the record to ``target``, restore the copy beside it, fold it, and clear that up."""
    trial = target.parent / TRIAL_FOLDER
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(trial, ignore_errors=True)
        copied = back_up(record, target)
        return _problem(copied) or _tried(copied, trial, site)
    except RecordError as error:
        return Outcome(str(error))
    except OSError as error:
        return Outcome(f"{error.filename or target.parent}: {error.strerror}")
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def _problem(proven: Proven) -> Outcome | None:
    return Outcome("; ".join(proven.problems)) if proven.problems else None


def _tried(copied: Proven, trial: Path, site: str) -> Outcome:
    found = _problem(restore(copied.path, trial, site=site))
    if found is not None:
        return found
    opened = open_and_fold(trial, site=site, step=lambda _: None)
    with closing(opened.journal), closing(opened.alive):
        head, base = copied.head, opened.base
        if base is None or (base.epoch, base.number) != (head.epoch, head.number):
            return Outcome(f"{copied.path}: a restored copy does not fold to its last event")
    return Outcome("", head.epoch, head.number)


def main() -> int:
    """Make the copy that the arguments name; 0 where it is good."""
    # Standard output is for the outcome alone.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    record, target, site = sys.argv[1:]
    outcome = make(Path(record), Path(target), site)
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
    return 1 if outcome.problem else 0


if __name__ == "__main__":
    sys.exit(main())
