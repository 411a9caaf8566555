"""Composes the message to a person from the codes and parameters that the core decided on.

Must not decide anything, and must not fail for a code or name that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from monitord.channels.model import Message
from monitord.core.message_events import Alert
from monitord.core.model import Told
from monitord.messages.cards import advice
from monitord.messages.cores import figures
from monitord.messages.forms import full_text, sms_text, spoken_text
from monitord.messages.labels import Labels
from monitord.messages.news import SECOND, Member, News, read_alert
from monitord.messages.style import Form, Style

OVER = (Told.RECOVERED, Told.CLOSED_BEFORE_TOLD, Told.RECONFIGURED, Told.WITHDRAWN)
"""The messages of what is over."""


def compose(
    alert: Alert,
    *,
    labels: Labels,
    language: str,
    iso: Callable[[int], str],
    unrecorded: bool,
) -> Message:
    """Return the message of one alert of an ``attempt_began``.

    ``language``: zh or en. ``iso``: site time in microseconds to ISO 8601 text of local time.
    Durations in ``alert`` are microseconds. ``unrecorded``: the event is not on disk, so that its
    numbers may be given again; the message carries none.
    """
    news = read_alert(alert)
    full = Style(Form.FULL, language, labels, iso, news.boot)
    sms, spoken = replace(full, form=Form.SMS), replace(full, form=Form.SPOKEN)
    card = advice(news, full)
    text = full_text(news, card, full, unrecorded=unrecorded)
    return Message(
        **_facts(alert, labels, iso, unrecorded=unrecorded),
        cause=text.cause,
        title=text.title,
        action=card.do,
        number=None if unrecorded else news.number,
        text="\n".join(text.lines),
        sms=sms_text(news, sms),
        spoken=spoken_text(news, spoken),
        members=[_member(member, labels, iso) for member in news.members],
        devices_now=_devices_now(news, labels),
    )


def plain(
    alert: Alert,
    *,
    labels: Labels,
    language: str,
    iso: Callable[[int], str],
    unrecorded: bool,
) -> Message:
    """Return what can be said of an alert that ``compose`` fails for: less, but never nothing.

    Reads only what an alert of any generation has. Parameters as for ``compose``.
    """
    short = Style(Form.SMS, language, labels, iso, boot=None)
    event = "plain.over" if alert["told"] in OVER else "plain.open"
    what = short.name("programme", alert["programme"]) or alert["fault"]
    line = short.text(event, site=short.name("site", ""), p=what)
    return Message(
        **_facts(alert, labels, iso, unrecorded=unrecorded),
        cause="",
        title=line,
        action=short.text("plain.do"),
        text=f"{line}\n{short.text('plain.do')}",
        sms=line,
        spoken=line,
    )


def _facts(
    alert: Alert, labels: Labels, iso: Callable[[int], str], *, unrecorded: bool
) -> dict[str, Any]:
    """Return the fields of a message that need no words."""
    began, ended = alert["began"], alert["ended"]
    return {
        "alert_id": None if unrecorded else alert["alert_id"],
        "incident_id": None if unrecorded else alert["incident"],
        "event": alert["told"],
        "person": alert["person"],
        "site": labels.site,
        "programme": alert["programme"],
        "observed": alert["observed"],
        "column": alert["column"],
        "reason": alert["reason"],
        "severity": alert["severity"],
        "began_not_before": iso(began[0]),
        "began_not_after": iso(began[1]),
        "ended_not_before": iso(ended[0]) if ended else None,
        "ended_not_after": iso(ended[1]) if ended else None,
        "least_s": alert["least"] / SECOND,
        "most_seen_s": alert["most_seen"] / SECOND,
        "most_s": alert["most"] / SECOND,
        "drill": alert["drill"],
        "unrecorded": unrecorded,
    }


def _member(member: Member, labels: Labels, iso: Callable[[int], str]) -> dict[str, Any]:
    least, most_seen, most = figures(member)
    ended = member.ended
    return {
        "programme": member.programme,
        "fault": "/".join(part for part in (member.fault, member.subject) if part),
        "severity": member.severity,
        "reason": member.reason,
        "column": member.column,
        "began_not_before": iso(member.began[0]),
        "began_not_after": iso(member.began[1]),
        "ended_not_before": iso(ended[0]) if ended else None,
        "ended_not_after": iso(ended[1]) if ended else None,
        "least_s": least / SECOND,
        "most_seen_s": most_seen / SECOND,
        "most_s": most / SECOND,
        "falls": member.falls,
        "unmonitored": list(labels.unmonitored.get(member.programme, ())),
    }


def _devices_now(news: News, labels: Labels) -> list[dict[str, str]]:
    uses = dict(news.uses)
    return [
        {"device": device, "name": labels.name(f"device/{device}"), "does": does}
        | ({"programme": uses[device]} if device in uses else {})
        for device, does in news.does
    ]
