"""Learns how many varbinds one agent answers in one request. No I/O, no time.

It learns from tooBig, from responses that leave varbinds out, and from an agent that drops a large
request and answers a small one. From time to time it tries a larger request: the reason may have
been a lost datagram, or the agent has other firmware now.
"""

from __future__ import annotations

OBJECTS_MAX = 64
OCTETS_MAX = 1_400
"""The payload of one unfragmented Ethernet frame, less UDP, community and v3 parameters."""

_TRY_LARGER_FIRST, _TRY_LARGER_LAST = 64, 4_096  # reads


class RequestSize:
    """The adaptive maximum of varbinds in a request: ``room``.

    After a silence the next request has one varbind, the one after as many as were answered before.
    If the agent drops that, each response doubles the maximum.
    """

    __slots__ = (
        "_before",
        "_ceiling",
        "_is_careful",
        "_most",
        "_proven",
        "_reads",
        "_silences",
        "_try_larger_at",
        "_try_larger_in",
    )

    def __init__(self, most: int = OBJECTS_MAX) -> None:
        """``most``: the configured limit; no request has more."""
        self._most = most
        self._ceiling = most
        self._proven = self._before = 0
        self._is_careful = False
        self._silences = 0
        self._reads = 0
        self._try_larger_in = _TRY_LARGER_FIRST
        self._try_larger_at = 0

    @property
    def room(self) -> int:
        """The maximum of varbinds in the next request."""
        if not self._is_careful:
            return self._ceiling
        return min(self._ceiling, max(self._before, 2 * self._proven)) if self._proven else 1

    @property
    def learned(self) -> int | None:
        """The maximum that the agent answers, None where it answers the configured limit."""
        return self._ceiling if self._ceiling < self._most else None

    def begin_read(self) -> None:
        """Count a read; when due, double the maximum."""
        self._reads += 1
        if self.learned and self._reads >= self._try_larger_at:
            self._ceiling = min(self._most, 2 * self._ceiling)
            self._try_larger_in = min(_TRY_LARGER_LAST, 2 * self._try_larger_in)
            self._try_larger_at = self._reads + self._try_larger_in

    def is_trial(self, varbinds: int) -> bool:
        """Return whether a request is larger than any answered: silence may be due to its size."""
        return 0 < self._proven < varbinds

    def note_answered(self, varbinds: int) -> None:
        """Note a request that was answered in full."""
        self._silences = 0
        self._proven = max(self._proven, varbinds)
        if self._proven >= (self._before or self._ceiling):
            self._is_careful = False

    def note_too_big(self, fits: int) -> None:
        """Note a request that was too big; ``fits``: the size that is probably not."""
        self._ceiling = max(1, min(fits, self._ceiling))
        self._proven = min(self._proven, self._ceiling)
        self._try_larger_at = self._reads + self._try_larger_in

    def note_silent_trial(self) -> None:
        """Note a trial without a response, from an agent that answers smaller requests."""
        if self._before > self._proven:
            self._before = 0
        else:
            self.note_too_big(self._proven)

    def note_silence(self, varbinds: int) -> None:
        """Note a read that timed out at a request of so many varbinds.

        One datagram is easily lost. After a size that was never answered, or a second silence, the
        next request has one varbind.
        """
        self._silences += 1
        if varbinds > self._proven or self._silences > 1:
            self._before = max(self._before, self._proven)
            self._is_careful, self._proven = True, 0

    def forget(self) -> None:
        """Start from the beginning: the agent restarted."""
        self._ceiling, self._proven, self._before, self._is_careful = self._most, 0, 0, False
        self._try_larger_in = _TRY_LARGER_FIRST
