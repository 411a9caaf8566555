"""What the rules say of one fault: its clearing time, the ten minutes before it, its figures.

Decides nothing; ``outages.py``, ``incidents.py`` and ``messages.py`` ask.
"""

from __future__ import annotations

from typing import Final

from monitord.core.calendar import spans
from monitord.core.causes import bad_until
from monitord.core.columns import is_degraded
from monitord.core.durable import Durable
from monitord.core.fault_plans import COUNTED, DOUBTED, Fault, Sort
from monitord.core.figures import Figures
from monitord.core.folds import lost_at
from monitord.core.incident_state import Member, Outage
from monitord.core.ledger import figures_of
from monitord.core.model import MINUTE, Expected
from monitord.core.situation import Situation

WINDOW: Final = 10 * MINUTE
"""The rule of the three delays counts the falls of so long before a fall."""
FLAPS: Final = 3
"""Falls in the window after which the delays are zero and recovery must last as long."""
OWN_REASONS: Final = ("absent", "not_yet", "late")
"""What was not seen because monitord itself did not run shortens no delay."""
AT_ONCE: Final = ("reconfigured", "withdrawn")


def hold(situation: Situation, member: Member) -> int:
    """Return how long a member must be over before it counts as over (``clear_after``).

    Ten minutes after three falls in ten, and after the third time that its cause came in ten;
    nothing where a reload took it away (rule 5.7).
    """
    fault = situation.faults.get(member.id)
    if fault is None or member.how in AT_ONCE:
        return 0
    flaps = member.flaps and member.how in ("good", "continued")
    return max(fault.clear_after, WINDOW) if flaps else fault.clear_after


def comes_and_goes(outage: Outage, place: str) -> bool:
    """Return whether a cause of an outage came for the third time in ten minutes."""
    times = outage.claimed.get(place, [])
    return len(times) >= FLAPS and times[-FLAPS] > times[-1] - WINDOW


def prior(durable: Durable, fault: str, begin: int, after: int) -> tuple[int, int]:
    """Return the time a fault lasted in the ten minutes before ``begin``, and its falls then.

    Time up to ``after`` is not counted in the sum: a message named it already. A fall that was
    withdrawn was none.
    """
    start = max(begin - WINDOW, after)
    total = count = 0
    for fall in durable.recent.get(fault, ()):
        if fall.reason in OWN_REASONS or fall.how == "withdrawn":
            continue
        end = fall.began[1] if fall.ended is None else fall.ended[1]
        total += max(0, end - max(fall.began[1], start))
        count += end > begin - WINDOW
    return total, count


def member_figures(situation: Situation, member: Member, now: int) -> Figures:
    """Return the three figures of all falls of a member, the one that lasts included."""
    total = Figures()
    total.add(member.past)
    for fall in member.falls:
        total.add(fall.figures)
    outage = situation.durable.outages.get(member.id)
    fault = situation.faults.get(member.id)
    lasts = outage is not None and fault is not None and member.falls[-1].id == outage.id
    if lasts and outage is not None and fault is not None:
        total.add(running_figures(situation, fault, outage, now))
    return total


def member_own_figures(member: Member) -> dict[str, Figures]:
    """Return the figures of each reason with totals of its own, of all falls that have ended."""
    found: dict[str, Figures] = {}
    for own in (member.past_own, *(fall.own for fall in member.falls)):
        for reason, figures in own.items():
            found.setdefault(reason, Figures()).add(figures)
    return found


def running_figures(situation: Situation, fault: Fault, outage: Outage, now: int) -> Figures:
    """Return the figures of an outage that lasts, as far as it is proven or possible at ``now``."""
    if fault.sort in DOUBTED:
        return doubted_figures(situation.durable, fault.programme, outage.began[0], now)
    if fault.sort not in COUNTED:
        return span_figures(outage, (min(_seen_until(situation, fault, now), now), now))
    memory = situation.programmes.get(fault.programme)
    end = max(now, outage.began[0])
    return figures_of(
        situation.durable,
        fault.programme,
        begin=outage.began[0],
        end=end,
        settled_to=_settled_to(situation, fault.programme, end),
        bad_until=None if memory is None else bad_until(situation, memory.plan),
    )


def _settled_to(situation: Situation, programme: str, end: int) -> int:
    """Return up to when the pieces of a programme are final."""
    if programme in situation.programmes:
        return situation.settled_to(programme)
    # A run that has the programme no more settles nothing of it: its last piece, blind, is final.
    return end if situation.started else situation.durable.programmes[programme].piece.start


def span_figures(outage: Outage, ended: tuple[int, int]) -> Figures:
    """Return the figures of what the ledger does not count: begin, end, and what nothing proves."""
    most = max(0, ended[1] - outage.began[0])
    least = ended[0] - outage.began[1] - outage.unseen
    return Figures(max(0, min(least, most)), most, most)


def doubted_figures(durable: Durable, programme: str, begin: int, end: int) -> Figures:
    """Return the figures of what nobody has proven: all of its hours may have been off air."""
    parts = spans(durable, programme, begin, end)
    in_hours = (Expected.ON, Expected.UNSURE)
    most = sum(to - start for start, to, expected in parts if expected in in_hours)
    return Figures(0, 0, most)


def _seen_until(situation: Situation, fault: Fault, now: int) -> int:
    """Return up to when an alarm or degradation is proven; nothing dates the proof of the others.

    What is blind was proven up to the begin of its blindness.
    """
    timeline = situation.timelines.get(fault.subject)
    if timeline is not None:
        return lost_at(situation.durable, fault.subject, timeline.last_before)
    if fault.sort is Sort.DEGRADED:
        piece = situation.durable.programmes[fault.programme].piece
        is_read = fault.programme not in situation.programmes
        is_so = is_degraded(piece.possible) and not is_read
        return situation.settled_to(fault.programme) if is_so else piece.start
    return now
