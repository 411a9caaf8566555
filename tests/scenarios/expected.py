"""The expected messages of a duty log as lines of text, and how they are compared.

A line: ``TIME PERSON TOLD PLACE MEMBER FIGURE [HOW] [xFALLS], MEMBER ...``. TIME ``HH:MM:SS``, or
two of them with ``..`` between. PLACE: the cause's, ``*`` for any. MEMBER: ``fm`` for
``fm/off_air``, else the member's whole id. FIGURE: true seconds, ``3``, or seconds seen and seconds
with those not seen, ``20-80``; ``*`` for any. The message's least may be up to ``SLACK`` seconds
below the first and its most up to as much above the last, and never on the other side of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from monitord.core.model import SECOND

SLACK = 3.0
"""Two polls and the width of evidence."""
AHEAD = 0.2
"""Phases and latencies: a change is seen up to so much after its second."""
OFF_AIR = "/off_air"
LINE = re.compile(r"(?P<at>\S+) (?P<person>\S+) (?P<told>\S+) (?P<place>\S+)(?: (?P<members>.+))?")


@dataclass(frozen=True)
class Member:
    """One member of a message: its id, how it ended, and figures in seconds."""

    name: str
    how: str
    least: float
    most: float
    falls: int

    def __str__(self) -> str:
        times = f" x{self.falls}" if self.falls > 1 else ""
        how = f" {self.how}" if self.how else ""
        return f"{self.name} {self.least:.2f}-{self.most:.2f}{how}{times}"


@dataclass(frozen=True)
class Message:
    """One attempt: when, to whom, which kind, of which cause, with which members."""

    at: str
    person: str
    told: str
    place: str
    members: tuple[Member, ...]

    def __str__(self) -> str:
        members = ", ".join(map(str, self.members))
        return f"{self.at} {self.person} {self.told} {self.place} {members}"


KINDS = {"stage", "feed", "network", "line", "device", "site", "alarm"}
DOES = {
    "on_air",
    "standby",
    "unswitched",
    "no_output",
    "failed",
    "silent",
    "unknown",
    "in_use",
    "good",
    "bad",
}
"""Every text has words for these, and for no others."""


def message_of(alert: dict[str, Any], at: str) -> Message:
    """Return a message of its parameters; the codes of its place and devices have words."""
    assert alert["cause"]["kind"] in KINDS
    assert {now["does"] for now in alert["devices_now"]} <= DOES
    members = tuple(
        Member(
            _short(f"{member['programme']}/{member['fault']}"),
            member["how"] or "",
            member["least"] / SECOND,
            member["most"] / SECOND,
            member["falls"],
        )
        for member in alert["members"]
    )
    return Message(at, alert["person"], alert["told"], alert["cause"]["place"], members)


def only(messages: list[Message], *names: str) -> list[Message]:
    """Return the messages that have such a member, without their other members."""
    narrowed = [
        replace(message, members=tuple(m for m in message.members if m.name in names))
        for message in messages
    ]
    return [message for message in narrowed if message.members]


def differences(text: str, messages: list[Message]) -> str:
    """Return both lists where the messages are not those of the text, else nothing."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    pairs = zip_longest(lines, messages)
    wrong = [not (line and message and fits(line, message)) for line, message in pairs]
    if not any(wrong):
        return ""
    shown = [
        f"{'!' if bad else ' '} {line or '(nothing)'}\n    {message or '(nothing)'}"
        for bad, line, message in zip(
            wrong, *zip(*zip_longest(lines, messages), strict=True), strict=True
        )
    ]
    return "expected, and below it what was reported:\n" + "\n".join(shown)


def fits(line: str, message: Message) -> bool:
    """Return whether a message is the one of this line."""
    found = LINE.fullmatch(line)
    assert found is not None, f"not a line of a duty log: {line}"
    first, _, last = found["at"].partition("..")
    members = [part.split() for part in (found["members"] or "").split(", ") if part]
    return (
        first <= message.at <= (last or first)
        and (found["person"], found["told"]) == (message.person, message.told)
        and found["place"] in ("*", message.place)
        and (not members or len(members) == len(message.members))
        and all(map(_member_fits, members, message.members))
    )


def _member_fits(words: list[str], member: Member) -> bool:
    name, figure, *rest = words
    falls = next((int(word[1:]) for word in rest if re.fullmatch(r"x\d+", word)), 1)
    hows = [word for word in rest if not re.fullmatch(r"x\d+", word)]
    if (name, falls) != (member.name, member.falls) or (hows and hows != [member.how]):
        return False
    if figure == "*":
        return True
    seen, _, whole = figure.partition("-")
    least, most = float(seen), float(whole or seen)
    slack = SLACK * falls
    return (
        least - slack <= member.least <= least + AHEAD
        and most - AHEAD <= member.most <= most + slack
    )


def _short(member: str) -> str:
    return member.removesuffix(OFF_AIR)
