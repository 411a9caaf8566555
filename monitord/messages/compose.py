"""Composes the message to a person from the codes and parameters that the core decided on.

Must not decide anything, and must not fail for a code or name that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitord.channels.model import Message
from monitord.core.events import Alert
from monitord.messages.labels import Labels
from monitord.texts import has_text, render
from monitord.texts.condition_words import words_of

SECOND: Final = 1_000_000
INTERVAL_MAX: Final = SECOND
"""A wider interval is printed as *between ... and ...*, a narrower one as one time."""

WITHDRAWN: Final = "unknown:withdrawn"
OVER: Final = ("recovered", "closed_before_told")


@dataclass(frozen=True, slots=True)
class _Words:
    """The alert and all that its texts need, for the functions that compose the parts."""

    alert: Alert
    labels: Labels
    language: str
    iso: Callable[[int], str]

    def text(self, key: str, **parameters: object) -> str:
        return render(self.language, key, **parameters)

    def name(self, key: str) -> str:
        """Return the name of ``kind/.../id``, or the id if it has none."""
        return self.labels.name(key)


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
    Durations in ``alert`` are microseconds. The action is the card of the first condition of the
    cause that has one.
    """
    words = _Words(alert, labels, language, iso)
    began, ended = alert["began"], alert["ended"]
    return Message(
        alert_id=alert["alert_id"],
        incident_id=alert["incident"],
        event=alert["told"],
        person=alert["person"],
        site=labels.site,
        programme=alert["programme"],
        observed=alert["observed"],
        column=alert["column"],
        reason=alert["reason"],
        severity=alert["severity"],
        cause=_cause(words),
        title=_title(words, unrecorded=unrecorded),
        action=_action(words),
        began_not_before=iso(began[0]),
        began_not_after=iso(began[1]),
        ended_not_before=iso(ended[0]) if ended else None,
        ended_not_after=iso(ended[1]) if ended else None,
        least_s=alert["least"] / SECOND,
        most_seen_s=alert["most_seen"] / SECOND,
        most_s=alert["most"] / SECOND,
        drill=alert["drill"],
        unrecorded=unrecorded,
    )


def _title(words: _Words, *, unrecorded: bool) -> str:
    text = words.text("title.site", site=words.name("site"), sentence=_sentence(words))
    if joined := words.alert.get("joined"):
        labels = [words.name(f"programme/{programme}") for programme in joined]
        others = words.text("list.separator").join(labels)
        text = words.text("title.joined", sentence=text, programmes=others)
    if unrecorded:
        text = words.text("title.unrecorded", sentence=text)
    return words.text("title.drill", sentence=text) if words.alert["drill"] else text


def _sentence(words: _Words) -> str:
    alert = words.alert
    key = f"title.{alert['fault']}.{alert['told']}"
    parameters = {
        "programme": words.name(f"programme/{alert['programme']}"),
        "reason": _reason(words),
        "began": _moment(words, alert["began"]),
    }
    if alert["observed"] == WITHDRAWN and alert["told"] in OVER:
        return words.text("title.withdrawn", **parameters)
    if alert["ended"] is None:
        return words.text(key, **parameters)
    ended = _moment(words, alert["ended"], since=alert["began"][0])
    return words.text(f"{key}.over", **parameters, ended=ended, lasted=_lasted(words))


def _reason(words: _Words) -> str:
    code = words.alert["reason"]
    if has_text(words.language, f"reason.{code}"):
        return words.text(f"reason.{code}")
    return code or words.text("reason.unknown")


def _moment(words: _Words, interval: Sequence[int], since: int | None = None) -> str:
    """Return an interval as clock times, with the date if it differs from the date of ``since``."""
    first, last = interval
    day = _day(words.iso(first if since is None else since))
    if last - first <= INTERVAL_MAX:
        return words.text("moment.exact", at=_clock_time(words, last, day))
    earliest, latest = _clock_time(words, first, day), _clock_time(words, last, day)
    return words.text("moment.between", first=earliest, last=latest)


def _day(iso: str) -> str:
    return iso.partition("T")[0]


def _clock_time(words: _Words, moment: int, day: str) -> str:
    text = words.iso(moment)
    date, _, time = text.partition("T")
    return time[:8] if date == day else f"{date} {time[:8]}"


def _lasted(words: _Words) -> str:
    least, most_seen, most = _figures(words.alert)
    if most_seen - least <= INTERVAL_MAX:
        text = words.text("lasted.exact", length=_length(words, most_seen))
    else:
        shortest, longest = _length(words, least), _length(words, most_seen)
        text = words.text("lasted.between", shortest=shortest, longest=longest)
    if most - most_seen <= INTERVAL_MAX:
        return text
    return words.text("lasted.unseen", lasted=text, most=_length(words, most))


def _figures(alert: Alert) -> tuple[int, int, int]:
    """Return the lengths to print: an outage's three figures, otherwise the shortest and longest.

    Time without monitoring is in ``most`` only; the ledger does not count a lost reserve.
    """
    if alert["fault"] == "off_air":
        return alert["least"], alert["most_seen"], alert["most"]
    began, ended = alert["began"], alert["ended"] or alert["began"]
    longest = max(0, ended[1] - began[0])
    return min(max(0, ended[0] - began[1]), longest), longest, longest


def _length(words: _Words, duration: int) -> str:
    seconds = duration / SECOND
    if seconds < 10:
        return words.text("length.seconds", seconds=f"{seconds:.1f}".removesuffix(".0"))
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return words.text("length.seconds", seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return words.text("length.minutes", minutes=minutes, seconds=rest)
    return words.text("length.hours", hours=hours, minutes=minutes, seconds=rest)


def _cause(words: _Words) -> str:
    """Return each fault once, with the devices that have it: WORDING B, *Cause*."""
    stage, conditions = words.alert["cause"]["stage"], words.alert["cause"]["conditions"]
    if not stage:
        return words.text("cause.reason", reason=_reason(words))
    label = words.name(f"stage/{words.alert['programme']}/{stage}")
    if not conditions:
        return words.text("cause.stage", stage=label)
    faults = words.text("cause.separator").join(_faults(words, conditions))
    return words.text("cause.conditions", stage=label, faults=faults)


def _faults(words: _Words, conditions: Sequence[str]) -> Iterator[str]:
    devices_with: dict[str, dict[str, None]] = {}
    for condition in conditions:
        device, dot, _ = condition.partition(".")
        if dot:
            devices_with.setdefault(_wrong(words, condition), {})[device] = None
        else:
            yield condition
    for what, devices in devices_with.items():
        names = words.text("list.separator").join(words.name(f"device/{id_}") for id_ in devices)
        key = "cause.fault" if len(devices) == 1 else "cause.fault.several"
        yield words.text(key, devices=names, what=what)


def _wrong(words: _Words, condition: str) -> str:
    """Return what is wrong when ``device.condition`` is on its bad side."""
    is_true = condition in words.labels.bad_when_true
    text = words_of(condition.partition(".")[2], is_true, words.language)
    if text is None:
        return words.text("cause.abnormal")
    carried = words.labels.carries.get(condition, "")
    if "{d}" in text and not carried:
        return words.text("cause.abnormal")
    return text.replace("{d}", words.name(f"device/{carried}"))


def _action(words: _Words) -> str:
    alert = words.alert
    if alert["told"] in OVER:
        return words.text(f"action.{alert['told']}")
    for condition in alert["cause"]["conditions"]:
        if card := words.labels.cards.get(condition, {}).get(words.language):
            return card
    if has_text(words.language, f"action.{alert['reason']}"):
        return words.text(f"action.{alert['reason']}")
    return words.text(f"action.{alert['fault']}")
