"""What holds an outage down: its claims on causes, and whose its seconds are. Rule 5.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitord.core.causes import Cause, causes_of, is_explained_by
from monitord.core.chain import carrying
from monitord.core.durable import incident_named
from monitord.core.events import Draft
from monitord.core.expression import names
from monitord.core.fault_plans import BOOT_HOLD, Fault, Sort
from monitord.core.incident_events import CauseClaimed, OutageMoved
from monitord.core.incident_state import Claim, Outage, Place
from monitord.core.members import FLAPS, WINDOW, prior
from monitord.core.places import device_of, devices_of
from monitord.core.situation import Situation


def fresh_causes(
    situation: Situation, fault: Fault, held: Outage, causes: Mapping[str, Cause]
) -> list[Cause]:
    """Return the causes that are new: not those of what fell while another was still bad.

    Until a healed cause has been good for ``clear_after`` its consequences are no causes.
    """
    healing = [
        (claim.place, claim.healed)
        for claim in held.claims.values()
        if claim.healed is not None and claim.healed + fault.clear_after > situation.clock
    ]
    return [
        cause
        for name, cause in causes.items()
        if name not in held.claims
        and not any(_fell_with(situation, fault, cause, *healed) for healed in healing)
    ]


def _fell_with(
    situation: Situation, fault: Fault, cause: Cause, healed: Place, good_at: int
) -> bool:
    """Return whether a cause fell before another place was good again, as far as it is known.

    The mains may have failed before: what they stopped later is no consequence. What a supply or
    link explains may have fallen with it where it did not certainly fall later: in our own absence
    nobody saw it good.
    """
    fell = cause.fell or cause.began
    if fell[1] <= good_at:
        return True
    memory = situation.programmes.get(fault.programme)
    chain = () if memory is None else memory.plan.chain
    mine = (stage for stage in chain if stage.id == cause.place.stage)
    is_explained = any(is_explained_by(situation, stage, healed) for stage in mine)
    return is_explained and fell[0] <= max(good_at, situation.absent_from)


def in_order(situation: Situation, fault: Fault, held: Outage) -> list[Claim]:
    """Return the claims from the source on, whatever the order they were loaded in.

    A cause that the last answers do not show comes behind those that they show.
    """
    claims = list(held.claims.values())
    if len(claims) < 2:
        return claims
    shown: Iterable[str] = ()
    if fault.sort is Sort.OFF_AIR:
        shown = causes_of(situation, situation.programmes[fault.programme].plan, held.claims)
    places = {place: number for number, place in enumerate(shown)}
    last = len(places)
    return sorted(claims, key=lambda c: (places.get(c.place.id, last), c.proof, c.place.id))


def claim_fresh(
    situation: Situation, fault: Fault, held: Outage, fresh: list[Cause], left_at: int | None
) -> Iterator[Draft]:
    """Claim new causes, and say which one has the outage. ``left_at``: the old one healed."""
    for cause in fresh:
        yield from _claim(situation, fault, held, cause)
    held = situation.durable.outages[fault.id]
    owner = held.owners[-1][1] if held.owners else None
    if fault.sort is not Sort.OFF_AIR or owner in held.claims or not held.claims:
        return
    first = in_order(situation, fault, held)[0].place
    since = held.began[1] if owner is None else left_at or situation.clock
    yield Draft(fault.id, OutageMoved(max(since, held.began[1]), first.id, first.owner))


def _claim(situation: Situation, fault: Fault, held: Outage, cause: Cause) -> Iterator[Draft]:
    durable = situation.durable
    incident = incident_named(durable, durable.places.get(cause.place.id))
    if incident is not None and fault.id in incident.members:
        open_at = situation.clock
        short: tuple[str, ...] = ()
    else:
        open_at, short = _delay(situation, fault, held, cause.place.id)
    claimed = CauseClaimed(cause.place, cause.began, situation.clock, open_at, short)
    yield Draft(fault.id, claimed)


def _delay(
    situation: Situation, fault: Fault, held: Outage, place: str
) -> tuple[int, tuple[str, ...]]:
    """Return when ``open_after`` ends, and the short falls that shortened it."""
    durable, begin = situation.durable, held.began[1]
    total, count = prior(durable, fault.id, begin, durable.closed_at.get(fault.id, 0))
    wait = 0 if count >= FLAPS - 1 else max(0, fault.open_after - total)
    short = tuple(
        fall.id
        for fall in durable.recent.get(fault.id, ())
        if not fall.owned and fall.place == place and fall.ended and fall.ended[1] > begin - WINDOW
    )
    return max(begin + wait, _held_until(situation, fault)), short


def place_before_hours(situation: Situation, fault: Fault) -> Place | None:
    """Return where the last outage broke, where its hours alone ended it and it goes on."""
    proven = situation.durable.programmes[fault.programme].proven
    places = {
        fall.place.rpartition("/")[2]: fall.place
        for fall in situation.durable.recent.get(fault.id, [])[-1:]
        if fall.how == "hours" and fall.ended and proven and proven.not_after <= fall.ended[1]
    }
    for stage in situation.programmes[fault.programme].plan.chain:
        place = places.get(stage.id, "")
        devices = devices_of(Place(place, ""))
        found = tuple(name for name in names(carrying(stage)) if device_of(name) in devices)
        if found:  # a supply has the id of a stage of another programme
            reason = situation.conditions[found[0]].reason
            return Place(place, "stage", reason, stage.id, stage.owner, found)
    return None


def _held_until(situation: Situation, fault: Fault) -> int:
    """Return until when no alarm of a device opens: three minutes after our own boot. Rule 5.2.

    Supplies, batteries and generators settle then. A restart of monitord alone is no boot.
    """
    booted = situation.durable.clock.booted_at
    of_device = fault.sort in (Sort.ALARM, Sort.SILENT)
    return booted + BOOT_HOLD if of_device and booted is not None else 0
