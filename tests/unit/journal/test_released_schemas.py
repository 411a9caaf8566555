"""A record of every released schema is opened and read back exactly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitord.core.earlier import SHAPES
from monitord.core.generation1.apply import VERSIONS, apply
from monitord.core.generation1.durable import Durable
from monitord.history import History
from monitord.journal.database import NAME
from tests.fixtures.events import behind_its_back, marks, opened
from tests.fixtures.generation1 import digest_of
from tests.fixtures.make_record import (
    FIRST_EPOCH_ENDS,
    FIXTURE,
    INCIDENT,
    SITE,
    START,
    expected_events,
)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return a folder with a copy of the record of schema 1."""
    shutil.copyfile(FIXTURE, tmp_path / NAME)
    return tmp_path


KINDS_SINCE = {"incident_acknowledged", "wrong_programme_turned"}
"""Kinds of event that are newer than the fixture and absent there."""


def test_the_record_of_schema_1_has_every_kind_of_its_time() -> None:
    """A kind that is missing would not be covered by any later migration."""
    assert {event.kind for event in expected_events()} == set(VERSIONS) - KINDS_SINCE


def test_the_record_of_schema_1_is_read_back_exactly_and_continued(record: Path) -> None:
    """A newer program changes no byte of the record, and appends to it."""
    more = marks(3, 5, epoch=2)
    with opened(record, site=SITE, shape="another") as journal:
        assert [*journal.load().events] == expected_events()
        assert journal.verify() == []
        journal.commit_sync(more)
        assert [*journal.load().events] == [*expected_events(), *more]


def test_the_snapshot_of_schema_1_is_used_where_its_program_is_known(record: Path) -> None:
    """Folding begins at a snapshot of the frozen shape, whatever this program's own shape is."""
    with opened(record, site=SITE) as journal:
        assert journal.load().snapshot_plain() is None
    behind_its_back(record, f"UPDATE snapshot SET shape = '{SHAPES[0]}'")
    with opened(record, site=SITE, shape="another") as journal:
        loaded = journal.load()
        assert loaded.snapshot_plain() == {"made": "for reading back"}
        assert [*loaded.events] == expected_events()[FIRST_EPOCH_ENDS:]


def test_the_record_of_schema_1_is_read_by_the_history_without_a_change(record: Path) -> None:
    """Reports work on an old record copied from a dead machine."""
    with History(record) as history:
        assert [*history.all_events()] == expected_events()
        found = history.incidents()
        assert [(i.id, i.reason, i.close_cause) for i in found] == [
            (INCIDENT, "silence", "recovered")
        ]
        assert [d.delivered for d in history.deliveries(INCIDENT)] == [True]
        assert [i.most for i in history.impacts(INCIDENT)] == [3_600_000_000]
        assert [o.most for o in history.outages(0, 2 * START)] == [3_600_000_000]
        assert history.acknowledgements(INCIDENT) == []
        assert history.epochs()[1].why == "the record was restored"


def test_the_record_of_schema_1_still_folds() -> None:
    """A recorded event can be folded for ever, by the code of its generation."""
    durable = Durable()
    for event in expected_events():
        apply(durable, event)
    assert (durable.epoch, durable.number, durable.running) == (2, 2, True)
    assert list(durable.programmes) == ["county_fm"]
    assert digest_of(durable) == "8fb49dae9e55e6ff"
