"""A site whose ledger stays behind its last answers: a slow detector in front of transmitters."""

from __future__ import annotations

from monitord.core.expression import Name, Not
from monitord.core.model import SECOND, Layer
from monitord.core.plan import Plan, StagePlan
from tests.support.seam import (
    PEOPLE,
    SOUND_ANSWERS,
    TRANSMITTER_ANSWERS,
    Site,
    condition,
    device,
    member,
    needs,
    programme,
    transmitter,
)

LAG = 20 * SECOND
"""How long the detector takes to report silence, and its end."""


def slow_site(*names: str) -> Site:
    """Return a stage of these transmitters, each of them enough, behind a slow detector ``io``."""
    silent = condition("io.sound", Layer.CONTENT, "silence", Not(Name("silent")), (LAG, LAG))
    stage = StagePlan("tx", "own", Layer.EMISSION, members=tuple(map(member, names)))
    chain = programme("tv", needs("studio", Layer.CONTENT, "io.sound"), stage)
    devices = (device("io", ("silent",), silent), *map(transmitter, names))
    answers = {"io": SOUND_ANSWERS} | dict.fromkeys(names, TRANSMITTER_ANSWERS)
    return Site("slow", Plan("hill", devices, (chain,), PEOPLE), answers)
