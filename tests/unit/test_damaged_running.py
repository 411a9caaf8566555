"""A page of the record goes bad under the running monitord: it watches on, and loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitord.core.codec import to_plain
from monitord.history import History
from monitord.journal import RecordError
from monitord.journal.database import NAME
from tests.support.engine_bench import Bench, good, off_air
from tests.unit.test_damaged_start import GOES_ON, PAGE, flip, harms, lived, state_on_disk, zero

SECONDS = 12


def damage(folder: Path, page: int, kind: str) -> None:
    """Change one page in its place; the writer reads it again, for its log is written back."""
    path = folder / NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        found = file.read(PAGE)
        file.seek(page * PAGE)
        file.write((flip if kind == "flip" else zero)(found))


def is_sound(folder: Path) -> bool:
    """Return whether the record that is left has no fault at all."""
    try:
        with History(folder) as history:
            return history.verify() == []
    except RecordError:
        return False


async def watched_through(folder: Path, page: int, kind: str) -> Bench:
    """Start on a sound record, damage a page, watch on, and stop in order."""
    bench = Bench(folder)
    await bench.start(GOES_ON)
    damage(folder, page, kind)
    for second in range(GOES_ON + 1, GOES_ON + SECONDS):
        await bench.second(second, off_air(second) if second % 4 else good(second))
    return bench


@pytest.mark.parametrize("kind", ["flip", "zero"])
async def test_each_page_damaged_under_the_running_daemon_ends_no_watch(
    tmp_path: Path, kind: str
) -> None:
    """What is damaged is replaced and reported, or nobody needs it and `verify` finds it."""
    life = await lived(tmp_path / "record")
    pages = (life.folder / NAME).stat().st_size // PAGE
    replaced = 0
    for page in range(pages):
        folder = tmp_path / f"page_{page}"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        bench = await watched_through(folder, page, kind)
        assert bench.engine.unrecorded == 0, page
        held = to_plain(bench.engine.situation.durable)
        if bench.engine.recording.replaced:
            replaced += 1
            assert harms(bench)[-1] == "damaged", page
            assert state_on_disk(bench) == held, page
        bench.close()
        if bench.engine.recording.replaced:
            assert is_sound(folder), page
        again = Bench(folder)
        await again.start(GOES_ON + SECONDS + 5)
        known = set(again.engine.situation.durable.incidents)
        is_reported = again.continued.base is not None and harms(again) != []
        assert is_reported or set(held["incidents"]) <= known, page
        again.close()
        shutil.rmtree(folder)
    assert 0 < replaced <= pages
