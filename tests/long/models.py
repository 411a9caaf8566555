"""``python -m tests.long.models``: each executable model against the core, a thousand times.

Lists which timelines differ by which written point; ends with 1 where a difference has none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Hashable, Mapping

from tests.properties import line_model, test_time_map
from tests.support.incident_model import FOLDER, core_story, drawn
from tests.support.model_points import POINTS, difference

Points = tuple[Hashable, ...]
Found = dict[Points | None, list[int]]
"""Seeds by the points that explain their difference; None: by none."""
SHOWN = 20
"""So many seeds of a class are listed."""


def incidents(seeds: range) -> bool:
    """Play timelines of incidents; return whether every difference is explained."""
    found: Found = {}
    for seed in seeds:
        timeline = drawn(seed)
        found.setdefault(difference(timeline, core_story(*timeline)), []).append(seed)
    return _list("incidents", found, {(n,): f"({n}) {text}" for n, text in POINTS.items()})


def unnumbered_line(seeds: range) -> bool:
    """Read lines without numbers; return whether every difference is explained."""
    found: Found = {}
    for seed in seeds:
        readings = line_model.drawn(seed)
        point = line_model.difference(readings, line_model.core_parts(readings))
        found.setdefault(point, []).append(seed)
    return _list("unnumbered_line", found, {(n,): text for n, text in line_model.POINTS.items()})


def _list(model: str, found: Found, names: Mapping[Points, str]) -> bool:
    count = sum(map(len, found.values()))
    print(f"{model}: {count} timelines, {len(found.pop((), []))} equal")
    unexplained = found.pop(None, [])
    for points, differ in found.items():
        text = "; ".join(names[(point,)] for point in points or ())
        print(f"  {len(differ)} by {text}: {_few(differ)}")
    print(f"  {len(unexplained)} not explained: {_few(unexplained)}")
    return not unexplained


def _few(seeds: list[int]) -> str:
    return " ".join(map(str, seeds[:SHOWN])) + " ..." * (len(seeds) > SHOWN)


def time_map(seeds: range) -> bool:
    """Live lives of a computer; return whether trust, offset and rivals are equal in each."""
    check, model = test_time_map.load("check_time_map"), test_time_map.load("time_map")
    seen: dict[str, int] = {}
    found = {seed: test_time_map.compare(check, model, seed, seen)[:1] for seed in seeds}
    differ = {seed: each[0] for seed, each in found.items() if each}
    print(
        f"time_map: {len(seeds)} lives, {sum(seen.values())} readings, {len(differ)} lives differ"
    )
    for seed, each in differ.items():
        print(f"  {seed}: {each}")
    return not differ


MODELS = {"incidents": incidents, "time_map": time_map, "unnumbered_line": unnumbered_line}


def main(arguments: list[str]) -> int:
    """Compare the models that are named, or all; return 1 where a difference is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", choices=[*MODELS, []], help="all where none is named")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1_000)
    asked = parser.parse_args(arguments)
    if not FOLDER.exists():
        print(f"no models: {FOLDER} is not part of this repository")
        return 0
    seeds = range(asked.first, asked.first + asked.count)
    return int(not min(MODELS[name](seeds) for name in asked.models or MODELS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
