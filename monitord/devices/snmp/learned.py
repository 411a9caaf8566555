"""What reads have learned about one agent: request size, OIDs, rejected OIDs, rows. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.devices.snmp.request_plan import RejectedOids, RequestPlan, Wanted
from monitord.devices.snmp.request_size import RequestSize
from monitord.devices.snmp.rows import RowSearch


@dataclass(frozen=True, slots=True)
class Learned:
    """The parts of it; each learns by itself."""

    size: RequestSize
    plan: RequestPlan
    rejected: RejectedOids
    rows: RowSearch

    def begin_read(self) -> None:
        """Count a read; ask again for what is due again."""
        for part in (self.size, self.rejected, self.rows):
            part.begin_read()
        self.rejected.keep({one.oid for one in self.plan.wanted()})

    def due(self) -> list[Wanted]:
        """Return the OIDs of a read: all but those that the agent rejects."""
        return [one for one in self.plan.wanted() if one.oid not in self.rejected.until]

    def forget(self) -> None:
        """Start from the beginning: the agent restarted."""
        for part in (self.size, self.rejected, self.plan):
            part.forget()
