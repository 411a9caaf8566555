"""Serial frames in a configuration: devices on a line and the fields of their answers.

Owns their keys and cross-checks; a profile's requests are read in ``config.frames``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, cast

from monitord.config.devices.lines import MannersSchema, manners_in, read_serial
from monitord.config.devices.points import Around, Point, make_point, read_decoding
from monitord.config.fields.field_types import Host, Id, Port, Section, any_of, one_of, whole
from monitord.config.fields.point_types import Bits
from monitord.config.fields.validation import read_schema
from monitord.config.frames.field_types import Parameters, Station
from monitord.config.frames.requests import Given, Requests, read_requests
from monitord.config.frames.schemas import FIELDS_MAX, Order, Place
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.schemas import PointSchema, ProfileSchema
from monitord.decoding.model import SourcePoint
from monitord.devices.bus.settings import Line, TcpLine
from monitord.devices.frames.model import (
    SIZED_TYPES,
    TYPE_SIZES,
    ByteOrder,
    FramePoint,
    FrameSource,
    Request,
)
from monitord.devices.model import Source

FIELD_TYPES: Final = ("decimal", "hex", "binary", "text")
BITS_OF: Final = {"uint8": 8, "uint16": 16, "uint24": 24, "uint32": 32}
BITS_OF_EACH: Final = {"hex": 4, "binary": 1}


class FrameSchema(MannersSchema):
    """A device polled by frames: its line, its address on it, its pauses."""

    address: Host | None = None
    port: Port | None = None
    serial: Section | None = None
    station: Station | None = None
    parameters: Parameters = ()


class FramePointSchema(PointSchema):
    """A field of the answer to ``request``: at a ``byte``, or text field ``field``."""

    request: Id
    byte: Place | None = None
    field: Annotated[int, whole(1, FIELDS_MAX)] | None = None
    type: Annotated[str, one_of(*TYPE_SIZES, *SIZED_TYPES)] | None = None
    size: Annotated[int, whole(1, max(SIZED_TYPES.values()))] | None = None
    byte_order: Order = "big"
    bits: Bits | None = None


def read_source(found: Any, folder: Path, scope: Scope) -> Source | None:
    """Return the device without points yet, or None with the mistakes noted."""
    del folder
    before = len(scope.errors)
    schema = read_schema(FrameSchema, found, scope)
    if schema is None:
        return None
    line = _line(schema, scope)
    manners = manners_in(schema, scope)
    if any(name == "station" for name, _ in schema.parameters):
        scope.at("parameters", "station").note(phrase("frame.station"))
    if line is None or len(scope.errors) > before:
        return None
    station = () if schema.station is None else (("station", schema.station),)
    return FrameSource(line, (), (*station, *schema.parameters), manners)


def _line(schema: FrameSchema, scope: Scope) -> Line | None:
    """Return the line: a TCP address or a serial port, and not both."""
    if schema.serial is not None:
        for key in ("address", "port"):
            if getattr(schema, key) is not None:
                scope.at(key).note(phrase("serial.none"), hint=phrase("leave_out"))
        return read_serial(schema.serial, scope.at("serial"))
    if schema.address is None or schema.port is None:
        lacks = "address" if schema.address is None else "port"
        scope.at(lacks).wrong(None, phrase("frame.line"))
        return None
    return TcpLine(schema.address, schema.port)


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the device with its points."""
    return replace(cast("FrameSource", source), points=cast("tuple[FramePoint, ...]", points))


def bring(
    source: Source | None, profile: ProfileSchema | None, own: Scope, scope: Scope
) -> Requests:
    """Return the profile's requests by id, as this device sends them.

    ``own``: the top of the profile's file; ``scope``: the device's section.
    """
    if profile is None:
        scope.note(phrase("frame.no_profile"), hint=phrase("frame.profile"))
        return {}
    parameters = cast("FrameSource", source).parameters if source is not None else None
    return read_requests(profile, own, Given(parameters, scope))


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return a field of an answer, or None with its mistakes noted."""
    before = len(scope.errors)
    schema = read_schema(FramePointSchema, found, scope)
    if schema is None:
        return None
    type_ = _type(schema, scope)
    decoding = read_decoding(schema, _default_kind(schema, type_), scope)
    requests: Mapping[str, Request | None] = around.brought or {}
    if schema.request not in requests:
        scope.at("request").unknown("request", schema.request, requests)
        return None
    request = requests[schema.request]
    if decoding is None or type_ is None or request is None or len(scope.errors) > before:
        return None
    size = TYPE_SIZES.get(type_) or schema.size or 0
    order = cast("ByteOrder", schema.byte_order)
    point = FramePoint(
        id_, request, schema.byte, schema.field, type_, size, order, schema.bits, decoding
    )
    return make_point(schema, around.refresh_us, point) if _is_within(point, scope) else None


def _type(schema: FramePointSchema, scope: Scope) -> str | None:
    """Return the type, or None where it does not fit the place or the size."""
    if (schema.byte is None) == (schema.field is None):
        scope.one_of_keys(("byte", "field"), are_there=schema.field is not None)
        return None
    before = len(scope.errors)
    type_ = schema.type or ("uint8" if schema.field is None else "decimal")
    if schema.field is not None and type_ not in FIELD_TYPES:
        scope.at("type").wrong(type_, any_of(*FIELD_TYPES), phrase("frame.field_types"))
    elif (schema.field is None and type_ in SIZED_TYPES) != (schema.size is not None):
        _note_size(schema, type_, scope.at("size"))
    elif schema.size is not None and schema.size > SIZED_TYPES[type_]:
        scope.at("size").wrong(
            schema.size, phrase("frame.size", most=SIZED_TYPES[type_], type=type_)
        )
    if schema.bits is not None:
        _check_bits(schema, type_, scope.at("bits"))
    return None if len(scope.errors) > before else type_


def _note_size(schema: FramePointSchema, type_: str, scope: Scope) -> None:
    if schema.size is None:
        scope.wrong(None, phrase("frame.size", most=SIZED_TYPES[type_], type=type_))
    elif schema.field is not None:
        scope.note(phrase("frame.no_size"), hint=phrase("leave_out"))
    else:
        fixed = phrase("frame.fixed_size", type=type_, count=TYPE_SIZES[type_])
        scope.note(fixed, hint=phrase("leave_out"))


def _check_bits(schema: FramePointSchema, type_: str, scope: Scope) -> None:
    """Note bits of a type that has none, or fewer."""
    each = BITS_OF_EACH.get(type_)
    there_are = BITS_OF.get(type_) if each is None else min(32, each * (schema.size or 32))
    bits = schema.bits or (0, 0)
    if there_are is None:
        scope.note(phrase("bits.none", types=(*BITS_OF, *BITS_OF_EACH), type=type_))
    elif sum(bits) > there_are:
        within = phrase("bits.within", count=there_are, type=type_)
        scope.note(f"[{bits[0]}, {bits[1]}]", within)


def _default_kind(schema: FramePointSchema, type_: str | None) -> str:
    if type_ == "text":
        return "text"
    return "boolean" if schema.bits is not None and schema.bits[1] == 1 else "number"


def _is_within(point: FramePoint, scope: Scope) -> bool:
    """Return whether the place is within the answer's data."""
    rule = point.request.answer
    if point.field is not None:
        if not rule.separator:
            scope.at("field").note(phrase("frame.no_fields"), hint=phrase("frame.no_separator"))
        elif rule.field_count is not None and point.field > rule.field_count:
            scope.at("field").wrong(point.field, phrase("type.whole", low=1, high=rule.field_count))
        else:
            return True
        return False
    assert point.offset is not None
    last = rule.longest - rule.tail - point.size
    if point.offset <= last:
        return True
    allowed = phrase("frame.last_byte", last=last, size=point.size)
    scope.at("byte").wrong(point.offset, allowed if last >= 0 else phrase("frame.within"))
    return False
