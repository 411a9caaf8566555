"""What the last answers show of the members of redundant stages, kept member by member.

Owns that sum. A change costs the members that rest on its condition; a question about a stage costs
no more, however many members it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from monitord.core.expression import Kind, at_least, kind_of, names, negate
from monitord.core.plan import MemberPlan, ProgrammePlan, StagePlan

Kinds = Callable[[str], Kind]
"""From a condition id to what is known of it."""


def member_kind(member: MemberPlan, kinds: Kinds) -> Kind:
    """Return whether a member carries the programme; BLIND where it is proven for two at once."""
    kind = kind_of(member.carries, kinds)
    return Kind.BLIND if kind is Kind.TRUE and serves(member, kinds) else kind


def serves(member: MemberPlan, kinds: Kinds) -> str:
    """Return the other programme that a shared member is proven to carry; "" where it is none."""
    found = (o.programme for o in member.elsewhere if kind_of(o.carries, kinds) is Kind.TRUE)
    return next(found, "")


class Shown(NamedTuple):
    """What is shown of one member: whether it ``carries`` this programme, or two (``twice``).

    Of one that does not: ``ready`` and free to take over, ``unseen`` in that, or unseen in a
    readiness that is ``monitored``; whether it is ``used`` by another programme, or ``maybe``.
    """

    carries: bool = False
    twice: bool = False
    ready: bool = False
    unseen: bool = False
    monitored: bool = False
    used: bool = False
    maybe: bool = False


NOTHING: Final = Shown()


def shown_of(member: MemberPlan, kinds: Kinds) -> Shown:
    """Return what is shown of one member."""
    kind, serving = member_kind(member, kinds), bool(serves(member, kinds))
    twice = kind is not kind_of(member.carries, kinds)
    if kind is Kind.TRUE:
        return Shown(carries=True)
    could = _could_take_over(member, kinds)
    others = (kind_of(other.carries, kinds) for other in member.elsewhere)
    return Shown(
        twice=twice,
        ready=could is Kind.TRUE,
        unseen=could is Kind.BLIND,
        monitored=could is Kind.BLIND and member.ready is not None,
        used=serving,
        maybe=any(other is not Kind.FALSE for other in others),
    )


def _could_take_over(member: MemberPlan, kinds: Kinds) -> Kind:
    """Return whether a reserve is ready, and carries nothing else."""
    ready = Kind.BLIND if member.ready is None else kind_of(member.ready, kinds)
    free = (negate(kind_of(other.carries, kinds)) for other in member.elsewhere)
    return at_least(1 + len(member.elsewhere), (ready, *free))


class StageMembers:
    """The members of one stage. ``counts``: of how many each field of ``Shown`` is so."""

    def __init__(self, members: tuple[MemberPlan, ...]) -> None:
        self.counts: Counter[str] = Counter()
        self._members = members
        self._shown = [NOTHING] * len(members)
        self._stale = dict.fromkeys(range(len(members)))
        self._is_bad = False
        self._waits: MemberPlan | None = None
        self._begun: int | None = None

    def turned(self, place: int) -> None:
        """Look again at the member in this place."""
        self._stale[place] = None
        self._is_bad, self._waits, self._begun = False, None, None

    def forget(self) -> None:
        """Look again at every member."""
        for place in range(len(self._members)):
            self.turned(place)

    def look(self, kinds: Kinds) -> None:
        """Bring the counts up to date."""
        for place in self._stale:
            before = self._shown[place]
            after = self._shown[place] = shown_of(self._members[place], kinds)
            for name, was, now in zip(Shown._fields, before, after, strict=True):
                self.counts[name] += now - was
        self._stale.clear()

    def is_held_bad(
        self, begun_at: Callable[[MemberPlan], int], proven_to: Callable[[MemberPlan], int]
    ) -> bool:
        """Return whether all members, which are bad, were so at one moment.

        ``begun_at``: when one became bad; ``proven_to``: up to when it is proven bad. Proofs only
        move on. So one that is too old is asked alone, until it is new enough: the newest of them,
        which nearly always answers last.
        """
        if self._is_bad:
            return True
        if self._begun is None:
            self._begun = max(map(begun_at, self._members))
        begun = self._begun
        if self._waits is not None and proven_to(self._waits) < begun:
            return False
        late = [member for member in self._members if proven_to(member) < begun]
        self._waits = max(late, key=proven_to, default=None)
        self._is_bad = not late
        return self._is_bad


class MemberKinds:
    """The members of every redundant stage of a programme; see ``StageMembers``.

    ``resting``: by condition, the stages and places of the members that rest on it.
    """

    def __init__(self, plan: ProgrammePlan) -> None:
        self._stages = {s.id: StageMembers(s.members) for s in plan.chain if s.members}
        self.resting: dict[str, list[tuple[str, int]]] = {}
        for stage in plan.chain:
            for place, member in enumerate(stage.members):
                for name in _conditions_of(member):
                    self.resting.setdefault(name, []).append((stage.id, place))

    def turned(self, name: str) -> None:
        """Look again at what rests on a condition."""
        for stage, place in self.resting.get(name, ()):
            self._stages[stage].turned(place)

    def forget(self) -> None:
        """Look again at everything."""
        for stage in self._stages.values():
            stage.forget()

    def of(self, stage: StagePlan, kinds: Kinds) -> StageMembers:
        """Return the members of a stage, as the last answers show them."""
        found = self._stages[stage.id]
        found.look(kinds)
        return found


def _conditions_of(member: MemberPlan) -> tuple[str, ...]:
    """Return the conditions that something of a member rests on, each once."""
    expressions = [member.carries, *(other.carries for other in member.elsewhere)]
    if member.ready is not None:
        expressions.append(member.ready)
    return tuple(dict.fromkeys(name for each in expressions for name in names(each)))
