"""Modbus in a configuration: units and their registers. Owns their keys and cross-checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

from monitord.config.devices.field_types import Bits
from monitord.config.devices.lines import MannersShape, manners_in, read_serial
from monitord.config.devices.points import Around, Point, make_point, read_decoding
from monitord.config.field_types import Host, Kind, Port, Refused, Section, Truth, one_of, whole
from monitord.config.loader.errors import Scope
from monitord.config.loader.validation import read_shape
from monitord.config.schemas import PointShape
from monitord.decoding.model import SourcePoint
from monitord.devices.bus.settings import SerialLine
from monitord.devices.modbus.blocks import COUNT_MAX, fixed_block_of, width
from monitord.devices.modbus.cells import BIT_TABLES, REGISTER_TABLES, TEXT, TYPES, registers_of
from monitord.devices.modbus.frames import FRAMINGS
from monitord.devices.modbus.model import (
    BITS_MAX,
    REGISTERS_MAX,
    ModbusPoint,
    ModbusSource,
    RequestLimits,
)
from monitord.devices.model import Source

TABLES = (*BIT_TABLES, *REGISTER_TABLES)
REGISTER_TYPES = ("bit", *TYPES)
WORDS = {2: "two", 4: "four"}
BITS_OF = {"uint16": 16, "uint32": 32}
ORDERS = ("big", "little")
BLOCKS_MAX = 64
SERIAL_UNITS = range(1, 248)

TABLE_OF_DIGIT = {
    "0": "coil",
    "1": "discrete_input",
    "3": "input_register",
    "4": "holding_register",
}
REFERENCE_ALLOWED = (
    "a reference number of 5 or 6 digits, such as 40301 or 400301; that of a coil is in quotes"
)


def read_reference(value: Any) -> tuple[str, int]:
    """Return (table, wire address) of a reference number: 40001 and 400001 are holding register 0.

    Its first digit is the table, the rest counts from 1.
    """
    digits = value if isinstance(value, str) else str(value)
    if isinstance(value, bool | float) or not (digits.isascii() and digits.isdecimal()):
        raise Refused
    if len(digits) not in (5, 6) or digits[0] not in TABLE_OF_DIGIT:
        raise Refused
    if not 1 <= int(digits[1:]) <= 65536:
        raise Refused("its last digits count from 1 to 65536")
    return TABLE_OF_DIGIT[digits[0]], int(digits[1:]) - 1


def read_blocks(value: Any) -> tuple[tuple[str, int, int], ...]:
    """Return (table, start, count) of blocks; one without a table is of holding registers."""
    if not isinstance(value, list) or not 1 <= len(value) <= BLOCKS_MAX:
        raise Refused
    return tuple(_block(block) for block in value)


def _block(value: Any) -> tuple[str, int, int]:
    parts = value if isinstance(value, list) else []
    table, *numbers = parts if len(parts) == 3 else ["holding_register", *parts]
    whole_numbers = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool)]
    if len(whole_numbers) != 2 or table not in TABLES:
        raise Refused(found=f"{value!r}"[:60], allowed="[start, count] or [table, start, count]")
    start, count = whole_numbers
    if not (1 <= count <= COUNT_MAX[table] and 0 <= start <= 65536 - count):
        allowed = f"1..{COUNT_MAX[table]} cells within 0..65535"
        raise Refused(found=f"{value!r}"[:60], allowed=allowed)
    return table, start, count


Reference: TypeAlias = Annotated[tuple[str, int], Kind(read_reference, REFERENCE_ALLOWED)]
Blocks: TypeAlias = Annotated[
    tuple[tuple[str, int, int], ...],
    Kind(read_blocks, "a list of blocks such as [[0, 40], [input_register, 100, 12]]"),
]
Order: TypeAlias = Annotated[str, one_of(*ORDERS)]


class QuirksShape(MannersShape):
    """What a kind of unit wants; a profile may say it, and a device may say it otherwise."""

    word_order: Order = "big"
    byte_order: Order = "big"
    registers_max: Annotated[int, whole(1, REGISTERS_MAX)] = REGISTERS_MAX
    bits_max: Annotated[int, whole(1, BITS_MAX)] = BITS_MAX
    holes_max: Annotated[int, whole(0, REGISTERS_MAX)] = 0
    blocks: Blocks = ()
    one_point_per_request: Truth = False


class ModbusShape(QuirksShape):
    address: Host | None = None
    port: Port | None = None
    serial: Section | None = None
    framing: Annotated[str, one_of(*FRAMINGS)] | None = None
    unit_id: Annotated[int, whole(0, 255)] = 1


class ModbusPointShape(PointShape):
    table: Annotated[str, one_of(*TABLES)] | None = None
    wire_address: Annotated[int, whole(0, 65535)] | None = None
    reference: Reference | None = None
    type: Annotated[str, one_of(*REGISTER_TYPES)] | None = None
    registers: Annotated[int, whole(1, REGISTERS_MAX)] | None = None
    word_order: Order | None = None
    byte_order: Order | None = None
    bits: Bits | None = None


def read_source(found: Any, folder: Path, scope: Scope) -> Source | None:
    """Return the unit without points yet, or None with the mistakes noted."""
    del folder
    before = len(scope.errors)
    shape = read_shape(ModbusShape, found, scope)
    if shape is None:
        return None
    serial = _serial(shape, scope)
    framing = shape.framing or ("tcp" if shape.serial is None else "rtu")
    _check_unit(shape, framing, serial, scope)
    manners = manners_in(shape, scope)
    if len(scope.errors) > before:
        return None
    return ModbusSource(
        address=shape.address or "",
        port=shape.port or 502,
        unit_id=shape.unit_id,
        points=(),
        framing=framing,
        serial=serial,
        limits=RequestLimits(
            registers_max=shape.registers_max,
            bits_max=shape.bits_max,
            holes_max=shape.holes_max,
            blocks=shape.blocks,
            one_point_per_request=shape.one_point_per_request,
        ),
        manners=manners,
        word_order=shape.word_order,
        byte_order=shape.byte_order,
    )


def _serial(shape: ModbusShape, scope: Scope) -> SerialLine | None:
    if shape.serial is None:
        if shape.address is None:
            scope.at("address").wrong(None, "an IP address or a host name")
        return None
    for key in ("address", "port"):
        if getattr(shape, key) is not None:
            scope.at(key).note("a unit on a serial port has none")
    return read_serial(shape.serial, scope.at("serial"))


def _check_unit(shape: ModbusShape, framing: str, serial: SerialLine | None, scope: Scope) -> None:
    """Note what the framing does not carry."""
    if framing == "tcp" and shape.serial is not None:
        scope.at("framing").wrong("tcp", "one of rtu, ascii", "a serial port carries no other")
    if framing != "tcp" and shape.unit_id not in SERIAL_UNITS:
        hint = f"framing {framing} has no others"
        scope.at("unit_id").wrong(shape.unit_id, "1..247", hint)
    if framing == "rtu" and serial is not None and serial.data_bits != 8:
        scope.at("serial", "data_bits").wrong(serial.data_bits, "8", "framing rtu is of octets")


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the unit with its points, each in the unit's order unless it has its own."""
    unit = cast("ModbusSource", source)
    return replace(
        unit,
        points=tuple(
            replace(
                point,
                word_order=point.word_order or unit.word_order,
                byte_order=point.byte_order or unit.byte_order,
            )
            for point in cast("tuple[ModbusPoint, ...]", points)
        ),
    )


def check_points(source: Source, scope: Scope) -> None:
    """Note points that the unit's limits keep from being read. ``scope``: the unit's section."""
    unit = cast("ModbusSource", source)
    tables = {table for table, _, _ in unit.limits.blocks}
    for point in unit.points:
        most = unit.limits.bits_max if point.table in BIT_TABLES else unit.limits.registers_max
        is_inside = fixed_block_of(point, unit.limits) is not None
        if point.table in tables and not is_inside:
            scope.at("blocks").note(f"point {point.id} ({point.where}) lies in none of them")
        elif not is_inside and width(point) > most:
            text = f"point {point.id} takes {width(point)} registers"
            scope.at("registers_max").note(str(most), f"at least {width(point)}", text)


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return a coil, input or register, or None with its mistakes noted."""
    shape = read_shape(ModbusPointShape, found, scope)
    if shape is None:
        return None
    place = _place(shape, scope)
    type_ = None if place is None else _register_type(shape, *place, scope)
    decoding = read_decoding(shape, _kind(shape, place), scope)
    if place is None or decoding is None or type_ is None or not _fits(shape, type_, scope):
        return None
    source = ModbusPoint(
        id=id_,
        table=place[0],
        wire_address=place[1],
        type=type_,
        word_order=shape.word_order or "",
        byte_order=shape.byte_order or "",
        decoding=decoding,
        bits=shape.bits,
        registers=shape.registers or 0,
    )
    return make_point(shape, around.refresh_us, source)


def _place(shape: ModbusPointShape, scope: Scope) -> tuple[str, int] | None:
    """Return table and wire address, from those keys or from the reference number."""
    if shape.reference is None:
        if shape.table is None:
            scope.at("table").wrong(None, f"one of {', '.join(TABLES)}", "or write reference")
        if shape.wire_address is None:
            scope.at("wire_address").wrong(None, "0..65535")
        if shape.table is None or shape.wire_address is None:
            return None
        return shape.table, shape.wire_address
    table, address = shape.reference
    if shape.wire_address is not None:
        means = f"the reference number means wire address {address}"
        scope.at("wire_address").note("stands beside reference, and only one may", "", means)
        return None
    if shape.table not in (None, table):
        scope.at("table").note(f"got {shape.table}, but the reference number is that of a {table}")
        return None
    return table, address


def _register_type(shape: ModbusPointShape, table: str, address: int, scope: Scope) -> str | None:
    if table in BIT_TABLES:
        if shape.type not in (None, "bit"):
            scope.at("type").wrong(shape.type, f"bit, because a {table} is one")
            return None
        return "bit"
    type_ = shape.type or "uint16"
    if type_ == "bit":
        allowed = f"one of {', '.join(REGISTER_TYPES[1:])}"
        scope.at("type").wrong(type_, allowed, "a register of 0 or 1 is kind: boolean")
        return None
    if (type_ == TEXT) != (shape.registers is not None):
        hint = "" if type_ == TEXT else f"{type_} takes {registers_of(type_)}"
        allowed = f"1..{REGISTERS_MAX}" if type_ == TEXT else ""
        found = "nothing" if type_ == TEXT else "only a text says how many registers it takes"
        scope.at("registers").note(found, allowed, hint)
        return None
    registers = registers_of(type_, shape.registers or 0)
    last = 65536 - registers
    if address > last:
        allowed = f"0..{last} for {type_}, {WORDS.get(registers, registers)} registers"
        if shape.reference:
            scope.at("reference").note(f"wire address {address}", allowed)
        else:
            scope.at("wire_address").wrong(address, allowed)
        return None
    return type_


def _kind(shape: ModbusPointShape, place: tuple[str, int] | None) -> str:
    """Return what a point is unless it says: one bit is a boolean."""
    of_bits = place is not None and place[0] in BIT_TABLES
    if of_bits or (shape.bits is not None and shape.bits[1] == 1):
        return "boolean"
    return "text" if shape.type == TEXT else "number"


def _fits(shape: ModbusPointShape, type_: str, scope: Scope) -> bool:
    """Return whether bits lie within an unsigned register, and orders mean something."""
    before = len(scope.errors)
    if shape.bits is not None:
        _check_bits(shape.bits, type_, scope.at("bits"))
    if type_ == "bit":
        for key in ("word_order", "byte_order", "registers"):
            if getattr(shape, key) is not None:
                scope.at(key).note("a bit has none")
    elif shape.word_order is not None and type_ == TEXT:
        scope.at("word_order").note("a text's registers stand as they come")
    return len(scope.errors) == before


def _check_bits(bits: tuple[int, int], type_: str, scope: Scope) -> None:
    there_are = BITS_OF.get(type_)
    if there_are is None:
        scope.note(f"only {' and '.join(BITS_OF)} have bits; this point is of type {type_}")
    elif sum(bits) > there_are:
        scope.note(f"[{bits[0]}, {bits[1]}]", f"within the {there_are} bits of {type_}")
