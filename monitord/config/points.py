"""From a point's keys to what readers and the core need of it. Owns defaults and cross-checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitord.config.errors import Scope
from monitord.config.printer import read_shape
from monitord.config.shapes import (
    BIT_TABLES,
    REGISTER_TYPES,
    ModbusPointShape,
    PointShape,
    SnmpPointShape,
)
from monitord.core.plan import PointPlan
from monitord.devices.model import Decoding, ModbusPoint, SnmpPoint

OF_NUMBERS = ("unit", "scale", "offset", "minimum", "maximum")
REGISTERS = {"uint32": 2, "int32": 2, "float32": 2}


@dataclass(frozen=True, slots=True)
class Point:
    """One point for its two readers; ``bound``: its own continuity bound in microseconds."""

    plan: PointPlan
    source: SnmpPoint | ModbusPoint
    bound: int | None


def read_snmp_point(id_: str, found: Any, refresh_us: int, scope: Scope) -> Point | None:
    """Return an SNMP object, or None with its mistakes noted. ``refresh_us``: the device's."""
    shape = read_shape(SnmpPointShape, found, scope)
    if shape is None:
        return None
    decoding = _decoding(shape, "number", scope)
    if decoding is None:
        return None
    return _point(shape, refresh_us, SnmpPoint(id_, shape.oid, decoding))


def read_modbus_point(id_: str, found: Any, refresh_us: int, scope: Scope) -> Point | None:
    """Return a coil, input or register, or None with its mistakes noted."""
    shape = read_shape(ModbusPointShape, found, scope)
    if shape is None:
        return None
    type_ = _register_type(shape, scope)
    decoding = _decoding(shape, "boolean" if shape.table in BIT_TABLES else "number", scope)
    if decoding is None or type_ is None:
        return None
    source = ModbusPoint(id_, shape.table, shape.wire_address, type_, shape.word_order, decoding)
    return _point(shape, refresh_us, source)


READ_POINT: dict[str, Callable[[str, Any, int, Scope], Point | None]] = {
    "snmp": read_snmp_point,
    "modbus": read_modbus_point,
}


def _point(shape: PointShape, refresh_us: int, source: SnmpPoint | ModbusPoint) -> Point:
    own = shape.agent_refresh_max
    plan = PointPlan(
        id=source.id,
        agent_refresh_max=refresh_us if own is None else own,
        true_delay_max=shape.true_delay_max,
        false_delay_max=shape.false_delay_max,
    )
    return Point(plan, source, shape.continuity_bound)


def _register_type(shape: ModbusPointShape, scope: Scope) -> str | None:
    if shape.table in BIT_TABLES:
        if shape.type not in (None, "bit"):
            scope.at("type").wrong(shape.type, f"bit, because a {shape.table} is one")
            return None
        return "bit"
    type_ = shape.type or "uint16"
    if type_ == "bit":
        allowed = f"one of {', '.join(REGISTER_TYPES[1:])}"
        scope.at("type").wrong(type_, allowed, "a register of 0 or 1 is kind: boolean")
        return None
    last = shape.wire_address + REGISTERS.get(type_, 1) - 1
    if last > 65535:
        scope.at("wire_address").wrong(shape.wire_address, f"0..65534 for {type_}, two registers")
        return None
    return type_


def _decoding(shape: PointShape, default: str, scope: Scope) -> Decoding | None:
    kind = shape.kind or _kind(shape, default)
    if not _fits(shape, kind, scope):
        return None
    return Decoding(
        kind=kind,
        unit=shape.unit or "",
        scale=shape.scale,
        offset=shape.offset,
        labels=shape.labels,
        truth=(1,) if shape.truth is None else shape.truth,
        absent=shape.absent,
        minimum=shape.minimum,
        maximum=shape.maximum,
    )


def _kind(shape: PointShape, default: str) -> str:
    if shape.labels:
        return "enum"
    return "boolean" if shape.truth is not None else default


def _fits(shape: PointShape, kind: str, scope: Scope) -> bool:
    """Return whether the keys that are there belong to this kind and to each other."""
    before = len(scope.errors)
    if kind != "number":
        for key in OF_NUMBERS:
            if key in shape.model_fields_set:
                scope.at(key).note(f"only a number has {key}; this point is of kind {kind}")
    elif shape.unit is None:
        scope.at("unit").wrong(None, "the number's unit, such as W", "a ratio has unit: ratio")
    if kind == "enum" and not shape.labels:
        scope.at("labels").wrong(None, "labels such as {0: off, 1: on}")
    if kind != "enum" and shape.labels:
        scope.at("labels").note(f"only an enum has labels; this point is of kind {kind}")
    if kind != "boolean" and shape.truth is not None:
        scope.at("truth").note(f"only a boolean has truth; this point is of kind {kind}")
    if shape.scale == 0:
        scope.at("scale").wrong(0, "another number than 0")
    if None not in (shape.minimum, shape.maximum) and shape.minimum >= shape.maximum:  # type: ignore[operator]
        scope.at("minimum").wrong(shape.minimum, f"less than maximum, {shape.maximum}")
    return len(scope.errors) == before
