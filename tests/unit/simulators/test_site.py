"""The site: what each fault does to the audience, and what the equipment says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.plant.faults import HOUR, SECOND, Fault, What
from simulators.plant.randomly import random_faults
from simulators.plant.signals import Signal, inverted, pulses
from simulators.plant.site import PROGRAMME, Site, SiteFacts
from simulators.plant.transmitter import (
    ALARM_1DB,
    ALARM_3DB,
    FAULT,
    FORWARD_POWER,
    OPMODE,
    RF_PRESENT,
    SYS_UP_TIME,
    WANTED_POWER,
    WARNING,
    Oid,
)

UNHURRIED = settings(deadline=None, max_examples=50)  # a busy machine is no failure
ECRESO_SCALARS = {  # read off ECRESO-FM-TRANS-MIB by hand, a second time
    "1.3.6.1.4.1.6404.3.1.2.7.1.2.2.0": FAULT,
    "1.3.6.1.4.1.6404.3.1.2.7.1.2.3.0": WARNING,
    "1.3.6.1.4.1.6404.3.1.2.7.1.3.1.0": FORWARD_POWER,
    "1.3.6.1.4.1.6404.3.1.2.7.1.4.5.0": OPMODE,
    "1.3.6.1.4.1.6404.3.1.2.7.1.4.6.0": WANTED_POWER,
    "1.3.6.1.4.1.6404.3.1.2.7.1.4.7.0": RF_PRESENT,
}
RESERVE = SiteFacts(has_reserve=True)


def at_s(seconds: float) -> int:
    return round(seconds * SECOND)


def fault(
    since_s: float, until_s: float, what: What, amount: int = 0, device: str = "fm1"
) -> Fault:
    return Fault(at_s(since_s), at_s(until_s), what, amount, device)


def off_air_s(site: Site) -> list[tuple[float, float]]:
    """Return when the audience received nothing, in seconds."""
    times = site.truth(PROGRAMME).times
    return [(a / SECOND, b / SECOND) for a, b in zip(times[::2], times[1::2], strict=True)]


def value(site: Site, oid: Oid, seconds: float) -> object:
    return site.fm1_objects(at_s(seconds))[oid][1]


def inputs(site: Site, seconds: float) -> list[int]:
    """Return the wire addresses of the contacts that are closed."""
    return [place for place, closed in enumerate(site.room_inputs(at_s(seconds))) if closed]


def test_a_healthy_site_is_on_the_air_for_ever() -> None:
    """Without a fault there is full power, no alarm and sound."""
    site = Site([])
    assert off_air_s(site) == []
    assert value(site, FORWARD_POWER, 0) == value(site, WANTED_POWER, 0) == 1000
    alarms = [value(site, oid, 0) for oid in (FAULT, WARNING, ALARM_1DB, ALARM_3DB)]
    assert alarms == [2, 2, 2, 2]
    assert (value(site, OPMODE, 0), value(site, RF_PRESENT, 0), inputs(site, 0)) == (1, 1, [])


def test_objects_stand_where_the_mib_has_them() -> None:
    """A wrong OID here would make a wrong profile look right."""
    found = {".".join(map(str, oid)): oid for oid in Site([]).fm1_objects(0)}
    assert {text: found.get(text) for text in ECRESO_SCALARS} == ECRESO_SCALARS


@pytest.mark.needs_shared
@pytest.mark.parametrize("walk", ["ecresofm-os", "ecresofm-os_e01", "ecresofm-os_g10"])
def test_objects_have_the_syntax_of_a_recorded_transmitter(shared: Path, walk: str) -> None:
    """The simulated agent answers in the types in which a real one did."""
    tags = {"integer": "2", "octets": "4", "gauge32": "66", "timeticks": "67"}
    text = (shared / f"librenms/transmitter/{walk}.snmprec").read_text("latin-1")
    recorded = dict(line.split("|")[:2] for line in text.splitlines() if line.count("|") > 1)
    shown = {
        ".".join(map(str, oid)): tags[syntax]
        for oid, (syntax, _) in Site([]).fm1_objects(0).items()
    }
    common = shown.keys() & recorded.keys() & {*ECRESO_SCALARS}
    assert len(common) >= 4
    assert {oid: shown[oid] for oid in common} == {oid: recorded[oid] for oid in common}


def test_a_trip_takes_the_carrier_and_raises_the_fault() -> None:
    """The operating mode stays on: the transmitter is wanted, and fails."""
    site = Site([fault(10, 20, What.CARRIER_TRIP)])
    assert off_air_s(site) == [(10, 20)]
    assert (value(site, FORWARD_POWER, 10), value(site, FAULT, 10)) == (0, 1)
    assert (value(site, OPMODE, 10), value(site, RF_PRESENT, 10)) == (1, 2)
    assert (value(site, FORWARD_POWER, 20), value(site, FAULT, 20)) == (1000, 2)


def test_the_agent_shows_what_it_last_looked_at() -> None:
    """Between a trip and the next look the agent still shows full power."""
    facts = SiteFacts(agent_refresh=at_s(4), agent_phase=at_s(1))
    site = Site([fault(10, 20, What.CARRIER_TRIP)], facts)
    shown = [value(site, FORWARD_POWER, t) for t in (12.999, 13, 20.999, 21)]
    assert shown == [1000, 0, 0, 1000]


def test_reduced_power_still_reaches_the_audience() -> None:
    """45 % of the power is a 3 dB alarm and no outage; 5 % is an outage without a trip."""
    site = Site([fault(10, 20, What.POWER_DROP_TO, 450), fault(30, 40, What.POWER_DROP_TO, 50)])
    assert off_air_s(site) == [(30, 40)]
    assert [value(site, oid, 15) for oid in (FORWARD_POWER, ALARM_3DB, FAULT)] == [450, 1, 2]


def test_silence_is_off_air_at_once_and_said_after_the_hold() -> None:
    """The audience hears nothing ten seconds before the contact says so, and sound 2 s earlier."""
    site = Site([fault(100, 130, What.SILENCE), fault(200, 209, What.SILENCE)])
    assert off_air_s(site) == [(100, 130), (200, 209)]
    contact = [bool(inputs(site, t)) for t in (109.9, 110, 131.9, 132, 209, 215)]
    assert contact == [False, True, True, False, False, False]
    assert inputs(site, 120) == [0]


def test_a_mains_dip_silences_the_agent_longer_than_the_carrier() -> None:
    """Full power is back after the start, the agent after its boot, with a new clock."""
    site = Site([fault(10, 11, What.MAINS_DIP)])
    assert off_air_s(site) == [(10, 16)]
    assert site.objects("fm1", at_s(30.9)) is None
    assert value(site, SYS_UP_TIME, 36) == 500
    assert (inputs(site, 10), inputs(site, 11)) == ([1], [])


def test_a_restarted_agent_begins_a_new_clock_and_the_carrier_stays() -> None:
    """sysUpTime is in hundredths, and starts over."""
    site = Site([fault(10, 40, What.AGENT_RESTART)])
    assert off_air_s(site) == []
    assert value(site, SYS_UP_TIME, 9) == (3600 + 9) * 100
    assert site.objects("fm1", at_s(10)) is None
    assert (site.objects("fm1", at_s(40)) or {})[SYS_UP_TIME] == ("timeticks", 0)


def test_silent_answers_are_told_apart_by_device() -> None:
    """An input module that hangs leaves the transmitter's agent alone."""
    site = Site([fault(10, 20, What.AGENT_SILENT, device="room_io")])
    assert [site.room_answers.at(at_s(t)) for t in (9, 10, 20)] == [True, False, True]
    assert site.objects("fm1", at_s(15)) is not None


def test_a_silent_agent_keeps_its_clock_and_its_carrier() -> None:
    """Silence is of the answers alone: nothing restarted, nobody went off the air."""
    site = Site([fault(10, 20, What.AGENT_SILENT)])
    assert [site.objects("fm1", at_s(t)) is None for t in (9, 10, 19, 20)] == [0, 1, 1, 0]
    assert value(site, SYS_UP_TIME, 20) == (3600 + 20) * 100
    assert off_air_s(site) == []


def test_a_clean_changeover_is_no_outage() -> None:
    """The reserve is on the air before the main transmitter goes, and the other way back."""
    site = Site([fault(10, 60, What.CHANGEOVER_CLEAN, at_s(0.5))], RESERVE)
    assert off_air_s(site) == []
    main, reserve = (
        [site.transmitters[id_].actual.at(at_s(t)).forward_power_w for t in (10.2, 11, 59.7, 60)]
        for id_ in ("fm1", "fm2")
    )
    assert (main, reserve) == ([1000, 0, 1000, 1000], [1000, 1000, 1000, 0])


def test_a_changeover_with_a_gap_is_two_outages() -> None:
    """Break before make: nobody is on the air in between, there and back."""
    site = Site([fault(10, 60, What.CHANGEOVER_GAP, at_s(3))], RESERVE)
    assert off_air_s(site) == [(10, 13), (57, 60)]
    assert value(site, FAULT, 30) == 2
    assert value(site, OPMODE, 30) == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: fault(10, 10, What.SILENCE), "silence ends at"),
        (lambda: fault(10, 20, What.SILENCE, 5), "means nothing here"),
        (lambda: fault(10, 20, What.CHANGEOVER_GAP, at_s(5)), "do not fit"),
        (lambda: Site([fault(1, 2, What.CARRIER_TRIP, device="fm2")]), "no fm2 here, only fm1"),
        (lambda: Site([fault(1, 9, What.CHANGEOVER_CLEAN, 1)]), "no reserve"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(wrong: Callable[[], object], says: str) -> None:
    """A story with a slip in it would prove something else."""
    with pytest.raises(ValueError, match=says):
        wrong()


def test_the_truth_of_another_programme_is_unknown() -> None:
    """The plant makes no claim for what it does not carry."""
    with pytest.raises(KeyError):
        Site([]).truth("province_fm")


def shortest(of: Signal[bool]) -> int:
    """Return the shortest state between two changes."""
    lengths = (b - a for a, b in zip(of.times, of.times[1:], strict=False))
    return min(lengths, default=10**15)


@UNHURRIED
@given(st.integers(0, 10_000), st.booleans())
def test_honest_states_last_as_long_as_asked(seed: int, has_reserve: bool) -> None:
    """Carrier, each transmitter's power and sound keep each state for the agreed time."""
    facts = SiteFacts(has_reserve=has_reserve)
    faults = random_faults(seed, 200, honest=True, facts=facts, state_min=at_s(45))
    site = Site(faults, facts)
    powers = [
        transmitter.actual.map(lambda state: state.forward_power_w > 0)
        for transmitter in site.transmitters.values()
    ]
    assert all(0 <= each.at < each.until <= 200 * HOUR for each in faults)
    assert all(shortest(state) >= at_s(45) for state in (site.carrier, site.sound, *powers))


def test_random_faults_are_the_same_for_the_same_seed() -> None:
    """A failing seed can be run again; another seed is another history."""
    runs = [random_faults(seed, 100, honest=False, facts=RESERVE) for seed in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]


def test_random_faults_bring_every_kind_short_and_long() -> None:
    """From 100 ms to hours, in the span asked for, at about the pace asked for."""
    faults = random_faults(1, 5_000, honest=False, facts=RESERVE, faults_per_hour=2.0)
    lengths = [fault.until - fault.at for fault in faults]
    assert {fault.what for fault in faults} == set(What)
    assert min(lengths) < at_s(0.2)
    assert max(lengths) > HOUR
    assert max(fault.until for fault in faults) <= 5_000 * HOUR
    assert 5_000 < len(faults) < 20_000


@UNHURRIED
@given(st.integers(0, 10_000))
def test_the_truth_is_carrier_and_sound(seed: int) -> None:
    """The audience receives exactly when a transmitter gives power and the studio gives sound."""
    facts = SiteFacts(has_reserve=True)
    faults = random_faults(seed, 50, honest=False, facts=facts, faults_per_hour=10)
    site = Site(faults, facts)
    quiet = pulses((f.at, f.until) for f in faults if f.what is What.SILENCE)
    for t in (*site.carrier.times, *inverted(quiet).times):
        powers_w = [x.actual.at(t).forward_power_w for x in site.transmitters.values()]
        assert site.truth(PROGRAMME).at(t) == (max(powers_w) >= 100 and not quiet.at(t))
