"""``monitord settle``: a named person decides what was on air in unsettled spans."""

from __future__ import annotations

from monitord.cli.configuration import settings_in_use
from monitord.cli.deciding import decided
from monitord.cli.invocation import ExitCode, Invocation, write_json, write_lines
from monitord.cli.words import Words


def run(
    invocation: Invocation,
    *,
    ids: tuple[str, ...],
    programme: str,
    verdict: str,
    person: str,
    note: str,
) -> int:
    """Settle the spans ``ids``; without ids all of ``programme``, or of the whole site."""
    words = Words(invocation.language)
    request = {
        "command": "settle",
        "ids": list(ids),
        "programme": programme,
        "verdict": verdict,
        "person": person,
        "note": note,
    }
    found = decided(settings_in_use(invocation), words, request)
    if invocation.as_json:
        write_json(found, invocation.out)
        return ExitCode.OK
    said = words.code("verdict", found["verdict"])
    length = words.length(found["settled_s"])
    lines = [words("settle.done", count=found["settled"], verdict=said, length=length)]
    lines.append(words("settle.left", count=found["left"]))
    if not found["recorded"]:
        lines.append(words("ack.unrecorded"))
    write_lines(lines, invocation.out)
    return ExitCode.OK
