"""Reads recorded SNMP walks. Owns their file format; knows no device."""

from __future__ import annotations

from pathlib import Path

INTEGERS = frozenset({"2", "65", "66", "67", "70"})


def read_walk(path: Path) -> dict[tuple[int, ...], int | bytes]:
    """Return the recorded integers and texts by OID; other types are left out."""
    walk: dict[tuple[int, ...], int | bytes] = {}
    for line in path.read_bytes().split(b"\n"):
        if line.startswith(b"#") or line.count(b"|") < 2:
            continue
        oid_text, tag, value = line.rstrip(b"\r").split(b"|", 2)
        oid = tuple(map(int, oid_text.decode("ascii").split(".")))
        if tag.decode("ascii") in INTEGERS:
            walk[oid] = int(value)
        elif tag == b"4":
            walk[oid] = value
        elif tag == b"4x":
            walk[oid] = bytes.fromhex(value.decode("ascii"))
    return walk
