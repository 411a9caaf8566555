"""SNMP in a configuration: agents and their objects. Owns their keys and cross-checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

from monitord.config.errors import Scope, nearest, shown
from monitord.config.kinds import Host, Oid, Port, Text, one_of
from monitord.config.points import Around, Point, make_point, read_decoding
from monitord.config.printer import read_shape
from monitord.config.rows import Rows
from monitord.config.secret_files import read_secret
from monitord.config.shapes import PointShape, Shape
from monitord.devices.model import Source, SourcePoint
from monitord.devices.snmp.model import V2C, Community, RowKey, SnmpPoint, SnmpSource


class SnmpShape(Shape):
    address: Host
    port: Port = 161
    version: Annotated[str, one_of("2c")]
    community_file: Text


class SnmpPointShape(PointShape):
    oid: Oid


def read_source(found: Any, folder: Path, scope: Scope) -> Source | None:
    """Return the agent without points yet, or None with the mistakes noted."""
    snmp = read_shape(SnmpShape, found, scope)
    if snmp is None:
        return None
    community = read_secret(snmp.community_file, folder, scope.at("community_file"))
    if community is None:
        return None
    return SnmpSource(snmp.address, snmp.port, Community(V2C, community), ())


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the agent with its points."""
    return replace(cast("SnmpSource", source), points=cast("tuple[SnmpPoint, ...]", points))


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return an SNMP object, or None with its mistakes noted."""
    shape = read_shape(SnmpPointShape, found, scope)
    if shape is None:
        return None
    decoding = read_decoding(shape, "number", scope)
    instance = _instance(shape.oid, around.rows, scope.at("oid"))
    if decoding is None or instance is None:
        return None
    oid, row, after = instance
    return make_point(shape, around.refresh_us, SnmpPoint(id_, oid, decoding, row, after))


Instance = tuple[tuple[int, ...], RowKey | None, tuple[int, ...]]


def _instance(pattern: tuple[int | str, ...], rows: Rows, scope: Scope) -> Instance | None:
    """Return the OID with its rows' indexes, or None where one is not known.

    Where a row is found by a key, it is what stands before and behind its index.
    """
    unknown = [arc for arc in pattern if isinstance(arc, str) and arc not in rows.known]
    for name in unknown:
        scope.note(f"unknown row {shown(name)}", "", nearest(name, rows.known))
    parts: list[list[int]] = [[]]
    keys: list[RowKey] = []
    for arc in pattern:
        place = (arc,) if isinstance(arc, int) else rows.indexes.get(arc)
        if place is None:
            return None
        if isinstance(place, RowKey):
            keys.append(place)
            parts.append([])
        else:
            parts[-1] += place
    if len(keys) > 1:
        scope.note(f"{len(keys)} rows that are chosen by a key", "one", "give the other's index")
        return None
    return tuple(parts[0]), keys[0] if keys else None, tuple(parts[-1]) if keys else ()
