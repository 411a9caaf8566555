"""Every recorded walk: which profile it is offered, and that the profile decodes it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest

from monitord.cli.profile_draft import object_id_of, recognised
from monitord.config.loader.errors import Scope
from monitord.config.profiles.profiles import Profiles
from monitord.config.schemas import ProfileSchema
from monitord.devices.recordings import read_recording
from tests.unit.profiles.devices import (
    NAMES,
    device,
    expected,
    protocol_of,
    recordings,
    shipped,
    walk,
)

RECORDINGS: Final = 140
# Agents that name their software, as many other makers' do: net-snmp, and ucd-snmp before it.
GENERIC: Final = ("1.3.6.1.4.1.8072", "1.3.6.1.4.1.2021")
# A raw value of a recognised profile that its MIB calls "other", "unknown" or "not supported".
PROVES_NOTHING: Final = {
    ("akcp-sensorprobe", "humidity_state", 0),  # the port has no sensor
    ("apc-rack-pdu", "device_load", 5),  # not supported
    ("netagent-ups", "smoke", 0),  # not fitted
    ("netagent-ups", "water", 0),
    ("ups-mib", "output_source", 1),  # other
}


@cache
def object_ids() -> dict[str, str]:
    """Return profiles by the beginning of the sysObjectID of their equipment."""
    return {
        str(begins): name
        for name in NAMES
        for begins in shipped(name).get("recognise", {}).get("sys_object_id", [])
    }


@cache
def objects_of(path: Path) -> dict[str, str]:
    """Return the object identifiers of a recorded walk, and their types."""
    return read_recording(path).objects()


@cache
def offered(shared: Path) -> dict[str, list[str]]:
    """Return by recording the profiles that it is offered, the best one first."""
    profiles: dict[str, ProfileSchema] = {}
    for name in NAMES:
        found, _ = Profiles().find(name, Scope(name))
        assert found is not None
        profiles[name] = found
    return {path.stem: recognised(profiles, objects_of(path)) for path in recordings(shared)}


def profile_of(path: Path) -> str | None:
    """Return the profile with the longest beginning of the recorded sysObjectID."""
    object_id = object_id_of(objects_of(path))
    begins = [known for known in object_ids() if f"{object_id}.".startswith(f"{known}.")]
    return object_ids()[max(begins, key=len)] if begins else None


def test_no_two_profiles_are_recognised_by_the_same_beginning() -> None:
    """A device is offered one profile, not two of the same rank."""
    begins = [shipped(name).get("recognise", {}).get("sys_object_id", []) for name in NAMES]
    assert sum(map(len, begins)) == len(object_ids())


def test_no_beginning_is_that_of_software_that_many_makers_use() -> None:
    """Half of all embedded devices answer as net-snmp."""
    common = (*GENERIC, "1.3.6.1.2.1.1.")
    assert [known for known in object_ids() if f"{known}.".startswith(common)] == []
    assert all(len(known.split(".")) >= 7 for known in object_ids())


def test_a_profile_that_claims_a_recording_has_its_expected_values() -> None:
    """`verified: recording` is kept: at least one walk was compared by hand, and is here."""
    claims = {name for name in NAMES if shipped(name)["verified"] == "recording"}
    assert {name for name in claims if not expected(name).get("recordings")} == set()


@pytest.mark.needs_shared
def test_every_recording_is_decoded_by_the_profile_it_names(shared: Path) -> None:
    """No exception, and no state without a label unless the MIB calls it unknown."""
    assert len(recordings(shared)) == RECORDINGS
    unlabelled, matched = set(), 0
    for path in recordings(shared):
        name = profile_of(path)
        if name is None:
            continue
        matched += 1
        kind, objects = device(name), walk(path)
        seen = kind.read(objects)
        for point in kind.read_points:
            raw = objects.get(point.oid)  # type: ignore[attr-defined]
            if raw is not None and point.decoding.kind == "enum" and seen.values[point.id] is None:
                unlabelled.add((name, point.id, raw))
    assert matched >= 40
    assert unlabelled == PROVES_NOTHING


@pytest.mark.needs_shared
def test_a_recorded_device_is_offered_its_profile_first_and_no_other_device_is(
    shared: Path,
) -> None:
    """A beginning that is too short would catch a maker's other products."""
    listed = {
        name: expected(name)["recognised"] for name in NAMES if "recognised" in expected(name)
    }
    assert len(listed) >= 20
    for profile, stems in listed.items():
        assert {stem for stem in stems if offered(shared)[stem][:1] != [profile]} == set()
        found = {stem for stem, profiles in offered(shared).items() if profile in profiles}
        assert found == set(stems), profile


@pytest.mark.needs_shared
def test_a_device_that_names_only_its_software_is_recognised_by_its_objects(shared: Path) -> None:
    """Four FM transmitters and a satellite receiver answer as net-snmp or ucd-snmp."""
    generic = {
        path.stem
        for path in recordings(shared)
        if f"{object_id_of(objects_of(path))}.".startswith(tuple(f"{one}." for one in GENERIC))
    }
    stems = {*expected("worldcast-ecreso-fm")["recognised"], *expected("dch-4000p")["recognised"]}
    assert len(stems) == 5
    assert stems <= generic


@pytest.mark.needs_shared
def test_no_profile_reads_what_a_recorded_mib_lets_be_written_but_listed_settings(
    shared: Path,
) -> None:
    """Commands are left alone, where the access of an object is recorded."""
    writable = set()
    for path in sorted(shared.rglob("*.annotated.tsv")):
        for line in path.read_text("utf-8", "replace").splitlines():
            cells = line.split("\t")
            if len(cells) > 4 and cells[4] in ("read-write", "write-only", "read-create"):
                writable.add(cells[0])
    assert len(writable) > 20
    for name in NAMES:
        if protocol_of(name) == "snmp":
            oids = {p.id: ".".join(map(str, p.oid)) for p in device(name).read_points}  # type: ignore[attr-defined]
            found = [id_ for id_, oid in oids.items() if oid in writable]
            assert found == expected(name).get("settings_read", []), name
