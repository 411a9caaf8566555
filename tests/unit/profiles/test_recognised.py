"""Each recording of a shipped profile's kind is recognised as that kind, and no other is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from monitord.cli.profile_draft import object_id_of, recognised
from monitord.config.loader.errors import Scope
from monitord.config.profiles.profiles import Profiles
from monitord.config.schemas import ProfileShape
from monitord.devices.recordings import read_recording
from tests.unit.profiles.devices import NAMES

pytestmark = pytest.mark.needs_shared

RECORDED = {
    "cardinal-imdu": ("cardinalImdu",),
    "cisco-d985x": ("ciscosat",),
    "dch-4000p": ("ird",),
    "deva-db7001": ("deva-db7001", "deva-db7001_2"),
    "deva-db8008": ("DEVA8008",),
    "deva-db9000rx": ("DEVA9000",),
    "profline-sfd": ("profline-sfd",),
    "protelevision-pt3080": ("protelevision-t1",),
    "rs-sx800": ("rs",),
    "teleste-luminato": ("luminato_c12", "luminato_4x4"),
    "terra-sdi410c": ("terra-receivers_sdi410c",),
    "worldcast-ecreso-fm": (
        "ecresofm-os",
        "ecresofm-os_e01",
        "ecresofm-os_e03",
        "ecresofm-os_g10",
    ),
}
OF_ONE_KIND = [(profile, name) for profile, names in RECORDED.items() for name in names]
# Transmitters and exciters nobody recorded: no recording may be taken for one of them.
UNRECORDED = {
    "elenos-etg",
    "evs-server",
    "gatesair-uaxte",
    "harris-maxiva",
    "nautel-vs",
    "newtec-el470",
    "rs-netccu",
    "rs-sx801",
    "rs-tse800",
    "rs-tx9",
    "tr-101-290",
}
# What their agents say of themselves is the software they run, as thousands of others do.
GENERIC = ("1.3.6.1.4.1.8072.3.2", "1.3.6.1.4.1.2021.250")  # net-snmp, and ucd-snmp before it


@cache
def shipped() -> dict[str, ProfileShape]:
    profiles = Profiles()
    found = {name: profiles.find(name, Scope(name))[0] for name in NAMES}
    return {name: profile for name, profile in found.items() if profile is not None}


@cache
def takes(shared: Path) -> dict[str, list[str]]:
    """Return by recording which profiles take it for their own."""
    paths = sorted(shared.rglob("*.snmprec"))
    return {path.stem: recognised(shipped(), read_recording(path).objects()) for path in paths}


@pytest.mark.parametrize(("profile", "name"), OF_ONE_KIND)
def test_a_recorded_device_is_offered_the_profile_proven_with_it(
    profile: str, name: str, shared: Path
) -> None:
    """It is the first that a technician sees."""
    assert takes(shared)[name][:1] == [profile]


def test_no_other_recording_is_taken_for_one_of_these(shared: Path) -> None:
    """A beginning that is too short would catch a maker's other products."""
    for name, profiles in takes(shared).items():
        own = {profile for profile, of_kind in OF_ONE_KIND if of_kind == name}
        assert set(profiles) & (set(RECORDED) | UNRECORDED) == own, name


def test_no_profile_claims_the_software_of_an_agent() -> None:
    """net-snmp answers on half of all Linux boxes."""
    for name, profile in shipped().items():
        begins = profile.recognise.get("sys_object_id", ())
        assert not any(str(begin).startswith(GENERIC) for begin in begins), name


def test_devices_that_answer_as_their_software_are_known_by_what_they_have(shared: Path) -> None:
    """Four FM transmitters and a satellite receiver say net-snmp or ucd-snmp."""
    generic = {
        path.stem
        for path in shared.rglob("*.snmprec")
        if object_id_of(read_recording(path).objects()).startswith(GENERIC)
    }
    for name in (*RECORDED["worldcast-ecreso-fm"], *RECORDED["dch-4000p"]):
        assert name in generic
