"""What the record has of people's decisions: the rows, and the queries that read them.

Times are microseconds of site time. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple


class PastAcknowledgement(NamedTuple):
    """``person`` acknowledged an incident, first at ``at``.

    ``members``: ids of those that were open the last time; None where an older record does not say.
    """

    person: str
    at: int
    members: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class UnsettledSpan:
    """A span that nobody has settled yet. ``time``: microseconds of it in hours."""

    id: str
    programme: str
    sort: str
    start: int
    finish: int
    time: int


class PastSettlement(NamedTuple):
    """A span that a person settled as ``verdict`` at ``at``; ``time``: microseconds in hours.

    ``decision``: id of the settlement, which may cover many spans. ``note``, ``on_behalf_of``,
    ``paper``: as the person gave them, or empty.
    """

    id: str
    programme: str
    sort: str
    start: int
    finish: int
    time: int
    verdict: str
    person: str
    at: int
    decision: str
    note: str
    on_behalf_of: str
    paper: str


class PastFalseAlarm(NamedTuple):
    """``person`` marked ``incident`` as a false alarm at ``at`` and ``saw`` something else."""

    incident: str
    person: str
    at: int
    saw: str


class Decided(NamedTuple):
    """What a status shows of the record: the oldest unsettled spans; by programme how many spans
    were settled as on air, and their time; by incident who marked it as a false alarm.
    """

    unsettled: list[UnsettledSpan]
    on_air: dict[str, tuple[int, int]]
    false_alarms: dict[str, list[PastFalseAlarm]]


class PastDecisions:
    """Reads the decisions of a record. ``rows``: returns what a query finds."""

    def __init__(self, rows: Callable[[str], list[tuple[Any, ...]]]) -> None:
        self._rows = rows

    def settlements(self) -> list[PastSettlement]:
        """Return every span that a person settled, the oldest first."""
        return [PastSettlement(*row) for row in self._rows(_SETTLEMENTS)]

    def settled_on_air(self) -> dict[str, tuple[int, int]]:
        """Return by programme how many spans were settled as on air, and their time in hours."""
        found = self._rows(_SETTLED_ON_AIR)
        return {programme: (count, time) for programme, count, time in found}

    def false_alarms(self) -> dict[str, list[PastFalseAlarm]]:
        """Return by incident who marked it as a false alarm, the first one first."""
        found: dict[str, list[PastFalseAlarm]] = {}
        for row in self._rows(_FALSE_ALARMS):
            one = PastFalseAlarm(*row)
            found.setdefault(one.incident, []).append(one)
        return found


_SETTLEMENTS: Final = """
SELECT
    span.id, span.programme, span.sort, span.start, span.finish, span.time, span.verdict,
    span.settled_by, span.settled_at, span.decision, ifnull(taken.body ->> '$.note', ''),
    ifnull(event.body ->> '$.on_behalf_of', ''), ifnull(event.body ->> '$.paper', '')
FROM unsettled AS span
LEFT JOIN decision AS taken ON taken.id = span.decision AND taken.at = span.settled_at
    AND taken.why IS NULL
LEFT JOIN event ON event.epoch = taken.epoch AND event.number = taken.number
WHERE span.verdict IS NOT NULL ORDER BY span.start, span.id
"""
_FALSE_ALARMS: Final = """
SELECT body ->> '$.incident', person, at, body ->> '$.saw' FROM decision
WHERE kind = 'false_alarm' AND why IS NULL ORDER BY epoch, number
"""
_SETTLED_ON_AIR: Final = """
SELECT programme, count(*), sum(time) FROM unsettled WHERE verdict = 'on_air' GROUP BY programme
"""
