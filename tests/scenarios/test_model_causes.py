"""Stories of the executable model: causes, members, hours, reloads. Times count from 02:00:00.

The model's second 103 is 02:01:43. Devices are polled each second, so that figures may be a poll
or two wider than the model's.
"""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import DUTY, station
from tests.support.seam import Site, bodies

DEVICES = """
studio: {kind: detector}
mux: {kind: mux}
tx: {kind: transmitter}
"""
SOUND = "{stage: sound, owner: own, needs: studio.sound}"
MUX = "{stage: services, owner: own, needs: mux.s1}"
TX = "{stage: power, owner: own, needs: tx.radiating}"
ENCODER = "{stage: encoder, owner: own, needs: enc.s1}"
WHOLE = f"chain: [{SOUND}, {MUX}, {TX}]"
ONE = f"p1: {{name: 一套, {WHOLE}}}"
TWO = f"p2: {{name: 二套, {WHOLE}}}"


def one(people: str = DUTY) -> Site:
    """Return one programme: studio, multiplexer, transmitter."""
    return station(DEVICES, ONE, people)


def encoded(*chain: str) -> Site:
    """Return one programme with an encoder before the multiplexer, of so many of its stages."""
    devices = "enc: {kind: mux}\nmux: {kind: mux}\ntx: {kind: transmitter}"
    return station(devices, f"p1: {{name: 一套, chain: [{', '.join(chain)}]}}")


def five(*, own: bool) -> Site:
    """Return five services of one multiplexer; ``own``: each with its own condition there."""
    lines = (
        f"tv{n}: {{name: {n}套, rank: {n}, chain: "
        f"[{MUX.replace('s1', f's{n if own else 1}')}, {TX}]}}"
        for n in range(1, 6)
    )
    return station(DEVICES, "\n".join(lines))


CAUSES = "FAULTS E: cause, members, hours and reloads are those of the model"


def test_studio_silent_then_transmitter_trips_studio_heals_transmitter_heals() -> None:
    """The outage moves to the transmitter, and never is reported as recovered in between."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", studio="silent").then("02:02:00", tx="tripped")
    log.then("02:02:15", studio="good").then("02:12:00", tx="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened studio/sound p1 3
        02:02:03 duty also tx/power p1 23
        02:02:45 duty continued studio/sound p1 65
        02:12:30 duty recovered tx/power p1 620 good
        """,
    )


def test_transmitter_trips_then_studio_silent_studio_heals_transmitter_heals() -> None:
    """The later cause does not take the outage over."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:02:00", studio="silent")
    log.then("02:03:00", studio="good").then("02:12:00", tx="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened tx/power p1 3
        02:02:03 duty also studio/sound p1 23
        02:03:30 duty continued studio/sound p1 110
        02:12:30 duty recovered tx/power p1 620 good
        """,
    )


def test_a_dead_multiplexer_with_five_programmes_is_one_incident() -> None:
    """One opening with five members, the multiplexer named; one recovery."""
    log = DutyLog(five(own=False), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:11:40", mux="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened mux/services tv1 3, tv2 3, tv3 3, tv4 3, tv5 3
        02:12:10 duty recovered mux/services tv1 600, tv2 600, tv3 600, tv4 600, tv5 600
        """,
    )


def test_four_of_five_rerouted_after_a_minute_are_reported_as_partly() -> None:
    """The fifth stays off for an hour and closes the incident."""
    log = DutyLog(five(own=True), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:02:40", mux="s5_lost").then("03:01:40", mux="good")
    log.expect(
        "03:06:40",
        """
        02:01:43 duty opened mux/services tv1 3, tv2 3, tv3 3, tv4 3, tv5 3
        02:03:10 duty partly mux/services tv1 60 good, tv2 60, tv3 60, tv4 60, tv5 90
        03:02:10 duty recovered mux/services tv1 60, tv2 60, tv3 60, tv4 60, tv5 3600 good
        """,
    )


def test_minor_and_critical_on_one_transmitter_ring_as_critical() -> None:
    """The worst member's severity counts at once, whatever the order of the file."""
    minor = f"minor: {{name: 小, rank: 1, off_air: {{severity: minor}}, {WHOLE}}}"
    site = station(DEVICES, f"{minor}\ncritical: {{name: 大, rank: 2, {WHOLE}}}")
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:11:40", tx="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened tx/power minor 3, critical 3
        02:12:10 duty recovered tx/power minor 600 good, critical 600 good
        """,
    )
    assert [alert["severity"] for alert in log.alerts()] == ["critical", "critical"]


def test_hours_of_the_first_programme_end_while_the_second_stays_off() -> None:
    """Each member has its own end and its own figures."""
    hours = 'schedule: {daily: ["00:00-02:17", "02:34-24:00"]}'
    site = station(DEVICES, f"p1: {{name: 一套, rank: 1, {hours}, {WHOLE}}}\n{TWO}")
    log = DutyLog(site, begins="02:00:20", answers=SECOND)
    log.then("02:15:20", tx="tripped").then("02:25:20", tx="good")
    log.expect(
        "02:32:00",
        """
        02:15:23 duty opened tx/power p1 3, p2 3
        02:17:30 duty partly tx/power p1 100 hours, p2 130
        02:25:50 duty recovered tx/power p1 100 hours, p2 600 good
        """,
    )


def test_a_close_down_two_seconds_early_wakes_nobody_and_no_start_rings() -> None:
    """The hour ends the first outage; the missing start in the morning is a new one."""
    hours = 'schedule: {daily: ["00:00-02:17", "02:34-24:00"]}'
    site = station(DEVICES, f"p1: {{name: 一套, {hours}, {WHOLE}}}")
    log = DutyLog(site, begins="02:00:20", answers=SECOND)
    log.then("02:16:58", tx="standby").then("02:35:00", tx="good")
    log.expect(
        "02:38:00",
        """
        02:17:30 duty closed_before_told tx/power p1 2 hours
        02:34:03 duty opened tx/power p1 3
        02:35:30 duty recovered tx/power p1 60 good
        """,
    )


def test_a_reload_that_renames_the_failing_stage_keeps_the_outage() -> None:
    """Nothing rings again: the cause has another name, reported a minute after the last word."""
    renamed = station(DEVICES, ONE.replace("stage: power", "stage: rf"))
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").until("02:02:30").reload(renamed)
    log.then("02:11:40", tx="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened tx/power p1 3
        02:02:43 duty revised tx/rf p1 63
        02:12:10 duty recovered tx/rf p1 600 good
        """,
    )


def test_a_reload_that_removes_the_failing_stage_ends_the_outage_as_reconfigured() -> None:
    """Reported at once, never as a recovery; its seconds stay."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").until("02:02:30")
    log.reload(station(DEVICES, f"p1: {{name: 一套, chain: [{SOUND}, {MUX}]}}"))
    log.expect(
        "02:06:40",
        """
        02:01:43 duty opened tx/power p1 3
        02:02:30 duty reconfigured tx/power p1 50 reconfigured
        """,
    )


def test_a_reload_that_removes_a_healed_stage_closes_its_incident() -> None:
    """No incident is open about a stage that is not configured any more."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:02:00", tx="good").until("02:02:10")
    log.reload(station(DEVICES, f"p1: {{name: 一套, chain: [{SOUND}, {MUX}]}}"))
    log.expect(
        "02:06:40",
        """
        02:01:43 duty opened tx/power p1 3
        02:02:10 duty recovered tx/power p1 20 good
        """,
    )


def test_a_stage_that_another_programme_has_keeps_its_clearing_time() -> None:
    """It is still configured: the number of its incident closes as without the reload."""
    log = DutyLog(station(DEVICES, f"{ONE}\n{TWO}"), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").then("02:02:00", tx="good").until("02:02:10")
    log.reload(station(DEVICES, f"p1: {{name: 一套, chain: [{SOUND}, {MUX}]}}\n{TWO}"))
    log.expect(
        "02:06:40",
        """
        02:01:43 duty opened tx/power p1 3, p2 3
        02:02:30 duty recovered tx/power p1 20 good, p2 20 good
        """,
    )


def test_a_stage_of_other_conditions_is_the_same_stage() -> None:
    """One multiplexer is one cause, whatever condition each programme has there (rule 5.2)."""
    both = station(DEVICES, f"{ONE}\n{TWO.replace('mux.s1', 'mux.s2')}")
    log = DutyLog(both, begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:02:00", mux="good").until("02:02:10")
    less = f"p1: {{name: 一套, chain: [{SOUND}, {TX}]}}\n{TWO.replace('mux.s1', 'mux.s2')}"
    log.reload(station(DEVICES, less))
    log.expect(
        "02:06:40",
        """
        02:01:43 duty opened mux/services p1 3, p2 3
        02:02:30 duty recovered mux/services p1 20 good, p2 20 good
        """,
    )


def test_what_a_healed_cause_loses_by_a_reload_goes_on_from_the_healing() -> None:
    """The studio was good a second before the reload; its number closes by that moment."""
    log = DutyLog(station(DEVICES, f"{ONE}\n{TWO}"), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", studio="silent").then("02:02:00", tx="tripped")
    log.then("02:02:15", studio="good").until("02:02:30")
    log.reload(station(DEVICES, f"p1: {{name: 一套, chain: [{MUX}, {TX}]}}\n{TWO}"))
    log.then("02:12:00", tx="good")
    log.expect(
        "02:15:00",
        """
        02:01:43 duty opened studio/sound p1 3, p2 3
        02:02:03 duty also tx/power p1 23, p2 23
        02:02:45 duty continued studio/sound p1 65, p2 65
        02:12:30 duty recovered tx/power p1 620 good, p2 620 good
        """,
    )


def test_a_reload_that_removes_the_cause_names_what_is_bad_behind_it() -> None:
    """The encoder explained the multiplexer; without it the multiplexer is the cause.

    The reload comes before the ledger has settled the fall: this once ended monitord.
    """
    log = DutyLog(encoded(ENCODER, MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", enc="dead", mux="dead").until("02:01:41")
    log.reload(encoded(MUX, TX))
    log.then("02:11:40", mux="good").until("02:15:00")
    assert [(message.told, message.place) for message in log.messages()] == [
        ("closed_before_told", "enc/encoder"),
        ("opened", "mux/services"),
        ("recovered", "mux/services"),
    ]


@pytest.mark.parametrize("reloaded_at", ["02:01:41", "02:02:30"])
def test_what_a_removed_stage_proved_begins_no_outage_again(reloaded_at: str) -> None:
    """Nothing else is seen: it is reported as blind, and only a new proof is the next outage."""
    log = DutyLog(encoded(ENCODER, MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:00", mux="silent").then("02:01:40", enc="dead").until(reloaded_at)
    log.reload(encoded(MUX, TX))
    log.then("02:11:40", mux="dead").then("02:12:40", mux="good").until("02:15:00")
    began = [b for b in bodies(log.driver.events, "outage_began") if b["fault"] == "off_air"]
    over = [b for b in bodies(log.driver.events, "outage_ended") if b["fault"] == "off_air"]
    assert [(one["stage"], other["how"]) for one, other in zip(began, over, strict=True)] == [
        ("encoder", "reconfigured"),
        ("services", "good"),
    ]
    assert any("blind" in member.name for m in log.messages() for member in m.members)


def test_a_refused_reload_is_reported_until_a_good_one_is_adopted() -> None:
    """A second refusal is the same fault; the files as they were before are good ones."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.until("02:01:40").refused_reload().until("02:05:00").refused_reload()
    log.until("02:10:00").reload(log.site)
    log.expect(
        "02:15:00",
        """
        02:02:00 duty opened site/configuration /config_refused 20
        02:10:00 duty recovered site/configuration /config_refused 500 good
        """,
    )


def test_a_start_with_good_files_ends_what_a_refused_reload_began() -> None:
    """A start adopts the files as a reload does."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.until("02:01:40").refused_reload().until("02:05:00").power_cut("02:05:05")
    log.expect(
        "02:10:00",
        """
        02:02:00 duty opened site/configuration /config_refused 20
        02:05:05 duty recovered site/configuration /config_refused 205 good
        """,
    )


def test_a_reload_that_removes_a_programme_leaves_the_other_in_the_incident() -> None:
    """The removed one is over at once, reported as partly; the other recovers later."""
    log = DutyLog(station(DEVICES, f"{ONE}\n{TWO}"), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").until("02:02:30").reload(station(DEVICES, TWO))
    log.then("02:05:00", tx="good")
    log.expect(
        "02:08:20",
        """
        02:01:43 duty opened tx/power p1 3, p2 3
        02:02:43 duty partly tx/power p1 50 reconfigured, p2 63
        02:05:30 duty recovered tx/power p1 50 reconfigured, p2 200 good
        """,
    )


def test_a_person_added_by_a_reload_is_due_what_is_open() -> None:
    """The newcomer gets the opening at once, with the seconds so far."""
    people = DUTY + "newcomer: {name: 新人, tell: [desk], tell_after: {critical: 3s}}\n"
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", tx="tripped").until("02:03:20").reload(one(people))
    log.then("02:05:00", tx="good")
    log.expect(
        "02:06:40",
        """
        02:01:43 duty opened tx/power p1 3
        02:03:20 newcomer opened tx/power p1 100
        02:05:30 duty recovered tx/power p1 200 good
        02:05:30..02:05:31 newcomer recovered tx/power p1 200 good
        """,
    )


def test_of_two_causes_at_once_the_first_heals() -> None:
    """The second is listed as also; the outage continues in it."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", studio="silent", tx="tripped").then("02:03:20", studio="good")
    log.then("02:06:40", tx="good")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened studio/sound p1 3
        02:01:44 duty also tx/power p1 4
        02:03:50 duty continued studio/sound p1 130
        02:07:10 duty recovered tx/power p1 300 good
        """,
    )


def test_a_cause_that_breaks_again_explains_only_what_fell_with_it_or_later() -> None:
    """The encoder was good while the multiplexer was bad: two causes from then on."""
    log = DutyLog(encoded(ENCODER, MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", enc="dead").then("02:01:50", mux="dead").then("02:02:00", enc="good")
    log.then("02:02:10", enc="dead").then("02:03:20", mux="good")
    log.expect(
        "02:05:00",
        """
        02:01:53 duty opened enc/encoder p1 3
        02:02:13 duty also mux/services p1 23
        02:03:50 duty recovered enc/encoder p1 90 good
        02:03:51 duty recovered mux/services p1 90 good
        """,
    )


def test_a_cause_that_is_good_and_then_silent_has_healed() -> None:
    """The outage goes on in the encoder; silence proves no second fall of the multiplexer."""
    log = DutyLog(encoded(MUX, ENCODER, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:01:50", enc="dead").then("02:02:10", mux="good")
    log.then("02:02:20", mux="silent").then("02:12:00", mux="good", enc="good")
    log.expect(
        "02:15:00",
        """
        02:01:53 duty opened mux/services p1 3
        02:02:53 duty revised enc/encoder p1 63
        02:12:30 duty recovered enc/encoder p1 610 good
        """,
        "p1",
    )


def test_a_stage_before_a_good_one_keeps_what_it_held_for_the_clearing_time() -> None:
    """The multiplexer is good again by another way: the dead encoder holds nothing any more."""
    log = DutyLog(encoded(ENCODER, MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:00", enc="dead").then("02:01:40", tx="tripped")
    log.then("02:01:50", mux="dead").then("02:01:52", mux="good").then("02:03:20", tx="good")
    log.expect(
        "02:05:00",
        """
        02:01:43 duty opened tx/power p1 3
        02:01:53 duty also enc/encoder p1 13
        02:02:22 duty continued enc/encoder p1 42
        02:03:50 duty recovered tx/power p1 100 good
        """,
    )


def test_an_incident_that_moves_left_empty_is_continued_though_its_outages_are_over() -> None:
    """Each service goes on under its own encoder, and is good again before the first one closes."""
    lines = (
        f"tv{n}: {{name: {n}套, rank: {n}, chain: [{first}, {MUX.replace('s1', f's{n}')}, {TX}]}}"
        for n in (1, 2)
        for first in (f"{{stage: encoder_{n}, owner: own, needs: enc.s{n}}}",)
    )
    devices = "mux: {kind: mux}\nenc: {kind: mux}\ntx: {kind: transmitter}"
    site = station(devices, "\n".join(lines), DUTY.replace("critical: 3s", "critical: 0s"))
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:01:40", enc="no_answer").then("02:01:41", mux="dead")
    log.then("02:01:42", enc="dead").then("02:01:50", mux="good", enc="good")
    log.expect(
        "02:05:00",
        """
        02:01:41 duty opened mux/services tv1 1, tv2 1
        02:01:42 duty also enc/encoder_1 tv1 2
        02:01:43 duty also enc/encoder_2 tv2 3
        02:02:12 duty continued mux/services tv1 10 good, tv2 10 good
        02:02:20 duty recovered enc/encoder_1 tv1 10 good
        02:02:21 duty recovered enc/encoder_2 tv2 10 good
        """,
    )


def test_the_mains_are_no_consequence_of_what_they_stop() -> None:
    """They failed while the transmitter was down by itself, and stop it once it is good again."""
    devices = DEVICES.replace("transmitter}", "transmitter, powered_by: feed.mains}")
    site = station(f"feed: {{kind: feed}}{devices}", ONE)
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:01:30", studio="silent").then("02:01:40", tx="tripped")
    log.then("02:01:50", feed="off").then("02:02:00", tx="good").then("02:02:05", tx="standby")
    log.then("02:04:00", tx="good", feed="good", studio="good")
    log.expect(
        "02:06:00",
        """
        02:01:33 duty opened studio/sound p1 3
        02:01:43 duty also tx/power p1 13
        02:02:08 duty also feed/mains p1 38
        02:02:30 duty continued tx/power p1 60
        02:04:30 duty recovered feed/mains p1 150 good
        02:04:31 duty recovered studio/sound p1 150 good
        """,
    )


def test_a_transmitter_that_needs_twenty_seconds_after_the_mains_stays_with_the_mains() -> None:
    """The healed cause keeps its outage for the clearing time."""
    devices = """
    feed: {kind: feed, conditions: {mains: {alarm: {severity: major, clear_after: 30s}}}}
    studio: {kind: detector}
    mux: {kind: mux}
    tx: {kind: transmitter, powered_by: feed.mains}
    """
    log = DutyLog(station(devices, ONE), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", feed="off", tx="standby").then("02:02:40", feed="good")
    log.then("02:03:00", tx="good")
    log.expect(
        "02:06:00",
        """
        02:01:43 duty opened feed/mains p1 3, /alarm/feed.mains 3
        02:03:10 duty recovered feed/mains p1 80 good, /alarm/feed.mains 60 good
        """,
    )


@pytest.mark.parametrize("off", [False, True])
def test_a_silent_site_rings_like_an_outage(off: bool) -> None:
    """Sixty seconds: opened within a deadline and the delay, and reported as over."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    if off:
        log.then("02:01:20", tx="tripped")
    everything = ("studio", "mux", "tx")
    log.then("02:01:40", **dict.fromkeys(everything, "no_answer"))
    log.then("02:02:40", **dict.fromkeys(everything, "good")).until("02:05:00")
    told = [(m.told, m.place) for m in log.messages()]
    site = [(kind, "site/silent") for kind in ("opened", "recovered")]
    programme = [(kind, "tx/power") for kind in ("opened", "recovered")]
    assert sorted(told) == sorted(site + programme if off else site)
    (rung,) = [m for m in log.messages() if (m.told, m.place) == site[0]]
    assert "02:01:43" <= rung.at <= "02:01:48"
    if off:
        (over,) = [m for m in log.messages() if (m.told, m.place) == programme[1]]
        assert over.at in ("02:03:10", "02:03:11")
        assert 17 <= over.members[0].least <= 20
        assert 80 <= over.members[0].most <= 83
