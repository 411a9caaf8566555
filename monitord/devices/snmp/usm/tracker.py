"""Which engine answers for one agent, and its clock (RFC 3414 §2.2, §3.2). No messages, no I/O.

RFC 3414 makes a manager that saw boots 5 reject an agent that starts again at boots 1, because the
message may be a replay. Here an authentic message with the id of the request under way is no
replay: no id is used twice, so the agent made it after the request. It shows the engine's present
clock, even one that went back. The tracker takes that clock over and makes a remark.
"""

from __future__ import annotations

from monitord.devices.model import Remark
from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm.engine import AgentEngine, engine_keys
from monitord.devices.snmp.usm.messages import Header
from monitord.devices.snmp.wire import LatestRemarks

# Another engine id, and then its clock.
_HINTS_MAX = 2


class EngineTracker:
    """``known``: the engine as authentic messages show it, None before the first.

    ``hinted``: what a report without a digest claims; it is used for one request and proves
    nothing. Remarks: restarts (boots or time went back or boots grew), forgets_boots (boots did not
    grow, so other managers reject the engine), engine_changed (another engine id answers).
    """

    def __init__(self, user: User) -> None:
        self.known: AgentEngine | None = None
        self.hinted: AgentEngine | None = None
        self.remarks = LatestRemarks()
        self._user = user
        self._hints = 0

    def take_for_request(self) -> AgentEngine | None:
        """Return the engine of the next request: the hinted one once, else the known one."""
        if self.hinted is None:
            self._hints = 0
        engine, self.hinted = self.hinted or self.known, None
        return engine

    def is_proven(self, engine: AgentEngine | None) -> bool:
        """Return whether authentic messages came from this engine."""
        return bool(self._user.auth) and engine is not None and engine is self.known

    def hint(self, header: Header, now: int) -> bool:
        """Use the engine id and clock of a report without a digest for the next request.

        Return False after several hints in a row: then the known engine has its turn.
        """
        self._hints += 1
        known = self.known
        if known is not None and self._hints > _HINTS_MAX:
            return False
        is_same = known is not None and known.id == header.engine_id
        keys = known.keys if known and is_same else engine_keys(self._user, header.engine_id)
        self.hinted = AgentEngine(header.engine_id, keys, header.boots, header.time, now)
        return True

    def accept_clock(self, header: Header, engine: AgentEngine, now: int) -> bool:
        """Take over the clock of an authentic message; return whether it is in the time window."""
        boots, time = header.boots, header.time
        known = self.known
        if known is None or known.id != engine.id:
            engine.set_clock(boots, time, now)
            self.follow(engine)
            return True
        if known.has_restarted(boots, time, now):
            self._remark_restart(known, header, now)
        if known.update(boots, time, now):
            return True
        known.set_clock(boots, time, now)
        return False

    def follow(self, engine: AgentEngine) -> None:
        """Use an engine that is proven to be the agent's."""
        if self.known is not None and self.known.id != engine.id:
            change = f"engine id {self.known.id.hex()} -> {engine.id.hex()}"
            self.remarks.append(Remark("engine_changed", change))
        self.known = engine

    def _remark_restart(self, known: AgentEngine, header: Header, now: int) -> None:
        boots = f"boots {known.boots} -> {header.boots}"
        self.remarks.append(Remark("restarts", f"engine restarted: {boots}"))
        if header.boots <= known.boots:
            time = f"engine time {known.time_at(now)} s -> {header.time} s"
            detail = f"engine does not count its boots: {boots}, {time}"
            self.remarks.append(Remark("forgets_boots", detail))
