"""Signs that a programme was off air while nobody saw it: a restart, lost power, a silent site.

Owns what is a sign. ``unsettled.py`` lists the spans, ``suspected.py`` opens the outages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from monitord.core.chain import stage_names
from monitord.core.events import ConditionLost, ConditionTurned, Draft
from monitord.core.expression import Kind
from monitord.core.fault_plans import SITE_SILENT
from monitord.core.incident_state import Place
from monitord.core.model import SECOND
from monitord.core.places import place_outside
from monitord.core.plan import ProgrammePlan
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.unsettled_events import SuspicionSort
from monitord.core.values import Layer

RUNNING_MAX_S: Final = 10**10
"""No equipment runs for three hundred years."""
SITE: Final = Place("site/silent", "site", "timeout")


class Sign(NamedTuple):
    """Why a blind span may hide an outage: what kind of sign, the evidence, and its place.

    ``devices``: those that may have been off, ``layers``: of the programme, that they prove.
    """

    sort: SuspicionSort
    evidence: dict[str, str]
    place: Place
    devices: tuple[str, ...]
    layers: tuple[Layer, ...]


def sign_of(situation: Situation, plan: ProgrammePlan, begin: int, end: int) -> Sign | None:
    """Return the sign that the blind span [begin, end) hides an outage, or None.

    Call it when the span closes: what became of the devices is read from their last answers.
    """
    devices = list(_chain_devices(situation, plan))
    hinted = hinted_at(situation, plan, begin, end)
    if hinted:
        names = list(dict.fromkeys(name.partition(".")[0] for name in hinted))
        place = hint_place(situation, hinted)
        evidence = {"conditions": "+".join(hinted)}
        return _sign(plan, SuspicionSort.DOUBTED, evidence, place, names)
    for device in devices:
        run = run_of(situation, device)
        if run is not None and begin <= run[0] < end:
            name = device.plan.id
            place = Place(f"{name}/restart", "device", SuspicionSort.RESTART)
            return _sign(plan, SuspicionSort.RESTART, {"device": name}, place, [name])
    lost = [device for device in devices if _was_blind(situation, device, begin, end)]
    feed = _feed_of(_dipped(situation, begin, end), lost)
    if feed is not None:
        fed = [device.plan.id for device in lost if feed in device.plan.powered_by]
        return _sign(plan, SuspicionSort.POWER, {"feed": feed}, feed_place(situation, feed), fed)
    if _site_was_silent(situation, begin, end):
        names = [device.plan.id for device in devices]
        return _sign(plan, SuspicionSort.ALL_SILENT, {"site": "silent"}, SITE, names)
    return None


def _sign(
    plan: ProgrammePlan,
    sort: SuspicionSort,
    evidence: dict[str, str],
    place: Place,
    devices: list[str],
) -> Sign:
    layers = (
        stage.layer
        for stage in plan.chain
        if any(name.partition(".")[0] in devices for name in stage_names(stage))
    )
    return Sign(sort, evidence, place, tuple(devices), tuple(dict.fromkeys(layers)))


def run_of(situation: Situation, device: DeviceMemory) -> tuple[int, int] | None:
    """Return when the equipment booted and when it said so last; None where it does not say.

    The boot is the moment of the answer less the running time in it; no memory is needed.
    """
    place = situation.uptimes.get(device.plan.id)
    if place is None or device.answered_at is None or device.values is None:
        return None
    running = device.values[place]
    # Not a number, negative, or longer than any equipment runs: it says no moment of a start.
    if isinstance(running, int | float) and 0 <= running < RUNNING_MAX_S:
        return device.answered_at - int(running * SECOND), device.answered_at
    return None


def _chain_devices(situation: Situation, plan: ProgrammePlan) -> Iterator[DeviceMemory]:
    """Yield the devices that the programme passes through: a receiver's restart is no sign."""
    names = (name.partition(".")[0] for stage in plan.chain for name in stage_names(stage))
    for name in dict.fromkeys(names):
        yield situation.devices[name]


# -- one reading that nothing confirmed ----------------------------------------------------------


def hinted_at(situation: Situation, plan: ProgrammePlan, begin: int, end: int) -> list[str]:
    """Return the conditions with a last reading in [begin, end] that means bad, once.

    Their devices fell silent before a second one could agree with it or take it back.
    """
    proving = situation.programmes[plan.id].proving
    return [
        name
        for name, at in situation.hints.items()
        if begin <= at <= end and ((name, True) in proving or (name, False) in proving)
    ]


def hint_place(situation: Situation, hinted: Sequence[str]) -> Place:
    """Return the place of such readings: the devices, and what is wrong with them."""
    devices = "+".join(sorted({name.partition(".")[0] for name in hinted}))
    reason = situation.conditions[hinted[0]].reason
    place = f"{devices}/{SuspicionSort.DOUBTED}"
    return Place(place, "device", reason, conditions=tuple(hinted))


# -- power --------------------------------------------------------------------------------------


def note_dip(situation: Situation, draft: Draft) -> None:
    """Keep from when to when a supply was proven to be off. Call it before the draft is applied."""
    if draft.subject not in situation.feeds:
        return
    match draft.body:
        case ConditionTurned(value=False, held_to=held_to, not_after=not_after):
            situation.dips[draft.subject] = min(held_to, not_after), None
        case (
            ConditionTurned(held_to=held_to, was=False) | ConditionLost(held_to=held_to, was=False)
        ):
            begin = situation.durable.conditions[draft.subject].not_before
            situation.dips[draft.subject] = begin, held_to
        case _:
            pass


def power_lost(situation: Situation, plan: ProgrammePlan, begin: int, *, until: int) -> str | None:
    """Return a supply that failed in [begin, until] and feeds a device that is silent now."""
    feeds = _dipped(situation, begin, until)
    return _feed_of(feeds, filter(_is_blind, _chain_devices(situation, plan))) if feeds else None


def _dipped(situation: Situation, begin: int, end: int) -> list[str]:
    """Return the supplies that were off within [begin, end]."""
    return [
        feed
        for feed, (off, on) in situation.dips.items()
        if off <= end and (on is None or begin <= on) and feed in situation.feeds
    ]


def _feed_of(feeds: list[str], devices: Iterable[DeviceMemory]) -> str | None:
    """Return the first supply of a device that is among the given ones."""
    return next((f for device in devices for f in device.plan.powered_by if f in feeds), None)


def feed_place(situation: Situation, feed: str) -> Place:
    """Return the place of a supply, as the causes name it."""
    return place_outside(situation, feed, "feed")


def _is_blind(device: DeviceMemory) -> bool:
    return all(timeline.kind is Kind.BLIND for timeline in device.timelines)


def _was_blind(situation: Situation, device: DeviceMemory, begin: int, end: int) -> bool:
    """Return whether the device came back after blindness in the span: a gap over the bound."""
    for plan in device.plan.conditions:
        now = situation.durable.conditions.get(plan.id)
        if now is None or now.value is None:
            continue
        is_gap = now.since - now.not_before > plan.bound
        if is_gap and now.not_before < end and begin < now.since:
            return True
    return False


# -- the site -----------------------------------------------------------------------------------


def _site_was_silent(situation: Situation, begin: int, end: int) -> bool:
    """Return whether the whole site was silent in the span, for so long that it was an incident."""
    held = situation.durable.outages.get(SITE_SILENT)
    if held is not None and held.incidents and held.began[0] < end:
        return True
    return any(
        fall.owned and fall.ended is not None and fall.began[0] < end and begin < fall.ended[1]
        for fall in situation.durable.recent.get(SITE_SILENT, ())
    )
