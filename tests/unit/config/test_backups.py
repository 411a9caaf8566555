"""Where and when the nightly copies of the record are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load
from monitord.config.settings import BackupSettings
from tests.unit.config.samples import changed, write

RECORD = "record: {folder: /var/lib/monitord}"


def with_record(folder: Path, keys: str) -> Path:
    """Write the sample site with more keys of its record."""
    return write(folder, changed((RECORD, f"record: {{folder: /var/lib/monitord, {keys}}}")))


def test_without_a_folder_no_copies_are_made(tmp_path: Path) -> None:
    """Where copies belong only the site knows."""
    assert load(write(tmp_path)).backups is None


def test_the_defaults_are_a_quiet_hour_and_two_weeks(tmp_path: Path) -> None:
    """A folder is enough; a relative one begins at the configuration's."""
    found = load(with_record(tmp_path, "backup_folder: copies")).backups
    assert found == BackupSettings(tmp_path / "copies", 250, 14)


def test_hour_and_number_are_taken(tmp_path: Path) -> None:
    """In the station's time."""
    keys = 'backup_folder: /mnt/copies, backup_at: "23:59", backups_kept: 366'
    assert load(with_record(tmp_path, keys)).backups == BackupSettings(
        Path("/mnt/copies"), 1439, 366
    )


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ('backup_at: "04:10"', "record.backup_at: cannot be used without backup_folder"),
        ("backups_kept: 3", "record.backups_kept: cannot be used without backup_folder"),
        ("backup_folder: x, backup_at: 250", 'a time of day such as "04:10"'),
        ('backup_folder: x, backup_at: "24:00"', 'a time of day such as "04:10"'),
        ("backup_folder: x, backups_kept: 0", "a whole number 1–366"),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(tmp_path: Path, keys: str, text: str) -> None:
    """The two other keys say nothing by themselves."""
    with pytest.raises(ConfigErrors) as caught:
        load(with_record(tmp_path, keys))
    assert any(text in str(error) for error in caught.value.errors)
