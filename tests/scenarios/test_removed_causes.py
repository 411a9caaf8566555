"""Whatever a reload takes away, for every kind of fault: what is open is owned, and true (5.7)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from monitord.core.chain import parents_of, watched_names
from monitord.core.incident_state import Place, standing
from monitord.core.places import devices_of
from monitord.core.plan import Plan
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.removals import removals
from tests.support.seam import Site

HOURS = ("00:00:00", "240:00:00")


@dataclass(frozen=True)
class Case:
    """A station, and what its plant does until the reload. ``fault``: what that opens.

    ``then``: what changes two minutes later, two minutes before the reload.
    """

    fault: str
    devices: str
    programmes: str
    states: Mapping[str, str]
    then: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.fault} {json.dumps({**self.states, **self.then})}"


FED = """
mains: {kind: feed}
roof: {kind: receiver}
tx: {kind: transmitter, powered_by: [mains.mains]}
"""
LINKED = """
link: {kind: link}
studio: {kind: detector, behind: [link.locked]}
tx: {kind: transmitter}
"""
CHAIN = "fm:\n  name: 调频\n  chain:\n"
RADIATES = "    - {stage: transmitter, owner: own, needs: tx.radiating}\n"
ONE_STAGE = CHAIN + RADIATES
SOUND = CHAIN + "    - {stage: sound, owner: own, needs: studio.sound}\n" + RADIATES
EARS = "roof: {kind: receiver}\nyard: {kind: receiver}\ntx: {kind: transmitter}"
HEARD = (
    ONE_STAGE
    + """  witnesses:
    - {id: one, needs: roof.hears, healthy: roof.reference}
    - {id: two, needs: yard.hears, healthy: yard.reference}
"""
)
PAIR = "a: {kind: transmitter}\nb: {kind: transmitter}\nauto: {kind: feed}"
SPARE = """
tv:
  name: 电视
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating, ready: a.sane}
        - {id: b, carries: b.radiating, ready: b.sane and b.remote}
      degraded: [{when: a.reduced, reason: reduced_power}]
      manual: not auto.automatic
"""
SHARED = """
a: {kind: transmitter}
b: {kind: transmitter}
spare: {kind: transmitter}
matrix: {kind: matrix}
"""
TWO = """
tv1:
  name: 一套
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating, ready: a.sane}
        - {id: spare, carries: spare.radiating and matrix.to1, ready: spare.sane}
tv2:
  name: 二套
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: b, carries: b.radiating, ready: b.sane}
        - {id: spare, carries: spare.radiating and matrix.to2, ready: spare.sane}
"""
ALARMED = """
ups: {kind: feed, conditions: {mains: {alarm: {severity: major}}}}
tx: {kind: transmitter, powered_by: [ups.mains]}
"""
SUPPLIED = """
ups: {kind: feed}
tx: {kind: transmitter, powered_by: [ups.mains], conditions: {sane: {alarm: {severity: major}}}}
"""
OFF, SUSPECTED, DISPUTED = "fm/off_air", "fm/suspected", "fm/disputed"
GONE = {"tx": "no_answer", "roof": "nothing"}
CASES = (
    Case(OFF, FED, ONE_STAGE, {"tx": "tripped"}),
    Case(OFF, FED, ONE_STAGE, {"tx": "tripped", "mains": "off"}),
    Case(OFF, LINKED, SOUND, {"studio": "silent", "link": "down"}),
    Case(OFF, LINKED, SOUND, {"studio": "silent"}, {"tx": "tripped"}),
    Case("fm/blind", FED, ONE_STAGE, {"tx": "no_answer"}),
    Case("fm/blind", LINKED, SOUND, {"studio": "no_answer", "link": "down"}),
    Case("fm/blind", LINKED, SOUND, {"studio": "no_answer", "link": "no_answer"}),
    Case(SUSPECTED, EARS, HEARD, {**GONE, "yard": "nothing"}),
    Case(SUSPECTED, EARS, HEARD, {**GONE, "yard": "iced"}),
    Case(SUSPECTED, EARS, HEARD, {**GONE, "yard": "no_answer"}),
    Case(SUSPECTED, EARS, HEARD, {**GONE, "yard": "nothing"}, {"roof": "no_answer"}),
    Case(SUSPECTED, FED, ONE_STAGE, {"mains": "off"}, {"tx": "no_answer"}),
    Case(DISPUTED, EARS, HEARD, {"roof": "nothing"}),
    Case(DISPUTED, EARS, HEARD, {"roof": "nothing", "yard": "nothing"}),
    Case(DISPUTED, EARS, HEARD, {"roof": "nothing", "yard": "iced"}),
    Case(DISPUTED, EARS, HEARD, {"tx": "standby"}),
    Case(DISPUTED, EARS, HEARD, {"tx": "standby", "yard": "nothing"}),
    Case("tv/degraded", PAIR, SPARE, {"a": "reduced", "b": "standby"}),
    Case("tv/reserve_lost/transmitters", PAIR, SPARE, {"b": "tripped"}),
    Case("tv/reserve_unknown/transmitters", PAIR, SPARE, {"b": "no_answer"}),
    Case("tv/manual/transmitters", PAIR, SPARE, {"b": "standby", "auto": "manual"}),
    Case(
        "tv1/reserve_used/transmitters",
        SHARED,
        TWO,
        {"b": "tripped", "spare": "good", "matrix": "to2"},
    ),
    Case("tv1/disputed", SHARED, TWO, {"a": "tripped", "b": "tripped", "matrix": "both"}),
    Case("/alarm/ups.mains", ALARMED, ONE_STAGE, {"ups": "off"}),
    Case("/alarm/tx.sane", SUPPLIED, ONE_STAGE, {"ups": "off"}, {"tx": "tripped"}),
    Case("/silent/mains", FED, ONE_STAGE, {"mains": "no_answer"}),
    Case("/site_silent", LINKED, SOUND, dict.fromkeys(("link", "studio", "tx"), "no_answer")),
)


def played(site: Site, case: Case) -> DutyLog:
    """Return a log in which the fault of the case has been open for a while."""
    there = {one.id for one in site.plan.devices}
    log = DutyLog(site, begins="01:59:00", hours=HOURS)
    for clock, states in (("02:00:00", case.states), ("02:02:00", case.then)):
        log.then(clock, **{name: state for name, state in states.items() if name in there})
    return log.until("02:04:00")


def smaller_plans(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """Yield what a reload may take away, and the plan without it.

    Not conditions that nothing rests on, nor an assignment without which ``check`` refuses it.
    """
    used = {c for one in plan.programmes for c in watched_names(one)}
    used |= {c for one in plan.devices for c in parents_of(one)}
    for what, smaller in removals(plan):
        sort, _, name = what.partition(" ")
        is_used = name in used and not name.startswith("matrix")
        if smaller.programmes and (sort != "condition" or is_used):
            yield what, smaller


def misplaced(log: DutyLog, plan: Plan) -> Iterator[str]:
    """Yield what is open and rests on something that the plan has not, or not for it."""
    durable = log.driver.situation.durable
    for name, held in durable.outages.items():
        for claim in held.claims.values():
            if not belongs(plan, name, claim.place):
                yield f"{name} at {claim.place.id}"
    for incident in durable.incidents.values():
        for member in standing(incident):
            held_now = durable.outages.get(member.id)
            if held_now is None or incident.place.id not in held_now.claims:
                yield f"{member.id} in the incident of {incident.place.id}"


def belongs(plan: Plan, fault: str, place: Place) -> bool:
    """Return whether a place may be the cause of a fault by this plan."""
    parents = {one.id: parents_of(one) for one in plan.devices}
    own = {c.id for one in plan.devices for c in one.conditions}
    devices, stages = set(parents), set[str]()
    for programme in plan.programmes:
        if programme.id == fault.partition("/")[0]:
            own = set(watched_names(programme))
            devices = {name.partition(".")[0] for name in own}
            stages = {stage.id for stage in programme.chain}
    while more := {p.partition(".")[0] for one in devices for p in parents[one]} - devices:
        devices |= more
    known = own | {name for one in devices for name in parents[one]}
    is_named = not place.conditions or "/silent" in place.id or known & set(place.conditions)
    is_there = set(devices_of(place)) - {"site"} <= devices
    return bool(is_named) and is_there and (not place.stage or place.stage in stages)


def is_masked(fault: str, shows: set[str]) -> bool:
    """Return whether something else leaves open whether the fault is so: it is no news beside."""
    programme, _, name = fault.partition("/")
    if not programme:
        return name.startswith("silent") and "/site_silent" in shows
    masks = {f"{programme}/off_air", f"{programme}/disputed"} & shows
    return bool(masks) and name.startswith(("degraded", "reserve"))


def bodies(log: DutyLog, first: int, kind: str) -> list[dict[str, Any]]:
    found = [event for event in log.driver.events[first:] if event.kind == kind]
    return [json.loads(event.body) | {"subject": event.subject} for event in found]


def wrong_by(case: Case, site: Site, what: str, smaller: Plan) -> Iterator[str]:
    """Yield what is not true after a reload that takes something away.

    A start with the smaller configuration shows what is so without it. Where a device lost a
    condition it is asked once more, and may show something for a moment before it answers.
    """
    log = played(site, case)
    outages, incidents = (
        log.driver.situation.durable.outages,
        log.driver.situation.durable.incidents,
    )
    assert case.fault in outages, f"the case opens {sorted(outages)}"
    before, listed = {name: held.id for name, held in outages.items()}, set(incidents)
    first = len(log.driver.events)
    log.reload(replace(site, plan=smaller))
    shows = set(played(replace(site, plan=smaller), case).driver.situation.durable.outages)
    for each in misplaced(log, smaller):
        yield f"open at the reload: {each}"
    kept = {name for name, held in outages.items() if before.get(name) == held.id}
    log.until("02:06:00")
    for each in misplaced(log, smaller):
        yield f"open after the reload: {each}"
    for name, id_ in before.items():
        held = outages.get(name)
        if name in shows and (held is None or held.id != id_):
            yield f"{name} did not go on"
        if name in kept and name not in shows and not is_masked(name, shows):
            yield f"{name} is not so, and went on"
    for name in outages.keys() - before.keys() - shows:
        if not what.startswith("condition"):
            yield f"{name} is not so, and began"
    for body in bodies(log, first, "outage_ended"):
        if body["subject"] in before.values() and body["how"] != "reconfigured":
            yield f"{body['programme']}/{body['fault']} ended as {body['how']}"
    for body in bodies(log, first, "incident_closed"):
        if body["subject"] in listed and body["how"] == "recovered":
            yield f"incident {body['subject']} closed as recovered"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_reload_takes_away_ends_as_reconfigured_and_nothing_else_ends(case: Case) -> None:
    """The plant stays as it is: whatever ends was ended by the reload, and nothing recovered."""
    site = station(case.devices, case.programmes)
    found = {
        what: wrong
        for what, smaller in smaller_plans(site.plan)
        if (wrong := list(wrong_by(case, site, what, smaller)))
    }
    assert found == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.fault == OFF], ids=str)
def test_an_outage_goes_on_over_a_start_that_has_its_cause_no_more(case: Case) -> None:
    """Nothing is seen at a start: what is off by its own stage stays one outage."""
    site = station(case.devices, case.programmes)
    for what, smaller in smaller_plans(site.plan):
        log = played(site, case)
        durable = log.driver.situation.durable
        held = durable.outages[case.fault]
        without = replace(site, plan=smaller)
        is_off = case.fault in played(without, case).driver.situation.durable.outages
        if not is_off or what.startswith("name of"):
            continue
        log.site, log.driver.plan = without, smaller
        log.power_cut("02:04:05").until("02:06:00")
        durable = log.driver.situation.durable
        assert (what, durable.outages[case.fault].id) == (what, held.id)
        assert list(misplaced(log, smaller)) == [], what
