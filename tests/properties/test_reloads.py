"""A configuration that changes while monitord runs: the invariants hold, and the rest goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.due_times import all_keys, due_time
from monitord.core.durable import Durable
from monitord.core.incident_state import Claim, standing
from monitord.core.model import SECOND, Answer, Event, Input, Silence
from monitord.core.places import devices_of
from monitord.core.plan import AlarmPlan, Plan, as_read
from monitord.core.situation import Situation
from tests.properties.scripts import Script, examples, inputs_of, lives, moments, scripts
from tests.properties.test_inputs import assert_same_however_cut
from tests.support.seam import SLOT, T0, Driver, Look, Site, fold, shared_site


@dataclass(frozen=True, slots=True)
class Reload:
    """Another configuration at ``at`` (from the beginning). ``what``: a key of ``VARIANTS``."""

    at: int
    what: str


def same(plan: Plan) -> Plan:
    return plan


def other_delays(plan: Plan) -> Plan:
    """Return the plan with another severity and other delays of off air."""
    off_air = replace(plan.programmes[0].off_air, clear_after=5 * SECOND, severity="major")
    return replace(plan, programmes=tuple(replace(one, off_air=off_air) for one in plan.programmes))


def fewer_people(plan: Plan) -> Plan:
    return replace(plan, people=plan.people[:1])


def fewer_programmes(plan: Plan) -> Plan:
    """Return the plan without its last programme and its last device, if there are several."""
    if len(plan.programmes) == 1:
        return plan
    return replace(plan, programmes=plan.programmes[:-1], devices=plan.devices[:-1])


def renamed_stages(plan: Plan) -> Plan:
    """Return the plan with every stage under another name: nothing open names one of them."""
    programmes = [
        replace(p, chain=tuple(replace(stage, id=f"new_{stage.id}") for stage in p.chain))
        for p in plan.programmes
    ]
    return replace(plan, programmes=tuple(programmes))


def shorter_chain(plan: Plan) -> Plan:
    """Return the plan with only the last stage of every chain."""
    programmes = [replace(p, chain=p.chain[-1:]) for p in plan.programmes]
    return replace(plan, programmes=tuple(programmes))


def slower(plan: Plan) -> Plan:
    """Return the plan with a first device that is polled more rarely."""
    return replace(plan, devices=(replace(plan.devices[0], slot=2 * SLOT), *plan.devices[1:]))


def other_alarms(plan: Plan) -> Plan:
    """Return the plan with an alarm of each condition: every device is read as before."""
    alarm = AlarmPlan("minor", SECOND, 3 * SECOND)
    devices = [
        replace(one, conditions=tuple(replace(c, alarm=alarm) for c in one.conditions))
        for one in plan.devices
    ]
    return replace(plan, devices=tuple(devices))


def nothing_left(plan: Plan) -> Plan:
    return replace(plan, programmes=(), devices=())


VARIANTS = {
    "same": same,
    "other address": same,
    "other delays": other_delays,
    "fewer people": fewer_people,
    "fewer programmes": fewer_programmes,
    "renamed stages": renamed_stages,
    "shorter chain": shorter_chain,
    "slower": slower,
    "nothing": nothing_left,
    "other alarms": other_alarms,
}


@st.composite
def reloaded_lives(draw: st.DrawFn) -> tuple[Site, Script, tuple[Reload, ...]]:
    """Return a site, a script without restarts, and up to four reloads."""
    site, script = draw(lives(restarts=False))
    each = st.builds(Reload, moments(script.polls * SLOT), st.sampled_from(sorted(VARIANTS)))
    reloads = draw(st.lists(each, min_size=1, max_size=4, unique_by=lambda one: one.at))
    return site, script, tuple(sorted(reloads, key=lambda one: one.at))


class Player:
    """Plays a script with reloads; devices that are not configured give no input."""

    def __init__(self, site: Site, script: Script, look: Look | None = None) -> None:
        self.site = site
        self.tick = script.tick
        self.driver = Driver(
            site.plan, outcomes=script.outcomes, calendar=script.calendar, look=look
        )
        self.driver.start(T0)
        self._waiting = inputs_of(site, script)
        self._since = dict.fromkeys((device.id for device in site.plan.devices), T0)

    def go_to(self, until: int) -> None:
        """Give the core everything up to this moment."""
        while self.driver.now < until:
            now = min(self.driver.now + self.tick, until)
            due = [item for item in self._waiting if item.at <= now]
            self._waiting = self._waiting[len(due) :]
            self.driver.tick([item for item in due if self._comes(item)], now)

    def _comes(self, item: Input) -> bool:
        if not isinstance(item, Answer | Silence):
            return True
        return item.sent_at >= self._since.get(item.device, item.sent_at + 1)

    def reload(self, what: str) -> None:
        """Change the configuration now."""
        driver, at = self.driver, self.driver.now
        plan = VARIANTS[what](self.site.plan)
        again = [plan.devices[0].id] if what == "other address" else []
        before = {one.id: as_read(one) for one in driver.plan.devices}
        driver.reload(plan, at, again)
        self._since = {
            one.id: self._since[one.id]
            if one.id not in again and before.get(one.id) == as_read(one)
            else at + 1
            for one in plan.devices
        }


def play(
    site: Site, script: Script, reloads: tuple[Reload, ...], look: Look | None = None
) -> Driver:
    """Play all of it; return the driver."""
    player = Player(site, script, look)
    for reload in reloads:
        player.go_to(T0 + reload.at)
        player.reload(reload.what)
    player.go_to(T0 + script.polls * SLOT + 2 * SECOND)
    return player.driver


def state(durable: Durable) -> bytes:
    return canonical(to_plain(durable))


Life = tuple[Site, Script, tuple[Reload, ...]]


@examples(60)
@given(reloaded_lives(), st.floats(0, 1))
def test_folding_a_record_with_reloads_gives_the_durable_state(life: Life, where: float) -> None:
    """I1: from zero, and on from any snapshot."""
    driver = play(*life)
    events = driver.events
    assert state(fold(events)) == state(driver.situation.durable)
    cut = round(where * len(events))
    snapshot = json.loads(canonical(to_plain(fold(events[:cut]))))
    assert state(fold(events[cut:], from_plain(Durable, snapshot))) == state(fold(events))


@examples(60)
@given(reloaded_lives(), st.sampled_from([333_333, SECOND, 7 * SECOND, 10**12]))
def test_a_reload_is_decided_the_same_however_inputs_are_divided(life: Life, every: int) -> None:
    """I2: a configuration counts from its place among the inputs, not from a call."""
    assert_same_however_cut(life[0].plan, play(*life), every, [])


@examples(40)
@given(reloaded_lives())
def test_the_index_of_dues_has_no_key_of_what_is_gone(life: Life) -> None:
    """I4: after every tick the index is the function of facts and of the present plan."""

    def look(driver: Driver) -> None:
        situation = driver.situation
        expected = {key: due_time(situation, key) for key in all_keys(situation)}
        assert situation.dues.times == {k: at for k, at in expected.items() if at is not None}

    play(*life, look)


def lost_names(situation: Situation) -> list[str]:
    """Return what is open and names something that is not configured."""
    durable, plan = situation.durable, situation.plan
    stages = {stage.id for one in plan.programmes for stage in one.chain}
    found = [name for name in durable.outages if name not in situation.faults]
    for fault, outage in durable.outages.items():
        found += [f"{fault} {c.place.id}" for c in outage.claims.values() if is_lost(situation, c)]
    for incident in durable.incidents.values():
        open_now = standing(incident)
        found += [member.id for member in open_now if member.id not in durable.outages]
        if open_now and incident.place.stage and incident.place.stage not in stages:
            found.append(incident.place.id)
    return found


def is_lost(situation: Situation, claim: Claim) -> bool:
    devices = set(devices_of(claim.place)) - {"site"}
    return not devices <= situation.devices.keys()


@examples(60)
@given(reloaded_lives())
def test_nothing_open_names_what_is_not_configured(life: Life) -> None:
    """A5: after every tick each outage, cause, member and message is of the present plan."""

    def look(driver: Driver) -> None:
        situation, durable = driver.situation, driver.situation.durable
        assert durable.programmes.keys() == {one.id for one in situation.plan.programmes}
        assert lost_names(situation) == []
        people = {person.id for person in situation.plan.people}
        assert durable.people.keys() <= people
        for incident in (*durable.incidents.values(), *durable.closed_incidents.values()):
            assert incident.people.keys() <= people

    play(*life, look)


@examples(60)
@given(reloaded_lives())
def test_what_a_reload_takes_away_is_never_a_recovery(life: Life) -> None:
    """Rule 5.7: an outage that ends at a reload ends as reconfigured, at that moment."""
    adopted: set[int] = set()
    for event in play(*life).events:
        body = json.loads(event.body)
        if event.kind == "config_adopted":
            adopted.add(event.at)
        if event.kind == "outage_ended" and body["how"] == "reconfigured":
            assert event.at in adopted
            assert body["ended"][1] <= event.at


@examples(40)
@given(reloaded_lives())
def test_pieces_tile_time_through_reloads(life: Life) -> None:
    """L1, L4: pieces follow one another, and all wall time of a programme is in one column."""
    begins: dict[str, int] = {}

    def look(driver: Driver) -> None:
        programmes = driver.situation.durable.programmes
        for gone in begins.keys() - programmes.keys():
            del begins[gone]
        for name, now in programmes.items():
            if now.booked_to is None:
                begins.pop(name, None)
                continue
            begin = now.booked_to - sum(now.seconds.values())
            assert begins.setdefault(name, begin) == begin

    driver = play(*life, look)
    starts: dict[str, list[int]] = {}
    for event in driver.events:
        if event.kind == "programme_withdrawn":
            del starts[event.subject]
        if event.kind == "piece_opened":
            starts.setdefault(event.subject, []).append(json.loads(event.body)["start"])
    for found in starts.values():
        assert found == sorted(found)


def verdicts_of(events: list[Event], programme: str) -> list[tuple[str, bytes]]:
    """Return what the ledger says of one programme, without numbers."""
    kinds = ("piece_opened", "bad_proven")
    return [(e.kind, e.body) for e in events if e.subject == programme and e.kind in kinds]


SHARED = shared_site()
QUIET = ("fewer programmes", "same", "fewer people", "same")
"""Reloads that leave the first programme and its devices as they are."""


@examples(60)
@given(scripts(SHARED, restarts=False, steps=False), st.lists(st.floats(0, 1), max_size=4))
def test_a_programme_that_stays_the_same_has_the_same_ledger(
    script: Script, where: list[float]
) -> None:
    """Rule 5.7: what the reload of a neighbour leaves alone is judged as if nothing happened."""
    at = sorted({1 + round(part * script.polls * SLOT) for part in where})
    reloads = tuple(Reload(*pair) for pair in zip(at, QUIET, strict=False))
    alone, disturbed = play(SHARED, script, ()), play(SHARED, script, reloads)
    assert verdicts_of(disturbed.events, "one") == verdicts_of(alone.events, "one")
    one, same_one = (d.situation.durable.programmes["one"] for d in (alone, disturbed))
    assert (one.seconds, one.figures) == (same_one.seconds, same_one.figures)
