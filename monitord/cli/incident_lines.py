"""The lines about one incident that ``status`` and ``incidents`` both print."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.invocation import Json
from monitord.cli.words import Words


def headline(incident: Json, words: Words) -> str:
    """Return the first line. ``incident`` without ``closed_at`` is open."""
    closed_at = incident.get("closed_at")
    state = "open" if closed_at is None else incident["close_cause"]
    return words(
        "incident",
        id=incident["id"],
        severity=words.code("severity", incident["severity"]),
        programme=incident["programme"],
        name=incident["name"],
        fault=words.code("fault", incident["fault"].partition("/")[0]),
        reason=words.reason(incident["reason"]),
        opened=words.moment(incident["opened_at"]),
        state=words(f"incident.{state}", at=words.moment(closed_at)),
    )


def details(incident: Json, words: Words) -> Iterator[str]:
    """Yield the lines below the first one: stage, other programmes, figures, acknowledgement."""
    if incident["stage"]:
        yield words("incident.stage", stage=incident["stage"])
    if incident.get("joined"):
        yield words("incident.joined", programmes=words.listed(incident["joined"]))
    if incident["fault"] == "off_air" and incident["least_s"] is not None:
        yield words.figures("incident.figures", incident)
    if incident["acknowledged_by"] is None:
        yield words("incident.unseen")
    else:
        person, at = incident["acknowledged_by"], words.moment(incident["acknowledged_at"])
        yield words("incident.seen", person=person, at=at)
