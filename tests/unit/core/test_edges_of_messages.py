"""What messages, rows and figures say at their edge: the third fall, no word yet, one of two."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from monitord.core.apply import apply, encode, kind_of_body
from monitord.core.decision_bodies import FalseAlarm
from monitord.core.durable import Durable
from monitord.core.events import RunStopped
from monitord.core.expression import Name
from monitord.core.fault_plans import alarms_of
from monitord.core.incident_state import Fall, Outage, owner_of
from monitord.core.members import prior, running_figures
from monitord.core.model import (
    SECOND,
    ClockRead,
    Decision,
    Event,
    Layer,
    Started,
    Stream,
)
from monitord.core.pipeline import advance
from monitord.core.plan import Elsewhere, Plan, StagePlan
from monitord.core.situation import Situation
from tests.support.seam import (
    OFFSET,
    PEOPLE,
    T0,
    TRANSMITTER_ANSWERS,
    Driver,
    Outcome,
    Site,
    Watch,
    fm_site,
    fold,
    member,
    programme,
    shared_site,
    transmitter,
)


def test_a_message_says_for_how_many_minutes_its_reader_had_no_word() -> None:
    """Whole ones since the last message that arrived; none before the first."""
    watch = Watch(fm_site()).hold(30).hold(150, fm1="bad").hold(60)
    alerts: list[Any] = [
        b["alert"] for b in watch.bodies("attempt_began") if b["subject"] == "desk"
    ]
    assert [(alert["told"], alert["minutes"]) for alert in alerts] == [
        ("opened", 0),
        ("recovered", 2),
    ]


def test_a_row_of_an_outage_names_the_devices_of_its_last_cause() -> None:
    """By their ids; an outage with no cause any more names none."""
    watch = Watch(fm_site()).hold(30).hold(20, fm1="bad").hold(60)
    (row,) = [b for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]
    assert (row["devices"], row["owner"], row["stage"]) == (["fm1"], "own", "tx")
    bare = Outage("1-7", (1, 2), 3, "restart", "", "", [])
    assert owner_of(bare) == ("", "")


def test_an_outage_that_flapped_says_so_from_its_third_fall_in_ten_minutes_on() -> None:
    """Two falls are none yet."""
    for falls, flaps in ((2, [False, False]), (3, [False, False, True])):
        watch = Watch(fm_site()).hold(30)
        for _ in range(falls):
            watch.hold(8, fm1="bad").hold(35)
        over = [b for b in watch.bodies("member_over") if b["fault"] == "off_air"]
        assert [body["flaps"] for body in over] == flaps


def test_a_false_alarm_that_ended_names_the_incident_it_was_in() -> None:
    """A person settles it with the incident before him."""
    watch = Watch(fm_site()).hold(30).hold(40, io="bad")
    (name,) = watch.driver.situation.durable.incidents
    at = watch.driver.now
    watch.driver.tick([Decision(at, "f1", "desk", "test", FalseAlarm(name, "music"))], at)
    watch.hold(60)
    (span,) = watch.bodies("suspicion_found")
    assert (span["sort"], span["evidence"]) == ("false_alarm", {"incident": name})


def test_a_shared_reserve_is_used_where_one_of_several_carries_another_programme() -> None:
    """The other spare is not ready: what is left is in use, and not lost."""
    names = ("a", "b", "c")
    elsewhere = (Elsewhere("other", Name("c.low")),)
    members = (member("a"), member("b"), replace(member("c"), elsewhere=elsewhere))
    stage = StagePlan("tx", "own", Layer.EMISSION, members=members)
    plan = Plan("hill", tuple(map(transmitter, names)), (programme("tv", stage),), PEOPLE)
    answers = dict.fromkeys(names, TRANSMITTER_ANSWERS)
    used = {**TRANSMITTER_ANSWERS, "used": (False, False, True)}
    site = Site("shared", plan, answers | {"c": used})
    watch = Watch(site).hold(20, b="bad", c="idle").hold(90, b="bad", c="used")
    opened = [str(b["fault"]) for b in watch.bodies("incident_opened")]
    assert "reserve_used/tx" in opened
    assert "reserve_lost/tx" not in opened


def test_a_reading_of_the_clock_that_changes_nothing_judges_nothing_again() -> None:
    """Not a single event; one that turns it is followed by the hours of every programme."""
    watch = Watch(fm_site()).hold(30)
    at = watch.driver.now + SECOND
    assert watch.driver.tick([ClockRead(at, at + OFFSET)], at) == ()
    assert not watch.driver.situation.programmes["fm"].unsettled


def test_a_restart_within_one_boot_reads_the_clock_as_any_further_reading() -> None:
    """The clock was set meanwhile by an hour: it is disputed from the start on."""
    watch = Watch(fm_site()).hold(30)
    driver = watch.driver
    boot = driver.situation.durable.clock.boot_id
    alive_at = driver.crash()
    durable = fold(driver.events)
    situation = Situation(watch.site.plan, durable)
    at = driver.now + 5 * SECOND
    started = Started(at, at + OFFSET + 3600 * SECOND, boot, "config", alive_at)
    found = advance(situation, [started, driver.calendar_from(at)], at).events
    turned = [json.loads(e.body) for e in found if e.kind == "clock_turned"]
    assert [body["trust"] for body in turned] == ["disputed"]


def test_a_state_is_of_the_epoch_number_and_moment_of_its_last_event() -> None:
    """Of whatever kind it is, and in whatever epoch the record begins."""
    body = encode(RunStopped({}))
    kind = kind_of_body(RunStopped({}))
    durable = Durable()
    apply(durable, Event(4, 17, 99, kind.name, kind.version, "", Stream.SITE, body))
    assert (durable.epoch, durable.number, durable.last_at) == (4, 17, 99)


@pytest.mark.parametrize(("ago", "counted"), [(599_999_999, 1), (600_000_000, 0)])
def test_a_fall_that_ended_ten_minutes_ago_shortens_no_delay(ago: int, counted: int) -> None:
    """To the microsecond: ten minutes and not less."""
    begin = 5_000 * SECOND
    ended = (begin - ago, begin - ago)
    began = (ended[0] - 4 * SECOND, ended[0] - 4 * SECOND)
    fall = Fall("1-1", began, began[1], "no_carrier", "tx", "fm1/tx", ended, "good")
    durable = Durable(recent={"fm/off_air": [fall]})
    assert prior(durable, "fm/off_air", begin, 0)[1] == counted


def test_the_silence_of_a_site_is_that_of_two_devices_or_more() -> None:
    """One device that is silent is that device; the site comes before every programme."""
    plan = fm_site().plan
    assert len(plan.devices) == 2
    silence = alarms_of(plan)["/site_silent"]
    assert (silence.severity, silence.rank < 0) == ("critical", True)
    assert "/site_silent" not in alarms_of(replace(plan, devices=plan.devices[:1]))


def test_the_figures_of_a_suspicion_count_from_its_earliest_begin() -> None:
    """Nobody proved any of it: only the most it can be is known."""
    watch = Watch(fm_site()).hold(30)
    situation, now = watch.driver.situation, watch.driver.now
    held = Outage("1-7", (now - 9 * SECOND, now - 2 * SECOND), now, "restart", "", "", [])
    figures = running_figures(situation, situation.faults["fm/suspected"], held, now)
    assert (figures.least, figures.most) == (0, 9 * SECOND)


def test_what_every_programme_has_settled_is_not_kept() -> None:
    """The past of a condition does not grow with how often it turned."""
    watch = Watch(shared_site()).hold(30)
    for _ in range(12):
        watch.hold(6, fm1="bad", io1="bad").hold(20)
    kept = {name: len(one.closed) for name, one in watch.driver.situation.timelines.items()}
    assert max(kept.values()) <= 2, kept


@pytest.mark.parametrize(
    ("bad", "proven_ms", "least_ms"),
    [
        ({"fm1": "bad"}, 30_010, 35_000 - 30_010),
        ({"io": "bad"}, 30_011, 35_001 - 2_000 - 30_011),
        ({"fm1": "bad", "io": "bad"}, 30_010, 35_000 - 30_010),
    ],
)
def test_an_opening_counts_what_the_last_answers_prove_though_it_is_not_settled(
    bad: dict[str, str], proven_ms: int, least_ms: int
) -> None:
    """L6: the layers settle ten seconds later. Sound is proven off up to two seconds ago.

    Of two layers that are off the one that is proven for longer counts.
    """
    watch = Watch(fm_site().with_(tell_after=6 * SECOND)).hold(30).hold(12, **bad)
    first = next(b for b in watch.bodies("attempt_began") if b["subject"] == "desk")
    alert: Any = first["alert"]
    assert alert["began"][1] == T0 + proven_ms * 1_000
    assert (first["at"], alert["least"]) == (alert["began"][1] + 6 * SECOND, least_ms * 1_000)


def test_the_attempts_of_a_message_are_counted_from_one() -> None:
    """Whatever channel fails; the answer to one of them is found by its number."""
    site = fm_site()
    outcomes = (Outcome(kind="temporary"),)
    watch = Watch(site, Driver(site.plan, outcomes=outcomes)).hold(30).hold(60, fm1="bad")
    numbers = [b["attempt"] for b in watch.bodies("attempt_began") if b["subject"] == "desk"]
    assert len(numbers) > 3
    assert numbers == [*range(1, len(numbers) + 1)]
