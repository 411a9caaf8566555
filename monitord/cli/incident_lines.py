"""The lines about one incident that ``status`` and ``incidents`` both print."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.invocation import Json
from monitord.cli.words import Words
from monitord.core.fault_plans import Sort

WITH_FIGURES = ("off_air", "degraded")
"""Faults whose time a person asks for; of others the times of begin and end say enough."""


def headline(incident: Json, words: Words) -> str:
    """Return the first line. ``incident`` without ``closed_at`` is open."""
    closed_at = incident.get("closed_at")
    state = "open" if closed_at is None else incident["close_cause"]
    return words(
        "incident",
        number=number(incident),
        severity=words.code("severity", incident["severity"]),
        name=incident["name"],
        fault=fault(incident, words),
        reason=reason(incident, words),
        opened=words.moment(incident["opened_at"]),
        state=words(
            f"incident.{state}",
            at=words.moment(closed_at),
            into=incident.get("continued_number") or incident.get("continued_in"),
        ),
    )


def number(incident: Json) -> int | str:
    """Return the short number of an incident, or of that of a message; an old record has ids."""
    found: int | str = incident["number"] or incident.get("id") or incident["incident"]
    return found


def fault(found: Json, words: Words) -> str:
    """Return the text of the fault of an incident, a member or a fall."""
    return words.code("fault", found["fault"].partition("/")[0])


def reason(found: Json, words: Words) -> str:
    """Return the text of the reason of an incident, a member or a fall.

    The clock has codes of its own: where it is ``disputed``, no receiver contradicts.
    """
    if found["fault"] == Sort.CLOCK_UNTRUSTED:
        return words.code("clock_alarm", found["reason"])
    return words.reason(found["reason"])


def details(incident: Json, words: Words) -> Iterator[str]:
    """Yield the lines below the first one: cause, members with their figures, who has seen it."""
    yield from _cause(incident, words)
    members = incident["members"]
    if len(members) == 1:
        if incident["fault"] in WITH_FIGURES and incident["least_s"] is not None:
            yield words.figures("incident.figures", incident)
    else:
        yield from (_member(member, words) for member in members)
    yield from _acknowledged(incident, words)
    for one in incident.get("false_alarms") or ():
        at = words.moment(one["at"])
        yield words("false_alarm.by", person=one["name"], at=at, saw=one["saw"])


def _cause(incident: Json, words: Words) -> Iterator[str]:
    # Of what the whole site is the place of, the headline says all.
    known = [device["name"] for device in incident["devices"] if device["id"] != "site"]
    parts = {"stage": incident["stage_name"], "devices": words.listed(known)}
    if known and incident["stage"]:
        yield words("incident.cause", **parts)
    elif known:
        yield words("incident.cause.devices", **parts)
    elif incident["stage"]:
        yield words("incident.cause.stage", **parts)
    if incident.get("devices_now"):
        does = [_does(each, words) for each in incident["devices_now"]]
        yield words("incident.now", devices=words.listed(does))


def _does(now: Json, words: Words) -> str:
    if now.get("programme"):
        programme = now["programme_name"]
        return words("incident.does.in_use", device=now["name"], programme=programme)
    # A backup that cannot take over may have been left in local mode: that is no failure.
    does = "not_ready" if now["does"] == "failed" and now.get("conditions") else now["does"]
    return words("incident.does", device=now["name"], does=words.code("does", does))


def _member(member: Json, words: Words) -> str:
    parts = {
        "name": member["name"],
        "fault": fault(member, words),
        "reason": reason(member, words),
        "began": words.between(member["began_not_before"], member["began_not_after"]),
    }
    if member["ended_not_after"] is not None and not member["open"]:
        ended = words.between(member["ended_not_before"], member["ended_not_after"])
        found = [words("member.over", **parts, ended=ended)]
    elif member["how"] == "continued":
        found = [words("member.continued", **parts)]
    else:
        found = [words("member.open", **parts)]
    if member["falls"] > 1:
        found.append(words("member.falls", count=member["falls"]))
    if member["fault"] in WITH_FIGURES and member["least_s"] is not None:
        found.append(words.figures("impact.figures", member))
    return words("parts").join(found)


def _acknowledged(incident: Json, words: Words) -> Iterator[str]:
    seen = incident["acknowledged"]
    if not seen:
        yield words("incident.unseen")
        return
    first = next(one for one in seen if one["person"] == incident["acknowledged_by"])
    at = words.moment(incident["acknowledged_at"])
    yield words("incident.seen", person=first["name"], at=at)
    others = [one["name"] for one in seen if one is not first]
    if others:
        yield words("incident.seen.also", people=words.listed(others))
    if any(one.get("members") is None for one in seen):
        return  # an older record does not say which
    covered = {member for one in seen for member in one["members"]}
    new = [
        words("member.of", name=member["name"], fault=fault(member, words))
        for member in incident["members"]
        if member["open"] and incident.get("closed_at") is None and member["id"] not in covered
    ]
    if new:
        yield words("incident.unseen.members", members=words.listed(new))
