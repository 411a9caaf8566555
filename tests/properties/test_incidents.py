"""Every outage has its incident and every incident its outages, at each moment. Rules 5.2, 5.7."""

from __future__ import annotations

import copy
import json
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.apply import apply
from monitord.core.calendar import expected_span
from monitord.core.causes import causes_of
from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.columns import is_bad, is_clear
from monitord.core.durable import Durable
from monitord.core.fault_plans import Fault, Sort
from monitord.core.incident_state import Incident, Outage, fault_id, owner_of, standing
from monitord.core.members import hold
from monitord.core.model import SECOND, Event, Expected, Input
from monitord.core.pipeline import advance
from monitord.core.programme import present_verdict
from monitord.core.situation import Situation
from tests.properties.scripts import DeviceScript, Ending, Phase, Script, examples, lives, play
from tests.support.seam import SITES, Driver, Outcome, Site, fold


def seems_over(situation: Situation, fault: str) -> bool:
    """Return whether hours or the last answers show a fault to be over before that is settled.

    What is of a reserve is not reported while its programme is proven off.
    """
    one = situation.faults[fault]
    if one.sort in (Sort.RESERVE_LOST, Sort.RESERVE_UNKNOWN, Sort.RESERVE_USED):
        return _is_off(situation, one)
    if one.sort not in (Sort.OFF_AIR, Sort.BLIND):
        return False
    began = situation.durable.outages[fault].began[1]
    _, close, expected = expected_span(situation.durable, one.programme, began)
    if expected is not Expected.ON or (close is not None and close <= situation.clock):
        return True
    present = present_verdict(situation, situation.programmes[one.programme].plan)
    return is_clear(present.possible) if one.sort is Sort.OFF_AIR else present.blind is None


def _is_off(situation: Situation, reserve: Fault) -> bool:
    """Return whether the last answers show the programme of a reserve off, or show no end of it."""
    present = present_verdict(situation, situation.programmes[reserve.programme].plan)
    held = situation.durable.outages.get(fault_id(reserve.programme, Sort.OFF_AIR))
    goes_on = held is not None and held.stage == reserve.subject
    return is_bad(present.possible) or (goes_on and not is_clear(present.possible))


def owners_of(situation: Situation, outage: Outage) -> list[Incident]:
    """Return the open incidents that have the place that owns an outage."""
    place = owner_of(outage)[0]
    return [one for one in situation.durable.incidents.values() if one.place.id == place]


@examples(80)
@given(lives())
def test_an_outage_that_reached_open_after_belongs_to_one_incident(
    life: tuple[Site, Script],
) -> None:
    """A1: at each moment exactly one incident has its place, and it is an open member of it."""

    def look(driver: Driver) -> None:
        situation = driver.situation
        for name, outage in situation.durable.outages.items():
            fault = situation.faults[name]
            since = max(outage.proof, outage.began[1] + fault.open_after)
            if since > driver.now or seems_over(situation, name):
                continue
            found = owners_of(situation, outage)
            assert len(found) == 1, (name, outage)
            assert found[0].members[name].over is None

    play(*life, look)


@examples(80)
@given(lives())
def test_incidents_outages_and_claims_name_each_other(life: tuple[Site, Script]) -> None:
    """A4 and A5: an open member lasts, has its claim there, and no two incidents share a place."""

    def look(driver: Driver) -> None:
        situation, durable = driver.situation, driver.situation.durable
        assert durable.places == {one.place.id: one.id for one in durable.incidents.values()}
        numbers = Counter(one.number for one in durable.incidents.values())
        assert all(count == 1 for count in numbers.values())
        for incident in durable.incidents.values():
            for member in standing(incident):
                outage = durable.outages[member.id]
                assert outage.claims[incident.place.id].incident == incident.id
                assert member.falls[-1].id == outage.id
                assert incident.id in outage.incidents
            if not standing(incident):
                members = incident.members.values()
                closes = max((m.over or 0) + hold(situation, m) for m in members)
                assert closes > driver.now
        for outage in durable.outages.values():
            for claim in outage.claims.values():
                if claim.incident is not None:
                    incident = durable.incidents[claim.incident]
                    assert incident.place.id == claim.place.id

    play(*life, look)


@examples(40)
@given(lives())
def test_what_ended_closes_and_what_goes_on_goes_on_somewhere(life: tuple[Site, Script]) -> None:
    """A continued incident names the one that goes on; nothing recovers while a member is off."""
    durable = Durable()
    for event in play(*life).events:
        apply(durable, event)
        if event.kind == "incident_closed":
            body = json.loads(event.body)
            closed = durable.closed_incidents[event.subject]
            assert all(member.over is not None for member in closed.members.values())
            if body["how"] == "continued":
                assert body["into"] in durable.incidents
                assert any(name in durable.outages for name in closed.members)


@examples(60)
@given(lives())
def test_an_outage_moves_only_while_it_lasts_and_never_twice_to_the_same(
    life: tuple[Site, Script],
) -> None:
    """Each change of owner is a change, in the order of time, at or after the begin."""
    durable = Durable()
    for event in play(*life).events:
        if event.kind == "outage_moved":
            body = json.loads(event.body)
            outage = durable.outages[event.subject]
            last = outage.owners[-1] if outage.owners else (outage.began[1], "", "")
            assert body["since"] >= last[0]
            assert body["place"] != last[1]
        apply(durable, event)


@examples(60)
@given(lives())
def test_the_causes_of_a_bad_programme_are_bad_places(life: tuple[Site, Script]) -> None:
    """Rule 5.2: whatever is named as the cause is false now, or was claimed and is not seen."""

    def look(driver: Driver) -> None:
        situation = driver.situation
        for plan in situation.plan.programmes:
            for cause in causes_of(situation, plan, {}).values():
                assert cause.place.conditions
                assert cause.began[0] <= cause.began[1] <= driver.now
                kinds = [situation.timelines[name].kind.value for name in cause.place.conditions]
                assert "blind" not in kinds, cause

    play(*life, look)


def decided_after(driver: Driver, cut: int, durable: Durable) -> list[Event]:
    """Return what the last run decides again when durable state is this from its start on."""
    situation = Situation(driver.plan, durable)
    run = driver.runs[cut]
    events: list[Event] = []
    waiting: list[Input] = list(run.inputs)
    for now in run.ticks:
        taken = [item for item in waiting if item.at <= now]
        waiting = waiting[len(taken) :]
        events += advance(situation, taken, now).events
    return events


def reversed_dicts(value: object) -> object:
    """Return plain data with the entries of every dictionary in the opposite order."""
    if isinstance(value, dict):
        return {key: reversed_dicts(value[key]) for key in reversed(list(value))}
    return [reversed_dicts(one) for one in value] if isinstance(value, list) else value


def _said(*phases: tuple[str, int]) -> DeviceScript:
    return DeviceScript(tuple(Phase(*one) for one in phases), ((0, 1),))


OFF_UNDER_TWO = (
    SITES["shared"]().with_(open_after=0, clear_after=0, tell_after=0),
    Script(
        {
            "fm1": _said(("good", 1), ("bad", 1)),
            "io1": _said(("good", 1), ("bad", 70), ("good", 1), ("bad", 1)),
            "io2": _said(("good", 1)),
        },
        (Outcome(1, "delivered"),),
        (Ending(73 * SECOND, 1, "crash"),),
        tick=20 * SECOND,
        polls=78,
    ),
)
"""A programme off under the transmitter and again under its studio, whose first incident ended."""


@example(OFF_UNDER_TWO, True)
@examples(60)
@given(lives(), st.booleans())
def test_later_decisions_are_the_same_from_a_snapshot_in_any_order(
    life: tuple[Site, Script], turned: bool
) -> None:
    """I1: a start on a snapshot decides as one on the record, in whatever order its keys come."""
    driver = play(*life)
    before: list[Event] = []
    for number, run in enumerate(driver.runs):
        if number:
            plain = json.loads(canonical(to_plain(fold(before))))
            durable = from_plain(Durable, reversed_dicts(plain) if turned else plain)
            assert decided_after(driver, number, copy.deepcopy(durable)) == run.events + run.lost
        before += run.events
