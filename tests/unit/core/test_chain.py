"""What is read off a plan: the conditions that a chain uses, its layers, its faults and alarms.

One plan has every part that a chain can have; each look-up is written down whole.
"""

from __future__ import annotations

from dataclasses import replace

from monitord.core.chain import (
    LayerPlan,
    bad_sides,
    carried_by,
    carrying,
    degraded_names,
    faulty_sides,
    is_shared,
    layers_of,
    parents_of,
    programme_names,
    proving_turns,
    signs,
    stage_names,
    watched_names,
    witness_names,
)
from monitord.core.expression import All, AnyOf, AtLeast, Expression, Name, Not
from monitord.core.fault_plans import (
    Fault,
    Sort,
    alarms_by_device,
    alarms_of,
    faults_in,
    faults_of,
)
from monitord.core.model import SECOND, Layer
from monitord.core.plan import (
    AlarmPlan,
    DegradedPlan,
    DevicePlan,
    Elsewhere,
    FaultPlan,
    MemberPlan,
    Plan,
    ProgrammePlan,
    StagePlan,
    WitnessPlan,
)
from monitord.core.values import Numbering
from tests.support.seam import condition, device

DELAYS = {
    name: FaultPlan(number, 10 * number, severity)
    for number, (name, severity) in enumerate(
        (
            ("off_air", "critical"),
            ("blind", "major"),
            ("reserve_lost", "minor"),
            ("degraded", "warning"),
            ("reserve_unknown", "major"),
            ("manual", "critical"),
            ("reserve_used", "minor"),
        ),
        1,
    )
}
"""Each sort has delays and a severity that its neighbours do not have."""


def member(name: str, ready: Expression | None = None, *others: str) -> MemberPlan:
    elsewhere = tuple(Elsewhere(other, Name(f"{name}.{other}")) for other in others)
    return MemberPlan(name, Name(f"{name}.rf"), ready, elsewhere)


STUDIO = StagePlan("studio", "owner", Layer.CONTENT, needs=All((Name("io.sound"), Name("io.ok"))))
LINK = StagePlan(
    "link", "owner", Layer.SERVICE, members=(member("l1"), member("l2")), manual=Name("sw.manual")
)
TX = StagePlan(
    "tx",
    "owner",
    Layer.EMISSION,
    members=(member("tx1", Not(Name("tx1.fault"))), member("tx2", Name("tx2.sane"), "other")),
    degraded=(DegradedPlan(Name("tx1.low"), "low"), DegradedPlan(Not(Name("tx2.full")), "low")),
    manual=AnyOf((Name("sw.manual"), Name("sw.local"))),
)
MAST = StagePlan("mast", "owner", Layer.EMISSION, needs=Not(Name("mast.reflects")))
EAR = WitnessPlan("ear", Layer.EMISSION, Name("ear.receives"), healthy=Name("ref.receives"))
EYE = WitnessPlan("eye", Layer.CONTENT, Name("eye.sees"))
TV = ProgrammePlan("tv", (STUDIO, LINK, TX, MAST), **DELAYS, rank=7, witnesses=(EAR, EYE))
OTHER = replace(TV, id="other", chain=(replace(STUDIO, needs=Name("io.ok")), MAST), witnesses=())


def simple(name: str, *conditions: str, **alarms: AlarmPlan) -> DevicePlan:
    """Return a device with conditions, some of them with an alarm."""
    made = [
        replace(condition(f"{name}.{one}", Layer.EQUIPMENT, one, Name(one)), alarm=alarms.get(one))
        for one in conditions
    ]
    return device(name, conditions, *made)


UPS = simple(
    "ups",
    "mains",
    "battery",
    "bypass",
    mains=AlarmPlan("major", 3, 4),
    bypass=AlarmPlan("critical", 5, 6, when=True),
)
SWITCH = replace(
    simple("sw", "manual", "local", "rf", manual=AlarmPlan("warning", 7, 8)),
    deadline=3 * SECOND,
    numbering=Numbering.ONE_SHAPE,
    powered_by=("ups.mains",),
    behind=("net.up",),
    mutes_on_input=("io.ok", "io.sound"),
)
MAST_METER = simple("mast", "reflects", reflects=AlarmPlan("minor", 1, 2))
PLAN = Plan("hill", (UPS, SWITCH, MAST_METER), (TV, OTHER), ())


def test_the_conditions_of_a_stage_are_those_of_what_carries() -> None:
    """In the order they are written; of members, any of them carries."""
    assert stage_names(STUDIO) == ("io.sound", "io.ok")
    assert carrying(TX) == AnyOf((Name("tx1.rf"), Name("tx2.rf")))
    assert stage_names(TX) == ("tx1.rf", "tx2.rf")
    assert degraded_names(TX) == ("tx1.low", "tx2.full")
    assert degraded_names(LINK) == ()
    assert [stage.id for stage in TV.chain if is_shared(stage)] == ["tx"]


def test_a_programme_rests_on_its_stages_assignments_degradations_and_witnesses() -> None:
    """The verdict uses no readiness and no manual; what is watched has these besides."""
    verdict = (
        "io.sound io.ok l1.rf l2.rf tx1.rf tx2.rf tx2.other tx1.low tx2.full mast.reflects "
        "ear.receives ref.receives eye.sees"
    )
    assert witness_names(TV) == ("ear.receives", "ref.receives", "eye.sees")
    assert programme_names(TV) == tuple(verdict.split())
    more = "sw.manual sw.local tx1.fault tx2.sane"
    assert watched_names(TV) == tuple(f"{verdict} {more}".split())
    assert programme_names(OTHER) == watched_names(OTHER) == ("io.ok", "mast.reflects")


def test_layers_begin_at_the_antenna_and_have_their_witnesses() -> None:
    """A layer without a stage is none."""
    assert layers_of(TV) == (
        LayerPlan(Layer.EMISSION, (MAST, TX), (EAR,)),
        LayerPlan(Layer.SERVICE, (LINK,)),
        LayerPlan(Layer.CONTENT, (STUDIO,), (EYE,)),
    )


def test_a_device_carries_the_programmes_of_its_stages() -> None:
    """A device that only degrades, hinders or watches carries none."""
    assert carried_by(PLAN) == {
        "io": ("tv", "other"),
        "l1": ("tv",),
        "l2": ("tv",),
        "tx1": ("tv",),
        "tx2": ("tv",),
        "mast": ("tv", "other"),
    }


def test_the_bad_side_of_a_condition_is_what_makes_a_programme_worse() -> None:
    """False where it is needed or makes a reserve ready, true where it is negated or degrades."""
    no, yes = frozenset({False}), frozenset({True})
    bad = {
        **dict.fromkeys(("io.sound", "io.ok", "l1.rf", "l2.rf", "tx1.rf", "tx2.rf"), no),
        "tx2.sane": no,
        "tx1.fault": yes,
        "tx1.low": yes,
        "tx2.full": no,
        "mast.reflects": yes,
    }
    assert bad_sides(PLAN) == bad
    alarms = {"ups.mains": no, "ups.bypass": yes, "sw.manual": no}
    assert faulty_sides(PLAN) == bad | alarms | {"mast.reflects": no | yes}


def test_what_may_prove_a_programme_bad_is_what_its_stages_need() -> None:
    """Neither readiness nor degradation."""
    needed = ("io.sound", "io.ok", "l1.rf", "l2.rf", "tx1.rf", "tx2.rf")
    expected = {(name, False) for name in needed} | {("mast.reflects", True)}
    assert proving_turns(TV) == expected


def test_the_signs_of_an_expression_turn_with_each_negation() -> None:
    """Whatever the parts are joined by."""
    inner = AtLeast(2, (Name("a"), Not(Name("b")), Not(Not(Name("c")))))
    expected = [("a", True), ("b", False), ("c", True)]
    assert list(signs(inner)) == list(signs(inner, True)) == expected
    assert list(signs(Not(inner))) == list(signs(inner, False))
    assert list(signs(Not(inner))) == [(name, not wanted) for name, wanted in expected]


def test_what_explains_a_device_is_its_supplies_links_and_inputs() -> None:
    """In this order."""
    assert parents_of(SWITCH) == ("ups.mains", "net.up", "io.ok", "io.sound")


# -- faults -------------------------------------------------------------------------------------


def fault(sort: Sort, stage: str = "", *, of: str = "") -> Fault:
    """Return a fault of the programme with the delays of its sort, or of another one."""
    name = f"{sort}/{stage}" if stage else str(sort)
    given = DELAYS[of or str(sort)]
    delays = given.severity, given.open_after, given.clear_after
    return Fault(f"tv/{name}", "tv", name, sort, stage, *delays, 7)


def test_a_programme_has_the_faults_of_its_parts() -> None:
    """A reserve for each redundant stage; a contradiction where somebody can contradict."""
    doubted = replace(fault(Sort.SUSPECTED, of="off_air"), open_after=0, clear_after=30 * SECOND)
    disputed = replace(doubted, id="tv/disputed", name="disputed", sort=Sort.DISPUTED)
    first = (fault(Sort.OFF_AIR), fault(Sort.BLIND), doubted)
    link = (
        fault(Sort.RESERVE_LOST, "link"),
        fault(Sort.RESERVE_UNKNOWN, "link"),
        fault(Sort.MANUAL, "link"),
    )
    tx = (
        fault(Sort.RESERVE_LOST, "tx"),
        fault(Sort.RESERVE_UNKNOWN, "tx"),
        fault(Sort.RESERVE_USED, "tx"),
        fault(Sort.MANUAL, "tx"),
    )
    assert faults_of(TV) == (*first, disputed, fault(Sort.DEGRADED), *link, *tx)
    only = replace(TV, chain=(STUDIO, LINK, MAST), witnesses=())
    assert faults_of(only) == (*first, *link)
    assert faults_of(replace(only, witnesses=(EYE,))) == (*first, disputed, *link)
    assert faults_of(replace(TV, witnesses=()))[3] == disputed, "one shared stage is enough"
    alone = replace(TX, members=TX.members[1:], degraded=(), manual=None)
    found = faults_of(replace(TV, chain=(alone,)))[4:]
    assert found == (fault(Sort.RESERVE_USED, "tx"),), "one path has no reserve to lose"


def alarm(sort: Sort, subject: str, severity: str, open_after: int, clear_after: int) -> Fault:
    name = f"{sort}/{subject}" if subject else str(sort)
    delays = severity, open_after, clear_after
    return Fault(f"/{name}", "", name, sort, subject, *delays, 100)


def test_a_plan_has_the_alarms_of_its_devices_lines_and_site() -> None:
    """The whole site is silent after the longest deadline, and two seconds at the least."""
    half = 30 * SECOND
    silent = alarm(Sort.SITE_SILENT, "", "critical", 3 * SECOND, half)
    expected = {
        "/clock_untrusted": alarm(Sort.CLOCK_UNTRUSTED, "", "major", 0, 0),
        "/config_refused": alarm(Sort.CONFIG_REFUSED, "", "major", 0, 0),
        "/record_replaced/moved": alarm(Sort.RECORD_REPLACED, "moved", "major", 0, 0),
        "/record_replaced/damaged": alarm(Sort.RECORD_REPLACED, "damaged", "major", 0, 0),
        "/record_replaced/incomplete": alarm(Sort.RECORD_REPLACED, "incomplete", "major", 0, 0),
        "/inconsistent/sw": alarm(Sort.INCONSISTENT, "sw", "major", 0, half),
        "/silent/ups": alarm(Sort.SILENT, "ups", "major", 2 * half, half),
        "/silent/sw": alarm(Sort.SILENT, "sw", "minor", 2 * half, half),
        "ups.mains": alarm(Sort.ALARM, "ups.mains", "major", 3, 4),
        "ups.bypass": alarm(Sort.ALARM, "ups.bypass", "critical", 5, 6),
        "sw.manual": alarm(Sort.ALARM, "sw.manual", "warning", 7, 8),
        "mast.reflects": alarm(Sort.ALARM, "mast.reflects", "minor", 1, 2),
        "/site_silent": replace(silent, rank=-1),
    }
    assert alarms_of(PLAN) == expected
    of_lines = alarms_by_device(expected, Sort.INCONSISTENT)
    assert of_lines == {"sw": expected["/inconsistent/sw"]}
    of_silence = alarms_by_device(expected, Sort.SILENT)
    assert of_silence == {name: expected[f"/silent/{name}"] for name in ("ups", "sw")}
    assert list(faults_in(PLAN)) == [*expected.values(), *faults_of(TV), *faults_of(OTHER)]
    quick = replace(PLAN, devices=(UPS, MAST_METER))
    assert alarms_of(quick)["/site_silent"].open_after == 2 * SECOND
    assert "/site_silent" not in alarms_of(replace(PLAN, devices=(UPS,)))
