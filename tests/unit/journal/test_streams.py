"""Streams: a drill has its own chain on a fork, and never enters the site's state or tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.core.apply import apply
from monitord.core.durable import Durable
from monitord.core.model import Event, Stream
from monitord.history import History
from monitord.journal import Journal
from tests.fixtures.events import behind_its_back, event, marks, opened, piece


def of_drill(events: list[Event]) -> list[Event]:
    """Return the same events in the stream of a drill."""
    return [each._replace(stream=Stream.DRILL) for each in events]


def drilled(journal: Journal) -> None:
    """Commit a drill that begins and goes on while the site goes on."""
    journal.commit_sync(marks(1, 3))
    assert journal.fork(Stream.DRILL, "a drill of the night shift") == 2
    journal.commit_sync(of_drill([event(1, epoch=2), piece(2, 5, ["good"])._replace(epoch=2)]))
    journal.commit_sync(marks(4, 5))
    journal.commit_sync(of_drill([event(3, epoch=2)]))


def test_the_site_goes_on_beside_a_drill_and_loads_without_it(tmp_path: Path) -> None:
    """Each stream has its own head, and only the site's events come back at a start."""
    with opened(tmp_path) as journal:
        drilled(journal)
        assert journal.verify() == []
    with opened(tmp_path) as journal:
        assert journal.head[:2] == (1, 5)
        assert [*journal.load().events] == marks(1, 5)
        journal.commit_sync(marks(6, 6))
        assert journal.verify() == []


def test_a_drill_is_in_no_table_of_the_site_even_after_a_rebuild(tmp_path: Path) -> None:
    """Reports never count a drill."""
    with opened(tmp_path) as journal:
        drilled(journal)
        journal.rebuild()
    with History(tmp_path) as history:
        assert history.pieces("fm", 0, 10**12) == []
        assert [each.stream for each in history.all_events()].count(Stream.DRILL) == 3


def test_a_later_epoch_of_the_site_does_not_use_the_number_of_a_drill(tmp_path: Path) -> None:
    """An epoch is of one stream for ever."""
    with opened(tmp_path) as journal:
        drilled(journal)
        assert journal.next_epoch("restored") == 3
        journal.commit_sync(marks(1, 2, epoch=3))
        assert journal.verify() == []
    with opened(tmp_path) as journal:
        assert journal.next_epoch("restored again") == 4


@pytest.mark.parametrize(
    "changed",
    ["UPDATE epochs SET cites_number = 2 WHERE epoch = 2", "UPDATE epochs SET why = 'x'"],
)
def test_what_a_drill_forks_from_cannot_be_changed(tmp_path: Path, changed: str) -> None:
    """The citation of a fork is verified like that of an epoch of the site."""
    with opened(tmp_path) as journal:
        drilled(journal)
    behind_its_back(tmp_path, changed)
    with History(tmp_path) as history:
        assert history.verify()[0].startswith("event 2/1: its epoch")


def test_a_commit_of_two_streams_is_refused(tmp_path: Path) -> None:
    """A programming error must not mix a drill into the site's chain."""
    with opened(tmp_path) as journal, pytest.raises(ValueError, match="drill in a commit of site"):
        journal.commit_sync([event(1), *of_drill([event(2)])])


def test_folding_refuses_an_event_of_another_stream() -> None:
    """Rule: apply refuses events of another stream, and changes nothing."""
    durable = Durable()
    with pytest.raises(ValueError, match="stream drill where site is folded"):
        apply(durable, of_drill([event(1)])[0])
    assert durable == Durable()


def test_a_fork_of_the_state_takes_the_events_of_its_own_stream() -> None:
    """A drill folds like the site."""
    fork = Durable(stream=Stream.DRILL)
    apply(fork, of_drill([event(1, at=7)])[0])
    assert fork.last_mark_at == 7
