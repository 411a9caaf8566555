"""What a rule says exactly at its edge: at its bound, of none or one more, the id and the word."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from monitord.core import config_folds, earlier, incident_folds
from monitord.core.base_incidents import map_incidents
from monitord.core.calendar_intervals import body_of_version_1, state_of_version_1
from monitord.core.codec import from_plain, shape_hash, to_plain
from monitord.core.config_events import ConfigurationAdopted
from monitord.core.durable import ConditionNow, Durable, Piece, ProgrammeNow
from monitord.core.faults import is_over_by
from monitord.core.generation1 import durable as old
from monitord.core.incident_events import IncidentOpened
from monitord.core.incident_state import Outage, Place
from monitord.core.model import (
    SECOND,
    Answer,
    Base,
    Event,
    Evidence,
    Layer,
    Silence,
    Stream,
)
from monitord.core.plan import Plan, StagePlan
from monitord.core.present import observed_of
from monitord.core.rebase import begin_epoch
from monitord.core.record_events import Harm
from monitord.core.situation import Situation
from monitord.core.suspicions import power_lost
from monitord.core.timeline import Proof, Timeline
from monitord.core.unsettled import still_open
from monitord.core.values import Numbering
from tests.fixtures.generation1 import HISTORIES, HISTORIES_2, history_of
from tests.support.seam import (
    PEOPLE,
    T0,
    TRANSMITTER_ANSWERS,
    Driver,
    Outcome,
    Site,
    Watch,
    device,
    fm_site,
    fold,
    member,
    needs,
    plant_site,
    programme,
    shared_site,
    sound,
    transmitter,
)

WEEK = 7 * 24 * 3600 * SECOND


def event(at: int, kind: str, subject: str = "") -> Event:
    return Event(1, 1, at, kind, 1, subject, Stream.SITE, b"")


# -- what the record keeps ------------------------------------------------------------------------


def test_a_short_number_is_free_seven_days_after_it_was_given_back() -> None:
    """Not a microsecond before; the number of an open incident stays taken."""
    at = 100 * WEEK
    durable = Durable(numbers={"100": at - WEEK, "101": at - WEEK + 1, "102": None, "103": at})
    before = durable.numbers
    place = Place("tx/tx", "stage", "no_carrier")
    body = IncidentOpened("fm", "off_air", "critical", "no_carrier", "", (), at, at, 104, place)
    incident_folds.incident_opened(durable, event(at, "incident_opened", "1-1"), body)
    assert durable.numbers == {"101": at - WEEK + 1, "102": None, "103": at, "104": None}
    assert durable.numbers is before  # thousands may be kept: they are not copied each time


def test_a_device_that_changed_is_not_known_any_more_and_one_taken_away_is_forgotten() -> None:
    """Conditions of other devices stay as they were proven, also those of a like name."""
    names = ("tx.radiating", "tx2.radiating", "io.sound")
    durable = Durable(conditions={name: ConditionNow(True, 5, "", 4) for name in names})
    body = ConfigurationAdopted("hash", "stored", {}, {"device": ("io",)}, {"device": ("tx",)})
    config_folds.configuration_adopted(durable, event(9, "config_adopted"), body)
    assert durable.conditions == {
        "tx.radiating": ConditionNow(None, 5, "not_yet", 4),
        "tx2.radiating": ConditionNow(True, 5, "", 4),
    }
    assert (durable.config_hash, durable.config_content) == ("hash", "stored")


def test_outages_incidents_and_spans_have_the_number_of_their_event_as_id() -> None:
    """Epoch and number: no other event has it, and a person finds the event by it."""
    watch = Watch(fm_site()).hold(20).hold(10, fm1="bad").hold(30, fm1="absent").hold(200)
    watch.hold(90, fm1="silent", io="silent").hold(20)
    events = watch.driver.events
    faults = {body["fault"] for body in watch.bodies("outage_began")}
    assert faults == {"off_air", "blind", "site_silent", "suspected"}
    named = [e for e in events if e.kind in ("incident_opened", "suspicion_found")]
    assert {e.kind for e in named} == {"incident_opened", "suspicion_found"}
    assert [e.subject for e in named] == [f"{e.epoch}-{e.number}" for e in named]
    began = [e for e in events if e.kind == "outage_began"]
    assert [json.loads(e.body)["id"] for e in began] == [f"{e.epoch}-{e.number}" for e in began]


def test_the_kinds_of_earlier_programs_have_the_versions_that_they_wrote() -> None:
    """A newer version is of a newer program, and is not read by a guess."""
    newest: dict[str, int] = {}
    for path in (*HISTORIES, *HISTORIES_2):
        for each in history_of(path).events:
            newest[each.kind] = max(newest.get(each.kind, 0), each.v)
    assert len(newest) > 15
    assert {kind: earlier.VERSIONS[kind] for kind in newest} == newest


def test_an_epoch_begins_with_a_state_before_its_first_number() -> None:
    """The state of its first event is that of an epoch without any."""
    durable = Durable(epoch=1, number=44, last_at=9)
    first = begin_epoch(durable, 2, Base(3, 1, 44, "head", lost=0), 9)
    state = json.loads(first.body)["state"]
    assert (state["epoch"], state["number"]) == (2, 0)


@pytest.mark.parametrize("harm", [None, *Harm])
def test_a_start_behind_a_harmed_record_records_that_harm(harm: Harm | None) -> None:
    """In the first turn of the new epoch; a new epoch of a sound record has nothing of it."""
    before = Durable(epoch=1, number=44, last_at=T0)
    base = Base(3, 1, 44, "head", lost=2, harm=harm)
    driver = Driver(fm_site().plan, before=before, base=base)
    driver.start(T0 + SECOND)
    found = [json.loads(event.body) for event in driver.events if event.kind == "record_replaced"]
    assert found == ([] if harm is None else [{"harm": str(harm), "lost": 2}])


def test_what_may_be_good_or_bad_is_observed_as_between() -> None:
    """Until one of its possible values is proven, no message names any of them."""
    may_be = ProgrammeNow(Piece(0, ["good", "bad:no_carrier"], None, presumed=False), 0)
    assert observed_of(Durable(programmes={"fm": may_be}), "fm") == "between"


def test_two_old_incidents_of_one_cause_keep_a_place_each() -> None:
    """Each stays open under its own id; no place is of two incidents."""
    first, second = (
        old.Incident(one, name, "off_air", "critical", "no_carrier", "tx", ["tx.radiating"], at, at)
        for one, name, at in (("1-5", "fm", 5), ("1-9", "am", 9))
    )
    found = old.Durable(last_at=20, incidents={"1-5": first, "1-9": second})
    durable = Durable()
    map_incidents(found, durable)
    assert durable.places == {"tx/tx": "1-5", "site/1-9": "1-9"}
    places = [(i.place.id, i.place.kind, i.place.stage) for i in durable.incidents.values()]
    assert places == [("tx/tx", "stage", "tx"), ("site/1-9", "stage", "tx")]


def test_a_stored_calendar_of_intervals_has_every_field_of_one_of_hours() -> None:
    """Each interval is a date of a station whose local time is UTC."""
    stored = {"intervals": {"fm": [[10, 20, "on"]]}, "known_from": 5, "known_to": 99}
    hours = {"fm": {"slots": [], "dated": [[10, 20, "on"]]}}
    since = {"since": 5, "given_from": 5, "known_from": 5, "kept_from": 5, "known_to": 99}
    expected = {"hours": hours, "offsets": ((0, 0),), "tzdata": "", **since}
    assert body_of_version_1(stored) == expected
    del stored["known_from"]
    assert body_of_version_1(stored)["since"] == 0
    plain = {"calendar": {"fm": [[10, 20, "on"]], "am": []}, "calendar_known_from": 7, "number": 3}
    assert state_of_version_1(plain) == {
        "calendar": {
            name: [{"since": 7, "hours": {"slots": [], "dated": dated}, "offsets": ((0, 0),)}]
            for name, dated in (("fm", [[10, 20, "on"]]), ("am", []))
        },
        "calendar_known_from": 7,
        "number": 3,
    }
    assert state_of_version_1({"number": 3}) == {"number": 3, "calendar": {}}


@dataclass(frozen=True, slots=True)
class Shapes:
    """Tuples of every length."""

    one: tuple[int]
    two: tuple[int, str]
    many: tuple[int, ...]
    nested: tuple[tuple[int, str], ...]
    maybe: int | None = None


def test_tuples_of_every_length_are_read_back() -> None:
    """One value, two of two types, any number of one type."""
    for value in (
        Shapes((1,), (2, "a"), (3, 4, 5), ((6, "b"), (7, "c"))),
        Shapes((1,), (2, "a"), (), (), 9),
    ):
        assert from_plain(Shapes, json.loads(json.dumps(to_plain(value)))) == value
    assert len(shape_hash(Shapes)) == 16


# -- timelines and proofs -------------------------------------------------------------------------


@pytest.mark.parametrize(("extended", "last"), [(95, 95), (90, 90), (60, 90)])
def test_a_timeline_that_follows_its_device_forgets_no_later_evidence(
    extended: int, last: int
) -> None:
    """The shared proof counts from its lag on; evidence of its own that is newer stays."""
    proof = Proof(100)
    timeline = Timeline(50, 0, "not_yet", proof, (10, 10))
    timeline.turn(Evidence("c", True, 40, 50))
    timeline.extend(Evidence("c", True, extended, 99))
    timeline.follow()
    assert timeline.last_before == last


@pytest.mark.parametrize("before", [None, False, True])
def test_a_value_that_turned_is_held_for_a_bound_from_the_answer_that_turned_it(
    before: bool | None,
) -> None:
    """From blindness, the other value, or one possible in between; then from each answer on."""
    timeline = Timeline(50, 0, "not_yet", Proof(0), (10, 10))
    if before is not None:
        timeline.turn(Evidence("c", before, 20, 40))
    timeline.turn(Evidence("c", True, 60, 80))
    assert (timeline.last_before, timeline.last_after) == (60, 80)
    assert (timeline.known_to(90), timeline.overdue_at()) == (80, 131)
    timeline.extend(Evidence("c", True, 80, 99))
    assert (timeline.last_after, timeline.overdue_at()) == (99, 150)


# -- lines that take back what they said ----------------------------------------------------------


@pytest.mark.parametrize(("apart", "inconsistent"), [(30, False), (29, True)])
def test_two_readings_taken_back_within_half_a_minute_make_a_line_inconsistent(
    apart: int, inconsistent: bool
) -> None:
    """Exactly half a minute apart they do not."""
    line = one_shape()
    good, off = (True, False, False), (False, False, False)

    def answer(seconds: float, values: tuple[bool, ...]) -> None:
        at = T0 + round(seconds * SECOND)
        line.tick([Answer("fm1", at - 10_000, at, values)], at)

    for second in range(1, 60):
        if second in (10, 10 + apart):
            answer(second - 0.3, off)
        answer(second, good)
    assert bool(incidents_of(line, "/inconsistent/fm1")) is inconsistent


def one_shape() -> Driver:
    """Return a started transmitter on a line without numbers, with answers of one form."""
    line = replace(transmitter("fm1"), numbering=Numbering.ONE_SHAPE)
    on_air = programme("fm", needs("tx", Layer.EMISSION, "fm1.radiating"))
    driver = Driver(Plan("hill", (line,), (on_air,), PEOPLE))
    driver.start(T0)
    return driver


def incidents_of(driver: Driver, fault: str) -> list[Event]:
    """Return every begin of a fault."""
    return [e for e in driver.events if (e.kind, e.subject) == ("outage_began", fault)]


def test_a_line_that_is_not_trusted_and_answers_is_not_silent() -> None:
    """The site is not silent while one of its devices says anything at all."""
    line = one_shape()
    good, off = (True, False, False), (False, False, False)
    moments = [(float(second), good) for second in range(1, 12)] + [(9.7, off), (10.7, off)]
    for seconds, values in sorted(moments):
        moment = T0 + round(seconds * SECOND)
        line.tick([Answer("fm1", moment - 10_000, moment, values)], moment)
    assert line.situation.devices["fm1"].inconsistent_until is not None
    at = T0 + 13 * SECOND
    line.tick([Silence("fm1", "timeout", at - 10_000, at)], at)
    assert line.situation.is_silent
    line.tick([Answer("fm1", at + 1, at + 2, good)], at + 2)
    assert not line.situation.is_silent
    assert line.situation.troubled == {}


# -- reloads and starts ---------------------------------------------------------------------------


@pytest.mark.parametrize("silent", [("fm1", "io"), ("fm1",), ()])
def test_a_reload_keeps_which_devices_are_silent(silent: tuple[str, ...]) -> None:
    """Each once: the site is silent where all of them are, and each is read again in a burst."""
    watch = Watch(fm_site()).hold(20).hold(10, **dict.fromkeys(silent, "silent"))
    found = [watch.driver.situation.is_silent, watch.driver.situation.silent_for("timeout")]
    troubled = watch.driver.situation.troubled.keys()
    plan = replace(watch.site.plan, people=watch.site.plan.people[:1])
    watch.driver.reload(plan, watch.driver.now + 1)
    situation = watch.driver.situation
    assert situation.troubled.keys() == troubled == set(silent)
    assert [situation.is_silent, situation.silent_for("timeout")] == found
    assert found == [len(silent) == 2] * 2
    at = watch.driver.now
    back = [Answer(n, at + 1, at + 2, watch.site.answers[n]["good"]) for n in ("fm1", "io")]
    watch.driver.tick(back, at + 2)
    assert not watch.driver.situation.is_silent
    assert watch.driver.situation.silences.get("timeout", 0) == 0


def test_what_is_configured_no_more_is_blind_from_the_last_moment_of_the_last_run() -> None:
    """Where nothing is configured any more, nothing that was read is awaited."""
    watch = Watch(fm_site()).hold(30)
    driver = watch.driver
    alive_at = driver.crash()
    driver.plan = Plan("hill", (), (), PEOPLE)
    driver.start(alive_at + 60 * SECOND, alive_at=alive_at)
    pieces = [b for b in watch.bodies("piece_opened") if b["subject"] == "fm"]
    assert (pieces[-1]["start"], pieces[-1]["blind"]) == (alive_at, "absent")


def test_an_outage_that_fell_due_while_monitord_did_not_run_opens_once_it_is_seen_again() -> None:
    """It began before the stop, and its delay is over; the first answers show it bad."""
    site = fm_site().with_(open_after=20 * SECOND)
    watch = Watch(site).hold(30).hold(5, fm1="bad")
    assert not watch.bodies("incident_opened")
    watch.restart(60).hold(10, fm1="bad")
    (opened,) = watch.bodies("incident_opened")
    assert opened["fault"] == "off_air"


# -- causes and messages --------------------------------------------------------------------------


def test_a_site_whose_requests_do_not_leave_is_blind_by_our_own_network() -> None:
    """Every device is unreachable: the message names our side, and no device."""
    site = fm_site()
    driver = Driver(site.plan)
    watch = Watch(site, driver).hold(30)
    for _ in range(80):
        at = driver.now + SECOND
        driver.tick([Silence(n, "unreachable", at - 9, at) for n in ("fm1", "io")], at)
    places: list[Any] = [b["place"] for b in watch.bodies("incident_opened")]
    assert [(p["id"], p["kind"], p["reason"]) for p in places] == [
        ("site/own_network", "network", "unreachable")
    ]


def test_a_suspected_outage_that_lasts_is_unsettled_from_its_earliest_begin() -> None:
    """What a person would have to settle now begins where it may have begun."""
    durable = Watch(fm_site()).hold(20).driver.situation.durable
    at = durable.last_at
    began = (at - 9 * SECOND, at - 2 * SECOND)
    durable.outages["fm/suspected"] = Outage("1-7", began, at, "restart", "", "", [])
    (span,) = still_open(durable, "fm", at + SECOND)
    assert (span.begin, span.end, span.sort) == (began[0], at + SECOND, "restart")


def test_a_message_counts_no_second_of_an_alarm_that_no_answer_has_proven_yet() -> None:
    """Its condition may have returned since the last answer, and for its lag before that."""
    lag = SECOND
    site = plant_site()
    feed = site.plan.devices[0]
    mains = replace(feed.conditions[0], false_lag=lag)
    plan = replace(site.plan, devices=(replace(feed, conditions=(mains,)), *site.plan.devices[1:]))
    watch = Watch(replace(site, plan=plan)).hold(20).hold(9, feed="bad")
    alerts: list[Any] = [body["alert"] for body in watch.bodies("attempt_began")]
    (alert,) = [alert for alert in alerts if alert["person"] == "engineer"]
    (member,) = alert["members"]
    # Five seconds after it was seen; the answer before that was sent when it was seen for four.
    seen = T0 + 20 * SECOND + 10_000
    assert member["began"] == [seen, seen]
    assert member["least"] == T0 + 24 * SECOND - lag - seen
    assert member["most"] == 5 * SECOND


def test_a_message_counts_the_falls_that_its_reader_does_not_know() -> None:
    """One of each programme that fell."""
    for states, falls in (({"io1": "bad"}, 1), ({"fm1": "bad"}, 2)):
        watch = Watch(shared_site()).hold(30).hold(25, **states)
        alerts: list[Any] = [b["alert"] for b in watch.bodies("attempt_began")]
        assert [(alert["told"], alert["falls"]) for alert in alerts] == [("opened", falls)] * 2
    watch = Watch(plant_site()).hold(30).hold(25, mux="one_lost").hold(80, mux="bad")
    alerts = [b["alert"] for b in watch.bodies("attempt_began") if b["subject"] == "desk"]
    found = [(alert["told"], alert["falls"], len(alert["members"])) for alert in alerts]
    assert found == [("opened", 1, 1), ("grown", 2, 3)]


def test_a_busy_channel_of_one_at_a_time_is_passed_over() -> None:
    """The next channel of the list takes the message at once."""
    site = plant_site()
    first = replace(PEOPLE[0], tell=("console",))
    second = replace(PEOPLE[1], tell=("console", "webhook"), tell_after=first.tell_after)
    site = site.with_(people=(first, second))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(60 * SECOND),))).hold(30)
    watch.hold(10, mux="bad")
    began = {(b["subject"], b["channel"]) for b in watch.bodies("attempt_began")}
    assert began == {("desk", "console"), ("engineer", "webhook")}


def test_a_later_stage_that_answers_without_a_value_is_waited_for_no_longer() -> None:
    """The earlier stage is proven bad at that answer, and not one poll later."""
    chain = (
        needs("studio", Layer.CONTENT, "studio.sound"),
        needs("monitor", Layer.CONTENT, "monitor.sound"),
    )
    devices = tuple(
        device(name, ("silent",), replace(sound(name).conditions[0], true_lag=0, false_lag=0))
        for name in ("studio", "monitor")
    )
    plan = Plan("hill", devices, (programme("tv", *chain),), PEOPLE)
    driver = Driver(plan)
    driver.start(T0)
    first = T0 + SECOND
    driver.tick([Answer("studio", first - 2, first - 1, (True,))], first)
    driver.tick([Answer("monitor", first + 1, first + 500, (None,))], first + SECOND)
    proven = [e.at for e in driver.events if e.kind == "bad_proven"]
    assert proven == [first + 500]


def test_what_is_no_outage_opens_under_the_cause_that_counts_when_its_delay_ends() -> None:
    """A second reserve fell silent meanwhile: the incident is of both."""
    names = ("a", "b", "c")
    stage = StagePlan("tx", "own", Layer.EMISSION, members=tuple(map(member, names)))
    plan = Plan("hill", tuple(map(transmitter, names)), (programme("tv", stage),), PEOPLE)
    site = Site("three", plan, dict.fromkeys(names, TRANSMITTER_ANSWERS))
    watch = Watch(site).hold(20, b="bad", c="bad").hold(6, b="silent", c="bad")
    watch.hold(80, b="silent", c="silent")
    places: list[Any] = [
        b["place"] for b in watch.bodies("incident_opened") if "unknown" in str(b["fault"])
    ]
    assert [place["id"] for place in places] == ["b+c/silent"]


def test_a_cause_that_explains_two_stages_heals_when_both_are_seen_again() -> None:
    """One of them runs on its generator; the other gives no answer, and stays with the mains."""
    plant = plant_site()
    both = [needs("tx", Layer.EMISSION, "tx1.radiating"), needs("tx2", Layer.EMISSION, "tx2.low")]
    plan = replace(plant.plan, programmes=(programme("fm", *both),))
    answers = plant.answers | {"tx2": {**plant.answers["tx2"], "good": (True, False, True)}}
    site = replace(plant, plan=plan, answers=answers)
    for back, held in (("good", False), ("silent", True)):
        watch = Watch(site).hold(20).hold(20, feed="bad", tx1="bad", tx2="bad")
        watch.hold(40, feed="bad", tx2=back)
        outage = watch.driver.situation.durable.outages.get("fm/off_air")
        assert (outage is not None and "feed/mains" in outage.claims) is held


@pytest.mark.parametrize(("back", "healed"), [("good", True), ("silent", False)])
def test_a_cause_of_two_stages_is_not_cured_while_one_of_them_is_not_seen(
    back: str, healed: bool
) -> None:
    """Not even while the programme is off air by a stage that it does not explain."""
    plant = plant_site()
    chain = (
        needs("mux", Layer.SERVICE, "mux.one"),
        needs("tx", Layer.EMISSION, "tx1.radiating"),
        needs("tx2", Layer.EMISSION, "tx2.low"),
    )
    answers = plant.answers | {"tx2": {**plant.answers["tx2"], "good": (True, False, True)}}
    site = replace(plant, plan=replace(plant.plan, programmes=(programme("fm", *chain),)))
    watch = Watch(replace(site, answers=answers))
    watch.hold(20).hold(20, feed="bad", tx1="bad", tx2="bad")
    watch.hold(20, feed="bad", mux="one_lost", tx2=back)
    claims = watch.driver.situation.durable.outages["fm/off_air"].claims
    assert claims.keys() == {"feed/mains", "mux/mux"}
    assert (claims["feed/mains"].healed is not None) is healed


def test_nothing_is_over_in_a_record_that_is_only_read() -> None:
    """Its programmes were never judged: what was due stays due."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad")
    read = Situation(fm_site().plan, fold(watch.driver.events))
    for name in ("fm/off_air", "fm/blind"):
        assert is_over_by(read, read.faults[name], watch.driver.now + 60 * SECOND) is False


@pytest.mark.parametrize(
    ("dip", "span", "found"),
    [
        ((100, 200), (200, 300), True),
        ((100, 200), (201, 300), False),
        ((100, 200), (0, 100), True),
        ((100, 200), (0, 99), False),
        ((100, None), (900, 999), True),
    ],
)
def test_a_supply_that_was_off_at_one_moment_of_a_span_was_lost_in_it(
    dip: tuple[int, int | None], span: tuple[int, int], found: bool
) -> None:
    """Both ends count; one that is still off was off in every later span."""
    situation = Watch(plant_site()).hold(20).hold(10, tx1="silent").driver.situation
    situation.dips = {"feed.mains": dip}
    plan = situation.programmes["one"].plan
    lost = power_lost(situation, plan, span[0], until=span[1])
    assert lost == ("feed.mains" if found else None)
