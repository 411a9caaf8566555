"""Nothing that people read is an id, a key, a template, or in the other language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.simulation.facts import Facts
from tests.simulation.observer.reader import Text

COMMAND = re.compile(r"`[^`]*`|monitord (?:status|incidents|check|reload|verify|backup)")
"""What is typed has the words of the program."""
LATIN = re.compile(r"[A-Za-z]+")
INITIALS = frozenset(("UPS", "ATS", "PCR", "PTS", "RDS", "GPS", "NTP", "PTP", *"UPSATRDGN"))
"""Of devices, as printed and, letter by letter, as spoken."""
CHINESE = re.compile("[一-鿿]+")
KEY = re.compile(r"[{}_]|[A-Za-z]\w*[./][a-z]\w*")
ENGLISH_TOO = frozenset(
    (
        "transmitter",
        "transmitters",
        "studio",
        "exciter",
        "multiplexer",
        "sender",
        "on",
        "well",
        "mains",
        "locked",
        "sound",
        "full",
        "hears",
        "ok",
    )
)
"""Ids of the site that are words of English as well: the line of the cause shows which it is."""


class Letters:
    """Finds what nobody may read. ``ids``: of devices, programmes and stages of the site."""

    def __init__(self, facts: Facts) -> None:
        names = facts.names
        known = [*names.devices.values(), *names.programmes.values(), *names.stages.values()]
        known.append(names.site)
        self._names = re.compile("|".join(sorted(map(re.escape, known), key=len, reverse=True)))
        ids = {*names.devices, *names.programmes}
        ids |= {part for place in facts.places for part in re.split(r"[+/]", place)}
        found = sorted(ids.difference(ENGLISH_TOO, ("site",)), key=len, reverse=True)
        self._ids = re.compile(
            rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, found))})(?![A-Za-z])"
        )

    def wrong(self, text: Text) -> Iterator[str]:
        """Yield what is wrong in a message: each id, key and word of the other language, once."""
        whole = f"{text.text}\n{text.sms}\n{text.spoken}"
        plain = self._names.sub("", COMMAND.sub("", whole))
        yield from dict.fromkeys(KEY.findall(plain))
        yield from dict.fromkeys(self._ids.findall(plain))
        if text.language == "zh":
            yield from dict.fromkeys(w for w in LATIN.findall(plain) if w not in INITIALS)
        else:
            yield from dict.fromkeys(CHINESE.findall(plain))
