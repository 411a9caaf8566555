"""``monitord incidents``: incidents of the record, the newest first, with impacts and messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, zip_longest
from zoneinfo import ZoneInfo

from monitord.cli.configuration import settings_in_use
from monitord.cli.history_access import local_time, open_history
from monitord.cli.incident_lines import details, fault, headline, reason
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.report_lines import corrected
from monitord.cli.status import UNCERTAIN
from monitord.cli.words import Words
from monitord.clock import iso_time
from monitord.config.settings import Settings
from monitord.control.labels import Labels
from monitord.control.status import false_alarms
from monitord.core.clock_state import Era, Trust
from monitord.core.fault_plans import Sort
from monitord.core.incident_state import Place, fault_id
from monitord.core.places import devices_of
from monitord.history import History, PastDelivery, PastImpact, PastIncident

FIGURES = ("least", "most_seen", "most")


def run(invocation: Invocation, *, limit: int, open_only: bool) -> int:
    """Print the ``limit`` incidents opened last; ``open_only``: only open ones."""
    settings, words = settings_in_use(invocation), Words(invocation.language)
    with open_history(settings, words) as history:
        reader = _IncidentReader(history, settings)
        past = history.incidents(limit, open_only=open_only)
        found, uncertain = reader.incidents(past), list(reader.uncertain(past))
    if invocation.as_json:
        whole = {"site": settings.site, "clock_uncertain": uncertain, "incidents": found}
        write_json(whole, invocation.out)
    else:
        write_lines([*_uncertain(uncertain, words), *_lines(found, words)], invocation.out)
    return ExitCode.OK


class _IncidentReader:
    """Reads incidents as the JSON objects that ``--json`` prints."""

    def __init__(self, history: History, settings: Settings) -> None:
        self._history = history
        self._marks = history.decisions.false_alarms()
        self._zone = ZoneInfo(settings.time_zone)
        self._labels = Labels(
            settings.site, settings.names, local_time(history, settings.time_zone)
        )

    def incidents(self, past: list[PastIncident]) -> list[Json]:
        return [self._incident(incident) for incident in past]

    def uncertain(self, past: list[PastIncident]) -> Iterator[Json]:
        """Yield the spans of an uncertain clock in which one of the incidents was open."""
        alike = [(trust, next(eras).since) for trust, eras in groupby(self._history.eras(), _trust)]
        for (trust, since), following in zip_longest(alike, alike[1:]):
            ends = None if following is None else following[1]
            if trust in UNCERTAIN and any(_was_open(one, since, ends) for one in past):
                until = None if ends is None else self._labels.iso(ends - 1)
                yield {"trust": trust.value, "from": self._labels.iso(since), "to": until}

    def _incident(self, incident: PastIncident) -> Json:
        moment, labels = self._labels.moment, self._labels
        impacts = self._history.impacts(incident.id)
        own = [i for i in impacts if (i.programme, i.fault) == (incident.programme, incident.fault)]
        seen = self._history.acknowledgements(incident.id)
        person, seen_at = seen[0][:2] if seen else (None, None)
        return {
            "id": incident.id,
            "number": incident.number,
            "programme": incident.programme,
            "name": labels.member(incident.programme, incident.fault),
            "fault": incident.fault,
            "severity": incident.severity,
            "reason": incident.reason,
            "stage": incident.stage,
            "stage_name": labels.stage(incident.programme, incident.stage),
            "place": incident.place,
            "devices": [labels.device(device) for device in _devices(incident)],
            "opened_at": moment(incident.opened_at),
            "closed_at": moment(incident.closed_at),
            "close_cause": incident.close_cause,
            "continued_in": incident.continued_in,
            "continued_number": incident.continued_number,
            "acknowledged_by": person,
            "acknowledged_at": moment(seen_at),
            "acknowledged": [
                {
                    "person": one.person,
                    "name": labels.name(f"person/{one.person}"),
                    "at": moment(one.at),
                    "members": one.members,
                }
                for one in seen
            ],
            **_sums(own),
            "members": self._members(impacts),
            "impacts": [self._impact(impact) for impact in impacts],
            "deliveries": [self._delivery(d) for d in self._history.deliveries(incident.id)],
            "clock_corrections": list(self._corrections(incident)),
            "false_alarms": false_alarms(self._marks.get(incident.id, ()), labels),
        }

    def _corrections(self, incident: PastIncident) -> Iterator[Json]:
        """Yield what the clock showed before and after, of an incident of the clock."""
        if incident.fault != Sort.CLOCK_UNTRUSTED:
            return
        for one in self._history.corrections():
            if incident.opened_at <= one.at <= (incident.closed_at or one.at):
                before, after = (
                    iso_time(one.at + offset, self._zone) for offset in (one.before, one.after)
                )
                name = self._labels.name(f"person/{one.person}") if one.person else None
                yield {"before": before, "after": after, "person": one.person or None, "name": name}

    def _members(self, impacts: list[PastImpact]) -> list[Json]:
        """Return each fault of an incident with the figures of all its falls."""
        falls: dict[tuple[str, str], list[PastImpact]] = {}
        for impact in impacts:
            falls.setdefault((impact.programme, impact.fault), []).append(impact)
        return [self._member(found) for found in falls.values()]

    def _member(self, falls: list[PastImpact]) -> Json:
        first, last = falls[0], falls[-1]
        began = {
            "began_not_before": self._labels.moment(first.began_not_before),
            "began_not_after": self._labels.moment(first.began_not_after),
        }
        more = {"id": fault_id(last.programme, last.fault), "open": last.over is None}
        return self._fall(last) | began | more | {"falls": len(falls)} | _sums(falls)

    def _impact(self, impact: PastImpact) -> Json:
        return {"number": impact.number, **self._fall(impact), **_sums([impact])}

    def _fall(self, impact: PastImpact) -> Json:
        moment = self._labels.moment
        return {
            "programme": impact.programme,
            "name": self._labels.member(impact.programme, impact.fault),
            "fault": impact.fault,
            "reason": impact.reason,
            "column": impact.column,
            "how": impact.how,
            "over_at": moment(impact.over),
            "began_not_before": moment(impact.began_not_before),
            "began_not_after": moment(impact.began_not_after),
            "ended_not_before": moment(impact.ended_not_before),
            "ended_not_after": moment(impact.ended_not_after),
        }

    def _delivery(self, delivery: PastDelivery) -> Json:
        moment = self._labels.moment
        return {
            "person": delivery.person,
            "name": self._labels.name(f"person/{delivery.person}"),
            "attempt": delivery.attempt,
            "channel": delivery.channel,
            "told": delivery.told,
            "began_at": moment(delivery.began_at),
            "ended_at": moment(delivery.ended_at),
            "delivered": delivery.delivered,
            "lost": delivery.lost,
            "detail": delivery.detail,
        }


def _trust(era: Era) -> Trust:
    return era.trust


def _was_open(incident: PastIncident, since: int, until: int | None) -> bool:
    is_begun = until is None or incident.opened_at < until
    return is_begun and (incident.closed_at is None or incident.closed_at >= since)


def _devices(incident: PastIncident) -> list[str]:
    return devices_of(Place(incident.place, "")) if incident.place else []


def _sums(impacts: list[PastImpact]) -> Json:
    """Return the three figures in seconds; null while one of the impacts has not ended."""
    sums: Json = {}
    for name in FIGURES:
        parts = [getattr(impact, name) for impact in impacts]
        sums[f"{name}_s"] = None if None in parts else sum(parts) / 1e6
    return sums


def _uncertain(spans: list[Json], words: Words) -> Iterator[str]:
    for span in spans:
        key = "clock.uncertain" if span["to"] is None else "clock.uncertain.past"
        since, until = (words.moment(span[end]) if span[end] else "" for end in ("from", "to"))
        trust = words.code("trust", span["trust"])
        yield words(key, since=since, until=until, trust=trust)


def _lines(found: list[Json], words: Words) -> Iterator[str]:
    if not found:
        yield words("incidents.none")
    for incident in found:
        yield headline(incident, words)
        that_day = words.on(incident["opened_at"])
        yield from (f"  {line}" for line in details(incident, that_day))
        yield from (f"  {corrected(one, that_day)}" for one in incident["clock_corrections"])
        yield from (f"  {_impact(impact, that_day)}" for impact in incident["impacts"])
        yield from (f"  {_delivery(each, that_day)}" for each in incident["deliveries"])


def _impact(impact: Json, words: Words) -> str:
    parts = {
        "name": impact["name"],
        "fault": fault(impact, words),
        "reason": reason(impact, words),
        "began": words.between(impact["began_not_before"], impact["began_not_after"]),
    }
    if impact["ended_not_after"] is None:
        key = "impact.continued" if impact["how"] == "continued" else "impact.lasts"
        return words(key, **parts, over=words.moment(impact["over_at"]))
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
        person=delivery["name"],
        told=words.code("told", delivery["told"]),
        channel=delivery["channel"],
        at=words.moment(delivery["began_at"]),
        outcome=outcome,
    )
