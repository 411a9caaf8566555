"""Devices are known by the sysObjectID they answer, and each recording is known as what it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.profiles.devices import NAMES, SHIPPED

SYS_OBJECT_ID = b"\n1.3.6.1.2.1.1.2.0|6|"
RECORDED = {
    "deva-db7001": ("deva-db7001", "deva-db7001_2"),
    "deva-db8008": ("DEVA8008",),
    "deva-db9000rx": ("DEVA9000",),
    "profline-sfd": ("profline-sfd",),
    "protelevision-pt3080": ("protelevision-t1",),
    "rs-sx800": ("rs",),
    "cardinal-imdu": ("cardinalImdu",),
    "teleste-luminato": ("luminato_c12", "luminato_4x4"),
    "cisco-d985x": ("ciscosat",),
    "terra-sdi410c": ("terra-receivers_sdi410c",),
}
# They answer with that of the software of their agent, as thousands of others do.
NAMELESS = {
    "worldcast-ecreso-fm": ("ecresofm-os", "ecresofm-os_e01", "ecresofm-os_e03", "ecresofm-os_g10"),
    "dch-4000p": ("ird",),
}
GENERIC = ("1.3.6.1.4.1.8072.3.2", "1.3.6.1.4.1.2021.250")  # net-snmp, and ucd-snmp before it


@cache
def prefixes() -> dict[str, tuple[str, ...]]:
    """Return by profile how the sysObjectIDs of its kind begin."""
    found: dict[str, tuple[str, ...]] = {}
    for name in NAMES:
        profile: dict[str, Any] = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
        if "recognise" in profile:
            found[name] = tuple(map(str, profile["recognise"]["sys_object_id"]))
    return found


def known_as(sys_object_id: str) -> set[str]:
    """Return the profiles that take it for their own."""
    return {
        name
        for name, begins in prefixes().items()
        if any(f"{sys_object_id}.".startswith(f"{begin}.") for begin in begins)
    }


def answered(path: Path) -> str:
    """Return the sysObjectID of a recording, which some agents begin with a dot."""
    found = (b"\n" + path.read_bytes()).partition(SYS_OBJECT_ID)[2]
    return found.partition(b"\n")[0].strip().decode("ascii").lstrip(".")


def recordings(shared: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(shared.rglob("*.snmprec"))}


@pytest.mark.needs_shared
@pytest.mark.parametrize("profile", sorted(RECORDED))
def test_a_recorded_device_is_known_as_its_own_kind_and_no_other(
    profile: str, shared: Path
) -> None:
    """Whoever adds it is offered the profile that was proven with it."""
    for name in RECORDED[profile]:
        assert known_as(answered(recordings(shared)[name])) == {profile}, name


@pytest.mark.needs_shared
@pytest.mark.parametrize("profile", sorted(NAMELESS))
def test_a_device_that_names_only_its_agents_software_is_taken_for_nothing(
    profile: str, shared: Path
) -> None:
    """A profile that took it for its own would take every Linux host for a transmitter."""
    assert profile not in prefixes()
    for name in NAMELESS[profile]:
        answer = answered(recordings(shared)[name])
        assert answer.startswith(GENERIC), name
        assert known_as(answer) == set(), name


@pytest.mark.needs_shared
def test_no_other_recording_is_taken_for_one_of_these(shared: Path) -> None:
    """A beginning that is too short would catch a maker's other products."""
    own = {name for names in RECORDED.values() for name in names}
    for name, path in recordings(shared).items():
        if name not in own:
            assert not known_as(answered(path)) & set(RECORDED), name


def test_no_profile_claims_the_agents_software() -> None:
    """net-snmp answers on half of all Linux boxes."""
    for begins in prefixes().values():
        assert not any(begin.startswith(GENERIC) for begin in begins)
