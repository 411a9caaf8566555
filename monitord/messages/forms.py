"""The forms of a message: an SMS, the full text of several lines, and one to be spoken.

Owns which lines there are and in which order (WORDING B). Chooses no core and no card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitord.messages.cards import Advice
from monitord.messages.causes import cause_text, does_text
from monitord.messages.cores import (
    core_text,
    figures,
    needs_acknowledging,
    now_text,
    own_text,
    plus_text,
)
from monitord.messages.news import CLOSING, AtWork, Member, News
from monitord.messages.style import NAMES_MAX, Room, Style
from monitord.messages.subjects import fault_text, subject

UNITS_MAX: Final = 70
"""UCS-2 units of one SMS with Chinese letters."""


def units(text: str) -> int:
    """Return the length of a text in UCS-2 units."""
    return len(text.encode("utf-16-be")) // 2


def sms_text(news: News, style: Style) -> str:
    """Return one line; without the reason where it would be too long, and then as brief as can be.

    Names are never cut.
    """
    text = ""
    for room in (Room.WHOLE, Room.NO_REASON, Room.BRIEF):
        text = _short(news, style, "sms", room)
        if units(text) <= UNITS_MAX:
            break
    return text


def spoken_text(news: News, style: Style) -> str:
    """Return the words to be read aloud."""
    return style.audible(_short(news, style, "spoken", Room.WHOLE))


def _short(news: News, style: Style, key: str, room: Room) -> str:
    core = core_text(news, style, room)
    site = style.name("site", "")
    return style.text(key, site=site, core=style.core(core), ack=_ack(news, style))


def _ack(news: News, style: Style) -> str:
    if not needs_acknowledging(news):
        return style.text("ack.none")
    if news.acknowledged_by is not None:
        return style.text("ack.taken", person=style.name("person", news.acknowledged_by))
    return style.text("ack.desk")


@dataclass(frozen=True, slots=True)
class FullText:
    """``title``: the first line; ``cause``: the line of the cause; ``lines``: all of them."""

    title: str
    cause: str
    lines: tuple[str, ...]


def full_text(news: News, advice: Advice, style: Style, *, unrecorded: bool) -> FullText:
    """Return the message in full. ``unrecorded``: it has no number that could be acknowledged."""
    title = _title(news, style, unrecorded=unrecorded)
    cause = style.text("line.cause", text=cause_text(news, style))
    lines = (
        title,
        *(_at_work(each, style) for each in news.site_states[:NAMES_MAX]),
        *(() if news.told == "storm" else (cause,)),
        *_affects(news, style),
        *_now(news, style),
        style.text("line.do", text=advice.do),
        *((style.text("line.not", text=advice.never),) if advice.never else ()),
        *_acknowledge(news, style, unrecorded=unrecorded),
        *(() if unrecorded or news.told == "storm" else (_number(news, style),)),
    )
    return FullText(title, cause, lines)


def _at_work(found: AtWork, style: Style) -> str:
    """Return who is at work where: above all else that the message says."""
    device = style.name("device", found.device) if found.device else ""
    key = style.first_of(f"at_work.{found.where}", "at_work.other")
    if found.device and found.where != "inside":
        key = "at_work.at"
    place = style.text(key, d=device)
    since = style.moment(found.since)
    return style.text("line.at_work", place=place, who=found.who, t=since)


def _number(news: News, style: Style) -> str:
    return style.text("line.number", number=news.number)


def _title(news: News, style: Style, *, unrecorded: bool) -> str:
    plus = [plus_text(news, style), style.text("plus.unrecorded") if unrecorded else ""]
    severity = style.text(style.first_of(f"severity.{news.severity}", "severity.warning"))
    marks = [
        style.text("mark.drill") if news.drill else "",
        style.text("mark.severity", severity=severity.upper()),
    ]
    text = style.text(
        "title",
        site=style.name("site", ""),
        core=style.core(core_text(news, style)),
        plus=style.sentences(plus),
    )
    return "".join(marks) + text.rstrip()


def _affects(news: News, style: Style) -> Iterator[str]:
    """Yield the line of all members in restoration order, where there are several."""
    if len(news.members) > 1:
        shown = [_affected(member, style) for member in news.members[:NAMES_MAX]]
        if len(news.members) > NAMES_MAX:
            shown.append(style.text("affects.more", n=len(news.members)))
        separator = style.text("part.separator")
        yield style.text("line.affects", text=separator.join(shown))


def _affected(member: Member, style: Style) -> str:
    ended = member.ended
    key = style.first_of(f"affects.{member.how}", "affects.over")
    text = style.text(
        "affects.running" if ended is None else key,
        p=subject(member, style),
        what=fault_text(member, style),
        since=style.text("since", t=style.begin(member.began)),
        start=style.text("start", t=style.begin(member.began)),
        at="" if ended is None else style.text("at", t=style.end(ended)),
        dur=style.lasted(figures(member)),
    )
    own = own_text(member, style)
    return style.text("affects.own", text=text, own=own.rstrip("。. ")) if own else text


def _now(news: News, style: Style) -> Iterator[str]:
    """Yield the line of what each device does, and of programmes that are not back."""
    if news.told == "storm":
        return
    does = [
        style.text(
            "does.device",
            d=style.name("device", device),
            does=does_text(device, does, news, style),
        )
        for device, does in news.does
    ]
    programmes = [
        style.text("now.programme", p=subject(member, style), now=now_text(member, style))
        for member in news.members
        if member.programme and (member.off_under is not None or _has_turned(member))
    ]
    parts = [style.listed(does)] * bool(does) + programmes
    if parts:
        yield style.text("line.now", text=style.text("part.separator").join(parts))


def _has_turned(member: Member) -> bool:
    """Return whether the fault is over and the programme is still off, degraded or not seen."""
    return member.ended is not None and member.column in ("off_air", "blind", "degraded")


def _acknowledge(news: News, style: Style, *, unrecorded: bool) -> Iterator[str]:
    if news.told in CLOSING or not needs_acknowledging(news):
        return
    if news.acknowledged_by is not None:
        yield style.text("line.ack.taken", person=style.name("person", news.acknowledged_by))
    elif unrecorded or news.told == "storm":
        yield style.text("line.ack.desk")
    else:
        yield style.text("line.ack", number=news.to_acknowledge, person=news.person)
