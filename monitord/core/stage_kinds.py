"""What is known of the stages of one programme, kept up to date condition by condition.

Owns that sum. One stage may rest on thousands of devices: a change costs the expressions above its
condition, and a question about a stage costs its depth, never its width.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, assert_never

from monitord.core.chain import carrying, is_shared
from monitord.core.expression import (
    All,
    AnyOf,
    AtLeast,
    Compare,
    Expression,
    Kind,
    Name,
    Not,
    negate,
)
from monitord.core.plan import MemberPlan, ProgrammePlan, StagePlan, WitnessPlan
from monitord.core.verdict import DISPUTED

ASSIGNED_TWICE: Final = "/assigned_twice"
"""In the place of a condition: a member that can serve one programme carries two."""

_OPPOSITE: Final = {Kind.TRUE: Kind.FALSE, Kind.FALSE: Kind.TRUE}

Span = tuple[int, int]
"""When something began: (not before, not after), site time."""


def _bad_kind(*, wanted: bool) -> Kind:
    return Kind.FALSE if wanted else Kind.TRUE


class _Node:
    """A part of an expression: its kind, and the places where other parts rest on it.

    BLIND until a condition under it is set: no expression has a value without one.
    ``begun``: when it took this kind, if it is TRUE or FALSE and its conditions say when.
    """

    __slots__ = ("begun", "kind", "rests")

    def __init__(self) -> None:
        self.kind = Kind.BLIND
        self.begun: Span | None = None
        self.rests: list[tuple[_Sum | _Negation | _Assigned, int]] = []

    def turn(self, kind: Kind, begun: Span | None) -> None:
        was, since = self.kind, self.begun
        if was is not kind or since != begun:
            self.kind, self.begun = kind, begun
            for whole, place in self.rests:
                whole.part_turned(place, was, since)

    def asked_by(self, root: _Node) -> Iterator[bool]:
        """Yield what is wanted of this part where it may be a reason that ``root`` fails."""
        if self is root:
            yield True
        for whole, place in self.rests:
            for wanted in whole.asked_by(root):
                yield from whole.asks(place, wanted=wanted)


class _Leaf(_Node):
    """One condition, and why it is blind."""

    __slots__ = ("cause", "name")

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.cause = ""

    def failing(self, *, wanted: bool) -> str | None:
        return self.name if self.kind is _bad_kind(wanted=wanted) else None

    def all_failing(self, *, wanted: bool) -> Iterator[str]:
        if self.kind is _bad_kind(wanted=wanted):
            yield self.name

    def undecided(self, kind: Kind) -> str | None:
        return self.name if self.kind is kind else None


class _Negation(_Node):
    """The opposite of one part."""

    __slots__ = ("part",)

    def __init__(self, part: _Part) -> None:
        super().__init__()
        self.part = part
        part.rests.append((self, 0))

    def part_turned(self, place: int, was: Kind, since: Span | None) -> None:
        del place, was, since
        self.turn(negate(self.part.kind), self.part.begun)

    def decides(self, place: int, kind: Kind, counted: Counted) -> Kind | None:
        """Return the kind that a part which is TRUE or FALSE gives this, None while undecided.

        ``counted``: of each sum, its parts that are FALSE and TRUE so far.
        """
        del place, counted
        return negate(kind)

    def asks(self, place: int, *, wanted: bool) -> Iterator[bool]:
        del place
        yield not wanted

    def failing(self, *, wanted: bool) -> str | None:
        return self.part.failing(wanted=not wanted)

    def all_failing(self, *, wanted: bool) -> Iterator[str]:
        return self.part.all_failing(wanted=not wanted)

    def undecided(self, kind: Kind) -> str | None:
        return self.part.undecided(_OPPOSITE.get(kind, kind))


class _Sum(_Node):
    """True where enough parts are true. ``_places``: by kind, the places of its parts, as bits.

    ``_begins``: of its parts that are false, and of those that are true: when they may have begun,
    and by when they had, each in order.
    """

    __slots__ = ("_begins", "_count", "_parts", "_places", "_sums")

    def __init__(self, count: int, parts: tuple[_Part, ...]) -> None:
        super().__init__()
        self._count = count
        self._parts = parts
        self._sums = tuple(part for part in parts if not isinstance(part, _Leaf))
        self._places = [0, 0, 0, 0]
        self._begins: tuple[tuple[list[int], list[int]], ...] = (([], []), ([], []))
        for place, part in enumerate(parts):
            part.rests.append((self, place))
            self._places[part.kind] |= 1 << place

    def part_turned(self, place: int, was: Kind, since: Span | None) -> None:
        part, bit = self._parts[place], 1 << place
        self._places[was] ^= bit
        self._places[part.kind] |= bit
        if since is not None:
            for moments, moment in zip(self._begins[was], since, strict=True):
                del moments[bisect_left(moments, moment)]
        if part.begun is not None:
            for moments, moment in zip(self._begins[part.kind], part.begun, strict=True):
                insort(moments, moment)
        kind = self._added()
        self.turn(kind, self._began(kind))

    def decides(self, place: int, kind: Kind, counted: Counted) -> Kind | None:
        """See ``_Negation.decides``."""
        del place
        of_kind = counted.setdefault(self, [0, 0])
        of_kind[kind] += 1
        needed = self._count if kind is Kind.TRUE else len(self._parts) - self._count + 1
        return kind if of_kind[kind] >= needed else None

    def _began(self, kind: Kind) -> Span | None:
        """Return when the last part that is needed for this kind began."""
        if kind not in _OPPOSITE:
            return None
        needed = self._count if kind is Kind.TRUE else len(self._parts) - self._count + 1
        earliest, latest = self._begins[kind]
        return (earliest[needed - 1], latest[needed - 1]) if 0 < needed <= len(latest) else None

    def asks(self, place: int, *, wanted: bool) -> Iterator[bool]:
        """Yield what is wanted of a part, if it is a reason why this sum is not as wanted."""
        part, bad = self._parts[place], _bad_kind(wanted=wanted)
        if self.kind is not _OPPOSITE[bad] and part.kind in (bad, self.kind):
            yield wanted

    def _added(self) -> Kind:
        places = self._places
        if places[Kind.TRUE].bit_count() >= self._count:
            return Kind.TRUE
        if len(self._parts) - places[Kind.FALSE].bit_count() < self._count:
            return Kind.FALSE
        return Kind.BLIND if places[Kind.BLIND] else Kind.BETWEEN

    def _first(self, kind: Kind) -> _Part | None:
        places = self._places[kind]
        return self._parts[(places & -places).bit_length() - 1] if places else None

    def failing(self, *, wanted: bool) -> str | None:
        good, bad = (Kind.TRUE, Kind.FALSE) if wanted else (Kind.FALSE, Kind.TRUE)
        if self.kind is good:
            return None
        part = self._first(bad)
        if part is not None:
            return part.failing(wanted=wanted)
        alike = (part.failing(wanted=wanted) for part in self._sums if part.kind is self.kind)
        return next((name for name in alike if name is not None), None)

    def all_failing(self, *, wanted: bool) -> Iterator[str]:
        bad = _bad_kind(wanted=wanted)
        if self.kind is _OPPOSITE[bad]:
            return
        for kind in dict.fromkeys((bad, self.kind)):
            places = self._places[kind]
            while places:
                first = places & -places
                places ^= first
                yield from self._parts[first.bit_length() - 1].all_failing(wanted=wanted)

    def undecided(self, kind: Kind) -> str | None:
        part = self._first(kind)
        return None if part is None else part.undecided(kind)


class _Assigned(_Node):
    """A member that can serve one programme: BLIND where it is proven to carry two at once."""

    __slots__ = ("_others", "_own")

    def __init__(self, own: _Part, others: tuple[_Part, ...]) -> None:
        super().__init__()
        self._own = own
        self._others = others
        for place, part in enumerate((own, *others)):
            part.rests.append((self, place))

    def part_turned(self, place: int, was: Kind, since: Span | None) -> None:
        del place, was, since
        self._turn()

    def _turn(self) -> None:
        if self._is_twice:
            self.turn(Kind.BLIND, None)
        else:
            self.turn(self._own.kind, self._own.begun)

    def decides(self, place: int, kind: Kind, counted: Counted) -> Kind | None:
        """See ``_Negation.decides``."""
        del counted
        # A member that carries may carry another programme: that makes no stage bad.
        return kind if place == 0 and kind is Kind.FALSE else None

    @property
    def _is_twice(self) -> bool:
        others = any(part.kind is Kind.TRUE for part in self._others)
        return others and self._own.kind is Kind.TRUE

    def asks(self, place: int, *, wanted: bool) -> Iterator[bool]:
        if place == 0:
            yield wanted

    def failing(self, *, wanted: bool) -> str | None:
        return self._own.failing(wanted=wanted)

    def all_failing(self, *, wanted: bool) -> Iterator[str]:
        return self._own.all_failing(wanted=wanted)

    def undecided(self, kind: Kind) -> str | None:
        return ASSIGNED_TWICE if self._is_twice else self._own.undecided(kind)


_Part: TypeAlias = _Leaf | _Negation | _Sum | _Assigned
Counted: TypeAlias = dict[_Node, list[int]]


class Gathered:
    """Which stages are bad by what is proven of conditions one after the other, and stays so.

    A condition that is stored costs the expressions above it; what is not stored is undecided.
    """

    def __init__(self, stages: frozenset[_Node]) -> None:
        self._stages = stages
        self._kinds: dict[_Node, Kind] = {}
        self._counted: Counted = {}
        self.is_bad = False

    def has(self, leaf: _Leaf) -> bool:
        """Return whether a condition is stored."""
        return leaf in self._kinds

    def store(self, leaf: _Leaf, kind: Kind) -> None:
        """Store that a condition is TRUE or FALSE."""
        waiting: list[tuple[_Node, Kind]] = [(leaf, kind)]
        while waiting:
            node, kind = waiting.pop()
            if node in self._kinds:
                continue
            self._kinds[node] = kind
            self.is_bad = self.is_bad or (kind is Kind.FALSE and node in self._stages)
            for whole, place in node.rests:
                decided = whole.decides(place, kind, self._counted)
                if decided is not None:
                    waiting.append((whole, decided))


class KeptKinds:
    """What is known of the stages of a programme; BLIND until a condition is set."""

    def __init__(self, plan: ProgrammePlan) -> None:
        self._leaves: dict[str, _Leaf] = {}
        self._stages = {stage.id: self._stage(stage) for stage in plan.chain}
        self._degraded = {
            stage.id: tuple(self._node(degraded.when) for degraded in stage.degraded)
            for stage in plan.chain
        }
        self._witnesses = {
            witness.id: (
                self._node(witness.needs),
                None if witness.healthy is None else self._node(witness.healthy),
            )
            for witness in plan.witnesses
        }

        self._devices: dict[str, list[_Leaf]] = {}
        for name, leaf in self._leaves.items():
            self._devices.setdefault(name.partition(".")[0], []).append(leaf)

    def leaf(self, name: str) -> _Leaf:
        """Return the place of a condition."""
        return self._leaves[name]

    def leaves(self, devices: Iterable[str] | None = None) -> Iterator[_Leaf]:
        """Yield the places of the conditions of some devices, or of all."""
        if devices is None:
            yield from self._leaves.values()
            return
        for device in devices:
            yield from self._devices.get(device, ())

    def gather(self) -> Gathered:
        """Return what begins without anything proven."""
        return Gathered(frozenset(self._stages.values()))

    def _stage(self, stage: StagePlan) -> _Part:
        if not is_shared(stage):
            return self._node(carrying(stage))
        return _Sum(1, tuple(map(self._member, stage.members)))

    def _member(self, member: MemberPlan) -> _Part:
        own = self._node(member.carries)
        others = tuple(self._node(other.carries) for other in member.elsewhere)
        return _Assigned(own, others) if others else own

    def _node(self, expression: Expression) -> _Part:
        match expression:
            case Name(id=name):
                return self._leaves.setdefault(name, _Leaf(name))
            case Not(of=inner):
                return _Negation(self._node(inner))
            case All(of=parts):
                return _Sum(len(parts), tuple(map(self._node, parts)))
            case AnyOf(of=parts):
                return _Sum(1, tuple(map(self._node, parts)))
            case AtLeast(count=count, of=parts):
                return _Sum(count, tuple(map(self._node, parts)))
            case Compare():
                raise AssertionError("comparisons belong in conditions, not in a chain")
            case _:
                assert_never(expression)

    def set(self, name: str, kind: Kind, cause: str, begun: Span | None = None) -> None:
        """Store what is known of a condition, why it is blind, and when it began to be so."""
        leaf = self._leaves[name]
        leaf.cause = cause
        leaf.turn(kind, begun if kind in _OPPOSITE else None)

    def stage(self, stage: StagePlan) -> Kind:
        """Return whether the stage passes the programme on."""
        return self._stages[stage.id].kind

    def failing(self, stage: StagePlan) -> str | None:
        """Return the first condition that makes the stage bad, or may; see ``failing_names``."""
        return self._stages[stage.id].failing(wanted=True)

    def all_failing(self, stage: StagePlan) -> Iterator[str]:
        """Yield the conditions of ``failing_names``, in order; a condition may come twice."""
        return self._stages[stage.id].all_failing(wanted=True)

    def fails(self, stage: StagePlan, name: str) -> bool:
        """Return whether a condition is one of those that make the stage bad, or may."""
        leaf = self._leaves.get(name)
        asked = () if leaf is None else leaf.asked_by(self._stages[stage.id])
        return leaf is not None and any(leaf.kind is _bad_kind(wanted=wanted) for wanted in asked)

    def began(self, stage: StagePlan) -> Span | None:
        """Return when the stage became good or bad, from the begins of the conditions needed."""
        return self._stages[stage.id].begun

    def undecided(self, stage: StagePlan, kind: Kind) -> str | None:
        """Return the first condition that leaves the stage undecided: BETWEEN or BLIND."""
        return self._stages[stage.id].undecided(kind)

    def degraded(self, stage: StagePlan, place: int) -> Kind:
        """Return whether the stage is degraded by its reason at ``place``."""
        return self._degraded[stage.id][place].kind

    def quality_blind(self, stage: StagePlan, place: int) -> str | None:
        """Return the first blind condition of the reason at ``place``."""
        return self._degraded[stage.id][place].undecided(Kind.BLIND)

    def witness(self, witness: WitnessPlan) -> tuple[Kind, Kind]:
        """Return what a witness says, and whether it is healthy."""
        needs, healthy = self._witnesses[witness.id]
        return needs.kind, Kind.TRUE if healthy is None else healthy.kind

    def cause(self, name: str) -> str:
        """Return why a blind condition is blind."""
        return DISPUTED if name == ASSIGNED_TWICE else self._leaves[name].cause
