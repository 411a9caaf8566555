"""``monitord incidents``: what happened, newest first, from the record. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitord.cli.configuration import settings_of
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.standing import labelling, record
from monitord.cli.status import incident_details
from monitord.cli.words import Words
from monitord.config.settings import Settings
from monitord.history import History, PastDelivery, PastImpact, PastIncident

FIGURES = ("least", "most_seen", "most")


def run(invocation: Invocation, *, limit: int, open_only: bool) -> int:
    """Show the ``limit`` incidents opened last; ``open_only``: of those that are still open."""
    settings, words = settings_of(invocation), Words(invocation.language)
    with record(settings, words) as history:
        found = _Reading(history, settings).incidents(limit, open_only)
    if invocation.as_json:
        write_json({"site": settings.site, "incidents": found}, invocation.out)
    else:
        write_lines(_lines(found, words), invocation.out)
    return ExitCode.OK


class _Reading:
    """The record's incidents as JSON-like values."""

    def __init__(self, history: History, settings: Settings) -> None:
        self._history = history
        self._names = settings.names
        self._iso: Callable[[int], str] = labelling(history, settings.time_zone)
        self._seen = history.acknowledgements()

    def incidents(self, limit: int, open_only: bool) -> list[Json]:
        past = self._history.incidents(limit, open_only=open_only)
        return [self._incident(incident) for incident in past]

    def _moment(self, at: int | None) -> str | None:
        return None if at is None else self._iso(at)

    def _incident(self, incident: PastIncident) -> Json:
        impacts = self._history.impacts(incident.id)
        person, seen_at = self._seen.get(incident.id, (None, None))
        return {
            "id": incident.id,
            "programme": incident.programme,
            "name": self._names.get(f"programme/{incident.programme}", incident.programme),
            "fault": incident.fault,
            "severity": incident.severity,
            "reason": incident.reason,
            "stage": incident.stage,
            "opened_at": self._moment(incident.opened_at),
            "closed_at": self._moment(incident.closed_at),
            "close_cause": incident.close_cause,
            "acknowledged_by": person,
            "acknowledged_at": self._moment(seen_at),
            **_sums(impacts),
            "impacts": [self._impact(impact) for impact in impacts],
            "deliveries": [self._delivery(d) for d in self._history.deliveries(incident.id)],
        }

    def _impact(self, impact: PastImpact) -> Json:
        return {
            "programme": impact.programme,
            "number": impact.number,
            "reason": impact.reason,
            "column": impact.column,
            "began_not_before": self._moment(impact.began_not_before),
            "began_not_after": self._moment(impact.began_not_after),
            "ended_not_before": self._moment(impact.ended_not_before),
            "ended_not_after": self._moment(impact.ended_not_after),
            **_sums([impact]),
        }

    def _delivery(self, delivery: PastDelivery) -> Json:
        return {
            "person": delivery.person,
            "attempt": delivery.attempt,
            "channel": delivery.channel,
            "told": delivery.told,
            "began_at": self._moment(delivery.began_at),
            "ended_at": self._moment(delivery.ended_at),
            "delivered": delivery.delivered,
            "lost": delivery.lost,
            "detail": delivery.detail,
        }


def _sums(impacts: list[PastImpact]) -> Json:
    """Return the three figures of impacts that have ended; null while one lasts."""
    sums: Json = {}
    for name in FIGURES:
        parts = [getattr(impact, name) for impact in impacts]
        sums[f"{name}_s"] = None if None in parts else sum(parts) / 1e6
    return sums


def _lines(found: list[Json], words: Words) -> Iterator[str]:
    if not found:
        yield words("none")
    for incident in found:
        yield _first_line(incident, words)
        that_day = words.on(incident["opened_at"])
        yield from (f"  {line}" for line in incident_details(incident, that_day))
        yield from (f"  {_impact(impact, that_day)}" for impact in incident["impacts"])
        yield from (f"  {_delivery(each, that_day)}" for each in incident["deliveries"])


def _first_line(incident: Json, words: Words) -> str:
    cause = "open" if incident["closed_at"] is None else incident["close_cause"]
    return words(
        "incident",
        id=incident["id"],
        severity=words.code("severity", incident["severity"]),
        programme=incident["programme"],
        name=incident["name"],
        fault=words.code("fault", incident["fault"].partition("/")[0]),
        reason=words.reason(incident["reason"]),
        opened=words.moment(incident["opened_at"]),
        state=words(f"incident.{cause}", at=words.moment(incident["closed_at"])),
    )


def _impact(impact: Json, words: Words) -> str:
    said = {
        "programme": impact["programme"],
        "column": words.code("column", impact["column"]),
        "reason": words.reason(impact["reason"]),
        "began": words.between(impact["began_not_before"], impact["began_not_after"]),
    }
    if impact["ended_not_after"] is None:
        return words("impact.lasts", **said)
    ended = words.between(impact["ended_not_before"], impact["ended_not_after"])
    return words("impact", **said, ended=ended, figures=words.figures("impact.figures", impact))


def _delivery(delivery: Json, words: Words) -> str:
    if delivery["delivered"]:
        outcome = words("delivery.delivered")
    elif delivery["lost"]:
        outcome = words("delivery.lost")
    elif delivery["ended_at"] is None:
        outcome = words("delivery.under_way")
    else:
        outcome = words("delivery.failed", detail=delivery["detail"])
    return words(
        "delivery",
        person=delivery["person"],
        told=words.code("told", delivery["told"]),
        channel=delivery["channel"],
        at=words.moment(delivery["began_at"]),
        outcome=outcome,
    )
