"""Modbus in a configuration: units and their registers. Owns their keys and cross-checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

from monitord.config.devices.lines import MannersSchema, manners_in, read_serial
from monitord.config.devices.points import Around, Point, make_point, read_decoding
from monitord.config.fields.field_types import (
    FieldType,
    Host,
    Port,
    Refused,
    Section,
    Truth,
    any_of,
    one_of,
    read_parts,
    whole,
)
from monitord.config.fields.point_types import Bits
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.schemas import PointSchema
from monitord.decoding.model import SourcePoint
from monitord.devices.bus.settings import SerialLine
from monitord.devices.modbus.blocks import COUNT_MAX, fixed_block_of, width
from monitord.devices.modbus.cells import BIT_TABLES, REGISTER_TABLES, TEXT, TYPES, registers_of
from monitord.devices.modbus.frames import FRAMINGS
from monitord.devices.modbus.lengths import LENGTHS_MIN
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
BITS_OF = {"uint16": 16, "uint32": 32}
ORDERS = ("big", "little")
BLOCKS_MAX = 64
WIRE_ADDRESSES = phrase("type.whole", low=0, high=65535)
LEAVE_OUT = phrase("leave_out")
SERIAL_UNITS = range(1, 248)
SPARE_REGISTERS = range(LENGTHS_MIN - 1, 65)

TABLE_OF_DIGIT = {
    "0": "coil",
    "1": "discrete_input",
    "3": "input_register",
    "4": "holding_register",
}


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
        raise Refused(phrase("modbus.digits"))
    return TABLE_OF_DIGIT[digits[0]], int(digits[1:]) - 1


def read_blocks(value: Any) -> tuple[tuple[str, int, int], ...]:
    """Return (table, start, count) of blocks; one without a table is of holding registers."""
    if not isinstance(value, list) or not 1 <= len(value) <= BLOCKS_MAX:
        raise Refused
    return tuple(read_parts(enumerate(value), _block))


def _block(index: int, value: Any) -> tuple[str, int, int]:
    parts = value if isinstance(value, list) else []
    table, *numbers = parts if len(parts) == 3 else ["holding_register", *parts]
    whole_numbers = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool)]
    if len(whole_numbers) != 2 or table not in TABLES:
        raise Refused(found=quoted(value), allowed=phrase("modbus.block"), keys=(index,))
    start, count = whole_numbers
    if not (1 <= count <= COUNT_MAX[table] and 0 <= start <= 65536 - count):
        allowed = phrase("modbus.cells", most=COUNT_MAX[table])
        raise Refused(found=quoted(value), allowed=allowed, keys=(index,))
    return table, start, count


Reference: TypeAlias = Annotated[
    tuple[str, int], FieldType(read_reference, phrase("modbus.reference"))
]
Blocks: TypeAlias = Annotated[
    tuple[tuple[str, int, int], ...],
    FieldType(read_blocks, phrase("modbus.blocks")),
]
Order: TypeAlias = Annotated[str, one_of(*ORDERS)]


def read_spare(value: Any) -> int:
    """Return a count of spare registers: none, or enough for the lengths that are needed."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused
    if value != 0 and value not in SPARE_REGISTERS:
        raise Refused
    return value


SpareRegisters: TypeAlias = Annotated[
    int,
    FieldType(
        read_spare,
        phrase("modbus.spare", low=SPARE_REGISTERS[0], high=SPARE_REGISTERS[-1]),
    ),
]


class QuirksSchema(MannersSchema):
    """Limits of a kind of unit; a profile may set them, and a device may set others."""

    word_order: Order = "big"
    byte_order: Order = "big"
    registers_max: Annotated[int, whole(1, REGISTERS_MAX)] = REGISTERS_MAX
    bits_max: Annotated[int, whole(1, BITS_MAX)] = BITS_MAX
    holes_max: Annotated[int, whole(0, REGISTERS_MAX)] = 0
    blocks: Blocks = ()
    one_point_per_request: Truth = False
    spare_registers: SpareRegisters = 0


class ModbusSchema(QuirksSchema):
    address: Host | None = None
    port: Port | None = None
    serial: Section | None = None
    framing: Annotated[str, one_of(*FRAMINGS)] | None = None
    unit_id: Annotated[int, whole(0, 255)] = 1


class ModbusPointSchema(PointSchema):
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
    schema = read_schema(ModbusSchema, found, scope)
    if schema is None:
        return None
    serial = _serial(schema, scope)
    framing = schema.framing or ("tcp" if schema.serial is None else "rtu")
    _check_unit(schema, framing, serial, scope)
    manners = manners_in(schema, scope)
    if len(scope.errors) > before:
        return None
    return ModbusSource(
        address=schema.address or "",
        port=schema.port or 502,
        unit_id=schema.unit_id,
        points=(),
        framing=framing,
        serial=serial,
        limits=RequestLimits(
            registers_max=schema.registers_max,
            bits_max=schema.bits_max,
            holes_max=schema.holes_max,
            blocks=schema.blocks,
            one_point_per_request=schema.one_point_per_request,
            spare_registers=schema.spare_registers,
        ),
        manners=manners,
        word_order=schema.word_order,
        byte_order=schema.byte_order,
    )


def _serial(schema: ModbusSchema, scope: Scope) -> SerialLine | None:
    if schema.serial is None:
        if schema.address is None:
            scope.at("address").wrong(None, phrase("type.host"))
        return None
    for key in ("address", "port"):
        if getattr(schema, key) is not None:
            scope.at(key).note(phrase("serial.none"), hint=LEAVE_OUT)
    return read_serial(schema.serial, scope.at("serial"))


def _check_unit(
    schema: ModbusSchema, framing: str, serial: SerialLine | None, scope: Scope
) -> None:
    """Note keys that the framing does not support."""
    if framing == "tcp" and schema.serial is not None:
        scope.at("framing").wrong("tcp", any_of("rtu", "ascii"), phrase("modbus.serial"))
    if framing != "tcp" and schema.unit_id not in SERIAL_UNITS:
        allowed = phrase("type.whole", low=1, high=247)
        hint = phrase("modbus.units", framing=framing)
        scope.at("unit_id").wrong(schema.unit_id, allowed, hint)
    if schema.answers_behind_max > 1 and (framing == "tcp" or schema.spare_registers):
        key = "modbus.behind_numbered" if framing == "tcp" else "modbus.behind_varied"
        scope.at("answers_behind_max").note(phrase(key), hint=LEAVE_OUT)
    if framing == "rtu" and serial is not None and serial.data_bits != 8:
        scope.at("serial", "data_bits").wrong(serial.data_bits, "8", phrase("modbus.octets"))


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
    """Note points that cannot be read within the unit's limits. ``scope``: the unit's section."""
    unit = cast("ModbusSource", source)
    tables = {table for table, _, _ in unit.limits.blocks}
    for point in unit.points:
        most = unit.limits.bits_max if point.table in BIT_TABLES else unit.limits.registers_max
        is_inside = fixed_block_of(point, unit.limits) is not None
        if point.table in tables and not is_inside:
            outside = phrase("modbus.outside", point=point.id, where=point.where)
            scope.at("blocks").note(outside)
        elif not is_inside and width(point) > most:
            hint = phrase("modbus.wide", point=point.id, count=width(point))
            least = phrase("at_least", least=width(point))
            scope.at("registers_max").note(most, least, hint)


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return a coil, input or register, or None with its mistakes noted."""
    schema = read_schema(ModbusPointSchema, found, scope)
    if schema is None:
        return None
    place = _place(schema, scope)
    type_ = None if place is None else _register_type(schema, *place, scope)
    decoding = read_decoding(schema, _kind(schema, place), scope)
    if place is None or decoding is None or type_ is None or not _fits(schema, type_, scope):
        return None
    source = ModbusPoint(
        id=id_,
        table=place[0],
        wire_address=place[1],
        type=type_,
        word_order=schema.word_order or "",
        byte_order=schema.byte_order or "",
        decoding=decoding,
        bits=schema.bits,
        registers=schema.registers or 0,
    )
    return make_point(schema, around.refresh_us, source)


def _place(schema: ModbusPointSchema, scope: Scope) -> tuple[str, int] | None:
    """Return table and wire address, from those keys or from the reference number."""
    if schema.reference is None:
        if schema.table is None:
            scope.at("table").wrong(None, any_of(*TABLES), phrase("modbus.or_reference"))
        if schema.wire_address is None:
            scope.at("wire_address").wrong(None, WIRE_ADDRESSES)
        if schema.table is None or schema.wire_address is None:
            return None
        return schema.table, schema.wire_address
    table, address = schema.reference
    if schema.wire_address is not None:
        both = phrase("modbus.both_places", address=address)
        scope.at("wire_address").note(both, hint=phrase("modbus.remove_one"))
        return None
    if schema.table not in (None, table):
        wrong = phrase("modbus.other_table", reference=table)
        scope.at("table").wrong(schema.table, table, wrong)
        return None
    return table, address


def _register_type(schema: ModbusPointSchema, table: str, address: int, scope: Scope) -> str | None:
    if table in BIT_TABLES:
        if schema.type not in (None, "bit"):
            scope.at("type").wrong(schema.type, phrase("modbus.bit", table=table))
            return None
        return "bit"
    type_ = schema.type or "uint16"
    if type_ == "bit":
        hint = phrase("modbus.boolean")
        scope.at("type").wrong(type_, any_of(*REGISTER_TYPES[1:]), hint)
        return None
    if (type_ == TEXT) != (schema.registers is not None):
        place = scope.at("registers")
        if type_ == TEXT:
            place.wrong(None, phrase("type.whole", low=1, high=REGISTERS_MAX))
        else:
            takes = phrase("modbus.takes", type=type_, count=registers_of(type_))
            place.note(phrase("modbus.only_text"), hint=takes)
        return None
    registers = registers_of(type_, schema.registers or 0)
    last = 65536 - registers
    if address > last:
        allowed = phrase("modbus.last", last=last, type=type_, count=registers)
        if schema.reference:
            scope.at("reference").note(phrase("modbus.address", address=address), allowed)
        else:
            scope.at("wire_address").wrong(address, allowed)
        return None
    return type_


def _kind(schema: ModbusPointSchema, place: tuple[str, int] | None) -> str:
    """Return the kind of a point without the key: one bit is a boolean."""
    of_bits = place is not None and place[0] in BIT_TABLES
    if of_bits or (schema.bits is not None and schema.bits[1] == 1):
        return "boolean"
    return "text" if schema.type == TEXT else "number"


def _fits(schema: ModbusPointSchema, type_: str, scope: Scope) -> bool:
    """Return whether bits are within an unsigned register, and orders have an effect."""
    before = len(scope.errors)
    if schema.bits is not None:
        _check_bits(schema.bits, type_, scope.at("bits"))
    if type_ == "bit":
        for key in ("word_order", "byte_order", "registers"):
            if getattr(schema, key) is not None:
                scope.at(key).note(phrase("modbus.bit_none"), hint=LEAVE_OUT)
    elif schema.word_order is not None and type_ == TEXT:
        scope.at("word_order").note(phrase("modbus.text_order"), hint=LEAVE_OUT)
    return len(scope.errors) == before


def _check_bits(bits: tuple[int, int], type_: str, scope: Scope) -> None:
    there_are = BITS_OF.get(type_)
    if there_are is None:
        scope.note(phrase("bits.none", types=tuple(BITS_OF), type=type_))
    elif sum(bits) > there_are:
        within = phrase("bits.within", count=there_are, type=type_)
        scope.note(f"[{bits[0]}, {bits[1]}]", within)
