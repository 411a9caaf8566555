"""A station's own device profiles: files in a folder of its own, beside those that are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.devices.snmp.model import SnmpSource
from tests.support.mistakes import without_line
from tests.unit.config.samples import SITE, write
from tests.unit.profiles.test_hostile_profiles import GOOD, HEAD

DEVICE = {
    "name": "Own",
    "profile": "odd",
    "poll_every": "5s",
    "snmp": {"address": "127.0.0.1", "version": "2c", "community_file": "secrets/fm1"},
}


def station(folder: Path, text: str, profiles: Any = ("own",), **device: Any) -> Settings:
    """Load a station with one device more, of a profile in its folder ``own``."""
    own = folder / "own"
    own.mkdir(exist_ok=True)
    (own / "odd.yaml").write_text(HEAD.format(protocol="snmp") + text, encoding="utf-8")

    site = yaml.safe_load(SITE)
    site["profiles"] = list(profiles) if isinstance(profiles, tuple) else profiles
    site["devices"]["own"] = DEVICE | device
    return load(write(folder, yaml.safe_dump(site, allow_unicode=True, sort_keys=False)))


def reported(folder: Path, text: str, **keys: Any) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        station(folder, text, **keys)
    return [without_line(error).replace(f"{folder}/", "") for error in caught.value.errors]


def test_a_profile_in_a_folder_of_the_station_is_used(tmp_path: Path) -> None:
    """Without touching the package; folders are named from the configuration's own."""
    (point,) = station(tmp_path, GOOD).devices[-1].source.points
    assert (point.id, point.where) == ("a", "1.3.6.1.1.0")


def test_its_mistakes_are_reported_with_its_file(tmp_path: Path) -> None:
    """As those of a shipped one."""
    assert reported(tmp_path, GOOD.replace("unit: W", "unit: 3")) == [
        "own/odd.yaml: points.a.unit: is 3; use a text; put it in quotes"
    ]


def test_a_shipped_name_is_not_taken_over(tmp_path: Path) -> None:
    """Two files of one name would make it a riddle which one counts."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "if-mib.yaml").write_text("", encoding="utf-8")
    (line,) = reported(tmp_path, GOOD)
    assert line.startswith(
        "monitord.yaml: profiles[0]: if-mib.yaml has the name of profiles/if-mib.ya"
    )


@pytest.mark.parametrize(
    ("profiles", "text"),
    [
        (("nowhere",), "monitord.yaml: profiles[0]: folder 'nowhere' cannot be used: no such file"),
        ((3,), "monitord.yaml: profiles[0]: is 3; use a folder's name"),
        ("own", "monitord.yaml: profiles: is 'own'; use a list"),
    ],
)
def test_what_is_no_folder_is_reported(tmp_path: Path, profiles: Any, text: str) -> None:
    """Beside the profile that is then not known."""
    lines = reported(tmp_path, GOOD, profiles=profiles)
    assert any(line.startswith(text) for line in lines), lines
    assert any("no profile 'odd'" in line for line in lines)


def test_the_objects_per_request_are_set_by_profile_or_device(tmp_path: Path) -> None:
    """The device knows better."""
    text = "snmp: {objects_per_request: 4}\n" + GOOD
    snmp = DEVICE["snmp"] | {"objects_per_request": 1}  # type: ignore[operator]
    for keys, most in (({}, 4), ({"snmp": snmp}, 1)):
        source = station(tmp_path, text, **keys).devices[-1].source
        assert isinstance(source, SnmpSource)
        assert source.objects_per_request == most


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "snmp: {objects_per_request: 0}\n",
            "snmp.objects_per_request: is 0; use a whole number 1–64",
        ),
        (
            "snmp: {objects_per_requests: 1}\n",
            "snmp: no key 'objects_per_requests'; did you mean",
        ),
        ("recognise: {}\n", ""),
        (
            "recognise: {sys_objct_id: 1}\n",
            "recognise: no key 'sys_objct_id'; did you mean 'sys_object",
        ),
        ("recognise: {sys_object_id: [1.3.x]}\n", "recognise.sys_object_id[0]: is '1"),
        (
            "recognise: {sys_object_id: []}\n",
            "recognise.sys_object_id: is an empty list; use a list",
        ),
        ("recognise: here\n", "recognise: is 'here'; use a mapping of keys to values"),
    ],
)
def test_new_keys_of_a_profile_are_checked(tmp_path: Path, text: str, line: str) -> None:
    """With the place in the profile's own file."""
    if not line:
        assert station(tmp_path, text + GOOD)
        return
    assert reported(tmp_path, text + GOOD)[0].startswith(f"own/odd.yaml: {line}")
