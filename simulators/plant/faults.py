"""What can go wrong at the site, and when. Owns the vocabulary; must not know its effects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class What(StrEnum):
    """One word for each kind of fault; ``site.py`` has their effects."""

    CARRIER_TRIP = "carrier_trip"
    POWER_DROP_TO = "power_drop_to"
    SILENCE = "silence"
    CHANGEOVER_CLEAN = "changeover_clean"
    CHANGEOVER_GAP = "changeover_gap"
    AGENT_SILENT = "agent_silent"
    AGENT_RESTART = "agent_restart"
    MAINS_DIP = "mains_dip"


NEEDS_AMOUNT = {
    What.POWER_DROP_TO: "the power that is left, W",
    What.CHANGEOVER_CLEAN: "how long both are on the air at each end, microseconds",
    What.CHANGEOVER_GAP: "how long neither is on the air at each end, microseconds",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """``what`` from ``at`` to ``until``. ``amount`` as ``NEEDS_AMOUNT`` says, else 0.

    ``device``: fm1, fm2 or room_io, for a fault that several can have.
    """

    at: int
    until: int
    what: What
    amount: int = 0
    device: str = "fm1"

    def __post_init__(self) -> None:
        """Raise ValueError for an impossible fault."""
        if self.until <= self.at:
            raise ValueError(f"{self.what} ends at {self.until}, must be after {self.at}")
        if self.amount < 0 or (self.amount and self.what not in NEEDS_AMOUNT):
            raise ValueError(f"{self.what}: amount is {self.amount}, which means nothing here")
        if self.what is What.CHANGEOVER_GAP and not 0 < 2 * self.amount < self.until - self.at:
            raise ValueError(f"{self.what}: two gaps of {self.amount} do not fit into it")
