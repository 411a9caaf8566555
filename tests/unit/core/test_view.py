"""What pages, metrics and commands read: status, settled sums, suspects, counts."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.ledger import totals
from monitord.core.model import SECOND, Answer, Column
from monitord.core.values import Numbering
from monitord.core.view import (
    incidents_by_severity,
    own_reasons,
    programme_status,
    settled_totals,
    suspects,
    undelivered_by_person,
)
from tests.support.seam import (
    BOUND,
    OFFSET,
    T0,
    WALL,
    Driver,
    Outcome,
    Site,
    Watch,
    fm_site,
    reserve_site,
    shared_site,
)

INTERVALS = ((WALL - 86_400 * SECOND, WALL + 86_400 * SECOND, "on"),)


def seconds(at: int) -> float:
    return (at - T0) / SECOND


def test_a_status_says_since_when_a_programme_is_as_it_is() -> None:
    """On air since it was seen; off air since it was proven; blind since it was not seen."""
    watch = Watch(fm_site()).hold(60)
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert (status.column, status.observed, status.presumed) == (Column.ON_AIR, "good", False)
    assert seconds(status.since) < 1
    watch.hold(20, fm1="bad")
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert (status.column, status.observed) == (Column.OFF_AIR, "bad:no_carrier")
    assert seconds(status.since) == 60.01
    watch.hold(60).hold(60, io="silent")
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert (status.column, status.observed) == (Column.BLIND, "unknown:timeout")
    # The last answer of a detector that holds for 10 s.
    assert seconds(status.since) == 139.001 - 10


def test_a_status_is_blind_since_the_first_cause_of_it() -> None:
    """First the studio is not seen, then the transmitter: the programme is blind since before."""
    watch = Watch(fm_site()).hold(60).hold(30, io="absent").hold(60, io="absent", fm1="silent")
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert watch.driver.situation.durable.programmes["fm"].piece.blind == "timeout"
    # The last answer of a detector that holds for 10 s.
    assert seconds(status.since) == 59.001 - 10


def test_a_programme_that_went_blind_while_off_air_counts_as_off_air() -> None:
    """Presumed: since the outage was proven, until it is seen again."""
    watch = Watch(fm_site()).hold(60).hold(20, fm1="bad").hold(60, fm1="silent")
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert (status.column, status.presumed) == (Column.OFF_AIR, True)
    assert seconds(status.since) == 60.01


def test_a_status_begins_with_the_hours_of_the_programme() -> None:
    """What was before them belongs to other hours."""
    opens = T0 + 30 * SECOND + OFFSET
    hours = ((opens - 86_400 * SECOND, opens, "closed"), (opens, opens + 10**6 * SECOND, "on"))
    watch = Watch(fm_site(), Driver(fm_site().plan, calendar=hours)).hold(60)
    status = programme_status(watch.driver.situation, "fm", watch.driver.now)
    assert (status.column, seconds(status.since)) == (Column.ON_AIR, 30)


def test_sums_end_where_a_crash_could_still_change_them() -> None:
    """The bound of the programme's conditions before the last sign of life."""
    watch = Watch(fm_site()).hold(60).hold(20, fm1="bad").hold(40)
    situation = watch.driver.situation
    alive_at = watch.driver.now
    columns, figures, _ = settled_totals(situation, "fm", alive_at)
    # Twenty bad answers, each received 10 ms after it was asked for.
    assert columns[Column.OFF_AIR] == figures.least == 19 * SECOND - 10_000
    assert figures.most_seen == 21 * SECOND + 10_000
    # Before the first answers nothing was seen.
    assert figures.most == figures.most_seen + 11_000
    longest = BOUND + 10 * SECOND  # of a detector that holds for 10 s
    assert alive_at - T0 - longest - SECOND <= sum(columns.values()) <= alive_at - T0 - longest


def test_a_device_is_a_suspect_while_one_more_answer_decides() -> None:
    """One or two failed reads, or a turn that is not proven; three say that it is dead."""
    watch = Watch(fm_site()).hold(30)
    assert suspects(watch.driver.situation) == frozenset()
    for expected in ({"io"}, {"io"}, set()):
        watch.hold(1, io="silent")
        assert suspects(watch.driver.situation) == expected


def test_a_device_that_never_answered_is_a_suspect_twice_as_well() -> None:
    """Nothing is counted before the first read."""
    watch = Watch(fm_site())
    found = []
    for _ in range(4):
        watch.hold(1, io="silent")
        found.append("io" in suspects(watch.driver.situation))
    assert found[:3] == [True, True, False]


def test_a_device_with_implausible_answers_is_a_suspect_twice() -> None:
    """The third implausible answer in a row would decide no more than the second."""
    watch = Watch(fm_site()).hold(30)
    found = []
    for _ in range(4):
        marked = ((0, True), (1, False), (2, False))
        answer = Answer("fm1", watch.at, watch.at + 10_000, (None, None, None), suspected=marked)
        watch.at += SECOND
        watch.driver.tick([answer], watch.at - 1)
        found.append(sorted(suspects(watch.driver.situation)))
    assert found == [["fm1"], ["fm1"], [], []]


def test_an_implausible_value_proves_nothing_of_what_was_not_read() -> None:
    """The carrier has an implausible value, the fault none: the fault is lost for that cause."""
    watch = Watch(fm_site()).hold(30)
    for _ in range(5):
        answer = Answer("fm1", watch.at, watch.at + 10_000, (None,) * 3, suspected=((0, True),))
        watch.at += SECOND
        watch.driver.tick([answer], watch.at - 1)
    fault = watch.driver.situation.durable.conditions["fm1.sane"]
    assert (fault.value, fault.cause) == (None, "no_value")


def test_a_turn_that_waits_makes_every_device_of_its_programme_a_suspect() -> None:
    """Whether both members are off at one moment is decided by the next answer of each."""
    watch = Watch(reserve_site()).hold(30)
    bad = watch.site.answers["a"]["bad"]
    watch.driver.tick([Answer("a", watch.at, watch.at + 10_000, bad)], watch.at + 10_000)
    assert suspects(watch.driver.situation) == {"a", "b"}
    watch.hold(10, a="bad")
    assert suspects(watch.driver.situation) == frozenset()


def unnumbered() -> Site:
    """Return the FM site with its transmitter on a line that numbers no answers."""
    site = fm_site()
    fm1, *others = site.plan.devices
    devices = (replace(fm1, numbering=Numbering.ONE_SHAPE), *others)
    return replace(site, plan=replace(site.plan, devices=devices))


def test_a_device_is_a_suspect_while_a_reading_waits_for_a_second_one() -> None:
    """The next answer confirms it or contradicts it."""
    watch = Watch(unnumbered()).hold(30)
    assert suspects(watch.driver.situation) == frozenset()
    assert suspects(watch.hold(1, fm1="bad").driver.situation) == {"fm1"}
    assert suspects(watch.hold(2, fm1="bad").driver.situation) == frozenset()


def test_a_reading_that_no_second_one_followed_waits_no_longer_than_the_bound() -> None:
    """The device fell silent: two lost polls make it a suspect, and the reading nothing more."""
    watch = Watch(unnumbered()).hold(30).hold(1, fm1="bad").hold(2, fm1="silent")
    assert suspects(watch.driver.situation) == {"fm1"}
    watch.hold(8, fm1="silent")
    assert suspects(watch.driver.situation) == frozenset()
    watch.hold(3)
    assert suspects(watch.driver.situation) == frozenset()
    assert [b for b in watch.bodies("outage_began") if b["fault"] == "off_air"] == []


def test_a_reason_has_its_own_totals_where_it_is_monitored_or_was_seen() -> None:
    """Zero seconds of filler mean nothing where no detector would have seen it."""
    plain = Watch(fm_site()).hold(30).driver.situation
    assert own_reasons(plain, "fm", totals(plain.durable, "fm", plain.settled_to("fm"))) == ()
    site = fm_site()
    fm1, io = site.plan.devices
    filler = replace(io, conditions=(replace(io.conditions[0], reason="filler"),))
    watch = Watch(replace(site, plan=replace(site.plan, devices=(fm1, filler)))).hold(30)
    found = watch.driver.situation
    assert own_reasons(found, "fm", totals(found.durable, "fm", found.settled_to("fm"))) == (
        "filler",
    )


def test_open_incidents_are_counted_by_their_worst_member() -> None:
    """One for two programmes of one cause."""
    watch = Watch(shared_site()).hold(30).hold(10, fm1="bad")
    counts = incidents_by_severity(watch.driver.situation)
    assert counts == {"critical": 1, "major": 0, "minor": 0, "warning": 0}


def test_what_a_person_must_still_get_is_counted_with_what_is_under_way() -> None:
    """Under way, then repeated where it failed, then nothing."""
    outcomes = (Outcome(10 * SECOND, "temporary"), Outcome(1_000))
    watch = Watch(fm_site(), Driver(fm_site().plan, outcomes=outcomes)).hold(30)
    assert undelivered_by_person(watch.driver.situation) == {"desk": 0, "engineer": 0}
    watch.hold(8, fm1="bad")
    assert undelivered_by_person(watch.driver.situation)["desk"] == 1
    watch.hold(20, fm1="bad")
    assert undelivered_by_person(watch.driver.situation)["desk"] == 0
