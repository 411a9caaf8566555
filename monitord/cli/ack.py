"""``monitord ack``: acknowledge an incident at the running daemon. Decides nothing."""

from __future__ import annotations

from monitord.cli.configuration import settings_in_use
from monitord.cli.deciding import decided
from monitord.cli.invocation import ExitCode, Invocation, write_json, write_lines
from monitord.cli.words import Words


def run(invocation: Invocation, *, incident: str, person: str) -> int:
    """Acknowledge for ``person``. An incident acknowledged before is no error."""
    words = Words(invocation.language)
    request = {"command": "ack", "incident": incident, "person": person}
    found = decided(settings_in_use(invocation), words, request)
    if invocation.as_json:
        write_json(found, invocation.out)
        return ExitCode.OK
    at = f"{found['at'][:10]} {found['at'][11:19]}"
    own = next(one["name"] for one in found["acknowledged"] if one["person"] == person)
    key = "ack.already" if found["already"] else "ack.done"
    if found["person"] != person:
        key = "ack.also"
    lines = [words(key, number=found["number"], person=own, first=found["name"], at=at)]
    if not found["recorded"]:
        lines.append(words("ack.unrecorded"))
    write_lines(lines, invocation.out)
    return ExitCode.OK
