"""How much of a span lies in a period. Owns the cut of spans that a person settles or has settled.

What the clock gave no place to may lie in any period, and counts in each.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.calendar import time_in_hours
from monitord.core.clock_state import Trust, era_parts
from monitord.report.period import Timeline


def time_within(
    timeline: Timeline, span: tuple[int, int], time: int, period: tuple[int, int]
) -> int:
    """Return the microseconds in hours of a span of site time that lie in a period of wall time.

    ``time``: of the whole span, as the record has it.
    """
    parts = list(_parts(timeline, span, period))
    if sum(end - begin for begin, end in parts) == span[1] - span[0]:
        return time
    hours = (time_in_hours(timeline.durable, timeline.programme, *part) for part in parts)
    return min(time, sum(hours))


def _parts(
    timeline: Timeline, span: tuple[int, int], period: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a span, in site time, that lie in the period or may lie in it."""
    for era, begin, end in era_parts(timeline.eras, *span):
        low, high = begin, end
        if era.trust is not Trust.UNTRUSTED:
            low, high = max(begin, period[0] - era.offset), min(end, period[1] - era.offset)
        if low < high:
            yield low, high
