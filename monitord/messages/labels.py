"""What texts need of the configuration: names, cards, and what belongs together.

Owns look-ups in the configuration; composes no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from monitord.core.chain import bad_sides, stage_names, unmonitored_layers
from monitord.core.expression import names
from monitord.core.plan import Plan

Texts: TypeAlias = Mapping[str, Mapping[str, str]]
"""Texts by condition id and language."""


@dataclass(frozen=True, slots=True)
class Labels:
    """``names``: labels by ``site``, ``programme/<id>``, ``device/<id>``, ``person/<id>`` and
    ``stage/<programme>/<stage>``; ``short_names``: those for an SMS.
    ``cards``, ``words``: by condition id and language. ``bad_when_true``: conditions whose *true*
    is what is wrong. ``reasons``: by condition that decides a programme, the reason it gives.
    ``carries``: by condition of a switch, the device that it switches through.
    ``carried_by``: by device, the programmes whose chain cannot do without it. ``unmonitored``: by
    programme, the layers that nobody monitors. ``former``: names of the configuration before, for
    what this one does not have.
    """

    site: str
    names: Mapping[str, str] = field(default_factory=dict)
    short_names: Mapping[str, str] = field(default_factory=dict)
    cards: Texts = field(default_factory=dict)
    words: Texts = field(default_factory=dict)
    bad_when_true: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)
    carries: Mapping[str, str] = field(default_factory=dict)
    carried_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unmonitored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)

    def programmes(self) -> int:
        """Return how many programmes the site has."""
        return sum(key.startswith("programme/") for key in self.names)

    def name(self, key: str, *, short: bool = False) -> str:
        """Return the label of ``kind/.../id``, or the id where it has none."""
        found = self.given_name(key, short=short)
        return found or (self.site if key == "site" else key.rpartition("/")[2])

    def given_name(self, key: str, *, short: bool = False) -> str:
        """Return the label of ``kind/.../id``, empty where the owner gave none."""
        found = (self.short_names.get(key) if short else None) or self.names.get(key)
        return found or self.former.get(key, "")


class Named(Protocol):
    """What texts need of a configuration, see ``config.settings.Settings``."""

    @property
    def site(self) -> str: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def short_names(self) -> Mapping[str, str]: ...
    @property
    def cards(self) -> Texts: ...
    @property
    def words(self) -> Texts: ...


def labels_of(settings: Named) -> Labels:
    """Return the labels of a configuration."""
    sides = bad_sides(settings.plan)
    return Labels(
        site=settings.site,
        names=settings.names,
        short_names=settings.short_names,
        cards=settings.cards,
        words=settings.words,
        bad_when_true=frozenset(name for name, bad in sides.items() if bad == {True}),
        reasons=_reasons(settings.plan),
        carries=_carries(settings.plan),
        carried_by=_carried_by(settings.plan),
        unmonitored={p.id: unmonitored_layers(p) for p in settings.plan.programmes},
    )


def _reasons(plan: Plan) -> Mapping[str, str]:
    """Return, by condition of a chain, why a programme is off air by it, or else degraded."""
    own = {condition.id: condition.reason for d in plan.devices for condition in d.conditions}
    stages = [stage for programme in plan.programmes for stage in programme.chain]
    found = {
        name: degraded.reason
        for stage in stages
        for degraded in stage.degraded
        for name in names(degraded.when)
    }
    return found | {name: own[name] for stage in stages for name in stage_names(stage)}


def _carried_by(plan: Plan) -> Mapping[str, frozenset[str]]:
    """Return, by device of a stage without members, the programmes of these stages."""
    found: dict[str, set[str]] = {}
    for programme in plan.programmes:
        for stage in programme.chain:
            for condition in names(stage.needs) if stage.needs is not None else ():
                found.setdefault(condition.partition(".")[0], set()).add(programme.id)
    # The devices of one stage share one set.
    shared: dict[frozenset[str], frozenset[str]] = {}
    sets = ((device, frozenset(programmes)) for device, programmes in found.items())
    return {device: shared.setdefault(programmes, programmes) for device, programmes in sets}


def _carries(plan: Plan) -> Mapping[str, str]:
    """Return, by condition of a switch in a member's path, the device it switches through."""
    found: dict[str, str] = {}
    devices = {device.id for device in plan.devices}
    for programme in plan.programmes:
        for stage in programme.chain:
            for member in stage.members:
                used = names(member.carries)
                own = [name.partition(".")[0] for name in used]
                carried = member.id if member.id in devices else own[0]
                for name, device in zip(used, own, strict=True):
                    if device != carried:
                        found.setdefault(name, carried)
    return found
