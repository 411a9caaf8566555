"""What each person was sent, and how each channel does: durable shapes. ``apply`` writes them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Received(StrEnum):
    """Whether a person got a message of an incident; ``PERHAPS``: sent, and no receipt came."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class News:
    """What one message says of one incident, so that its delivery updates what a person knows.

    ``severity``: index in ``SEVERITIES``. ``falls``: by member, how often it fell so far. ``over``:
    members that were over. ``digest_every``: least time to the next digest. ``last``: the incident
    was closed. ``changing``: its cause moves again and again. ``wrongs``: by member, how many wrong
    programmes began of those that this message, or one before it, reports.
    """

    incident: str
    severity: int
    place: str
    falls: dict[str, int]
    over: tuple[str, ...]
    digest_every: int
    last: bool
    changing: bool = False
    wrongs: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Knowledge:
    """What one person knows of one incident, by the last message that arrived.

    ``at``: when that message began. ``tried``: channels that failed since. ``wait_until``: no
    attempt before, after every channel refused this message for good. ``closing``: the incident has
    closed, and the person must get the closing. ``changing``: that message said that the cause is.
    ``wrongs``: as in ``News``.
    """

    received: Received = Received.NO
    severity: int = 9
    place: str = ""
    falls: dict[str, int] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    at: int = 0
    digest_every: int = 0
    tried: list[str] = field(default_factory=list)
    probed: bool = False
    attempts: int = 0
    messages: int = 0
    refusals: int = 0
    wait_until: int = 0
    closing: bool = False
    changing: bool = False
    wrongs: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Sending:
    """An attempt under way: its head incident, its number there, and what it says."""

    incident: str
    attempt: int
    channel: str
    told: str
    bucket: str
    severity: int
    begun_at: int
    news: list[News]


@dataclass(slots=True)
class PersonNow:
    """``notified``: by member, when the last message on it began that rang or informed.

    ``critical``, ``others``: when the messages of the last ten minutes arrived, by storm limit.
    ``storm_at``: when the last storm digest began. ``sending``: attempts under way.
    """

    notified: dict[str, int] = field(default_factory=dict)
    critical: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    storm_at: int | None = None
    sending: list[Sending] = field(default_factory=list)


@dataclass(slots=True)
class ChannelNow:
    """``until``: end of the wait after failures in a row; ``tried_at``: the last failure."""

    failures: int = 0
    until: int = 0
    tried_at: int = 0


def after_delivery(known: Knowledge, news: News, begun_at: int) -> Knowledge:
    """Return what a person knows once a message has arrived.

    What began later may have arrived already, and says more: then that stays.
    """
    if known.received is Received.YES and known.at > begun_at:
        return replace(known)
    return replace(
        known,
        received=Received.YES,
        severity=news.severity,
        place=news.place,
        falls=dict(news.falls),
        over=list(news.over),
        at=begun_at,
        digest_every=news.digest_every,
        changing=news.changing,
        wrongs=dict(news.wrongs),
        tried=[],
        probed=False,
        refusals=0,
        wait_until=0,
        closing=known.closing and not news.last,
    )
