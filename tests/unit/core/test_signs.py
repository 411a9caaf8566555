"""Signs that a blind span hides an outage, and what disproves one: each at its edge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.durable import ConditionNow, Durable
from monitord.core.events import ConditionLost, ConditionTurned, Draft
from monitord.core.expression import All, Name, Not
from monitord.core.fault_plans import SITE_SILENT
from monitord.core.incident_events import MemberOver
from monitord.core.incident_state import Fall, Incident, Member, Outage, Place
from monitord.core.model import SECOND, Evidence, Layer
from monitord.core.plan import Plan, PointPlan, StagePlan, WitnessPlan
from monitord.core.refuted import forget_settled, keep_doubt, refute, refuted_at_once
from monitord.core.situation import Doubt, Situation
from monitord.core.suspicions import Sign, note_dip, power_lost, run_of, sign_of
from monitord.core.unsettled_events import (
    SpansSettled,
    SuspicionFound,
    SuspicionRefuted,
    SuspicionSort,
)
from monitord.core.values import Value
from tests.support.seam import (
    BOUND,
    PEOPLE,
    condition,
    device,
    programme,
    shared_site,
    transmitter,
)

BEGIN, END = 1_000 * SECOND, 1_060 * SECOND
ANSWERED = 1_100 * SECOND
FEEDS = ("feed.mains", "feed.spare")


RX = ("rx.a", "rx.b", "rx.c")


def situation(*witnesses: WitnessPlan) -> Situation:
    """Return a site of two transmitters in a row, which say how long they run, and two supplies.

    What the second one carries is proven by it alone; the first stage needs it too.
    """
    names = ("tx", "amp")
    running = PointPlan("running", uptime_of="equipment")
    parts = [
        replace(one, points=(*one.points, running), powered_by=FEEDS)
        for one in map(transmitter, names)
    ]
    supplies = [condition(name, Layer.EQUIPMENT, "mains", Name("ok")) for name in FEEDS]
    both = All((Name("tx.radiating"), Name("amp.sane")))
    strong = All((Name("amp.radiating"), Not(Name("amp.low"))))
    chain = (
        StagePlan("tx", "own", Layer.EMISSION, needs=both),
        StagePlan("amp", "own", Layer.SERVICE, needs=strong),
    )
    receiver = device(
        "rx", ("a", "b", "c"), *(condition(n, Layer.CONTENT, "x", Name(n[-1])) for n in RX)
    )
    devices = (*parts, receiver, device("feed", ("ok",), *supplies))
    fm = replace(programme("fm", *chain), witnesses=witnesses)
    return begun(Plan("hill", devices, (fm,), PEOPLE))


def begun(plan: Plan) -> Situation:
    """Return a run that has begun, of which nothing is known."""
    site = Situation(plan, Durable())
    site.begin(0, "not_yet")
    return site


def runs(site: Situation, name: str, running: Value, answered_at: int = ANSWERED) -> None:
    """Let a device have answered with this running time."""
    memory = site.devices[name]
    memory.answered_at = answered_at
    memory.values = (True, False, False, running)


def found(site: Situation, begin: int = BEGIN, end: int = END) -> Sign | None:
    """Return the sign that the span hides an outage."""
    return sign_of(site, site.programmes["fm"].plan, begin, end)


def sort_of(site: Situation) -> SuspicionSort | None:
    """Return what sort of sign it is."""
    sign = found(site)
    return None if sign is None else sign.sort


# -- a restart ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "before"),
    [
        (0, 0),
        (1, SECOND),
        (2.5, 2_500_000),
        (10**10 - 1, (10**10 - 1) * SECOND),
        (10**10, None),
        (-1, None),
        ("long", None),
        (None, None),
    ],
)
def test_a_running_time_says_when_equipment_booted(running: Value, before: int | None) -> None:
    """That long before the answer; not where no equipment runs so long."""
    site = situation()
    runs(site, "tx", running)
    wanted = None if before is None else (ANSWERED - before, ANSWERED)
    assert run_of(site, site.devices["tx"]) == wanted


def test_equipment_that_says_nothing_has_no_boot() -> None:
    """It never answered, or no point of it is a running time."""
    site = situation()
    assert run_of(site, site.devices["tx"]) is None
    assert run_of(site, site.devices["feed"]) is None


@pytest.mark.parametrize(
    ("booted", "is_sign"), [(BEGIN - 1, False), (BEGIN, True), (END - 1, True), (END, False)]
)
@pytest.mark.parametrize("name", ["tx", "amp"])
def test_a_boot_is_a_sign_in_the_span_alone(name: str, booted: int, is_sign: bool) -> None:
    """From its begin on, and before its end, whichever device of the chain it was."""
    site = situation()
    runs(site, name, 0, booted)
    place = Place(f"{name}/restart", "device", "restart")
    layers = (Layer.EMISSION,) if name == "tx" else (Layer.EMISSION, Layer.SERVICE)
    sign = Sign(SuspicionSort.RESTART, {"device": name}, place, (name,), layers)
    assert found(site) == (sign if is_sign else None)


# -- power --------------------------------------------------------------------------------------


def blind(site: Situation, name: str, begin: int, end: int) -> None:
    """Let a transmitter have been seen again after it was not seen from begin to end."""
    one = ConditionNow(True, end, "", begin)
    site.durable.conditions[f"{name}.sane"] = ConditionNow(None, END, "timeout", BEGIN)
    site.durable.conditions[f"{name}.low"] = one


@pytest.mark.parametrize(
    ("begin", "end", "is_sign"),
    [
        (BEGIN, BEGIN + BOUND, False),
        (BEGIN, BEGIN + BOUND + 1, True),
        (BEGIN - BOUND - 1, BEGIN, False),
        (BEGIN - BOUND, BEGIN + 1, True),
        (END - 1, END + BOUND, True),
        (END, END + BOUND + 1, False),
    ],
)
def test_a_dip_is_a_sign_where_a_device_of_the_supply_was_blind(
    begin: int, end: int, is_sign: bool
) -> None:
    """For longer than one lost answer, and in the span."""
    site = situation()
    site.dips["feed.mains"] = BEGIN, END
    blind(site, "amp", begin, end)
    sign = found(site)
    assert (sign is not None) is is_sign
    if sign is not None:
        assert (sign.sort, sign.devices) == (SuspicionSort.POWER, ("amp",))
        assert sign.evidence == {"feed": "feed.mains"}
        assert sign.place == Place("feed/mains", "feed", "mains", conditions=("feed.mains",))


@pytest.mark.parametrize(
    ("off", "on", "is_sign"),
    [
        (END, None, True),
        (END + 1, None, False),
        (0, BEGIN, True),
        (0, BEGIN - 1, False),
        (0, None, True),
    ],
)
def test_a_dip_is_a_sign_where_it_reaches_into_the_span(
    off: int, on: int | None, is_sign: bool
) -> None:
    """Also one that lasts; and the second supply as well as the first."""
    for feed in FEEDS:
        site = situation()
        blind(site, "tx", BEGIN, END)
        site.dips = {FEEDS[0]: (0, 0), "feed.other": (0, None), feed: (off, on)}
        assert sort_of(site) == (SuspicionSort.POWER if is_sign else None)


@pytest.mark.parametrize(
    ("body", "dip"),
    [
        (ConditionTurned(value=False, was=True, not_before=3, not_after=9, held_to=5), (5, None)),
        (ConditionTurned(value=False, was=None, not_before=3, not_after=7, held_to=9), (7, None)),
        (ConditionTurned(value=True, was=False, not_before=3, not_after=9, held_to=5), (2, 5)),
        (ConditionLost(was=False, held_to=5, cause="timeout"), (2, 5)),
        (ConditionTurned(value=True, was=None, not_before=3, not_after=9, held_to=5), None),
        (ConditionLost(was=True, held_to=5, cause="timeout"), None),
    ],
)
def test_a_supply_is_off_from_when_it_may_have_failed_to_when_it_was_last_off(
    body: ConditionTurned | ConditionLost, dip: tuple[int, int | None] | None
) -> None:
    """Nothing is kept of what is no supply."""
    site = situation()
    for name in ("feed.mains", "tx.sane"):
        site.durable.conditions[name] = ConditionNow(False, 4, "", 2)
        note_dip(site, Draft(name, body))
    assert site.dips == ({} if dip is None else {"feed.mains": dip})


def test_power_is_lost_by_a_device_of_which_nothing_is_seen() -> None:
    """One condition that is held shows that it has power."""
    site = situation()
    plan = site.programmes["fm"].plan
    site.dips["feed.mains"] = BEGIN, END
    assert power_lost(site, plan, BEGIN, until=END) == "feed.mains"
    hold(site, "tx.low", value=True)
    assert power_lost(site, plan, BEGIN, until=END) == "feed.mains"
    hold(site, "amp.low", value=True)
    assert power_lost(site, plan, BEGIN, until=END) is None


def hold(site: Situation, name: str, *, value: bool) -> None:
    """Let a condition be proven to have a value over the whole span."""
    line = site.timelines[name]
    line.turn(Evidence(name, value, BEGIN - 9, BEGIN - 5))
    line.extend(Evidence(name, value, END, END + 5))


# -- the site -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "ended", "owned", "is_sign"),
    [
        (BEGIN - 9, BEGIN, True, False),
        (BEGIN - 9, BEGIN + 1, True, True),
        (END - 1, END + 9, True, True),
        (END, END + 9, True, False),
        (BEGIN, END, False, False),
        (BEGIN, None, True, False),
    ],
)
def test_a_silent_site_is_a_sign_where_it_was_an_incident_in_the_span(
    began: int, ended: int | None, owned: bool, is_sign: bool
) -> None:
    """Beside other silences, which are no sign."""
    site = situation()
    none = Fall("1-1", (0, 0), 0, "timeout", "", ended=(1, 1), owned=True)
    end = None if ended is None else (ended - 5, ended)
    fall = Fall("1-2", (began, began + 5), 0, "timeout", "", ended=end, owned=owned)
    site.durable.recent[SITE_SILENT] = [none, fall]
    assert sort_of(site) == (SuspicionSort.ALL_SILENT if is_sign else None)


@pytest.mark.parametrize(
    ("began", "incidents", "is_sign"),
    [(END - 1, ["1-9"], True), (END, ["1-9"], False), (BEGIN, [], False)],
)
def test_a_silence_that_lasts_is_a_sign_once_it_is_an_incident(
    began: int, incidents: list[str], is_sign: bool
) -> None:
    """And where it began before the span was over."""
    site = situation()
    held = Outage("1-1", (began, began + 9), 0, "timeout", "", "", [], incidents=incidents)
    site.durable.outages[SITE_SILENT] = held
    sign = found(site)
    assert (sign is not None) is is_sign
    if sign is not None:
        assert sign.devices == ("tx", "amp")
        assert (sign.sort, sign.evidence) == (SuspicionSort.ALL_SILENT, {"site": "silent"})
        assert sign.place == Place("site/silent", "site", "timeout")


# -- one reading that nothing confirmed ---------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_sign"), [(BEGIN - 1, False), (BEGIN, True), (END, True), (END + 1, False)]
)
def test_a_bad_reading_is_a_sign_in_the_span_alone(at: int, is_sign: bool) -> None:
    """Of a condition that proves the programme bad; its device and layer are those of the sign."""
    site = situation()
    site.hints = {"tx.low": BEGIN, "amp.radiating": at}
    sign = found(site)
    assert (sign is not None) is is_sign
    if sign is not None:
        assert (sign.sort, sign.devices) == (SuspicionSort.DOUBTED, ("amp",))
        assert sign.evidence == {"conditions": "amp.radiating"}
        conditions = ("amp.radiating",)
        assert sign.place == Place("amp/doubted", "device", "no_carrier", conditions=conditions)


def test_bad_readings_of_two_devices_are_one_sign() -> None:
    """Whichever side of a condition means bad; all are named."""
    site = situation()
    site.hints = {"tx.radiating": BEGIN, "amp.low": END}
    sign = found(site)
    assert sign is not None
    assert (sign.devices, sign.layers) == (("tx", "amp"), (Layer.EMISSION, Layer.SERVICE))
    assert sign.evidence == {"conditions": "tx.radiating+amp.low"}
    assert (sign.place.id, sign.place.reason) == ("amp+tx/doubted", "no_carrier")


# -- what disproves one -------------------------------------------------------------------------


def restarted(*devices: str, sort: SuspicionSort = SuspicionSort.RESTART) -> Sign:
    """Return a sign of these devices."""
    return Sign(sort, {}, Place("x/restart", "device", "restart"), devices, (Layer.EMISSION,))


SPAN = SuspicionFound("fm", SuspicionSort.RESTART, BEGIN, END, END - BEGIN, {})


@pytest.mark.parametrize(
    ("answered_at", "running_s", "is_refuted"),
    [
        (END, 70, False),
        (END, 70.001, True),
        (BEGIN + 2_970 * SECOND, 3_000, False),
        (BEGIN + 2_970 * SECOND, 3_000.001, True),
    ],
)
def test_a_running_time_disproves_what_began_after_the_boot(
    answered_at: int, running_s: float, is_refuted: bool
) -> None:
    """By more than ten seconds, or one part in a hundred of a long one."""
    site = situation()
    runs(site, "tx", running_s, answered_at)
    wanted = "tx.running" if is_refuted else None
    assert refuted_at_once(site, SPAN, restarted("tx")) == wanted


def test_every_device_of_a_sign_must_have_run_through() -> None:
    """One that says nothing leaves it open; equipment that runs may give no output."""
    site = situation()
    runs(site, "tx", 900)
    assert refuted_at_once(site, SPAN, restarted("tx", "amp")) is None
    runs(site, "amp", 900)
    assert refuted_at_once(site, SPAN, restarted("tx", "amp")) == "tx.running+amp.running"
    assert refuted_at_once(site, SPAN, restarted("tx", sort=SuspicionSort.DOUBTED)) is None


EMITTED, SERVED = Layer.EMISSION, Layer.SERVICE
A, B, C = (Name(name) for name in RX)


@pytest.mark.parametrize(
    ("witnesses", "by"),
    [
        ([(EMITTED, A, None), (SERVED, A, None)], "w0+w1"),
        ([(EMITTED, A, A), (SERVED, A, A)], "w0+w1"),
        ([(EMITTED, A, None)], None),
        ([(EMITTED, A, None), (EMITTED, A, None)], None),
        ([(EMITTED, A, None), (SERVED, B, None)], None),
        ([(EMITTED, A, None), (SERVED, C, None)], None),
        ([(EMITTED, A, B), (SERVED, A, None)], None),
        ([(EMITTED, A, C), (SERVED, A, None)], None),
        ([(EMITTED, B, A), (SERVED, A, None), (EMITTED, A, A)], "w2+w1"),
    ],
)
def test_witnesses_of_every_layer_disprove_any_sign(
    witnesses: list[tuple[Layer, Name, Name | None]], by: str | None
) -> None:
    """Healthy, and good over the whole span; one of each layer that the devices prove."""
    plans = [WitnessPlan(f"w{number}", *each) for number, each in enumerate(witnesses)]
    site = situation(*plans)
    site.clock = END + 5
    hold(site, "rx.a", value=True)
    hold(site, "rx.b", value=False)
    for sort in (SuspicionSort.RESTART, SuspicionSort.DOUBTED):
        sign = restarted("tx", sort=sort)._replace(layers=(EMITTED, SERVED))
        assert refuted_at_once(site, SPAN, sign) == by
        assert refuted_at_once(site, SPAN, sign._replace(layers=())) is None


NOTHING = (0, 0, 0, False)
"""Figures of what was none; and it did not flap."""


def test_an_outage_that_was_disproven_leaves_the_incidents_that_list_it() -> None:
    """As none, with the times that it had; one that lasts, and other faults, stay."""
    site = situation()
    runs(site, "tx", 900)
    site.clock = ANSWERED
    site.doubts["fm"] = Doubt("1-7", BEGIN, 5, ("tx",), END)
    site.devices["tx"].doubted = True
    falls = [Fall("1-2", (1, 2), 3, "", ""), Fall("1-3", (4, 6), 7, "", "", ended=(8, 9))]
    never = [Fall("1-4", (4, 6), 7, "", "")]
    members = {
        "none": Member("fm/off_air", "fm", "off_air", "major", 3, 7, 7, falls, over=9),
        "lasts": Member("fm/suspected", "fm", "suspected", "major", 3, 7, 7, falls),
        "over": Member("fm/suspected", "fm", "suspected", "major", 3, 7, 7, falls, 2, over=9),
        "known late": Member("fm/suspected", "fm", "suspected", "major", 3, 7, 7, never, over=9),
    }
    for name, member in members.items():
        place = Place(name, "device")
        site.durable.incidents[name] = Incident(name, 1, place, 1, 1, {member.id: member})
    refuted, *withdrawn = refute(site, "tx")
    assert refuted == Draft("1-7", SuspicionRefuted("fm", 5, "tx.running"))
    assert [draft.subject for draft in withdrawn] == ["over", "known late"]
    assert [draft.body for draft in withdrawn] == [
        MemberOver("fm", "suspected", ANSWERED, "withdrawn", number, 4, 6, *ended, *NOTHING)
        for number, ended in ((2, (8, 9)), (1, (4, 6)))
    ]


def two_programmes() -> Situation:
    """Return two programmes on one transmitter, which says how long it runs."""
    plan = shared_site().plan
    fm1, *others = plan.devices
    running = PointPlan("running", uptime_of="equipment")
    devices = (replace(fm1, points=(*fm1.points, running)), *others)
    return begun(replace(plan, devices=devices))


def doubt(site: Situation, programme: str, *devices: str) -> None:
    """Have a suspicion of a programme wait for these devices."""
    site.doubts[programme] = Doubt(f"1-{programme}", BEGIN, 5, devices, END)
    for name in devices:
        site.devices[name].doubted = True


@pytest.mark.parametrize(
    ("others", "refuted"),
    [
        ({"two": ("fm1",)}, ["1-two"]),
        ({"one": ("io1",), "two": ("fm1",)}, ["1-two"]),
        ({"one": ("fm1", "io1"), "two": ("fm1",)}, ["1-two"]),
        ({"one": ("fm1",), "two": ("fm1",)}, ["1-one", "1-two"]),
        ({"one": ("fm1",), "two": ("fm1", "io2")}, ["1-one"]),
        ({}, []),
    ],
)
def test_an_answer_disproves_the_suspicions_that_wait_for_it_alone(
    others: dict[str, tuple[str, ...]], refuted: list[str]
) -> None:
    """Of every programme of the device; what waits for another device too goes on waiting."""
    site = two_programmes()
    memory = site.devices["fm1"]
    runs(site, "fm1", 900)
    for name, devices in others.items():
        doubt(site, name, *devices)
    memory.doubted = True
    assert [draft.subject for draft in refute(site, "fm1")] == refuted
    left = {name for name, devices in others.items() if f"1-{name}" not in refuted}
    assert site.doubts.keys() == left
    assert memory.doubted is any("fm1" in others[name] for name in left)


def test_only_an_answer_after_the_suspicion_disproves_it() -> None:
    """One of its very moment may be older."""
    site = two_programmes()
    doubt(site, "one", "fm1")
    runs(site, "fm1", 900, END)
    assert list(refute(site, "fm1")) == []
    assert site.devices["fm1"].doubted
    runs(site, "fm1", 900, END + 1)
    (draft,) = refute(site, "fm1")
    assert (draft.subject, site.devices["fm1"].doubted) == ("1-one", False)


def test_only_a_sign_of_running_equipment_waits_for_an_answer() -> None:
    """Each of its devices is asked; a reading that nothing confirmed waits for none."""
    site = situation()
    keep_doubt(site, "1-7", SPAN, restarted("tx", sort=SuspicionSort.DOUBTED))
    assert (site.doubts, site.devices["tx"].doubted) == ({}, False)
    site.clock = ANSWERED
    site.devices["amp"].fast = True
    keep_doubt(site, "1-7", SPAN, restarted("tx", "amp"))
    assert site.doubts == {"fm": Doubt("1-7", BEGIN, END - BEGIN, ("tx", "amp"), ANSWERED)}
    assert [site.devices[name].doubted for name in ("tx", "amp", "feed")] == [True, True, False]
    assert not site.devices["amp"].fast


def test_what_a_person_settled_waits_for_nothing() -> None:
    """Other suspicions do."""
    site = two_programmes()
    doubt(site, "one", "fm1")
    doubt(site, "two", "fm1")
    forget_settled(
        site, SpansSettled("lin", "off_air", "", (("1-one", "one", 5), ("1-9", "two", 5)))
    )
    assert site.doubts.keys() == {"two"}
