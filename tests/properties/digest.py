"""Prints the digest of the records of fixed scripts, to be run under several hash seeds."""

from __future__ import annotations

import hashlib
import random
import sys

from monitord.core.model import SECOND
from tests.properties.scripts import SILENCES, DeviceScript, Ending, Phase, Script, play
from tests.support.seam import SITES, Outcome, Site


def script_of(site: Site, chance: random.Random) -> Script:
    """Return a script with every kind of input."""
    devices = {}
    for device in site.plan.devices:
        states = ["good", *site.answers[device.id], *SILENCES]
        phases = [Phase(chance.choice(states), chance.choice((1, 3, 8, 30))) for _ in range(12)]
        devices[device.id] = DeviceScript(tuple(phases), ((0, 9_000), (900, 400_000)), 7)
    outcomes = tuple(Outcome(200_000, kind) for kind in ("temporary", "delivered", "permanent"))
    endings = (Ending(60 * SECOND, 5 * SECOND, "crash"), Ending(90 * SECOND, SECOND, "clean"))
    return Script(devices, outcomes, endings, ((9 * SECOND, 60_000),), (70 * SECOND,), polls=150)


def main() -> None:
    """Play twelve scripts and print one digest of all their events."""
    chance = random.Random(7)
    digest = hashlib.sha256()
    for build in (*SITES.values(), *SITES.values(), *SITES.values(), *SITES.values()):
        site = build()
        for event in play(site, script_of(site, chance)).events:
            digest.update(repr(event).encode())
    sys.stdout.write(digest.hexdigest() + "\n")


if __name__ == "__main__":
    main()
