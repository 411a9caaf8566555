"""``monitord status``: programmes, devices, open incidents, messages owed. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.configuration import settings_of
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.standing import present
from monitord.cli.words import Words

AS_IT_SHOULD_BE = ("on_air", "planned_off", "closed")


def run(invocation: Invocation, *, strict: bool) -> int:
    """Show how things stand. ``strict``: return 1 unless all is well and being watched."""
    found = present(settings_of(invocation), Words(invocation.language))
    if invocation.as_json:
        write_json(found, invocation.out)
    else:
        write_lines(_lines(found, Words(invocation.language, found["as_of"][:10])), invocation.out)
    return ExitCode.NOT_OK if strict and not _is_well(found) else ExitCode.OK


def _is_well(found: Json) -> bool:
    """Return whether somebody watches, every programme is as it should be and nothing is open."""
    columns = {programme["column"] for programme in found["programmes"]}
    watched = found["source"] == "daemon" and all(device["up"] for device in found["devices"])
    return watched and columns <= set(AS_IT_SHOULD_BE) and not found["incidents"]


def _lines(found: Json, words: Words) -> Iterator[str]:
    at = f"{found['as_of'][:10]} {found['as_of'][11:19]}"
    if found["source"] == "record":
        yield words("status.record", at=at)
    elif not found["recorded"]:
        yield words("status.pending")
    yield words("status.head", site=found["site"], name=found["name"], at=at)
    yield words("status.programmes")
    for programme in found["programmes"]:
        yield from (f"  {line}" for line in _programme(programme, words))
    yield words("status.devices")
    for device in found["devices"]:
        yield f"  {_device(device, words, watched=found['source'] == 'daemon')}"
    yield from _section(
        "status.incidents", [_incident(i, words) for i in found["incidents"]], words
    )
    yield from _section("status.owed", [[_owed(row, words)] for row in found["owed"]], words)


def _section(key: str, entries: list[list[str]], words: Words) -> Iterator[str]:
    if not entries:
        yield words("section.none", section=words(key))
        return
    yield words(key)
    for first, *rest in entries:
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)


def _programme(programme: Json, words: Words) -> Iterator[str]:
    label = {"id": programme["id"], "name": programme["name"]}
    if programme["column"] is None:
        yield words("status.never", **label)
        return
    observed = words.observed(programme["observed"])
    if programme["presumed"]:
        observed = words("list").join([observed, words("status.presumed")])
    yield words(
        "status.programme",
        **label,
        column=words.code("column", programme["column"]),
        since=words.moment(programme["since"]),
        observed=observed,
    )
    yield "  " + words.figures("status.figures", programme)


def _device(device: Json, words: Words, *, watched: bool) -> str:
    label = {"id": device["id"], "name": device["name"]}
    if device["up"] is None:
        return words("status.not_read" if watched else "status.not_watched", **label)
    at = words.moment(device["last_answer"])
    if device["up"]:
        return words("status.up", **label, at=at)
    reason = words.reason(device["silent"])
    if not at:
        return words("status.silent.always", **label, reason=reason)
    return words("status.silent", **label, at=at, reason=reason)


def _incident(incident: Json, words: Words) -> list[str]:
    return [
        words(
            "incident",
            id=incident["id"],
            severity=words.code("severity", incident["severity"]),
            programme=incident["programme"],
            name=incident["name"],
            fault=words.code("fault", incident["fault"].partition("/")[0]),
            reason=words.reason(incident["reason"]),
            opened=words.moment(incident["opened_at"]),
            state=words("incident.open"),
        ),
        *incident_details(incident, words),
    ]


def incident_details(incident: Json, words: Words) -> Iterator[str]:
    """Yield what is said of an incident below its first line, here and in the list of incidents."""
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


def _owed(row: Json, words: Words) -> str:
    return words(
        f"owed.{row['state']}",
        person=row["person"],
        name=row["name"],
        incident=row["incident"],
        told=words.code("told", row["told"]),
        attempts=row["attempts"],
        at=words.moment(row["due_at"]),
    )
