"""How PDUs are wrapped for one agent and taken out again: by community, or by a user's security.

Sans-IO: bytes in, bytes out. Owns the seam between a reader, which speaks in PDUs, and the security
of SNMP's versions; knows no socket and reads no clock (time is handed in).
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, Protocol

REMARKS_MAX = 16


class ResponseMismatchError(Exception):
    """A datagram that is not the answer to this request; the true one may still come.

    ``faulty``: it cannot be understood, rather than being an answer to something else.
    """

    def __init__(self, reason: str, *, faulty: bool) -> None:
        super().__init__(reason)
        self.faulty = faulty


class AskAgainError(Exception):
    """A believed report of the agent's engine that changed what the wire knows of it.

    The same request, wrapped anew, can be answered now (engine id learned, time window moved).
    """


class Remark(NamedTuple):
    """Something about an agent beside its values, which its owner should know."""

    kind: str
    detail: str


class Wire(Protocol):
    """The security of one agent. ``version``: as the message carries it: 0 (v1), 1 (v2c), 3."""

    @property
    def version(self) -> int: ...

    @property
    def remarks(self) -> deque[Remark]:
        """The latest ``REMARKS_MAX`` of what was noticed; whoever reads them clears them."""

    @property
    def silence(self) -> str:
        """What it may mean that what was asked last has no answer; "" where nothing is known."""

    def opening(self, request_id: int) -> bytes | None:
        """Return what must be asked first (an engine's discovery), None when nothing must."""

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram that carries a whole encoded PDU. ``now``: site time, microseconds.

        ``request_id``: that of the PDU, for wires whose messages have no better id of their own.
        """

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU that an authentic answer of this agent carries.

        Raises ResponseMismatchError where it answers another request or is not authentic;
        AskAgainError after a report that requires the same request again; ReadError where the
        agent rejects the user for good (unknown user, wrong key).
        """
