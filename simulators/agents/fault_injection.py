"""Faults of a device or of the way to it: what is sent instead of an answer, and when.

Pure: a request and its answer in, octets with their times out, the same for the same seed. Owns no
socket, and knows of a protocol only its ``ProtocolTraits``.

A fault is made from the false answer: the one that the device would give with other values. Where
there is none, the true answer itself is late, repeated or damaged.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

ENDLESS_OCTETS_MAX: Final = 2**20
"""Where an endless answer ends if the client does not close the connection."""
_ENDLESS_PIECE = 4096
_STORM = 100
_NOISE_MAX = 40


class TimedOctets(NamedTuple):
    """Octets to send, ``after_s`` seconds after the octets before them. In UDP, one datagram."""

    after_s: float
    octets: bytes


class ProtocolTraits(Protocol):
    """What a fault must know of a protocol."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        """Return the answer with another request number, unit or station."""

    def of_other_object(self, answer: bytes) -> bytes:
        """Return the answer with other objects, or with another count of registers."""


@dataclass
class FaultInjector:
    """Injects one kind of fault. ``fault``: a word of ``ANSWER_FAULTS``.

    ``share``: how many of a hundred answers are faulty, the others are true. ``truth_behind``: the
    true answer follows each faulty one. ``late_s``: the delay of a late answer in seconds.
    ``partner``: the injector of the device whose answers are swapped with ours. ``injected``: the
    number of faults so far.
    """

    fault: str
    traits: ProtocolTraits
    seed: int = 1
    share: int = 100
    truth_behind: bool = False
    late_s: float = 1.5
    partner: FaultInjector | None = None
    injected: int = 0
    last_false: bytes = b""
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown fault."""
        if self.fault not in ANSWER_FAULTS:
            known = ", ".join(ANSWER_FAULTS)
            raise ValueError(f"{self.fault!r} is no lie, must be one of: {known}")
        self._random = random.Random(self.seed)

    def outgoing(
        self, request: bytes, answer: bytes, false: bytes | None = None
    ) -> Iterator[TimedOctets]:
        """Yield what is sent. ``false``: the false answer, None for the true answer itself."""
        false = answer if false is None else false
        before, self.last_false = self.last_false, false
        if self._random.randrange(100) >= self.share:
            yield TimedOctets(0, answer)
            return
        self.injected += 1
        for octets in self._whole(request, answer, false, before):
            yield TimedOctets(0, octets)
        yield from self._timed(false)
        if self.truth_behind:
            yield TimedOctets(0, answer)

    def _whole(self, request: bytes, answer: bytes, false: bytes, before: bytes) -> list[bytes]:
        """Return what is sent at once."""
        match self.fault:
            case "twice":
                return [answer, answer]
            case "repeated":
                return [before, answer]
            case "wrong_id":
                return [self.traits.with_wrong_id(false)]
            case "storm":
                return [self.traits.with_wrong_id(false)] * _STORM
            case "stale_register":
                return [self.traits.of_other_object(false)]
            case "behind":
                return [before]
            case "swapped":
                return [self.partner.last_false if self.partner else b""]
            case "echo":
                return [request]
            case _:
                return self._damaged(answer, false)

    def _damaged(self, answer: bytes, false: bytes) -> list[bytes]:
        """Return what is sent at once, with random octets in it."""
        match self.fault:
            case "half":
                return [false[: self._random.randrange(1, len(false))]]
            case "noise":
                return [self._noise(_NOISE_MAX), answer, self._noise(_NOISE_MAX)]
            case "garbage":
                return [self._noise(10 * _NOISE_MAX)]
            case "broken":
                at = self._random.randrange(1, len(false))
                return [false[:at] + self._noise(4) + false[at:]]
            case _:
                return []

    def _noise(self, size_max: int) -> bytes:
        return self._random.randbytes(self._random.randrange(1, size_max))

    def _timed(self, false: bytes) -> Iterator[TimedOctets]:
        """Yield what is sent with delays. A hanging device sends nothing."""
        match self.fault:
            case "late":
                yield TimedOctets(self.late_s, false)
            case "dripping":
                for at in range(len(false)):
                    yield TimedOctets(1.0, false[at : at + 1])
            case "endless":
                for _ in range(ENDLESS_OCTETS_MAX // _ENDLESS_PIECE):
                    yield TimedOctets(0.002, self._random.randbytes(_ENDLESS_PIECE))


ANSWER_FAULTS: Final = {
    "late": "the answer goes out long after the deadline",
    "twice": "the answer comes two times",
    "repeated": "the answer to the request before comes again, ahead of the true one",
    "wrong_id": "the answer to somebody else's request",
    "half": "the answer breaks off",
    "stale_register": "the answer of another object or another count of registers",
    "behind": "the answer to the request before",
    "swapped": "the answer of another device",
    "echo": "the request comes back",
    "noise": "noise before and behind the answer",
    "garbage": "noise instead of the answer",
    "broken": "octets slip into the answer",
    "storm": "a hundred answers to somebody else",
    "dripping": "the answer comes one octet a second",
    "endless": "octets without end",
    "hanging": "nothing comes, and the connection stays",
}
"""Each fault by the word of the terminal, and its description for people."""
BLOCKING: Final = ("hanging", "dripping", "endless")
"""Faults that block a client that waits for their end."""
