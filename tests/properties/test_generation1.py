"""A start on a record of generation 1: what was known stays known, and nobody is rung twice.

The states are those of stored lives of that program, after any of their events.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.core.generation1.durable import Durable as Durable1
from monitord.core.ledger import totals
from monitord.core.model import SECOND
from monitord.history import History
from monitord.journal import Journal
from monitord.record_opening import continue_record
from tests.fixtures.generation1 import (
    HISTORIES,
    HISTORIES_2,
    SITE,
    History1,
    history_of,
    state_after,
    write_record,
)
from tests.properties.scripts import examples, recover
from tests.support.seam import SITES, Driver, bodies, told

LIVES = [history_of(path) for path in (*HISTORIES, *HISTORIES_2)]


@dataclass(frozen=True, slots=True)
class Resumed:
    """A start on a record: the last state of generation 1, and the driver that goes on."""

    before: Durable1
    driver: Driver
    journal: Journal


def cut(history: History1, where: float) -> int:
    """Return a number of events that a commit may have ended with: all of one moment, or none."""
    count = max(1, round(where * len(history.events)))
    while count < len(history.events) and history.events[count].at == history.events[count - 1].at:
        count += 1
    return count


@contextmanager
def resumed(life: int, where: float) -> Iterator[Resumed]:
    """Start on a record that ends after any event of a life."""
    history = LIVES[life]
    count = cut(history, where)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_record(folder, history, count, 1 if life < len(HISTORIES) else 2)
        journal = Journal.open(folder, site=SITE, shape=shape_hash(Durable))
        try:
            continued, base = continue_record(journal, None)
            site = SITES[history.site]().with_(**history.delays)
            driver = Driver(site.plan, before=continued, base=base)
            before = state_after(history, count)
            driver.start(before.last_at + 5 * SECOND, alive_at=before.last_at)
            journal.commit_sync(driver.events)
            yield Resumed(before, driver, journal)
        finally:
            journal.close()


CLOSINGS = ("recovered", "closed_before_told", "hours_ended", "reconfigured", "continued")
"""Kinds of the last message of an incident."""

anywhere = given(st.integers(0, len(LIVES) - 1), st.floats(0.02, 1))


@examples(40)
@anywhere
def test_the_old_epoch_is_sealed_and_a_new_one_begins_with_its_state(
    life: int, where: float
) -> None:
    """Old epochs are mapped once into a base event, and the next start needs nothing before it."""
    with resumed(life, where) as found:
        first, second = found.driver.events[:2]
        assert (first.kind, first.number, second.kind) == ("base_adopted", 1, "started")
        assert first.epoch == found.before.epoch + 1
        again = [*found.journal.load().events]
        assert again == found.driver.events
        assert found.journal.verify() == []


@examples(60)
@anywhere
def test_open_incidents_keep_their_ids_and_who_acknowledged_them(life: int, where: float) -> None:
    """A person who works on an incident finds it under the same id."""
    with resumed(life, where) as found:
        durable = found.driver.situation.durable
        # What was over for its clearing time closes with the start.
        known = durable.incidents | durable.closed_incidents
        for incident in found.before.incidents.values():
            kept = known[incident.id]
            assert kept.opened_at == incident.opened_at
            assert kept.acknowledged_by == incident.acknowledged_by


@examples(60)
@anywhere
def test_nobody_is_rung_again_for_what_was_delivered(life: int, where: float) -> None:
    """Who got the opening gets no second one; each gets one closing, also of what had closed."""
    with resumed(life, where) as found:
        history = LIVES[life]
        recover(SITES[history.site]().with_(**history.delays), found.driver, 1_300)
        sent = {
            (body["incident"], str(body["subject"])): []
            for body in bodies(found.driver.events, "attempt_began")
        }
        for person in ("desk", "engineer"):
            for incident, code in told(found.driver.events, person):
                sent.setdefault((incident, person), []).append(code)
        for person, lane in found.before.lanes.items():
            for row in lane:
                got = sent.get((row.incident, person), [])
                assert got, (person, row)
                assert row.ever_told != "yes" or "opened" not in got
                closings = [code for code in got if code in CLOSINGS]
                assert len(closings) == 1
                assert row.ever_told != "yes" or closings != ["closed_before_told"]


@examples(60)
@anywhere
def test_seconds_and_figures_carry_over(life: int, where: float) -> None:
    """Totals of a programme begin where they ended, to the microsecond."""
    with resumed(life, where) as found:
        for name, programme in found.before.programmes.items():
            durable = found.driver.before
            assert durable is not None
            columns, figures, _ = totals(durable, name, programme.piece.start)
            assert {c.value: n for c, n in columns.items() if n} == {
                column: n for column, n in programme.seconds.items() if n
            }
            kept = programme.figures
            assert (figures.least, figures.most_seen, figures.most) == (
                kept.least,
                kept.most_seen,
                kept.most,
            )


def test_reports_list_what_generation_1_recorded(tmp_path: Path) -> None:
    """The tables of an old record are still folded, its incidents and deliveries included."""
    history = LIVES[2]
    write_record(tmp_path, history, len(history.events))
    with_tables = Journal.open(tmp_path, site=SITE, shape="")
    with_tables.rebuild()
    with_tables.close()
    opened = [event.subject for event in history.events if event.kind == "incident_opened"]
    with History(tmp_path) as found:
        assert [incident.id for incident in found.incidents()][::-1] == opened
        assert all(found.deliveries(incident) for incident in opened)
