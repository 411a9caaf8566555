"""The core of a message: what happened to whom and since when, in the form of its style.

Owns which core belongs to which news (WORDING B). Must not fail for a code that it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from monitord.core.incident_state import WORST_FIRST
from monitord.messages.cards import BROKEN, by_hand, not_ready, on_air, used_by
from monitord.messages.causes import (
    cause_text,
    devices_text,
    does_text,
    is_silent,
    reason_text,
    why,
)
from monitord.messages.digests import counts_text, numbers_of
from monitord.messages.news import ASSIGNMENT, CLOSING, OFF_AIR, WITHDRAWN, Member, News
from monitord.messages.remainders import false_alarm_text, suspicions_left, with_remainder
from monitord.messages.style import Room, Style
from monitord.messages.subjects import fault_text, names_of, subject, subjects
from monitord.texts import has_text

ON_AIR: Final = ("on_air", "degraded")
"""Columns of a programme that a message says to be on air."""
COUNTED: Final = (OFF_AIR, "suspected")
"""Faults whose three figures the ledger counts; others last from their beginning to their end."""

CONTRADICTS: Final = ("unknown:disputed", "unknown:assignment")
"""What is observed of a programme of which two things are seen that cannot both be."""
NO_ACK: Final = (*CLOSING, "partly", "also")
"""Kinds of messages that nobody has to acknowledge."""

DAY_MINUTES: Final = 24 * 60
DAYS_FROM: Final = 2 * DAY_MINUTES
"""From so many minutes on a correction of the clock is given in days."""
GROWING: Final = ("grown", "falls_again")
"""Kinds of messages about what is new in an incident that is known."""
REASONED: Final = ("opened", "worsened", "falls_again")
"""Kinds of messages that say since when a programme is off and why."""
NOT_ON_AIR: Final = (OFF_AIR, "suspected", "disputed", "blind", "site_silent")
"""Faults while which nobody can say that a programme is back."""
ASKING: Final = ("opened", "worsened", "grown", "falls_again", "also")
"""Kinds of messages that ask to check a suspicion."""


def needs_acknowledging(news: News) -> bool:
    """Return whether somebody has to take the incident now."""
    return news.told not in NO_ACK and not is_over(news)


def is_over(news: News) -> bool:
    """Return whether nothing of the incident lasts, so that the message speaks of the past.

    A suspicion that was found too late is not over: nobody knows yet what was on air.
    """
    is_doubtful = news.fault == "suspected" and news.told in ASKING
    return not news.standing and not is_doubtful


def core_text(news: News, style: Style, room: Room = Room.WHOLE) -> str:
    """Return the core; without the reason where an SMS has no room for it."""
    # A drill is about the practice, not about a moment: no time and no reason.
    bare, news = news.drill, _about_new(news)
    with_reason = room is Room.WHOLE
    key = _key(news, style)
    text = _core(key, news, style, with_reason=with_reason and not bare, bare=bare)
    text = with_remainder(key, text, news, style, room)
    return style.text("drill", core=text) if bare else text


def _about_new(news: News) -> News:
    """Return the news as of the fault that is new, where a worse one is known already."""
    first = (speaks_of(news) or news.named)[0]
    if news.told not in GROWING or first.fault == news.fault:
        return news
    return replace(news, fault=first.fault, reason=first.reason, conditions=())


def _core(key: str, news: News, style: Style, *, with_reason: bool, bare: bool) -> str:
    places = _places(news, style) | _times(news, style, bare=bare)
    places["why"] = style.text("why", w=places["w"]) if with_reason else ""
    places["because"] = style.text("because", w=places["w"]) if with_reason else ""
    if not with_reason:
        key = SHORTER.get(key, key)
    if not with_reason and not bare:
        # The SMS is too long: what is left out here is also in the full form.
        places |= {"now": "", "at": "", "start": places["since"]}
        places["since"] = "" if key == "core.off_air.revised" else places["since"]
    if key.startswith("core.other.") and key != "core.other":
        own = style.first_of(_own(news), "core.other") if with_reason else "core.other"
        places["core"] = style.text(_plain(own, places), **places)
    return style.text(_plain(key, places), **places)


def _plain(key: str, places: dict[str, str]) -> str:
    """Return the key of the same core without devices, where the alert names none for it."""
    wanted = PLACES_OF.get(key, ())
    return key if all(places[place] for place in wanted) else PLAIN[key]


PLACES_OF: Final = {
    "core.reserve_lost": ("e",),
    "core.reserve_lost.recovered": ("ready",),
    "core.reserve_unknown": ("silent",),
    "core.reserve_used": ("q",),
    "core.off_air.cured": ("d",),
    "core.off_air.also": ("d",),
    "core.off_air.closed_before_told": ("now",),
    "core.off_air.digest": ("now",),
    "core.other.also": ("d",),
    "core.partly.elsewhere": ("now",),
    "core.storm": ("counts",),
}
SHORTER: Final = {
    "core.partly.over": "core.partly.still",
    "core.partly.elsewhere": "core.partly.rest",
    "core.storm": "core.storm.plain",
}
"""What remains of a core of which both halves are too long for an SMS."""
PLAIN: Final = {
    "core.reserve_lost": "core.reserve_lost.plain",
    "core.reserve_lost.recovered": "core.reserve.recovered",
    "core.reserve_unknown": "core.reserve_unknown.plain",
    "core.reserve_used": "core.reserve_used.plain",
    "core.off_air.cured": "core.off_air.recovered",
    "core.off_air.also": "core.off_air",
    "core.off_air.closed_before_told": "core.off_air.past",
    "core.off_air.digest": "core.off_air.often",
    "core.other.also": "core.other",
    "core.partly.elsewhere": "core.partly.rest",
    "core.storm": "core.storm.plain",
}


def _key(news: News, style: Style) -> str:
    told = news.told
    if told == "storm":
        return "core.storm"
    if told == "recovered":
        return _recovered(news, style)
    if told == "revised" and news.fault == OFF_AIR and news.changes and news.standing:
        return "core.off_air.changing"
    if told not in CLOSING and told != "digest" and is_over(news):
        # It healed before the message was made: what was, and what is now.
        told = "closed_before_told"
    if told == "opened":
        if news.fault == OFF_AIR and _whole_device(news, style):
            return "core.off_air.all"
        if news.fault == "disputed" and news.reason == ASSIGNMENT:
            return "core.disputed.assignment"
        return style.first_of(_own(news), "core.other")
    if told == "partly":
        return _partly(news, style)
    return style.first_of(f"core.{news.fault}.{told}", f"core.other.{told}", "core.other")


def _own(news: News) -> str:
    """Return the key of the core of a fault that begins; the record has one for each harm."""
    return f"core.{news.reason if news.fault == 'record_replaced' else news.fault}"


def _partly(news: News, style: Style) -> str:
    """Return the key for what is over and what lasts; of one programme it may be both."""
    over = speaks_of(news)
    if not over:
        return style.first_of(f"core.{news.fault}.partly", "core.other.partly")
    same = set(map(_who, over)) <= set(map(_who, news.named))
    if not any(_is_back(member, news) for member in over):
        return "core.partly.over" if same else "core.partly.elsewhere"
    if same:
        return "core.partly.same"
    return style.first_of(f"core.{news.fault}.partly", "core.other.partly")


def _who(member: Member) -> tuple[str, str]:
    return member.programme, "" if member.programme else member.subject


def _is_back(member: Member, news: News) -> bool:
    """Return whether what is over is all right again: its programme is on air, as far as known."""
    not_on_air = {one.programme for one in news.standing if one.fault in NOT_ON_AIR}
    on_air = member.column in ("", *ON_AIR) and member.programme not in not_on_air
    return on_air or not member.programme


def _recovered(news: News, style: Style) -> str:
    first = news.named[0]
    if news.fault == OFF_AIR and first.off_under is not None:
        return "core.off_air.elsewhere"
    if news.fault == OFF_AIR and first.column == "blind":
        return "core.off_air.cured"
    if news.fault in ("reserve_unknown", "reserve_used"):
        return "core.reserve.recovered"
    if news.fault == "clock_untrusted" and news.minutes:
        days = ".days" if news.minutes >= DAYS_FROM else ""
        return f"core.clock_untrusted.adopted{days}"
    return style.first_of(f"core.{news.fault}.recovered", "core.other.recovered")


def _whole_device(news: News, style: Style) -> bool:
    """Return whether the cause is one device, and all programmes behind it are off the air."""
    if len(news.devices) != 1 or len(news.named) < 2:
        return False
    off = {member.programme for member in news.named}
    return style.labels.carried_by.get(news.devices[0], frozenset()) == off


def speaks_of(news: News) -> tuple[Member, ...]:
    """Return the members that the core names: the newest where it is about what is new."""
    if news.told == "partly":
        over = tuple(member for member in news.members if member.ended is not None)
        back = tuple(member for member in over if _is_back(member, news))
        return back or tuple(one for one in over if _who(one) == _who(over[0]))
    wrong = tuple(member for member in news.standing if member.wrong_began is not None)
    if news.told == "worsened" and wrong:
        return wrong
    if news.told in GROWING:
        new = [member for member in news.standing if member.is_new]
        found = {member.fault for member in new}
        if new:
            worst = next((fault for fault in WORST_FIRST if fault in found), new[0].fault)
            return tuple(one for one in new if one.fault == worst)
        latest = max(member.began[0] for member in news.named)
        return tuple(m for m in news.named if m.began[0] == latest)
    return news.named


def _places(news: News, style: Style) -> dict[str, str]:
    """Return names and counts for every placeholder of a core."""
    named = speaks_of(news) or news.named
    rest = news.named if news.told == "partly" else ()
    first = named[0]
    storm = news.told == "storm"
    return {
        "p": subjects(named[:1] if storm else named, style),
        "e": subjects(rest, style) if rest else on_air(news, style),
        "d": _cause_device(news, style),
        "n": str(_count(news, named, style)),
        "counts": counts_text(news, style) if storm else "",
        "what": fault_text((*rest, first)[0], style),
        "over": fault_text(first, style),
        "w": why(news, style),
        "number": style.number(first.off_under if news.told == "recovered" else news.number),
        "into": style.number(news.into or ""),
        "now": now_text(first, style) if len({m.column for m in named}) == 1 else "",
        "broken": _broken(news, style),
        "ready": not_ready(news, style, of=("standby", "unswitched")),
        "silent": not_ready(news, style, of=("silent",)),
        "q": used_by(news, style),
    }


def _count(news: News, named: Sequence[Member], style: Style) -> int:
    if news.told == "storm":
        return len(numbers_of(news))
    if news.fault == "site_silent":
        # No device answers, so nothing is seen of any programme.
        return style.labels.programmes() or len(named)
    if news.told == "digest":
        return news.falls
    if news.fault == "clock_untrusted":
        return news.minutes if news.minutes < DAYS_FROM else round(news.minutes / DAY_MINUTES)
    return len(named)


def _times(news: News, style: Style, *, bare: bool) -> dict[str, str]:
    named = speaks_of(news) or news.named
    first = named[0]
    began = first.last_began if news.told == "falls_again" else first.began
    if news.told in REASONED and first.wrong_began is not None and first.wrong_began[0] > began[1]:
        began = first.wrong_began  # it was off the air before, and not by this
    at = "" if first.ended is None or bare else style.text("at", t=style.end(first.ended))
    begin = style.begin(began)
    return {
        "since": "" if bare else style.text("since", t=begin),
        "start": "" if bare else style.text("start", t=begin),
        "at": at,
        "dur": style.lasted(figures(first)),
        "period": _period(news, first, begin, style),
    }


def _period(news: News, first: Member, begin: str, style: Style) -> str:
    """Return since when it falls again and again, and how long it fell in all."""
    if style.is_tight:
        return style.text("period.in", minutes=news.minutes)
    return style.text("period.from", t=begin, dur=style.lasted(figures(first)))


def _broken(news: News, style: Style) -> str:
    """Return which devices cannot take over and why; an English SMS has no room for it."""
    why_not: dict[str, list[str]] = {}
    for device, does in news.does:
        if does in BROKEN:
            why_not.setdefault(does_text(device, does, news, style), []).append(device)
    if not why_not or style.is_tight:
        return ""
    if style.is_short and len(why_not) > 1:
        why_not = {style.text("does.not_ready"): [*chain(*why_not.values())]}
    parts = [
        style.text("does.device", d=devices_text(devices, style), does=does)
        for does, devices in why_not.items()
    ]
    return style.text("broken", devices=style.listed(parts))


def figures(member: Member) -> tuple[int, int, int]:
    """Return least, most_seen and most: of the ledger, or of the two ends where it counts none.

    Time without monitoring is apart only where the ledger counts; it is what *blind* is made of.
    """
    if member.figures is not None and member.fault in COUNTED:
        return member.figures
    if member.figures is not None and member.figures[1] > 0:
        return member.figures[0], member.figures[2], member.figures[2]
    began, ended = member.began, member.ended or member.began
    longest = max(0, ended[1] - began[0])
    return min(max(0, ended[0] - began[1]), longest), longest, longest


def now_text(member: Member, style: Style) -> str:
    """Return where a programme's seconds are counted now, or that the fault is over."""
    if member.off_under is not None:
        key = "now.under" if member.fault == "off_air" else "now.goes_on"
        return style.text(key, number=style.number(member.off_under))
    if member.observed == WITHDRAWN:
        return style.text("now.withdrawn")
    if member.column == "blind" and member.observed in CONTRADICTS:
        return style.text("now.disputed")
    if member.column == "off_air" and member.observed.startswith("unknown"):
        return style.text("now.presumed")
    return style.text(style.first_of(f"now.{member.column}", "now.over"))


def plus_text(news: News, style: Style) -> str:
    """Return what only the full form adds to the core."""
    news = _about_new(news)
    named = speaks_of(news) or news.named
    parts = [_running(news, named, style), _advice(news, style), _in_use(news, style)]
    if len(named) > 1:
        names = [subject(member, style) for member in named]
        parts.append(style.text("plus.names", names=style.listed(names)))
    if len(news.members) == 1:
        parts.append(own_text(named[0], style))
    parts += _unmonitored(named, style)
    if news.told == "revised" and news.changes:
        parts.append(style.text("plus.changing", n=news.changes))
    parts.append(false_alarm_text(news, style))
    if news.restates:
        parts.append(style.text("plus.restates"))
    if news.drill:
        parts.append(style.text("plus.drill"))
    return style.sentences(parts)


def own_text(member: Member, style: Style) -> str:
    """Return how long it was filler or a wrong programme, once it is over.

    Empty where it was only one of them, and all along.
    """
    if member.fault != OFF_AIR or member.ended is None:
        return ""
    own = {reason: found for reason, found in member.own.items() if found[0]}
    if not own or (len(own) == 1 and figures(member) in own.values()):
        return ""
    parts = [
        style.text("own.part", w=reason_text(reason, style), dur=style.lasted(found))
        for reason, found in own.items()
    ]
    return style.text("plus.own", parts=style.text("part.separator").join(parts))


def _unmonitored(named: Sequence[Member], style: Style) -> list[str]:
    """Return which layers nobody monitors of the programmes that are said to be on air now."""
    missing: dict[tuple[str, ...], list[Member]] = {}
    for member in named:
        layers = tuple(style.labels.unmonitored.get(member.programme, ()))
        if layers and member.column in ON_AIR:
            missing.setdefault(layers, []).append(member)
    said = {layers: _layers(layers, style) for layers in missing}
    if len(missing) == 1 and len(next(iter(missing.values()))) == len(named):
        return [style.text("plus.unmonitored", layers=text) for text in said.values()]
    return [
        style.text("plus.unmonitored.of", p=style.listed(names_of(of, style)), layers=said[layers])
        for layers, of in missing.items()
    ]


def _layers(layers: Sequence[str], style: Style) -> str:
    return style.listed(style.text(f"unmonitored.{layer}") for layer in layers)


def _running(news: News, named: Sequence[Member], style: Style) -> str:
    first = named[0]
    if first.fault == "suspected" and first.ended is not None and not is_over(news):
        most = style.length(figures(first)[2])
        return style.text("plus.suspected.past", most=most, now=now_text(first, style))
    if first.fault != OFF_AIR or first.ended is not None or news.told == "storm":
        return ""
    least = figures(first)[0]
    return style.text("plus.running", least=style.length(least)) if least else ""


def _advice(news: News, style: Style) -> str:
    if news.told == "storm":
        numbers = style.listed(numbers_of(news))
        return style.text("plus.storm", numbers=numbers)
    left = suspicions_left(news)
    if left:
        return style.text("plus.suspected.left", p=subjects(left, style))
    if news.told == "recovered" and news.fault == "suspected":
        return style.text("plus.suspected.over")
    if is_over(news) or news.told in CLOSING:
        return ""
    names = {
        "d": not_ready(news, style),
        "e": on_air(news, style),
    }
    if news.fault == "reserve_used":
        return style.text("plus.reserve_used", e=names["e"]) if names["e"] else ""
    if news.fault == "disputed" and news.reason == ASSIGNMENT:
        return style.text("plus.disputed.assignment")
    if news.fault == "reserve_lost":
        key = "plus.reserve_lost.by_hand" if by_hand(news) else "plus.reserve_lost"
        return style.text(key, **names) if all(names.values()) else ""
    if news.fault == "blind":
        return _unseen(news, style)
    key = f"plus.{news.fault}"
    return style.text(key) if key in PLUS else ""


def _unseen(news: News, style: Style) -> str:
    """Return what is not seen: the devices of the place, or what is behind a place that answers.

    A link that is known to be unlocked gives an answer, and so does a supply that is off.
    """
    if not news.devices:
        return ""
    if is_silent(news):
        return style.text("plus.blind", d=devices_text(news.devices, style))
    if has_text(style.language, f"plus.blind.{news.reason}"):
        return style.text(f"plus.blind.{news.reason}")
    reason = reason_text(news.reason, style)
    return style.core(reason[:1].upper() + reason[1:])


def _in_use(news: News, style: Style) -> str:
    """Return that the reserve of a programme that is off carries another one."""
    if news.fault != OFF_AIR or not news.uses or is_over(news) or news.told in CLOSING:
        return ""
    device = devices_text([device for device, _ in news.uses], style)
    return style.text("plus.in_use", d=device, q=used_by(news, style))


PLUS: Final = frozenset({"plus.suspected", "plus.site_silent", "plus.silent", "plus.disputed"})


def _cause_device(news: News, style: Style) -> str:
    """Return the name of the cause as one device or a few, for a core."""
    return devices_text(news.devices[:2], style) or cause_text(news, style)
