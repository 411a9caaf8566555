"""``monitord incidents``: incidents of the record, the newest first, with impacts and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitord.cli.configuration import settings_in_use
from monitord.cli.history_access import local_time, open_history
from monitord.cli.incident_lines import details, headline
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.words import Words
from monitord.config.settings import Settings
from monitord.history import History, PastDelivery, PastImpact, PastIncident

FIGURES = ("least", "most_seen", "most")


def run(invocation: Invocation, *, limit: int, open_only: bool) -> int:
    """Print the ``limit`` incidents opened last; ``open_only``: only open ones."""
    settings, words = settings_in_use(invocation), Words(invocation.language)
    with open_history(settings, words) as history:
        found = _IncidentReader(history, settings).incidents(limit, open_only)
    if invocation.as_json:
        write_json({"site": settings.site, "incidents": found}, invocation.out)
    else:
        write_lines(_lines(found, words), invocation.out)
    return ExitCode.OK


class _IncidentReader:
    """Reads incidents as the JSON objects that ``--json`` prints."""

    def __init__(self, history: History, settings: Settings) -> None:
        self._history = history
        self._names = settings.names
        self._iso: Callable[[int], str] = local_time(history, settings.time_zone)
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
    """Return the three figures in seconds; null while one of the impacts has not ended."""
    sums: Json = {}
    for name in FIGURES:
        parts = [getattr(impact, name) for impact in impacts]
        sums[f"{name}_s"] = None if None in parts else sum(parts) / 1e6
    return sums


def _lines(found: list[Json], words: Words) -> Iterator[str]:
    if not found:
        yield words("incidents.none")
    for incident in found:
        yield headline(incident, words)
        that_day = words.on(incident["opened_at"])
        yield from (f"  {line}" for line in details(incident, that_day))
        yield from (f"  {_impact(impact, that_day)}" for impact in incident["impacts"])
        yield from (f"  {_delivery(each, that_day)}" for each in incident["deliveries"])


def _impact(impact: Json, words: Words) -> str:
    parts = {
        "programme": impact["programme"],
        "column": words.code("column", impact["column"]),
        "reason": words.reason(impact["reason"]),
        "began": words.between(impact["began_not_before"], impact["began_not_after"]),
    }
    if impact["ended_not_after"] is None:
        return words("impact.lasts", **parts)
    ended = words.between(impact["ended_not_before"], impact["ended_not_after"])
    return words("impact", **parts, ended=ended, figures=words.figures("impact.figures", impact))


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
