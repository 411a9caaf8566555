"""Where folding a record begins, and by which generation's code. Reads; folds nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final, NamedTuple

from monitord.core import earlier
from monitord.core.apply import GENERATION, VERSIONS
from monitord.core.base_event import KIND
from monitord.journal import snapshots
from monitord.journal.chain import SITE
from monitord.journal.snapshots import Snapshot

_GENERATION: Final = """
SELECT generation FROM epochs WHERE stream = ? ORDER BY epoch DESC LIMIT 1
"""

# The newest epoch of the site that needs nothing before it: it begins with a base event, or it is
# the first of this generation.
_BEGIN: Final = """
SELECT max(epoch) FROM epochs WHERE stream = :site AND (
    epoch = (SELECT min(epoch) FROM epochs WHERE stream = :site AND generation = :generation)
    OR EXISTS (
        SELECT 1 FROM event
        WHERE event.epoch = epochs.epoch AND event.number = 1 AND event.kind = :kind
    )
)
"""


class FoldBegin(NamedTuple):
    """The events to fold are those after the snapshot, or else from ``epoch`` on.

    ``generation``: of all of them. An earlier generation is folded from the record's begin.
    """

    generation: int
    epoch: int
    snapshot: Snapshot | None

    @property
    def after(self) -> tuple[int, int]:
        """Return (epoch, number) that the events to fold come after."""
        found = self.snapshot
        return (self.epoch, 0) if found is None else (found.epoch, found.number)

    @property
    def versions(self) -> Mapping[str, int]:
        """Return the newest version of each kind that can be folded."""
        return VERSIONS if self.generation == GENERATION else earlier.VERSIONS


def begin_of_fold(connection: sqlite3.Connection, shape: str) -> FoldBegin:
    """Return where folding begins. ``shape``: of this program's snapshots."""
    generation: int = connection.execute(_GENERATION, (SITE,)).fetchone()[0]
    if generation < GENERATION:
        newest = snapshots.newest(connection, shapes=earlier.SHAPES)
        return FoldBegin(generation, 1, newest)
    given = {"site": SITE, "generation": generation, "kind": KIND}
    epoch: int = connection.execute(_BEGIN, given).fetchone()[0]
    newest = snapshots.newest(connection, shapes=(shape,))
    # The same shape may be older than the base event; the state there was of another meaning.
    usable = newest is not None and newest.epoch >= epoch
    return FoldBegin(generation, epoch, newest if usable else None)
