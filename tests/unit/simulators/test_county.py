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
from simulators.plant.signals import constant, signal
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


def test_mains_fail_and_the_generator_takes_over() -> None:
    """Three seconds to believe it, seven to crank, one to transfer: eleven without a bus."""
    site = station(fault("mains_off", at=100, until=400))
    assert [at / SECOND for at in site.power.bus.times] == [100, 111, 415, 415.1]
    assert [at / SECOND for at in site.power.is_running.times] == [110, 475]


def test_a_ups_carries_and_drains_until_the_generator_comes() -> None:
    """Twenty minutes from full to empty; charged again afterwards."""
    ups = station(fault("mains_off", at=100, until=400)).power.ups["ups1"]
    assert ups.charge.at(100 * SECOND) == 100
    assert ups.charge.at(111 * SECOND) == pytest.approx(100 - 11 / 12)
    assert ups.charge.at(2_000 * SECOND) == 100
    assert ups.output == constant(value=True)


def test_without_a_generator_the_battery_empties_and_the_studio_goes_dark() -> None:
    """The servers stop when the battery does, and come back with the mains."""
    site = station(fault("mains_off", at=100, until=3_000), fault("fails_to_start", "genset", at=0))
    assert [at / SECOND for at in site.power.ups["ups1"].output.times] == [1_300, 3_000]
    assert not site.answers("mux", 1_301 * SECOND)
    assert site.channels["channel_1"].output.at(1_301 * SECOND).picture == "black"


def test_exciters_reboot_after_a_dip_longer_than_their_hold_up() -> None:
    """A quarter of a second is bridged; half a second costs the whole boot."""
    short = station(fault("mains_off", at=50, until=50.25))
    assert off_air_s(short, "channel_1") == []
    long = station(fault("mains_off", at=50, until=50.5))
    assert off_air_s(long, "channel_1") == [(50.3, 75.5)]


def test_a_trip_brings_the_reserve_on_after_its_changeover() -> None:
    """Eight seconds: three to be sure, five for the coax switch. It stays on the reserve."""
    site = station(fault("trip", "dtmb1", at=10, until=60))
    assert [off_air_s(site, p) for p in TELEVISION] == [[(10, 18)]] * 3
    assert site.dtmb.antenna == signal("dtmb1", [(13 * SECOND, None), (18 * SECOND, "dtmb2")])
    assert off_air_s(site, "county_fm") == []


def test_a_trip_shorter_than_the_confirmation_changes_nothing_over() -> None:
    """The transmitter that came back by itself stays on the antenna."""
    site = station(fault("trip", "dtmb1", at=10, until=12))
    assert off_air_s(site, "central") == [(10, 12)]
    assert site.dtmb.antenna == constant("dtmb1")


def test_no_automatic_means_no_reserve() -> None:
    """With the unit on manual the trip lasts as long as it lasts."""
    site = station(
        fault("trip", "dtmb1", at=10, until=60), fault("no_automatic", "changeover", at=0)
    )
    assert off_air_s(site, "central") == [(10, 60)]


def test_both_down_waits_for_the_first_that_is_able() -> None:
    """A reserve that is down cannot take over; when it is mended it does."""
    site = station(fault("trip", "dtmb1", at=10), fault("trip", "dtmb2", at=0, until=30))
    assert off_air_s(site, "central") == [(10, 35)]


def test_a_commanded_changeover_breaks_before_it_makes() -> None:
    """Nobody radiates while the coax switch moves."""
    site = station(StationFault(10 * SECOND, 10 * SECOND + 1, "change_over", "changeover"))
    assert off_air_s(site, "central") == [(10, 15)]


def test_a_hot_combiner_makes_before_it_breaks() -> None:
    """With an overlap a commanded changeover is no outage."""
    layout = Layout(county().devices, replace(county().facts, overlap=SECOND))
    site = Station(
        layout, [StationFault(10 * SECOND, 10 * SECOND + 1, "change_over", "changeover")]
    )
    assert off_air_s(site, "central") == []
    assert site.dtmb.antenna.at(11 * SECOND) == "dtmb2"


def test_lost_modules_fold_the_power_back() -> None:
    """Two of eight modules cost more than a quarter: the combiner wastes the unbalance."""
    site = station(fault("modules_lost", "dtmb1", at=10, until=20, amount=2))
    assert site.dtmb.power_w["dtmb1"].at(15 * SECOND) == 562
    assert off_air_s(site, "central") == []


def test_a_test_on_the_dummy_load_reaches_no_audience() -> None:
    """The reserve gives full power into water, and the antenna has no more than before."""
    site = station(fault("onto_dummy", "dtmb2", at=10, until=20))
    assert (site.dtmb.dummy_w.at(15 * SECOND), site.dtmb.antenna_w.at(15 * SECOND)) == (1000, 1000)


def test_the_receiver_loses_lock_and_relocks_late() -> None:
    """One second to notice, five to say good again; the reference channel stays."""
    receiver = station(fault("trip", "dtmb1", at=10)).receivers["offair"]
    assert [at / SECOND for at in receiver.is_locked.times] == [11, 23]
    assert receiver.reference_locked == constant(value=True)


def test_a_deaf_receiver_loses_the_reference_too() -> None:
    """That is how a witness shows that it is itself ill."""
    receiver = station(fault("antenna_fails", "offair", at=10)).receivers["offair"]
    assert not receiver.is_locked.at(12 * SECOND)
    assert not receiver.reference_locked.at(12 * SECOND)


def test_a_stopped_server_is_left_for_the_backup() -> None:
    """Two seconds of black, then the backup; back on the main when that has been well for ten."""
    site = station(fault("stops", "playout1_main", at=10, until=40))
    assert off_air_s(site, "channel_1") == [(10, 12)]
    assert [at / SECOND for at in site.channels["channel_1"].on_backup.times] == [12, 50]


def test_a_frozen_picture_leaves_the_switcher_where_it_is() -> None:
    """A signal that is there is no reason to switch; the detector says it after its hold."""
    site = station(fault("freeze", "playout1_main", at=10, until=30))
    channel = site.channels["channel_1"]
    assert off_air_s(site, "channel_1") == [(10, 30)]
    assert [at / SECOND for at in channel.says_frozen.times] == [20, 32]
    assert channel.on_backup == constant(value=False)


def test_a_silence_switcher_leaves_a_silent_main() -> None:
    """Ten seconds of silence on the air, then the other player."""
    site = station(fault("silence", "fm_playout_main", at=10, until=60))
    assert off_air_s(site, "county_fm") == [(10, 20)]


def test_an_encoder_takes_one_programme_and_the_multiplexer_all() -> None:
    """What is not in the multiplex reaches nobody, with the carrier at full power."""
    one = station(fault("stops", "encoder2", at=10, until=20))
    assert [off_air_s(one, p) for p in TELEVISION] == [[], [(10, 20)], []]
    every = station(fault("stops", "mux", at=10, until=20))
    assert [off_air_s(every, p) for p in TELEVISION] == [[(10, 20)]] * 3
    assert every.dtmb.carrier == constant(value=True)


def test_the_room_warms_when_no_air_conditioner_runs() -> None:
    """One of two is enough; without both it is a degree and more a minute."""
    one = station(fault("stops", "aircon1", at=0, until=600))
    assert one.room.temperature_c.at(600 * SECOND) == 24
    none = station(fault("stops", "aircon1", at=1), fault("stops", "aircon2", at=1))
    assert none.room.temperature_c.at(301 * SECOND) == pytest.approx(30)


def test_agents_show_what_they_last_looked_at() -> None:
    """A trip is seen at the agent's next look, its own clock always."""
    site = station(fault("trip", "dtmb1", at=10))
    kind, power = (
        SNMP_KINDS["dtmb_transmitter"],
        (1, 3, 6, 1, 4, 1, 2566, 127, 1, 2, 167, 4, 1, 2, 5, 0),
    )
    looks = [site.shown_at("dtmb1", round(t * SECOND)) for t in (10.0, 10.99)]
    assert looks[0] < 10 * SECOND <= looks[1]
    shown = [kind.objects(site, "dtmb1", round(t * SECOND))[power] for t in (10.0, 10.99)]
    assert shown == [("octets", "1000.0"), ("octets", "0.0")]


def test_an_agent_that_lost_power_answers_after_its_boot_with_a_new_clock() -> None:
    """sysUpTime begins anew."""
    site = station(fault("mains_off", at=100, until=200))
    assert [at / SECOND for at in site.agents["fm1"].answers.times] == [100.3, 131]
    assert site.agents["fm1"].booted_at.at(140 * SECOND) == 131 * SECOND
    assert site.agents["dtmb1"].answers == constant(value=True)


def test_what_hangs_on_the_serial_line_knows_of_a_mains_failure() -> None:
    """The UPS says so in its highest bit and by its input; the meter has no voltage."""
    site = station(fault("mains_off", at=10, until=100))
    said = {t: FRAME_KINDS["megatec_ups"].figures(site, "link_ups", t * SECOND) for t in (5, 12)}
    assert (said[5][0], said[5][-1]) == (228.4, "00001000")
    assert (said[12][0], said[12][2], said[12][-1]) == (0.0, 220.0, "10001001")
    metered = [
        FRAME_KINDS["energy_meter"].figures(site, "utility_meter", t * SECOND) for t in (5, 12)
    ]
    assert [items[0x0201FF00][0] for items in metered] == [("2284", False), ("0000", False)]


def shape(figures: dict[int, Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what there are, whatever they say."""
    return tuple(figures) if isinstance(figures, dict) else tuple(map(type, figures))


def test_every_kind_speaks_at_any_moment_and_always_of_the_same_things() -> None:
    """An agent whose objects came and went would be another device."""
    site = station(fault("mains_off", at=10, until=100), fault("stops", "mux", at=20))
    for id_, device in county().devices.items():
        if device.kind in SNMP_KINDS:
            seen = {
                frozenset(SNMP_KINDS[device.kind].objects(site, id_, t * SECOND)) for t in (0, 30)
            }
        elif device.kind in FRAME_KINDS:
            speak = FRAME_KINDS[device.kind].figures
            seen = {shape(speak(site, id_, t * SECOND)) for t in (0, 30)}
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
def test_a_mishap_that_cannot_be_is_refused(wrong: StationFault, says: str) -> None:
    """A story with a slip in it would prove something else."""
    with pytest.raises(LayoutError, match=says):
        station(wrong)


def test_a_ramp_is_exact_at_its_limits() -> None:
    """It empties when the sum says so, and stays empty until something comes in."""
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
def test_what_befalls_it_later_leaves_its_past_as_it_was(
    before: list[StationFault], new: StationFault
) -> None:
    """Cause comes before effect: a command while it runs changes nothing that was shown."""
    one, other = station(*before), station(*before, new)
    for programme in one.programmes():
        changes = [each.truth(programme).changes(-1, new.at) for each in (one, other)]
        assert changes[0] == changes[1]
    for t in range(0, new.at, 17 * SECOND):
        for id_ in ("dtmb2", "ups1", "offair", "fm_silence"):
            kind = SNMP_KINDS[county().devices[id_].kind]
            assert one.answers(id_, t) == other.answers(id_, t)
            assert kind.objects(one, id_, t) == kind.objects(other, id_, t)
