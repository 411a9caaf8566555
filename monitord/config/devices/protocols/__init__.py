"""Every protocol a device may be read over. A new one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitord.config.devices.lines import MannersShape
from monitord.config.devices.points import Around, Point
from monitord.config.devices.protocols import frame, modbus, snmp
from monitord.config.loader.errors import Scope
from monitord.config.schemas import ProfileShape, Shape
from monitord.decoding.model import SourcePoint
from monitord.devices.model import Source

Bring = Callable[[Source | None, ProfileShape | None, Scope, Scope], Any]


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a protocol brings to a device and to its points.

    ``read_source``: from its section of the device (relative file names start from the folder) to
    where the device is read; ``with_points`` puts the points in; ``read_point``: one point by id.
    ``quirks``: what a profile may say in a section of the same name, for every device of its kind;
    ``check``: of the whole source, noted under the device's section. ``bring``: what
    points need of their profile (its scope) and device, as ``Around.brought``.
    """

    section: type[Shape]
    point: type[Shape]
    read_source: Callable[[Any, Path, Scope], Source | None]
    with_points: Callable[[Source, tuple[SourcePoint, ...]], Source]
    read_point: Callable[[str, Any, Around, Scope], Point | None]
    quirks: type[Shape] | None = None
    check: Callable[[Source, Scope], None] | None = None
    bring: Bring | None = None


PROTOCOLS: Mapping[str, Protocol] = {
    "snmp": Protocol(
        snmp.SnmpShape,
        snmp.SnmpPointShape,
        snmp.read_source,
        snmp.with_points,
        snmp.read_point,
        snmp.SnmpQuirksShape,
    ),
    "modbus": Protocol(
        modbus.ModbusShape,
        modbus.ModbusPointShape,
        modbus.read_source,
        modbus.with_points,
        modbus.read_point,
        modbus.QuirksShape,
        modbus.check_points,
    ),
    "frame": Protocol(
        frame.FrameShape,
        frame.FramePointShape,
        frame.read_source,
        frame.with_points,
        frame.read_point,
        MannersShape,
        bring=frame.bring,
    ),
}
"""By the name of the device's section, which is also a profile's ``protocol``."""
