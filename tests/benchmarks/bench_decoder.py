"""What decoding costs: microseconds an answer of 20 points, compiled against the plain rules.

``make bench`` prints; nothing is asserted.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from monitord.core.model import SECOND
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable
from tests.support.plain_rules import plain_values

POINTS = 20
EVERY = tuple(range(POINTS))
RUNS, TAKES = 9, 500
KINDS = {
    "whole": Decoding("number", "W"),
    "scaled": Decoding("number", "W", scale=0.1),
    "limits": Decoding("number", "W", scale=0.1, minimum=0, maximum=10**9),
    "rate": Decoding("number", "W", scale=0.1, change_max=10.0**9),
    "enum": Decoding("enum", labels=tuple((raw, f"label_{raw}") for raw in range(10))),
}


def fastest(take: Callable[[int], object]) -> float:
    """Return microseconds of one call, the best of some runs: the machine has other work."""
    best = float("inf")
    for run in range(RUNS):
        began = time.process_time()
        for number in range(TAKES):
            take(run * TAKES + number)
        best = min(best, time.process_time() - began)
    return best / TAKES * 1e6


WAYS: dict[str, tuple[int, ...] | None] = {
    "none": (),
    "one": (3,),
    "all": EVERY,
    "unknown which": None,
}


def cost_of(decoding: Decoding) -> list[str]:
    """Return microseconds an answer by what changes in it, then those of the plain rules."""
    points: tuple[SourcePoint, ...] = tuple(
        SnmpPoint(f"p{place}", (1, 3, place), decoding) for place in EVERY
    )
    raws: list[Raw] = [place % 5 for place in EVERY]
    decoder = Decoder(points)

    def cost(places: tuple[int, ...] | None) -> float:
        def decode(number: int) -> None:
            for place in places or ():
                raws[place] = (number + place) % 10
            decoder.decode(raws, number * SECOND, places)

        return fastest(decode)

    figures = [*map(cost, WAYS.values()), fastest(lambda _: plain_values(raws, points))]
    return [f"{figure:.2f}" for figure in figures]


def test_cost_of_decoding_an_answer() -> None:
    """Print and keep the cost by kind of point and by how many of the twenty changed."""
    rows = [[name, *cost_of(decoding)] for name, decoding in KINDS.items()]
    title = f"Microseconds of CPU an answer of {POINTS} points, by how many of them changed"
    keep("decoder", BenchTable(title, ["kind of point", *WAYS, "plain rules"], rows))
