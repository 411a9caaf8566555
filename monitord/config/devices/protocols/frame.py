"""Serial frames in a configuration: devices on a line and the fields of their answers.

Owns their keys and cross-checks; a profile's requests are read in ``config.frames``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, cast

from monitord.config.devices.field_types import Bits
from monitord.config.devices.lines import MannersShape, manners_in, read_serial
from monitord.config.devices.points import Around, Point, make_point, read_decoding
from monitord.config.field_types import Host, Id, Port, Section, any_of, one_of, whole
from monitord.config.frames.field_types import Parameters, Station
from monitord.config.frames.requests import Given, Requests, read_requests
from monitord.config.frames.schemas import FIELDS_MAX, Order, Place
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.loader.validation import read_shape
from monitord.config.schemas import PointShape, ProfileShape
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


class FrameShape(MannersShape):
    """A device polled by frames: its line, its address on it, its pauses."""

    address: Host | None = None
    port: Port | None = None
    serial: Section | None = None
    station: Station | None = None
    parameters: Parameters = ()


class FramePointShape(PointShape):
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
    shape = read_shape(FrameShape, found, scope)
    if shape is None:
        return None
    line = _line(shape, scope)
    manners = manners_in(shape, scope)
    if any(name == "station" for name, _ in shape.parameters):
        scope.at("parameters", "station").note(phrase("frame.station"))
    if line is None or len(scope.errors) > before:
        return None
    station = () if shape.station is None else (("station", shape.station),)
    return FrameSource(line, (), (*station, *shape.parameters), manners)


def _line(shape: FrameShape, scope: Scope) -> Line | None:
    """Return the line: a TCP address or a serial port, and not both."""
    if shape.serial is not None:
        for key in ("address", "port"):
            if getattr(shape, key) is not None:
                scope.at(key).note(phrase("serial.none"), hint=phrase("leave_out"))
        return read_serial(shape.serial, scope.at("serial"))
    if shape.address is None or shape.port is None:
        lacks = "address" if shape.address is None else "port"
        scope.at(lacks).wrong(None, phrase("frame.line"))
        return None
    return TcpLine(shape.address, shape.port)


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the device with its points."""
    return replace(cast("FrameSource", source), points=cast("tuple[FramePoint, ...]", points))


def bring(
    source: Source | None, profile: ProfileShape | None, own: Scope, scope: Scope
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
    shape = read_shape(FramePointShape, found, scope)
    if shape is None:
        return None
    type_ = _type(shape, scope)
    decoding = read_decoding(shape, _default_kind(shape, type_), scope)
    requests: Mapping[str, Request | None] = around.brought or {}
    if shape.request not in requests:
        scope.at("request").unknown("request", shape.request, requests)
        return None
    request = requests[shape.request]
    if decoding is None or type_ is None or request is None or len(scope.errors) > before:
        return None
    size = TYPE_SIZES.get(type_) or shape.size or 0
    order = cast("ByteOrder", shape.byte_order)
    point = FramePoint(
        id_, request, shape.byte, shape.field, type_, size, order, shape.bits, decoding
    )
    return make_point(shape, around.refresh_us, point) if _is_within(point, scope) else None


def _type(shape: FramePointShape, scope: Scope) -> str | None:
    """Return the type, or None where it does not fit the place or the size."""
    if (shape.byte is None) == (shape.field is None):
        scope.one_of_keys(("byte", "field"), are_there=shape.field is not None)
        return None
    before = len(scope.errors)
    type_ = shape.type or ("uint8" if shape.field is None else "decimal")
    if shape.field is not None and type_ not in FIELD_TYPES:
        scope.at("type").wrong(type_, any_of(*FIELD_TYPES), phrase("frame.field_types"))
    elif (shape.field is None and type_ in SIZED_TYPES) != (shape.size is not None):
        _note_size(shape, type_, scope.at("size"))
    elif shape.size is not None and shape.size > SIZED_TYPES[type_]:
        scope.at("size").wrong(
            shape.size, phrase("frame.size", most=SIZED_TYPES[type_], type=type_)
        )
    if shape.bits is not None:
        _check_bits(shape, type_, scope.at("bits"))
    return None if len(scope.errors) > before else type_


def _note_size(shape: FramePointShape, type_: str, scope: Scope) -> None:
    if shape.size is None:
        scope.wrong(None, phrase("frame.size", most=SIZED_TYPES[type_], type=type_))
    elif shape.field is not None:
        scope.note(phrase("frame.no_size"), hint=phrase("leave_out"))
    else:
        fixed = phrase("frame.fixed_size", type=type_, count=TYPE_SIZES[type_])
        scope.note(fixed, hint=phrase("leave_out"))


def _check_bits(shape: FramePointShape, type_: str, scope: Scope) -> None:
    """Note bits of a type that has none, or fewer."""
    each = BITS_OF_EACH.get(type_)
    there_are = BITS_OF.get(type_) if each is None else min(32, each * (shape.size or 32))
    bits = shape.bits or (0, 0)
    if there_are is None:
        scope.note(phrase("bits.none", types=(*BITS_OF, *BITS_OF_EACH), type=type_))
    elif sum(bits) > there_are:
        within = phrase("bits.within", count=there_are, type=type_)
        scope.note(f"[{bits[0]}, {bits[1]}]", within)


def _default_kind(shape: FramePointShape, type_: str | None) -> str:
    if type_ == "text":
        return "text"
    return "boolean" if shape.bits is not None and shape.bits[1] == 1 else "number"


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
