"""Measures how long a commit of 5,000 events takes beside a busy loop. Asserts nothing.

Run: ``python -m tests.benchmarks.bench_journal``. The goal is less than 0.5 s.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from monitord.core.codec import canonical
from monitord.core.model import SECOND, Event, Stream
from monitord.journal import Journal
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable

EVENTS = 5_000
RUNS = 5
AXIS = 1_760_000_000_000_000


def _body(number: int, at: int) -> tuple[str, str, dict[str, object]]:
    incident = f"1-{number - number % 20}"
    match number % 20:
        case 0:
            opened = {
                "programme": "county_fm",
                "fault": "off_air",
                "severity": "critical",
                "reason": "no_carrier",
                "stage": "transmitter",
                "conditions": ["fm1.radiating"],
                "opened_at": at,
            }
            return "incident_opened", incident, opened
        case 1 | 2 | 3:
            alert = {
                "alert_id": f"{incident}-duty_desk-1-opened",
                "incident": incident,
                "told": "opened",
                "programme": "county_fm",
                "observed": ["bad:no_carrier"],
                "cause": {"stage": "transmitter", "conditions": ["fm1.radiating"]},
                "began": [at, at],
                "ended": None,
                "least": 0,
                "most_seen": 0,
                "most": 0,
            }
            body = {"incident": incident, "attempt": number, "channel": "desk", "alert": alert}
            return "attempt_began", "duty_desk", body
        case 4 | 5 | 6 | 7 | 8:
            piece = {"start": at, "possible": ["good"], "blind": None, "presumed": False}
            return "piece_opened", f"programme_{number % 9}", piece
        case _:
            turned = {
                "value": True,
                "was": False,
                "not_before": at,
                "not_after": at,
                "held_to": at,
            }
            return "condition_turned", f"fm{number % 40}.radiating", turned


def mixed_events(count: int, first: int) -> list[Event]:
    """Return realistic events numbered from ``first``."""
    events = []
    for number in range(first, first + count):
        at = AXIS + number * SECOND
        kind, subject, body = _body(number, at)
        events.append(Event(1, number, at, kind, 1, subject, Stream.SITE, canonical(body)))
    return events


def _spin(stop: threading.Event) -> None:
    while not stop.is_set():
        sum(range(1000))


def measure(folder: Path, *, busy: bool) -> float:
    """Return the seconds one commit took, waited for by a thread that hogs the interpreter."""
    journal = Journal.open(folder, site="bench", shape="none")
    events = mixed_events(EVENTS, 1)
    stop = threading.Event()
    hog = threading.Thread(target=_spin, args=(stop,))
    if busy:
        hog.start()
    begun = time.perf_counter()
    journal.commit_sync(events)
    took = time.perf_counter() - begun
    stop.set()
    if busy:
        hog.join()
    journal.close()
    return took


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, busy in (("idle", False), ("busy", True)):
            took = [measure(Path(folder) / f"{name}{run}", busy=busy) for run in range(RUNS)]
            rows.append([name, *(f"{figure:.3f}" for figure in (median(took), max(took)))])
    title = f"Seconds of a commit of {EVENTS:,} events, {RUNS} runs"
    keep("journal", BenchTable(title, ["other thread", "median", "longest"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
