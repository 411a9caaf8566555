"""The verdict of a programme at one moment, from what is known of its stages. Owns these rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitord.core.chain import LayerPlan
from monitord.core.expression import Kind
from monitord.core.plan import ConditionPlan, ProgrammePlan, StagePlan


@dataclass(frozen=True, slots=True)
class Verdict:
    """``possible``: observed values, likeliest first; ``blind``: the cause, or None."""

    possible: tuple[str, ...]
    blind: str | None


class StageKinds(Protocol):
    """What is known of stages: ``KeptKinds`` keeps it up to date, ``Looked`` looks it up."""

    def stage(self, stage: StagePlan) -> Kind:
        """Return whether the stage passes the programme on."""

    def failing(self, stage: StagePlan) -> str | None:
        """Return the first condition that makes the stage bad, or may."""

    def undecided(self, stage: StagePlan, kind: Kind) -> str | None:
        """Return the first condition that leaves the stage undecided: BETWEEN or BLIND."""

    def degraded(self, stage: StagePlan, place: int) -> Kind:
        """Return whether the stage is degraded by its reason at ``place``."""

    def cause(self, name: str) -> str:
        """Return why a blind condition is blind."""


class Verdicts:
    """The verdict of one programme. ``conditions``: by id, for their reasons."""

    def __init__(
        self,
        plan: ProgrammePlan,
        layers: Sequence[LayerPlan],
        conditions: Mapping[str, ConditionPlan],
    ) -> None:
        self._plan = plan
        self._layers = layers
        self._conditions = conditions

    def of(self, kinds: StageKinds) -> Verdict:
        """Return the verdict: bad in any layer is bad, good needs every monitored layer good."""
        bad = self.bad(kinds)
        if bad is not None:
            return bad
        found = [_decide(layer, kinds) for layer in self._layers]
        for kind, stage in found:
            if kind is Kind.BLIND:
                cause = _blind_cause(stage, kinds)
                return Verdict((f"unknown:{cause}",), cause)
        good = _good_or_degraded(self._plan, kinds)
        reasons = (self._reason(s, kinds) for kind, s in found if kind is Kind.BETWEEN)
        may_be_bad = dict.fromkeys(f"bad:{reason}" for reason in reasons)
        return Verdict((*good, *may_be_bad), None)

    def bad(self, kinds: StageKinds) -> Verdict | None:
        """Return the verdict if it is bad, None if it is another one."""
        for layer in self._layers:
            kind, stage = _decide(layer, kinds)
            if kind is Kind.FALSE:
                return Verdict((f"bad:{self._reason(stage, kinds)}",), None)
        return None

    def _reason(self, stage: StagePlan, kinds: StageKinds) -> str:
        # A condition proven bad gives the reason before one that may be: a slower detector that is
        # still undecided is no reason while another has decided.
        name = kinds.failing(stage) or kinds.undecided(stage, Kind.BETWEEN)
        if name is None:
            raise AssertionError("a stage that may be bad has a condition that may be")
        return self._conditions[name].reason


def _decide(layer: LayerPlan, kinds: StageKinds) -> tuple[Kind, StagePlan]:
    """Return what the layer is known to be, and the stage that decides it."""
    for stage in layer.stages:
        kind = kinds.stage(stage)
        if kind is not Kind.BLIND:
            return kind, stage
    return Kind.BLIND, layer.stages[0]


def _blind_cause(stage: StagePlan, kinds: StageKinds) -> str:
    name = kinds.undecided(stage, Kind.BLIND)
    if name is None:
        raise AssertionError("a blind stage has a blind condition")
    return kinds.cause(name)


def _good_or_degraded(plan: ProgrammePlan, kinds: StageKinds) -> tuple[str, ...]:
    undecided: dict[str, None] = {}
    for kind, observed in _qualities(plan, kinds):
        if kind is Kind.TRUE:
            return (observed,)
        if kind is not Kind.FALSE:
            undecided[observed] = None
    return ("good", *undecided)


def _qualities(plan: ProgrammePlan, kinds: StageKinds) -> Iterator[tuple[Kind, str]]:
    for stage in plan.chain:
        for place, degraded in enumerate(stage.degraded):
            yield kinds.degraded(stage, place), f"degraded:{degraded.reason}"
