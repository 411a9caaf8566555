"""What a digest of several incidents counts: programmes, each once, by the worst of its faults.

Owns the count; a figure that nobody proved is never printed as 0.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from monitord.messages.news import Member, News
from monitord.messages.style import Style

COUNTED: Final = ("off_air", "suspected", "disputed", "blind")
"""Faults of a programme that a digest counts, the worst first."""


def numbers_of(news: News) -> tuple[str, ...]:
    """Return the numbers of the incidents of a digest, which may be of one alone."""
    return tuple(map(str, news.several)) or (news.number,)


def counts_text(news: News, style: Style) -> str:
    """Return how many programmes have each fault; "" where none has one that is counted."""
    found = counts(news, style)
    return style.listed(
        style.text(_key(fault, style), n=found[fault]) for fault in COUNTED if found[fault]
    )


def counts(news: News, style: Style) -> Counter[str]:
    """Return by fault how many programmes have it and no worse one.

    While no device of the site answers, monitoring is lost of all programmes that have none.
    """
    worst: dict[str, str] = {}
    for fault in COUNTED:
        for member in news.members:
            if member.fault == fault and member.programme and _is_open(member):
                worst.setdefault(member.programme, fault)
    found = Counter(worst.values())
    if any(member.fault == "site_silent" for member in news.standing):
        found["blind"] += max(0, style.labels.programmes() - len(worst))
    return found


def _is_open(member: Member) -> bool:
    """Return whether the fault lasts; a suspicion does until it is settled or withdrawn."""
    if member.fault == "suspected":
        return member.how != "withdrawn"
    return member.ended is None


def _key(fault: str, style: Style) -> str:
    short = [f"count.{fault}.short"] if style.is_short else []
    return style.first_of(*short, f"count.{fault}")
