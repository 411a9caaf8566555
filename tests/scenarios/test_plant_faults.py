"""What breaks in the plant: carriers, links, multiplexers, exciters, the mains, our own box."""

from __future__ import annotations

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import DEVICES, MUX, ONE, SOUND, TX, WHOLE, five, one
from tests.scenarios.test_model_messages import flap
from tests.scenarios.test_shared_reserve import shared

FM = "fm: {name: 调频, chain: [{stage: transmitter, owner: own, needs: tx.radiating}]}"
PAIR = """
tv:
  name: 电视一套
  chain:
    - stage: transmitters
      owner: own
      members:
        - {id: a, carries: a.radiating, ready: a.sane and a.remote}
        - {id: b, carries: b.radiating, ready: b.sane and b.remote}
"""
TWO_TRANSMITTERS = """
a: {kind: transmitter, name: 主发射机}
b: {kind: transmitter, name: 备发射机}
"""


def test_a_changeover_to_a_shared_reserve_has_a_gap_of_eight_seconds_and_so_has_the_return() -> (
    None
):
    """N+1: two outages of eight seconds; the neighbour learns that its reserve is used."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", spare="good", matrix="to1")
    log.then("02:30:00", spare="standby", matrix="good").then("02:30:08", a="good")
    log.expect(
        "02:35:00",
        """
        02:10:03..02:10:04 duty opened * tv1 3
        02:10:38 duty recovered * tv1 8 good
        02:30:03..02:30:04 duty opened * tv1 3
        02:30:38 duty recovered * tv1 8 good
        """,
        "tv1",
    )
    assert "tv2" not in log.members_told()
    # ARCHITECTURE 5.3 of the issue: used is another word than lost.
    assert "tv2/reserve_used/transmitters" in log.members_told()
    assert "tv2/reserve_lost/transmitters" not in log.members_told()
    assert "off_air" not in log.seconds("tv2")


def test_the_main_trips_and_the_backup_carries_so_the_message_names_who_is_on_air() -> None:
    """Nobody may open the one on air: each device is listed with what it does now."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="good").then("02:10:02", a="tripped").until("02:15:00")
    (alert,) = [alert for alert in log.alerts() if alert["told"] == "opened"]
    assert alert["fault"] == "reserve_lost"
    does = {now["device"]: now["does"] for now in alert["devices_now"]}
    assert does == {"a": "failed", "b": "on_air"}
    assert "off_air" not in log.seconds("tv")


def test_a_reserve_that_is_silent_for_an_hour_is_reported_as_unknown() -> None:
    """Not lost and not there: a minor alarm of its own."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="no_answer").then("03:10:00", b="standby").until("03:15:00")
    found = [m for m in log.messages() if "tv/reserve_unknown/transmitters" in _names(m)]
    assert [m.told for m in found] == ["opened", "recovered"]
    assert "02:11:00" <= found[0].at <= "02:13:00"


def test_a_backup_left_in_local_mode_is_a_lost_reserve() -> None:
    """It works, and nobody can start it from the room."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="local").then("02:20:00", b="standby").until("02:25:00")
    found = [m for m in log.messages() if "tv/reserve_lost/transmitters" in _names(m)]
    assert [m.told for m in found] == ["opened", "recovered"]


def test_a_changeover_switch_left_in_manual_is_reported() -> None:
    """On air, with a reserve that nothing would switch to."""
    pair = PAIR.replace("owner: own", "owner: own\n      manual: not feed.automatic")
    site = station(TWO_TRANSMITTERS + "feed: {kind: feed}\n", pair)
    log = DutyLog(site, begins="02:00:00", b="standby")
    log.then("02:10:00", feed="manual").then("02:20:00", feed="good").until("02:25:00")
    found = [m for m in log.messages() if "tv/manual/transmitters" in _names(m)]
    assert [m.told for m in found] == ["opened", "recovered"]
    assert [m.place for m in found] == ["feed/transmitters_manual"] * 2


def test_both_exciters_fail_as_one_incident_with_both_named() -> None:
    """One opening; the first that returns ends the outage and leaves a lost reserve."""
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", a="tripped", b="tripped").then("02:20:00", b="good")
    log.expect(
        "02:25:00",
        """
        02:10:03..02:10:04 duty opened a/transmitters tv 3
        02:20:30 duty recovered a/transmitters tv 600 good
        """,
        "tv",
    )
    assert "tv/reserve_lost/transmitters" in log.members_told()


def test_a_trip_of_a_minute_of_a_multiplex_of_five_is_two_messages() -> None:
    """One opening and one recovery, and not twenty."""
    log = DutyLog(five(own=True), begins="02:00:00", answers=SECOND)
    log.then("02:10:00", tx="tripped").then("02:11:00", tx="good")
    log.expect(
        "02:15:00",
        """
        02:10:03 duty opened tx/power tv1 3, tv2 3, tv3 3, tv4 3, tv5 3
        02:11:30 duty recovered tx/power tv1 60, tv2 60, tv3 60, tv4 60, tv5 60 good
        """,
    )


def test_a_studio_link_that_is_down_gives_filler_and_names_the_link() -> None:
    """The picture moves and is the wrong one: an outage with its own reason, cause the link."""
    devices = """
    link: {kind: link}
    monitor: {kind: detector, behind: link.locked}
    tx: {kind: transmitter}
    """
    programmes = f"""
    tv:
      name: 电视一套
      chain:
        - {{stage: picture, owner: own, needs: monitor.no_filler and monitor.moving}}
        - {TX}
    """
    log = DutyLog(station(devices, programmes), begins="02:00:00")
    log.then("02:10:00", link="down", monitor="filler")
    log.then("02:20:00", link="good", monitor="good")
    log.expect(
        "02:25:00",
        """
        02:10:03 duty opened link/locked tv 3
        02:20:30 duty recovered link/locked tv 600 good
        """,
    )
    assert [alert["reason"] for alert in log.alerts()] == ["filler", "filler"]
    least, most_seen, _ = log.own_seconds("tv")["filler"]
    assert 597 <= least <= 600 <= most_seen <= 603
    assert log.own_seconds("tv")["wrong_programme"][:2] == (0, 0)
    assert log.seconds("tv")["off_air"] == least, "it counts as off air all the same"


def test_a_sun_outage_upstream_counts_for_the_owner_of_the_downlink() -> None:
    """Eight minutes at noon: the station did nothing wrong, and the statement can say so."""
    programmes = f"""
    tv:
      name: 电视一套
      chain:
        - {{stage: satellite, owner: province, needs: link.locked}}
        - {TX}
    """
    site = station("link: {kind: link}\ntx: {kind: transmitter}", programmes)
    log = DutyLog(site, begins="11:50:00")
    log.then("12:00:00", link="down").then("12:08:00", link="good")
    log.expect(
        "12:12:00",
        """
        12:00:03 duty opened link/satellite tv 3
        12:08:30 duty recovered link/satellite tv 480 good
        """,
    )
    (outage,) = log.ended()
    assert outage["owner"] == "province"
    assert [owner[2:] for owner in outage["owners"]] == [["link/satellite", "province"]]


def test_the_box_loses_power_during_an_outage() -> None:
    """Repaired while nobody watched: one recovery, seen and unseen seconds apart."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:10:00", tx="tripped").until("02:10:30").power_cut("02:20:00")
    log.becomes(tx="good")
    log.expect(
        "02:25:00",
        """
        02:10:03 duty opened tx/power p1 3
        02:20:30..02:20:32 duty recovered tx/power p1 29-600 good
        """,
    )


def test_a_cable_out_of_our_own_switch_is_not_a_silent_site() -> None:
    """The equipment may be well: monitoring is lost, and no device is named as the cause."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:10:00", **dict.fromkeys(("studio", "mux", "tx"), "no_path"))
    log.until("02:15:00").becomes(studio="good", mux="good", tx="good").until("02:20:00")
    assert "/site_silent" not in log.members_told()
    assert "p1" not in log.members_told()
    assert log.messages(), "somebody must learn that nothing is monitored"
    assert "off_air" not in log.seconds("p1")


def test_flapping_of_four_seconds_for_an_hour_ends_down() -> None:
    """Four messages; the final fall is reported after the delay and the longest earlier fall."""
    log = DutyLog(one(), begins="02:00:00", answers=SECOND)
    flap(log, "02:01:40", 4, 4, 450)
    log.then("03:01:40", tx="tripped")
    log.expect(
        "03:05:00",
        """
        02:01:43 duty opened tx/power p1 3
        02:11:43 duty digest tx/power p1 303 x76
        02:31:43 duty digest tx/power p1 903 x226
        03:01:47 duty falls_again tx/power p1 1807 x451
        """,
    )


def test_a_second_transmitter_is_commissioned_beside_a_live_one() -> None:
    """The reload adds it while it trips and does not answer: not a second is lost on air."""
    live = station("a: {kind: transmitter}", PAIR[: PAIR.index("        - {id: b")])
    log = DutyLog(live, begins="02:00:00").until("02:10:00")
    log.states["b"] = "no_answer"
    log.reload(station(TWO_TRANSMITTERS, PAIR))
    log.then("02:15:00", b="tripped").then("02:20:00", b="no_answer").then("02:21:00", b="faulty")
    log.then("02:30:00", b="standby").until("02:40:00")
    assert not {"tv", "tv/blind"} & log.members_told()
    columns = log.seconds("tv")
    assert set(columns) <= {"on_air", "blind"}
    assert columns.get("blind", 0) <= 1


def test_ten_minutes_of_reduced_power_are_reported_and_are_no_outage() -> None:
    """On air below the limit: a message, a recovery, and no second off air."""
    site = station(
        "tx: {kind: transmitter}",
        """
        fm:
          name: 调频
          chain:
            - stage: transmitter
              owner: own
              needs: tx.radiating
              degraded: [{when: tx.reduced, reason: reduced_power}]
        """,
    )
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", tx="reduced").then("02:20:00", tx="good").until("02:25:00")
    found = [m for m in log.messages() if "fm/degraded" in _names(m)]
    assert [m.told for m in found] == ["opened", "recovered"]
    assert found[0].at <= "02:12:00"
    assert log.seconds("fm")["degraded"] in range(597, 602)


def test_reduced_power_keeps_its_clearing_time_over_a_reload_of_something_else() -> None:
    """Its stage is still configured: what falls again within the time is the same incident."""
    programme = """
        fm:
          name: 调频
          chain:
            - stage: transmitter
              owner: own
              needs: tx.radiating
              degraded: [{when: meter.reduced, reason: reduced_power}]
        """
    devices = "tx: {kind: transmitter}\nmeter: {kind: transmitter}"
    log = DutyLog(station(devices, programme), begins="02:00:00")
    log.then("02:10:00", meter="reduced").then("02:20:00", meter="good").until("02:20:08")
    log.reload(station(f"{devices}\nups: {{kind: feed}}", programme))
    log.then("02:20:12", meter="reduced").then("02:25:00", meter="good").until("02:35:00")
    found = [m for m in log.messages() if "fm/degraded" in _names(m)]
    assert [m.told for m in found] == ["opened", "digest", "recovered"]
    assert len([e for e in log.driver.events if e.kind == "incident_opened"]) == 1


def test_reduced_power_that_outlasts_the_mains_dip_moves_to_the_transmitter() -> None:
    """The mains explained it; they are good again for the clearing time, and it is not."""
    site = station(
        "tx: {kind: transmitter, powered_by: [mains.mains]}\nmains: {kind: feed}",
        """
        fm:
          name: 调频
          chain:
            - stage: transmitter
              owner: own
              needs: tx.radiating
              degraded: [{when: tx.reduced, reason: reduced_power}]
        """,
    )
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", tx="reduced", mains="off").then("02:14:00", mains="good")
    log.then("02:30:00", tx="good").until("02:40:00")
    found = [m for m in log.messages() if "fm/degraded" in _names(m)]
    assert [(m.told, m.place) for m in found] == [
        ("opened", "mains/mains"),
        ("revised", "tx/transmitter"),
        ("recovered", "tx/transmitter"),
    ]
    assert len([e for e in log.driver.events if e.kind == "incident_opened"]) == 1


def test_the_mains_fail_while_the_ups_carries_and_somebody_is_called() -> None:
    """The programme is on air; the major alarm is reported after twenty seconds."""
    devices = """
    feed: {kind: feed, conditions: {mains: {alarm: {severity: major, clear_after: 30s}}}}
    tx: {kind: transmitter, powered_by: feed.mains}
    """
    log = DutyLog(station(devices, FM), begins="02:00:00")
    log.then("02:10:00", feed="off").then("02:20:00", feed="good")
    log.expect(
        "02:25:00",
        """
        02:10:20 duty opened feed/mains /alarm/feed.mains 20
        02:20:30 duty recovered feed/mains /alarm/feed.mains 600 good
        """,
    )


def test_one_wrong_programme_is_an_outage_with_its_own_reason() -> None:
    """The carrier and the picture are good, and it is not ours."""
    site = station(
        "monitor: {kind: detector}\ntx: {kind: transmitter}",
        f"tv: {{name: 电视, chain: [{{stage: picture, owner: own, needs: monitor.right}}, {TX}]}}",
    )
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", monitor="wrong").then("02:11:00", monitor="good")
    log.expect(
        "02:15:00",
        """
        02:10:03 duty opened monitor/picture tv 3
        02:11:30 duty recovered monitor/picture tv 60 good
        """,
    )
    assert {alert["reason"] for alert in log.alerts()} == {"wrong_programme"}
    log.then("02:20:00", monitor="no_answer").then("02:21:00", monitor="good").until("02:25:00")
    least, most_seen, most = log.own_seconds("tv")["wrong_programme"]
    assert 57 <= least <= 60 <= most_seen <= 63
    assert 60 <= most - most_seen <= 64, "what was not monitored may have been the wrong one"


def test_the_first_message_counts_what_is_proven_and_not_settled() -> None:
    """L6: proven at once and sent three seconds later, it says three seconds, not zero."""
    slow = "studio: {kind: detector, points: {silent: {true_delay_max: 10s, false_delay_max: 2s}}}"
    site = station(f"{slow}\nmux: {{kind: mux}}\ntx: {{kind: transmitter}}", ONE)
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", tx="tripped").then("02:11:00", tx="good")
    log.expect(
        "02:14:00",
        """
        02:10:03 duty opened tx/power p1 3
        02:11:30 duty recovered tx/power p1 60 good
        """,
    )


def test_a_trip_after_blindness_begins_at_its_own_last_good_moment() -> None:
    """The other layer was blind before; the transmitter was seen good a second earlier."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:09:50", studio="no_answer").then("02:10:05", studio="good")
    log.then("02:10:08", tx="tripped").until("02:12:00")
    (alert,) = [alert for alert in log.alerts() if alert["told"] == "opened"]
    (member,) = alert["members"]
    first, last = member["began"]
    assert last - first <= 2 * SECOND
    assert alert["began"] == member["began"]


def test_an_incident_without_a_clearing_time_ends_and_a_later_fall_is_another() -> None:
    """``clear_after: 0s``: two falls, two incidents, each with its own seconds."""
    site = station(DEVICES, f"p1: {{name: 一套, off_air: {{clear_after: 0s}}, {WHOLE}}}")
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", tx="tripped").then("02:10:30", tx="good")
    log.then("02:20:00", tx="tripped").then("02:20:40", tx="good")
    log.expect(
        "02:25:00",
        """
        02:10:03 duty opened tx/power p1 3
        02:10:30..02:10:31 duty recovered tx/power p1 30 good
        02:20:03 duty opened tx/power p1 3
        02:20:40..02:20:41 duty recovered tx/power p1 40 good
        """,
    )


def test_a_reload_that_renames_a_redundant_stage_leaves_no_incident_open() -> None:
    """The lost reserve of the old name ends; the one of the new name is the same place's."""
    renamed = station(TWO_TRANSMITTERS, PAIR.replace("stage: transmitters", "stage: rf"))
    log = DutyLog(station(TWO_TRANSMITTERS, PAIR), begins="02:00:00", b="standby")
    log.then("02:10:00", b="tripped").until("02:15:00").reload(renamed).until("02:20:00")
    open_members = {
        member.id
        for incident in log.driver.situation.durable.incidents.values()
        for member in incident.members.values()
        if member.over is None
    }
    assert open_members <= {"tv/reserve_lost/rf"}
    log.becomes(b="standby").until("02:25:00")
    assert not log.driver.situation.durable.incidents or log.messages()[-1].told == "recovered"


def test_an_answer_that_comes_late_does_not_end_an_outage() -> None:
    """An answer from before the trip arrives behind three younger ones."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:10:00", tx="tripped").until("02:10:03")
    log.late_answer("tx", "good", "02:09:59.5", "02:10:03.6")
    log.then("02:11:00", tx="good")
    log.expect(
        "02:14:00",
        """
        02:10:03 duty opened tx/power p1 3
        02:11:30 duty recovered tx/power p1 60 good
        """,
    )


def test_the_seconds_of_two_owners_add_up_to_the_outage() -> None:
    """The studio's silence, then the transmitter's trip: the outage moves at the healing."""
    sound = SOUND.replace("owner: own", "owner: province")
    site = station(DEVICES, f"p1: {{name: 一套, chain: [{sound}, {MUX}, {TX}]}}")
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", studio="silent").then("02:10:20", tx="tripped")
    log.then("02:10:35", studio="good").then("02:20:35", tx="good").until("02:25:00")
    (outage,) = log.ended()
    spans = [(owner, to - begin) for begin, to, _, owner in outage["owners"]]
    assert [owner for owner, _ in spans] == ["province", "own"]
    assert abs(spans[0][1] - 35 * SECOND) <= 2 * SECOND
    assert abs(sum(span for _, span in spans) - 635 * SECOND) <= 2 * SECOND


def test_a_cause_that_was_good_for_a_moment_keeps_the_outage_for_the_time_after_its_last_end() -> (
    None
):
    """Good for four seconds, then for good: the half minute counts from the second time on."""
    site = station(DEVICES, f"p1: {{name: 一套, chain: [{SOUND}, {MUX}, {TX}]}}")
    log = DutyLog(site, begins="02:00:00")
    log.then("02:10:00", studio="silent").then("02:10:20", tx="tripped")
    log.then("02:11:00", studio="good").then("02:11:04", studio="silent")
    log.then("02:12:00", studio="good").until("02:13:00")
    assert [(m.at, m.told, m.place) for m in log.messages()] == [
        ("02:10:03", "opened", "studio/sound"),
        ("02:10:23", "also", "tx/power"),
        ("02:12:30", "continued", "studio/sound"),
    ]


def _names(message: object) -> set[str]:
    return {member.name for member in message.members}  # type: ignore[attr-defined]


def test_a_clean_changeover_during_another_outage_names_no_transmitter() -> None:
    """Seen a poll apart, both members look bad for a moment; neither was while the other was."""
    pair = PAIR.replace("chain:", f"chain:\n    - {SOUND}")
    site = station(TWO_TRANSMITTERS + "studio: {kind: detector}\n", pair)
    log = DutyLog(site, begins="02:00:00", b="standby")
    log.then("02:10:00", studio="silent").then("02:10:30", a="standby", b="good")
    log.then("02:12:00", studio="good")
    log.expect(
        "02:15:00",
        """
        02:10:03 duty opened studio/sound tv 3
        02:12:30 duty recovered studio/sound tv 120 good
        """,
        "tv",
    )
