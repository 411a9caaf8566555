"""What the record has of the station's clock: eras and corrections, from the bodies of its events.

Pure: takes the rows, writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from monitord.core.clock_events import ClockTurned
from monitord.core.clock_state import Era
from monitord.core.codec import from_plain
from monitord.core.model import SECOND

ERAS: Final = """
SELECT kind, at, body FROM event
WHERE kind IN ('clock_turned', 'clock_adopted')
    OR (kind = 'base_adopted' AND body -> '$.state.clock.eras' IS NOT NULL)
ORDER BY epoch, number
"""
TURNS: Final = "SELECT at, body FROM event WHERE kind = 'clock_turned' ORDER BY epoch, number"
OFFSETS: Final = "SELECT at, offset FROM clock ORDER BY epoch, number"


class PastCorrection(NamedTuple):
    """At ``at`` the wall clock was corrected; offsets are wall minus site time before and after.

    ``person``: who stated the time, or empty.
    """

    at: int
    before: int
    after: int
    person: str


def eras(rows: Iterable[tuple[Any, ...]]) -> list[Era]:
    """Return the eras of site time as they are placed now, in order; one where none is.

    ``rows``: kind, time and body, in order.
    """
    found: list[Era] = []
    for kind, at, stored in rows:
        body = json.loads(stored)
        if kind == "base_adopted":
            found = found or from_plain(list[Era], body["state"]["clock"]["eras"])
            continue
        era = Era(at, body["offset"])
        if kind == "clock_turned":
            turned = from_plain(ClockTurned, body)
            era = Era(
                *(turned.since, turned.offset, turned.trust, turned.bound, turned.fixed_at),
                list(turned.rivals),
            )
        # A boot that was placed again has one offset from its beginning on.
        found = [one for one in found if one.since < era.since] + [era]
    return found or [Era(0, 0)]


def offsets(rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (site time, wall minus site time from then on), in order."""
    found: list[tuple[int, int]] = []
    for at, offset in rows:
        # A boot that was placed again has one offset from its beginning on.
        while found and found[-1][0] >= at:
            found.pop()
        found.append((at, offset))
    return found


def corrections(rows: Iterable[tuple[Any, ...]]) -> list[PastCorrection]:
    """Return every correction of the wall clock by a second or more within a boot, in order."""
    found: list[PastCorrection] = []
    boot, before = "", 0
    for at, stored in rows:
        turned = from_plain(ClockTurned, json.loads(stored))
        if turned.boot_id == boot and abs(turned.offset - before) >= SECOND:
            found.append(PastCorrection(at, before, turned.offset, turned.person))
        boot, before = turned.boot_id, turned.offset
    return found
