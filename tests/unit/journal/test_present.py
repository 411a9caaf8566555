"""The present state without a daemon, and who acknowledged which incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal import RecordError
from tests.fixtures.events import SHAPE, behind_its_back, event, marks, opened


def test_the_first_acknowledgement_of_an_incident_counts(tmp_path: Path) -> None:
    """One name an incident, with its time."""
    seen = [
        event(1, "incident_acknowledged", "1-9", person="ann"),
        event(2, "incident_acknowledged", "1-9", person="bob"),
        event(3, "incident_acknowledged", "1-5", person="bob"),
    ]
    with opened(tmp_path) as journal:
        journal.commit_sync(seen)
    with History(tmp_path) as history:
        assert history.acknowledgements("1-9")[0] == ("ann", 1_000, None)
        assert history.acknowledgements("1-5") == [("bob", 3_000, None)]


def test_the_present_is_folded_from_the_newest_snapshot_on(tmp_path: Path) -> None:
    """Only the events after it; all events if the snapshot has another shape."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 5), (1, 5, b"{}"))
        journal.commit_sync(marks(6, 7))
    with History(tmp_path) as history:
        _, body, events = history.present(SHAPE)
        assert (body, [e.number for e in events]) == ({}, [6, 7])
        _, body, events = history.present("another")
        assert (body, [e.number for e in events]) == (None, [1, 2, 3, 4, 5, 6, 7])


def test_an_event_of_a_newer_monitord_is_refused_by_name(tmp_path: Path) -> None:
    """An unknown event must not be left out of the fold."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 2))
    behind_its_back(tmp_path, "UPDATE event SET kind = 'danced' WHERE number = 2")
    with History(tmp_path) as history, pytest.raises(RecordError, match="event 1/2 is 'danced'"):
        list(history.present(SHAPE)[2])
