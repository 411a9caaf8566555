"""Reduced power of the multiplex that leaves its programmes on the air is reported as degraded."""

from __future__ import annotations

from dataclasses import replace

from simulators.plant.signals import both
from tests.simulation.facts import SECOND, DegradedFacts, Facts, FaultFacts
from tests.simulation.observer import degraded
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import read_word
from tests.simulation.site import SERVICES
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.lowered import FULL_W

PLAN = FaultFacts("minor", 20 * SECOND, 30 * SECOND)
"""How it is configured."""
DEVICES = ("dtx", "mux", "enc")
"""Each of them shows whether a service is on the air: where one is silent, nothing is known."""
ALWAYS = SERVICES[:4]
"""The services that every configuration has."""


def check_degraded(history: WholeHistory, verdict: Verdict) -> None:
    """Check every message of it, and every time of it that lasted."""
    words = sorted((read_word(one) for one in history.received), key=lambda word: word.at)
    degraded.check_true(_truth(history, SERVICES), words, verdict)
    people = history.facts.people
    degraded.check_told(_truth(history, ALWAYS), words, people, verdict)


def _truth(history: WholeHistory, names: tuple[str, ...]) -> Truth:
    facts = _with_reduced(history, names)
    return Truth(facts, history.up, history.lost_polls, history.attempts)


def _with_reduced(history: WholeHistory, names: tuple[str, ...]) -> Facts:
    reduced = history.plant.power.map(lambda watts: watts < FULL_W)
    found = {
        name: DegradedFacts(PLAN, both(reduced, history.facts.on_air[name]), DEVICES)
        for name in names
    }
    return replace(history.facts, degraded=found)
