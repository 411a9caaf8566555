"""Every protocol by which a device may be read. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitord.config.devices.lines import MannersSchema
from monitord.config.devices.points import Around, Point
from monitord.config.devices.protocols import frame, modbus, snmp
from monitord.config.loader.errors import Scope
from monitord.config.schemas import ProfileSchema, Schema
from monitord.decoding.model import SourcePoint
from monitord.devices.model import Source

Bring = Callable[[Source | None, ProfileSchema | None, Scope, Scope], Any]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How the keys of a protocol are read.

    ``read_source``: from the device's section (relative file names start from the folder) to its
    source; ``with_points`` adds the points; ``read_point``: one point by id.
    ``quirks``: keys that a profile may set in a section of the same name, for every device of its
    kind; ``check``: of the whole source, noted under the device's section. ``bring``: what points
    need from their profile (with its scope) and device, as ``Around.brought``.
    """

    section: type[Schema]
    point: type[Schema]
    read_source: Callable[[Any, Path, Scope], Source | None]
    with_points: Callable[[Source, tuple[SourcePoint, ...]], Source]
    read_point: Callable[[str, Any, Around, Scope], Point | None]
    quirks: type[Schema] | None = None
    check: Callable[[Source, Scope], None] | None = None
    bring: Bring | None = None


PROTOCOLS: Mapping[str, Protocol] = {
    "snmp": Protocol(
        snmp.SnmpSchema,
        snmp.SnmpPointSchema,
        snmp.read_source,
        snmp.with_points,
        snmp.read_point,
        snmp.SnmpQuirksSchema,
    ),
    "modbus": Protocol(
        modbus.ModbusSchema,
        modbus.ModbusPointSchema,
        modbus.read_source,
        modbus.with_points,
        modbus.read_point,
        modbus.QuirksSchema,
        modbus.check_points,
    ),
    "frame": Protocol(
        frame.FrameSchema,
        frame.FramePointSchema,
        frame.read_source,
        frame.with_points,
        frame.read_point,
        MannersSchema,
        bring=frame.bring,
    ),
}
"""By the name of the device's section, which is also a profile's ``protocol``."""
