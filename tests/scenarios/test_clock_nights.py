"""Nights on which the wall clock is wrong (FAULTS D)."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from monitord.core.clock_quality import SYNCHRONISED, ClockQuality, Kernel
from monitord.core.model import SECOND, CalendarExtended
from monitord.core.view import counted_totals
from tests.scenarios.dutylog import DAY, DutyLog, clock_of, wall_of
from tests.scenarios.sites import station
from tests.support.seam import OFFSET, Site, bodies

UNSYNCHRONISED = replace(SYNCHRONISED, kernel=Kernel.NONE)
NETWORK = replace(SYNCHRONISED, max_error=20_000)
IN_1970 = 40 * SECOND


def fm() -> Site:
    """Return an FM programme with a nightly pause."""
    return station(
        "tx: {kind: transmitter}",
        """
        fm:
          name: 调频
          schedule: {daily: "05:55-24:00"}
          chain: [{stage: transmitter, owner: own, needs: tx.radiating}]
        """,
    )


def test_a_first_start_in_1970_reports_the_clock_and_then_an_outage() -> None:
    """Expected on until the clock is trusted; after NTP the outage has its true time."""
    unset = {"quality": UNSYNCHRONISED}
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality=unset).until("12:05:00")
    assert "/clock_untrusted" in log.members_told()
    log.clock_read("12:05:00.5", "12:05:00.5", quality=NETWORK).until("12:09:00")
    log.driver.clock_quality = {"quality": NETWORK}
    log.power_cut("12:09:30", shows="12:09:30")
    log.then("12:15:00", tx="tripped").then("12:20:00", tx="good")
    log.expect(
        "12:25:00",
        """
        12:15:03 duty opened tx/transmitter fm 3
        12:20:30 duty recovered tx/transmitter fm 300 good
        """,
        "fm",
    )


def test_an_outage_in_untrusted_time_rings_as_in_hours() -> None:
    """A missing or unproven clock never means closed."""
    unset = {"quality": UNSYNCHRONISED}
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality=unset)
    log.then("12:02:00", tx="tripped").until("12:05:00")
    assert "fm" in log.members_told() or "fm/suspected" in log.members_told()
    assert "off_air" not in log.seconds("fm")


def test_a_clock_five_days_behind_at_boot_hides_no_outage() -> None:
    """A sound record, a dead battery: the clock is reported, and the outage rings."""
    log = DutyLog(fm(), begins="12:00:00").until("13:00:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("13:05:00", shows=wall_of("03:00:00") - 5 * DAY)
    log.then("13:10:00", tx="tripped").until("13:12:00")
    assert "/clock_untrusted" in log.members_told()
    log.clock_read("13:12:00.5", "13:12:00.5", quality=NETWORK)
    log.then("13:15:00", tx="good").until("13:20:00")
    about = [m for m in log.messages() for member in m.members if member.name.startswith("fm")]
    assert about, "somebody received of the outage"
    assert about[-1].told in ("recovered", "continued")
    assert log.seconds("fm").get("off_air", 0) in range(296, 302)


def test_a_clock_five_minutes_slow_at_the_first_start_is_repaired() -> None:
    """The close-down at midnight is no outage by the clock that was wrong."""
    unset = {"quality": UNSYNCHRONISED}
    log = DutyLog(fm(), begins="22:00:00", shows="21:55:00", quality=unset)
    log.clock_read("22:10:00.5", "22:10:00.5", quality=NETWORK)
    log.then("24:00:01", tx="standby").until("24:30:00")
    assert log.seconds("fm").get("off_air", 0) == 0
    assert "fm" not in log.members_told()


def test_a_clock_three_hours_wrong_at_night_gives_one_message_and_no_false_outage() -> None:
    """At 03:10 it shows 06:10: held time says closed, the rival says on, so that it rings as on.

    Off since the close-down: only the hours that are not sure make it an outage.
    """
    log = DutyLog(fm(), begins="02:00:00", tx="standby").until("03:10:00")
    log.clock_read("03:10:00.5", "06:10:00.5", quality=UNSYNCHRONISED)
    log.expect("03:20:00", "03:10:03 duty opened site/clock fm 0-3, /clock_untrusted 3")
    assert log.seconds("fm").get("off_air", 0) == 0


def test_a_step_while_an_outage_is_open_ends_by_agreement() -> None:
    """Three hours forward and back: figures remain true and the dispute is over."""
    log = DutyLog(fm(), begins="12:00:00").then("12:10:00", tx="tripped")
    log.clock_read("12:12:00.5", "15:12:00.5", quality=UNSYNCHRONISED).until("12:14:00")
    log.clock_read("12:14:00.5", "12:14:00.5", quality=NETWORK).then("12:20:00", tx="good")
    log.until("12:25:00")
    final = [m for m in log.messages() if m.told == "recovered"]
    assert {member.name for m in final for member in m.members} >= {"fm", "/clock_untrusted"}
    (fm_over,) = [member for m in final for member in m.members if member.name == "fm"]
    assert 597 <= fm_over.least <= 600.2
    assert 599.8 <= fm_over.most <= 603


def test_a_person_ends_the_dispute_of_a_step_while_an_outage_is_open() -> None:
    """The step was right: the outage keeps its figures, and the clock is no news any more."""
    log = DutyLog(fm(), begins="12:00:00").then("12:10:00", tx="tripped")
    log.clock_read("12:12:00.5", "15:12:00.5", quality=UNSYNCHRONISED).until("12:14:00")
    log.adopt("duty", "15:14:00.5").then("12:20:00", tx="good").until("12:25:00")
    log.clock_read("12:25:00.5", "15:25:00.5", quality=UNSYNCHRONISED).until("12:30:00")
    final = [m for m in log.messages() if m.told == "recovered"]
    names = [member.name for m in final for member in m.members]
    assert sorted(names) == ["/clock_untrusted", "fm"]
    (over,) = [member for m in final for member in m.members if member.name == "fm"]
    assert 597 <= over.least <= 600.2
    assert 599.8 <= over.most <= 603


def test_a_boot_into_the_night_by_three_hours_leaves_the_day_watched() -> None:
    """At 08:00 a battery clock shows 05:00, before the hours: the outage rings as in hours."""
    log = DutyLog(fm(), begins="07:00:00").until("07:55:00")
    log.driver.clock_quality = {"quality": replace(UNSYNCHRONISED, battery=True)}
    log.power_cut("08:00:00", shows="05:00:00").then("08:05:00", tx="tripped").until("08:07:00")
    told = [(m.told, member.name) for m in log.messages() for member in m.members]
    assert ("opened", "/clock_untrusted") in told
    assert ("opened", "fm") in told
    log.clock_read("08:07:00.5", "08:07:00.5", quality=NETWORK)
    log.then("08:10:00", tx="good").until("08:15:00")
    assert log.seconds("fm").get("off_air", 0) in range(297, 302)


def test_an_outage_that_an_adopted_clock_puts_out_of_hours_is_withdrawn() -> None:
    """It rang while the hours were not known; who got word of it gets word that it was none."""
    unset = {"quality": UNSYNCHRONISED}
    log = DutyLog(fm(), begins="02:00:00", shows=IN_1970, quality=unset)
    log.then("02:05:00", tx="standby").until("02:10:00")
    log.clock_read("02:10:00.5", "02:10:00.5", quality=NETWORK)
    log.expect(
        "05:50:00",
        """
        02:05:03 duty opened tx/transmitter fm 0-4.1
        02:10:00 duty withdrawn tx/transmitter fm 0 withdrawn
        """,
        "fm",
    )
    assert log.seconds("fm") == {"closed": 13_799}
    (ended,) = log.ended()
    assert (ended["how"], ended["began"][1]) == ("withdrawn", ended["ended"][1])
    assert ended["figures"] == {"least": 0, "most_seen": 0, "most": 0}


def test_an_outage_that_only_a_rival_clock_made_is_withdrawn_when_the_held_one_is_right() -> None:
    """It was off since its close-down; the network agrees with the time that was held."""
    log = DutyLog(fm(), begins="02:00:00", tx="standby").until("03:10:00")
    log.clock_read("03:10:00.5", "06:10:00.5", quality=UNSYNCHRONISED).until("03:20:00")
    log.clock_read("03:20:00.5", "03:20:00.5", quality=NETWORK)
    log.expect(
        "05:50:00",
        """
        03:10:03 duty opened site/clock fm 0-3, /clock_untrusted 3
        03:20:00 duty recovered site/clock fm 0 withdrawn, /clock_untrusted 600 good
        """,
    )
    assert log.seconds("fm") == {"closed": 13_799}


def test_an_outage_within_the_true_hours_is_kept_when_the_clock_is_adopted() -> None:
    """It began before the clock was known, in hours: its begin has a place, and it goes on."""
    unset = {"quality": UNSYNCHRONISED}
    log = DutyLog(fm(), begins="12:00:00", shows=IN_1970, quality=unset)
    log.then("12:05:00", tx="tripped").until("12:10:00")
    log.clock_read("12:10:00.5", "12:10:00.5", quality=NETWORK)
    log.then("12:15:00", tx="good").until("12:20:00")
    (ended,) = log.ended()
    assert ended["how"] == "good"
    assert log.seconds("fm")["off_air"] in range(597, 602)


def test_an_outage_of_the_boot_before_ends_with_its_own_hours() -> None:
    """Only what this boot took for an outage is withdrawn when its clock is known."""
    log = DutyLog(fm(), begins="23:50:00").then("23:58:00", tx="tripped").until("23:59:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("24:05:00", shows=IN_1970).until("24:10:00")
    log.clock_read("24:10:00.5", "24:10:00.5", quality=NETWORK).until("24:30:00")
    assert [ended["how"] for ended in log.ended()] == ["hours", "withdrawn"]
    assert log.seconds("fm")["off_air"] in range(50, 62)


def test_an_outage_that_an_adopted_clock_puts_into_hours_is_reported() -> None:
    """A battery clock three hours fast shows the night at 22:00; the network corrects it."""
    log = DutyLog(fm(), begins="21:00:00").until("21:05:00")
    log.driver.clock_quality = {"quality": replace(UNSYNCHRONISED, battery=True)}
    log.power_cut("22:00:00", shows="25:00:00").then("22:05:00", tx="tripped").until("22:07:00")
    assert "/clock_untrusted" in log.members_told()
    assert "fm" not in log.members_told()
    log.clock_read("22:07:00.5", "22:07:00.5", quality=NETWORK).until("22:10:00")
    assert "fm" in log.members_told()
    log.adopt("duty", "22:10:00").then("22:15:00", tx="good").until("22:20:00")
    final = [m for m in log.messages() if m.told == "recovered"]
    (over,) = [member for m in final for member in m.members if member.name == "fm"]
    assert 597 <= over.least <= 600.2


def test_a_step_three_hours_back_while_an_outage_is_open_ends_by_agreement() -> None:
    """It shows a time that has been: held time goes on, and the network puts it right."""
    log = DutyLog(fm(), begins="12:00:00").then("12:10:00", tx="tripped")
    log.clock_read("12:12:00.5", "09:12:00.5", quality=UNSYNCHRONISED).until("12:14:00")
    assert "/clock_untrusted" in log.members_told()
    log.clock_read("12:14:00.5", "12:14:00.5", quality=NETWORK).then("12:20:00", tx="good")
    log.until("12:25:00")
    final = [m for m in log.messages() if m.told == "recovered"]
    assert {member.name for m in final for member in m.members} >= {"fm", "/clock_untrusted"}
    (over,) = [member for m in final for member in m.members if member.name == "fm"]
    assert 597 <= over.least <= 600.2
    assert 599.8 <= over.most <= 603
    assert log.seconds("fm")["off_air"] in range(597, 601)


def test_a_step_three_hours_back_into_the_night_hides_no_outage() -> None:
    """It shows 05:12, before the hours: the open outage goes on, and a new one rings."""
    log = DutyLog(fm(), begins="07:00:00").then("08:10:00", tx="tripped").until("08:12:00")
    log.clock_read("08:12:00.5", "05:12:00.5", quality=UNSYNCHRONISED).until("08:14:00")
    log.then("08:15:00", tx="good").then("08:30:00", tx="tripped").then("08:32:00", tx="good")
    log.until("08:40:00")
    told = [(m.told, x.name) for m in log.messages() for x in m.members if x.name == "fm"]
    assert [what for what, _ in told] == ["opened", "recovered", "opened", "recovered"]
    assert "withdrawn" not in {m.told for m in log.messages()}


def closed_on(log: DutyLog, day: int) -> CalendarExtended:
    """Return the calendar with one hour of a later day closed."""
    given = log.driver.calendar_from(log.at)
    dated = ((wall_of(f"{24 * day}:00:00"), wall_of(f"{24 * day + 1}:00:00"), "closed"),)
    changed = {name: replace(hours, dated=dated) for name, hours in given.hours.items()}
    return replace(given, hours=changed)


def test_a_step_back_from_the_night_rings_though_the_calendar_changed_meanwhile() -> None:
    """It shows 22:45, in hours: the calendar keeps what was expected then."""
    log = DutyLog(fm(), begins="22:00:00").then("23:10:00", tx="tripped")
    log.then("23:12:00", tx="good").until("25:30:00")
    log.give(closed_on(log, 3)).until("25:40:00")
    log.clock_read("25:40:00.5", "22:40:00.5", quality=UNSYNCHRONISED)
    log.then("25:45:00", tx="tripped").until("25:47:00")
    told = [m.told for m in log.messages() for x in m.members if x.name == "fm"]
    assert told == ["opened", "recovered", "opened"]


def test_a_step_back_within_the_night_rings_for_nothing_behind_a_changed_calendar() -> None:
    """It shows 00:40, closed as well: what was expected two hours ago is still known."""
    log = DutyLog(fm(), begins="22:00:00").then("23:10:00", tx="tripped")
    log.then("23:12:00", tx="good").until("25:05:00")
    log.give(closed_on(log, 3)).then("25:10:00", tx="tripped").then("25:12:00", tx="good")
    log.until("25:30:00").give(closed_on(log, 4)).until("25:40:00")
    log.clock_read("25:40:00.5", "24:40:00.5", quality=UNSYNCHRONISED)
    log.then("25:45:00", tx="tripped").until("25:47:00")
    told = [m.told for m in log.messages() for x in m.members if x.name == "fm"]
    assert told == ["opened", "recovered"]


def test_what_is_off_at_the_opening_is_named_though_the_clock_is_lost_behind_it() -> None:
    """The hours began by the clock of the boot before: no uncertain hours made it an outage."""
    log = DutyLog(fm(), begins="05:00:00").then("05:50:00", tx="tripped").until("05:54:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("05:56:00", shows=IN_1970).until("06:00:00")
    places = [a["cause"]["place"] for a in log.alerts() if a["fault"] == "off_air"]
    assert set(places) == {"tx/transmitter"}


def test_a_boot_whose_clock_shows_the_day_reports_what_was_off_at_night() -> None:
    """Off since the close-down: the hours that the battery clock shows begin with the boot."""
    log = DutyLog(fm(), begins="23:30:00").then("24:10:00", tx="tripped").until("25:00:00")
    log.driver.clock_quality = {"quality": replace(UNSYNCHRONISED, battery=True)}
    log.power_cut("25:00:30", shows="31:00:30").until("25:05:00")
    assert [m.told for m in log.messages() for x in m.members if x.name == "fm"] == ["opened"]


def test_a_suspicion_in_hours_that_are_not_known_counts_in_most() -> None:
    """Unsure is never in least and always in most."""
    log = DutyLog(fm(), begins="23:30:00").then("24:10:00", tx="tripped")
    log.then("24:20:00", tx="no_answer").until("25:00:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("25:00:30", shows=IN_1970).until("25:05:00")
    (member,) = [x for m in log.messages() for x in m.members if x.name == "fm/suspected"]
    assert member.least == 0
    assert member.most > 0


def test_a_programme_added_while_the_clock_is_not_trusted_keeps_its_outage() -> None:
    """Its calendar is recorded once the clock is known: until then its hours are not over."""
    alone, both = two_programmes()
    log = DutyLog(alone, begins="12:00:00").until("12:30:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("12:31:00", shows=IN_1970).until("12:35:00").reload(both)
    log.then("12:40:00", tx="tripped").until("12:45:00").adopt("duty", "12:45:00")
    log.until("12:45:01")
    log.give(log.driver.calendar_from(log.at)).then("12:50:00", tx="good").until("12:55:00")
    over = [b for b in bodies(log.driver.events, "member_over") if b["programme"] == "fm2"]
    assert [body["how"] for body in over] == ["good"]
    assert 597 * SECOND <= over[0]["least"] <= over[0]["most"] <= 602 * SECOND


def test_a_programme_that_a_start_removes_is_blind_since_the_last_run() -> None:
    """It was off when monitord was killed: nobody saw the time until the next start."""
    alone, both = two_programmes()
    log = DutyLog(both, begins="12:00:00").then("12:10:00", tx="tripped").until("12:12:00")
    log.driver.plan = alone.plan
    log.power_cut("12:20:00")
    last = [e for e in log.driver.events if (e.kind, e.subject) == ("piece_opened", "fm2")][-1]
    body = json.loads(last.body)
    assert body["blind"] == "absent"
    assert body["presumed"]
    (ended,) = [
        body
        for body in bodies(log.driver.events, "outage_ended")
        if (body["programme"], body["how"]) == ("fm2", "reconfigured")
    ]
    assert ended["figures"]["most"] - ended["figures"]["most_seen"] >= 480 * SECOND


def test_a_programme_that_a_reload_removes_is_blind_since_its_last_answer() -> None:
    """What its devices said last does not count up to the reload."""
    alone, both = two_programmes()
    log = DutyLog(both, begins="12:00:00").until("12:12:00")
    log.then("12:12:01", tx="silent").until("12:12:02.5").reload(alone)
    last = [e for e in log.driver.events if (e.kind, e.subject) == ("piece_opened", "fm2")][-1]
    assert json.loads(last.body)["blind"] == "not_yet"
    assert json.loads(last.body)["start"] < log.at


def two_programmes() -> tuple[Site, Site]:
    """Return a site with one programme, and the same with a second one of the same device."""
    chain = "chain: [{stage: transmitter, owner: own, needs: tx.radiating}]"
    first, second = (f"{name}: {{name: {name}, {chain}}}" for name in ("fm", "fm2"))
    device = "tx: {kind: transmitter}"
    return station(device, first), station(device, f"{first}\n{second}")


def counted(log: DutyLog) -> dict[str, int]:
    """Return what Prometheus counts of the programme, in whole seconds."""
    situation = log.driver.situation
    columns, figures, _ = counted_totals(situation, "fm", log.driver.now)
    found = {str(column): round(us / SECOND) for column, us in columns.items()}
    return found | {"most_seen": round(figures.most_seen / SECOND)}


def test_no_counter_falls_when_an_uncertain_clock_is_corrected() -> None:
    """Off air over the close-down, by a clock that is three hours behind or not: nobody knows."""
    log = DutyLog(fm(), begins="22:00:00").until("23:00:00")
    seen = [counted(log)]
    log.clock_read("23:00:00.5", "20:00:00.5", quality=UNSYNCHRONISED)
    log.then("23:10:00", tx="tripped")
    seen += [counted(log.until(clock)) for clock in ("23:30:00", "24:10:00", "24:30:00")]
    assert 3595 <= seen[-1]["on_air"] <= 3600
    assert seen[-1]["off_air"] == 0, "it counts once it has its place"
    seen.append(counted(log.adopt("duty", "24:30:00.5").until("24:31:00")))
    assert 2930 <= seen[-1]["off_air"] <= 3000
    seen.append(counted(log.then("24:35:00", tx="good").until("24:40:00")))
    for before, after in pairwise(seen):
        assert {name for name, value in after.items() if value < before[name]} == set()


def test_one_reading_off_air_behind_our_start_rings_though_it_was_off_in_closed_hours() -> None:
    """By the clock that is lost its hours may be open: it is proven off in them."""
    log = DutyLog(fm(), begins="02:00:00", tx="standby").until("02:10:00")
    log.driver.clock_quality = {"quality": UNSYNCHRONISED}
    log.power_cut("02:10:30", shows=IN_1970).until("02:10:30.5").becomes(tx="good")
    log.until("02:20:00")
    members = {member.name for m in log.messages() for member in m.members}
    assert "fm" in members


@pytest.mark.parametrize("quality", [UNSYNCHRONISED, replace(UNSYNCHRONISED, battery=True)])
@pytest.mark.parametrize(
    ("real", "shown"),
    [("02:00:00", "06:30:00"), ("08:00:00", "03:00:00"), ("05:50:00", "05:20:00")],
)
def test_what_ended_before_the_clock_was_known_keeps_figures_that_are_true(
    real: str, shown: str, quality: ClockQuality
) -> None:
    """Closed time shown as hours, hours shown as closed, and an opening that it hides.

    The row and the message of an outage bound what the ledger counts of it once the network has
    placed it. Of hours that only a battery clock shows, the seconds count as they are shown.
    """
    begin = wall_of(real)
    log = DutyLog(fm(), begins=shown_at(begin, -20)).until(shown_at(begin, -2))
    log.driver.clock_quality = {"quality": quality}
    log.power_cut(real, shows=shown).then(shown_at(begin, 2), tx="tripped")
    log.then(shown_at(begin, 12), tx="good").until(shown_at(begin, 15))
    log.clock_read(shown_at(begin, 16), shown_at(begin, 16), quality=NETWORK)
    log.until(shown_at(begin, 40))
    (ended,) = log.ended()
    (member,) = [one for m in log.messages() if m.told == "recovered" for one in m.members][:1]
    counted = log.seconds("fm")
    off, between = counted.get("off_air", 0), counted.get("between", 0)
    is_shown_on = quality.battery and shown == "06:30:00"
    least, most = ended["figures"]["least"], ended["figures"]["most"]
    assert is_shown_on or least <= (off + 1) * SECOND
    assert most >= (off + between - 1) * SECOND
    assert (round(member.least), round(member.most)) == (
        round(least / SECOND),
        round(most / SECOND),
    )


def shown_at(begin: int, minutes: int) -> str:
    """Return the station's clock so many minutes after a wall time."""
    return clock_of(begin + minutes * 60 * SECOND - OFFSET)


@pytest.mark.parametrize("source", ["host", "network"])
def test_a_time_that_a_person_states_of_a_good_clock_leaves_the_hours_as_they_were(
    source: str,
) -> None:
    """The clock agrees with him: from its next reading on its own bound counts, not his minute."""
    quality = replace(SYNCHRONISED, max_error=SECOND, source=source)
    logs = [DutyLog(fm(), begins="22:00:00", quality={"quality": quality}) for _ in range(2)]
    logs[0].until("22:10:00").adopt("duty", "22:10:00")
    for log in logs:
        log.clock_read("22:11:00.5", "22:11:00.5", quality=quality)
        log.then("24:00:02", tx="standby").then("29:54:55", tx="good").until("30:30:00")
    adopted, not_adopted = (log.seconds("fm") for log in logs)
    assert adopted == not_adopted
