"""An outage that nobody saw, opened when it is found: at the end of its blind span.

It begins and ends in one turn, and is never proven. Owns that step; ``messages.py`` sends it
though it is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core import incidents, outages
from monitord.core.calendar import time_in_hours
from monitord.core.causes import Cause
from monitord.core.claims import claim_fresh
from monitord.core.events import Draft
from monitord.core.fault_plans import Sort
from monitord.core.incident_events import OutageBegan
from monitord.core.incident_state import fault_id
from monitord.core.situation import Situation
from monitord.core.suspicions import Sign
from monitord.core.unsettled_events import SuspicionFound


def open_suspected(situation: Situation, span: SuspicionFound, sign: Sign) -> Iterator[Draft]:
    """Open the suspected outage of a span and end it.

    Nothing is opened where one is open already, or shorter than an outage that opens an incident.
    What an earlier one covers, which the hours ended in the same silence, is no part of it.
    """
    fault = situation.faults[fault_id(span.programme, Sort.SUSPECTED)]
    least = situation.programmes[span.programme].plan.off_air.open_after
    durable = situation.durable
    last = durable.recent.get(fault.id, [])[-1:]
    begin = max([span.begin, *(fall.ended[1] for fall in last if fall.ended)])
    seconds = time_in_hours(durable, span.programme, begin, max(begin, span.end))
    if fault.id in durable.outages or seconds < max(least, 1):
        return
    began = begin, begin
    body = OutageBegan(
        id=f"{durable.epoch}-{durable.number + 1}",
        programme=fault.programme,
        fault=fault.name,
        began=began,
        proof=situation.clock,
        reason=str(sign.sort),
        stage="",
        layer="",
        conditions=(),
    )
    yield Draft(fault.id, body)
    yield from claim_fresh(
        situation, fault, durable.outages[fault.id], [Cause(sign.place, began)], None
    )
    for claim in list(durable.outages[fault.id].claims.values()):
        yield from incidents.open_member(situation, fault, claim)
    ended = span.end, span.end
    yield from outages.end_outage(situation, fault, durable.outages[fault.id], ended, "good")
