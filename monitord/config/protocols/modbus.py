"""Modbus in a configuration: units and their registers. Owns their keys and cross-checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

from monitord.config.errors import Scope
from monitord.config.kinds import Host, Port, one_of, whole
from monitord.config.points import Around, Point, make_point, read_decoding
from monitord.config.printer import read_shape
from monitord.config.raw_kinds import Bits
from monitord.config.shapes import PointShape, Shape
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import Source, SourcePoint

BIT_TABLES = ("coil", "discrete_input")
REGISTER_TABLES = ("input_register", "holding_register")
REGISTER_TYPES = (
    "bit",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "float32",
    "uint64",
    "int64",
    "float64",
)
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


class ModbusShape(Shape):
    address: Host
    port: Port = 502
    unit_id: Annotated[int, whole(0, 255)] = 1


class ModbusPointShape(PointShape):
    table: Annotated[str, one_of(*BIT_TABLES, *REGISTER_TABLES)]
    wire_address: Annotated[int, whole(0, 65535)]
    type: Annotated[str, one_of(*REGISTER_TYPES)] | None = None
    word_order: Annotated[str, one_of("big", "little")] = "big"
    bits: Bits | None = None


def read_source(found: Any, folder: Path, scope: Scope) -> Source | None:
    """Return the unit without points yet, or None with the mistakes noted."""
    del folder
    modbus = read_shape(ModbusShape, found, scope)
    if modbus is None:
        return None
    return ModbusSource(modbus.address, modbus.port, modbus.unit_id, ())


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the unit with its points."""
    return replace(cast("ModbusSource", source), points=cast("tuple[ModbusPoint, ...]", points))


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return a coil, input or register, or None with its mistakes noted."""
    shape = read_shape(ModbusPointShape, found, scope)
    if shape is None:
        return None
    type_ = _register_type(shape, scope)
    decoding = read_decoding(shape, "boolean" if _is_bit(shape) else "number", scope)
    if decoding is None or type_ is None or not _bits_fit(shape, type_, scope):
        return None
    source = ModbusPoint(
        id_, shape.table, shape.wire_address, type_, shape.word_order, decoding, shape.bits
    )
    return make_point(shape, around.refresh_us, source)


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
