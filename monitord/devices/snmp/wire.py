"""The security of one agent's messages: wraps PDUs for it and unwraps its responses.

Sans-IO: bytes in, bytes out. A reader works with PDUs; community or user-based security is behind
this interface. Knows no socket and reads no clock (time is handed in).
"""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import Protocol

from monitord.devices.model import ReadError, Remark
from monitord.texts.phrases import phrase

REMARKS_MAX = 16


class ResponseMismatchError(Exception):
    """A datagram that is not the response to this request; the right one may still come.

    ``faulty``: it is malformed or not authentic, rather than the response to another request.
    """

    def __init__(self, reason: str, *, faulty: bool) -> None:
        super().__init__(reason)
        self.faulty = faulty


class AskAgainError(Exception):
    """A report or answer changed what is known of the agent's engine (id, boots, time).

    The same request, wrapped again, can be answered now.
    """


def surplus_remark(octets: int) -> Remark:
    """Return the remark on octets that follow a message."""
    return Remark("odd_frame", f"{octets} octets follow the message")


class LatestRemarks(list[Remark]):
    """The latest ``REMARKS_MAX`` remarks. A deque has 0.7 kB also while it is empty."""

    __slots__ = ()

    def append(self, remark: Remark) -> None:
        """Add a remark; the oldest one makes room."""
        super().append(remark)
        del self[:-REMARKS_MAX]

    def extend(self, remarks: Iterable[Remark]) -> None:
        """Add remarks; the oldest ones make room."""
        super().extend(remarks)
        del self[:-REMARKS_MAX]


class Wire(Protocol):
    """The security of one agent. ``version``: as in the message: 0 (v1), 1 (v2c), 3."""

    @property
    def version(self) -> int: ...

    @property
    def remarks(self) -> MutableSequence[Remark]:
        """The latest ``REMARKS_MAX`` remarks; the caller that reads them clears them."""

    @property
    def silence(self) -> str:
        """The probable reason why the last request has no response; "" where unknown."""

    def opening(self, request_id: int) -> bytes | None:
        """Return the discovery that must be sent first (RFC 3414 §4), None where none is due."""

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram of a whole encoded PDU. ``now``: site time, microseconds.

        ``request_id``: of the PDU, for security models without a message id of their own.
        """

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU of an authentic response of this agent.

        Raises ResponseMismatchError where it answers another request or is not authentic;
        AskAgainError after a report that requires the same request again; ReadError where the
        agent rejects the user for good (unknown user, wrong key).
        """


def no_answer(
    where: str, seconds: float, mismatch: ResponseMismatchError | None, hint: str
) -> ReadError:
    """Return the error of a deadline that passed.

    ``mismatch``: why the datagrams that came were no answer. ``hint``: ``Wire.silence``.
    """
    if mismatch is None:
        key = "device.no_answer.hint" if hint else "device.no_answer"
        return ReadError("timeout", phrase(key, where=where, seconds=f"{seconds:g}", hint=hint))
    kind = "bad_answer" if mismatch.faulty else "timeout"
    text = phrase(
        "device.no_valid_answer", where=where, seconds=f"{seconds:g}", mismatch=str(mismatch)
    )
    return ReadError(kind, text)
