"""Epochs: a record that was restored does not number again what was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal import CommitFailed, Loaded
from monitord.journal.alive import Alive
from monitord.journal.epochs import epoch_for
from tests.fixtures.events import behind_its_back, marks, opened


def ends(epoch: int, number: int, head: str = "aa") -> Loaded:
    """Return what loading a record that ends there gives."""
    return Loaded(epoch, number, head, 0, None, iter(()))


def lived(epoch: int, number: int, head: str = "aa") -> Alive:
    """Return an alive file that names this head."""
    return Alive("boot", 1, 2, 3, epoch, number, head)


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
def test_a_record_at_or_ahead_of_its_alive_file_goes_on(loaded: Loaded, alive: Alive) -> None:
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
    """A number that was once given out is never given again, in whatever epoch it was."""
    found = epoch_for(loaded, alive)
    assert found[0] == epoch
    assert why in (found[1] or "")


def test_a_new_epoch_cites_the_head_it_follows(tmp_path: Path) -> None:
    """The chain goes through: the old head stays bound."""
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


def test_a_new_epoch_may_skip_numbers_that_were_lost(tmp_path: Path) -> None:
    """The alive file may tell of an epoch that the restored record never saw."""
    with opened(tmp_path) as journal:
        assert journal.next_epoch("restored", 4) == 4
        journal.commit_sync(marks(1, 2, epoch=4))
        assert journal.verify() == []
    with opened(tmp_path) as journal:
        assert (journal.load().epoch, journal.load().number) == (4, 2)


def test_an_epoch_never_goes_back(tmp_path: Path) -> None:
    """A mistake of ours must not renumber the record."""
    with opened(tmp_path) as journal, pytest.raises(ValueError, match="does not follow"):
        journal.next_epoch("mistake", 1)


def test_an_epoch_killed_before_its_first_event_was_never_begun(tmp_path: Path) -> None:
    """The next start finds the old head, and decides anew."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        journal.next_epoch("restored")
    with opened(tmp_path) as journal:
        assert (journal.load().epoch, journal.load().number) == (1, 3)
        journal.commit_sync(marks(4, 4))
        assert journal.verify() == []


def test_an_epoch_whose_first_commit_fails_is_begun_by_the_next(tmp_path: Path) -> None:
    """A full disk at the worst moment loses no citation."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        journal.next_epoch("restored")
        pages = journal._read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        journal._read(lambda c: c.execute(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(CommitFailed):
            journal.commit_sync(marks(1, 900, epoch=2))
        journal._read(lambda c: c.execute("PRAGMA max_page_count = 1000000"))
        assert journal.next_epoch("restored once more") == 3
        journal.commit_sync(marks(1, 900, epoch=3))
        assert journal.verify() == []


def test_a_snapshot_before_an_epochs_first_event_waits_for_that(tmp_path: Path) -> None:
    """Nothing of an epoch is on disk before its first event, and nothing of it is forgotten."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        journal.next_epoch("restored")
        journal.commit_sync([], (2, 0, b"{}"))
        journal.commit_sync(marks(1, 2, epoch=2))
        assert journal.verify() == []
        assert journal.load().snapshot is None


def test_a_restored_record_is_noticed_and_goes_on_in_a_new_epoch(tmp_path: Path) -> None:
    """The whole way: what the alive file names is not on disk any more."""
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
