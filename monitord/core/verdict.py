"""The verdict of a programme at one moment, from what is known of its stages. Owns these rules.

In each layer the stage nearest the antenna that is known decides. An earlier stage's bad decides
where later ones are blind; its good never does, for the later ones may be bad. A healthy witness
that receives a blind layer makes it good, and one that contradicts a known layer disputes it. One
that does not receive a blind layer is a suspicion: still blind, for that cause. A layer that
monitord itself has not asked yet may be good: nothing is suspected of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from monitord.core.chain import LayerPlan
from monitord.core.expression import Kind
from monitord.core.plan import ConditionPlan, ProgrammePlan, StagePlan, WitnessPlan

DISPUTED: Final = "disputed"
"""The cause of blindness where a layer and a healthy witness of it, both held, contradict."""

WITNESS: Final = "witness"
"""The cause of blindness where a healthy witness does not receive a layer that is blind."""

NOT_WATCHED: Final = ("absent", "not_yet", "late")
"""Causes of blindness on our side: monitord did not run, or has not asked yet."""

_OPPOSITE: Final = {Kind.TRUE: Kind.FALSE, Kind.FALSE: Kind.TRUE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``possible``: observed values, likeliest first; ``blind``: the cause, or None.

    ``quality``: why it is not known whether a programme on air is degraded, or None.
    """

    possible: tuple[str, ...]
    blind: str | None
    quality: str | None = None


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

    def quality_blind(self, stage: StagePlan, place: int) -> str | None:
        """Return the first blind condition of the reason at ``place``, which is blind."""

    def witness(self, witness: WitnessPlan) -> tuple[Kind, Kind]:
        """Return what a witness says, and whether it is healthy."""

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
        found = [(*decide(layer, kinds), _heard(layer, kinds)) for layer in self._layers]
        for kind, stage, heard in found:
            if kind is Kind.FALSE and Kind.TRUE not in heard:
                return self._bad(stage, kinds)
        if any(_OPPOSITE.get(kind) in heard for kind, _, heard in found):
            return Verdict((f"unknown:{DISPUTED}",), DISPUTED)
        for kind, stage, heard in found:
            if kind is Kind.BLIND and heard != {Kind.TRUE}:
                cause = _blind_cause(stage, kinds)
                if heard == {Kind.FALSE} and cause not in NOT_WATCHED:
                    cause = WITNESS
                return Verdict((f"unknown:{cause}",), cause)
        good, quality = _good_or_degraded(self._plan, kinds)
        reasons = (self._reason(s, kinds) for kind, s, _ in found if kind is Kind.BETWEEN)
        may_be_bad = dict.fromkeys(f"bad:{reason}" for reason in reasons)
        return Verdict((*good, *may_be_bad), None, quality)

    def bad(self, kinds: StageKinds) -> Verdict | None:
        """Return the verdict if it is bad and no witness may contradict it any more, or None."""
        for layer in self._layers:
            kind, stage = decide(layer, kinds)
            if kind is Kind.FALSE and not _may_contradict(layer, kinds):
                return self._bad(stage, kinds)
        return None

    def _bad(self, stage: StagePlan, kinds: StageKinds) -> Verdict:
        return Verdict((f"bad:{self._reason(stage, kinds)}",), None)

    def _reason(self, stage: StagePlan, kinds: StageKinds) -> str:
        # A condition proven bad gives the reason before one that may be: a slower detector that is
        # still undecided is no reason while another has decided.
        name = kinds.failing(stage) or kinds.undecided(stage, Kind.BETWEEN)
        assert name is not None, "a stage that may be bad has a condition that may be"
        return self._conditions[name].reason


def decide(layer: LayerPlan, kinds: StageKinds) -> tuple[Kind, StagePlan]:
    """Return what the layer is known to be, and the stage that decides it."""
    last = layer.stages[0]
    for stage in layer.stages:
        kind = kinds.stage(stage)
        if stage is last and kind is not Kind.BLIND:
            return kind, stage
        if kind is not Kind.BLIND:
            return (kind, stage) if kind is Kind.FALSE else (Kind.BLIND, last)
    return Kind.BLIND, last


def _heard(layer: LayerPlan, kinds: StageKinds) -> set[Kind]:
    """Return what the healthy witnesses of a layer hold: received, not received, or both."""
    found = (kinds.witness(witness) for witness in layer.witnesses)
    held = {needs for needs, healthy in found if healthy is Kind.TRUE}
    return held & {Kind.TRUE, Kind.FALSE}


def against(layers: Sequence[LayerPlan], kinds: StageKinds) -> list[WitnessPlan]:
    """Return the healthy witnesses that contradict their layer, or do not receive a blind one."""
    found = []
    for layer in layers:
        kind, _ = decide(layer, kinds)
        other = Kind.FALSE if kind is Kind.BLIND else _OPPOSITE.get(kind)
        for witness in layer.witnesses:
            needs, healthy = kinds.witness(witness)
            if needs is other and healthy is Kind.TRUE:
                found.append(witness)
    return found


def _may_contradict(layer: LayerPlan, kinds: StageKinds) -> bool:
    """Return whether a witness receives a layer that is bad, or has not said yet."""
    open_ = (Kind.TRUE, Kind.BETWEEN)
    found = (kinds.witness(witness) for witness in layer.witnesses)
    return any(needs in open_ and healthy in open_ for needs, healthy in found)


def _blind_cause(stage: StagePlan, kinds: StageKinds) -> str:
    name = kinds.undecided(stage, Kind.BLIND)
    assert name is not None, "a blind stage has a blind condition"
    return kinds.cause(name)


def _good_or_degraded(plan: ProgrammePlan, kinds: StageKinds) -> tuple[tuple[str, ...], str | None]:
    """Return what a programme on air may be, and why its quality is not known, or None.

    A blind condition of quality leaves the programme on air: it makes only the quality blind.
    """
    undecided: dict[str, None] = {}
    quality: str | None = None
    for stage in plan.chain:
        for place, degraded in enumerate(stage.degraded):
            observed = f"degraded:{degraded.reason}"
            kind = kinds.degraded(stage, place)
            if kind is Kind.TRUE:
                return (observed,), None
            if kind is Kind.BETWEEN:
                undecided[observed] = None
            elif kind is Kind.BLIND and quality is None:
                quality = _quality_blind(stage, place, kinds)
    return ("good", *undecided), quality


def _quality_blind(stage: StagePlan, place: int, kinds: StageKinds) -> str:
    name = kinds.quality_blind(stage, place)
    assert name is not None, "a blind quality has a blind condition"
    return kinds.cause(name)
