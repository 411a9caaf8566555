"""What a closing leaves to a person: a suspicion, or seconds that were called a false alarm.

Owns how a core has it in an SMS and aloud; the full form has sentences of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitord.messages.news import Member, News
from monitord.messages.style import Form, Room, Style
from monitord.messages.subjects import fault_text, subjects

CALLED: Final = ("recovered", "closed_before_told", "hours_ended", "reconfigured")
"""Messages after which marked seconds are to be settled: else they go on, or are out of hours."""


def with_remainder(key: str, text: str, news: News, style: Style, room: Room) -> str:
    """Return a core with what is left to be settled. ``key``: of the core.

    Where there is no room for its figures, the full form has them too.
    """
    left, person = suspicions_left(news), _called_by(news, style)
    if style.form is Form.FULL or not (left or person):
        return text
    if person and room is not Room.WHOLE:
        return _short(news, person, left, style, room)
    if room is not Room.WHOLE:
        about = {"p": subjects(news.named, style), "what": fault_text(news.named[0], style)}
        text = style.text(style.first_of(f"{key}.short", "core.as_is"), core=text, **about)
    if left:
        text = style.text("left", core=text, p=subjects(left, style))
    if person:
        text = style.text("false_alarm", core=text, person=person)
    return text


def _short(news: News, person: str, left: Sequence[Member], style: Style, room: Room) -> str:
    """Return the least that a closing of a false alarm is: who, where it is now, what is left."""
    places = {"p": subjects(news.named, style), "now": _now(news, style), "person": person}
    if left:
        return style.text("false_alarm.short.left", q=subjects(left, style), **places)
    key = "false_alarm.short" if room is Room.NO_REASON else "false_alarm.brief"
    return style.text(key, **places)


def _now(news: News, style: Style) -> str:
    first = news.named[0]
    if first.off_under is not None:
        return style.text("closed.under", number=style.number(first.off_under))
    is_unseen = news.told == "recovered" and first.column == "blind"
    return style.text("closed.blind" if is_unseen else f"closed.{news.told}")


def false_alarm_text(news: News, style: Style) -> str:
    """Return the sentence of the full form on who called it a false alarm; empty for nobody."""
    person = _called_by(news, style)
    return style.text("plus.false_alarm", person=person) if person else ""


def _called_by(news: News, style: Style) -> str:
    if news.told not in CALLED or news.false_alarm_by is None:
        return ""
    return style.name("person", news.false_alarm_by)


def suspicions_left(news: News) -> tuple[Member, ...]:
    """Return the suspected outages that a message of something worse leaves to be settled."""
    if news.told not in ("recovered", "closed_before_told") or news.fault == "suspected":
        return ()
    return tuple(m for m in news.members if m.fault == "suspected" and m.how != "withdrawn")
