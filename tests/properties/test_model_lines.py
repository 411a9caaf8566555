"""The core and the executable model of a line without numbers hold the same on random readings.

Where the model is not there (a clone without its neighbour folder) nothing is compared.
"""

from __future__ import annotations

import pytest

from tests.properties.line_model import core_parts, difference, drawn
from tests.properties.scripts import SCALE
from tests.support.incident_model import FOLDER

pytestmark = pytest.mark.skipif(
    not (FOLDER / "unnumbered_line.py").exists(), reason="the model is not part of this repository"
)
COUNT = 60 if SCALE <= 1 else 1_000
SHOWN = {("lost",): 1, ("forgotten",): 2, ("lost", "forgotten"): 0}
"""A seed for each point on which the core differs, and for both."""


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_core_holds_what_the_model_holds(seed: int) -> None:
    """Held, between and blind; a difference is explained where the model follows our rule."""
    readings = drawn(seed)
    core = core_parts(readings)
    assert difference(readings, core) is not None, (readings, core)


@pytest.mark.parametrize("seed", range(COUNT))
def test_without_lost_answers_nothing_differs(seed: int) -> None:
    """Both points are of gaps: where each reading follows within the bound, neither applies."""
    readings = drawn(seed, steady=True)
    assert difference(readings, core_parts(readings)) == ()


@pytest.mark.parametrize("points", SHOWN)
def test_each_point_explains_readings(points: tuple[str, ...]) -> None:
    """No rule of ours is listed that no readings show."""
    readings = drawn(SHOWN[points])
    assert difference(readings, core_parts(readings)) == points


def test_a_part_of_another_kind_is_not_explained() -> None:
    """A begin that is a microsecond late is recognised as a difference."""
    readings = drawn(3)
    core = core_parts(readings)
    (begin, finish, kind), *rest = core
    wrong = [(begin, finish + 1, kind), *rest]
    assert difference(readings, core) == ()
    assert difference(readings, wrong) is None
