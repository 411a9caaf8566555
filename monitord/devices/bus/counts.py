"""What a line counts, for metrics and remarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class LineCounts:
    """Counts of one line since the start.

    ``not_asked``: requests not sent because no turn came. ``unasked_octets``: octets that came
    while no request was open, from a second master or too late. ``late_answers``: whole answers to
    earlier requests. ``held``: microseconds in which a request had the line.
    """

    requests: int = 0
    answers: int = 0
    timeouts: int = 0
    not_asked: int = 0
    unasked_octets: int = 0
    late_answers: int = 0
    connections: int = 0
    held: int = 0
