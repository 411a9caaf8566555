"""Which keys the frames of a profile have. Owns names, types and defaults; no cross-checks."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from monitord.config.fields.field_types import Section, Text, one_of, whole
from monitord.config.frames.field_types import (
    FixedOctets,
    Octets,
    Patterns,
    RequestText,
    Separator,
    Station,
)
from monitord.config.schemas import Schema
from monitord.devices.frames.model import CHECK_SIZES, FRAME_MAX

REQUESTS_MAX: Final = 32
FIELDS_MAX: Final = 64
PARAMETER_SIZE_MAX: Final = 16

Place = Annotated[int, whole(0, FRAME_MAX - 1)]
PlaceOrFromEnd = Annotated[int, whole(-FRAME_MAX, FRAME_MAX - 1)]
FromEnd = Annotated[int, whole(-FRAME_MAX, -1)]
Order = Annotated[str, one_of("big", "little")]
Written = Annotated[str, one_of("binary", "hex")]


class ParameterSchema(Schema):
    """A value that a device gives, and how it is written into requests and answers."""

    what: Text
    type: Annotated[str, one_of("uint", "bcd", "text")]
    size: Annotated[int, whole(1, PARAMETER_SIZE_MAX)]
    byte_order: Order = "big"
    default: Station | None = None


class RequestSchema(Schema):
    """One request: its octets under ``bytes`` or ``text``, and the rule of its answer."""

    bytes: Octets | None = None
    text: RequestText | None = None
    check: Section | None = None
    answer: Section = Field(default_factory=dict)


class CheckSchema(Schema):
    """``first``, ``last``: of the octets it covers; ``at``: its place, counted from the end."""

    kind: Annotated[str, one_of(*CHECK_SIZES)]
    first: Place = 0
    last: PlaceOrFromEnd | None = None
    at: FromEnd | None = None
    byte_order: Order = "big"
    written: Written = "binary"


class AnswerSchema(Schema):
    """The rule of an answer, see ``AnswerRule``."""

    header: Octets | None = None
    length: Annotated[int, whole(1, FRAME_MAX)] | None = None
    length_field: Section | None = None
    longest: Annotated[int, whole(1, FRAME_MAX)] | None = None
    end: FixedOctets | None = None
    check: Section | None = None
    match: Patterns = ()
    refused: Patterns = ()
    subtract: Section | None = None
    separator: Separator | None = None
    fields: Annotated[int, whole(1, FIELDS_MAX)] | None = None


class LengthFieldSchema(Schema):
    """The frame is as long as the number at ``at``, plus ``plus``."""

    at: Place
    size: Annotated[int, whole(1, 4)]
    byte_order: Order = "big"
    written: Written = "binary"
    plus: Annotated[int, whole(-FRAME_MAX, FRAME_MAX)] = 0


class SubtractSchema(Schema):
    """``value`` is subtracted from each octet from ``first`` to ``last``."""

    first: Place
    last: PlaceOrFromEnd
    value: Annotated[int, whole(1, 255)]
