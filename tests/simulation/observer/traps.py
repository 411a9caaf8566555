"""A trap that an answer confirms dates the change; one that none confirms proves nothing.

That nothing is opened by a trap alone, the ledger and the incidents check.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tests.simulation.facts import SECOND, Span
from tests.simulation.observer.ledger import Recorded
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict

WITHIN = {"fm1": 2_800_000, "fm2": 2_800_000, "tv": 14_000_000}
"""By device, how long a trap may wait for the answer that confirms it: its continuity bound."""
AROUND = 30 * SECOND
"""So far around a stop of ours, or a reload, the order of answers is another one."""


class Report(Protocol):
    """A trap that came in at ``at``."""

    @property
    def at(self) -> int: ...
    @property
    def condition(self) -> str: ...
    @property
    def value(self) -> bool: ...


class Reported(Protocol):
    """What came in. ``answers``: of each device, when it was asked and its answer received."""

    @property
    def handed(self) -> Sequence[Report]: ...
    @property
    def answers(self) -> Mapping[str, Sequence[Span]]: ...


def check_dated(
    truth: Truth, events: Iterable[Recorded], reported: Reported, verdict: Verdict
) -> None:
    """Check each turn from one value to the other that a trap came just before."""
    reports: dict[str, list[Report]] = {}
    for report in reported.handed:
        reports.setdefault(report.condition, []).append(report)
    answers = {
        device: sorted(spans, key=lambda span: span[1])
        for device, spans in reported.answers.items()
    }
    received = {device: [at for _, at in spans] for device, spans in answers.items()}
    for event in events:
        device = event.subject.partition(".")[0]
        if event.kind != "condition_turned" or event.subject not in reports:
            continue
        index = bisect_left(received[device], event.at)
        near = answers[device][max(0, index - 2) : index + 1]
        if len(near) == 3 and near[2][1] == event.at and near == sorted(near):
            _check_turn(truth, event, (near[1][1], event.at), reports[event.subject], verdict)


def _check_turn(
    truth: Truth, event: Recorded, since: Span, reports: Sequence[Report], verdict: Verdict
) -> None:
    """``since``: when the answer before, and that which turned it, were received."""
    body, (before, at) = json.loads(event.body), since
    moments = [report.at for report in reports]
    last = bisect_left(moments, at) - 1
    if body["was"] is None or last < 0 or _is_disturbed(truth, at):
        return
    report = reports[last]
    earliest = max(before, at - WITHIN[event.subject.partition(".")[0]])
    if report.value is body["value"] and earliest < report.at:
        verdict.counts["dated_by_traps"] += 1
        text = f"{event.subject} turned by {body['not_after']}, and was reported at {report.at}"
        verdict.must("traps", body["not_after"] == report.at, text)


def _is_disturbed(truth: Truth, at: int) -> bool:
    reloads = any(at - AROUND <= one <= at for one in truth.facts.reloads)
    return reloads or bool(truth.down.parts(at - AROUND, at + 1))
