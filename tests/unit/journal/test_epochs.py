"""Epochs: a restored record does not use the numbers of lost events again."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal import CommitFailed, Loaded
from monitord.journal.alive import Alive
from monitord.journal.epochs import epoch_for
from tests.fixtures.events import behind_its_back, full_disk, marks, opened


def ends(epoch: int, number: int, head: str = "aa") -> Loaded:
    """Return what a start reads of a record that ends there."""
    return Loaded(epoch, number, head, 0, None, iter(()))


def lived(epoch: int, number: int, head: str = "aa") -> Alive:
    """Return an alive file that names this head."""
    return Alive("boot", 1, 2, 3, epoch, number, head, 2)


@pytest.mark.parametrize(
    ("loaded", "alive"),
    [
        (ends(1, 0), None),
        (ends(1, 9), None),
        (ends(1, 9), lived(1, 9)),
        (ends(1, 9, "aa"), lived(1, 8, "bb")),
        (ends(2, 1, "aa"), lived(1, 99, "bb")),
    ],
)
def test_a_record_at_or_ahead_of_its_alive_file_continues(loaded: Loaded, alive: Alive) -> None:
    """A kill between commit and alive leaves the record ahead: that is usual."""
    assert epoch_for(loaded, alive) == (loaded.epoch, None)


@pytest.mark.parametrize(
    ("loaded", "alive", "epoch", "why"),
    [
        (ends(1, 8), lived(1, 9), 2, "the record ends earlier, at 1/8 with head aa"),
        (ends(1, 0), lived(1, 9), 2, "the record ends earlier, at 1/0"),
        (ends(1, 99), lived(3, 2), 4, "names event 3/2 with head aa"),
        (ends(1, 9, "bb"), lived(1, 9, "aa"), 2, "the record has another history there"),
    ],
)
def test_a_record_behind_its_alive_file_begins_a_new_epoch(
    loaded: Loaded, alive: Alive, epoch: int, why: str
) -> None:
    """A number that was used once is never used again, in any epoch."""
    found = epoch_for(loaded, alive)
    assert found[0] == epoch
    assert why in (found[1] or "")


def test_a_new_epoch_cites_the_head_it_follows(tmp_path: Path) -> None:
    """The chain continues over the epochs: the old head cannot be changed."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        old = journal.head
        assert journal.next_epoch("restored") == 2
        assert journal.head[:2] == (2, 0)
        journal.commit_sync(marks(1, 2, epoch=2))
    with History(tmp_path) as history:
        cited = history.epochs()[1]
        assert history.verify() == []
    assert cited[:5] == (2, old.epoch, old.number, old.chain, "restored")


def test_an_epoch_never_goes_back(tmp_path: Path) -> None:
    """A programming error must not number the record again."""
    with opened(tmp_path) as journal, pytest.raises(ValueError, match="does not follow"):
        journal.next_epoch("mistake", 1)


def test_an_epoch_whose_first_commit_fails_is_begun_by_the_next(tmp_path: Path) -> None:
    """A full disk at that moment loses no citation."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        journal.next_epoch("restored")
        with full_disk(), pytest.raises(CommitFailed):
            journal.commit_sync(marks(1, 900, epoch=2))
        assert journal.next_epoch("restored once more") == 3
        journal.commit_sync(marks(1, 900, epoch=3))
        assert journal.verify() == []


def test_a_snapshot_before_an_epochs_first_event_waits_for_that(tmp_path: Path) -> None:
    """Nothing of an epoch is on disk before its first event."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        journal.next_epoch("restored")
        journal.commit_sync([], (2, 0, b"{}"))
        journal.commit_sync(marks(1, 2, epoch=2))
        assert journal.verify() == []
        assert journal.load().snapshot is None


def test_a_restored_record_is_detected_and_continues_in_a_new_epoch(tmp_path: Path) -> None:
    """From end to end: the event that the alive file names is no longer on disk."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 9))
        alive = lived(*journal.head[:3])
    behind_its_back(tmp_path, "DELETE FROM event WHERE number > 5")
    with opened(tmp_path) as journal:
        epoch, why = epoch_for(journal.load(), alive)
        assert why is not None
        journal.next_epoch(why, epoch)
        journal.commit_sync(marks(1, 1, epoch=2))
        assert journal.verify() == []
