"""Lines that devices share: serial ports and connections. Owns their keys and their agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from monitord.config.expressions.text import duration_text
from monitord.config.fields.field_types import (
    Duration,
    FieldType,
    Refused,
    Truth,
    one_of,
    read_text,
    whole,
)
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.schemas import Schema
from monitord.devices.bus.settings import PARITIES, Line, Manners, OnALine, SerialLine, line_key
from monitord.devices.model import Source

PAUSE_MAX = 60_000_000
BEHIND_MAX = 8
"""A device that is later than this is reported as lost rather than as late."""


def read_port_file(value: Any) -> str:
    """Take the absolute path of a serial port's device file."""
    text = read_text(value)
    if not text.startswith("/"):
        raise Refused
    return text


PortFile = Annotated[str, FieldType(read_port_file, phrase("type.port_file"))]


class SerialSchema(Schema):
    port: PortFile
    baud_rate: Annotated[int, whole(300, 1_000_000)] = 9600
    data_bits: Annotated[int, whole(7, 8)] = 8
    parity: Annotated[str, one_of(*PARITIES)] = "none"
    stop_bits: Annotated[int, whole(1, 2)] = 1


class MannersSchema(Schema):
    """Pauses and connections that a device needs on its line."""

    pause_after_connect: Duration = 0
    pause_between_requests: Duration = 0
    close_after_read: Truth = False
    answer_within: Duration | None = None
    answers_behind_max: Annotated[int, whole(1, BEHIND_MAX)] = 1


def read_serial(found: Any, scope: Scope) -> SerialLine | None:
    """Return a serial line, or None with its mistakes noted."""
    schema = read_schema(SerialSchema, found, scope)
    if schema is None:
        return None
    return SerialLine(
        schema.port, schema.baud_rate, schema.data_bits, schema.parity, schema.stop_bits
    )


def manners_in(schema: MannersSchema, scope: Scope) -> Manners:
    """Return the device's manners; times that are too long are noted."""
    for key in ("pause_after_connect", "pause_between_requests"):
        if (pause := getattr(schema, key)) > PAUSE_MAX:
            most = phrase("at_most", most=duration_text(PAUSE_MAX))
            scope.at(key).note(f"{duration_text(pause)!r}", most)
    within = schema.answer_within
    if within is not None and not 0 < within <= PAUSE_MAX:
        allowed = phrase("more_than_0_at_most", most=duration_text(PAUSE_MAX))
        scope.at("answer_within").note(f"{duration_text(within)!r}", allowed)
    return Manners(
        pause_after_connect=schema.pause_after_connect,
        pause_between_requests=schema.pause_between_requests,
        close_after_read=schema.close_after_read,
        answer_within=schema.answer_within,
        answers_behind_max=schema.answers_behind_max,
    )


def check_lines(sources: Mapping[str, Source], scope: Scope) -> None:
    """Note devices that share a line and set it up differently.

    ``sources``: by device. ``scope``: that of all devices.
    """
    first: dict[tuple[str, int] | str, tuple[str, Line, str]] = {}
    for device, source in sources.items():
        if not isinstance(source, OnALine):
            continue
        framing = getattr(source, "framing", "")
        found = (device, source.line, framing)
        other, line, theirs = first.setdefault(line_key(source.line), found)
        where = source.line.where
        if line != source.line:
            scope.at(device).note(phrase("line.differs", line=where, device=other))
        elif framing and theirs and framing != theirs:
            both = {"framing": framing, "other": theirs}
            scope.at(device).note(phrase("line.framing", line=where, device=other, **both))
