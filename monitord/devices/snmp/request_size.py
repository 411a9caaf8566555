"""How much one agent stands in one request, as it is learned. Decides sizes; no I/O, no time.

What is too big is learned from tooBig, from answers that leave objects out, and from an agent that
is silent to a large request and answers a small one. It is tried larger now and then, in case that
what was learned was a lost datagram or another firmware.
"""

from __future__ import annotations

OBJECTS_MAX = 64
# What an Ethernet frame carries unfragmented, with room for UDP, a community and v3's parameters.
OCTETS_MAX = 1_400

_TRY_LARGER_FIRST, _TRY_LARGER_LAST = 64, 4_096  # reads


class Portions:
    """``room``: how many objects the next request may have.

    An agent that has gone silent is asked for one object first, then for as many as it took before.
    Where it does not stand that any more, each answer doubles what it is trusted with.
    """

    def __init__(self, most: int = OBJECTS_MAX) -> None:
        """``most``: a limit that people gave; no request has more, whatever is learned."""
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
        """The most objects for the next request."""
        if not self._is_careful:
            return self._ceiling
        return min(self._ceiling, max(self._before, 2 * self._proven)) if self._proven else 1

    @property
    def learned(self) -> int | None:
        """The most objects the agent takes, None where it takes all that we would ask."""
        return self._ceiling if self._ceiling < self._most else None

    def begin(self) -> None:
        """Begin a read; once in many, trust the agent with more than it took."""
        self._reads += 1
        if self.learned and self._reads >= self._try_larger_at:
            self._ceiling = min(self._most, 2 * self._ceiling)
            self._try_larger_in = min(_TRY_LARGER_LAST, 2 * self._try_larger_in)
            self._try_larger_at = self._reads + self._try_larger_in

    def is_bold(self, objects: int) -> bool:
        """Return whether silence to so many would say more of the request than of the agent."""
        return 0 < self._proven < objects

    def answered(self, objects: int) -> None:
        """Note a request that was answered in full."""
        self._silences = 0
        self._proven = max(self._proven, objects)
        if self._proven >= (self._before or self._ceiling):
            self._is_careful = False

    def too_much(self, fits: int) -> None:
        """Note a request that was too big; ``fits``: as far as one knows."""
        self._ceiling = max(1, min(fits, self._ceiling))
        self._proven = min(self._proven, self._ceiling)
        self._try_larger_at = self._reads + self._try_larger_in

    def silent_to_bold(self) -> None:
        """Note a bold request that nothing came of, although the agent answers smaller ones."""
        if self._before > self._proven:
            self._before = 0
        else:
            self.too_much(self._proven)

    def silent(self, objects: int) -> None:
        """Note a read that ended in silence, at a request of so many objects.

        One datagram is lost easily; a size that never was answered, or silence again, is asked
        after with the smallest request there is.
        """
        self._silences += 1
        if objects > self._proven or self._silences > 1:
            self._before = max(self._before, self._proven)
            self._is_careful, self._proven = True, 0

    def forget(self) -> None:
        """Trust the agent as at first: it restarted."""
        self._ceiling, self._proven, self._before, self._is_careful = self._most, 0, 0, False
        self._try_larger_in = _TRY_LARGER_FIRST
