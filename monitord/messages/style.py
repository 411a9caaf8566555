"""The three ways in which a message is put: as an SMS, in full, and to be spoken.

Owns how names, moments and lengths of time are written in each. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from monitord.messages.labels import Labels
from monitord.messages.news import SECOND, Span
from monitord.texts import has_text, render

INTERVAL_MAX: Final = SECOND
"""A wider interval is printed with both ends, a narrower one as one figure."""

HOURS_MAX: Final = 100
"""From so many hours on a length is given in days."""

TENTHS_MAX: Final = 10
"""Below so many seconds a length has a tenth."""

NAMES_MAX: Final = 20
"""Names in one line; more are counted."""

DIGITS: Final = {
    "zh": "零幺二三四五六七八九",
    "en": "zero one two three four five six seven eight nine",
}
SPELT: Final = re.compile(r"\b(UPS|ATS|RDS|GPS|NTP|PTP|RF|CA)(?=\b|\d)")
HARD_TO_HEAR: Final = {"失监": "失去监测", "勿": "不要"}


class Form(StrEnum):
    """Which of the forms is composed."""

    SMS = "sms"
    FULL = "full"
    SPOKEN = "spoken"


class Room(StrEnum):
    """How much of a core there is room for: all, what is left without its reason, or the least."""

    WHOLE = "whole"
    NO_REASON = "no_reason"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class Style:
    """``iso``: site time in microseconds to ISO 8601 text of local time. ``boot``: see ``News``."""

    form: Form
    language: str
    labels: Labels
    iso: Callable[[int], str]
    boot: int | None

    def text(self, key: str, **parameters: object) -> str:
        return render(self.language, key, **parameters)

    def first_of(self, *keys: str) -> str:
        """Return the first key that has a text; the last one must have."""
        return next((key for key in keys if has_text(self.language, key)), keys[-1])

    def name(self, kind: str, id_: str) -> str:
        return self.labels.name(f"{kind}/{id_}" if kind != "site" else kind, short=self.is_short)

    @property
    def is_short(self) -> bool:
        return self.form is Form.SMS

    @property
    def is_tight(self) -> bool:
        """Return whether there is room for the least only: an SMS in words of Latin letters."""
        return self.is_short and self.language == "en"

    @property
    def counts_others(self) -> int:
        """Return 1 where *p and n* counts the others, 0 where *p 等 n* counts all."""
        return int(self.language == "en")

    def listed(self, texts: Iterable[str]) -> str:
        return self.text("list.separator").join(texts)

    def sentences(self, texts: Iterable[str]) -> str:
        """Return whole sentences as one text."""
        return self.text("sentence.separator").join(text for text in texts if text)

    def core(self, text: str) -> str:
        """Return a core with the stop at its end; a question has its own."""
        return text if text.endswith("?") else self.text("core.stop", core=text)

    def number(self, number: object) -> str:
        """Return a short number; spoken digit by digit."""
        if self.form is not Form.SPOKEN or not str(number).isdigit():
            return str(number)
        digits = DIGITS[self.language]
        words = list(digits) if self.language == "zh" else digits.split()
        spoken = [words[int(digit)] for digit in str(number)]
        return ("" if self.language == "zh" else " ").join(spoken)

    def audible(self, text: str) -> str:
        """Return a text as it is to be spoken: initials letter by letter, no hard words."""
        text = SPELT.sub(lambda found: " ".join(found[0]), text)
        if self.language == "en":
            return text.replace(" & ", " and ")
        for word, other in HARD_TO_HEAR.items():
            text = text.replace(word, other)
        return text

    # -- moments --------------------------------------------------------------------------------

    def begin(self, span: Span) -> str:
        """Return when something began: the earliest second; in full both ends where they differ."""
        return self._span(span, span[0])

    def end(self, span: Span) -> str:
        """Return when something ended: the moment from which it surely was over."""
        return self._span(span, span[1])

    def _span(self, span: Span, wide: int) -> str:
        first, last = span
        if last - first <= INTERVAL_MAX:
            return self.moment(last)
        if self.form is not Form.FULL or self.boot is not None:
            return self.moment(wide)
        same_day = self.iso(first)[:10] == self.iso(last)[:10]
        latest = self._written(last, "moment.time" if same_day else "moment.long")
        return self.text("moment.between", first=self.moment(first), last=latest)

    def moment(self, at: int) -> str:
        """Return a moment with its date; of a boot whose clock is unsure, counted from the boot."""
        if self.boot is not None and at >= self.boot:
            return self.text("moment.boot", minutes=(at - self.boot) // (60 * SECOND))
        keys = {Form.SMS: "short", Form.FULL: "long", Form.SPOKEN: "spoken"}
        return self._written(at, f"moment.{keys[self.form]}")

    def _written(self, at: int, key: str) -> str:
        moment = datetime.fromisoformat(self.iso(at))
        clock = "clock.minutes" if self.is_tight else "clock.seconds"
        clock = "clock.spoken" if self.form is Form.SPOKEN else clock
        parts = {"hour": moment.hour, "minute": moment.minute, "second": moment.second}
        return self.text(
            key,
            month=self.text(f"month.{moment.month}"),
            day=moment.day
            if self.form is Form.FULL or self.language == "zh"
            else _ordinal(moment.day),
            clock=self.text(clock, **parts),
        )

    # -- lengths --------------------------------------------------------------------------------

    def lasted(self, figures: tuple[int, int, int]) -> str:
        """Return least, most_seen and most: in full all three, else one range."""
        least, seen, most = figures
        has_gap = most - seen > INTERVAL_MAX
        if self.form is not Form.FULL:
            text = self._range(least, most if has_gap else seen, f"{self._lengths}.range")
            return self.text(f"{self._lengths}.blind", dur=text) if has_gap else text
        text = self._range(least, seen, "long.range")
        if not has_gap:
            return text
        if seen == 0 and least == 0:
            # Nothing was seen of it: there is only one figure.
            return self.text("long.most", last=self.length(most, up=True))
        if seen == 0:
            text = self.text("long.least", first=self.length(least))
        blind, longest = self.length(most - seen), self.length(most, up=True)
        return self.text("long.blind", dur=text, blind=blind, most=longest)

    def _range(self, least: int, most: int, key: str) -> str:
        last = self.length(most, up=True)
        first = self.length(least)
        if most - least <= INTERVAL_MAX or first == last:
            return last
        if least == 0:
            # That none of it is proven is no figure: a zero would be read as one.
            return self.text(key.replace("range", "most"), last=last)
        if self.form is not Form.FULL and max(least, most) < 60 * SECOND:
            first = _in_seconds(least)
        return self.text(key, first=first, last=last)

    @property
    def _lengths(self) -> str:
        return "short" if self.is_short else "spoken"

    def length(self, duration: int, *, up: bool = False) -> str:
        """Return a length, rounded down or ``up`` to what is printed."""
        seconds = _rounded(duration, SECOND, up=up)
        minutes, rest = divmod(seconds, 60)
        if minutes == 0:
            return self._length("seconds", seconds=_in_seconds(duration, up=up))
        if minutes < 60:
            return self._length("minutes", minutes=minutes, seconds=rest)
        if self.form is Form.FULL:
            hours, minutes = divmod(minutes, 60)
            return self.text("length.hours", hours=hours, minutes=minutes, seconds=rest)
        hours, minutes = divmod(_rounded(duration, 60 * SECOND, up=up), 60)
        if hours < HOURS_MAX:
            return self._length("hours", hours=hours, minutes=minutes)
        days, hours = divmod(_rounded(duration, 3600 * SECOND, up=up), 24)
        return self._length("days", days=days, hours=hours)

    def _length(self, unit: str, **parts: object) -> str:
        kind = "length" if self.form is Form.FULL else self._lengths
        return self.text(f"{kind}.{unit}", **parts)


def _rounded(duration: int, unit: int, *, up: bool) -> int:
    return -(-duration // unit) if up else duration // unit


def _in_seconds(duration: int, *, up: bool = False) -> str:
    """Return the figure of a length below a minute: a short one has a tenth."""
    if duration >= TENTHS_MAX * SECOND:
        return str(_rounded(duration, SECOND, up=up))
    return f"{_rounded(duration, SECOND // 10, up=up) / 10:.1f}".removesuffix(".0")


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"
