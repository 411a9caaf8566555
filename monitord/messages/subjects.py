"""Who a message is about, and the word for what is wrong there. Chooses no core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitord.messages.causes import alarm_text
from monitord.messages.news import Member
from monitord.messages.style import Style

SUBJECTS: Final = {
    "clock_untrusted": "subject.clock",
    "config_refused": "subject.configuration",
    "record_replaced": "subject.record",
}
"""Keys of the names of faults that belong to no programme and no device; others are the site's."""


def subjects(members: Sequence[Member], style: Style) -> str:
    """Return who is affected, as one name: a programme, several of them, or a device."""
    names = list(dict.fromkeys(subject(member, style) for member in members))
    if len(names) <= 1:
        return "".join(names)
    key = "programmes.short" if style.is_short else "programmes"
    return style.text(key, p=names[0], n=len(names) - style.counts_others)


def subject(member: Member, style: Style) -> str:
    """Return the name of a programme, of an alarm's device, of the site or of its clock."""
    if member.programme:
        return style.name("programme", member.programme)
    if member.fault == "alarm":
        return alarm_text(member, style)[0]
    if member.fault in ("inconsistent", "silent"):
        return style.name("device", member.subject)
    return style.text(SUBJECTS.get(member.fault, "subject.site"))


def fault_text(member: Member, style: Style) -> str:
    """Return the word for a member's fault."""
    if member.fault == "alarm":
        return alarm_text(member, style)[1]
    return style.text(style.first_of(f"what.{member.fault}", "cause.abnormal"))


def names_of(members: Sequence[Member], style: Style) -> list[str]:
    """Return the names of the members, each once."""
    return list(dict.fromkeys(subject(member, style) for member in members))
