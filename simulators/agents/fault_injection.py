"""How a device or the way to it lies: what goes on the wire instead of an answer, and when.

Pure: a request and its answer in, octets and their times out, the same for the same seed. Owns no
socket, and knows of a protocol only what its ``Tongue`` says.

A lie is made of ``false``: the answer that would be given if the values were others. A transport
that lies about nothing (``false`` is the answer) is still late, doubled or broken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

ENDLESS_OCTETS_MAX: Final = 2**20
"""Where endless octets end after all, should nobody hang up."""
_ENDLESS_PIECE = 4096
_STORM = 100
_NOISE_MAX = 40


class Said(NamedTuple):
    """Octets, and how long after what was said before them they go out. Of datagrams, one."""

    after_s: float
    octets: bytes


class Tongue(Protocol):
    """What a lie must know of a protocol."""

    def to_nobody(self, answer: bytes) -> bytes:
        """Return the answer as one that is not for this request: number, unit or check differ."""

    def of_another_place(self, answer: bytes) -> bytes:
        """Return it for this request, but of another object or another count of registers."""


@dataclass
class Liar:
    """Lies in one way. ``lie``: a word of ``LIES``.

    ``share``: how many of a hundred answers are lies, the others are true. ``truth_behind``: the
    true answer follows each lie. ``late_s``: how late what is late comes. ``partner``: whose
    answers are swapped with ours. ``told``: how many lies so far.
    """

    lie: str
    tongue: Tongue
    seed: int = 1
    share: int = 100
    truth_behind: bool = False
    late_s: float = 1.5
    partner: Liar | None = None
    told: int = 0
    last_false: bytes = b""
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Raise ValueError for a word that is none."""
        if self.lie not in LIES:
            raise ValueError(f"{self.lie!r} is no lie, must be one of: {', '.join(LIES)}")
        self._dice = random.Random(self.seed)

    def say(self, request: bytes, answer: bytes, false: bytes | None = None) -> Iterator[Said]:
        """Yield what goes out. ``request``: as it came; ``false``: None for the answer itself."""
        false = answer if false is None else false
        before, self.last_false = self.last_false, false
        if self._dice.randrange(100) >= self.share:
            yield Said(0, answer)
            return
        self.told += 1
        yield from self._lied(request, answer, false, before)
        if self.truth_behind:
            yield Said(0, answer)

    def _lied(self, request: bytes, answer: bytes, false: bytes, before: bytes) -> Iterator[Said]:
        match self.lie:
            case "late":
                yield Said(self.late_s, false)
            case "twice":
                yield Said(0, answer)
                yield Said(0, answer)
            case "repeated":
                yield Said(0, before)
                yield Said(0, answer)
            case "wrong_id":
                yield Said(0, self.tongue.to_nobody(false))
            case "half":
                yield Said(0, false[: self._dice.randrange(1, len(false))])
            case "stale_register":
                yield Said(0, self.tongue.of_another_place(false))
            case "behind":
                yield Said(0, before)
            case "swapped":
                yield Said(0, self.partner.last_false if self.partner else b"")
            case "echo":
                yield Said(0, request)
            case _:
                yield from self._of_the_line(answer, false)

    def _of_the_line(self, answer: bytes, false: bytes) -> Iterator[Said]:
        dice = self._dice
        match self.lie:
            case "noise":
                yield Said(0, dice.randbytes(dice.randrange(1, _NOISE_MAX)))
                yield Said(0, answer)
                yield Said(0, dice.randbytes(dice.randrange(1, _NOISE_MAX)))
            case "garbage":
                yield Said(0, dice.randbytes(dice.randrange(1, 10 * _NOISE_MAX)))
            case "broken":
                yield Said(0, _broken(dice, false))
            case "storm":
                for _ in range(_STORM):
                    yield Said(0, self.tongue.to_nobody(false))
            case "dripping":
                for at in range(len(false)):
                    yield Said(1.0, false[at : at + 1])
            case "endless":
                for _ in range(ENDLESS_OCTETS_MAX // _ENDLESS_PIECE):
                    yield Said(0.002, dice.randbytes(_ENDLESS_PIECE))
            case "hanging":
                return


def _broken(dice: random.Random, answer: bytes) -> bytes:
    """Return the answer with octets put into it, as noise on a line does."""
    at = dice.randrange(1, len(answer))
    return answer[:at] + dice.randbytes(dice.randrange(1, 4)) + answer[at:]


LIES: Final = {
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
"""Each lie and what it is, for people."""
STEADY: Final = ("hanging", "dripping", "endless")
"""Lies that keep whoever waits for their end."""
