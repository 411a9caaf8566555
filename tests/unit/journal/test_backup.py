"""A backup is whole or is not made; a restored record repeats no number."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal import RecordError
from monitord.journal.backup import back_up, restore, verify, verify_file
from monitord.journal.database import NAME
from monitord.record_opening import open_and_fold
from tests.fixtures.events import behind_its_back, marks, opened
from tests.support.engine_bench import Bench, good, off_air

SITE = "hill"


async def test_a_backup_of_a_running_record_has_what_is_only_in_its_log(tmp_path: Path) -> None:
    """A plain copy of the file would be empty."""
    bench = Bench(tmp_path / "record")
    await bench.start()
    for second in range(1, 8):
        await bench.second(second, good(second) if second < 4 else off_air(second))
    made = back_up(bench.folder, tmp_path / "copy")
    assert (made.problems, made.site, made.head) == ([], SITE, bench.journal.head)
    await bench.second(8, good(8))
    assert verify(bench.folder).problems == []
    bench.close()


async def test_a_restored_record_goes_on_in_a_new_epoch(tmp_path: Path) -> None:
    """On another machine too, where no alive file knows of the lost events."""
    bench = Bench(tmp_path / "record")
    await bench.start()
    back_up(bench.folder, tmp_path / "copy")
    with pytest.raises(RecordError, match="in use"):
        restore(tmp_path / "copy", bench.folder, site=SITE)
    await bench.second(1, good(1))
    epoch = bench.engine.situation.durable.epoch
    bench.close()
    restore(tmp_path / "copy", tmp_path / "elsewhere", site=SITE)
    restore(tmp_path / "copy", bench.folder, site=SITE)
    for folder in (bench.folder, tmp_path / "elsewhere"):
        again = open_and_fold(folder, site=SITE, step=lambda name: None)
        assert again.base is not None
        assert again.base.lost != 0
        assert again.durable.epoch > epoch
        again.journal.close()
        again.alive.close()
    (kept,) = bench.folder.glob("record.replaced-*.sqlite")
    assert verify_file(kept).problems == []


def test_a_damaged_record_replaces_no_good_backup(tmp_path: Path) -> None:
    """The older copy is worth more than the newer damage."""
    with opened(tmp_path / "record", site=SITE) as journal:
        journal.commit_sync(marks(1, 9))
        assert back_up(tmp_path / "record", tmp_path / "copy").problems == []
    behind_its_back(tmp_path / "record", "UPDATE event SET body = '{}' WHERE number = 4")
    assert back_up(tmp_path / "record", tmp_path / "copy").problems != []
    assert verify_file(tmp_path / "copy").problems == []


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    """The record stays as it is."""
    with opened(tmp_path / "record", site=SITE) as journal:
        journal.commit_sync(marks(1, 9))
    shutil.copy(tmp_path / "record" / NAME, tmp_path / "copy")
    before = (tmp_path / "record" / NAME).read_bytes()
    content = bytearray(before)
    content[5000:9000] = bytes(4000)
    (tmp_path / "copy").write_bytes(content)
    assert restore(tmp_path / "copy", tmp_path / "record", site=SITE).problems != []
    assert (tmp_path / "record" / NAME).read_bytes() == before
    with History(tmp_path / "record") as history:
        assert history.verify() == []


def test_another_sites_backup_is_not_restored(tmp_path: Path) -> None:
    """Nor is what is no backup."""
    with opened(tmp_path / "record", site="north") as journal:
        journal.commit_sync(marks(1, 9))
        back_up(tmp_path / "record", tmp_path / "copy")
    with pytest.raises(RecordError, match="of site 'north', not of 'hill'"):
        restore(tmp_path / "copy", tmp_path / "own", site=SITE)
    with pytest.raises(RecordError):
        restore(tmp_path / "none", tmp_path / "own", site=SITE)
