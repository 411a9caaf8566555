"""What people decided of the time of a period: settlements, false alarms. Changes no figure.

A settlement covers spans; an outage that lies in them keeps its place in the list, with the verdict
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from monitord.core.decision_bodies import Verdict
from monitord.core.model import SECOND
from monitord.journal.decision_rows import PastFalseAlarm, PastSettlement

Json = dict[str, Any]
COUNTS: Final = {Verdict.OFF_AIR: "settled_off", Verdict.ON_AIR: "settled_on"}
"""By verdict, the key of the number of its spans; with ``_s`` of their seconds."""


@dataclass(frozen=True, slots=True)
class Moments:
    """``moment``: site time as text, or None; ``name``: of a person by id."""

    moment: Callable[[int], str | None]
    name: Callable[[str], str]

    def decided(self, person: str, at: int) -> Json:
        """Return who decided and when."""
        return {"person": person, "name": self.name(person), "at": self.moment(at)}


def settled(spans: Iterable[PastSettlement], moments: Moments) -> Json:
    """Return the counts of each verdict, and each settlement with its spans, the first one first.

    ``spans``: each with its time in hours in the period. Moments are those of the whole span.
    """
    by_decision: dict[tuple[str, int], list[PastSettlement]] = {}
    for one in sorted(spans, key=lambda span: (span.at, span.start)):
        by_decision.setdefault((one.decision, one.at), []).append(one)
    listed = [_settlement(found, moments) for found in by_decision.values()]
    found: Json = {}
    for verdict, key in COUNTS.items():
        own = [one for one in listed if one["verdict"] == verdict]
        found[key] = sum(len(one["spans"]) for one in own)
        found[f"{key}_s"] = sum(span["in_hours_s"] for one in own for span in one["spans"])
    return found | {"settlements": listed}


def _settlement(spans: Sequence[PastSettlement], moments: Moments) -> Json:
    first = spans[0]
    return {
        "verdict": first.verdict,
        **moments.decided(first.person, first.at),
        "note": first.note,
        "on_behalf_of": first.on_behalf_of,
        "paper": first.paper,
        "spans": [
            {
                "id": one.id,
                "sort": one.sort,
                "began": moments.moment(one.start),
                "ended": moments.moment(one.finish),
                "in_hours_s": one.time / SECOND,
            }
            for one in spans
        ],
    }


def beside(begin: int, end: int, spans: Iterable[PastSettlement], moments: Moments) -> list[Json]:
    """Return what was settled of an outage in [begin, end): the verdict, of the whole or a part."""
    touching = [one for one in spans if one.start < end and one.finish > begin]
    found = []
    for verdict in COUNTS:
        own = sorted((one for one in touching if one.verdict == verdict), key=_start)
        reached = begin
        for one in own:
            reached = max(reached, one.finish) if one.start <= reached else reached
        people = dict.fromkeys(moments.name(one.person) for one in own)
        if own:
            found.append({"verdict": verdict, "whole": reached >= end, "people": list(people)})
    return found


def _start(span: PastSettlement) -> int:
    return span.start


def marked(
    incident: str | None, marks: Mapping[str, Sequence[PastFalseAlarm]], moments: Moments
) -> list[Json]:
    """Return who marked an incident as a false alarm, when, and what that person saw."""
    return [
        {**moments.decided(one.person, one.at), "saw": one.saw}
        for one in marks.get(incident or "", ())
    ]
