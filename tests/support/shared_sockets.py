"""A shared socket without a network: members answer after a time, or never, as a test says.

It passes the same contract as the real ones (tests/contract/test_shared_sockets.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.shared_socket import PollResult

DRAIN_MAX = 64


@dataclass
class Member:
    """``latency``: microseconds until it answers, None never. ``deadline``: of a poll.

    ``refuses``: the shared socket hands its next poll back. ``learns``: whether the shared socket
    polls it at all. ``is_named``: its address came from a name.
    """

    raws: tuple[Raw, ...] = (1,)
    latency: int | None = 10_000
    deadline: int = 800_000
    refuses: bool = False
    learns: bool = True
    is_named: bool = False
    seen: tuple[Raw, ...] | None = None
    sent_at: int | None = None
    sent: list[int] = field(default_factory=list)


class FakeSharedSocket:
    """``batches``: how many requests left at each send."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = list(members)
        self.batches: list[int] = []
        self.learned: list[int] = []
        self.closed = 0
        self.is_drained = True

    def learn(self, member: int) -> bool:
        self.learned.append(member)
        self.members[member].seen = None
        return self.members[member].learns

    def send(self, members: Sequence[int], now: int) -> None:
        self.batches.append(len(members))
        for number in members:
            member = self.members[number]
            assert member.sent_at is None, "a request of this member is under way"
            member.sent_at = now
            member.sent.append(now)

    def drain(self, now: int) -> list[PollResult]:
        came: list[PollResult] = []
        self.is_drained = True
        for number, member in enumerate(self.members):
            answered = self._answers_at(member)
            if answered is None or answered > now:
                continue
            if len(came) == DRAIN_MAX:
                self.is_drained = False
                break
            came.append(self._answer(number, member))
        return came

    def sweep(self, now: int) -> list[PollResult]:
        came = []
        for number, member in enumerate(self.members):
            if member.sent_at is None or not self.is_drained:
                continue
            if now >= member.sent_at + member.deadline:
                error = ReadError("timeout", "gave no answer")
                came.append(PollResult(number, member.sent_at, error, None))
                member.sent_at = member.seen = None
        return came

    def keeps(self, member: int) -> bool:
        """Keep a member that is configured by an address."""
        return not self.members[member].is_named

    def take_remarked(self) -> list[int]:
        return []

    def close(self) -> None:
        self.closed += 1

    def _answers_at(self, member: Member) -> int | None:
        if member.sent_at is None or member.latency is None or member.latency >= member.deadline:
            return None
        return member.sent_at + member.latency

    def _answer(self, number: int, member: Member) -> PollResult:
        sent_at, member.sent_at = member.sent_at, None
        assert sent_at is not None
        if member.refuses:
            member.refuses = False
            return PollResult(number, sent_at, None, None)
        seen, member.seen = member.seen, member.raws
        changed = None
        if seen is not None:
            pairs = enumerate(zip(seen, member.raws, strict=True))
            changed = tuple(place for place, (old, new) in pairs if old != new)
        return PollResult(number, sent_at, member.raws, changed)
