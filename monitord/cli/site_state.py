"""``monitord site-state``: a named person says that somebody is at work, or is not any more."""

from __future__ import annotations

from monitord.cli.configuration import settings_of
from monitord.cli.deciding import decided
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.words import Words


def set_state(
    invocation: Invocation, *, where: str, device: str, who: str, ticket: str, person: str
) -> int:
    """Say for ``person`` that ``who`` is at work ``where``: no power, no radio frequency."""
    request = {"command": "site_state_set", "where": where, "device": device, "who": who}
    return _decide(invocation, request | {"ticket": ticket, "person": person}, "site_state.set")


def clear_state(invocation: Invocation, *, number: int, person: str) -> int:
    """Say for ``person`` that nobody is at work there any more."""
    request = {"command": "site_state_clear", "number": number, "person": person}
    return _decide(invocation, request, "site_state.cleared")


def _decide(invocation: Invocation, request: Json, key: str) -> int:
    words = Words(invocation.language)
    found = decided(settings_of(invocation), words, request)
    if invocation.as_json:
        write_json(found, invocation.out)
        return ExitCode.OK
    lines = [words(key, number=found["number"], left=found["left"])]
    if found["left"]:
        lines.append(words("site_state.forbidden"))
    if not found["recorded"]:
        lines.append(words("ack.unrecorded"))
    write_lines(lines, invocation.out)
    return ExitCode.OK


def site_state_line(state: Json, words: Words) -> str:
    """Return one site state as ``status`` prints it."""
    place = words(f"site_state.{state['where']}", device=state["name"]).strip()
    ticket = words("site_state.ticket", ticket=state["ticket"]) if state["ticket"] else ""
    return words(
        "site_state.line",
        number=state["number"],
        place=place,
        who=state["who"],
        since=words.moment(state["since"]),
        ticket=ticket,
    )
