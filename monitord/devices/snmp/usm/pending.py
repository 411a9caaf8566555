"""The v3 requests under way to one agent: their message ids and the engines they are for."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from monitord.devices.snmp.usm.engine import AgentEngine
from monitord.devices.snmp.usm.messages import AUTH_FLAG, Header

# Message ids always have four octets. 2^30 requests are 34 years at one a second.
_MESSAGE_ID_BASE = 0x4000_0000
_MESSAGE_ID_MASK = 0x3FFF_FFFF


class Request(NamedTuple):
    """A request under way. ``engine``: that it is for, None for a discovery."""

    message_id: int
    engine: AgentEngine | None


class PendingRequests:
    """At most one request, and the one before if a report that may be forged replaced it.

    ``unanswered``: requests in a row without an accepted response.
    """

    def __init__(self) -> None:
        self.current: Request | None = None
        self.unanswered = 0
        self._replaced: Request | None = None
        self._next_id = secrets.randbits(30)

    def start(self, engine: AgentEngine | None) -> int:
        """Start a request; return its message id, which no other request has."""
        self._next_id += 1
        self.unanswered += 1
        message_id = _MESSAGE_ID_BASE | (self._next_id & _MESSAGE_ID_MASK)
        self.current = Request(message_id, engine)
        return message_id

    def of(self, header: Header) -> Request | None:
        """Return the request that a message answers, None where it answers none."""
        for request in (self.current, self._replaced):
            if request is not None and request.message_id == header.message_id:
                # One report without a digest has come for a replaced request: ignore others.
                is_plain = not header.flags & AUTH_FLAG
                return None if is_plain and request is self._replaced else request
        return None

    def replace(self, request: Request | None) -> None:
        """End the current request; accept an authentic response to ``request`` still."""
        self.current = None
        self._replaced = request or self._replaced

    def forget_replaced(self) -> None:
        """Accept responses to the current request only."""
        self._replaced = None

    def end(self) -> None:
        """End the current request without an accepted response."""
        self.current = None

    def answered(self) -> None:
        """End all requests with an accepted response."""
        self.current = self._replaced = None
        self.unanswered = 0
