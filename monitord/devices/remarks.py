"""What is noticed about a device besides its values, for whoever looks after it. Bounded.

Owns the kinds and the counting; decides nothing and tells nobody but the log and the metrics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

KINDS: Final = {
    "slows": "it answers much later than when polling began",
    "restarts": "it restarted while being polled",
    "second_master": "somebody else asks on its bus",
    "other": "its reader noticed something",
}
"""Each kind with what it says; nothing else becomes a label."""
DETAIL_MAX = 200

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Remark:
    """One kind of remark: how often, the last time (site time, microseconds) and its detail."""

    count: int = 0
    at: int = 0
    detail: str = ""


@dataclass(slots=True)
class Remarks:
    """One device's: at most one entry a kind."""

    device: str
    found: dict[str, Remark] = field(default_factory=dict)

    def tell(self, kind: str, detail: str, at: int) -> None:
        """Count a remark; the first of its kind is a warning in the log, the others are not."""
        known = kind if kind in KINDS else "other"
        remark = self.found.setdefault(known, Remark())
        log = _log.debug if remark.count else _log.warning
        remark.count, remark.at, remark.detail = remark.count + 1, at, detail[:DETAIL_MAX]
        log(
            "device_remark",
            device=self.device,
            kind=known,
            meaning=KINDS[known],
            detail=remark.detail,
        )

    def counts(self) -> Iterator[tuple[str, int]]:
        """Yield every kind that was seen, with how often."""
        for kind, remark in self.found.items():
            yield kind, remark.count
