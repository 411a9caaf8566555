"""What the record says stays readable: names and versions of kinds, words of states, empty states.

A word that was written once means the same in every later program; another one is another version.
"""

from __future__ import annotations

from dataclasses import fields, replace
from enum import Enum
from importlib import import_module
from inspect import Parameter, signature
from typing import Any, get_args

import pytest

from monitord.core import decision_bodies
from monitord.core.apply import GENERATION, VERSIONS, plain_of
from monitord.core.apply import KINDS as KINDS_NOW
from monitord.core.clock_state import Era
from monitord.core.codec import to_plain
from monitord.core.decision_bodies import Basis
from monitord.core.differences import Differences
from monitord.core.durable import Durable
from monitord.core.figures import Figures
from monitord.core.generation1 import apply as earliest
from monitord.core.generation1 import durable as old
from monitord.core.generation1.states import FaultState, RowState
from monitord.core.incident_state import Claim, Fall, Incident, Member, Outage, Place
from monitord.core.model import MINUTE, SECOND, ClockRead, Late, RecordReplaced, RoleTaken
from monitord.core.node_events import Role
from monitord.core.person_state import ChannelNow, Knowledge, PersonNow, Received
from monitord.core.plan import FaultPlan, Plan, ProgrammePlan
from monitord.core.record_events import Harm
from monitord.core.unsettled_state import Unsettled
from tests.support.seam import OFFSET, Watch, fm_site

KINDS = {
    1: (
        "base_adopted started stopped config_adopted decision_taken decision_refused "
        "suspicion_found suspicion_refuted site_state_set site_state_cleared "
        "spans_settled marked clock_turned own_lateness record_replaced role_taken forwarded "
        "condition_turned condition_lost piece_opened programme_withdrawn bad_proven "
        "outage_began cause_claimed cause_healed cause_left wrong_programme_turned "
        "outage_moved outage_ended member_joined member_fell member_over incident_moved "
        "incident_quieted closing_due person_dropped"
    ),
    2: (
        "calendar_extended incident_opened incident_closed incident_acknowledged "
        "attempt_began attempt_ended"
    ),
}
"""Names of the kinds by version."""
EARLIEST = {
    1: (
        "started stopped marked clock_adopted clock_disputed calendar_extended "
        "condition_turned condition_lost piece_opened programme_withdrawn bad_proven "
        "fault_turned incident_opened incident_revised incident_joined "
        "incident_acknowledged impact_began impact_ended incident_closed message_waiting "
        "message_owed message_dropped attempt_began attempt_ended"
    ),
}
"""Those of generation 1."""
WORDS = {
    "clock_quality.Kernel": "synchronised holdover none unreadable",
    "clock_state.Trust": "trusted holdover assumed disputed untrusted",
    "columns.Quality": "good degraded bad unknown",
    "decision_bodies.Verdict": "off_air on_air",
    "fault_plans.Sort": (
        "off_air blind suspected disputed degraded reserve_lost reserve_unknown "
        "reserve_used manual alarm site_silent clock_untrusted config_refused "
        "record_replaced inconsistent silent"
    ),
    "faults.Seen": "bad good blind between out_of_hours",
    "model.Expected": "on window closed unsure",
    "model.Column": "on_air degraded off_air blind between planned_off closed",
    "model.Stream": "site drill",
    "model.Told": (
        "opened revised recovered closed_before_told worsened falls_again grown also "
        "partly digest storm hours_ended reconfigured continued withdrawn"
    ),
    "node_events.Role": "active standby",
    "person_state.Received": "no perhaps yes",
    "record_events.Harm": "moved damaged incomplete",
    "site_state.Where": "tower feeder inside",
    "unsettled_events.SuspicionSort": (
        "presumed disputed restart power all_silent doubted witness unsure false_alarm "
        "assumed_closed reconfigured"
    ),
    "values.Layer": "emission service content equipment",
    "values.Numbering": "numbered varied shaped one_shape",
    "generation1.states.Expected": "on window closed",
    "generation1.states.Column": "on_air degraded off_air blind between planned_off closed",
    "generation1.states.Told": "opened revised recovered closed_before_told",
    "generation1.states.FaultState": "clear qualifying open clearing stalled",
    "generation1.states.RowState": "waiting owed telling told done",
    "generation1.states.RowInput": "owe begin delivered delivered_more delivered_last failed",
}
"""Every word of an enumeration that a record, a message or a configuration may have."""

DECISIONS = {
    "acknowledge": "incident",
    "settle": "ids programme verdict note",
    "false_alarm": "incident saw",
    "adopt_clock": "wall",
    "site_state_set": "where device who ticket",
    "site_state_cleared": "number",
    "other": "name",
}
"""What a person decided, and what is kept of what was said with it."""


def test_kinds_keep_their_names_and_versions() -> None:
    """Also those of generation 1, whose records are still read."""
    assert GENERATION == 3
    for versions, expected in ((VERSIONS, KINDS), (earliest.VERSIONS, EARLIEST)):
        found: dict[int, list[str]] = {}
        for name, version in versions.items():
            found.setdefault(version, []).append(name)
        assert {version: " ".join(names) for version, names in found.items()} == expected


@pytest.mark.parametrize("where", WORDS)
def test_words_stay_as_they_were_written(where: str) -> None:
    """In their order, where that decides: the worst first, or the first of two."""
    module, _, name = where.rpartition(".")
    found: type[Enum] = getattr(import_module(f"monitord.core.{module}"), name)
    assert " ".join(str(each.value) for each in found) == WORDS[where]


def test_what_people_decide_is_kept_under_the_same_words() -> None:
    """Each kind, with every value under its own name."""
    found = {}
    for shape in get_args(decision_bodies.DecisionBody):
        names = [field.name for field in fields(shape)]
        asked = shape(**{name: name for name in names}).asked()
        found[shape.kind] = " ".join(asked)
        assert asked == {name: list(name) if name == "ids" else name for name in asked}
    assert found == DECISIONS


def nothing(shape: Any, *given: Any) -> dict[str, Any]:
    """Return what a new object of a shape has besides what it is given, as it is stored."""
    plain: dict[str, Any] = to_plain(shape(*given))
    return {name: value for name, value in list(plain.items())[len(given) :] if value}


def test_a_new_state_has_nothing_but_its_first_epoch() -> None:
    """A field that a record lacks is read as this: nothing was counted, sent, known or due."""
    assert nothing(Durable) == {
        "stream": "site",
        "epoch": 1,
        "clock": to_plain(Durable().clock),
        "lateness": {"count": 0, "time": 0, "start": 0, "end": 0},
        "node": {"role": "active", "since": 0, "peer": None},
    }
    assert [value for value in to_plain(Durable().clock).values() if value] == []
    assert nothing(old.Durable) == {"epoch": 1}
    assert nothing(PersonNow) == nothing(ChannelNow) == nothing(Figures) == nothing(Unsettled) == {}
    assert nothing(Knowledge) == {"received": Received.NO.value, "severity": 9}


def test_what_the_event_of_an_earlier_program_lacks_is_nothing() -> None:
    """A field that a kind got later is false, empty or null where an older record has none."""
    for kind in KINDS_NOW:
        names = signature(kind.body).parameters.values()
        given = {one.name: one.name for one in names if one.default is Parameter.empty}
        plain = plain_of(kind.body(**given))
        assert {name: value for name, value in plain.items() if value} == given, kind.name
    assert nothing(Basis) == nothing(Differences) == {}


def test_a_new_outage_or_incident_has_nothing_yet() -> None:
    """No cause, no fall, no end, no word to anybody."""
    place = Place("tx/tx", "stage")
    assert nothing(Place, "tx/tx", "stage") == {}
    assert nothing(Claim, place, (1, 2), 3, 4) == {}
    assert nothing(Outage, "1-1", (1, 2), 3, "", "", "", []) == {}
    empty = to_plain(Figures())
    assert nothing(Fall, "1-1", (1, 2), 3, "", "") == {"figures": empty}
    assert nothing(Member, "fm/x", "fm", "x", "minor", 4, 1, 1) == {"count": 1, "past": empty}
    assert nothing(Incident, "1-1", 100, place, 1, 1) == {}


def test_what_generation_1_left_out_is_nothing() -> None:
    """Its snapshots were complete; what its events lack is this."""
    empty = to_plain(old.Figures())
    assert [value for value in empty.values() if value] == []
    assert nothing(old.Impact, "fm", 1, "", "", 1, 2) == {"figures": empty}
    assert nothing(old.Fault) == {"state": FaultState.CLEAR.value}
    piece = old.Piece(1, ["good"], None, presumed=False)
    assert nothing(old.ProgrammeNow, piece, 1) == {"figures": empty}
    assert nothing(old.Incident, "1-1", "fm", "x", "minor", "", "", [], 1, 1) == {}
    assert nothing(old.Row, "1-1", RowState.OWED, 1) == {"ever_told": "no"}


def test_a_plan_without_settings_has_the_delays_that_the_documents_state() -> None:
    """Half a minute for a degradation, a minute for an unseen reserve; rank 3."""
    given = FaultPlan(1, 2, "critical")
    plan = ProgrammePlan("fm", (), given, given, given)
    assert plan.degraded == FaultPlan(30 * SECOND, 30 * SECOND, "minor")
    assert plan.reserve_unknown == FaultPlan(MINUTE, 30 * SECOND, "minor")
    assert plan.manual == plan.reserve_used == FaultPlan(10 * SECOND, 30 * SECOND, "minor")
    assert plan.rank == 3
    whole = Plan("hill", (), (plan,), ())
    assert (whole.retry_first, whole.retry_max) == (SECOND, 5 * MINUTE)
    assert (whole.mark_every, whole.close_lag) == (MINUTE, 5 * SECOND)


def test_a_first_era_is_exact_and_of_the_first_boot() -> None:
    """Its offset is not in question, and has no rival."""
    assert nothing(Era, 1, 2) == {"trust": "trusted"}


OF_THE_SITE = (
    "started stopped config_adopted calendar_extended marked clock_turned own_lateness "
    "record_replaced role_taken"
)


def test_what_concerns_the_whole_site_has_no_subject() -> None:
    """One who reads the record of a programme, a person or an incident passes it over."""
    driver = Watch(fm_site()).hold(20).driver
    at = driver.now
    driver.tick([RoleTaken(at + 1, Role.STANDBY)], at + 1)
    driver.tick([ClockRead(at + 2, at + OFFSET + 10**9)], at + 2)
    driver.tick([Late(at + 3, at + 30 * SECOND)], at + 200 * SECOND)
    driver.tick([RecordReplaced(driver.now, Harm.MOVED, 0)], driver.now + 1)
    driver.reload(replace(fm_site().plan, close_lag=1), driver.now + 1)
    driver.stop(driver.now + 1)
    found = {(event.kind, event.subject) for event in driver.events}
    kinds = OF_THE_SITE.split()
    assert sorted(each for each in found if each[0] in kinds) == [(k, "") for k in sorted(kinds)]
