"""One cause is one incident, by whichever condition it is known: rules 3 and 5.2, FAULTS E4."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitord.core.causes import causes_of
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.support.seam import Site

ALARM = "{alarm: {severity: major, clear_after: 30s}}"
STAGE = "{{stage: {stage}, name: 发射, owner: own, needs: {needs}}}"
Middle = Callable[[DutyLog], object]


def stage(name: str, needs: str) -> str:
    """Return a stage of a chain."""
    return STAGE.format(stage=name, needs=needs)


def programme(name: str, *stages: str) -> str:
    """Return a programme with this chain."""
    return f"{name}: {{name: {name}台, chain: [{', '.join(stages)}]}}\n"


def services(*numbers: int) -> str:
    """Return programmes that are services of one multiplexer, over one transmitter."""
    return "".join(
        programme(f"tv{n}", stage("services", f"mux.s{n}"), stage("transmitter", "tx.radiating"))
        for n in numbers
    )


def two_programmes(above: str, more: str = "", link: str = "link") -> Site:
    """Return a link that is a stage of one programme, and what the other one's device rests on."""
    devices = f"""
    link: {{kind: link}}
    tx1: {{kind: transmitter}}
    tx2: {{kind: transmitter, {above}: link.locked}}
    """
    first = programme("a", stage(link, "link.locked"), stage("transmitter", "tx1.radiating"))
    return station(devices, first + programme("b", stage("transmitter", "tx2.radiating")) + more)


def of_link(*, alarm: bool = True, name: str = "link", chain: bool = True) -> Site:
    """Return a link with an alarm of its own, which a stage of that name needs."""
    known = f", conditions: {{locked: {ALARM}}}" if alarm else ""
    stages = [stage("transmitter", "tx.radiating")]
    stages = [stage(name, "link.locked"), *stages] if chain else stages
    return station(
        f"link: {{kind: link{known}}}\ntx: {{kind: transmitter}}", programme("a", *stages)
    )


def nothing(log: DutyLog) -> None:
    """Let it go on."""


def restarted(log: DutyLog) -> None:
    """Stop monitord in the middle, and start it again."""
    log.until("02:11:00").power_cut("02:11:05")


def reloaded(log: DutyLog) -> None:
    """Reload the same in the middle."""
    log.until("02:11:00").reload(log.site)


MIDDLES = pytest.mark.parametrize("middle", [nothing, restarted, reloaded])
BOTH = ["opened", "recovered"]


def kinds(log: DutyLog) -> list[str]:
    """Return the kinds of the messages, in order."""
    return [message.told for message in log.messages()]


def places(log: DutyLog) -> set[str]:
    """Return the places of all messages."""
    return {message.place for message in log.messages()}


def incidents(log: DutyLog) -> int:
    """Return how many incidents there were."""
    return sum(event.kind == "incident_opened" for event in log.driver.events)


@MIDDLES
@pytest.mark.parametrize("above", ["powered_by", "behind", "mutes_on_input"])
@pytest.mark.parametrize("first", ["link", "tx2", "both"])
def test_a_stage_of_one_programme_that_explains_another_one_is_one_incident(
    above: str, first: str, middle: Middle
) -> None:
    """Two bells rang in one second for the same receiver, with a recovery each."""
    log = DutyLog(two_programmes(above), begins="02:00:00")
    states = {"link": "down", "tx2": "standby"}
    early = states if first == "both" else {first: states[first]}
    log.then("02:10:00", **early)
    log.then("02:10:00.4" if first == "tx2" else "02:10:02", **states)
    middle(log)
    log.then("02:12:00", link="good", tx2="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"link/link"})
    # What the transmitter shows before the link does is an incident until then, without a message.
    assert first == "tx2" or incidents(log) == 1


@MIDDLES
@pytest.mark.parametrize("late", ["02:10:00", "02:10:03", "02:10:20"])
def test_a_multiplexer_of_three_services_is_one_incident_whichever_the_transmitter_mutes_on(
    late: str, middle: Middle
) -> None:
    """A dead multiplexer is one incident with all its outages (rule 5.2)."""
    devices = "mux: {kind: mux}\ntx: {kind: transmitter, mutes_on_input: mux.s1}"
    three = services(1, 2, 3)
    log = DutyLog(station(devices, three), begins="02:00:00")
    log.then("02:10:00", mux="dead").then(late, tx="standby")
    middle(log)
    log.then("02:12:00", mux="good").then("02:12:10", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"mux/services"})
    assert incidents(log) == 1


def test_one_service_that_is_lost_and_mutes_the_transmitter_is_the_cause_for_all() -> None:
    """The others have their service; they are off by the same multiplexer."""
    devices = "mux: {kind: mux}\ntx: {kind: transmitter, mutes_on_input: mux.s5}"
    two = services(4, 5)
    log = DutyLog(station(devices, two), begins="02:00:00")
    log.then("02:10:00", mux="s5_lost", tx="standby")
    log.then("02:12:00", mux="good").then("02:12:10", tx="good").until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"mux/services"})


@pytest.mark.parametrize("stages", [True, False])
def test_an_alarm_goes_on_by_itself_beside_an_outage_by_its_condition(*, stages: bool) -> None:
    """Nothing holds it back: what its own delay and severity are is the owner's decision."""
    log = DutyLog(of_link(chain=stages), begins="02:00:00").then("02:10:00", link="down")
    log.then("02:12:00", link="good").until("02:20:00")
    found = {(message.told, message.place) for message in log.messages()}
    assert found >= {("opened", "link/locked"), ("recovered", "link/locked")}


def test_an_alarm_of_a_value_that_the_stage_wants_is_a_cause_of_its_own() -> None:
    """That a link is locked can be no cause of its stage."""
    devices = """
    link: {kind: link, conditions: {locked: {alarm: {severity: major, when: true}}}}
    tx: {kind: transmitter}
    """
    chain = programme("a", stage("link", "link.locked"), stage("transmitter", "tx.radiating"))
    log = DutyLog(station(devices, chain), begins="02:00:00").until("02:10:00")
    assert places(log) == {"link/locked"}


@pytest.mark.parametrize("above", ["behind", "mutes_on_input"])
def test_a_stage_that_is_named_as_its_condition_is_one_cause_too(above: str) -> None:
    """Both have one id then."""
    log = DutyLog(two_programmes(above, link="locked"), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").then("02:12:00", link="good", tx2="good")
    log.until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"link/locked"})


@pytest.mark.parametrize("above", ["behind", "mutes_on_input"])
def test_of_two_stages_of_one_device_a_third_programme_has_the_first_one_of_the_plan(
    above: str,
) -> None:
    """A device in two stages is two causes; what rests on it without a stage has one of them."""
    other = programme("c", stage("uplink", "link.locked"), stage("transmitter", "tx1.radiating"))
    log = DutyLog(two_programmes(above, more=other), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").then("02:12:00", link="good", tx2="good")
    log.until("02:20:00")
    owned = {e["programme"]: e["owners"][-1][2] for e in log.ended() if e["fault"] == "off_air"}
    assert owned == {"a": "link/link", "b": "link/link", "c": "link/uplink"}


@pytest.mark.parametrize("above", ["behind", "mutes_on_input"])
def test_a_reload_with_another_stage_of_the_device_rings_nobody(above: str) -> None:
    """The cause that an outage has goes on, though the plan now names another stage first."""
    log = DutyLog(two_programmes(above), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").until("02:11:00")
    more = programme("d", stage("link", "link.locked"), stage("transmitter", "tx1.radiating"))
    log.reload(two_programmes(above, link="uplink", more=more))
    log.then("02:15:00", link="good", tx2="good").until("02:25:00")
    of_b = [m for m in log.messages() if any(one.name == "b" for one in m.members)]
    assert {m.place for m in of_b} == {"link/link"}


@pytest.mark.parametrize("above", ["powered_by", "behind", "mutes_on_input"])
@pytest.mark.parametrize("first", ["a", "b"])
def test_what_is_off_by_a_stage_of_others_has_the_reason_that_it_shows_itself(
    above: str, first: str
) -> None:
    """Whichever programme opened the incident, while it lasts and when it is over."""
    log = DutyLog(two_programmes(above), begins="02:00:00")
    states = {"a": {"link": "down"}, "b": {"link": "down", "tx2": "standby"}}
    log.then("02:10:00", **states[first]).then("02:10:01", **states["b"])
    log.then("02:12:00", link="good", tx2="good").until("02:20:00")
    members = [m for alert in log.alerts() for m in alert["members"] if m["programme"] == "b"]
    assert {(m["reason"], m["stage"]) for m in members} == {("no_carrier", "transmitter")}
    assert {tuple(alert["cause"]["conditions"]) for alert in log.alerts()} == {("link.locked",)}


def test_a_reload_without_the_programme_that_has_the_stage_rings_nobody() -> None:
    """What goes on has the same cause."""
    log = DutyLog(two_programmes("behind"), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").until("02:11:00")
    devices = """
    link: {kind: link}
    tx2: {kind: transmitter, behind: link.locked}
    """
    log.reload(station(devices, programme("b", stage("transmitter", "tx2.radiating"))))
    log.then("02:12:00", link="good", tx2="good").until("02:20:00")
    assert (kinds(log)[0], kinds(log)[-1], places(log)) == ("opened", "recovered", {"link/link"})
    assert kinds(log).count("opened") == 1


def of_before(site: Site, states: dict[str, str]) -> DutyLog:
    """Return a log whose record has the ids of causes that an earlier monitord gave."""
    log = DutyLog(site, begins="02:00:00").until("02:09:00")
    log.driver.situation.needed_by.clear()
    return log.then("02:10:00", **states).until("02:10:30")


@pytest.mark.parametrize("above", ["powered_by", "behind", "mutes_on_input"])
@pytest.mark.parametrize("middle", [restarted, reloaded])
def test_causes_of_an_earlier_record_go_on_under_their_ids_and_ring_nobody(
    above: str, middle: Middle
) -> None:
    """Open claims have the condition's own id there."""
    log = of_before(two_programmes(above), {"link": "down", "tx2": "standby"})
    before = len(log.messages())
    middle(log)
    log.then("02:12:00", link="good", tx2="good").until("02:20:00")
    found = sorted((m.told, m.place) for m in log.messages()[before:])
    assert found == [("recovered", "link/link"), ("recovered", "link/locked")]


@pytest.mark.parametrize("above", ["powered_by", "behind", "mutes_on_input"])
def test_what_falls_by_a_cause_that_is_an_incident_joins_it_whatever_stage_is_new(
    above: str,
) -> None:
    """A reload adds a programme that has the link as a stage, and is not on the air at night."""
    devices = f"""
    link: {{kind: link}}
    tx1: {{kind: transmitter}}
    tx2: {{kind: transmitter, {above}: link.locked}}
    tx3: {{kind: transmitter, {above}: link.locked}}
    """
    parts = [(2, "b"), (3, "c")]
    rest = "".join(programme(p, stage("transmitter", f"tx{n}.radiating")) for n, p in parts)
    by_day = programme("a", stage("link", "link.locked"), stage("transmitter", "tx1.radiating"))
    by_day = by_day.replace("chain:", "schedule: {daily: '06:00-23:00'}, chain:")
    log = DutyLog(station(devices, rest), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").until("02:11:00")
    log.reload(station(devices, by_day + rest)).then("02:11:30", tx3="standby")
    log.then("02:14:00", link="good", tx2="good", tx3="good").until("02:20:00")
    assert places(log) == {"link/locked"}
    assert incidents(log) == 1


def test_a_service_that_the_transmitter_does_not_mute_on_explains_nothing_of_it() -> None:
    """The multiplexer is bad by another service: the transmitter tripped by itself."""
    devices = "mux: {kind: mux}\ntx: {kind: transmitter, mutes_on_input: mux.s1}"
    two = services(1, 2)
    log = DutyLog(station(devices, two), begins="02:00:00")
    log.then("02:10:00", mux="even_lost").then("02:11:00", tx="tripped")
    log.until("02:13:00")
    claims = log.driver.situation.durable.outages["tv2/off_air"].claims
    assert sorted(claims) == ["mux/services", "tx/transmitter"]


@pytest.mark.parametrize("name", ["silent", "no_value", "inconsistent"])
def test_a_stage_that_is_named_like_a_silence_is_none(name: str) -> None:
    """A transmitter in it mutes, and what is on its device from outside has the condition's id."""
    devices = """
    link: {kind: link}
    tx1: {kind: transmitter, mutes_on_input: link.locked}
    """
    chain = programme("a", stage(name, "tx1.radiating"))
    log = DutyLog(station(devices, chain), begins="02:00:00")
    log.then("02:10:00", link="down", tx1="standby").then("02:12:00", link="good", tx1="good")
    log.until("02:20:00")
    assert (kinds(log), places(log)) == (BOTH, {"link/locked"})
    log = DutyLog(two_programmes("mutes_on_input", link=name), begins="02:00:00")
    log.then("02:10:00", link="down", tx2="standby").until("02:11:00")
    claims = log.driver.situation.durable.outages["b/off_air"].claims
    assert list(claims) == ["link/locked"]


@pytest.mark.parametrize("name", ["silent", "no_value", "link"])
def test_a_link_that_is_a_stage_of_any_name_and_mutes_the_next_layer_is_one_cause(
    name: str,
) -> None:
    """Also where the stage has the name of a silence: then its id is its own alone."""
    devices = """
    link: {kind: link, conditions: {fed: {layer: content, true_when: locked}}}
    tx1: {kind: transmitter, mutes_on_input: link.fed}
    """
    chain = programme("a", stage(name, "link.fed"), stage("transmitter", "tx1.radiating"))
    log = DutyLog(station(devices, chain), begins="02:00:00")
    log.then("02:10:00", link="down").then("02:10:02", tx1="standby").until("02:11:00")
    situation = log.driver.situation
    assert list(causes_of(situation, situation.programmes["a"].plan, {})) == [f"link/{name}"]
    log.then("02:12:00", link="good", tx1="good").until("02:20:00")
    assert kinds(log) == BOTH
    assert places(log) == {f"link/{name}"}
