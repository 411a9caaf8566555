"""``monitord false-alarm``: a named person saw that the content is as it should be."""

from __future__ import annotations

from monitord.cli.configuration import settings_of
from monitord.cli.deciding import decided
from monitord.cli.incident_lines import number
from monitord.cli.invocation import ExitCode, Invocation, write_json, write_lines
from monitord.cli.words import Words


def run(invocation: Invocation, *, incident: str, person: str, saw: str) -> int:
    """Mark ``incident`` for ``person``, who ``saw`` something else."""
    words = Words(invocation.language)
    request = {"command": "false_alarm", "incident": incident, "person": person, "saw": saw}
    found = decided(settings_of(invocation), words, request)
    if invocation.as_json:
        write_json(found, invocation.out)
        return ExitCode.OK
    at = f"{found['at'][:10]} {found['at'][11:19]}"
    lines = [words("false_alarm.done", incident=number(found), person=found["name"], at=at)]
    lines.append(words("false_alarm.settle"))
    if not found["recorded"]:
        lines.append(words("ack.unrecorded"))
    write_lines(lines, invocation.out)
    return ExitCode.OK
