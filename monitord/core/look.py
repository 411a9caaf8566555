"""What is known of conditions and stages: at a moment, over a span, or by the last answers.

Owns these look-ups. Proof, cause, reserve and reason all use them, so that none reads present
values for a past moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from monitord.core.chain import carrying, is_shared, signs
from monitord.core.expression import (
    All,
    AnyOf,
    AtLeast,
    Compare,
    Expression,
    Kind,
    Name,
    Not,
    at_least,
    kind_of,
    negate,
)
from monitord.core.member_kinds import Kinds, member_kind
from monitord.core.plan import StagePlan, WitnessPlan
from monitord.core.situation import Situation
from monitord.core.stage_kinds import ASSIGNED_TWICE
from monitord.core.verdict import DISPUTED

Look = Callable[[str], tuple[Kind, str]]
"""From a condition id to what is known of it, and the cause where it is blind."""


def at_moment(situation: Situation, at: int) -> Look:
    """Look just after ``at``, which must be settled for every condition that is asked for."""
    return lambda name: situation.timelines[name].segment_at(at)


def over_span(situation: Situation, begin: int, end: int, now: int) -> Look:
    """Look at what held over the whole of [begin, end]; BETWEEN where that is undecided."""
    return lambda name: situation.timelines[name].over(begin, end, now)


def failing(expression: Expression, kinds: Kinds) -> Iterator[str]:
    """Yield the conditions that keep an expression from being true."""
    for name, wanted in signs(expression):
        if kinds(name) is (Kind.FALSE if wanted else Kind.TRUE):
            yield name


def hindering(expression: Expression, kinds: Kinds) -> Iterator[str]:
    """Yield the conditions by which an expression is false: of a part that is as wanted, none."""
    yield from _failing(expression, kinds, wanted=True)


def present_kinds(situation: Situation) -> Kinds:
    """Return a look-up of the last proven value of each condition, BLIND where there is none."""
    return lambda name: situation.timelines[name].kind


def kinds_of(look: Look) -> Kinds:
    """Return the same look-up without causes."""
    return lambda name: look(name)[0]


def stage_kind(stage: StagePlan, kinds: Kinds) -> Kind:
    """Return whether the stage passes the programme on: its needs, or any member that carries."""
    if not is_shared(stage):
        return kind_of(carrying(stage), kinds)
    return at_least(1, (member_kind(member, kinds) for member in stage.members))


def failing_names(stage: StagePlan, kinds: Kinds) -> tuple[str, ...]:
    """Return the conditions that make the stage bad, or may: in order, parts proven bad first.

    Those proven to be on their bad side: ``not muted`` fails by ``muted``. A part that is good is
    no reason, whatever it rests on. Empty where the stage is good, or nothing of it is proven bad.
    """
    found = _failing_members(stage, kinds) if is_shared(stage) else _failing_of(stage, kinds)
    return tuple(dict.fromkeys(found))


def _failing_of(stage: StagePlan, kinds: Kinds) -> Iterator[str]:
    return _failing(carrying(stage), kinds, wanted=True)


def _failing_members(stage: StagePlan, kinds: Kinds) -> Iterator[str]:
    """Yield the failing conditions where a member that serves another programme is undecided."""
    whole = stage_kind(stage, kinds)
    for reason in dict.fromkeys((Kind.FALSE, whole)) if whole is not Kind.TRUE else ():
        for member in stage.members:
            if member_kind(member, kinds) is reason:
                yield from _failing(member.carries, kinds, wanted=True)


def _failing(expression: Expression, kinds: Kinds, *, wanted: bool) -> Iterator[str]:
    match expression:
        case Name(id=name):
            if kinds(name) is (Kind.FALSE if wanted else Kind.TRUE):
                yield name
        case Not(of=inner):
            yield from _failing(inner, kinds, wanted=not wanted)
        case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
            whole = _as_wanted(expression, kinds, wanted=wanted)
            # What is undecided is no reason while another part is proven bad.
            reasons = dict.fromkeys((Kind.FALSE, whole))
            found = [_as_wanted(part, kinds, wanted=wanted) for part in parts]
            for reason in reasons if whole is not Kind.TRUE else ():
                for part, kind in zip(parts, found, strict=True):
                    if kind is reason:
                        yield from _failing(part, kinds, wanted=wanted)
        case Compare():
            raise AssertionError("comparisons belong in conditions, not in a chain")
        case _:
            assert_never(expression)


def _as_wanted(expression: Expression, kinds: Kinds, *, wanted: bool) -> Kind:
    """Return the kind, FALSE where the expression is proven to be what is not wanted."""
    kind = kind_of(expression, kinds)
    return kind if wanted else negate(kind)


def undecided_name(stage: StagePlan, kinds: Kinds, kind: Kind) -> str | None:
    """Return the first condition that leaves the stage undecided: BETWEEN or BLIND.

    ``ASSIGNED_TWICE`` where it is a member that carries two programmes at once.
    """
    if not is_shared(stage):
        return _undecided(carrying(stage), kinds, kind)
    member = next((m for m in stage.members if member_kind(m, kinds) is kind), None)
    if member is None or kind_of(member.carries, kinds) is not kind:
        return None if member is None else ASSIGNED_TWICE
    return _undecided(member.carries, kinds, kind)


def _undecided(expression: Expression, kinds: Kinds, kind: Kind) -> str | None:
    if kind_of(expression, kinds) is not kind:
        return None
    match expression:
        case Name(id=name):
            return name
        case Not(of=inner):
            return _undecided(inner, kinds, kind)
        case _:
            assert not isinstance(expression, Compare), "``kind_of`` refuses a comparison"
            found = (_undecided(part, kinds, kind) for part in expression.of)
            return next((name for name in found if name is not None), None)


class Looked:
    """What a look shows of stages; every question costs the conditions of its stage."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._kinds = kinds_of(look)

    def stage(self, stage: StagePlan) -> Kind:
        """Return whether the stage passes the programme on."""
        return stage_kind(stage, self._kinds)

    def failing(self, stage: StagePlan) -> str | None:
        """Return the first condition that makes the stage bad, or may."""
        return next(iter(failing_names(stage, self._kinds)), None)

    def undecided(self, stage: StagePlan, kind: Kind) -> str | None:
        """Return the first condition that leaves the stage undecided: BETWEEN or BLIND."""
        return undecided_name(stage, self._kinds, kind)

    def degraded(self, stage: StagePlan, place: int) -> Kind:
        """Return whether the stage is degraded by its reason at ``place``."""
        return kind_of(stage.degraded[place].when, self._kinds)

    def quality_blind(self, stage: StagePlan, place: int) -> str | None:
        """Return the first blind condition of the reason at ``place``, which is blind."""
        return _undecided(stage.degraded[place].when, self._kinds, Kind.BLIND)

    def witness(self, witness: WitnessPlan) -> tuple[Kind, Kind]:
        """Return what a witness says, and whether it is healthy."""
        healthy = witness.healthy
        return (
            kind_of(witness.needs, self._kinds),
            Kind.TRUE if healthy is None else kind_of(healthy, self._kinds),
        )

    def cause(self, name: str) -> str:
        """Return why a blind condition is blind."""
        return DISPUTED if name == ASSIGNED_TWICE else self._look(name)[1]
