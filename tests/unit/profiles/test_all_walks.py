"""Every recording is decoded: by the profile its sysObjectID names, and value by value."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest
import yaml

from monitord.decoding.decoder import Decoder
from monitord.decoding.model import Decoding
from monitord.decoding.rules import decode
from tests.unit.config.snmprec import read_walk
from tests.unit.profiles import power_turns
from tests.unit.profiles.devices import NAMES, SHIPPED, device

pytestmark = pytest.mark.needs_shared

RECORDINGS: Final = 140
SYS_OBJECT_ID: Final = b"1.3.6.1.2.1.1.2.0|"
ALL_OF: Final = ("number", "enum", "boolean", "text")
LABELS: Final = tuple((raw, f"label_{raw}") for raw in range(-2, 300))
# A raw value of a matched profile that its MIB calls "other", "unknown" or "not supported".
PROVES_NOTHING: Final = {
    ("akcp-sensorprobe", "humidity_state", 0),  # the port has no sensor
    ("apc-rack-pdu", "device_load", 5),  # not supported
    ("netagent-ups", "smoke", 0),  # not fitted
    ("netagent-ups", "water", 0),
    ("ups-mib", "output_source", 1),  # other
}


@cache
def recordings(shared: Path) -> tuple[Path, ...]:
    return tuple(sorted(shared.rglob("*.snmprec")))


@cache
def recognised() -> dict[str, str]:
    """Return the profiles by how the sysObjectID of their equipment begins."""
    found = {}
    for name in NAMES:
        text = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
        for begins in text.get("recognise", {}).get("sys_object_id", []):
            found[str(begins)] = name
    return found


def profile_of(path: Path) -> str | None:
    """Return the profile whose beginning of the recorded sysObjectID is the longest."""
    lines = path.read_bytes().split(b"\n")
    said = next((line for line in lines if line.startswith(SYS_OBJECT_ID)), b"")
    object_id = said.decode("latin-1").rpartition("|")[2].strip().strip(".")
    begins = [known for known in recognised() if f"{object_id}.".startswith(f"{known}.")]
    return recognised()[max(begins, key=len)] if begins else None


def test_no_two_profiles_are_recognised_by_the_same_beginning() -> None:
    """Whoever looks for the profile of a device finds one."""
    count = 0
    for name in NAMES:
        text = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
        count += len(text.get("recognise", {}).get("sys_object_id", []))
    assert count == len(recognised())


def test_no_beginning_is_that_of_software_that_many_makers_use() -> None:
    """1.3.6.1.4.1.8072 is net-snmp: half of all embedded devices answer it."""
    common = ("1.3.6.1.4.1.8072", "1.3.6.1.4.1.2021", "1.3.6.1.2.1.1.")
    assert [known for known in recognised() if f"{known}.".startswith(common)] == []
    assert all(len(known.split(".")) >= 7 for known in recognised())


def test_every_recording_is_decoded_by_the_profile_it_names(shared: Path) -> None:
    """No exception, and no state without a word for it unless the MIB calls it unknown."""
    assert len(recordings(shared)) == RECORDINGS
    unlabelled, matched = set(), 0
    for path in recordings(shared):
        name = profile_of(path)
        if name is None:
            continue
        matched += 1
        kind, walk = device(name), read_walk(path)
        seen = kind.read(walk)
        raws = [walk.get(point.oid) for point in kind.read_points]  # type: ignore[attr-defined]
        with_memory = Decoder(kind.points).decode(raws, 0)
        assert len(with_memory.values) == len(kind.points)
        for point in kind.read_points:
            raw = walk.get(point.oid)  # type: ignore[attr-defined]
            if raw is not None and point.decoding.kind == "enum" and seen.values[point.id] is None:
                unlabelled.add((name, point.id, raw))
    assert matched >= 40
    assert unlabelled == PROVES_NOTHING


def test_every_profile_held_against_a_recording_is_read_from_one(shared: Path) -> None:
    """`verified: recording` is kept to: one recording at least has values for the profile."""
    walks = [read_walk(path) for path in recordings(shared)]
    for name in NAMES:
        text = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text("utf-8"))
        if text["verified"] != "recording":
            continue
        kind = device(name)
        points = [point.oid for point in kind.read_points]  # type: ignore[attr-defined]
        best = max(walks, key=lambda walk: sum(oid in walk for oid in points))
        assert any(value is not None for value in kind.read(best).values.values()), name


@pytest.mark.parametrize("kind", ALL_OF)
def test_every_recorded_value_decodes_as_every_kind(shared: Path, kind: str) -> None:
    """What an agent may send is never an exception: a value, or none."""
    decodings = [Decoding(kind=kind, unit="V", labels=LABELS if kind == "enum" else ())]
    if kind == "number":
        decodings += [
            Decoding(kind=kind, unit="degC", scale=0.1, decimal_comma=True),
            Decoding(kind=kind, unit="W", minimum=0, maximum=100, absent=(-1, 65535)),
        ]
    if kind == "text":
        decodings += [Decoding(kind=kind, charset=name) for name in ("gbk", "latin-1", "utf-16-be")]
    count = 0
    for path in recordings(shared):
        for raw in read_walk(path).values():
            for decoding in decodings:
                value = decode(raw, decoding)
                assert value is None or isinstance(value, int | float | str | bool)
            count += 1
    assert count > 50_000


def test_no_profile_of_power_reads_what_a_recorded_mib_lets_be_written(shared: Path) -> None:
    """Commands and settings stay alone, where the access of an object is recorded beside it."""
    writable = set()
    for path in sorted(shared.rglob("*.annotated.tsv")):
        for line in path.read_text("utf-8", "replace").splitlines():
            cells = line.split("\t")
            if len(cells) > 4 and cells[4] in ("read-write", "write-only", "read-create"):
                writable.add(cells[0])
    read = {
        ".".join(map(str, point.oid)): name  # type: ignore[attr-defined]
        for name in power_turns.SHOWN
        for point in device(name).read_points
    }
    assert len(writable) > 20
    assert {oid: read[oid] for oid in writable & set(read)} == {}
