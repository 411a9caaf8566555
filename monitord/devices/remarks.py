"""Remarks on a device besides its values, for the person who maintains it. Bounded.

They go to the log and the metrics, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import structlog

from monitord.devices.bus.bus import Bus

KINDS: Final = {
    "slows": "it answers much later than when polling began",
    "restarts": "it restarted while being polled",
    "second_master": "somebody else asks on its bus",
    "forgets_boots": "it does not count its restarts: other managers of SNMPv3 lose it",
    "engine_changed": "another SNMPv3 engine answers under its address",
    "unreadable": "a part of its answers cannot be read: its points have no value",
    "odd_frame": "its messages are not framed as their protocol says, and are read all the same",
    "late_answer": "an answer to an earlier request came when another was due, and was dropped",
    "answers_behind": "its answers are always late by as many requests, and are read so",
    "other": "its reader noticed something",
}
"""Each kind with its meaning; nothing else becomes a label."""
_OF_PARTS: Final = frozenset({"unreadable", "odd_frame"})
NAMED_MAX: Final = 16
DETAIL_MAX = 200

_log = structlog.get_logger(__name__)


REMARKS_PER_READ_MAX = 16
"""Maximum of remarks of a reader after one read."""


Take: TypeAlias = Callable[[], Iterable[tuple[str, str]]]


@dataclass(slots=True)
class RemarkCount:
    """One kind of remark: its count, the last time (site time, microseconds) and detail.

    ``named``: the details that the log has named.
    """

    count: int = 0
    at: int = 0
    detail: str = ""
    named: set[str] = field(default_factory=set)


@dataclass(slots=True)
class DeviceRemarks:
    """The remarks on one device, by kind.

    ``restarts``, ``unasked``, ``timeouts``: the last counts of its readers; ``troubles``: texts by
    reader.
    """

    device: str
    found: dict[str, RemarkCount] = field(default_factory=dict)
    restarts: int = 0
    troubles: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unasked: int = 0
    timeouts: int = 0

    def collect(self, reader: object, at: int) -> bool:
        """Take over the remarks of a reader; return whether a restart is among them.

        A reader may have ``take_remarks()``, which returns new (kind, detail) pairs, and
        ``noticed``: with ``restarts``, a count, and texts about points it cannot read as configured
        (``refused``, ``rows``). Its ``bus`` counts octets without a request.
        """
        restarts = self.count("restarts")
        take: Take | None = getattr(reader, "take_remarks", None)
        for kind, detail in tuple(take())[:REMARKS_PER_READ_MAX] if take else ():
            self.add(kind, detail, at)
        noticed = getattr(reader, "noticed", None)
        if (counted := getattr(noticed, "restarts", 0)) > self.restarts:
            self.restarts = counted
            self.add("restarts", "its own clock restarted", at)
        if (bus := getattr(reader, "bus", None)) is not None:
            self._check_line(bus, at)
        troubles = (*getattr(noticed, "refused", ()), *getattr(noticed, "rows", ()))
        for trouble in troubles[:REMARKS_PER_READ_MAX]:
            if trouble not in self.troubles.get(id(reader), ()):
                self.add("other", trouble, at)
        self.troubles[id(reader)] = troubles[:REMARKS_PER_READ_MAX]
        return self.count("restarts") > restarts

    def _check_line(self, bus: Bus, at: int) -> None:
        """Add a second master: octets came without a request, and no answer was missing.

        If an answer is missing, the octets may be that answer, too late.
        """
        unasked, timeouts = bus.counts.unasked_octets, bus.counts.timeouts
        if unasked > self.unasked and timeouts == self.timeouts:
            self.add("second_master", f"{unasked - self.unasked} octets nobody asked for", at)
        self.unasked, self.timeouts = unasked, timeouts

    def add(self, kind: str, detail: str, at: int) -> None:
        """Count a remark; the first of its kind is a warning in the log, the others are not.

        Of parts that are odd each is named once, up to ``NAMED_MAX`` of a kind.
        """
        known = kind if kind in KINDS else "other"
        remark = self.found.setdefault(known, RemarkCount())
        remark.count, remark.at, remark.detail = remark.count + 1, at, detail[:DETAIL_MAX]
        is_new = remark.count == 1
        if (
            known in _OF_PARTS
            and len(remark.named) < NAMED_MAX
            and remark.detail not in remark.named
        ):
            remark.named.add(remark.detail)
            is_new = True
        log = _log.warning if is_new else _log.debug
        log(
            "device_remark",
            device=self.device,
            kind=known,
            meaning=KINDS[known],
            detail=remark.detail,
        )

    def count(self, kind: str) -> int:
        """Return how often a kind was seen."""
        return self.found[kind].count if kind in self.found else 0
