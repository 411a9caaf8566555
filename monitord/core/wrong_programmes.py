"""Which causes of an outage put a wrong programme on air now, by the last answers.

It may be hostile, so that it is news whatever was known of the outage before. Owns that finding;
``messages.py`` finds who must get a message of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitord.core.causes import Cause
from monitord.core.events import Draft
from monitord.core.fault_plans import Fault, Sort
from monitord.core.incident_events import WrongProgrammeTurned
from monitord.core.incident_state import Outage
from monitord.core.situation import Situation


def note_wrong(
    situation: Situation, fault: Fault, held: Outage, causes: Mapping[str, Cause]
) -> Iterator[Draft]:
    """Note of each cause of an outage whether it puts a wrong programme on air now.

    ``causes``: those that the last answers show. What is not seen stays as it was.
    """
    if fault.sort is not Sort.OFF_AIR:
        return
    found = _by_claim(held, causes)
    for place, claim in sorted(held.claims.items()):
        wrong = found.get(place)
        before = ("", ()) if claim.wrong is None else (claim.wrong.stage, claim.wrong.conditions)
        now = wrong or ("", ())
        if now != before and (wrong or place in causes or claim.healed is not None):
            turned = _turned(situation, now[1] or before[1], latest=not wrong)
            yield Draft(fault.id, WrongProgrammeTurned(place, *now, turned, situation.clock))


def _by_claim(held: Outage, causes: Mapping[str, Cause]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what is wrong by claimed place.

    A consequence of what healed a moment ago is claimed by nothing yet: that still has it.
    """
    found = {name: cause.wrong for name, cause in causes.items() if cause.wrong is not None}
    for name in [name for name in found if name not in held.claims]:
        wrong = found.pop(name)
        healed = [place for place, claim in held.claims.items() if claim.healed is not None]
        for place in sorted(healed)[:1]:
            found.setdefault(place, wrong)
    return found


def _turned(situation: Situation, conditions: tuple[str, ...], *, latest: bool) -> tuple[int, int]:
    """Return when the first of the conditions turned, or the last one."""
    states = situation.durable.conditions
    known = [states[name] for name in conditions if name in states]
    spans = [(each.not_before, each.since) for each in known if each.value is not None]
    turned = max(spans, default=None) if latest else min(spans, default=None)
    return (situation.clock, situation.clock) if turned is None else turned
