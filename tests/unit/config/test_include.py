"""A configuration in several files is one configuration, and its mistakes name the right file."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load
from tests.support.mistakes import without_line
from tests.unit.config.samples import SITE, write

SPLIT = SITE.index("programmes:")
SECOND = """\
devices:
  room_two:
    name: 二号机房
    poll_every: 1s
    modbus: {address: 10.1.1.41}
    points: {door: {table: discrete_input, wire_address: 0}}
"""


def split(folder: Path, first: str = "include: [more.yaml]\n", second: str = SECOND) -> Path:
    (folder / "more.yaml").write_text(second, encoding="utf-8")
    return write(folder, first + SITE)


def mistakes(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        load(path)
    return [without_line(error).replace(f"{path.parent}/", "") for error in raised.value.errors]


def test_what_is_split_is_one_configuration(tmp_path: Path) -> None:
    """Entries of both files are there, and a whole section may be in another file."""
    whole = load(split(tmp_path))
    assert [device.id for device in whole.devices] == ["fm1", "room_io", "room_two"]
    (tmp_path / "more.yaml").write_text(SITE[SPLIT:], encoding="utf-8")
    path = write(tmp_path, "include: [more.yaml]\n" + SITE[:SPLIT])
    assert load(path).config_hash == load(write(tmp_path)).config_hash


def test_a_mistake_names_the_file_that_holds_it(tmp_path: Path) -> None:
    """Deep in an entry of the second file, and in the first."""
    second = SECOND.replace("wire_address: 0", "wire_address: x")
    path = split(tmp_path, second=second)
    path.write_text(path.read_text("utf-8").replace("poll_every: 1s", "poll_every: 1"), "utf-8")
    found = mistakes(path)
    assert "more.yaml: devices.room_two.points.door.wire_address: is 'x'" in found[-1]
    assert all(line.startswith("monitord.yaml: devices.") for line in found[:-1])


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("include: more.yaml\n", SECOND, "monitord.yaml: include: is 'more.yaml'; use a list"),
        ("include: [3]\n", SECOND, "monitord.yaml: include[0]: is 3; use a file name"),
        (
            "include: [no.yaml]\n",
            SECOND,
            "monitord.yaml: include[0]: file 'no.yaml' cannot be used: no such file or folder",
        ),
        (
            "include: [more.yaml, more.yaml]\n",
            SECOND,
            "monitord.yaml: include[1]: file 'more.yaml' is listed twice",
        ),
        (
            "include: [more.yaml]\n",
            "include: [monitord.yaml]\n",
            "more.yaml: include: an included file cannot include others; list the file in",
        ),
        (
            "include: [more.yaml]\n",
            SECOND.replace("room_two", "fm1"),
            "more.yaml: devices.fm1: 'fm1' is already in monitord.yaml",
        ),
        (
            "include: [more.yaml]\n",
            "- a\n",
            "more.yaml: is not a configuration; write a mapping with sections of site",
        ),
        (
            "include: [more.yaml]\n",
            "colour: {a: 1}\n",
            "more.yaml: is not a configuration; write a mapping with sections of site",
        ),
        ("include: [more.yaml]\n", "devices: 3\n", "more.yaml: devices: devices is already in"),
    ],
)
def test_a_wrong_split_is_reported(tmp_path: Path, first: str, second: str, message: str) -> None:
    """File, key, what was found."""
    assert message in "\n".join(mistakes(split(tmp_path, first, second)))
