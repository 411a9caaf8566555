"""What Prometheus counts of a programme never falls, whatever the clock does."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given

from monitord.core.ledger import SLEW_MAX
from monitord.core.situation import Situation
from monitord.core.view import counted_totals
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import Driver, Run, Site


def counters(situation: Situation, at: int) -> Mapping[tuple[str, ...], int]:
    """Return every counter of every programme, in microseconds."""
    found: dict[tuple[str, ...], int] = {}
    for name in situation.programmes:
        columns, figures, own = counted_totals(situation, name, at)
        found |= {(name, column): us for column, us in columns.items()}
        for reason, three in (("", figures), *own.items()):
            for figure in ("least", "most_seen", "most"):
                found[name, reason, figure] = getattr(three, figure)
    return found


@examples(40)
@given(lives(polls=60))
def test_no_counter_of_a_programme_falls(life: tuple[Site, Script]) -> None:
    """Over steps of the clock, hours and restarts.

    Within a run a scrape shows no less than before; a start knows only the record. A trusted clock
    may be corrected by so little inside a piece, and a step that our own late loop saw late is
    dated back to where the clock was last right.
    """
    shown: dict[tuple[str, ...], int] = {}
    last: dict[tuple[str, ...], int] = {}
    fell: list[object] = []
    runs: list[Run] = []
    slack = SLEW_MAX + max((length for _, length in life[1].late), default=0)

    def look(driver: Driver) -> None:
        # Whatever is lost with a crash, the tick before is on disk; a scrape takes in a tick only
        # where every event of it is on disk too. The first one of a run shows the runs before.
        situation, at = driver.situation, driver.run.ticks[-2:][0]
        if not (runs and runs[-1].lost):
            shown.update(last)
        now = counters(situation, at)
        if runs and runs[-1] is driver.run:
            now = {key: max(us, shown.get(key, 0)) for key, us in now.items()}
        runs.append(driver.run)
        fell.extend((at, key, us) for key, us in now.items() if us < shown.get(key, 0) - slack)
        last.update(now)

    play(*life, look=look)
    assert fell == []
