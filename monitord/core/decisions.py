"""People's decisions: taken, or refused with a reason. Owns their checks and their effect.

They are recorded beside the evidence and never change it (rule 5.8 of docs/architecture.md). A
decision whose id is remembered has no second effect: the first answer counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from typing import Final

from monitord.core.clock_steps import adopt_clock, is_refused
from monitord.core.codec import canonical
from monitord.core.decision_bodies import (
    NO_BASIS,
    Acknowledge,
    AdoptClock,
    Basis,
    ClearSiteState,
    DecisionBody,
    FalseAlarm,
    SetSiteState,
    Settle,
    Verdict,
)
from monitord.core.decision_events import DecisionRefused, DecisionTaken
from monitord.core.events import Draft
from monitord.core.incident_events import IncidentAcknowledged, IncidentQuieted
from monitord.core.incident_state import standing
from monitord.core.model import Decision, Layer
from monitord.core.site_state import (
    SITE_STATES_MAX,
    SiteState,
    SiteStateCleared,
    SiteStateSet,
    Where,
)
from monitord.core.situation import Situation
from monitord.core.unsettled_events import SpansSettled

ID_MAX: Final = 64
TEXT_MAX: Final = 200
"""Letters of a name or a paper: the record keeps them for ever."""


def digest_of(person: str, body: DecisionBody, basis: Basis = NO_BASIS) -> str:
    """Return a digest of what is decided, by whom and on what: one id is of one decision."""
    plain = {"person": person, "kind": body.kind, "body": body.asked()}
    if basis != NO_BASIS:
        plain["basis"] = asdict(basis)
    return sha256(canonical(plain)).hexdigest()[:16]


def is_id(given: str) -> bool:
    """Return whether a text can be the id of a decision: 1 to 64 visible ASCII characters.

    It is the subject of an event, and the record keeps no subject with a NUL character whole.
    """
    return 0 < len(given) <= ID_MAX and all("!" <= letter <= "~" for letter in given)


def carry_out(situation: Situation, decision: Decision) -> Iterator[Draft]:
    """Yield the answer to a decision and what follows; nothing for a known or impossible id."""
    if decision.id in situation.durable.decisions or not is_id(decision.id):
        return
    person, via, body = decision.person, decision.via, decision.body
    digest, rests_on = digest_of(person, body, decision.basis), asdict(_kept(decision.basis))
    why = refused_because(situation, decision)
    if why is not None:
        refused = DecisionRefused(person, via, body.kind, digest, why, **rests_on)
        yield Draft(decision.id, refused)
        return
    taken = DecisionTaken(person, via, body.kind, digest, body.asked(), **rests_on)
    yield Draft(decision.id, taken)
    match body:
        case Acknowledge():
            incident = situation.durable.incidents[body.incident]
            members = tuple(member.id for member in standing(incident))
            yield Draft(body.incident, IncidentAcknowledged(person, members))
        case FalseAlarm():
            yield Draft(body.incident, IncidentQuieted(person, body.saw))
        case AdoptClock(wall=wall):
            yield from adopt_clock(situation, decision.at, wall, person)
        case Settle():
            yield Draft(decision.id, SpansSettled(person, body.verdict, body.note, body.spans))
        case SetSiteState():
            yield Draft(decision.id, SiteStateSet(_site_state(situation, person, body)))
        case _:
            assert isinstance(body, ClearSiteState), "any other kind is refused above"
            yield Draft(decision.id, SiteStateCleared(body.number, person))


def _site_state(situation: Situation, person: str, body: SetSiteState) -> SiteState:
    number = situation.durable.last_site_state + 1
    since = situation.clock
    return SiteState(number, body.where, body.device, body.who, body.ticket, person, since)


def refused_because(situation: Situation, decision: Decision) -> str | None:
    """Return the code of what forbids a decision; None for one that can be taken."""
    if decision.person not in situation.people:
        return "unknown_person"
    if (why := _baseless_because(situation, decision.basis)) is not None:
        return why
    match decision.body:
        case Acknowledge(incident=incident):
            return _not_acknowledged_because(situation, incident, decision.person)
        case FalseAlarm() as alarm:
            return _not_false_because(situation, alarm)
        case AdoptClock(wall=wall):
            refused = is_refused(situation.durable.clock, decision.at, wall)
            return "time_before_mark" if refused else None
        case Settle() as settle:
            return _not_settled_because(situation, settle)
        case SetSiteState() as state:
            return _not_set_because(situation, state)
        case ClearSiteState(number=number):
            known = str(number) in situation.durable.site_states
            return None if known else "unknown_site_state"
        case _:
            return "unknown_kind"


def _kept(basis: Basis) -> Basis:
    """Return what the record keeps of a basis: all of it, unless it is refused for its length."""
    on_behalf_of, paper = basis.on_behalf_of[:TEXT_MAX], basis.paper[:TEXT_MAX]
    return Basis(on_behalf_of, paper, basis.effective, basis.seen[:ID_MAX])


def _baseless_because(situation: Situation, basis: Basis) -> str | None:
    if max(len(basis.on_behalf_of), len(basis.paper)) > TEXT_MAX:
        return "too_long"
    begin, end = basis.effective or (0, None)
    if end is not None and end <= begin:
        return "ends_before_it_begins"
    return None if not basis.seen or _is_past(situation, basis.seen) else "unknown_version"


def _is_past(situation: Situation, seen: str) -> bool:
    """Return whether a version names an event that the record may have: nobody saw another."""
    epoch, dash, number = seen.partition("-")
    if not (dash and epoch.isdecimal() and number.isdecimal() and len(seen) <= ID_MAX):
        return False
    durable = situation.durable
    return (int(epoch), int(number)) <= (durable.epoch, durable.number)


def _not_acknowledged_because(situation: Situation, incident: str, person: str) -> str | None:
    found = situation.durable.incidents.get(incident)
    if found is None:
        return "unknown_incident"
    seen = found.acknowledged.get(person)
    new = [member.id for member in standing(found) if seen is None or member.id not in seen]
    return None if new or seen is None else "already_acknowledged"


def _not_false_because(situation: Situation, alarm: FalseAlarm) -> str | None:
    found = situation.durable.incidents.get(alarm.incident)
    if found is None:
        return "unknown_incident"
    if found.quiet:
        return "already_quiet"
    if not alarm.saw:
        return "nothing_seen"
    outages = situation.durable.outages
    faults = [outages.get(member.id) for member in standing(found)]
    is_content = all(each is not None and each.layer == Layer.CONTENT for each in faults)
    # A picture or a sound that a person notices does not disprove a carrier that is gone.
    return None if faults and is_content else "not_content"


def _not_set_because(situation: Situation, state: SetSiteState) -> str | None:
    if state.where not in list(Where):
        return "unknown_place"
    if state.device and state.device not in situation.devices:
        return "unknown_device"
    if state.where == Where.INSIDE and not state.device:
        return "no_device"
    if not state.who:
        return "nobody_named"
    full = len(situation.durable.site_states) >= SITE_STATES_MAX
    return "too_many" if full else None


def _not_settled_because(situation: Situation, settle: Settle) -> str | None:
    if settle.verdict not in list(Verdict):
        return "unknown_verdict"
    if not settle.spans:
        return "nothing_unsettled"
    found = [span for span, _, _ in settle.spans]
    counts = Counter(programme for _, programme, _ in settle.spans)
    left = situation.durable.unsettled
    known = all(name in left and count <= left[name].count for name, count in counts.items())
    # The rows are read before the decision; what was settled meanwhile is not settled twice.
    is_once = len(frozenset(found)) == len(found)
    is_whole = frozenset(settle.ids) <= frozenset(found)
    return None if known and is_once and is_whole else "not_unsettled"
