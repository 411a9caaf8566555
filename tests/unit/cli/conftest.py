"""A configuration with a record, for the commands that read one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitord.journal.database import NAME
from tests.fixtures.make_record import FIXTURE
from tests.unit.config.samples import write


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Return a configuration whose record is that of schema 1."""
    path = write(tmp_path)
    text = path.read_text("utf-8").replace("/var/lib/monitord", "record")
    path.write_text(text, "utf-8")
    (tmp_path / "record").mkdir()
    shutil.copyfile(FIXTURE, tmp_path / "record" / NAME)
    return path
