"""The county station's physics, as scenarios in words. Reads no socket."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.mibs.kinds import FRAME_KINDS, MODBUS_KINDS, SNMP_KINDS
from simulators.plant.county.layout import Layout, LayoutError
from simulators.plant.county.log import log
from simulators.plant.county.ramps import ramp
from simulators.plant.county.station import Station
from simulators.plant.county.vocabulary import NEVER, SITE, VOCABULARY, StationFault
from simulators.plant.faults import SECOND
from simulators.plant.signals import Signal, constant, signal
from simulators.site_file import read_site

TELEVISION = ("channel_1", "channel_2", "central")


@cache
def county() -> Layout:
    return read_site()


def fault(
    what: str, device: str = SITE, *, at: float, until: float | None = None, amount: int = 0
) -> StationFault:
    end = NEVER if until is None else round(until * SECOND)
    return StationFault(round(at * SECOND), end, what, device, amount)


def station(*faults: StationFault) -> Station:
    return Station(county(), faults)


def off_air_s(of: Station, programme: str) -> list[tuple[float, float]]:
    """Return when the audience received nothing, in seconds."""
    times = [at / SECOND for at in of.truth(programme).times]
    return list(zip(times[::2], [*times[1::2], float("inf")], strict=False))


def test_a_healthy_station_is_on_the_air_for_ever() -> None:
    """Nothing happens by itself."""
    healthy = station()
    assert [off_air_s(healthy, p) for p in healthy.programmes()] == [[]] * 4
    assert log(healthy, 0, 10**12) == []


TRIP = fault("trip", "dtmb1", at=10, until=60)
CHANGE_OVER = StationFault(10 * SECOND, 10 * SECOND + 1, "change_over", "changeover")
# Faults, and when the audience of some programmes receives nothing, in seconds.
OUTAGES: dict[str, tuple[list[StationFault], dict[str, list[tuple[float, float]]]]] = {
    "exciters bridge a dip of a quarter second": (
        [fault("mains_off", at=50, until=50.25)],
        {"channel_1": []},
    ),
    "a longer dip costs the whole boot": (
        [fault("mains_off", at=50, until=50.5)],
        {"channel_1": [(50.3, 75.5)]},
    ),
    "three seconds to confirm a trip, five for the coax switch": (
        [TRIP],
        {key: [(10, 18)] for key in TELEVISION} | {"county_fm": []},
    ),
    "a trip shorter than the confirmation starts no changeover": (
        [fault("trip", "dtmb1", at=10, until=12)],
        {"central": [(10, 12)]},
    ),
    "with the unit on manual the trip lasts to its end": (
        [TRIP, fault("no_automatic", "changeover", at=0)],
        {"central": [(10, 60)]},
    ),
    "a reserve that is down takes over when it is repaired": (
        [fault("trip", "dtmb1", at=10), fault("trip", "dtmb2", at=0, until=30)],
        {"central": [(10, 35)]},
    ),
    "a commanded changeover breaks before it makes": ([CHANGE_OVER], {"central": [(10, 15)]}),
    "lost modules reduce the power, without an outage": (
        [fault("modules_lost", "dtmb1", at=10, until=20, amount=2)],
        {"central": []},
    ),
    "a stopped server is black for two seconds, then the backup": (
        [fault("stops", "playout1_main", at=10, until=40)],
        {"channel_1": [(10, 12)]},
    ),
    "the switcher does not leave a frozen picture": (
        [fault("freeze", "playout1_main", at=10, until=30)],
        {"channel_1": [(10, 30)]},
    ),
    "the silence switcher leaves a silent main after ten seconds": (
        [fault("silence", "fm_playout_main", at=10, until=60)],
        {"county_fm": [(10, 20)]},
    ),
    "an encoder takes one programme": (
        [fault("stops", "encoder2", at=10, until=20)],
        {"channel_1": [], "channel_2": [(10, 20)], "central": []},
    ),
    "the multiplexer takes all of television": (
        [fault("stops", "mux", at=10, until=20)],
        {key: [(10, 20)] for key in TELEVISION} | {"county_fm": []},
    ),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_the_audience_receives_nothing_exactly_then(name: str) -> None:
    """The truth that a monitor has to find."""
    faults, outages = OUTAGES[name]
    site = station(*faults)
    assert {programme: off_air_s(site, programme) for programme in outages} == outages


def seconds(of: Signal[Any]) -> list[float]:
    """Return the times of the changes in seconds."""
    return [at / SECOND for at in of.times]


def test_mains_fail_and_the_generator_takes_over() -> None:
    """3 s to confirm, 7 to crank, 1 to transfer; a UPS of 20 min carries the load meanwhile."""
    power = station(fault("mains_off", at=100, until=400)).power
    assert seconds(power.bus) == [100, 111, 415, 415.1]
    assert seconds(power.is_running) == [110, 475]
    charge = power.ups["ups1"].charge
    assert [charge.at(t * SECOND) for t in (100, 111, 2_000)] == pytest.approx(
        [100, 100 - 11 / 12, 100]
    )
    assert power.ups["ups1"].output == constant(value=True)


def test_without_a_generator_the_battery_empties_and_the_studio_goes_dark() -> None:
    """The servers stop when the battery is empty, and start again with the mains."""
    site = station(fault("mains_off", at=100, until=3_000), fault("fails_to_start", "genset", at=0))
    assert seconds(site.power.ups["ups1"].output) == [1_300, 3_000]
    assert not site.answers("mux", 1_301 * SECOND)
    assert site.channels["channel_1"].output.at(1_301 * SECOND).picture == "black"


def test_the_antenna_follows_the_changeover() -> None:
    """No transmitter is on it while the coax switch moves; a hot combiner keeps one on it."""
    on_trip = station(TRIP).dtmb.antenna
    assert on_trip == signal("dtmb1", [(13 * SECOND, None), (18 * SECOND, "dtmb2")])
    assert station(fault("trip", "dtmb1", at=10, until=12)).dtmb.antenna == constant("dtmb1")
    hot = Layout(county().devices, replace(county().facts, overlap=SECOND))
    site = Station(hot, [CHANGE_OVER])
    assert off_air_s(site, "central") == []
    assert site.dtmb.antenna.at(11 * SECOND) == "dtmb2"


def test_power_goes_to_the_antenna_or_to_the_dummy_load() -> None:
    """Two lost modules of eight cost more than a quarter: the combiner wastes the unbalance."""
    lost = station(fault("modules_lost", "dtmb1", at=10, until=20, amount=2))
    assert lost.dtmb.power_w["dtmb1"].at(15 * SECOND) == 562
    tested = station(fault("onto_dummy", "dtmb2", at=10, until=20)).dtmb
    assert (tested.dummy_w.at(15 * SECOND), tested.antenna_w.at(15 * SECOND)) == (1000, 1000)


def test_the_receiver_loses_lock_and_relocks_late() -> None:
    """1 s late bad, 5 s late good; without its aerial it loses the reference channel too."""
    receiver = station(fault("trip", "dtmb1", at=10)).receivers["offair"]
    assert seconds(receiver.is_locked) == [11, 23]
    assert receiver.reference_locked == constant(value=True)
    deaf = station(fault("antenna_fails", "offair", at=10)).receivers["offair"]
    assert not deaf.is_locked.at(12 * SECOND)
    assert not deaf.reference_locked.at(12 * SECOND)


def test_the_switcher_and_the_detector_follow_after_their_holds() -> None:
    """2 s to the backup, 10 s back; the detector reports a frozen picture after 10 s."""
    stopped = station(fault("stops", "playout1_main", at=10, until=40)).channels["channel_1"]
    assert seconds(stopped.on_backup) == [12, 50]
    frozen = station(fault("freeze", "playout1_main", at=10, until=30)).channels["channel_1"]
    assert seconds(frozen.says_frozen) == [20, 32]
    assert frozen.on_backup == constant(value=False)


def test_the_room_warms_when_no_air_conditioner_runs() -> None:
    """One of two is enough; without both it is a degree and more a minute."""
    one = station(fault("stops", "aircon1", at=0, until=600))
    assert one.room.temperature_c.at(600 * SECOND) == 24
    none = station(fault("stops", "aircon1", at=1), fault("stops", "aircon2", at=1))
    assert none.room.temperature_c.at(301 * SECOND) == pytest.approx(30)


def test_agents_show_their_last_reading() -> None:
    """A trip shows at the agent's next reading."""
    site = station(fault("trip", "dtmb1", at=10))
    kind, power = (
        SNMP_KINDS["dtmb_transmitter"],
        (1, 3, 6, 1, 4, 1, 2566, 127, 1, 2, 167, 4, 1, 2, 5, 0),
    )
    readings = [site.shown_at("dtmb1", round(t * SECOND)) for t in (10.0, 10.99)]
    assert readings[0] < 10 * SECOND <= readings[1]
    shown = [kind.objects(site, "dtmb1", round(t * SECOND))[power] for t in (10.0, 10.99)]
    assert shown == [("octets", "1000.0"), ("octets", "0.0")]


def test_an_agent_that_lost_power_answers_after_its_boot_with_a_new_clock() -> None:
    """sysUpTime begins at 0 again."""
    site = station(fault("mains_off", at=100, until=200))
    assert [at / SECOND for at in site.agents["fm1"].answers.times] == [100.3, 131]
    assert site.agents["fm1"].booted_at.at(140 * SECOND) == 131 * SECOND
    assert site.agents["dtmb1"].answers == constant(value=True)


def test_devices_on_the_serial_line_show_a_mains_failure() -> None:
    """The UPS in its highest bit and its input voltage; the meter has no voltage."""
    site = station(fault("mains_off", at=10, until=100))
    shown = {t: FRAME_KINDS["megatec_ups"].figures(site, "link_ups", t * SECOND) for t in (5, 12)}
    assert (shown[5][0], shown[5][-1]) == (228.4, "00001000")
    assert (shown[12][0], shown[12][2], shown[12][-1]) == (0.0, 220.0, "10001001")
    metered = [
        FRAME_KINDS["energy_meter"].figures(site, "utility_meter", t * SECOND) for t in (5, 12)
    ]
    assert [items[0x0201FF00][0] for items in metered] == [("2284", False), ("0000", False)]


def shape(figures: dict[int, Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    """Return which figures there are, without their values."""
    return tuple(figures) if isinstance(figures, dict) else tuple(map(type, figures))


def test_every_kind_has_the_same_objects_at_any_moment() -> None:
    """An agent whose objects came and went would be another device."""
    site = station(fault("mains_off", at=10, until=100), fault("stops", "mux", at=20))
    for id_, device in county().devices.items():
        if device.kind in SNMP_KINDS:
            seen = {
                frozenset(SNMP_KINDS[device.kind].objects(site, id_, t * SECOND)) for t in (0, 30)
            }
        elif device.kind in FRAME_KINDS:
            figures = FRAME_KINDS[device.kind].figures
            seen = {shape(figures(site, id_, t * SECOND)) for t in (0, 30)}
        else:
            kind = MODBUS_KINDS[device.kind]
            moments = [kind.registers(site, id_, t * SECOND) for t in (0, 30)]
            seen = {
                frozenset((*m.coils, *m.discrete_inputs, *m.holding_registers, *m.input_registers))
                for m in moments
            }
        assert len(seen) == 1, id_


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (fault("tripp", "dtmb1", at=1), "no word 'tripp'"),
        (fault("trip", "mux", at=1), "trip is of dtmb_transmitter, fm_transmitter; mux is a"),
        (fault("trip", "dtmb9", at=1), "no device 'dtmb9' here"),
        (fault("mains_off", "mux", at=1), "is of the whole site, not of mux"),
        (fault("trip", "dtmb1", at=1, until=1), "must be after"),
        (fault("trip", "dtmb1", at=1, amount=3), "amount 3 means nothing here"),
    ],
)
def test_an_impossible_fault_is_refused(wrong: StationFault, says: str) -> None:
    """A story with a mistake would prove something else."""
    with pytest.raises(LayoutError, match=says):
        station(wrong)


def test_a_ramp_is_exact_at_its_limits() -> None:
    """It is empty exactly when the sum is 0, and until something flows in."""
    battery = ramp(10.0, signal(0.0, [(SECOND, -1.0), (21 * SECOND, 2.0)]), 0.0, 10.0)
    assert battery.empty() == signal(
        initial=False, changes=[(11 * SECOND, True), (21 * SECOND, False)]
    )
    assert [battery.at(t * SECOND) for t in (0, 6, 15, 22, 99)] == [10, 5, 0, 2, 10]


@st.composite
def faults(draw: st.DrawFn) -> StationFault:
    what = draw(st.sampled_from(sorted(VOCABULARY)))
    word = VOCABULARY[what]
    fitting = [
        d.id for d in county().devices.values() if not word.applies_to or d.kind in word.applies_to
    ]
    device = SITE if word.applies_to == (SITE,) else draw(st.sampled_from(fitting))
    at = draw(st.integers(1, 300))
    amount = draw(st.integers(1, 9)) if word.amount else 0
    return fault(what, device, at=at, until=at + draw(st.integers(1, 200)), amount=amount)


@settings(deadline=None, max_examples=60)
@given(st.lists(faults(), max_size=6), faults())
def test_a_later_fault_leaves_the_past_unchanged(
    before: list[StationFault], new: StationFault
) -> None:
    """Cause comes before effect: a command changes nothing that was shown before it."""
    one, other = station(*before), station(*before, new)
    for programme in one.programmes():
        changes = [each.truth(programme).changes(-1, new.at) for each in (one, other)]
        assert changes[0] == changes[1]
    for t in range(0, new.at, 17 * SECOND):
        for id_ in ("dtmb2", "ups1", "offair", "fm_silence"):
            kind = SNMP_KINDS[county().devices[id_].kind]
            assert one.answers(id_, t) == other.answers(id_, t)
            assert kind.objects(one, id_, t) == kind.objects(other, id_, t)
