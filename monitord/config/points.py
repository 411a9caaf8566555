"""From a point's keys to what readers and the core need of it. Owns defaults and cross-checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitord.config.errors import Scope, nearest, shown
from monitord.config.printer import read_shape
from monitord.config.rows import Rows
from monitord.config.shapes import (
    BIT_TABLES,
    REGISTER_TYPES,
    ModbusPointShape,
    PointShape,
    SnmpPointShape,
)
from monitord.core.plan import PointPlan
from monitord.devices.model import Decoding, ModbusPoint, SnmpPoint

OF_NUMBERS = ("unit", "scale", "offset", "times_ten_to", "minimum", "maximum")
REGISTERS = {
    "uint32": 2,
    "int32": 2,
    "float32": 2,
    "uint64": 4,
    "int64": 4,
    "float64": 4,
}
WORDS = {2: "two", 4: "four"}
BITS_OF = {"uint16": 16, "uint32": 32}


@dataclass(frozen=True, slots=True)
class Around:
    """What the device gives every point of it. ``refresh_us``: the age of its agent's cache."""

    refresh_us: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Point:
    """One point for its two readers; ``bound``: its own continuity bound in microseconds."""

    plan: PointPlan
    source: SnmpPoint | ModbusPoint
    bound: int | None


def read_snmp_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return an SNMP object, or None with its mistakes noted."""
    shape = read_shape(SnmpPointShape, found, scope)
    if shape is None:
        return None
    decoding = _decoding(shape, "number", scope)
    oid = _instance(shape.oid, around.rows, scope.at("oid"))
    if decoding is None or oid is None:
        return None
    return _point(shape, around.refresh_us, SnmpPoint(id_, oid, decoding))


def _instance(pattern: tuple[int | str, ...], rows: Rows, scope: Scope) -> tuple[int, ...] | None:
    """Return the whole OID with its rows' indexes, or None where one is not known."""
    arcs: list[int] = []
    unknown = [arc for arc in pattern if isinstance(arc, str) and arc not in rows.known]
    for name in unknown:
        scope.note(f"unknown row {shown(name)}", "", nearest(name, rows.known))
    for arc in pattern:
        index = (arc,) if isinstance(arc, int) else rows.indexes.get(arc)
        if index is None:
            return None
        arcs += index
    return tuple(arcs)


def read_modbus_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return a coil, input or register, or None with its mistakes noted."""
    shape = read_shape(ModbusPointShape, found, scope)
    if shape is None:
        return None
    type_ = _register_type(shape, scope)
    decoding = _decoding(shape, "boolean" if _is_bit(shape) else "number", scope)
    if decoding is None or type_ is None or not _bits_fit(shape, type_, scope):
        return None
    source = ModbusPoint(
        id_, shape.table, shape.wire_address, type_, shape.word_order, decoding, shape.bits
    )
    return _point(shape, around.refresh_us, source)


READ_POINT: dict[str, Callable[[str, Any, Around, Scope], Point | None]] = {
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
    registers = REGISTERS.get(type_, 1)
    last = 65536 - registers
    if shape.wire_address > last:
        allowed = f"0..{last} for {type_}, {WORDS[registers]} registers"
        scope.at("wire_address").wrong(shape.wire_address, allowed)
        return None
    return type_


def _is_bit(shape: ModbusPointShape) -> bool:
    """Return whether one bit is all there is."""
    return shape.table in BIT_TABLES or (shape.bits is not None and shape.bits[1] == 1)


def _bits_fit(shape: ModbusPointShape, type_: str, scope: Scope) -> bool:
    """Return whether the field lies within an unsigned register."""
    if shape.bits is None:
        return True
    place, there_are = scope.at("bits"), BITS_OF.get(type_)
    if there_are is None:
        place.note(f"only {' and '.join(BITS_OF)} have bits; this point is of type {type_}")
        return False
    if sum(shape.bits) > there_are:
        place.note(f"[{shape.bits[0]}, {shape.bits[1]}]", f"within the {there_are} bits of {type_}")
        return False
    return True


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
        absent=tuple(first for first, last in shape.absent if first == last),
        times_ten_to=shape.times_ten_to,
        only_if=shape.only_if,
        absent_ranges=tuple((first, last) for first, last in shape.absent if first < last),
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
