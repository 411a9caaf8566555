"""The small site: the effect of each fault on the audience and on the equipment's values."""

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
ECRESO_SCALARS = {  # read from ECRESO-FM-TRANS-MIB by hand, independently
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


# Faults, and when the audience receives nothing, in seconds; with a reserve transmitter.
OUTAGES: list[tuple[list[Fault], list[tuple[float, float]]]] = [
    ([], []),
    ([fault(10, 20, What.CARRIER_TRIP)], [(10, 20)]),
    # 45 % of the power is a 3 dB alarm and no outage; 5 % is an outage without a trip.
    ([fault(10, 20, What.POWER_DROP_TO, 450), fault(30, 40, What.POWER_DROP_TO, 50)], [(30, 40)]),
    ([fault(100, 130, What.SILENCE), fault(200, 209, What.SILENCE)], [(100, 130), (200, 209)]),
    ([fault(10, 11, What.MAINS_DIP)], [(10, 16)]),
    ([fault(10, 40, What.AGENT_RESTART), fault(50, 60, What.AGENT_SILENT)], []),
    ([fault(10, 60, What.CHANGEOVER_CLEAN, at_s(0.5))], []),
    ([fault(10, 60, What.CHANGEOVER_GAP, at_s(3))], [(10, 13), (57, 60)]),
]


def test_the_audience_receives_nothing_exactly_then() -> None:
    """The truth that a monitor has to find."""
    for faults, outages in OUTAGES:
        assert off_air_s(Site(faults, RESERVE)) == outages, faults


def test_a_healthy_site_shows_full_power_and_no_alarm() -> None:
    """Alarms are 2 while they are quiet; transmission is wanted, and RF is present."""
    site = Site([])
    assert value(site, FORWARD_POWER, 0) == value(site, WANTED_POWER, 0) == 1000
    alarms = [value(site, oid, 0) for oid in (FAULT, WARNING, ALARM_1DB, ALARM_3DB)]
    assert alarms == [2, 2, 2, 2]
    assert (value(site, OPMODE, 0), value(site, RF_PRESENT, 0), inputs(site, 0)) == (1, 1, [])


def test_objects_are_where_the_mib_has_them() -> None:
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


def test_a_trip_shows_no_power_and_a_fault() -> None:
    """The operating mode stays on: the transmitter is wanted, and fails."""
    site = Site([fault(10, 20, What.CARRIER_TRIP)])
    assert (value(site, FORWARD_POWER, 10), value(site, FAULT, 10)) == (0, 1)
    assert (value(site, OPMODE, 10), value(site, RF_PRESENT, 10)) == (1, 2)
    assert (value(site, FORWARD_POWER, 20), value(site, FAULT, 20)) == (1000, 2)


def test_reduced_power_is_a_3db_alarm_without_a_fault() -> None:
    """45 % of the wanted power."""
    site = Site([fault(10, 20, What.POWER_DROP_TO, 450), fault(30, 40, What.POWER_DROP_TO, 50)])
    assert [value(site, oid, 15) for oid in (FORWARD_POWER, ALARM_3DB, FAULT)] == [450, 1, 2]


def test_the_contact_closes_and_opens_after_its_holds() -> None:
    """10 s of silence close it, 2 s of sound open it; 9 s of silence do not."""
    site = Site([fault(100, 130, What.SILENCE), fault(200, 209, What.SILENCE)])
    contact = [bool(inputs(site, t)) for t in (109.9, 110, 131.9, 132, 209, 215)]
    assert contact == [False, True, True, False, False, False]
    assert inputs(site, 120) == [0]


def test_after_a_mains_dip_the_agent_boots() -> None:
    """It answers 20 s after the dip, with a new clock."""
    site = Site([fault(10, 11, What.MAINS_DIP)])
    assert site.objects("fm1", at_s(30.9)) is None
    assert value(site, SYS_UP_TIME, 36) == 500
    assert (inputs(site, 10), inputs(site, 11)) == ([1], [])


def test_a_restarted_agent_begins_a_new_clock_and_the_carrier_stays() -> None:
    """sysUpTime is in hundredths, and starts over."""
    site = Site([fault(10, 40, What.AGENT_RESTART)])
    assert value(site, SYS_UP_TIME, 9) == (3600 + 9) * 100
    assert site.objects("fm1", at_s(10)) is None
    assert (site.objects("fm1", at_s(40)) or {})[SYS_UP_TIME] == ("timeticks", 0)


def test_a_silent_device_leaves_the_other_alone() -> None:
    """An input module that hangs leaves the transmitter's agent alone."""
    site = Site([fault(10, 20, What.AGENT_SILENT, device="room_io")])
    assert [site.room_answers.at(at_s(t)) for t in (9, 10, 20)] == [True, False, True]
    assert site.objects("fm1", at_s(15)) is not None


def test_a_silent_agent_keeps_its_clock_and_its_carrier() -> None:
    """Only answers are missing: nothing restarted."""
    site = Site([fault(10, 20, What.AGENT_SILENT)])
    assert [site.objects("fm1", at_s(t)) is None for t in (9, 10, 19, 20)] == [0, 1, 1, 0]
    assert value(site, SYS_UP_TIME, 20) == (3600 + 20) * 100


def test_a_changeover_is_no_fault_of_the_main_transmitter() -> None:
    """It is commanded off, and both are on the air during a clean change."""
    site = Site([fault(10, 60, What.CHANGEOVER_GAP, at_s(3))], RESERVE)
    assert (value(site, FAULT, 30), value(site, OPMODE, 30)) == (2, 2)
    clean = Site([fault(10, 60, What.CHANGEOVER_CLEAN, at_s(0.5))], RESERVE)
    main, reserve = (
        [clean.transmitters[id_].actual.at(at_s(t)).forward_power_w for t in (10.2, 11, 59.7, 60)]
        for id_ in ("fm1", "fm2")
    )
    assert (main, reserve) == ([1000, 0, 1000, 1000], [1000, 1000, 1000, 0])


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
def test_an_impossible_fault_is_refused(wrong: Callable[[], object], says: str) -> None:
    """A story with a mistake would prove something else."""
    with pytest.raises(ValueError, match=says):
        wrong()


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
    """From 100 ms to hours, in the span asked for, at about the rate that is wanted."""
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
