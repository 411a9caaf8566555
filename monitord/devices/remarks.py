"""What is noticed about a device besides its values, for whoever looks after it. Bounded.

Owns the kinds and the counting; decides nothing and tells nobody but the log and the metrics.
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
    "other": "its reader noticed something",
}
"""Each kind with what it says; nothing else becomes a label."""
DETAIL_MAX = 200

_log = structlog.get_logger(__name__)


REMARKS_PER_READ_MAX = 16
"""Of a reader's remarks no more are taken at a time."""


Take: TypeAlias = Callable[[], Iterable[tuple[str, str]]]


@dataclass(slots=True)
class RemarkCount:
    """One kind of remark: how often, the last time (site time, microseconds) and its detail."""

    count: int = 0
    at: int = 0
    detail: str = ""


@dataclass(slots=True)
class DeviceRemarks:
    """One device's: at most one entry a kind.

    ``restarts``, ``unasked``, ``timeouts``: what its readers said last; ``troubles``: by reader.
    """

    device: str
    found: dict[str, RemarkCount] = field(default_factory=dict)
    restarts: int = 0
    troubles: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unasked: int = 0
    timeouts: int = 0

    def collect(self, reader: object, at: int) -> bool:
        """Take over what a reader noticed besides; return whether a restart is among it.

        A reader may have ``take_remarks()``, which returns (kind, detail) pairs and forgets them,
        and ``noticed``: with ``restarts``, a count, and texts of what it cannot read as configured
        (``refused``, ``rows``). Its ``bus`` tells of octets that nobody asked for.
        """
        restarts = self.count("restarts")
        take: Take | None = getattr(reader, "take_remarks", None)
        for kind, detail in tuple(take())[:REMARKS_PER_READ_MAX] if take else ():
            self.add(kind, detail, at)
        noticed = getattr(reader, "noticed", None)
        if (counted := getattr(noticed, "restarts", 0)) > self.restarts:
            self.restarts = counted
            self.add("restarts", "its own clock began anew", at)
        if (bus := getattr(reader, "bus", None)) is not None:
            self._check_line(bus, at)
        troubles = (*getattr(noticed, "refused", ()), *getattr(noticed, "rows", ()))
        for trouble in troubles[:REMARKS_PER_READ_MAX]:
            if trouble not in self.troubles.get(id(reader), ()):
                self.add("other", trouble, at)
        self.troubles[id(reader)] = troubles[:REMARKS_PER_READ_MAX]
        return self.count("restarts") > restarts

    def _check_line(self, bus: Bus, at: int) -> None:
        """Tell a second master: octets came that nobody asked for, and no answer was missing.

        Where one is missing they may be that answer, too late.
        """
        unasked, timeouts = bus.counts.unasked_octets, bus.counts.timeouts
        if unasked > self.unasked and timeouts == self.timeouts:
            self.add("second_master", f"{unasked - self.unasked} octets nobody asked for", at)
        self.unasked, self.timeouts = unasked, timeouts

    def add(self, kind: str, detail: str, at: int) -> None:
        """Count a remark; the first of its kind is a warning in the log, the others are not."""
        known = kind if kind in KINDS else "other"
        remark = self.found.setdefault(known, RemarkCount())
        log = _log.debug if remark.count else _log.warning
        remark.count, remark.at, remark.detail = remark.count + 1, at, detail[:DETAIL_MAX]
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
