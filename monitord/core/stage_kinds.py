"""What is known of the stages of one programme, kept up to date condition by condition.

Owns that sum. One stage may rest on thousands of devices: a change costs the expressions above its
condition, and a question about a stage costs its depth, never its width.
"""

from __future__ import annotations

from typing import Final

from monitord.core.chain import carrying
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
from monitord.core.plan import ProgrammePlan, StagePlan, WitnessPlan

_OPPOSITE: Final = {Kind.TRUE: Kind.FALSE, Kind.FALSE: Kind.TRUE}


class _Node:
    """A part of an expression: its kind, and the places where other parts rest on it."""

    __slots__ = ("kind", "rests")

    def __init__(self) -> None:
        self.kind = Kind.BLIND
        self.rests: list[tuple[_Sum | _Negation, int]] = []

    def turn(self, kind: Kind) -> None:
        was, self.kind = self.kind, kind
        if was is not kind:
            for whole, place in self.rests:
                whole.part_turned(place, was, kind)

    def failing(self, *, wanted: bool) -> str | None:
        raise NotImplementedError

    def undecided(self, kind: Kind) -> str | None:
        raise NotImplementedError


class _Leaf(_Node):
    """One condition, and why it is blind."""

    __slots__ = ("cause", "name")

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.cause = ""

    def failing(self, *, wanted: bool) -> str | None:
        return self.name if self.kind is (Kind.FALSE if wanted else Kind.TRUE) else None

    def undecided(self, kind: Kind) -> str | None:
        return self.name if self.kind is kind else None


class _Negation(_Node):
    """The opposite of one part."""

    __slots__ = ("part",)

    def __init__(self, part: _Node) -> None:
        super().__init__()
        self.part = part
        self.kind = negate(part.kind)
        part.rests.append((self, 0))

    def part_turned(self, place: int, was: Kind, kind: Kind) -> None:
        del place, was
        self.turn(negate(kind))

    def failing(self, *, wanted: bool) -> str | None:
        return self.part.failing(wanted=not wanted)

    def undecided(self, kind: Kind) -> str | None:
        return self.part.undecided(_OPPOSITE.get(kind, kind))


class _Sum(_Node):
    """True where enough parts are true. ``_places``: by kind, the places of its parts, as bits."""

    __slots__ = ("_count", "_parts", "_places", "_sums")

    def __init__(self, count: int, parts: tuple[_Node, ...]) -> None:
        super().__init__()
        self._count = count
        self._parts = parts
        self._sums = tuple(part for part in parts if not isinstance(part, _Leaf))
        self._places = [0, 0, 0, 0]
        for place, part in enumerate(parts):
            part.rests.append((self, place))
            self._places[part.kind] |= 1 << place
        self.kind = self._added()

    def part_turned(self, place: int, was: Kind, kind: Kind) -> None:
        bit = 1 << place
        self._places[was] ^= bit
        self._places[kind] |= bit
        self.turn(self._added())

    def _added(self) -> Kind:
        places = self._places
        if places[Kind.TRUE].bit_count() >= self._count:
            return Kind.TRUE
        if len(self._parts) - places[Kind.FALSE].bit_count() < self._count:
            return Kind.FALSE
        return Kind.BLIND if places[Kind.BLIND] else Kind.BETWEEN

    def _first(self, kind: Kind) -> _Node | None:
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

    def undecided(self, kind: Kind) -> str | None:
        part = self._first(kind)
        return None if part is None else part.undecided(kind)


class KeptKinds:
    """What is known of the stages of a programme; BLIND until a condition is set."""

    def __init__(self, plan: ProgrammePlan) -> None:
        self._leaves: dict[str, _Leaf] = {}
        self._stages = {stage.id: self._node(carrying(stage)) for stage in plan.chain}
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

    def _node(self, expression: Expression) -> _Node:
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

    def set(self, name: str, kind: Kind, cause: str) -> None:
        """Store what is known of a condition, and why it is blind."""
        leaf = self._leaves[name]
        leaf.cause = cause
        leaf.turn(kind)

    def stage(self, stage: StagePlan) -> Kind:
        """Return whether the stage passes the programme on."""
        return self._stages[stage.id].kind

    def failing(self, stage: StagePlan) -> str | None:
        """Return the first condition that makes the stage bad, or may; see ``failing_names``."""
        return self._stages[stage.id].failing(wanted=True)

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
        return self._leaves[name].cause
