"""Each executable model against the core: the job ``models``, and ``python -m tests.long.models``.

A number of the job plays ten timelines of each model; 1,000 together. A difference is explained
where the model decides as the core does with our rule of a written point in it (docs/decisions.md);
how many differ by which point is counted, and any other one is a failure.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tests.long.job import Job, Outcome
from tests.properties import line_model, test_time_map, time_map_columns
from tests.support.incident_model import FOLDER, core_story, drawn
from tests.support.model_points import difference

EACH = 10
"""Timelines of each model in a number of the job."""
NUMBERS = 100
SHOWN = 20
"""So many seeds of a class are listed."""
Points = tuple[str, ...] | None
"""The points that explain a difference: none where there is none, None where nothing does."""


def incidents_of(seed: int, *, blind: bool = False) -> Points:
    """Play a timeline of incidents, with reloads and acknowledgements; ``blind``: and blindness."""
    timeline = drawn(seed, blind=blind)
    found = difference(timeline, core_story(*timeline))
    return None if found is None else tuple(f"({point})" for point in found)


def blindness_of(seed: int) -> Points:
    """Play a timeline in which something is not seen at times."""
    return incidents_of(seed, blind=True)


def line_of(seed: int, *, steady: bool = False) -> Points:
    """Read a line without numbers on which answers are lost; ``steady``: none is."""
    readings = line_model.drawn(seed, steady=steady)
    return line_model.difference(readings, line_model.core_parts(readings))


def steady_line_of(seed: int) -> Points:
    """Read a line without numbers on which no answer is lost: nothing may differ."""
    found = line_of(seed, steady=True)
    return found if found == () else None


def time_map_of(seed: int) -> Points:
    """Live a life of a computer: trust, offset and rivals after each reading, and the columns."""
    check, model = test_time_map.load("check_time_map"), test_time_map.load("time_map")
    if test_time_map.compare(check, model, seed, {}):
        return None
    return time_map_columns.columns_differ(check, model, seed)


MODELS: dict[str, Callable[[int], Points]] = {
    "incidents": incidents_of,
    "blindness": blindness_of,
    "unnumbered_line": line_of,
    "steady_line": steady_line_of,
    "time_map": time_map_of,
}


def is_explained(model: str, seeds: Iterable[int]) -> bool:
    """Play timelines of a model and list them; return whether every difference is explained."""
    found: dict[Points, list[int]] = {}
    for seed in seeds:
        found.setdefault(MODELS[model](seed), []).append(seed)
    print(f"{model}: {sum(map(len, found.values()))} timelines, {len(found.pop((), []))} equal")
    unexplained = found.pop(None, [])
    for points, differ in found.items():
        print(f"  {len(differ)} by {' '.join(points or ())}: {_few(differ)}")
    print(f"  {len(unexplained)} not explained: {_few(unexplained)}", flush=True)
    return not unexplained


def _few(seeds: list[int]) -> str:
    return " ".join(map(str, seeds[:SHOWN])) + " ..." * (len(seeds) > SHOWN)


def play(number: int) -> Outcome:
    """Play a number of the job: ten timelines of each model."""
    counts: Counter[str] = Counter()
    failures = []
    for seed in range((number - 1) * EACH, number * EACH):
        for model, play_one in MODELS.items():
            points = play_one(seed)
            counts.update(counted(model, points))
            if points is None:
                failures.append(f"{model} {seed}: a difference that no written point explains")
    return Outcome(dict(counts), failures)


def counted(model: str, points: Points) -> Iterator[str]:
    """Yield the names under which a timeline counts."""
    yield f"{model}: timelines"
    if points is None:
        yield f"{model}: not explained"
    elif points == ():
        yield f"{model}: equal"
    for point in points or ():
        yield f"{model}: by {point}"


def begin() -> Callable[[int], Outcome]:
    """Return what plays a number; end at once, with no result, where the models are not there."""
    if not FOLDER.exists():
        print(f"no models: {FOLDER} is not part of this repository")
        sys.exit(0)
    return play


JOB = Job(
    proves="1,000 random timelines of each executable model: core and model decide the same, "
    "or a point of docs/decisions.md explains it",
    fixed=NUMBERS,
    begin=begin,
    code=("monitord",),
    tests=("tests/long/job.py", "tests/long/models.py", "tests/properties", "tests/support"),
    recordings=("../shared/model",),
)


def main(arguments: list[str]) -> int:
    """Compare the models that are named, or all; return 1 where a difference is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", choices=[*MODELS, []], help="all where none is named")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=EACH * NUMBERS)
    asked = parser.parse_args(arguments)
    begin()
    seeds = range(asked.first, asked.first + asked.count)
    return int(not min([is_explained(name, seeds) for name in asked.models or MODELS]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
